//! The account of an attempt: what was sent, what the broker said in its own words, how the stream ended; on every attempt,
//! whether it works or not, and without a secret.

use mqttscope_model::{
    Account, Authentication, BrokerAnswer, ConnectStage, ErrorCode, ProtocolVersion, ReasonCode,
    Secret, SecretName, SecretSlot, SessionState, StageVerdict, StreamEnd,
};

use crate::support::scripted::{self, CONNECT, DISCONNECT, Scripted, connack};
use crate::support::{Running, VERSIONS, open, open_with_password, profile};

const V31: ProtocolVersion = ProtocolVersion::V31;
const V311: ProtocolVersion = ProtocolVersion::V311;
const V5: ProtocolVersion = ProtocolVersion::V5;

fn listed(answer: &BrokerAnswer) -> Vec<(&str, &str)> {
    answer.properties.iter().map(|named| (named.name.as_str(), named.value.as_str())).collect()
}

/// The account of an attempt that the broker answers with these bytes, and then closes.
async fn answered(version: ProtocolVersion, bytes: &[u8]) -> Account {
    let broker = Scripted::start().await;
    let running = open(&profile(broker.port(), version));
    let mut peer = broker.accept().await;
    peer.expect(CONNECT).await;
    peer.send(bytes).await;
    peer.finish().await;
    running.failed_or_waiting().await;
    running.account()
}

#[tokio::test]
async fn a_connection_that_works_has_its_account_too() {
    let broker = Scripted::start().await;
    let mut profile = profile(broker.port(), V5);
    profile.user_name = "u".to_owned();
    profile.client_id = String::new();
    let running = open_with_password(&profile, "hunter2");
    let mut peer = broker.accept().await;
    peer.expect(CONNECT).await;
    let mut said = vec![0x11, 0, 0, 0, 9, 0x21, 0, 20, 0x24, 1, 0x25, 0, 0x27, 0, 0, 4, 0];
    said.extend(b"\x12\x00\x02me\x22\x00\x05\x1f\x00\x02hi\x26\x00\x01k\x00\x01v\x13\x00\x1e");
    said.extend(b"\x28\x00\x29\x01\x2a\x00");
    peer.send(&connack(V5, false, 0, &said)).await;
    running.connected().await;
    let account = running.account();
    assert_eq!((account.attempt.number, account.attempt.error), (1, None));
    assert!(account.began_ms > 1_700_000_000_000);
    let stages: Vec<_> = account.attempt.stages.iter().map(|r| (r.stage, r.verdict)).collect();
    let expected = [ConnectStage::Name, ConnectStage::Tcp, ConnectStage::Mqtt];
    assert_eq!(stages, expected.map(|stage| (stage, StageVerdict::Passed)));
    let mqtt = account.facts.mqtt.unwrap();
    assert_eq!((mqtt.version, mqtt.client_id.as_str()), (V5, ""));
    assert!(mqtt.with_user_name && mqtt.with_password);
    assert_eq!((mqtt.disconnect, mqtt.end), (None, None));
    assert_eq!(mqtt.offer.unwrap().maximum_packet_size, Some(1_024));
    let connack = mqtt.connack.unwrap();
    assert_eq!((connack.reason, connack.reason_name.as_str()), (ReasonCode::SUCCESS, "Success"));
    assert_eq!(connack.reason_string.as_deref(), Some("hi"));
    let expected = [
        ("Session Expiry Interval", "9"),
        ("Receive Maximum", "20"),
        ("Maximum QoS", "1"),
        ("Retain Available", "0"),
        ("Maximum Packet Size", "1024"),
        ("Assigned Client Identifier", "me"),
        ("Topic Alias Maximum", "5"),
        ("Reason String", "hi"),
        ("User Property", "k=v"),
        ("Server Keep Alive", "30"),
        ("Wildcard Subscription Available", "0"),
        ("Subscription Identifier Available", "1"),
        ("Shared Subscription Available", "0"),
    ];
    assert_eq!(listed(&connack), expected);
}

#[tokio::test]
async fn a_refusal_is_told_in_the_words_of_its_version() {
    let cases = [
        (V31, 2, "Connection Refused, identifier rejected"),
        (V311, 1, "Connection Refused, unacceptable protocol version"),
        (V311, 3, "Connection Refused, Server unavailable"),
        (V311, 4, "Connection Refused, bad user name or password"),
        (V311, 5, "Connection Refused, not authorized"),
        (V5, 0x87, "Not authorized"),
        (V5, 0x9d, "Server moved"),
    ];
    for (version, code, name) in cases {
        let account = answered(version, &connack(version, false, code, &[])).await;
        let mqtt = account.facts.mqtt.unwrap();
        let said = mqtt.connack.unwrap();
        assert_eq!((said.reason, said.reason_name.as_str()), (ReasonCode(code), name));
        assert_eq!((mqtt.offer, mqtt.end), (None, Some(StreamEnd::Closed)), "{name}");
        assert_eq!(account.facts.first_bytes, None);
        let last = account.attempt.stages.last().unwrap();
        assert_eq!((last.stage, last.verdict), (ConnectStage::Mqtt, StageVerdict::Failed));
        assert!(account.attempt.error.is_some());
    }
}

#[tokio::test]
async fn a_refusal_is_told_with_everything_that_it_carries() {
    let said = b"\x1a\x00\x01r\x15\x00\x01M\x16\x00\x02zz\x1c\x00\x01s\x1f\x00\x02no\x26\x00\x01k\x00\x01v";
    let account = answered(V5, &connack(V5, false, 0x9c, said)).await;
    let told = account.facts.mqtt.unwrap().connack.unwrap();
    assert_eq!((told.reason, told.reason_name.as_str()), (ReasonCode(0x9c), "Use another server"));
    assert_eq!(told.reason_string.as_deref(), Some("no"));
    assert_eq!(told.server_reference.as_deref(), Some("s"));
    let expected = [
        ("Response Information", "r"),
        ("Authentication Method", "M"),
        ("Authentication Data", ""),
        ("Server Reference", "s"),
        ("Reason String", "no"),
        ("User Property", "k=v"),
    ];
    assert_eq!(listed(&told), expected);
}

#[tokio::test]
async fn a_disconnect_is_told_with_the_server_that_it_names() {
    let broker = Scripted::start().await;
    let running = open(&profile(broker.port(), V5));
    let mut peer = broker.welcome(V5).await;
    running.connected().await;
    let words = b"\x9d\x16\x1f\x00\x05moved\x1c\x00\x0bother:1883 ";
    peer.send(&scripted::packet(DISCONNECT, words)).await;
    running.failed_or_waiting().await;
    let mqtt = running.account().facts.mqtt.unwrap();
    let said = mqtt.disconnect.unwrap();
    assert_eq!((said.reason, said.reason_name.as_str()), (ReasonCode(0x9d), "Server moved"));
    assert_eq!(said.reason_string.as_deref(), Some("moved"));
    assert_eq!(said.server_reference.as_deref(), Some("other:1883 "));
    let expected = [("Reason String", "moved"), ("Server Reference", "other:1883 ")];
    assert_eq!(listed(&said), expected);
    assert_eq!(mqtt.end, Some(StreamEnd::Closed));
    assert_eq!(mqtt.connack.unwrap().reason, ReasonCode::SUCCESS);
}

#[tokio::test]
async fn a_close_before_connack_says_nothing_and_is_told_as_that() {
    for version in VERSIONS {
        let account = answered(version, b"").await;
        let mqtt = account.facts.mqtt.unwrap();
        assert_eq!((mqtt.connack, mqtt.disconnect), (None, None));
        assert_eq!(mqtt.end, Some(StreamEnd::Closed));
        assert_eq!(account.facts.first_bytes, None);
        assert_eq!(account.attempt.error.unwrap().code, ErrorCode::MqttClosed);
    }
}

#[tokio::test]
async fn a_reset_is_no_close() {
    let broker = Scripted::start().await;
    for version in VERSIONS {
        let running = open(&profile(broker.port(), version));
        let mut peer = broker.accept().await;
        peer.expect(CONNECT).await;
        peer.reset();
        running.waiting().await;
        assert_eq!(running.account().facts.mqtt.unwrap().end, Some(StreamEnd::Reset));
    }
}

#[tokio::test]
async fn what_is_no_mqtt_is_kept_with_its_name() {
    let cases: [(&[u8], Option<&str>, StreamEnd); 3] = [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", Some("HTTP"), StreamEnd::Foreign),
        (b"\x99\x98\x00", None, StreamEnd::Foreign),
        (b"\x20\x02\x00", Some("MQTT"), StreamEnd::Closed),
    ];
    for (bytes, spoken, end) in cases {
        let account = answered(V311, bytes).await;
        let first = account.facts.first_bytes.unwrap();
        assert_eq!(first.bytes.0, bytes);
        assert_eq!(first.spoken.as_deref(), spoken);
        assert_eq!(account.facts.mqtt.unwrap().end, Some(end));
    }
}

#[tokio::test]
async fn what_the_user_ends_is_ended_by_us() {
    let broker = Scripted::start().await;
    let running = open(&profile(broker.port(), V5));
    let mut peer = broker.welcome(V5).await;
    running.connected().await;
    let (_, ()) = tokio::join!(peer.rest(), running.session.disconnect());
    let account = running.account();
    assert_eq!(account.facts.mqtt.unwrap().end, Some(StreamEnd::Ours));
    assert_eq!((account.attempt.error, account.past), (None, Vec::new()));
    let last = account.attempt.stages.last().unwrap();
    assert_eq!((last.stage, last.verdict), (ConnectStage::Mqtt, StageVerdict::Passed));
}

#[tokio::test]
async fn a_name_that_leads_nowhere_has_an_account_without_mqtt() {
    let port = Scripted::start().await.port();
    let running = open(&profile(port, V5));
    running.waiting().await;
    let account = running.account();
    assert_eq!(account.facts.mqtt, None);
    assert_eq!(account.attempt.error.unwrap().code, ErrorCode::TcpRefused);
}

#[tokio::test]
async fn no_secret_comes_into_the_account() {
    let broker = Scripted::start().await;
    let mut profile = profile(broker.port(), V5);
    profile.user_name = "somebody".to_owned();
    let mut secrets = crate::support::password_of("hunter2");
    secrets.insert(SecretSlot::AuthenticationData, Secret::new("aHVudGVyMg=="));
    let data = Some(SecretName::of(&profile.id, &SecretSlot::AuthenticationData));
    profile.authentication = Some(Authentication::Other { name: "TOKEN".to_owned(), data });

    let recorder = crate::support::recorder::Memory::committing();
    let running =
        crate::support::open_with_secrets(&profile, &secrets, recorder, Default::default());
    let mut peer = broker.accept().await;
    let connect = peer.expect(CONNECT).await;
    assert!(connect.body.windows(7).filter(|part| part == b"hunter2").count() >= 2);
    let said = b"\x15\x00\x05TOKEN\x16\x00\x07hunter2";
    peer.send(&connack(V5, false, 0x87, said)).await;
    running.failed_or_waiting().await;
    let told = format!("{:?}", running.account());
    assert!(!told.contains("hunter2") && !told.contains("aHVudGVyMg"), "{told}");
    assert!(!told.contains("68 75 6e 74") && !told.contains("somebody"), "{told}");
    assert!(told.contains("Authentication Data"));
}

#[tokio::test]
async fn the_account_is_whole_when_the_snapshot_tells_of_the_end() {
    for code in [0x87, 0x88] {
        let broker = Scripted::start().await;
        let running = open(&profile(broker.port(), V5));
        let mut peer = broker.accept().await;
        peer.expect(CONNECT).await;
        peer.send(&connack(V5, false, code, &[])).await;
        let snapshot = running
            .until(|s| {
                matches!(s.state, SessionState::Failed { .. } | SessionState::Waiting { .. })
            })
            .await;
        assert_eq!(snapshot.last_attempt, Some(running.account().attempt));
    }
}

impl Running {
    /// The account as it stands.
    pub fn account(&self) -> Account {
        self.session.account().borrow().clone().expect("no attempt was made")
    }
}
