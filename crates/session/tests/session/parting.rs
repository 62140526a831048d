//! DISCONNECT says what a person wants it to say; what it may not say is refused, and the connection stays.

use mqttscope_model::{
    DisconnectOptions, ErrorCode, ProtocolVersion, QoS, ReasonCode, SessionState, UserProperty,
};

use crate::support::mosquitto::Mosquitto;
use crate::support::scripted::{CONNECT, DISCONNECT, Scripted, connack};
use crate::support::{SHORT, VERSIONS, assert_code, open, profile, subscription, typed};

const V5: ProtocolVersion = ProtocolVersion::V5;

fn with(reason: u8) -> DisconnectOptions {
    DisconnectOptions { reason: ReasonCode(reason), ..DisconnectOptions::default() }
}

#[tokio::test]
async fn everything_that_it_can_say_goes_out() {
    let broker = Scripted::start().await;
    let property = |name: &str| UserProperty { name: name.to_owned(), value: "v".to_owned() };
    let full = DisconnectOptions {
        session_expiry: Some(7),
        reason_string: "bye".to_owned(),
        user_properties: vec![property("b"), property("a"), property("b")],
        ..with(0x98)
    };
    let user = b"\x26\x00\x01b\x00\x01v\x26\x00\x01a\x00\x01v\x26\x00\x01b\x00\x01v";
    let list = [b"\x11\x00\x00\x00\x07\x1f\x00\x03bye".as_slice(), user].concat();
    let whole = [&[0x98, u8::try_from(list.len()).unwrap()], list.as_slice()].concat();
    let zero = DisconnectOptions { session_expiry: Some(0), ..with(0) };
    let cases = [
        (full, whole),
        (with(0), Vec::new()),
        (zero, b"\x00\x05\x11\x00\x00\x00\x00".to_vec()),
        (with(0x04), b"\x04\x00".to_vec()),
    ];
    for (says, expected) in cases {
        let mut profile = profile(broker.port(), V5);
        profile.session_expiry = 60;
        let running = open(&profile);
        let mut peer = broker.welcome(V5).await;
        running.connected().await;
        let (said, rest) = tokio::join!(running.session.disconnect_with(says), peer.rest());
        said.unwrap();
        let last = rest.last().unwrap();
        assert_eq!(last.first, DISCONNECT);
        let body = if last.body == [4] { vec![4, 0] } else { last.body.clone() };
        assert_eq!(body, expected);
        assert_eq!(running.session.snapshot().borrow().state, SessionState::Disconnected);
    }
}

#[tokio::test]
async fn what_it_may_not_say_is_refused_and_the_connection_stays() {
    let broker = Scripted::start().await;
    let running = open(&profile(broker.port(), V5));
    let mut peer = broker.accept().await;
    peer.expect(CONNECT).await;
    peer.send(&connack(V5, false, 0, &[0x27, 0, 0, 0, 100])).await;
    running.connected().await;
    let cases = [
        (with(0x8e), ErrorCode::DisconnectOptionInvalid, "reason"),
        (
            DisconnectOptions { session_expiry: Some(1), ..with(0) },
            ErrorCode::DisconnectOptionInvalid,
            "session_expiry",
        ),
        (
            DisconnectOptions { reason_string: "\0".to_owned(), ..with(0) },
            ErrorCode::DisconnectOptionInvalid,
            "reason_string",
        ),
        (
            DisconnectOptions { reason_string: "x".repeat(200), ..with(0) },
            ErrorCode::MqttPacketTooLarge,
            "",
        ),
    ];
    for (says, code, field) in cases {
        let error = running.session.disconnect_with(says).await.unwrap_err();
        assert_code(&error, code);
        assert_eq!(error.details.get("field").map_or("", String::as_str), field);
    }
    let state = running.session.snapshot().borrow().state.clone();
    assert!(matches!(state, SessionState::Connected { .. }));
    assert!(!peer.comes_within(SHORT).await);
    for version in [ProtocolVersion::V31, ProtocolVersion::V311] {
        let running = open(&profile(broker.port(), version));
        let mut peer = broker.welcome(version).await;
        running.connected().await;
        let error = running.session.disconnect_with(with(4)).await.unwrap_err();
        assert_code(&error, ErrorCode::DisconnectOptionsNeed5);
        assert!(!peer.comes_within(SHORT).await);
    }
}

#[tokio::test]
async fn without_a_connection_a_wait_is_cancelled_whatever_it_would_have_said() {
    let port = Scripted::start().await.port();
    for version in VERSIONS {
        let mut profile = profile(port, version);
        profile.reconnect.first_delay_ms = 60_000;
        profile.reconnect.max_delay_ms = 60_000;
        let running = open(&profile);
        running.waiting().await;
        let said = running.session.disconnect_with(with(4)).await;
        assert_eq!(said.is_ok(), version == V5);
        running.session.disconnect().await;
        assert_eq!(running.session.snapshot().borrow().state, SessionState::Disconnected);
    }
}

#[tokio::test]
async fn with_will_message_mosquitto_publishes_it_and_without_it_does_not() {
    let broker = Mosquitto::start().await;
    let mut watching = profile(broker.port(), V5);
    watching.client_id = "watching".to_owned();
    watching.subscriptions = vec![subscription("will/#", QoS::AtMostOnce)];
    let watching = open(&watching);
    watching.granted().await;
    for (reason, topic) in [(0x00, "will/never"), (0x04, "will/said")] {
        let mut leaving = profile(broker.port(), V5);
        leaving.will = Some(mqttscope_model::Will {
            topic: topic.to_owned(),
            payload: typed(mqttscope_model::ByteFormat::Text, "gone"),
            qos: QoS::AtMostOnce,
            retain: false,
            properties: Default::default(),
        });
        let leaving = open(&leaving);
        leaving.connected().await;
        leaving.session.disconnect_with(with(reason)).await.unwrap();
    }
    watching.recorder.until_received(1).await;
    watching.recorder.look(|recorded| {
        let topics: Vec<_> = recorded.received().iter().map(|m| m.topic.as_str()).collect();
        assert_eq!(topics, ["will/said"]);
    });
}

#[tokio::test]
async fn a_session_that_is_to_expire_at_once_is_gone_at_mosquitto() {
    let broker = Mosquitto::start().await;
    for (seconds, present) in [(None, true), (Some(0), false)] {
        let mut profile = profile(broker.port(), V5);
        profile.clean_start = false;
        profile.session_expiry = 600;
        let running = open(&profile);
        running.connected().await;
        let says = DisconnectOptions { session_expiry: seconds, ..with(0) };
        running.session.disconnect_with(says).await.unwrap();
        let again = open(&profile);
        let SessionState::Connected { connack, .. } = again.connected().await.state else {
            panic!("it is not connected");
        };
        assert_eq!(connack.session_present, present);
        again.session.disconnect().await;
    }
}
