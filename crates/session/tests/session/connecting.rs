//! Connecting, publishing to oneself and disconnecting, with each version against mosquitto; and what CONNECT and
//! CONNACK say.

use mqttscope_model::{
    ByteFormat, ConnectStage, ProtocolVersion, QoS, SessionState, StageVerdict, Will,
    WillProperties,
};

use crate::support::mosquitto::Mosquitto;
use crate::support::scripted::{self, CONNECT, DISCONNECT, Scripted, connack};
use crate::support::{VERSIONS, open, password_of, profile, publish, resolve, typed};

#[tokio::test]
async fn each_version_connects_subscribes_publishes_and_receives() {
    let broker = Mosquitto::start().await;
    for version in VERSIONS {
        let running = open(&profile(broker.port(), version));
        running.connected().await;
        running.subscribe("a/+", QoS::ExactlyOnce).await;
        for qos in [QoS::AtMostOnce, QoS::AtLeastOnce, QoS::ExactlyOnce] {
            let message = publish("a/b", &[u8::from(qos), 0, 255], qos);
            running.session.publish(message).await.unwrap();
        }
        running.recorder.until_received(3).await;
        running.recorder.look(|recorded| {
            for (message, qos) in recorded.received().iter().zip(0..) {
                assert_eq!(message.topic, "a/b");
                assert_eq!(u8::from(message.qos), qos);
                assert_eq!(message.payload, [qos, 0, 255]);
                assert!(!message.retain && !message.dup);
            }
        });
        running.session.disconnect().await;
    }
}

#[tokio::test]
async fn twenty_megabytes_go_each_way() {
    let broker = Mosquitto::start().await;
    for version in [ProtocolVersion::V311, ProtocolVersion::V5] {
        let running = open(&profile(broker.port(), version));
        running.connected().await;
        running.subscribe("large", QoS::AtLeastOnce).await;
        let payload: Vec<u8> = (0..20_000_000_u32).map(|n| (n % 251) as u8).collect();
        running.session.publish(publish("large", &payload, QoS::AtLeastOnce)).await.unwrap();
        running.recorder.until_received(1).await;
        running.recorder.look(|recorded| assert!(recorded.received()[0].payload == payload));
    }
}

#[tokio::test]
async fn connect_says_what_the_profile_says() {
    let broker = Scripted::start().await;
    let mut profile = profile(broker.port(), ProtocolVersion::V311);
    profile.user_name = "u".to_owned();
    profile.keep_alive = 7;
    profile.clean_start = false;
    profile.will = Some(Will {
        topic: "w".to_owned(),
        payload: typed(ByteFormat::Hex, "00 ff"),
        qos: QoS::AtLeastOnce,
        retain: true,
        properties: WillProperties::default(),
    });
    for (version, name) in [
        (ProtocolVersion::V31, b"\x00\x06MQIsdp\x03".as_slice()),
        (ProtocolVersion::V311, b"\x00\x04MQTT\x04"),
    ] {
        profile.version = version;
        let running = open(&profile);
        let connect = broker.accept().await.expect(CONNECT).await;
        let flags = 0b1010_1100;
        let rest = b"\x00\x07\x00\x06client\x00\x01w\x00\x02\x00\xff\x00\x01u";
        assert_eq!(connect.body, [name, &[flags], rest].concat());
        drop(running);
    }
}

#[tokio::test]
async fn the_password_goes_out_and_nowhere_else() {
    let broker = Scripted::start().await;
    let mut profile = profile(broker.port(), ProtocolVersion::V5);
    profile.user_name = "u".to_owned();
    let options = resolve(&profile, &password_of("hunter2")).unwrap();
    assert!(!format!("{options:?}").contains("hunter2"));
    let recorder = crate::support::recorder::Memory::committing();
    let session = mqttscope_session::Session::open(options, recorder, Default::default());
    let connect = broker.accept().await.expect(CONNECT).await;
    assert!(connect.body.ends_with(b"\x00\x01u\x00\x07hunter2"));
    assert!(!format!("{session:?} {:?}", session.snapshot().borrow()).contains("hunter2"));
}

#[tokio::test]
async fn what_connack_says_is_shown() {
    let broker = Scripted::start().await;
    let mut profile = profile(broker.port(), ProtocolVersion::V5);
    profile.client_id = String::new();
    profile.connect_properties.request_response_information = Some(true);
    let running = open(&profile);
    let mut peer = broker.accept().await;
    peer.expect(CONNECT).await;
    let mut said = vec![0x11, 0, 0, 0, 9, 0x21, 0, 20, 0x24, 1, 0x25, 0, 0x27, 0, 0, 4, 0];
    said.extend(b"\x12\x00\x02me\x22\x00\x05\x1f\x00\x02hi\x13\x00\x1e\x1c\x00\x02at");
    said.extend(b"\x28\x01\x29\x00\x2a\x01\x1a\x00\x01r");
    said.extend(b"\x26\x00\x01z\x00\x011\x26\x00\x01a\x00\x00\x26\x00\x01z\x00\x012");
    peer.send(&connack(ProtocolVersion::V5, false, 0, &said)).await;
    let snapshot = running.connected().await;
    let SessionState::Connected { connack, address, .. } = snapshot.state else { unreachable!() };
    assert_eq!(address, format!("127.0.0.1:{}", broker.port()));
    assert_eq!(connack.assigned_client_id.as_deref(), Some("me"));
    assert_eq!((connack.session_expiry, connack.receive_maximum), (Some(9), Some(20)));
    assert_eq!((connack.maximum_qos, connack.retain_available), (Some(1), Some(false)));
    assert_eq!((connack.maximum_packet_size, connack.topic_alias_maximum), (Some(1_024), Some(5)));
    assert_eq!((connack.reason_string.as_deref(), connack.keep_alive), (Some("hi"), 30));
    assert!(connack.keep_alive_is_the_servers);
    assert_eq!(connack.server_reference.as_deref(), Some("at"));
    assert_eq!((connack.wildcard_available, connack.shared_available), (Some(true), Some(true)));
    assert_eq!(connack.subscription_identifiers_available, Some(false));
    assert_eq!(connack.response_information.as_deref(), Some("r"));
    let pairs: Vec<_> =
        connack.user_properties.iter().map(|p| (p.name.as_str(), p.value.as_str())).collect();
    assert_eq!(pairs, [("z", "1"), ("a", ""), ("z", "2")]);
    let stages = snapshot.last_attempt.unwrap().stages;
    let stages: Vec<_> = stages.iter().map(|record| (record.stage, record.verdict)).collect();
    let expected = [ConnectStage::Name, ConnectStage::Tcp, ConnectStage::Mqtt];
    assert_eq!(stages, expected.map(|stage| (stage, StageVerdict::Passed)));
}

#[tokio::test]
async fn disconnect_sends_disconnect_and_connects_again_when_asked() {
    let broker = Scripted::start().await;
    for version in VERSIONS {
        let running = open(&profile(broker.port(), version));
        let mut peer = broker.welcome(version).await;
        running.connected().await;
        let (said, ()) = tokio::join!(peer.rest(), running.session.disconnect());
        assert_eq!(said.last().map(|packet| packet.first), Some(DISCONNECT));
        assert_eq!(running.session.snapshot().borrow().state, SessionState::Disconnected);
        running.session.reconnect_now();
        let _peer = broker.welcome(version).await;
        running.connected().await;
    }
}

#[tokio::test]
async fn dropping_the_handle_sends_disconnect() {
    let broker = Scripted::start().await;
    let running = open(&profile(broker.port(), ProtocolVersion::V5));
    let mut peer = broker.welcome(ProtocolVersion::V5).await;
    running.connected().await;
    drop(running);
    assert_eq!(peer.rest().await.last().map(|packet| packet.first), Some(DISCONNECT));
}

#[tokio::test]
async fn disconnect_has_a_deadline_although_messages_are_on_their_way() {
    let broker = Scripted::start().await;
    for version in VERSIONS {
        let running = open(&profile(broker.port(), version));
        let mut peer = broker.welcome(version).await;
        running.connected().await;
        let message = publish("a", b"never acknowledged", QoS::AtLeastOnce);
        let id = running.publish(message).await;
        let started = std::time::Instant::now();
        let (said, ()) = tokio::join!(peer.rest(), running.session.disconnect());
        assert!(started.elapsed() < std::time::Duration::from_secs(5));
        assert_eq!(said.last().map(|packet| packet.first), Some(DISCONNECT), "{said:?}");
        let outcome = running.recorder.outcome(id).await;
        let code = mqttscope_model::ErrorCode::RequestLost;
        assert_eq!(outcome, mqttscope_model::Outcome::Failed { code });
    }
}

#[tokio::test]
async fn disconnect_reaches_a_broker_that_is_flooding() {
    let broker = Scripted::start().await;
    let version = ProtocolVersion::V5;
    let running = open(&profile(broker.port(), version));
    let mut peer = broker.welcome(version).await;
    running.connected().await;
    running.recorder.set_hold(true);
    running.until(|snapshot| snapshot.traffic.held_back).await;
    let flood = scripted::publish(version, "flood", 0, 0, &[7; 1_000]).repeat(100);
    peer.send(&flood).await;
    let (said, ()) = tokio::join!(peer.rest(), running.session.disconnect());
    assert_eq!(said.last().map(|packet| packet.first), Some(DISCONNECT));
}
