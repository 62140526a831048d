//! A person may stop the recording: messages come and go nevertheless, and nothing waits for a commit that never comes.

use mqttscope_model::{Outcome, ProtocolVersion, QoS, ReasonCode};

use crate::support::recorder::Memory;
use crate::support::scripted::{self, PUBACK, PUBCOMP, PUBLISH, PUBREC, PUBREL, Scripted};
use crate::support::{SHORT, VERSIONS, open, open_with, profile, publish};

#[tokio::test]
async fn what_is_not_kept_is_acknowledged_without_a_commit_and_counted() {
    let broker = Scripted::start().await;
    for version in VERSIONS {
        let memory = Memory::on_demand();
        memory.keep(false);
        let running = open_with(&profile(broker.port(), version), memory, Default::default());
        let mut peer = broker.welcome(version).await;
        peer.send(&scripted::publish(version, "t", 1, 5, b"seen")).await;
        assert_eq!(peer.expect(PUBACK).await.id(), 5);
        peer.send(&scripted::publish(version, "t", 2, 6, b"seen")).await;
        assert_eq!(peer.expect(PUBREC).await.id(), 6);
        peer.send(&scripted::ack(PUBREL, 6)).await;
        assert_eq!(peer.expect(PUBCOMP).await.id(), 6);
        running.recorder.keep(true);
        peer.send(&scripted::publish(version, "t", 0, 0, b"kept")).await;
        let seen = running.until(|snapshot| snapshot.traffic.received == 3).await.traffic;
        assert_eq!((seen.not_recorded, seen.bytes_received), (2, 12));
        assert_eq!(running.recorder.look(|recorded| recorded.payloads()), ["kept"]);
        running.session.disconnect().await;
    }
}

#[tokio::test]
async fn what_is_not_kept_is_acknowledged_behind_what_was_kept_before_it() {
    let broker = Scripted::start().await;
    for version in VERSIONS {
        let memory = Memory::on_demand();
        let running = open_with(&profile(broker.port(), version), memory, Default::default());
        let mut peer = broker.welcome(version).await;
        peer.send(&scripted::publish(version, "t", 1, 11, b"kept 1")).await;
        running.recorder.until_received(1).await;
        running.recorder.keep(false);
        for (qos, id) in [(1, 12), (2, 13)] {
            peer.send(&scripted::publish(version, "t", qos, id, b"not kept")).await;
        }
        running.until(|snapshot| snapshot.traffic.not_recorded == 2).await;
        running.recorder.keep(true);
        peer.send(&scripted::publish(version, "t", 1, 14, b"kept 2")).await;
        running.recorder.until_received(2).await;
        running.recorder.keep(false);
        peer.send(&scripted::publish(version, "t", 1, 15, b"not kept")).await;
        running.until(|snapshot| snapshot.traffic.not_recorded == 3).await;
        assert!(!peer.comes_within(SHORT).await, "acknowledged before the commit");
        running.recorder.commit(1);
        assert_eq!(peer.expect(PUBACK).await.id(), 11);
        assert_eq!(peer.expect(PUBACK).await.id(), 12);
        assert_eq!(peer.expect(PUBREC).await.id(), 13);
        assert!(!peer.comes_within(SHORT).await, "acknowledged before the commit");
        running.recorder.commit(2);
        assert_eq!(peer.expect(PUBACK).await.id(), 14);
        assert_eq!(peer.expect(PUBACK).await.id(), 15);
        running.session.disconnect().await;
    }
}

#[tokio::test]
async fn what_is_sent_and_not_kept_goes_out_and_its_outcome_is_told_to_nobody() {
    let broker = Scripted::start().await;
    let version = ProtocolVersion::V5;
    let running = open(&profile(broker.port(), version));
    let mut peer = broker.welcome(version).await;
    running.connected().await;
    running.recorder.keep(false);
    let unkept = publish("t", b"unkept", QoS::AtLeastOnce);
    assert_eq!(running.session.publish(unkept).await, Ok(None));
    let packet = peer.expect(PUBLISH).await;
    assert!(packet.body.ends_with(b"unkept"));
    peer.send(&scripted::ack(PUBACK, packet.publish_id())).await;
    running.recorder.keep(true);
    let kept = running.publish(publish("t", b"kept", QoS::AtLeastOnce)).await;
    let packet = peer.expect(PUBLISH).await;
    peer.send(&scripted::ack(PUBACK, packet.publish_id())).await;
    let expected = Outcome::Acknowledged { reason: ReasonCode::SUCCESS };
    assert_eq!(running.recorder.outcome(kept).await, expected);
    running.recorder.look(|recorded| {
        assert_eq!(recorded.messages.len(), 1);
        assert_eq!(recorded.outcomes, [(kept, expected)]);
    });
    running.until(|snapshot| snapshot.traffic.bytes_sent == 10).await;
}

#[tokio::test]
async fn who_watches_a_message_learns_its_outcome_whether_it_is_kept_or_not() {
    let broker = Scripted::start().await;
    let running = open(&profile(broker.port(), ProtocolVersion::V5));
    let mut peer = broker.welcome(ProtocolVersion::V5).await;
    running.connected().await;
    for keep in [false, true] {
        running.recorder.keep(keep);
        let message = publish("t", b"x", QoS::AtLeastOnce);
        let outcome = running.session.publish_watched(message).await.unwrap();
        let [high, low] = peer.expect(PUBLISH).await.publish_id().to_be_bytes();
        peer.send(&scripted::packet(PUBACK, &[high, low, 0x87])).await;
        let expected = Outcome::Refused { reason: ReasonCode(0x87) };
        assert_eq!(outcome.await, Ok(expected), "kept: {keep}");
    }
    let message = publish("t", b"x", QoS::AtLeastOnce);
    let lost = running.session.publish_watched(message).await.unwrap();
    peer.expect(PUBLISH).await;
    running.session.disconnect().await;
    assert!(matches!(lost.await, Ok(Outcome::Failed { .. })));
}

#[tokio::test]
async fn whether_the_last_message_was_answered_is_known_also_where_none_is_kept() {
    let broker = Scripted::start().await;
    let version = ProtocolVersion::V311;
    let running = open(&profile(broker.port(), version));
    let mut peer = broker.welcome(version).await;
    running.connected().await;
    running.recorder.keep(false);
    for _ in 0..2 {
        let message = publish("t", b"x", QoS::AtLeastOnce);
        assert_eq!(running.session.publish(message).await, Ok(None));
    }
    let first = peer.expect(PUBLISH).await;
    peer.expect(PUBLISH).await;
    peer.send(&scripted::ack(PUBACK, first.publish_id())).await;
    drop(peer);
    running.waiting().await;
    let account = running.session.account().borrow().clone().unwrap();
    let last = account.past.last().unwrap().last_sent.clone().unwrap();
    assert!(!last.answered, "the answer was the first one's");
}
