//! CONNECT byte by byte: every property of MQTT 5 that a profile can say, and none of them before MQTT 5.

use mqttscope_model::{
    ByteFormat, ConnectInfo, ErrorCode, Profile, ProtocolVersion, QoS, Secrets, TypedBytes,
    UserProperty, Will, WillProperties,
};

use crate::support::scripted::{CONNECT, PUBLISH, Packet, Scripted, connack, packet, varint};
use crate::support::{VERSIONS, assert_code, open, profile, resolve, typed};

async fn connect_of(broker: &Scripted, profile: &Profile) -> Packet {
    let _running = open(profile);
    broker.accept().await.expect(CONNECT).await
}

fn pair(name: &str, value: &str) -> UserProperty {
    UserProperty { name: name.to_owned(), value: value.to_owned() }
}

/// Everything that can be said.
fn complete(port: u16, version: ProtocolVersion) -> Profile {
    let mut profile = profile(port, version);
    profile.session_expiry = 0x0102_0304;
    let said = &mut profile.connect_properties;
    said.receive_maximum = Some(0x0506);
    said.maximum_packet_size = Some(0x0708_090a);
    said.topic_alias_maximum = Some(0x0b0c);
    said.request_response_information = Some(true);
    said.request_problem_information = Some(false);
    said.user_properties = vec![pair("b", "1"), pair("a", ""), pair("b", "1"), pair("ä", "2")];
    profile.will = Some(Will {
        topic: "w".to_owned(),
        payload: typed(ByteFormat::Base64, "/wA="),
        qos: QoS::ExactlyOnce,
        retain: false,
        properties: WillProperties {
            delay_interval: Some(0x1112_1314),
            payload_is_utf8: Some(false),
            message_expiry: Some(0x1516_1718),
            content_type: Some("c/t".to_owned()),
            response_topic: Some("r/t".to_owned()),
            correlation_data: Some(TypedBytes {
                format: ByteFormat::Hex,
                text: "00 ff".to_owned(),
            }),
            user_properties: vec![pair("z", "1"), pair("a", "2"), pair("z", "3")],
        },
    });
    profile
}

#[tokio::test]
async fn every_property_goes_out_with_user_properties_repeated_and_in_order() {
    let broker = Scripted::start().await;
    let connect = connect_of(&broker, &complete(broker.port(), ProtocolVersion::V5)).await;
    let mut said = vec![0x11, 1, 2, 3, 4, 0x21, 5, 6, 0x27, 7, 8, 9, 10, 0x22, 11, 12];
    said.extend([0x19, 1, 0x17, 0]);
    said.extend(b"\x26\x00\x01b\x00\x011\x26\x00\x01a\x00\x00\x26\x00\x01b\x00\x011");
    said.extend("\x26\x00\x02ä\x00\x012".as_bytes());
    let mut will = vec![0x18, 0x11, 0x12, 0x13, 0x14, 0x01, 0, 0x02, 0x15, 0x16, 0x17, 0x18];
    will.extend(b"\x03\x00\x03c/t\x08\x00\x03r/t\x09\x00\x02\x00\xff");
    will.extend(b"\x26\x00\x01z\x00\x011\x26\x00\x01a\x00\x012\x26\x00\x01z\x00\x013");
    let expected = [
        b"\x00\x04MQTT\x05\x16\x00\x3c".to_vec(),
        varint(said.len()),
        said,
        b"\x00\x06client".to_vec(),
        varint(will.len()),
        will,
        b"\x00\x01w\x00\x02\xff\x00".to_vec(),
    ];
    assert_eq!(connect.body, expected.concat());
}

#[tokio::test]
async fn what_is_not_set_is_not_sent_and_a_false_is_not_nothing() {
    let broker = Scripted::start().await;
    let mut profile = profile(broker.port(), ProtocolVersion::V5);
    let plain = connect_of(&broker, &profile).await;
    assert_eq!(plain.body, b"\x00\x04MQTT\x05\x02\x00\x3c\x00\x00\x06client");
    profile.connect_properties.request_problem_information = Some(true);
    profile.connect_properties.request_response_information = Some(false);
    profile.connect_properties.topic_alias_maximum = Some(0);
    let said = connect_of(&broker, &profile).await;
    let list = b"\x07\x22\x00\x00\x19\x00\x17\x01";
    let expected = [b"\x00\x04MQTT\x05\x02\x00\x3c".as_slice(), list, b"\x00\x06client"];
    assert_eq!(said.body, expected.concat());
}

#[tokio::test]
async fn the_snapshot_says_what_connect_asked() {
    let broker = Scripted::start().await;
    for version in VERSIONS {
        let mut profile = complete(broker.port(), version);
        profile.client_id = "{{hostname}}-{{random}}".to_owned();
        let running = open(&profile);
        let sent = broker.accept().await.expect(CONNECT).await;
        let told = running.session.snapshot().borrow().connect.clone().unwrap();
        let same = ConnectInfo {
            version,
            client_id: "bench-r4nd0m88".to_owned(),
            clean_start: true,
            keep_alive: 60,
            ..ConnectInfo::default()
        };
        let expected = match version {
            ProtocolVersion::V5 => ConnectInfo {
                session_expiry: Some(0x0102_0304),
                receive_maximum: Some(0x0506),
                maximum_packet_size: Some(0x0708_090a),
                topic_alias_maximum: Some(0x0b0c),
                ..same
            },
            _ => same,
        };
        assert_eq!(told, expected);
        let id = told.client_id.as_bytes();
        assert!(sent.body.windows(id.len()).any(|part| part == id));
    }
    let plain = profile(broker.port(), ProtocolVersion::V5);
    let told = open(&plain).session.snapshot().borrow().connect.clone().unwrap();
    assert_eq!(told.session_expiry, None, "0 is not sent");
}

#[tokio::test]
async fn nothing_of_mqtt_5_goes_out_before_it() {
    let broker = Scripted::start().await;
    for version in [ProtocolVersion::V31, ProtocolVersion::V311] {
        let everything = connect_of(&broker, &complete(broker.port(), version)).await;
        let expected = match version {
            ProtocolVersion::V31 => b"\x00\x06MQIsdp\x03".to_vec(),
            _ => b"\x00\x04MQTT\x04".to_vec(),
        };
        let rest = b"\x16\x00\x3c\x00\x06client\x00\x01w\x00\x02\xff\x00".to_vec();
        assert_eq!(everything.body, [expected, rest].concat());
    }
}

#[tokio::test]
async fn placeholders_are_filled_in_once_and_a_connection_made_again_keeps_the_identifier() {
    let broker = Scripted::start().await;
    for version in VERSIONS {
        let mut profile = profile(broker.port(), version);
        profile.client_id = "{{hostname}}-{{random}}".to_owned();
        let running = open(&profile);
        let mut peer = broker.accept().await;
        let first = peer.expect(CONNECT).await;
        assert!(first.body.ends_with(b"\x00\x0ebench-r4nd0m88"), "{first:02x?}");
        peer.send(&connack(version, false, 0, &[])).await;
        running.connected().await;
        drop(peer);
        assert_eq!(broker.accept().await.expect(CONNECT).await, first);
    }
}

#[tokio::test]
async fn a_message_beyond_our_own_maximum_packet_size_ends_the_connection() {
    let broker = Scripted::start().await;
    let mut profile = profile(broker.port(), ProtocolVersion::V5);
    profile.connect_properties.maximum_packet_size = Some(100);
    let running = open(&profile);
    let mut peer = broker.welcome(ProtocolVersion::V5).await;
    running.connected().await;
    peer.send(&packet(PUBLISH, &[b"\x00\x01t\x00".as_slice(), &[b'x'; 90]].concat())).await;
    running.recorder.until_received(1).await;
    peer.send(&packet(PUBLISH, &[b"\x00\x01t\x00".as_slice(), &[b'x'; 100]].concat())).await;
    assert_code(&running.failed().await, ErrorCode::MqttPacketTooLarge);
    let rest = peer.rest().await;
    assert_eq!(rest.last().map(|packet| packet.body.first()), Some(Some(&0x95)), "{rest:02x?}");
}

#[test]
fn what_cannot_be_sent_is_refused_with_its_field() {
    let refused = |change: &dyn Fn(&mut Profile)| {
        let mut profile = complete(1883, ProtocolVersion::V5);
        change(&mut profile);
        let error = resolve(&profile, &Secrets::default()).unwrap_err();
        assert_code(&error, ErrorCode::ProfileInvalid);
        error.details["field"].clone()
    };
    let long = "x".repeat(65_536);
    let field = refused(&|p| p.connect_properties.receive_maximum = Some(0));
    assert_eq!(field, "connect_properties.receive_maximum");
    let field = refused(&|p| p.connect_properties.maximum_packet_size = Some(0));
    assert_eq!(field, "connect_properties.maximum_packet_size");
    let field = refused(&|p| p.connect_properties.user_properties.push(pair("a", &long)));
    assert_eq!(field, "connect_properties.user_properties");
    let will = |change: &dyn Fn(&mut Will)| refused(&|p| change(p.will.as_mut().unwrap()));
    assert_eq!(will(&|w| w.payload = typed(ByteFormat::Hex, "0")), "will.payload");
    assert_eq!(will(&|w| w.payload = typed(ByteFormat::Json, "{")), "will.payload");
    assert_eq!(will(&|w| w.payload = typed(ByteFormat::Text, &long)), "will.payload");
    let data = TypedBytes { format: ByteFormat::Base64, text: "?".to_owned() };
    let field = will(&|w| w.properties.correlation_data = Some(data.clone()));
    assert_eq!(field, "will.properties.correlation_data");
    let field = will(&|w| w.properties.response_topic = Some("a/#".to_owned()));
    assert_eq!(field, "will.properties.response_topic");
    let field = will(&|w| w.properties.content_type = Some("a\0".to_owned()));
    assert_eq!(field, "will.properties.content_type");
    let field = will(&|w| w.properties.user_properties.push(pair("\0", "")));
    assert_eq!(field, "will.properties.user_properties");
}
