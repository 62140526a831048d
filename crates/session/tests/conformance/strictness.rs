//! What a broker must not send: each breach ends the connection with its cause, with DISCONNECT and its Reason Code in MQTT 5,
//! and with nothing of it recorded; and the odd things that it may send end nothing.

use std::sync::Arc;

use mqttscope_model::{
    ErrorCode, PacketFilter, PacketFrom, PacketKind, PacketRow, Profile, ProtocolVersion, QoS,
    Secrets,
};
use mqttscope_packets::{Tape, Timeline};
use mqttscope_session::Session;

use crate::support::recorder::Memory;
use crate::support::scripted::{
    self, CONNECT, DISCONNECT, PUBACK, PUBCOMP, PUBLISH, PUBREC, SUBSCRIBE, Scripted, connack,
    packet,
};
use crate::support::{Running, SHORT, assert_code, open, profile, resolve, subscription};

const V5: ProtocolVersion = ProtocolVersion::V5;
const BOTH: [ProtocolVersion; 2] = [ProtocolVersion::V311, V5];

fn once(port: u16, version: ProtocolVersion) -> Profile {
    let mut profile = profile(port, version);
    profile.reconnect.enabled = false;
    profile
}

/// A PUBLISH with these bytes between the Topic Name and the payload.
fn message(first: u8, topic: &[u8], between: &[u8]) -> Vec<u8> {
    let length = u16::try_from(topic.len()).unwrap().to_be_bytes();
    packet(first, &[&length, topic, between, b"x"].concat())
}

/// A breach: what it is, its bytes, and the code that DISCONNECT must have in MQTT 5, where one must be sent.
type Breach<'a> = (&'a str, Vec<u8>, Option<u8>);

/// The broker sends each after its CONNACK, over a connection of its own.
async fn each_ends_the_connection(version: ProtocolVersion, breaches: &[Breach<'_>]) {
    let broker = Scripted::start().await;
    for (what, bytes, says) in breaches {
        let running = open(&once(broker.port(), version));
        let mut peer = broker.welcome(version).await;
        running.connected().await;
        peer.send(bytes).await;
        let code = running.failed().await.code;
        let codes = [ErrorCode::MqttMalformed, ErrorCode::MqttProtocolError];
        assert!(codes.contains(&code), "{version} {what}: {code:?}");
        let says = says.filter(|_| version == V5);
        let said: Vec<_> = peer.rest().await.iter().map(|p| (p.first, p.body[0])).collect();
        assert_eq!(said, Vec::from_iter(says.map(|says| (DISCONNECT, says))), "{version} {what}");
        assert_eq!(running.recorder.look(|r| r.messages.len()), 0, "{version} {what}");
    }
}

#[tokio::test]
async fn a_packet_that_breaks_a_rule_of_both_versions_ends_the_connection() {
    for version in BOTH {
        let none: &[u8] = if version == V5 { b"\0" } else { b"" };
        let with_id = [b"\x00\x01", none].concat();
        let without_id = [b"\x00\x00", none].concat();
        let breaches: [Breach<'_>; 16] = [
            ("QoS 3", message(0x36, b"t", &with_id), Some(0x81)),
            ("DUP at QoS 0", message(0x38, b"t", none), Some(0x81)),
            ("a Packet Identifier of 0", message(0x32, b"t", &without_id), Some(0x82)),
            ("a topic that is no UTF-8", message(0x30, b"a\xff", none), Some(0x81)),
            ("a surrogate", message(0x30, b"a\xed\xa0\x80", none), Some(0x81)),
            ("U+0000", message(0x30, b"a\0b", none), Some(0x81)),
            ("a wildcard in a Topic Name", message(0x30, b"a/#", none), Some(0x81)),
            ("PUBREL with other flags", packet(0x60, b"\x00\x01"), Some(0x81)),
            ("PUBACK with flags", packet(0x41, b"\x00\x01"), Some(0x81)),
            ("PINGRESP with flags", b"\xd1\x00".to_vec(), Some(0x81)),
            ("PINGREQ", b"\xc0\x00".to_vec(), Some(0x82)),
            ("type 0", b"\x00\x00".to_vec(), Some(0x81)),
            ("a length of five bytes", b"\x30\xff\xff\xff\xff\x01".to_vec(), Some(0x81)),
            ("a second CONNACK", connack(version, false, 0, &[]), Some(0x82)),
            ("a PUBACK for nothing", packet(0x40, b"\x00\x07"), None),
            ("a PUBREC for nothing", packet(0x50, b"\x00\x07"), None),
        ];
        each_ends_the_connection(version, &breaches).await;
    }
}

#[tokio::test]
async fn a_packet_that_breaks_a_rule_of_mqtt_5_ends_the_connection() {
    let no_text = b"\x07\x26\x00\x01\xff\x00\x01v";
    let breaches: [Breach<'_>; 8] = [
        ("Topic Alias 0", message(PUBLISH, b"t", b"\x03\x23\x00\x00"), Some(0x94)),
        ("a property that is none", message(PUBLISH, b"t", b"\x02\x7f\x00"), Some(0x81)),
        ("a CONNECT's property", message(PUBLISH, b"t", b"\x03\x21\x00\x01"), Some(0x81)),
        ("properties beyond the packet", message(PUBLISH, b"t", b"\x7f"), Some(0x81)),
        ("a User Property that is no UTF-8", message(PUBLISH, b"t", no_text), Some(0x81)),
        ("AUTH without a method", packet(0xf0, b"\x18\x00"), Some(0x82)),
        ("AUTH with flags", packet(0xf1, b"\x18\x00"), Some(0x81)),
        ("a code that PUBACK has not", packet(0x40, b"\x00\x01\x01"), Some(0x81)),
    ];
    each_ends_the_connection(V5, &breaches).await;
    // What was told by a DISCONNECT stays told, also where its flags are wrong.
    let broker = Scripted::start().await;
    let running = open(&once(broker.port(), V5));
    let mut peer = broker.welcome(V5).await;
    running.connected().await;
    peer.send(&packet(0xe1, b"\x8b\x00")).await;
    assert_code(&running.failed().await, ErrorCode::MqttDisconnected);
    assert_eq!(peer.rest().await[0].body[0], 0x81);
}

#[tokio::test]
async fn a_release_of_nothing_is_completed_with_the_code_that_says_so() {
    let broker = Scripted::start().await;
    for version in BOTH {
        let running = open(&profile(broker.port(), version));
        let mut peer = broker.welcome(version).await;
        running.connected().await;
        peer.send(&packet(0x62, b"\x00\x07")).await;
        let completed = peer.expect(0x70).await;
        assert_eq!(completed.id(), 7);
        let code = completed.body.get(2);
        assert_eq!(code, Some(&0x92).filter(|_| version == V5), "{version}");
    }
}

#[tokio::test]
async fn a_release_that_says_not_found_is_completed_and_its_message_counts_no_more() {
    let broker = Scripted::start().await;
    let tape = Arc::new(Tape::new(1024 * 1024));
    let timeline = Timeline::new(Arc::clone(&tape));
    let options = resolve(&profile(broker.port(), V5), &Secrets::default()).unwrap().taped(tape);
    let recorder = Memory::committing();
    let session = Session::open(options, recorder.clone(), Default::default());
    let running = Running { session, recorder };
    let mut peer = broker.welcome(V5).await;
    running.connected().await;
    peer.send(&scripted::publish(V5, "t", 2, 7, b"x")).await;
    assert_eq!(peer.expect(PUBREC).await.id(), 7);
    running.until(|snapshot| snapshot.in_flight.received == 1).await;
    // The broker has lost it; what follows is one that we have not either, and a message beside them.
    let releases = [packet(0x62, b"\x00\x07\x92"), packet(0x62, b"\x00\x08\x92\x00")].concat();
    peer.send(&[releases, scripted::publish(V5, "t", 1, 9, b"y")].concat()).await;
    let completed = [peer.expect(PUBCOMP).await, peer.expect(PUBCOMP).await];
    assert_eq!(completed.map(|packet| packet.body), [vec![0, 7], vec![0, 8, 0x92, 0]]);
    assert_eq!(peer.expect(PUBACK).await.id(), 9);
    running.until(|snapshot| snapshot.in_flight.received == 0).await;
    // It is shown as it came.
    let of_releases = PacketFilter { kinds: vec![PacketKind::Pubrel], ..PacketFilter::default() };
    let page = timeline.page(&of_releases, PacketFrom::Place { place: 0 }, 10);
    let bytes = |row: &PacketRow| timeline.detail(row.number).unwrap().bytes.0;
    let shown: Vec<_> = page.rows.iter().map(bytes).collect();
    assert_eq!(shown, [b"\x62\x03\x00\x07\x92".to_vec(), b"\x62\x04\x00\x08\x92\x00".to_vec()]);
}

#[tokio::test]
async fn words_that_were_not_asked_for_end_the_connection_unless_they_may_come() {
    let broker = Scripted::start().await;
    let words = b"\x05\x1f\x00\x02no";
    for (first, before) in [
        (0x40, b"\x00\x01\x00".as_slice()),
        (0x50, b"\x00\x01\x00"),
        (0x62, b"\x00\x07\x00"),
        (0x90, b"\x00\x01"),
    ] {
        for asks in [Some(false), Some(true), None] {
            let mut profile = once(broker.port(), V5);
            profile.connect_properties.request_problem_information = asks;
            let running = open(&profile);
            let mut peer = broker.accept().await;
            peer.expect(CONNECT).await;
            // These may have words.
            peer.send(&connack(V5, false, 0, &words[1..])).await;
            running.connected().await;
            peer.send(&message(0x30, b"t", b"\x07\x26\x00\x01a\x00\x01b")).await;
            running.recorder.until_received(1).await;
            match first {
                0x40 | 0x50 => {
                    let qos = if first == 0x40 { QoS::AtLeastOnce } else { QoS::ExactlyOnce };
                    running.publish(crate::support::publish("t", b"x", qos)).await;
                    peer.expect(PUBLISH).await;
                }
                0x90 => {
                    let session = &running.session;
                    let wanted = vec![subscription("a", QoS::AtMostOnce)];
                    let asked = async { peer.expect(SUBSCRIBE).await };
                    let (_asks_for_ever, asked) =
                        tokio::join!(tokio::time::timeout(SHORT, session.subscribe(wanted)), asked);
                    assert_eq!(asked.id(), 1);
                }
                _ => {}
            }
            let codes: &[u8] = if first == 0x90 { b"\x00" } else { b"" };
            let answer = packet(first, &[before, words, codes].concat());
            // However it is cut, and with a message behind it.
            let (head, tail) = answer.split_at(4);
            peer.send(head).await;
            peer.send(&[tail, &scripted::publish(V5, "t", 0, 0, b"y")].concat()).await;
            if asks == Some(false) {
                let error = running.failed().await;
                assert_code(&error, ErrorCode::MqttProtocolError);
                assert!(error.details["reason"].contains("[MQTT-3.1.2-29]"), "{error:?}");
                let said = peer.rest().await.pop().unwrap();
                assert_eq!((said.first, said.body[0]), (DISCONNECT, 0x82), "{first:02x}");
            } else {
                running.recorder.until_received(2).await;
            }
        }
    }
}

#[tokio::test]
async fn a_session_that_was_asked_to_be_discarded_and_is_present_ends_the_connection() {
    let broker = Scripted::start().await;
    for version in BOTH {
        let running = open(&once(broker.port(), version));
        let mut peer = broker.accept().await;
        peer.expect(CONNECT).await;
        peer.send(&connack(version, true, 0, &[])).await;
        assert_code(&running.failed().await, ErrorCode::MqttProtocolError);
        assert_eq!(peer.rest().await.iter().filter(|p| p.first != DISCONNECT).count(), 0);
    }
}

#[tokio::test]
async fn a_byte_order_mark_in_a_topic_is_a_character_like_others() {
    let broker = Scripted::start().await;
    for version in BOTH {
        let running = open(&profile(broker.port(), version));
        let mut peer = broker.welcome(version).await;
        running.connected().await;
        let topic = "\u{feff}a/\u{feff}";
        peer.send(&scripted::publish(version, topic, 1, 1, b"x")).await;
        assert_eq!(peer.expect(PUBACK).await.id(), 1);
        running.recorder.look(|recorded| assert_eq!(recorded.received()[0].topic, topic));
        running.publish(crate::support::publish(topic, b"x", QoS::AtMostOnce)).await;
        let sent = peer.expect(PUBLISH).await;
        assert_eq!(&sent.body[2..2 + topic.len()], topic.as_bytes());
    }
}

#[tokio::test]
async fn an_answer_to_something_that_nobody_asked_changes_no_subscription() {
    let broker = Scripted::start().await;
    for version in BOTH {
        let mut profile = once(broker.port(), version);
        profile.subscriptions = vec![subscription("a", QoS::AtMostOnce)];
        let running = open(&profile);
        let mut peer = broker.welcome(version).await;
        let asked = peer.expect(SUBSCRIBE).await;
        peer.send(&scripted::suback(version, 0x90, asked.id() + 1, &[0])).await;
        assert_code(&running.failed().await, ErrorCode::MqttProtocolError);
    }
}
