//! Nothing is acknowledged before it is stored, all of it is afterwards, and nothing that came is lost.

use mqttscope_model::{ErrorCode, ProtocolVersion, QoS, SessionState};

use crate::support::mosquitto::Mosquitto;
use crate::support::recorder::Memory;
use crate::support::scripted::{self, PINGREQ, PUBACK, PUBLISH, PUBREC, Scripted};
use crate::support::{
    Running, SHORT, VERSIONS, assert_code, open, open_with, profile, publish, subscription,
};

fn on_demand(port: u16, version: ProtocolVersion) -> Running {
    open_with(&profile(port, version), Memory::on_demand(), Default::default())
}

#[tokio::test]
async fn messages_are_acknowledged_after_their_commit_in_their_order() {
    let broker = Scripted::start().await;
    for version in VERSIONS {
        let running = on_demand(broker.port(), version);
        let mut peer = broker.welcome(version).await;
        for (qos, id) in [(1, 11), (2, 12), (0, 0), (1, 13)] {
            peer.send(&scripted::publish(version, "t", qos, id, b"x")).await;
        }
        running.recorder.until_received(4).await;
        assert!(!peer.comes_within(SHORT).await, "acknowledged before the commit");
        running.recorder.commit(1);
        assert_eq!(peer.expect(PUBACK).await.id(), 11);
        assert!(!peer.comes_within(SHORT).await);
        running.recorder.commit(4);
        assert_eq!(peer.expect(PUBREC).await.id(), 12);
        assert_eq!(peer.expect(PUBACK).await.id(), 13);
        peer.send(&scripted::ack(0x62, 12)).await;
        assert_eq!(peer.expect(0x70).await.id(), 12);
    }
}

#[tokio::test]
async fn an_identifier_that_comes_twice_before_its_commit_does_not_end_the_connection() {
    let broker = Scripted::start().await;
    let version = ProtocolVersion::V311;
    let running = on_demand(broker.port(), version);
    let mut peer = broker.welcome(version).await;
    peer.send(&scripted::publish(version, "t", 1, 5, b"once").repeat(2)).await;
    running.recorder.until_received(2).await;
    running.recorder.commit(2);
    assert_eq!(peer.expect(PUBACK).await.id(), 5);
    peer.send(&scripted::publish(version, "t", 1, 5, b"again")).await;
    running.recorder.until_received(3).await;
    running.recorder.commit(3);
    assert_eq!(peer.expect(PUBACK).await.id(), 5);
}

#[tokio::test]
async fn what_was_not_acknowledged_comes_again_after_a_restart_of_the_session() {
    let broker = Mosquitto::start().await;
    for version in [ProtocolVersion::V311, ProtocolVersion::V5] {
        let mut profile = profile(broker.port(), version);
        profile.client_id = format!("keeps-{version}");
        profile.clean_start = false;
        profile.session_expiry = 600;
        profile.subscriptions = vec![subscription("kept", QoS::AtLeastOnce)];
        let running = open_with(&profile, Memory::on_demand(), Default::default());
        running.granted().await;
        running.session.publish(publish("kept", b"stored?", QoS::AtLeastOnce)).await.unwrap();
        running.recorder.until_received(1).await;
        running.session.disconnect().await;
        drop(running);
        // As after a restart of the application: no memory of the session, which the broker still has.
        let running = open(&profile);
        let snapshot = running.connected().await;
        let SessionState::Connected { connack, .. } = snapshot.state else { unreachable!() };
        assert!(connack.session_present, "{version}");
        running.recorder.until_received(1).await;
        running.recorder.look(|recorded| {
            assert_eq!(recorded.received()[0].payload, b"stored?");
            assert!(recorded.received()[0].dup);
        });
    }
}

#[tokio::test]
async fn ten_thousand_messages_of_each_qos_arrive_and_are_acknowledged() {
    let broker = Scripted::start().await;
    for version in [ProtocolVersion::V311, ProtocolVersion::V5] {
        for qos in [0, 1] {
            let running = open(&profile(broker.port(), version));
            let mut peer = broker.welcome(version).await;
            let count = 10_000_u16;
            let flood: Vec<u8> = (1..=count)
                .flat_map(|id| scripted::publish(version, "a/b/c", qos, id, &[1; 64]))
                .collect();
            peer.send(&flood).await;
            running.recorder.until_received(count.into()).await;
            if qos == 1 {
                for id in 1..=count {
                    assert_eq!(peer.expect(PUBACK).await.id(), id);
                }
            }
            running.session.disconnect().await;
        }
    }
}

#[tokio::test]
async fn while_the_store_holds_nothing_is_read_and_pings_and_messages_go_on() {
    let broker = Scripted::start().await;
    for version in VERSIONS {
        let mut profile = profile(broker.port(), version);
        profile.keep_alive = 1;
        let running = open(&profile);
        let mut peer = broker.welcome(version).await;
        running.connected().await;
        running.recorder.set_hold(true);
        running.until(|snapshot| snapshot.traffic.held_back).await;
        peer.send(&scripted::publish(version, "t", 0, 0, b"held")).await;
        // The answers to these pings lie behind the message, and the connection must live on nevertheless.
        for _ in 0..3 {
            peer.expect(PINGREQ).await;
            peer.send(b"\xd0\x00").await;
        }
        running.session.publish(publish("out", b"goes on", QoS::AtMostOnce)).await.unwrap();
        while peer.next().await.unwrap().first != PUBLISH {}
        assert_eq!(running.recorder.look(|recorded| recorded.received().len()), 0);
        assert!(matches!(
            running.session.snapshot().borrow().state,
            SessionState::Connected { .. }
        ));
        running.recorder.set_hold(false);
        running.recorder.until_received(1).await;
        peer.send(&scripted::publish(version, "t", 0, 0, b"after")).await;
        running.recorder.until_received(2).await;
    }
}

#[tokio::test]
async fn a_recorder_that_takes_nothing_ends_the_session_and_nothing_is_acknowledged() {
    let broker = Scripted::start().await;
    let version = ProtocolVersion::V5;
    let running = open(&profile(broker.port(), version));
    let mut peer = broker.welcome(version).await;
    running.connected().await;
    running.recorder.break_down();
    peer.send(&scripted::publish(version, "t", 1, 1, b"x")).await;
    assert_code(&running.failed().await, ErrorCode::HistoryFailed);
    assert_eq!(peer.rest().await, []);
}

#[tokio::test]
async fn properties_are_recorded_as_on_the_wire() {
    let broker = Scripted::start().await;
    let running = open(&profile(broker.port(), ProtocolVersion::V5));
    let mut peer = broker.welcome(ProtocolVersion::V5).await;
    let properties = b"\x01\x01\x02\x00\x00\x00\x05\x03\x00\x02ct\x08\x00\x02rt\x09\x00\x02\x00\xff\x26\x00\x01k\x00\x01v\x26\x00\x01k\x00\x01w";
    let mut body = b"\x00\x01t".to_vec();
    body.push(u8::try_from(properties.len()).unwrap());
    body.extend_from_slice(properties);
    body.extend_from_slice(b"payload");
    peer.send(&scripted::packet(0x31, &body)).await;
    running.recorder.until_received(1).await;
    running.recorder.look(|recorded| {
        let message = recorded.received()[0];
        assert_eq!(message.properties, properties);
        assert_eq!(message.payload, b"payload");
        assert!(message.retain);
    });
}
