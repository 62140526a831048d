//! Topic Aliases both ways: those that the broker uses as far as we have allowed them, and ours as far as it allows them
//! (MQTT 5.0, section 3.3.2.3.4).

use mqttscope_model::properties::Property;
use mqttscope_model::{ErrorCode, Outcome, ProtocolVersion, Publish, QoS};

use crate::support::mosquitto::Mosquitto;
use crate::support::scripted::{CONNECT, PUBACK, PUBLISH, Peer, Scripted, ack, connack, packet};
use crate::support::{Running, SHORT, assert_code, open, profile, publish, subscription};

async fn with_maximum(broker: &Scripted, maximum: Option<u16>) -> Running {
    let mut profile = profile(broker.port(), ProtocolVersion::V5);
    profile.connect_properties.topic_alias_maximum = maximum;
    open(&profile)
}

#[tokio::test]
async fn a_message_with_only_an_alias_has_its_topic_again_and_a_new_connection_knows_none() {
    let broker = Scripted::start().await;
    let running = with_maximum(&broker, Some(2)).await;
    let mut peer = broker.welcome(ProtocolVersion::V5).await;
    running.connected().await;
    let first = packet(PUBLISH, b"\x00\x03a/b\x03\x23\x00\x021");
    let second = packet(PUBLISH, b"\x00\x00\x03\x23\x00\x022");
    let other = packet(PUBLISH, b"\x00\x03c/d\x03\x23\x00\x023");
    let third = packet(PUBLISH | 2, b"\x00\x00\x00\x09\x03\x23\x00\x024");
    peer.send(&[first, second.clone(), other, third].concat()).await;
    running.recorder.until_received(4).await;
    running.recorder.look(|recorded| {
        let topics: Vec<_> = recorded.received().iter().map(|m| m.topic.clone()).collect();
        assert_eq!(topics, ["a/b", "a/b", "c/d", "c/d"]);
        assert_eq!(recorded.payloads(), ["1", "2", "3", "4"]);
        assert_eq!(recorded.received()[3].qos, QoS::AtLeastOnce);
    });
    assert_eq!(peer.expect(PUBACK).await.id(), 9);
    drop(peer);
    let mut peer = broker.welcome(ProtocolVersion::V5).await;
    running.connected().await;
    peer.send(&second).await;
    assert_code(&running.failed_or_waiting().await, ErrorCode::MqttProtocolError);
    running.recorder.look(|recorded| assert_eq!(recorded.received().len(), 4));
}

#[tokio::test]
async fn an_alias_beyond_what_was_allowed_ends_the_connection() {
    let broker = Scripted::start().await;
    for maximum in [None, Some(0), Some(2)] {
        let running = with_maximum(&broker, maximum).await;
        let mut peer = broker.welcome(ProtocolVersion::V5).await;
        running.connected().await;
        peer.send(&packet(PUBLISH, b"\x00\x03a/b\x03\x23\x00\x031")).await;
        assert_code(&running.failed_or_waiting().await, ErrorCode::MqttProtocolError);
        assert_eq!(peer.rest().await.last().unwrap().body[0], 0x94);
    }
}

/// A session whose broker takes so many aliases of ours.
async fn to_broker(broker: &Scripted, maximum: u16, automatic: bool) -> (Running, Peer) {
    let mut profile = profile(broker.port(), ProtocolVersion::V5);
    profile.automatic_topic_alias = automatic;
    profile.clean_start = false;
    profile.session_expiry = 60;
    let running = open(&profile);
    let peer = welcome(broker, &running, maximum, false).await;
    (running, peer)
}

async fn welcome(broker: &Scripted, running: &Running, maximum: u16, present: bool) -> Peer {
    let mut peer = broker.accept().await;
    peer.expect(CONNECT).await;
    let [high, low] = maximum.to_be_bytes();
    peer.send(&connack(ProtocolVersion::V5, present, 0, &[0x22, high, low])).await;
    running.connected().await;
    peer
}

fn aliased(topic: &str, payload: &[u8], qos: QoS, alias: u16) -> Publish {
    Publish { properties: vec![Property::TopicAlias(alias)], ..publish(topic, payload, qos) }
}

#[tokio::test]
async fn an_alias_by_hand_goes_out_as_it_is_and_the_message_is_recorded_with_its_topic() {
    let broker = Scripted::start().await;
    let (running, mut peer) = to_broker(&broker, 2, false).await;
    running.publish(aliased("a/b", b"1", QoS::AtMostOnce, 2)).await;
    running.publish(aliased("", b"2", QoS::AtMostOnce, 2)).await;
    running.publish(aliased("c", b"3", QoS::AtMostOnce, 2)).await;
    running.publish(aliased("", b"4", QoS::AtMostOnce, 2)).await;
    let bodies = [
        b"\x00\x03a/b\x03\x23\x00\x021".as_slice(),
        b"\x00\x00\x03\x23\x00\x022",
        b"\x00\x01c\x03\x23\x00\x023",
        b"\x00\x00\x03\x23\x00\x024",
    ];
    for body in bodies {
        assert_eq!(peer.expect(PUBLISH).await.body, body);
    }
    running.recorder.look(|recorded| {
        let topics: Vec<_> = recorded.messages.iter().map(|m| m.topic.as_str()).collect();
        assert_eq!(topics, ["a/b", "a/b", "c", "c"]);
        assert!(recorded.messages.iter().all(|message| message.properties == b"\x23\x00\x02"));
    });
}

#[tokio::test]
async fn an_alias_that_the_broker_or_this_connection_does_not_know_is_refused_before_it_is_recorded()
 {
    let broker = Scripted::start().await;
    let (running, mut peer) = to_broker(&broker, 2, false).await;
    let cases = [
        (aliased("a", b"", QoS::AtMostOnce, 3), ErrorCode::PublishTopicAliasRefused),
        (aliased("a", b"", QoS::AtMostOnce, 0), ErrorCode::PublishPropertyInvalid),
        (aliased("", b"", QoS::AtMostOnce, 1), ErrorCode::PublishTopicAliasUnknown),
        (publish("", b"", QoS::AtMostOnce), ErrorCode::TopicNameInvalid),
    ];
    for (message, code) in cases {
        assert_code(&running.session.publish(message).await.unwrap_err(), code);
    }
    running.publish(aliased("a", b"", QoS::AtMostOnce, 1)).await;
    peer.expect(PUBLISH).await;
    drop(peer);
    running.waiting().await;
    let mut peer = welcome(&broker, &running, 2, true).await;
    let error = running.session.publish(aliased("", b"", QoS::AtMostOnce, 1)).await.unwrap_err();
    assert_code(&error, ErrorCode::PublishTopicAliasUnknown);
    running.recorder.look(|recorded| assert_eq!(recorded.messages.len(), 1));
    assert!(!peer.comes_within(SHORT).await);
    let before = aliased("", b"", QoS::AtMostOnce, 1);
    let older = open(&profile(broker.port(), ProtocolVersion::V311));
    let _peer = broker.welcome(ProtocolVersion::V311).await;
    older.connected().await;
    assert_code(&older.session.publish(before).await.unwrap_err(), ErrorCode::TopicNameInvalid);
}

#[tokio::test]
async fn aliases_are_given_by_themselves_within_the_brokers_maximum() {
    let broker = Scripted::start().await;
    let (running, mut peer) = to_broker(&broker, 2, true).await;
    for topic in ["a", "b", "c", "a", "c", "b"] {
        running.publish(publish(topic, b"x", QoS::AtMostOnce)).await;
    }
    let bodies = [
        b"\x00\x01a\x03\x23\x00\x01x".as_slice(),
        b"\x00\x01b\x03\x23\x00\x02x",
        b"\x00\x01c\x00x",
        b"\x00\x00\x03\x23\x00\x01x",
        b"\x00\x01c\x00x",
        b"\x00\x00\x03\x23\x00\x02x",
    ];
    for body in bodies {
        assert_eq!(peer.expect(PUBLISH).await.body, body);
    }
    let (running, mut peer) = to_broker(&broker, 0, true).await;
    running.publish(publish("a", b"x", QoS::AtMostOnce)).await;
    assert_eq!(peer.expect(PUBLISH).await.body, b"\x00\x01a\x00x");
}

#[tokio::test]
async fn what_is_in_flight_with_an_alias_goes_out_again_with_its_topic() {
    let broker = Scripted::start().await;
    for automatic in [false, true] {
        let (running, mut peer) = to_broker(&broker, 5, automatic).await;
        let message = |topic: &str, payload: &[u8]| match automatic {
            true => publish("a/b", payload, QoS::AtLeastOnce),
            false => aliased(topic, payload, QoS::AtLeastOnce, 5),
        };
        let first = running.publish(message("a/b", b"1")).await;
        let second = running.publish(message("", b"2")).await;
        let ids = [peer.expect(PUBLISH).await.publish_id(), {
            let again = peer.expect(PUBLISH).await;
            assert_eq!(again.body[..2], [0, 0], "the alias alone");
            again.publish_id()
        }];
        drop(peer);
        // The new connection takes no aliases at all.
        let mut peer = welcome(&broker, &running, 0, true).await;
        for (id, payload) in ids.into_iter().zip([b"1", b"2"]) {
            let again = peer.expect(PUBLISH).await;
            let mut expected = b"\x00\x03a/b".to_vec();
            expected.extend(id.to_be_bytes());
            expected.extend([&[0], payload.as_slice()].concat());
            assert_eq!((again.first, again.body), (0x3a, expected));
            peer.send(&ack(PUBACK, id)).await;
        }
        for id in [first, second] {
            let outcome = running.recorder.outcome(id).await;
            assert!(matches!(outcome, Outcome::Acknowledged { .. }), "{outcome:?}");
        }
    }
}

#[tokio::test]
async fn an_alias_that_stood_for_another_topic_never_leads_there_again() {
    let broker = Scripted::start().await;
    let (running, mut peer) = to_broker(&broker, 1, false).await;
    let qos = QoS::AtLeastOnce;
    running.publish(aliased("a", b"1", qos, 1)).await;
    running.publish(aliased("b", b"2", qos, 1)).await;
    running.publish(aliased("", b"3", qos, 1)).await;
    let first = peer.expect(PUBLISH).await;
    let second = peer.expect(PUBLISH).await;
    let third = peer.expect(PUBLISH).await;
    assert!(third.body.starts_with(b"\x00\x01b"), "{third:02x?}");
    // The one that set the alias anew is done with; the older one is not.
    peer.send(&ack(PUBACK, second.publish_id())).await;
    running.until(|snapshot| snapshot.in_flight.sent == 2).await;
    drop(peer);
    let mut peer = welcome(&broker, &running, 1, true).await;
    for (before, topic) in [(first, b"\x00\x01a"), (third, b"\x00\x01b")] {
        let again = peer.expect(PUBLISH).await;
        assert_eq!(again.publish_id(), before.publish_id());
        assert!(again.body.starts_with(topic), "{again:02x?}");
    }
}

#[tokio::test]
async fn mosquitto_resolves_what_we_send_with_an_alias() {
    let broker = Mosquitto::start().await;
    for automatic in [false, true] {
        let mut profile = profile(broker.port(), ProtocolVersion::V5);
        profile.automatic_topic_alias = automatic;
        profile.subscriptions = vec![subscription("t/#", QoS::AtLeastOnce)];
        let running = open(&profile);
        running.granted().await;
        for (topic, alias) in [("t/a", 1), ("t/b", 2), ("", 1), ("", 2)] {
            let whole = if alias == 1 { "t/a" } else { "t/b" };
            let message = match automatic {
                true => publish(whole, b"", QoS::AtLeastOnce),
                false => aliased(topic, b"", QoS::AtLeastOnce, alias),
            };
            running.publish(message).await;
        }
        running.recorder.until_received(4).await;
        running.recorder.look(|recorded| {
            let topics: Vec<_> = recorded.received().iter().map(|m| m.topic.clone()).collect();
            assert_eq!(topics, ["t/a", "t/b", "t/a", "t/b"]);
        });
    }
}
