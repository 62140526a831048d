//! What the MQTT library must be given or must not be left to, one test for each where the others have none.

use std::time::Duration;

use mqttscope_model::{ErrorCode, ProtocolVersion, QoS, Scheme, Secrets, StreamEnd};

use crate::support::scripted::{self, CONNECT, PINGREQ, PUBLISH, Scripted, connack};
use crate::support::{VERSIONS, assert_code, open, profile, publish, resolve, subscription};

#[tokio::test]
async fn a_bounded_number_of_messages_is_on_its_way_and_more_follow_their_acknowledgements() {
    let broker = Scripted::start().await;
    for version in VERSIONS {
        let running = open(&profile(broker.port(), version));
        let mut peer = broker.welcome(version).await;
        running.connected().await;
        let mut last = None;
        for _ in 0..600 {
            let message = publish("t", b"x", QoS::AtLeastOnce);
            last = Some(running.publish(message).await);
        }
        let mut came = Vec::new();
        while peer.comes_within(Duration::from_millis(200)).await {
            came.push(peer.expect(PUBLISH).await.publish_id());
        }
        let most = if version == ProtocolVersion::V5 { 100 } else { 20 };
        assert_eq!(came.len(), most, "{version}");
        for id in came {
            peer.send(&scripted::ack(0x40, id)).await;
        }
        for _ in most..600 {
            let id = peer.expect(PUBLISH).await.publish_id();
            peer.send(&scripted::ack(0x40, id)).await;
        }
        running.recorder.outcome(last.unwrap()).await;
        running.recorder.until(|recorded| recorded.outcomes.len() == 600).await;
    }
}

#[tokio::test]
async fn the_next_attempt_does_not_know_what_the_last_broker_set() {
    let broker = Scripted::start().await;
    let mut profile = profile(broker.port(), ProtocolVersion::V5);
    profile.client_id = String::new();
    profile.clean_start = false;
    profile.session_expiry = 60;
    let running = open(&profile);
    let mut peer = broker.accept().await;
    let first = peer.expect(CONNECT).await;
    let said = b"\x12\x00\x08assigned\x13\x00\x01";
    peer.send(&connack(ProtocolVersion::V5, false, 0, said)).await;
    running.connected().await;
    peer.expect(PINGREQ).await;
    drop(peer);
    let second = broker.accept().await.expect(CONNECT).await;
    assert_eq!(first, second);
}

#[tokio::test]
async fn a_session_that_the_broker_kept_is_taken_although_nothing_is_known_of_it() {
    let broker = Scripted::start().await;
    for version in VERSIONS {
        let mut profile = profile(broker.port(), version);
        profile.clean_start = false;
        profile.session_expiry = 60;
        profile.subscriptions = vec![subscription("t", QoS::ExactlyOnce)];
        let running = open(&profile);
        let mut peer = broker.accept().await;
        peer.expect(CONNECT).await;
        peer.send(&connack(version, true, 0, &[])).await;
        running.connected().await;
        peer.expect(scripted::SUBSCRIBE).await;
        // PUBREL of a message whose PUBREC an earlier run of the application sent.
        peer.send(&scripted::ack(0x62, 9)).await;
        assert_eq!(peer.expect(0x70).await.id(), 9);
        let message = publish("t", b"x", QoS::AtLeastOnce);
        let id = running.publish(message).await;
        let sent = peer.expect(PUBLISH).await.publish_id();
        peer.send(&scripted::ack(0x40, sent)).await;
        let outcome = running.recorder.outcome(id).await;
        assert!(matches!(outcome, mqttscope_model::Outcome::Acknowledged { .. }));
    }
}

#[tokio::test]
async fn a_time_limit_names_the_stage_that_it_ended() {
    let broker = Scripted::start().await;
    let cases = [
        (Scheme::Mqtt, ErrorCode::MqttTimedOut),
        (Scheme::Ws, ErrorCode::WebSocketTimedOut),
        (Scheme::Mqtts, ErrorCode::TlsTimedOut),
    ];
    for (scheme, code) in cases {
        for version in [ProtocolVersion::V311, ProtocolVersion::V5] {
            let mut profile = profile(broker.port(), version);
            profile.endpoint.scheme = scheme;
            profile.connect_timeout = 1;
            profile.tls.verify = false;
            let running = open(&profile);
            let _silent = broker.accept().await;
            assert_code(&running.waiting().await, code);
            // A stage that runs out of time tells what it saw until then.
            let facts = running.account().facts;
            let end = facts.mqtt.as_ref().and_then(|mqtt| mqtt.end);
            assert_eq!(end, (scheme == Scheme::Mqtt).then_some(StreamEnd::TimedOut));
            assert_eq!(facts.tls.is_some(), scheme == Scheme::Mqtts);
            assert_eq!(facts.websocket.is_some(), scheme == Scheme::Ws);
        }
    }
}

#[tokio::test]
async fn options_that_the_library_would_panic_on_are_refused() {
    let mut profile = profile(1883, ProtocolVersion::V311);
    profile.client_id = String::new();
    profile.clean_start = false;
    let error = resolve(&profile, &Secrets::default()).unwrap_err();
    assert_code(&error, ErrorCode::ProfileInvalid);
}

#[tokio::test]
async fn pings_go_out_while_requests_wait_for_their_answers() {
    let broker = Scripted::start().await;
    for version in VERSIONS {
        let mut profile = profile(broker.port(), version);
        profile.keep_alive = 1;
        profile.subscriptions = vec![subscription("never/answered", QoS::AtMostOnce)];
        let running = open(&profile);
        let mut peer = broker.welcome(version).await;
        running.connected().await;
        peer.expect(scripted::SUBSCRIBE).await;
        for _ in 0..2 {
            peer.expect(PINGREQ).await;
            peer.send(b"\xd0\x00").await;
        }
    }
}

#[tokio::test]
async fn keep_alive_zero_sends_no_ping() {
    let broker = Scripted::start().await;
    for version in VERSIONS {
        let mut profile = profile(broker.port(), version);
        profile.keep_alive = 0;
        let running = open(&profile);
        let mut peer = broker.welcome(version).await;
        running.connected().await;
        assert!(!peer.comes_within(Duration::from_millis(300)).await);
    }
}
