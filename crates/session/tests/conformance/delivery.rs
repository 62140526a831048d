//! How messages of each QoS go over the wire in both directions, byte by byte: identifiers, flags, order, and what is sent again
//! after a loss (MQTT 5.0, sections 4.3 to 4.9, and the same sections of 3.1.1).

use mqttscope_model::{ErrorCode, FilterState, Outcome, Profile, ProtocolVersion, QoS, ReasonCode};

use crate::support::scripted::{
    self, CONNECT, PUBACK, PUBCOMP, PUBLISH, PUBREC, PUBREL, Packet, Peer, SUBSCRIBE, Scripted,
    UNSUBSCRIBE, ack, connack,
};
use crate::support::{SHORT, open, profile, publish};

const V5: ProtocolVersion = ProtocolVersion::V5;
const BOTH: [ProtocolVersion; 2] = [ProtocolVersion::V311, V5];

/// A profile whose session the broker is asked to keep.
fn keeping(port: u16, version: ProtocolVersion) -> Profile {
    let mut profile = profile(port, version);
    profile.clean_start = false;
    profile.session_expiry = 60;
    profile
}

/// The next connection, with its CONNECT answered by a CONNACK that has the session or has lost it.
async fn again(broker: &Scripted, version: ProtocolVersion, present: bool) -> Peer {
    let mut peer = broker.accept().await;
    peer.expect(CONNECT).await;
    peer.send(&connack(version, present, 0, &[])).await;
    peer
}

async fn messages(peer: &mut Peer, count: usize) -> Vec<Packet> {
    let mut messages = Vec::new();
    for _ in 0..count {
        messages.push(peer.expect(PUBLISH).await);
    }
    messages
}

#[tokio::test]
async fn the_first_sending_is_no_duplicate_and_only_qos_1_and_2_have_an_identifier() {
    let broker = Scripted::start().await;
    for version in BOTH {
        let running = open(&profile(broker.port(), version));
        let mut peer = broker.welcome(version).await;
        running.connected().await;
        for qos in [QoS::AtMostOnce, QoS::AtLeastOnce, QoS::ExactlyOnce, QoS::AtLeastOnce] {
            running.publish(publish("t", b"x", qos)).await;
        }
        let sent = messages(&mut peer, 4).await;
        let firsts: Vec<_> = sent.iter().map(|packet| packet.first).collect();
        assert_eq!(firsts, [0x30, 0x32, 0x34, 0x32], "{version}");
        let plain: &[u8] = if version == V5 { b"\x00\x01t\x00x" } else { b"\x00\x01tx" };
        assert_eq!(sent[0].body, plain);
        let mut ids: Vec<_> = sent[1..].iter().map(Packet::publish_id).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), 3, "{version}: each has its own");
        assert!(!ids.contains(&0));
        // An unanswered message is not sent again while the connection lives.
        assert!(!peer.comes_within(SHORT).await, "{version}");
    }
}

#[tokio::test]
async fn each_pubrec_is_answered_with_its_pubrel_in_their_order() {
    let broker = Scripted::start().await;
    for version in BOTH {
        let running = open(&profile(broker.port(), version));
        let mut peer = broker.welcome(version).await;
        running.connected().await;
        let mut ids = Vec::new();
        for _ in 0..3 {
            ids.push(running.publish(publish("t", b"x", QoS::ExactlyOnce)).await);
        }
        let sent: Vec<_> = messages(&mut peer, 3).await.iter().map(Packet::publish_id).collect();
        for order in [&sent[..1], &[sent[2], sent[1]]] {
            let answers: Vec<u8> = order.iter().flat_map(|id| ack(PUBREC, *id)).collect();
            peer.send(&answers).await;
            for id in order {
                let released = peer.expect(PUBREL & 0xf0).await;
                assert_eq!((released.first, released.id()), (0x62, *id), "{version}");
            }
        }
        assert!(running.recorder.look(|recorded| recorded.outcomes.is_empty()));
        for id in &sent {
            peer.send(&ack(PUBCOMP, *id)).await;
        }
        for id in ids {
            let expected = Outcome::Completed { reason: ReasonCode::SUCCESS };
            assert_eq!(running.recorder.outcome(id).await, expected);
        }
    }
}

#[tokio::test]
async fn what_was_not_answered_is_sent_again_in_its_order_with_its_identifier() {
    let broker = Scripted::start().await;
    for version in BOTH {
        let running = open(&keeping(broker.port(), version));
        let mut peer = broker.welcome(version).await;
        running.connected().await;
        let qos = [1, 2, 1, 2, 1].map(|qos| QoS::try_from(qos).unwrap());
        let mut ids = Vec::new();
        for (n, qos) in qos.into_iter().enumerate() {
            ids.push(running.publish(publish("t", &[b'0' + n as u8], qos)).await);
        }
        let sent = messages(&mut peer, 5).await;
        // The first is answered whole, the second half: its PUBREL goes again, never its PUBLISH.
        peer.send(&ack(PUBACK, sent[0].publish_id())).await;
        running.recorder.outcome(ids[0]).await;
        peer.send(&ack(PUBREC, sent[1].publish_id())).await;
        assert_eq!(peer.expect(PUBREL & 0xf0).await.id(), sent[1].publish_id());
        drop(peer);
        let mut peer = again(&broker, version, true).await;
        let (mut published, mut released) = (Vec::new(), Vec::new());
        for _ in 0..4 {
            let packet = peer.next().await.unwrap();
            match packet.first & 0xf0 {
                PUBLISH => published.push(packet),
                _ => released.push(packet),
            }
        }
        assert_eq!(released.len(), 1, "{version}: {released:?}");
        assert_eq!((released[0].first, released[0].id()), (0x62, sent[1].publish_id()));
        let expected: Vec<_> = sent[2..]
            .iter()
            .map(|packet| Packet { first: packet.first | 0x08, body: packet.body.clone() })
            .collect();
        assert_eq!(published, expected, "{version}: DUP is set and nothing else is another");
        peer.send(&ack(PUBCOMP, released[0].id())).await;
        for packet in &published {
            let id = packet.publish_id();
            if packet.first & 0x04 == 0 {
                peer.send(&ack(PUBACK, id)).await;
            } else {
                peer.send(&ack(PUBREC, id)).await;
                assert_eq!(peer.expect(PUBREL & 0xf0).await.id(), id);
                peer.send(&ack(PUBCOMP, id)).await;
            }
        }
        for id in ids {
            let outcome = running.recorder.outcome(id).await;
            assert!(!matches!(outcome, Outcome::Failed { .. }), "{version}: {outcome:?}");
        }
    }
}

#[tokio::test]
async fn what_the_broker_refused_is_answered_and_not_sent_again() {
    let broker = Scripted::start().await;
    let running = open(&keeping(broker.port(), V5));
    let mut peer = broker.welcome(V5).await;
    running.connected().await;
    for (qos, kind) in [(QoS::AtLeastOnce, PUBACK), (QoS::ExactlyOnce, PUBREC)] {
        let id = running.publish(publish("t", b"x", qos)).await;
        let [high, low] = peer.expect(PUBLISH).await.publish_id().to_be_bytes();
        peer.send(&scripted::packet(kind, &[high, low, 0x97])).await;
        let expected = Outcome::Refused { reason: ReasonCode(0x97) };
        assert_eq!(running.recorder.outcome(id).await, expected);
    }
    drop(peer);
    let mut peer = again(&broker, V5, true).await;
    assert!(!peer.comes_within(SHORT).await);
    // Their identifiers are free: a window of all that there are goes out and comes to its end.
    running.until(|s| s.traffic.reconnects == 1).await;
    let mut ids = Vec::new();
    for _ in 0..100 {
        ids.push(running.publish(publish("t", b"y", QoS::AtLeastOnce)).await);
    }
    for packet in messages(&mut peer, 100).await {
        peer.send(&ack(PUBACK, packet.publish_id())).await;
    }
    for id in ids {
        running.recorder.outcome(id).await;
    }
}

#[tokio::test]
async fn a_session_that_the_broker_lost_is_forgotten_here_too() {
    let broker = Scripted::start().await;
    for version in BOTH {
        let running = open(&keeping(broker.port(), version));
        let mut peer = broker.welcome(version).await;
        running.connected().await;
        let id = running.publish(publish("t", b"lost", QoS::AtLeastOnce)).await;
        peer.expect(PUBLISH).await;
        peer.send(&scripted::publish(version, "t", 2, 7, b"one")).await;
        assert_eq!(peer.expect(PUBREC).await.id(), 7);
        drop(peer);
        let mut peer = again(&broker, version, false).await;
        let expected = Outcome::Failed { code: ErrorCode::RequestLost };
        assert_eq!(running.recorder.outcome(id).await, expected, "{version}");
        assert!(!peer.comes_within(SHORT).await, "{version}: nothing is sent again");
        // The identifier belongs to another message of QoS 2 now.
        peer.send(&scripted::publish(version, "t", 2, 7, b"other")).await;
        assert_eq!(peer.expect(PUBREC).await.id(), 7);
        running.recorder.until_received(2).await;
        running.recorder.look(|recorded| assert_eq!(recorded.payloads(), ["one", "other"]));
    }
}

#[tokio::test]
async fn a_message_of_qos_2_that_comes_again_is_answered_and_recorded_once() {
    let broker = Scripted::start().await;
    for version in BOTH {
        let running = open(&profile(broker.port(), version));
        let mut peer = broker.welcome(version).await;
        running.connected().await;
        let message = scripted::publish(version, "t", 2, 5, b"once");
        let mut duplicate = message.clone();
        duplicate[0] |= 0x08;
        peer.send(&message).await;
        let recorded = peer.expect(PUBREC).await;
        assert_eq!((recorded.first, recorded.id()), (0x50, 5));
        peer.send(&duplicate).await;
        assert_eq!(peer.expect(PUBREC).await.id(), 5, "{version}");
        peer.send(&ack(PUBREL, 5)).await;
        let completed = peer.expect(PUBCOMP).await;
        assert_eq!((completed.first, completed.id()), (0x70, 5));
        assert_eq!(running.recorder.look(|r| r.received().len()), 1, "{version}");
        peer.send(&message).await;
        assert_eq!(peer.expect(PUBREC).await.id(), 5);
        running.recorder.until_received(2).await;
    }
}

#[tokio::test]
async fn a_message_of_qos_1_after_its_puback_is_another_one_whatever_its_dup_says() {
    let broker = Scripted::start().await;
    for version in BOTH {
        let running = open(&profile(broker.port(), version));
        let mut peer = broker.welcome(version).await;
        running.connected().await;
        let mut message = scripted::publish(version, "t", 1, 5, b"x");
        for dup in [0, 0x08] {
            message[0] |= dup;
            peer.send(&message).await;
            let received = peer.expect(PUBACK).await;
            assert_eq!((received.first, received.id()), (0x40, 5), "{version}");
        }
        running.recorder.until_received(2).await;
        running.recorder.look(|recorded| {
            assert_eq!(
                recorded.received().iter().map(|m| m.dup).collect::<Vec<_>>(),
                [false, true]
            );
        });
    }
}

#[tokio::test]
async fn what_nobody_subscribed_to_is_acknowledged_too() {
    let broker = Scripted::start().await;
    for version in BOTH {
        let running = open(&profile(broker.port(), version));
        let mut peer = broker.welcome(version).await;
        running.connected().await;
        for (qos, kind) in [(1, PUBACK), (2, PUBREC)] {
            peer.send(&scripted::publish(version, "not/asked/for", qos, 3, b"x")).await;
            assert_eq!(peer.expect(kind).await.id(), 3);
        }
    }
}

#[tokio::test]
async fn reserved_bits_are_what_the_specification_sets_them_to() {
    let broker = Scripted::start().await;
    for version in BOTH {
        let mut profile = profile(broker.port(), version);
        profile.keep_alive = 1;
        let running = open(&profile);
        let mut peer = broker.accept().await;
        let connect = peer.expect(CONNECT).await;
        assert_eq!(connect.first, 0x10);
        assert_eq!(connect.body[7] & 1, 0, "the reserved bit of the Connect Flags");
        peer.send(&connack(version, false, 0, &[])).await;
        let ping = peer.next().await.unwrap();
        assert_eq!(ping, Packet { first: 0xc0, body: Vec::new() });
        peer.send(b"\xd0\x00").await;
        let asking = running.subscribe("a", QoS::ExactlyOnce);
        let answering = async {
            let asked = peer.expect(SUBSCRIBE).await;
            assert_eq!((asked.first, asked.body.last()), (0x82, Some(&2)));
            assert_ne!(asked.id(), 0);
            peer.send(&scripted::suback(version, 0x90, asked.id(), &[2])).await;
        };
        tokio::join!(asking, answering);
        let ending = running.session.unsubscribe(vec!["a".to_owned()]);
        let answering = async {
            let asked = peer.expect(UNSUBSCRIBE).await;
            assert_eq!(asked.first, 0xa2);
            assert_ne!(asked.id(), 0);
            let codes: &[u8] = if version == V5 { &[0] } else { &[] };
            peer.send(&scripted::suback(version, 0xb0, asked.id(), codes)).await;
        };
        let (ended, ()) = tokio::join!(ending, answering);
        ended.unwrap();
        running.session.disconnect().await;
        let rest = peer.rest().await;
        let last = rest.last().unwrap();
        assert_eq!(last.first, 0xe0, "nothing follows DISCONNECT but the end: {rest:?}");
        assert!(rest[..rest.len() - 1].iter().all(|packet| packet.first == 0xc0), "{rest:?}");
    }
}

#[tokio::test]
async fn no_more_messages_are_on_their_way_than_the_broker_takes_and_nothing_else_waits() {
    let broker = Scripted::start().await;
    let running = open(&profile(broker.port(), V5));
    let mut peer = broker.accept().await;
    peer.expect(CONNECT).await;
    peer.send(&connack(V5, false, 0, b"\x21\x00\x02")).await;
    running.connected().await;
    let mut ids = Vec::new();
    for n in 0..6 {
        let qos = if n == 1 { QoS::ExactlyOnce } else { QoS::AtLeastOnce };
        ids.push(running.publish(publish("t", b"x", qos)).await);
    }
    let sent = messages(&mut peer, 2).await;
    assert!(!peer.comes_within(SHORT).await, "two are on their way");
    // A subscription does not wait for them.
    let asking = running.subscribe("a", QoS::AtMostOnce);
    let answering = async {
        let asked = peer.expect(SUBSCRIBE).await;
        peer.send(&scripted::suback(V5, 0x90, asked.id(), &[0])).await;
    };
    tokio::join!(asking, answering);
    running.until(|s| matches!(s.subscriptions[0].answer, FilterState::Granted { .. })).await;
    // PUBREC with success is no end of a delivery.
    let second = sent[1].publish_id();
    peer.send(&ack(PUBREC, second)).await;
    assert_eq!(peer.expect(PUBREL & 0xf0).await.id(), second);
    assert!(!peer.comes_within(SHORT).await);
    peer.send(&ack(PUBCOMP, second)).await;
    let third = peer.expect(PUBLISH).await.publish_id();
    assert!(!peer.comes_within(SHORT).await);
    for id in [sent[0].publish_id(), third] {
        peer.send(&ack(PUBACK, id)).await;
        let next = peer.expect(PUBLISH).await.publish_id();
        peer.send(&ack(PUBACK, next)).await;
    }
    let last = peer.expect(PUBLISH).await.publish_id();
    peer.send(&ack(PUBACK, last)).await;
    for id in ids {
        running.recorder.outcome(id).await;
    }
}
