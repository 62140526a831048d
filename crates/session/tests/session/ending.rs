//! However a connection ends, the messages that came before its end are recorded, and the cause is told.

use mqttscope_model::{ErrorCode, ProtocolVersion, UserError};

use crate::support::scripted::{self, CONNECT, DISCONNECT, Scripted, connack};
use crate::support::{VERSIONS, assert_code, open, profile};

/// Messages enough to fill more than one read, then `end` in the same write; gives the cause. With `together`, CONNACK too.
async fn flood_then(version: ProtocolVersion, end: &[u8], together: bool) -> UserError {
    let broker = Scripted::start().await;
    let running = open(&profile(broker.port(), version));
    let mut peer = broker.accept().await;
    peer.expect(CONNECT).await;
    let connack = connack(version, false, 0, &[]);
    if !together {
        peer.send(&connack).await;
        running.connected().await;
    }
    let mut bytes = if together { connack } else { Vec::new() };
    for n in 0..500 {
        bytes.extend(scripted::publish(version, "t", 0, 0, format!("{n}").as_bytes()));
    }
    bytes.extend_from_slice(end);
    peer.send(&bytes).await;
    peer.finish().await;
    let error = running.waiting().await;
    running.recorder.until_received(500).await;
    let payloads = running.recorder.look(|recorded| recorded.payloads());
    assert!(payloads.iter().zip(0..).all(|(payload, n)| *payload == n.to_string()));
    error
}

#[tokio::test]
async fn messages_before_the_end_of_the_stream_are_recorded() {
    for version in VERSIONS {
        for together in [false, true] {
            let error = flood_then(version, b"", together).await;
            assert_code(&error, ErrorCode::MqttConnectionLost);
        }
    }
}

#[tokio::test]
async fn messages_before_a_disconnect_are_recorded_and_its_words_are_told() {
    let disconnect = scripted::packet(DISCONNECT, b"\x8b\x07\x1f\x00\x04soon");
    for together in [false, true] {
        let error = flood_then(ProtocolVersion::V5, &disconnect, together).await;
        assert_code(&error, ErrorCode::MqttDisconnected);
        assert_eq!(error.details["reason"], "0x8B Server shutting down");
        assert_eq!(error.details["reason_string"], "soon");
    }
}

#[tokio::test]
async fn messages_before_garbage_are_recorded_and_the_garbage_is_shown() {
    for version in VERSIONS {
        for together in [false, true] {
            let error = flood_then(version, b"\x00\x01garbage", together).await;
            assert_code(&error, ErrorCode::MqttMalformed);
            assert!(error.details["evidence"].starts_with("00 01 67 61"), "{error:?}");
        }
    }
}

#[tokio::test]
async fn messages_before_a_malformed_message_are_recorded() {
    for version in VERSIONS {
        let error = flood_then(version, b"\x36\x05\x00\x01t\x00\x01", false).await;
        assert_code(&error, ErrorCode::MqttMalformed);
        let error = flood_then(version, b"\x30\x06\x00\x09t\x00\x01\x00", false).await;
        assert_code(&error, ErrorCode::MqttMalformed);
    }
}

#[tokio::test]
async fn messages_before_an_acknowledgement_that_nobody_waits_for_are_recorded() {
    for version in VERSIONS {
        let error = flood_then(version, b"\x40\x02\x00\x63", false).await;
        assert_code(&error, ErrorCode::MqttProtocolError);
    }
}

#[tokio::test]
async fn half_a_packet_and_the_end_is_a_loss_that_says_so() {
    for version in VERSIONS {
        let error = flood_then(version, b"\x30\x64\x00\x01t", false).await;
        assert_code(&error, ErrorCode::MqttConnectionLost);
        assert_eq!(error.details["reason"], "closed in the middle of a packet");
    }
}

#[tokio::test]
async fn a_takeover_is_told_and_not_answered_with_another() {
    let broker = Scripted::start().await;
    let running = open(&profile(broker.port(), ProtocolVersion::V5));
    let mut peer = broker.welcome(ProtocolVersion::V5).await;
    running.connected().await;
    peer.send(b"\xe0\x01\x8e").await;
    assert_code(&running.failed().await, ErrorCode::MqttTakenOver);
}

#[tokio::test]
async fn a_broker_that_answers_no_ping_is_given_up() {
    let broker = Scripted::start().await;
    for version in VERSIONS {
        let mut profile = profile(broker.port(), version);
        profile.keep_alive = 1;
        let running = open(&profile);
        let _silent = broker.welcome(version).await;
        let error = running.waiting().await;
        assert_code(&error, ErrorCode::MqttKeepAliveTimedOut);
    }
}
