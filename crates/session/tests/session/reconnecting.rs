//! A connection that is lost is made again, after a delay, with its subscriptions; and every wait and attempt can be cancelled.

use std::time::{Duration, Instant};

use mqttscope_model::{
    ConnectStage, ErrorCode, FilterState, ProtocolVersion, QoS, Scheme, SessionState, StageVerdict,
};
use tokio::net::{TcpSocket, TcpStream};

use crate::support::mosquitto::Mosquitto;
use crate::support::scripted::{self, CONNECT, SUBSCRIBE, Scripted, connack};
use crate::support::{LONG, VERSIONS, assert_code, open, profile, publish, subscription};

#[tokio::test]
async fn a_broker_that_is_restarted_is_connected_and_subscribed_to_again() {
    let mut broker = Mosquitto::start().await;
    for version in VERSIONS {
        let running = open(&profile(broker.port(), version));
        running.connected().await;
        running.subscribe("t/#", QoS::AtLeastOnce).await;
        broker.restart().await;
        let snapshot = running.until(|s| s.traffic.reconnects == 1).await;
        assert!(matches!(snapshot.state, SessionState::Connected { .. }));
        running.until(|s| matches!(s.subscriptions[0].answer, FilterState::Granted { .. })).await;
        running.session.publish(publish("t/x", b"again", QoS::AtLeastOnce)).await.unwrap();
        running.recorder.until_received(1).await;
    }
}

#[tokio::test]
async fn subscriptions_are_made_again_only_where_the_broker_did_not_keep_them() {
    let broker = Scripted::start().await;
    for version in VERSIONS {
        let mut profile = profile(broker.port(), version);
        profile.clean_start = false;
        profile.session_expiry = 60;
        profile.subscriptions = vec![subscription("a", QoS::AtLeastOnce)];
        let running = open(&profile);
        let mut peer = broker.welcome(version).await;
        let asked = peer.expect(SUBSCRIBE).await;
        peer.send(&scripted::suback(version, 0x90, asked.id(), &[1])).await;
        let granted = FilterState::Granted { granted: QoS::AtLeastOnce };
        running.until(|s| s.subscriptions[0].answer == granted).await;
        drop(peer);
        for present in [true, false] {
            let mut peer = broker.accept().await;
            peer.expect(CONNECT).await;
            peer.send(&connack(version, present, 0, &[])).await;
            if present {
                running.until(|s| s.subscriptions[0].answer == granted).await;
                assert!(!peer.comes_within(Duration::from_millis(200)).await);
            } else {
                let asked = peer.expect(SUBSCRIBE).await;
                peer.send(&scripted::suback(version, 0x90, asked.id(), &[1])).await;
                running.until(|s| s.subscriptions[0].answer == granted).await;
            }
        }
    }
}

#[tokio::test]
async fn nothing_is_dialled_before_the_delay_is_over_unless_the_user_wants_it_now() {
    let broker = Scripted::start().await;
    let mut profile = profile(broker.port(), ProtocolVersion::V5);
    profile.reconnect.first_delay_ms = 60_000;
    profile.reconnect.max_delay_ms = 60_000;
    let running = open(&profile);
    drop(broker.welcome(ProtocolVersion::V5).await);
    let snapshot = running.until(|s| matches!(s.state, SessionState::Waiting { .. })).await;
    let SessionState::Waiting { until_ms, attempt, .. } = snapshot.state else { unreachable!() };
    let now = std::time::UNIX_EPOCH.elapsed().unwrap().as_millis();
    let left = u128::try_from(until_ms).unwrap() - now;
    assert!((50_000..=60_000).contains(&left), "{left} ms are left");
    assert_eq!(attempt, 2);
    running.session.reconnect_now();
    let _peer = broker.welcome(ProtocolVersion::V5).await;
    running.connected().await;
}

#[tokio::test]
async fn attempts_end_with_the_number_that_the_profile_allows() {
    let broker = Scripted::start().await;
    let mut profile = profile(broker.port(), ProtocolVersion::V311);
    profile.reconnect.max_attempts = Some(3);
    let running = open(&profile);
    for _ in 0..3 {
        drop(broker.accept().await);
    }
    assert_code(&running.failed().await, ErrorCode::MqttClosed);
    let attempt = running.session.snapshot().borrow().last_attempt.clone().unwrap();
    assert_eq!(attempt.number, 3);
    assert_eq!(attempt.error.unwrap().code, ErrorCode::MqttClosed);
    let last = attempt.stages.last().unwrap();
    assert_eq!((last.stage, last.verdict), (ConnectStage::Mqtt, StageVerdict::Failed));
}

#[tokio::test]
async fn nothing_listening_is_tried_again_and_a_wrong_name_is_not() {
    let port = Scripted::start().await.port();
    let running = open(&profile(port, ProtocolVersion::V5));
    assert_code(&running.waiting().await, ErrorCode::TcpRefused);
    let mut wrong = profile(port, ProtocolVersion::V5);
    wrong.endpoint.host = "no-such-host.invalid".to_owned();
    wrong.reconnect.first_delay_ms = 60_000;
    wrong.reconnect.max_delay_ms = 60_000;
    let running = open(&wrong);
    let ended = |state: &SessionState| {
        matches!(state, SessionState::Failed { .. } | SessionState::Waiting { .. })
    };
    let snapshot = running.until(|s| ended(&s.state)).await;
    match snapshot.state {
        SessionState::Failed { error } => assert_code(&error, ErrorCode::NameNotFound),
        // A machine without any name server cannot know whether the name is wrong.
        SessionState::Waiting { error, .. } => assert_code(&error, ErrorCode::NameLookupFailed),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn an_attempt_is_cancelled_at_once_in_every_stage() {
    let broker = Scripted::start().await;
    let full = full_port().await;
    let cases = [
        (full.0, Scheme::Mqtt, ConnectStage::Tcp),
        (broker.port(), Scheme::Mqtts, ConnectStage::Tls),
        (broker.port(), Scheme::Ws, ConnectStage::WebSocket),
        (broker.port(), Scheme::Mqtt, ConnectStage::Mqtt),
    ];
    for (port, scheme, stage) in cases {
        for version in [ProtocolVersion::V31, ProtocolVersion::V5] {
            let mut profile = profile(port, version);
            profile.endpoint.scheme = scheme;
            profile.tls.verify = false;
            let running = open(&profile);
            running.until(|s| s.state == SessionState::Connecting { stage, attempt: 1 }).await;
            let started = Instant::now();
            running.session.disconnect().await;
            assert!(started.elapsed() < Duration::from_millis(500), "{stage:?}");
            let snapshot = running.session.snapshot().borrow().clone();
            assert_eq!(snapshot.state, SessionState::Disconnected);
            let last = snapshot.last_attempt.unwrap().stages.last().cloned().unwrap();
            assert_eq!((last.stage, last.verdict), (stage, StageVerdict::Cancelled));
        }
    }
}

#[tokio::test]
async fn a_wait_is_cancelled_at_once() {
    let port = Scripted::start().await.port();
    let mut profile = profile(port, ProtocolVersion::V5);
    profile.reconnect.first_delay_ms = 60_000;
    profile.reconnect.max_delay_ms = 60_000;
    let running = open(&profile);
    running.waiting().await;
    tokio::time::timeout(LONG, running.session.disconnect()).await.unwrap();
    assert_eq!(running.session.snapshot().borrow().state, SessionState::Disconnected);
}

/// A port that takes no further connection and refuses none: its queue is full.
async fn full_port() -> (u16, Vec<TcpStream>, tokio::net::TcpListener) {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(1).unwrap();
    let address = listener.local_addr().unwrap();
    let mut waiting = Vec::new();
    while let Ok(stream) =
        tokio::time::timeout(Duration::from_millis(200), TcpStream::connect(address)).await
    {
        waiting.push(stream.unwrap());
    }
    (address.port(), waiting, listener)
}
