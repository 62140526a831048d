//! Going on with a session that the broker kept: what is in flight survives in its order, nothing is recorded twice, and
//! the snapshot tells what came of it and what is on its way.

use mqttscope_model::{InFlight, Outcome, ProtocolVersion, QoS, Resumed};

use crate::support::recorder::Memory;
use crate::support::scripted::{
    self, CONNECT, PUBACK, PUBCOMP, PUBLISH, PUBREC, PUBREL, Peer, Scripted, connack,
};
use crate::support::{Running, open_with, profile, publish};

const V5: ProtocolVersion = ProtocolVersion::V5;
const KEEPING: [ProtocolVersion; 2] = [ProtocolVersion::V311, V5];

fn keeping(port: u16, version: ProtocolVersion) -> mqttscope_model::Profile {
    let mut profile = profile(port, version);
    profile.clean_start = false;
    profile.session_expiry = 600;
    profile
}

async fn welcome(broker: &Scripted, version: ProtocolVersion, present: bool) -> Peer {
    let mut peer = broker.accept().await;
    peer.expect(CONNECT).await;
    peer.send(&connack(version, present, 0, &[])).await;
    peer
}

/// A PUBLISH of QoS 1 or 2 with DUP.
fn again(version: ProtocolVersion, topic: &str, qos: u8, id: u16, payload: &[u8]) -> Vec<u8> {
    let mut packet = scripted::publish(version, topic, qos, id, payload);
    packet[0] |= 0x08;
    packet
}

async fn resumed(running: &Running, expected: Resumed) {
    running.until(|snapshot| snapshot.resumed == Some(expected)).await;
}

async fn in_flight(running: &Running, fits: impl Fn(&InFlight) -> bool) {
    running.until(|snapshot| fits(&snapshot.in_flight)).await;
}

#[tokio::test]
async fn what_is_in_flight_goes_out_again_in_its_order_with_its_identifiers() {
    let broker = Scripted::start().await;
    for version in KEEPING {
        let profile = keeping(broker.port(), version);
        let running = open_with(&profile, Memory::committing(), Default::default());
        let mut peer = welcome(&broker, version, false).await;
        running.connected().await;
        assert_eq!(running.session.snapshot().borrow().resumed, None, "a new session");
        let mut ids = Vec::new();
        for (payload, qos) in [
            (b"1", QoS::ExactlyOnce),
            (b"2", QoS::AtLeastOnce),
            (b"3", QoS::ExactlyOnce),
            (b"4", QoS::AtLeastOnce),
        ] {
            ids.push(running.publish(publish("t", payload, qos)).await);
        }
        let mut packets = Vec::new();
        for _ in 0..4 {
            packets.push(peer.expect(PUBLISH).await);
        }
        let released = packets[0].publish_id();
        peer.send(&scripted::ack(PUBREC, released)).await;
        assert_eq!(peer.expect(PUBREL & 0xf0).await.id(), released);
        in_flight(&running, |now| now.sent == 4 && now.sent_waiting == 0).await;
        drop(peer);
        let mut peer = welcome(&broker, version, true).await;
        let mut came = Vec::new();
        for _ in 0..4 {
            came.push(peer.next().await.unwrap());
        }
        let (rel, publishes): (Vec<_>, Vec<_>) =
            came.into_iter().partition(|packet| packet.first == PUBREL);
        assert_eq!(rel.iter().map(scripted::Packet::id).collect::<Vec<_>>(), [released]);
        for (again, first) in publishes.iter().zip(&packets[1..]) {
            assert_eq!(again.first, first.first | 0x08, "DUP and nothing else");
            assert_eq!(again.body, first.body);
        }
        resumed(&running, Resumed { sent_again: 4, ..Resumed::default() }).await;
        in_flight(&running, |now| now.sent == 4).await;
        peer.send(&scripted::ack(PUBCOMP, released)).await;
        for packet in &publishes {
            let id = packet.publish_id();
            if packet.first & 0x06 == 0x02 {
                peer.send(&scripted::ack(PUBACK, id)).await;
            } else {
                peer.send(&scripted::ack(PUBREC, id)).await;
                peer.expect(PUBREL & 0xf0).await;
                peer.send(&scripted::ack(PUBCOMP, id)).await;
            }
        }
        for id in ids {
            let outcome = running.recorder.outcome(id).await;
            let over = matches!(outcome, Outcome::Acknowledged { .. } | Outcome::Completed { .. });
            assert!(over, "{outcome:?}");
        }
        in_flight(&running, |now| now.sent == 0).await;
    }
}

#[tokio::test]
async fn the_brokers_receive_maximum_and_what_waits_for_it_are_told() {
    let broker = Scripted::start().await;
    let profile = keeping(broker.port(), V5);
    let running = open_with(&profile, Memory::committing(), Default::default());
    let mut peer = broker.accept().await;
    peer.expect(CONNECT).await;
    peer.send(&connack(V5, false, 0, &[0x21, 0, 2])).await;
    running.connected().await;
    for number in 0..5 {
        running.publish(publish("t", &[number], QoS::AtLeastOnce)).await;
    }
    let first = peer.expect(PUBLISH).await.publish_id();
    peer.expect(PUBLISH).await;
    let expected = InFlight {
        sent: 2,
        sent_limit: 2,
        sent_waiting: 3,
        received_limit: 65_535,
        ..InFlight::default()
    };
    in_flight(&running, |now| *now == expected).await;
    assert!(!peer.comes_within(crate::support::SHORT).await);
    peer.send(&scripted::ack(PUBACK, first)).await;
    peer.expect(PUBLISH).await;
    in_flight(&running, |now| (now.sent, now.sent_waiting) == (2, 2)).await;
}

#[tokio::test]
async fn how_many_may_be_on_their_way_is_told_before_there_is_one() {
    let broker = Scripted::start().await;
    for version in KEEPING {
        let running =
            open_with(&keeping(broker.port(), version), Memory::committing(), Default::default());
        let _peer = welcome(&broker, version, false).await;
        in_flight(&running, |now| now.sent_limit > 0 && now.received_limit == 65_535).await;
    }
}

#[tokio::test]
async fn what_comes_and_waits_for_its_acknowledgement_is_told() {
    let broker = Scripted::start().await;
    for version in KEEPING {
        let memory = Memory::on_demand();
        let running =
            open_with(&keeping(broker.port(), version), memory.clone(), Default::default());
        let mut peer = welcome(&broker, version, false).await;
        peer.send(&scripted::publish(version, "t", 1, 1, b"1")).await;
        peer.send(&scripted::publish(version, "t", 2, 2, b"2")).await;
        in_flight(&running, |now| now.received == 2).await;
        memory.commit(2);
        peer.expect(PUBACK).await;
        peer.expect(PUBREC).await;
        in_flight(&running, |now| now.received == 1).await;
        peer.send(&scripted::ack(PUBREL, 2)).await;
        peer.expect(PUBCOMP).await;
        in_flight(&running, |now| now.received == 0).await;
    }
}

#[tokio::test]
async fn a_message_of_qos_2_is_recorded_once_wherever_the_connection_breaks() {
    let broker = Scripted::start().await;
    for version in KEEPING {
        let recorder = Memory::on_demand();
        let memory = mqttscope_session::SessionMemory::default();
        let profile = keeping(broker.port(), version);
        let running = open_with(&profile, recorder.clone(), memory.clone());
        let mut peer = welcome(&broker, version, false).await;
        peer.send(&scripted::publish(version, "t", 2, 7, b"once")).await;
        recorder.until_received(1).await;
        // Before PUBREC, on the same connection and on the next one.
        peer.send(&again(version, "t", 2, 7, b"once")).await;
        drop(peer);
        running.waiting().await;
        let mut peer = welcome(&broker, version, true).await;
        peer.send(&again(version, "t", 2, 7, b"once")).await;
        resumed(&running, Resumed { received_again: 1, ..Resumed::default() }).await;
        assert!(!peer.comes_within(crate::support::SHORT).await, "nothing is committed");
        recorder.commit(1);
        assert_eq!(peer.expect(PUBREC).await.id(), 7);
        drop(peer);
        // After PUBREC, and in the session that the person opens next.
        running.waiting().await;
        let mut peer = welcome(&broker, version, true).await;
        peer.send(&again(version, "t", 2, 7, b"once")).await;
        assert_eq!(peer.expect(PUBREC).await.id(), 7);
        tokio::join!(running.session.disconnect(), peer.rest());
        let running = open_with(&profile, recorder.clone(), memory);
        let mut peer = welcome(&broker, version, true).await;
        peer.send(&again(version, "t", 2, 7, b"once")).await;
        assert_eq!(peer.expect(PUBREC).await.id(), 7);
        peer.send(&scripted::ack(PUBREL, 7)).await;
        assert_eq!(peer.expect(PUBCOMP).await.id(), 7);
        peer.send(&scripted::publish(version, "t", 2, 7, b"another")).await;
        recorder.until_received(2).await;
        recorder.look(|recorded| assert_eq!(recorded.payloads(), ["once", "another"]));
        running.session.disconnect().await;
    }
}

#[tokio::test]
async fn a_broker_that_lost_the_session_begins_anew_with_its_identifiers() {
    let broker = Scripted::start().await;
    for version in KEEPING {
        let recorder = Memory::on_demand();
        let running =
            open_with(&keeping(broker.port(), version), recorder.clone(), Default::default());
        let mut peer = welcome(&broker, version, false).await;
        peer.send(&scripted::publish(version, "t", 2, 7, b"old")).await;
        recorder.until_received(1).await;
        drop(peer);
        running.waiting().await;
        let mut peer = welcome(&broker, version, false).await;
        peer.send(&again(version, "t", 2, 7, b"new")).await;
        recorder.until_received(2).await;
        recorder.commit(2);
        assert_eq!(peer.expect(PUBREC).await.id(), 7);
        assert_eq!(running.session.snapshot().borrow().resumed, None);
    }
}

#[tokio::test]
async fn what_comes_first_is_counted_without_what_was_retained() {
    let broker = Scripted::start().await;
    for version in KEEPING {
        let profile = keeping(broker.port(), version);
        let running = open_with(&profile, Memory::committing(), Default::default());
        drop(welcome(&broker, version, false).await);
        running.waiting().await;
        let mut peer = welcome(&broker, version, true).await;
        let mut retained = scripted::publish(version, "t", 0, 0, b"retained");
        retained[0] |= 1;
        peer.send(&retained).await;
        peer.send(&scripted::publish(version, "t", 1, 1, b"queued")).await;
        peer.send(&again(version, "t", 1, 2, b"sent before")).await;
        let expected = Resumed { sent_again: 0, received_again: 1, received_first: 2 };
        resumed(&running, expected).await;
    }
}

#[tokio::test]
async fn a_broker_that_sends_more_at_once_than_we_allow_is_taken_and_told_of() {
    let broker = Scripted::start().await;
    let mut profile = keeping(broker.port(), V5);
    profile.connect_properties.receive_maximum = Some(2);
    let recorder = Memory::on_demand();
    let running = open_with(&profile, recorder.clone(), Default::default());
    let mut peer = welcome(&broker, V5, false).await;
    running.connected().await;
    for id in 1..=4 {
        peer.send(&scripted::publish(V5, "t", 1, id, b"x")).await;
    }
    peer.send(&scripted::publish(V5, "t", 2, 5, b"x")).await;
    let told = |now: &InFlight| (now.received, now.received_limit, now.received_most);
    in_flight(&running, |now| told(now) == (5, 2, 5)).await;
    recorder.commit(5);
    for id in 1..=4 {
        assert_eq!(peer.expect(PUBACK).await.id(), id);
    }
    assert_eq!(peer.expect(PUBREC).await.id(), 5);
    in_flight(&running, |now| told(now) == (1, 2, 5)).await;
    // The next connection begins anew.
    drop(peer);
    running.waiting().await;
    let _peer = welcome(&broker, V5, true).await;
    in_flight(&running, |now| now.received_most == 0).await;
}
