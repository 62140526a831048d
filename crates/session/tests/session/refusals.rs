//! A broker, or something else, that does not let the session in: each cause has its code, its words and its evidence.

use mqttscope_model::{ErrorCode, ProtocolVersion, SessionState};

use crate::support::mosquitto::Mosquitto;
use crate::support::scripted::{CONNECT, Scripted, connack};
use crate::support::{VERSIONS, assert_code, open, profile};

const V311: ProtocolVersion = ProtocolVersion::V311;
const V5: ProtocolVersion = ProtocolVersion::V5;

#[tokio::test]
async fn each_code_of_connack_has_its_cause() {
    let broker = Scripted::start().await;
    let cases = [
        (V311, 1, ErrorCode::MqttVersionRefused),
        (V311, 2, ErrorCode::MqttClientIdRefused),
        (V311, 4, ErrorCode::MqttNotAuthorised),
        (V311, 5, ErrorCode::MqttNotAuthorised),
        (ProtocolVersion::V31, 5, ErrorCode::MqttNotAuthorised),
        (V5, 0x80, ErrorCode::MqttRefused),
        (V5, 0x84, ErrorCode::MqttVersionRefused),
        (V5, 0x85, ErrorCode::MqttClientIdRefused),
        (V5, 0x86, ErrorCode::MqttNotAuthorised),
        (V5, 0x87, ErrorCode::MqttNotAuthorised),
        (V5, 0x8a, ErrorCode::MqttRefused),
        (V5, 0x9d, ErrorCode::MqttRefused),
    ];
    let mut wordings = std::collections::BTreeSet::new();
    for (version, code, expected) in cases {
        let running = open(&profile(broker.port(), version));
        let mut peer = broker.accept().await;
        peer.expect(CONNECT).await;
        peer.send(&connack(version, false, code, &[])).await;
        let error = running.failed().await;
        assert_code(&error, expected);
        if error.code == ErrorCode::MqttNotAuthorised {
            wordings.insert((error.message, error.hint));
        }
    }
    assert_eq!(wordings.len(), 1, "a wrong password is worded alike: {wordings:?}");
}

#[tokio::test]
async fn a_busy_broker_is_asked_again() {
    let broker = Scripted::start().await;
    for (version, code) in [(V311, 3), (V5, 0x88), (V5, 0x89)] {
        let running = open(&profile(broker.port(), version));
        let mut peer = broker.accept().await;
        peer.expect(CONNECT).await;
        peer.send(&connack(version, false, code, &[])).await;
        assert_code(&running.waiting().await, ErrorCode::MqttUnavailable);
        let _peer = broker.welcome(version).await;
        running.connected().await;
    }
}

#[tokio::test]
async fn what_a_refusal_says_beside_its_code_is_told() {
    let broker = Scripted::start().await;
    let running = open(&profile(broker.port(), V5));
    let mut peer = broker.accept().await;
    peer.expect(CONNECT).await;
    let said = b"\x26\x00\x01k\x00\x01v\x1f\x00\x05moved\x1c\x00\x07b:1883 ";
    peer.send(&connack(V5, false, 0x9d, said)).await;
    let error = running.failed().await;
    assert_eq!(error.details["reason"], "0x9D Server moved");
    assert_eq!(error.details["reason_string"], "moved");
    assert_eq!(error.details["server_reference"], "b:1883 ");
}

#[tokio::test]
async fn mosquitto_refuses_a_stranger() {
    let folder = tempfile::tempdir().unwrap();
    let passwords = folder.path().join("passwords");
    std::fs::write(&passwords, "").unwrap();
    let lines = format!("allow_anonymous false\npassword_file {}\n", passwords.display());
    let broker = Mosquitto::with(&lines).await;
    for version in VERSIONS {
        let running = open(&profile(broker.port(), version));
        assert_code(&running.failed().await, ErrorCode::MqttNotAuthorised);
    }
}

#[tokio::test]
async fn something_else_than_mqtt_is_shown_for_what_it_is() {
    let broker = Scripted::start().await;
    let cases: [(&[u8], &str, &str); 4] = [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "HTTP", "HTTP/1.1 400 Bad Request"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "SSH", "SSH-2.0-OpenSSH_9.2"),
        (b"\x15\x03\x01\x00\x02\x02\x28", "TLS", "15 03 01 00 02 02 28"),
        (b"\x99\x98\x00", "something else", "99 98 00"),
    ];
    for (bytes, name, evidence) in cases {
        for version in VERSIONS {
            let running = open(&profile(broker.port(), version));
            let mut peer = broker.accept().await;
            peer.expect(CONNECT).await;
            peer.send(bytes).await;
            let error = running.failed().await;
            assert_code(&error, ErrorCode::MqttMalformed);
            assert!(error.message.contains(name), "{error:?}");
            assert_eq!(error.details["evidence"], evidence);
        }
    }
}

#[tokio::test]
async fn a_close_before_connack_is_a_cause_of_its_own() {
    let broker = Scripted::start().await;
    for version in VERSIONS {
        let running = open(&profile(broker.port(), version));
        let mut peer = broker.accept().await;
        peer.expect(CONNECT).await;
        drop(peer);
        assert_code(&running.waiting().await, ErrorCode::MqttClosed);
    }
}

#[tokio::test]
async fn half_a_connack_and_a_close_is_a_close_before_connack() {
    let broker = Scripted::start().await;
    for version in VERSIONS {
        let running = open(&profile(broker.port(), version));
        let mut peer = broker.accept().await;
        peer.expect(CONNECT).await;
        peer.send(b"\x20\x02\x00").await;
        drop(peer);
        let error = running.waiting().await;
        assert_code(&error, ErrorCode::MqttClosed);
        assert_eq!(error.details["reason"], "closed in the middle of a packet");
    }
}

#[tokio::test]
async fn another_packet_in_place_of_connack_is_no_connection() {
    let broker = Scripted::start().await;
    let running = open(&profile(broker.port(), V5));
    let mut peer = broker.accept().await;
    peer.expect(CONNECT).await;
    peer.send(b"\xe0\x01\x87").await;
    let error = running.failed().await;
    assert_code(&error, ErrorCode::MqttNotAuthorised);
    assert!(matches!(running.session.snapshot().borrow().state, SessionState::Failed { .. }));
}

#[tokio::test]
async fn an_answer_in_the_form_of_an_older_version_is_understood() {
    let broker = Scripted::start().await;
    for code in [1, 0] {
        let running = open(&profile(broker.port(), V5));
        let mut peer = broker.accept().await;
        peer.expect(CONNECT).await;
        peer.send(&connack(V311, false, code, &[])).await;
        assert_code(&running.failed().await, ErrorCode::MqttVersionRefused);
    }
}
