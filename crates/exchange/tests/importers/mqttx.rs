//! MQTTX's JSON, as MQTTX's own code wrote it.

use jiff::tz::TimeZone;
use mqttscope_exchange::{FoundNode, ImportFormat, import};
use mqttscope_model::properties::{Property, decode};
use mqttscope_model::{
    Authentication, ClientCertificate, Colour, Direction, ProtocolVersion, QoS, RetainHandling,
    Scheme, ScramHash, Subscription, TlsRoots, TypedBytes, WillPayload,
};

use super::corpus::fixture;
use super::support::{notes, password, read, read_fixture};

#[test]
fn every_field_that_mqttx_has_and_we_have_is_brought() {
    let found = read_fixture("mqttx-export.json");
    assert_eq!(found.format, ImportFormat::MqttxJson);
    assert_eq!(found.profiles.len(), 2);
    let first = &found.profiles[0];
    let profile = &first.profile;
    assert_eq!(profile.id.as_str(), "mqttx-0f6f2c1e-7d1b-4c47-9d3e-0c2f2f6d7a01");
    assert_eq!(profile.name, "plant-a-gateway");
    assert_eq!(profile.endpoint.scheme, Scheme::Mqtts);
    assert_eq!(profile.endpoint.authority(), "broker.example.com:8883");
    assert_eq!(profile.client_id, "mqttx_0c9a7b3e");
    assert_eq!(profile.user_name, "gateway");
    assert_eq!(password(first), Some("s3cr3t-in-clear"));
    assert_eq!(profile.version, ProtocolVersion::V5);
    assert!(!profile.clean_start);
    assert_eq!((profile.keep_alive, profile.connect_timeout), (60, 10));
    assert_eq!(profile.session_expiry, 7200);
    assert_eq!(profile.reconnect.first_delay_ms, 4000);
    assert_eq!(profile.tls.roots, TlsRoots::ca_file("/home/me/certs/ca.pem"));
    let files =
        ClientCertificate::pem_files("/home/me/certs/client.pem", "/home/me/certs/client.key");
    assert_eq!(profile.tls.client_certificate, Some(files));
    assert_eq!(profile.tls.alpn, ["mqtt", "x-amzn-mqtt-ca"]);
    let connect = &profile.connect_properties;
    assert_eq!(connect.receive_maximum, Some(100));
    assert_eq!(connect.maximum_packet_size, Some(1_048_576));
    assert_eq!(connect.topic_alias_maximum, Some(10));
    assert_eq!(connect.request_response_information, Some(true));
    let pairs = connect.user_properties.iter().map(|one| (one.name.as_str(), one.value.as_str()));
    assert_eq!(pairs.collect::<Vec<_>>(), [("site", "A"), ("tag", "x"), ("tag", "y")]);
    assert_eq!(profile.authentication, Some(Authentication::Scram { hash: ScramHash::Sha256 }));
    let will = profile.will.as_ref().unwrap();
    assert_eq!(
        (will.topic.as_str(), will.qos, will.retain),
        ("plant-a/gateway/status", QoS::AtLeastOnce, true)
    );
    assert_eq!(will.payload, WillPayload::Typed { typed: TypedBytes::text("{\"online\":false}") });
    assert_eq!(will.properties.delay_interval, Some(5));
    assert_eq!(will.properties.content_type.as_deref(), Some("application/json"));
    let telemetry = Subscription {
        name: "telemetry".to_owned(),
        colour: Some(Colour::Green),
        retain_as_published: true,
        identifier: Some(42),
        ..Subscription::new("plant-a/+/telemetry", QoS::AtLeastOnce)
    };
    let off = Subscription {
        colour: Some(Colour::Blue),
        enabled: false,
        no_local: true,
        retain_handling: RetainHandling::DoNotSend,
        ..Subscription::new("$share/g1/plant-a/cmd/#", QoS::ExactlyOnce)
    };
    assert_eq!(profile.subscriptions, [telemetry, off]);
    assert!(notes(first).is_empty(), "{:?}", notes(first));
    let second = &found.profiles[1];
    assert_eq!(second.profile.endpoint.to_string(), "ws://broker.emqx.io:8083/mqtt");
    assert_eq!(second.profile.version, ProtocolVersion::V311);
    assert_eq!((second.profile.will.as_ref(), password(second)), (None, None));
    assert!(notes(second).is_empty(), "{:?}", notes(second));
}

#[test]
fn stored_messages_come_with_direction_time_bytes_and_properties() {
    let zone = TimeZone::fixed(jiff::tz::offset(2));
    let found = import::read("x", &fixture("mqttx-export.json"), None, &zone).unwrap();
    let [received, sent] = found.profiles[0].messages.as_slice() else { panic!("two messages") };
    assert_eq!(received.direction, Direction::Received);
    let moment: jiff::Timestamp = "2026-01-23T10:13:00.12+02:00".parse().unwrap();
    assert_eq!(received.time_us, moment.as_microsecond());
    assert_eq!(received.payload, b"{\n  \"temp\": 21.5\n}");
    assert_eq!(
        decode(&received.properties).unwrap(),
        [
            Property::PayloadFormatIndicator(1),
            Property::ContentType("application/json".into()),
            Property::SubscriptionIdentifier(42),
            Property::UserProperty("seq".into(), "1".into()),
        ]
    );
    assert_eq!((sent.direction, sent.qos), (Direction::Sent, QoS::ExactlyOnce));
    assert!(decode(&sent.properties).unwrap().contains(&Property::CorrelationData("req-1".into())));
    let hex = &found.profiles[1].messages[0];
    assert_eq!((hex.payload.as_slice(), hex.retain), (&[0xa1, 0xb2, 0xc3][..], true));
}

#[test]
fn old_files_without_most_fields_are_read() {
    let old = r#"{"clientId": "c", "name": "old", "host": "h", "port": "1884", "ssl": true,
        "clientIdWithTime": true, "username": null, "receiveMaximum": 5, "mqttVersion": "5.0"}"#;
    let found = read("old.json", old).unwrap();
    let profile = &found.profiles[0].profile;
    assert_eq!(profile.endpoint.scheme, Scheme::Mqtts);
    assert_eq!((profile.endpoint.port, profile.client_id.as_str()), (1884, "c_{{time}}"));
    assert_eq!(profile.connect_properties.receive_maximum, Some(5));
    assert_eq!(profile.id.as_str(), "mqttx-c");
}

#[test]
fn what_cannot_be_used_is_noted_and_costs_nothing_else() {
    let odd = r#"[{"id": "a", "clientId": "c", "host": "h", "port": 70000, "keepalive": "x",
        "token": "hunter2", "mqttVersion": "6", "messages": [{"topic": "t"}, 7],
        "subscriptions": [{"topic": "a", "qos": 9}, {"topic": "a"}, null,
            {"topic": "b", "rh": 3, "subscriptionIdentifier": 268435456, "color": "none"}]}]"#;
    let found = read("odd.json", odd).unwrap();
    assert_eq!(found.profiles[0].profile.endpoint.port, 1883);
    assert_eq!(
        notes(&found.profiles[0]),
        [
            "subscriptions[0].qos = 9: not_usable",
            "subscriptions[1].topic = a: not_usable",
            "subscriptions[3].rh = 3: not_usable",
            "subscriptions[3].subscriptionIdentifier = 268435456: not_usable",
            "port = 70000: not_usable",
            "mqttVersion = 6: not_usable",
            "keepalive = x: not_usable",
            "subscriptions[2] = : not_usable",
            "token = : no_counterpart",
            "messages[0] = : message_unreadable",
            "messages[1] = : message_unreadable",
        ]
    );
}

#[test]
fn groups_in_newer_files_become_folders_whatever_they_refer_to() {
    let text = r#"[
        {"isCollection": true, "id": "g1", "name": "Plant", "parentId": null, "orderId": 1},
        {"isCollection": true, "id": "g2", "name": "Hall", "parentId": "g1"},
        {"isCollection": true, "id": "x1", "name": "Circle", "parentId": "x2"},
        {"isCollection": true, "id": "x2", "name": "Circle 2", "parentId": "x1"},
        {"id": "c1", "clientId": "1", "host": "h", "parentId": "g2"},
        {"id": "c2", "clientId": "2", "host": "h", "parentId": "gone"}]"#;
    let found = read("groups.json", text).unwrap();
    let folder =
        |name: &str, children| FoundNode::Folder { name: name.to_owned(), colour: None, children };
    let hall = folder("Hall", vec![FoundNode::Profile(0)]);
    let expect = [
        folder("Plant", vec![hall]),
        folder("Circle", vec![]),
        folder("Circle 2", vec![]),
        FoundNode::Profile(1),
    ];
    assert_eq!(found.tree, expect);
}

#[test]
fn a_second_import_finds_the_same_identifiers_also_where_they_repeat() {
    let text = r#"[{"id": "a", "clientId": "c", "host": "h"}, {"id": "a", "clientId": "c", "host": "h2"},
        {"clientId": "\u4f60", "host": "h"}]"#;
    let ids = || {
        let found = read("x", text).unwrap();
        found.profiles.iter().map(|one| one.profile.id.to_string()).collect::<Vec<_>>()
    };
    let first = ids();
    assert_eq!(first[..2], ["mqttx-a", "mqttx-a-2"]);
    assert_eq!(first[2].len(), "mqttx-".len() + 32);
    assert_eq!(first, ids());
}

#[test]
fn broken_json_says_line_and_column() {
    let shown = |text: &str| read("a.json", text).unwrap_err().to_string();
    let cut = "[{\"clientId\": \"c\",\n \"host\": \"h\",\n";
    assert_eq!(shown(cut), "a.json cannot be imported (3:1): EOF while parsing an object");
    let deep = format!(
        "[{{\"clientId\":\"c\",\"host\":\"h\",\"x\":{}1{}}}]",
        "[".repeat(500),
        "]".repeat(500)
    );
    assert!(shown(&deep).contains("nested deeper than 128"), "{}", shown(&deep));
    let whole = fixture("mqttx-export.json");
    for cut in (1..whole.len()).step_by(97) {
        assert!(read("a.json", &whole[..cut]).is_err(), "{cut}");
    }
}
