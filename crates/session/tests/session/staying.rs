//! How connections stay and end: round trips of pings, what is kept of a connection that was lost, and for how long.

use mqttscope_model::{
    Account, ConnectStage, ErrorCode, PastConnection, Profile, ProtocolVersion, QoS, SentPacket,
    SessionState, StageVerdict, StreamEnd,
};
use mqttscope_session::SessionMemory;

use crate::support::recorder::Memory;
use crate::support::scripted::{self, DISCONNECT, PINGREQ, PUBLISH, Peer, SUBSCRIBE, Scripted};
use crate::support::{
    LONG, Running, VERSIONS, open, open_with, profile, publish, resolve, subscription,
};

const V311: ProtocolVersion = ProtocolVersion::V311;
const V5: ProtocolVersion = ProtocolVersion::V5;

impl Running {
    /// Waits for an account that fits.
    async fn until_account(&self, fits: impl Fn(&Account) -> bool) -> Account {
        let mut account = self.session.account();
        let found = account.wait_for(|account| account.as_ref().is_some_and(&fits));
        let found = tokio::time::timeout(LONG, found).await.expect("the account does not come");
        found.unwrap().clone().unwrap()
    }
}

/// A broker that closes after what `script` does to each connection, and what is kept of the first one.
async fn lost(
    version: ProtocolVersion,
    script: impl AsyncFnOnce(&Running, &mut Peer),
) -> (Account, PastConnection) {
    let broker = Scripted::start().await;
    let mut profile = profile(broker.port(), version);
    profile.reconnect.first_delay_ms = 60_000;
    profile.reconnect.max_delay_ms = 60_000;
    let running = open(&profile);
    let mut peer = broker.welcome(version).await;
    running.connected().await;
    script(&running, &mut peer).await;
    drop(peer);
    running.failed_or_waiting().await;
    let account = running.account();
    assert_eq!(account.past.len(), 1);
    let past = account.past[0].clone();
    (account, past)
}

#[tokio::test]
async fn a_lost_connection_is_a_failed_stage_and_a_past_one() {
    for version in VERSIONS {
        let (account, past) = lost(version, async |_, _| {}).await;
        let stages = &account.attempt.stages;
        let last = stages.last().unwrap();
        assert_eq!((last.stage, last.verdict), (ConnectStage::Staying, StageVerdict::Failed));
        let before = &stages[stages.len() - 2];
        assert_eq!((before.stage, before.verdict), (ConnectStage::Mqtt, StageVerdict::Passed));
        assert!(last.began_us >= before.began_us);
        assert_eq!(account.attempt.error.as_ref(), Some(&past.error));
        assert_eq!(past.error.code, ErrorCode::MqttConnectionLost);
        assert_eq!((past.end, past.keep_alive), (StreamEnd::Closed, 60));
        assert_eq!(past.last_sent, None);
        assert!(past.connected_ms >= account.began_ms && past.lasted_ms < 20_000);
    }
}

#[tokio::test]
async fn what_was_published_last_is_kept_and_whether_it_was_answered() {
    for version in VERSIONS {
        for (qos, answers) in [
            (QoS::AtMostOnce, false),
            (QoS::AtLeastOnce, false),
            (QoS::AtLeastOnce, true),
            (QoS::ExactlyOnce, false),
            (QoS::ExactlyOnce, true),
        ] {
            let (_, past) = lost(version, async |running, peer| {
                running.session.publish(publish("first", b"x", QoS::AtMostOnce)).await.unwrap();
                let mut message = publish("a/b", b"x", qos);
                message.retain = true;
                running.session.publish(message).await.unwrap();
                peer.expect(PUBLISH).await;
                let sent = peer.expect(PUBLISH).await;
                if answers {
                    let first = if qos == QoS::AtLeastOnce { 0x40 } else { 0x50 };
                    peer.send(&scripted::ack(first, sent.publish_id())).await;
                }
            })
            .await;
            let last = past.last_sent.unwrap();
            assert_eq!((last.packet, last.topic.as_str()), (SentPacket::Publish, "a/b"));
            assert_eq!((last.qos, last.retain), (qos, true));
            assert_eq!(last.answered, answers, "{version:?} {qos:?}");
            assert!(last.before_end_ms < 20_000);
        }
    }
}

#[tokio::test]
async fn what_was_subscribed_to_last_is_kept_and_whether_it_was_answered() {
    for version in VERSIONS {
        for answers in [false, true] {
            let (_, past) = lost(version, async |running, peer| {
                let wanted = vec![subscription("#", QoS::AtLeastOnce)];
                let script = async {
                    let asked = peer.expect(SUBSCRIBE).await;
                    if answers {
                        peer.send(&scripted::suback(version, 0x90, asked.id(), &[1])).await;
                    }
                };
                let asking = running.session.subscribe(wanted);
                if answers {
                    tokio::join!(script, asking).1.unwrap();
                } else {
                    tokio::select! {
                        _ = asking => panic!("nobody answers"),
                        () = script => {}
                    }
                }
            })
            .await;
            let last = past.last_sent.unwrap();
            assert_eq!((last.packet, last.topic.as_str()), (SentPacket::Subscribe, "#"));
            assert_eq!((last.qos, last.answered), (QoS::AtLeastOnce, answers));
        }
    }
}

#[tokio::test]
async fn past_connections_are_kept_through_reconnects_and_for_the_next_session_of_the_same_client()
{
    let broker = Scripted::start().await;
    let mut profile = profile(broker.port(), V5);
    let memory = SessionMemory::default();
    let begin = |profile: &Profile| open_with(profile, Memory::committing(), memory.clone());
    let running = begin(&profile);
    for number in 1..=3 {
        drop(broker.welcome(V5).await);
        running.until_account(|account| account.past.len() == number).await;
    }
    let _peer = broker.welcome(V5).await;
    running.connected().await;
    assert_eq!((running.account().past.len(), running.account().attempt.error), (3, None));
    drop(running);

    let again = begin(&profile);
    again.until_account(|account| account.past.len() == 3).await;
    drop(again);
    profile.client_id = "another".to_owned();
    let other = begin(&profile);
    assert!(other.until_account(|_| true).await.past.is_empty());
}

#[tokio::test]
async fn no_more_than_the_last_past_connections_are_kept() {
    let broker = Scripted::start().await;
    let mut profile = profile(broker.port(), V311);
    profile.reconnect.first_delay_ms = 1;
    profile.reconnect.max_delay_ms = 1;
    let running = open(&profile);
    let mut begun = Vec::new();
    for _ in 0..PastConnection::KEPT + 3 {
        drop(broker.welcome(V311).await);
        running.until(|s| matches!(s.state, SessionState::Waiting { .. })).await;
        begun.push(running.account().began_ms);
    }
    let past = running.account().past;
    assert_eq!(past.len(), PastConnection::KEPT);
    assert!(past[0].connected_ms >= begun[3]);
    assert!(past.is_sorted_by_key(|past| past.connected_ms));
}

#[tokio::test]
async fn a_takeover_is_a_past_connection_with_the_brokers_word() {
    let broker = Scripted::start().await;
    let running = open(&profile(broker.port(), V5));
    let mut peer = broker.welcome(V5).await;
    running.connected().await;
    peer.send(&scripted::packet(DISCONNECT, &[0x8e])).await;
    let error = running.failed().await;
    let account = running.account();
    assert_eq!(account.past[0].error, error);
    assert_eq!(error.code, ErrorCode::MqttTakenOver);
    let said = account.facts.mqtt.unwrap().disconnect.unwrap();
    assert_eq!(said.reason_name, "Session taken over");
}

#[tokio::test]
async fn pings_are_timed_on_their_way() {
    let broker = Scripted::start().await;
    for version in VERSIONS {
        let mut profile = profile(broker.port(), version);
        profile.keep_alive = 1;
        let running = open(&profile);
        let mut peer = broker.welcome(version).await;
        running.connected().await;
        assert_eq!(running.account().facts.staying, None);
        for count in 1..=2 {
            peer.expect(PINGREQ).await;
            peer.send(b"\xd0\x00").await;
            let pings = |account: &Account| {
                account.facts.staying.as_ref().map_or(0, |staying| staying.pings_us.len())
            };
            let account = running.until_account(|account| pings(account) == count).await;
            let staying = account.facts.staying.unwrap();
            assert_eq!(staying.keep_alive, 1);
            assert!(staying.pings_us.iter().all(|took| *took < 20_000_000));
        }
    }
}

#[tokio::test]
async fn a_ping_that_is_not_answered_ends_the_connection_in_its_account_too() {
    let broker = Scripted::start().await;
    let mut profile = profile(broker.port(), V5);
    profile.keep_alive = 1;
    let running = open(&profile);
    let _silent = broker.welcome(V5).await;
    running.waiting().await;
    let past = running.account().past.remove(0);
    assert_eq!(past.error.code, ErrorCode::MqttKeepAliveTimedOut);
    assert_eq!((past.end, past.keep_alive), (StreamEnd::TimedOut, 1));
}

#[tokio::test]
async fn options_for_a_diagnosis_disturb_nothing() {
    let broker = Scripted::start().await;
    let mut profile = profile(broker.port(), V5);
    profile.clean_start = false;
    profile.session_expiry = 60;
    profile.subscriptions = vec![subscription("a", QoS::AtMostOnce)];
    profile.will = Some(mqttscope_model::Will {
        topic: "w".to_owned(),
        payload: crate::support::typed(mqttscope_model::ByteFormat::Text, "gone"),
        qos: QoS::AtMostOnce,
        retain: false,
        properties: Default::default(),
    });
    let options = resolve(&profile, &Default::default()).unwrap();
    let options = options.for_diagnosis(true).with_keep_alive(7);
    assert!(options.client_id().starts_with("clientdiag"), "{}", options.client_id());
    assert_eq!((options.subscriptions().len(), options.keep_alive()), (1, 7));
    let id = options.client_id().to_owned();
    let dial = options.dial_options().await.unwrap();
    assert_eq!(&dial.endpoint, options.endpoint());
    let session = mqttscope_session::Session::open(options, Memory::committing(), memory());
    let mut peer = broker.accept().await;
    let connect = peer.expect(scripted::CONNECT).await;
    // Clean Start and no Will; Keep Alive; no properties.
    let head = b"\x00\x04MQTT\x05\x02\x00\x07\x00\x00\x0e";
    assert_eq!(connect.body, [head, id.as_bytes()].concat());
    peer.send(&scripted::connack(V5, false, 0, &[])).await;
    drop(peer);
    let failed = |state: &SessionState| matches!(state, SessionState::Failed { .. });
    let mut snapshot = session.snapshot();
    let over = snapshot.wait_for(|snapshot| failed(&snapshot.state));
    let over = tokio::time::timeout(LONG, over).await.unwrap().unwrap();
    assert!(over.subscriptions.is_empty());
}

fn memory() -> SessionMemory {
    SessionMemory::default()
}
