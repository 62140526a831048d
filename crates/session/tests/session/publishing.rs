//! What becomes of a message that is published, and what is refused before it is recorded.

use mqttscope_model::properties::Property;
use mqttscope_model::{Bytes, ErrorCode, Outcome, ProtocolVersion, Publish, QoS, ReasonCode};

use crate::support::mosquitto::Mosquitto;
use crate::support::scripted::{self, CONNECT, PUBACK, PUBLISH, PUBREC, Scripted, connack};
use crate::support::{VERSIONS, assert_code, open, profile, publish};

const V5: ProtocolVersion = ProtocolVersion::V5;

#[tokio::test]
async fn outcomes_follow_for_hundreds_of_messages_of_each_qos_and_version() {
    let broker = Mosquitto::start().await;
    for version in VERSIONS {
        let running = open(&profile(broker.port(), version));
        running.connected().await;
        running.subscribe("t", QoS::AtMostOnce).await;
        let mut ids = Vec::new();
        for n in 0..600 {
            let qos = [QoS::AtMostOnce, QoS::AtLeastOnce, QoS::ExactlyOnce][n % 3];
            ids.push(running.publish(publish("t", b"x", qos)).await);
        }
        for (n, id) in ids.into_iter().enumerate() {
            let reason = ReasonCode::SUCCESS;
            let expected = match n % 3 {
                0 => Outcome::Sent,
                1 => Outcome::Acknowledged { reason },
                _ => Outcome::Completed { reason },
            };
            assert_eq!(running.recorder.outcome(id).await, expected);
        }
        let snapshot = running.until(|s| s.traffic.sent == 600 && s.traffic.received == 600).await;
        assert!(snapshot.traffic.sent_per_second > 0);
        running.session.disconnect().await;
    }
}

#[tokio::test]
async fn reasons_of_a_refusal_are_told() {
    let broker = Scripted::start().await;
    let running = open(&profile(broker.port(), V5));
    let mut peer = broker.welcome(V5).await;
    running.connected().await;
    let cases = [
        (QoS::AtLeastOnce, PUBACK, 0x10, Outcome::Acknowledged { reason: ReasonCode(0x10) }),
        (QoS::AtLeastOnce, PUBACK, 0x87, Outcome::Refused { reason: ReasonCode(0x87) }),
        (QoS::ExactlyOnce, PUBREC, 0x97, Outcome::Refused { reason: ReasonCode(0x97) }),
    ];
    for (qos, kind, reason, expected) in cases {
        let id = running.publish(publish("t", b"x", qos)).await;
        let [high, low] = peer.expect(PUBLISH).await.publish_id().to_be_bytes();
        peer.send(&scripted::packet(kind, &[high, low, reason])).await;
        assert_eq!(running.recorder.outcome(id).await, expected);
    }
}

#[tokio::test]
async fn what_the_broker_does_not_take_is_refused_before_it_is_recorded() {
    let broker = Scripted::start().await;
    let running = open(&profile(broker.port(), V5));
    let mut peer = broker.accept().await;
    peer.expect(CONNECT).await;
    let said = b"\x24\x01\x25\x00\x27\x00\x00\x00\x40";
    peer.send(&connack(V5, false, 0, said)).await;
    running.connected().await;
    let good = publish("t", b"x", QoS::AtLeastOnce);
    let cases = [
        (Publish { qos: QoS::ExactlyOnce, ..good.clone() }, ErrorCode::PublishQosRefused),
        (Publish { retain: true, ..good.clone() }, ErrorCode::PublishRetainRefused),
        (Publish { payload: Bytes(vec![0; 60]), ..good.clone() }, ErrorCode::MqttPacketTooLarge),
        (
            Publish { properties: vec![user("", &"x".repeat(60))], ..good.clone() },
            ErrorCode::MqttPacketTooLarge,
        ),
        (Publish { topic: "a/+".to_owned(), ..good.clone() }, ErrorCode::TopicNameInvalid),
        (Publish { topic: "a\0".to_owned(), ..good.clone() }, ErrorCode::TopicNameInvalid),
        (Publish { topic: "x".repeat(65_536), ..good.clone() }, ErrorCode::TopicNameInvalid),
    ];
    for (message, code) in cases {
        let error = running.session.publish(message).await.unwrap_err();
        assert_code(&error, code);
    }
    assert_eq!(running.recorder.look(|recorded| recorded.messages.len()), 0);
    running.session.publish(good).await.unwrap();
    assert_eq!(peer.expect(PUBLISH).await.body, b"\x00\x01t\x00\x01\x00x");
}

fn user(name: &str, value: &str) -> Property {
    Property::UserProperty(name.to_owned(), value.to_owned())
}

#[tokio::test]
async fn properties_go_out_and_are_recorded() {
    let broker = Scripted::start().await;
    let running = open(&profile(broker.port(), V5));
    let mut peer = broker.welcome(V5).await;
    running.connected().await;
    let properties = vec![
        user("z", "1"),
        Property::PayloadFormatIndicator(1),
        Property::MessageExpiryInterval(258),
        user("a", ""),
        Property::CorrelationData(Bytes(vec![0, 255])),
        Property::ResponseTopic("r".to_owned()),
        user("z", "1"),
        Property::ContentType("c".to_owned()),
    ];
    let message = Publish { properties, ..publish("t", b"x", QoS::AtMostOnce) };
    let id = running.publish(message).await;
    let body = peer.expect(PUBLISH).await.body;
    let ours = b"\x01\x01\x02\x00\x00\x01\x02\x08\x00\x01r\x09\x00\x02\x00\xff";
    let users = b"\x26\x00\x01z\x00\x011\x26\x00\x01a\x00\x00\x26\x00\x01z\x00\x011";
    let content = b"\x03\x00\x01c";
    let length = [u8::try_from(ours.len() + users.len() + content.len()).unwrap()];
    assert_eq!(body, [b"\x00\x01t", &length[..], ours, users, content, b"x"].concat());
    assert_eq!(running.recorder.outcome(id).await, Outcome::Sent);
    running.recorder.look(|recorded| {
        let (head, tail) = ours.split_at(7);
        assert_eq!(recorded.messages[0].properties, [head, content, tail, users].concat());
    });
}

#[tokio::test]
async fn properties_that_cannot_be_sent_are_refused_before_the_message_is_recorded() {
    let broker = Scripted::start().await;
    for version in VERSIONS {
        let running = open(&profile(broker.port(), version));
        let _peer = broker.welcome(version).await;
        running.connected().await;
        let with = |properties| Publish { properties, ..publish("t", b"\xff", QoS::AtMostOnce) };
        let cases = [
            vec![Property::PayloadFormatIndicator(1)],
            vec![Property::SubscriptionIdentifier(1)],
            vec![Property::TopicAlias(0)],
            vec![Property::ResponseTopic("a/#".to_owned())],
            vec![Property::MessageExpiryInterval(1), Property::MessageExpiryInterval(1)],
        ];
        for properties in cases {
            let error = running.session.publish(with(properties)).await.unwrap_err();
            if version == V5 {
                assert_code(&error, ErrorCode::PublishPropertyInvalid);
                assert!(error.details.contains_key("property"), "{error:?}");
                assert!(error.details.contains_key("reason"), "{error:?}");
            } else {
                assert_code(&error, ErrorCode::PublishPropertiesNeed5);
                assert_eq!(error.details["version"], version.to_string());
            }
        }
        assert_eq!(running.recorder.look(|recorded| recorded.messages.len()), 0);
        running.publish(with(Vec::new())).await;
    }
}

#[tokio::test]
async fn without_a_connection_nothing_is_published_or_recorded() {
    let broker = Scripted::start().await;
    let running = open(&profile(broker.port(), V5));
    let message = publish("t", b"x", QoS::AtMostOnce);
    let _silent = broker.accept().await;
    let error = running.session.publish(message.clone()).await.unwrap_err();
    assert_code(&error, ErrorCode::SessionNotConnected);
    running.session.disconnect().await;
    let error = running.session.publish(message).await.unwrap_err();
    assert_code(&error, ErrorCode::SessionNotConnected);
    assert_eq!(running.recorder.look(|recorded| recorded.messages.len()), 0);
}

#[tokio::test]
async fn a_message_in_flight_fails_when_the_connection_ends_for_good() {
    let broker = Scripted::start().await;
    for version in VERSIONS {
        let mut profile = profile(broker.port(), version);
        profile.reconnect.enabled = false;
        let running = open(&profile);
        let mut peer = broker.welcome(version).await;
        running.connected().await;
        let message = publish("t", b"x", QoS::ExactlyOnce);
        let id = running.publish(message).await;
        peer.expect(PUBLISH).await;
        drop(peer);
        let expected = Outcome::Failed { code: ErrorCode::RequestLost };
        assert_eq!(running.recorder.outcome(id).await, expected);
        assert_code(&running.failed().await, ErrorCode::MqttConnectionLost);
    }
}

#[tokio::test]
async fn a_message_in_flight_survives_a_reconnect_to_a_session_that_was_kept() {
    let broker = Scripted::start().await;
    for version in [ProtocolVersion::V311, V5] {
        let mut profile = profile(broker.port(), version);
        profile.clean_start = false;
        profile.session_expiry = 60;
        let running = open(&profile);
        let mut peer = broker.welcome(version).await;
        running.connected().await;
        let message = publish("t", b"survives", QoS::AtLeastOnce);
        let id = running.publish(message).await;
        let first = peer.expect(PUBLISH).await;
        drop(peer);
        let mut peer = broker.accept().await;
        peer.expect(CONNECT).await;
        peer.send(&connack(version, true, 0, &[])).await;
        let again = peer.expect(PUBLISH).await;
        assert_eq!((again.first, &again.body), (first.first | 0x08, &first.body), "DUP is set");
        peer.send(&scripted::ack(PUBACK, again.publish_id())).await;
        let expected = Outcome::Acknowledged { reason: ReasonCode::SUCCESS };
        assert_eq!(running.recorder.outcome(id).await, expected);
    }
}
