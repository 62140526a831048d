//! What CONNECT says: identifiers, properties, authentication, the Will, and secrets by their place.

use super::*;
use crate::{
    Authentication, ByteFormat, ConnectProperties, Header, HeaderValue, Proxy, ProxyServer,
    ScramHash, UserProperty, WebSocketSettings,
};

const V311: ProtocolVersion = ProtocolVersion::V311;

fn properties(change: fn(&mut ConnectProperties)) -> impl FnOnce(&mut Profile) {
    move |p| change(&mut p.connect_properties)
}

fn property(name: &str, value: &str) -> Vec<UserProperty> {
    vec![UserProperty { name: name.to_owned(), value: value.to_owned() }]
}

fn typed(format: ByteFormat, text: &str) -> TypedBytes {
    TypedBytes { format, text: text.to_owned() }
}

/// A profile of 5.0 that keeps its session for a minute, with a Will of these properties.
fn will_with(change: impl Fn(&mut WillProperties)) -> impl FnOnce(&mut Profile) {
    move |p| {
        p.session_expiry = 60;
        p.will = will("a", 0);
        p.will.as_mut().map(|will| change(&mut will.properties)).unwrap();
    }
}

#[test]
fn connect_properties_have_the_limits_of_the_specification() {
    let field = "connect_properties";
    expect(properties(|c| c.receive_maximum = Some(1)), &[]);
    expect(
        properties(|c| c.receive_maximum = Some(0)),
        &[&format!("{field}.receive_maximum out_of_range 1..65535")],
    );
    expect(properties(|c| c.maximum_packet_size = Some(1)), &[]);
    expect(
        properties(|c| c.maximum_packet_size = Some(0)),
        &[&format!("{field}.maximum_packet_size out_of_range 1..4294967295")],
    );
    expect(properties(|c| c.topic_alias_maximum = Some(0)), &[]);
    expect(properties(|c| c.user_properties = property("", "")), &[]);
    expect(
        properties(|c| c.user_properties = property("a\0", &"x".repeat(65_536))),
        &[
            &format!("{field}.user_properties.0.name null_character"),
            &format!("{field}.user_properties.0.value too_long 65535"),
        ],
    );
    expect(
        properties(|c| c.user_properties = property("a\u{1}", "b")),
        &[&format!("~{field}.user_properties.0.name control_character")],
    );
}

#[test]
fn what_only_version_5_sends_is_told_of_and_not_judged() {
    expect(
        |p| {
            p.version = V311;
            p.connect_properties.receive_maximum = Some(0);
            p.connect_properties.user_properties = property("a\0", "");
            p.authentication = Some(Authentication::Other { name: String::new(), data: None });
            will_with(|w| w.content_type = Some("a\0".to_owned()))(p);
        },
        &[
            "~connect_properties.receive_maximum not_sent 5.0",
            "~connect_properties.user_properties not_sent 5.0",
            "~authentication not_sent 5.0",
            "~will.properties.content_type not_sent 5.0",
        ],
    );
}

#[test]
fn scram_needs_version_5_user_name_and_password() {
    let scram = |p: &mut Profile| {
        p.authentication = Some(Authentication::Scram { hash: ScramHash::Sha256 });
    };
    expect(scram, &["user_name required", "password required"]);
    expect(
        |p| {
            scram(p);
            p.version = V311;
        },
        &["authentication needs_version5"],
    );
    expect(
        |p| {
            scram(p);
            p.user_name = "u".into();
            p.password = Some(SecretName::password_of(&p.id));
        },
        &[],
    );
}

#[test]
fn another_method_needs_a_name() {
    let other = |name: &str| {
        let name = name.to_owned();
        |p: &mut Profile| p.authentication = Some(Authentication::Other { name, data: None })
    };
    expect(other("GS2-KRB5"), &[]);
    expect(other(""), &["authentication.name required"]);
    expect(other("a\0"), &["authentication.name null_character"]);
}

#[test]
fn will_properties_are_judged_with_version_5() {
    let field = "will.properties";
    expect(will_with(|w| w.content_type = Some(String::new())), &[]);
    expect(
        will_with(|w| w.content_type = Some("a\0".into())),
        &[&format!("{field}.content_type null_character")],
    );
    for (topic, problem) in [("a/+", "wildcard"), ("", "required"), ("\0", "null_character")] {
        expect(
            will_with(|w| w.response_topic = Some(topic.to_owned())),
            &[&format!("{field}.response_topic {problem}")],
        );
    }
    expect(
        will_with(|w| w.correlation_data = Some(typed(ByteFormat::Hex, "0"))),
        &[&format!("{field}.correlation_data not_in_format hex")],
    );
    expect(
        will_with(|w| w.correlation_data = Some(TypedBytes::of_bytes(&vec![0; 65_536]))),
        &[&format!("{field}.correlation_data too_long 65535")],
    );
    expect(
        will_with(|w| w.user_properties = property("a", "\0")),
        &[&format!("{field}.user_properties.0.value null_character")],
    );
}

#[test]
fn a_will_is_told_of_that_goes_out_earlier_than_meant() {
    expect(will_with(|w| w.delay_interval = Some(60)), &[]);
    expect(
        will_with(|w| w.delay_interval = Some(61)),
        &["~will.properties.delay_interval delay_beyond_session 60"],
    );
    expect(
        |p| {
            will_with(|w| w.delay_interval = Some(u32::MAX))(p);
            p.session_expiry = u32::MAX;
        },
        &[],
    );
}

#[test]
fn a_will_that_is_not_utf8_may_not_say_so() {
    let says = |typed: TypedBytes| {
        move |p: &mut Profile| {
            will_with(|w| w.payload_is_utf8 = Some(true))(p);
            p.will.as_mut().unwrap().payload = WillPayload::Typed { typed };
        }
    };
    expect(says(typed(ByteFormat::Hex, "c3a9")), &[]);
    expect(says(typed(ByteFormat::Hex, "ff")), &["~will.properties.payload_is_utf8 not_utf8"]);
}

#[test]
fn will_payloads_follow_their_format_or_come_from_a_file() {
    let payload = |payload: WillPayload| {
        |p: &mut Profile| {
            p.will = will("a", 0);
            p.will.as_mut().unwrap().payload = payload;
        }
    };
    let of = |format, text| payload(WillPayload::Typed { typed: typed(format, text) });
    expect(of(ByteFormat::Json, "{"), &["will.payload not_in_format json"]);
    expect(of(ByteFormat::Hex, "xy"), &["will.payload not_in_format hex"]);
    expect(of(ByteFormat::Base64, "/"), &["will.payload not_in_format base64"]);
    expect(of(ByteFormat::Text, ""), &[]);
    expect(payload(WillPayload::File { path: "/w".into() }), &[]);
    expect(payload(WillPayload::File { path: " ".into() }), &["will.payload required"]);
}

#[test]
fn a_client_identifier_is_judged_as_it_will_be_sent() {
    let id = |version, id: &str| {
        let id = id.to_owned();
        move |p: &mut Profile| (p.version, p.client_id) = (version, id)
    };
    let v31 = ProtocolVersion::V31;
    expect(id(v31, "mqttscope-{{random}}"), &[]);
    expect(id(v31, "mqttscope-12345-{{random}}"), &["client_id too_long 23"]);
    expect(id(v31, "{{hostname}}"), &[]);
    expect(id(v31, "a-{{random}}-{{time}}{{hostname}}"), &[]);
    let known = "~client_id unknown_placeholder {{random}}, {{hostname}}, {{time}}";
    expect(id(V311, "a-{{rand}}"), &[known]);
    expect(id(V311, "{{random}}{{}}"), &[known]);
    expect(id(V311, "a}}{{b"), &[]);
}

#[track_caller]
fn secret(profile: &Profile, slot: &str, value: &str, problem: &str) {
    let slot = SecretSlot::parse(slot).unwrap();
    let found = check_secret(profile, &SecretEdit { slot, value: Some(Secret::new(value)) });
    let shown = found.map(|p| format!("{} {} {}", p.field, p.code.as_str(), p.limit));
    assert_eq!(shown.unwrap_or_default().trim_end(), problem);
}

#[test]
fn secrets_are_judged_by_their_place() {
    let mut profile = good();
    let (key, archive) = ("tls.client_certificate.key", "tls.client_certificate.archive");
    let pem = "-----BEGIN EC PRIVATE KEY-----\nAA==\n-----END EC PRIVATE KEY-----\n";
    secret(&profile, "private_key", pem, "");
    secret(&profile, "private_key", "AA==", &format!("{key} not_in_format pem_key"));
    secret(&profile, "pkcs12", "AA\n==", "");
    secret(&profile, "pkcs12", "", &format!("{archive} required"));
    secret(&profile, "pkcs12", "A", &format!("{archive} not_in_format base64"));
    let long = "A".repeat(1_000_004);
    secret(&profile, "pkcs12", &long, &format!("{archive} too_long 1000000"));
    secret(&profile, "key_passphrase", "", "");
    secret(&profile, "authentication_data", "AA==", "");
    secret(&profile, "authentication_data", "-", "authentication.data not_in_format base64");
    let long = "A".repeat(87_384);
    secret(&profile, "authentication_data", &long, "authentication.data too_long 65535");
    let value = HeaderValue::Stored { secret: None };
    profile.websocket = WebSocketSettings {
        headers: vec![
            Header { name: "a".into(), value: HeaderValue::Text { text: String::new() } },
            Header { name: "Authorization".into(), value },
        ],
        ..WebSocketSettings::default()
    };
    let field = "websocket.headers.1.value";
    secret(&profile, "header:authorization", "Bearer x", "");
    secret(&profile, "header:authorization", "a\r\nb", &format!("{field} invalid_header_value"));
    secret(&profile, "header:gone", "a\0", "websocket.headers invalid_header_value");
}

#[test]
fn a_proxy_password_is_as_long_as_its_proxy_takes() {
    let mut profile = good();
    let server = ProxyServer {
        host: "proxy".to_owned(),
        port: 1080,
        user_name: "u".to_owned(),
        password: None,
    };
    profile.proxy = Proxy::Socks5 { server: server.clone() };
    secret(&profile, "proxy_password", &"x".repeat(255), "");
    let field = "proxy.server.password";
    secret(&profile, "proxy_password", &"x".repeat(256), &format!("{field} too_long 255"));
    profile.proxy = Proxy::Http { server };
    secret(&profile, "proxy_password", &"x".repeat(256), "");
    secret(&profile, "proxy_password", "a\nb", &format!("{field} invalid_header_value"));
}

#[test]
fn a_secret_that_goes_has_no_problem() {
    let edit = SecretEdit { slot: SecretSlot::Pkcs12, value: None };
    assert_eq!(check_secret(&good(), &edit), None);
}
