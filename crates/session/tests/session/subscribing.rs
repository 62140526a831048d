//! Subscriptions: the broker's own answer to each filter, saved ones, and what is refused before it is sent.

use mqttscope_model::{
    ErrorCode, FilterState, ProtocolVersion, QoS, ReasonCode, SessionSnapshot, Subscription,
    SubscriptionState,
};

use crate::support::scripted::{self, CONNECT, SUBSCRIBE, Scripted, UNSUBSCRIBE};
use crate::support::{SHORT, VERSIONS, assert_code, open, profile, subscription};

const V5: ProtocolVersion = ProtocolVersion::V5;

#[tokio::test]
async fn each_filter_has_its_own_answer() {
    let broker = Scripted::start().await;
    for (version, code) in [(ProtocolVersion::V31, 0x80), (ProtocolVersion::V311, 0x80), (V5, 0x87)]
    {
        let running = open(&profile(broker.port(), version));
        let mut peer = broker.welcome(version).await;
        running.connected().await;
        let wanted = vec![
            subscription("a", QoS::ExactlyOnce),
            subscription("b", QoS::AtMostOnce),
            subscription("c", QoS::AtMostOnce),
        ];
        let answering = async {
            let asked = peer.expect(SUBSCRIBE).await;
            assert_eq!(
                running.session.snapshot().borrow().subscriptions[0].answer,
                FilterState::Pending
            );
            peer.send(&scripted::suback(version, 0x90, asked.id(), &[1, code, 0])).await;
        };
        let (states, ()) = tokio::join!(running.session.subscribe(wanted), answering);
        let answers: Vec<_> = states.unwrap().into_iter().map(|state| state.answer).collect();
        let expected = [
            FilterState::Granted { granted: QoS::AtLeastOnce },
            FilterState::Refused { reason: ReasonCode(code) },
            FilterState::Granted { granted: QoS::AtMostOnce },
        ];
        assert_eq!(answers, expected);
    }
}

#[tokio::test]
async fn many_saved_subscriptions_are_made_on_connect_a_few_at_a_time() {
    let broker = Scripted::start().await;
    for version in VERSIONS {
        let mut profile = profile(broker.port(), version);
        profile.subscriptions =
            (0..20).map(|n| subscription(&format!("t/{n}"), QoS::AtMostOnce)).collect();
        let running = open(&profile);
        let mut peer = broker.welcome(version).await;
        for count in [8, 8, 4] {
            let asked = peer.expect(SUBSCRIBE).await;
            peer.send(&scripted::suback(version, 0x90, asked.id(), &vec![0; count])).await;
        }
        assert_eq!(running.granted().await.subscriptions.len(), 20);
    }
}

#[tokio::test]
async fn without_a_connection_subscriptions_wait_for_it() {
    let broker = Scripted::start().await;
    let running = open(&profile(broker.port(), V5));
    let mut peer = broker.accept().await;
    let wanted = vec![subscription("later", QoS::AtMostOnce)];
    let states = running.session.subscribe(wanted).await.unwrap();
    assert_eq!(states[0].answer, FilterState::Waiting);
    peer.expect(scripted::CONNECT).await;
    peer.send(&scripted::connack(V5, false, 0, &[])).await;
    assert_eq!(peer.expect(SUBSCRIBE).await.body[2..], *b"\x00\x00\x05later\x00");
}

#[tokio::test]
async fn unsubscribing_removes_what_the_broker_lets_go() {
    let broker = Scripted::start().await;
    for version in VERSIONS {
        let running = open(&profile(broker.port(), version));
        let mut peer = broker.welcome(version).await;
        running.connected().await;
        let wanted = vec![subscription("a", QoS::AtMostOnce), subscription("b", QoS::AtMostOnce)];
        let answering = async {
            let asked = peer.expect(SUBSCRIBE).await;
            peer.send(&scripted::suback(version, 0x90, asked.id(), &[0, 0])).await;
        };
        let (_, ()) = tokio::join!(running.session.subscribe(wanted), answering);
        let answering = async {
            let asked = peer.expect(UNSUBSCRIBE).await;
            let codes: &[u8] = if version == V5 { &[0] } else { &[] };
            peer.send(&scripted::suback(version, 0xb0, asked.id(), codes)).await;
        };
        let (ended, ()) =
            tokio::join!(running.session.unsubscribe(vec!["a".to_owned()]), answering);
        ended.unwrap();
        let left = running.session.snapshot().borrow().subscriptions.clone();
        assert_eq!(left.len(), 1);
        assert_eq!(left[0].wanted.filter, "b");
    }
}

#[tokio::test]
async fn a_refused_unsubscribe_keeps_the_subscription() {
    let broker = Scripted::start().await;
    let mut profile = profile(broker.port(), V5);
    profile.subscriptions = vec![subscription("a", QoS::AtMostOnce)];
    let running = open(&profile);
    let mut peer = broker.welcome(V5).await;
    let asked = peer.expect(SUBSCRIBE).await;
    peer.send(&scripted::suback(V5, 0x90, asked.id(), &[0])).await;
    let answering = async {
        let asked = peer.expect(UNSUBSCRIBE).await;
        peer.send(&scripted::suback(V5, 0xb0, asked.id(), &[0x87])).await;
    };
    let (ended, ()) = tokio::join!(running.session.unsubscribe(vec!["a".to_owned()]), answering);
    assert_code(&ended.unwrap_err(), ErrorCode::MqttRefused);
    assert_eq!(running.session.snapshot().borrow().subscriptions.len(), 1);
}

#[tokio::test]
async fn filters_that_break_a_rule_are_refused_before_anything_is_sent() {
    let broker = Scripted::start().await;
    let running = open(&profile(broker.port(), V5));
    let mut peer = broker.welcome(V5).await;
    running.connected().await;
    for filter in ["", "a/#/b", "a+", "a\0", &"x".repeat(65_536)] {
        let wanted =
            vec![subscription("good", QoS::AtMostOnce), subscription(filter, QoS::AtMostOnce)];
        let error = running.session.subscribe(wanted).await.unwrap_err();
        assert_code(&error, ErrorCode::TopicFilterInvalid);
    }
    assert!(running.session.snapshot().borrow().subscriptions.is_empty());
    assert!(!peer.comes_within(std::time::Duration::from_millis(100)).await);
}

#[tokio::test]
async fn a_broker_that_closes_instead_of_answering_is_told_as_that() {
    let broker = Scripted::start().await;
    let running = open(&profile(broker.port(), V5));
    let mut peer = broker.welcome(V5).await;
    running.connected().await;
    let closing = async {
        peer.expect(SUBSCRIBE).await;
        drop(peer);
    };
    let wanted = vec![subscription("a", QoS::AtMostOnce)];
    let (answer, ()) = tokio::join!(running.session.subscribe(wanted), closing);
    assert_code(&answer.unwrap_err(), ErrorCode::RequestLost);
}

#[tokio::test]
async fn no_subscribe_or_unsubscribe_is_larger_than_the_broker_takes() {
    let broker = Scripted::start().await;
    let long = "x".repeat(29);
    let mut profile = profile(broker.port(), V5);
    let saved: Vec<_> = (0..9).map(|number| format!("room/{number}/+")).collect();
    profile.subscriptions =
        saved.iter().chain([&long]).map(|filter| subscription(filter, QoS::AtMostOnce)).collect();
    let running = open(&profile);
    let mut peer = broker.accept().await;
    peer.expect(CONNECT).await;
    // Maximum Packet Size 36: two of these filters fit into a SUBSCRIBE, and the long one into none.
    peer.send(&scripted::connack(V5, false, 0, &[0x27, 0, 0, 0, 36])).await;
    for filters in [2, 2, 2, 2, 1] {
        let asked = peer.expect(SUBSCRIBE).await;
        assert!(asked.body.len() + 2 <= 36);
        peer.send(&scripted::suback(V5, 0x90, asked.id(), &vec![0; filters])).await;
    }
    let granted = |state: &SubscriptionState| matches!(state.answer, FilterState::Granted { .. });
    let settled = |s: &SessionSnapshot| s.subscriptions.iter().filter(|one| granted(one)).count();
    let snapshot = running.until(|snapshot| settled(snapshot) == 9).await;
    let refused = FilterState::Refused { reason: ReasonCode(0x95) };
    assert_eq!(snapshot.subscriptions[9].answer, refused);

    let wanted = vec![subscription("short", QoS::AtMostOnce), subscription(&long, QoS::AtMostOnce)];
    let error = running.session.permits(&wanted).unwrap_err();
    assert_code(&error, ErrorCode::MqttPacketTooLarge);
    let error = running.session.subscribe(wanted).await.unwrap_err();
    assert_code(&error, ErrorCode::MqttPacketTooLarge);
    let told = ["filter", "size", "limit"].map(|name| error.details[name].clone());
    assert_eq!(told, [long.clone(), "37".to_owned(), "36".to_owned()]);
    let longer = vec!["short".to_owned(), "x".repeat(30)];
    let error = running.session.unsubscribe(longer).await.unwrap_err();
    assert_code(&error, ErrorCode::MqttPacketTooLarge);
    assert!(!peer.comes_within(SHORT).await, "nothing was sent");

    let ending = running.session.unsubscribe(saved);
    let answering = async {
        for filters in [3, 3, 3] {
            let asked = peer.expect(UNSUBSCRIBE).await;
            assert!(asked.body.len() + 2 <= 36);
            peer.send(&scripted::suback(V5, 0xb0, asked.id(), &vec![0; filters])).await;
        }
    };
    let (ended, ()) = tokio::join!(ending, answering);
    assert_eq!(ended, Ok(()));
}

#[tokio::test]
async fn what_cannot_be_ended_on_this_connection_is_ended_on_the_next_one() {
    let broker = Scripted::start().await;
    let long = "x".repeat(50);
    let mut profile = profile(broker.port(), V5);
    (profile.clean_start, profile.session_expiry) = (false, 60);
    profile.subscriptions = vec![subscription(&long, QoS::AtMostOnce)];
    let running = open(&profile);
    let mut peer = broker.welcome(V5).await;
    let asked = peer.expect(SUBSCRIBE).await;
    peer.send(&scripted::suback(V5, 0x90, asked.id(), &[0])).await;
    running.granted().await;
    drop(peer);
    // The broker keeps the session, and takes less than before.
    let mut peer = broker.accept().await;
    peer.expect(CONNECT).await;
    peer.send(&scripted::connack(V5, true, 0, &[0x27, 0, 0, 0, 40])).await;
    running.granted().await;
    let off = Subscription { enabled: false, ..subscription(&long, QoS::AtMostOnce) };
    let error = running.session.subscribe(vec![off]).await.unwrap_err();
    assert_code(&error, ErrorCode::MqttPacketTooLarge);
    assert!(!peer.comes_within(SHORT).await, "nothing was sent");
    drop(peer);
    let mut peer = broker.accept().await;
    peer.expect(CONNECT).await;
    peer.send(&scripted::connack(V5, true, 0, &[])).await;
    assert!(peer.expect(UNSUBSCRIBE).await.body.ends_with(long.as_bytes()));
}
