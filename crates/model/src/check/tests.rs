//! One line per rule: a change to a good profile, and the problems that it makes.

mod fields;
mod oddities;
mod subscriptions;
mod ways;

use std::collections::BTreeSet;

use super::*;
use crate::{
    ClientCertificate, ProfileId, ProtocolVersion, QoS, Scheme, Secret, SecretName, SecretSlot,
    Subscription, TlsRoots, TlsSettings, TypedBytes, Will, WillPayload, WillProperties,
};

fn good() -> Profile {
    let mut profile = Profile::new(ProfileId::new("p1").unwrap(), "mqttscope-1".to_owned());
    profile.name = "Test".to_owned();
    profile.endpoint.host = "broker.example.com".to_owned();
    profile
}

/// Applies `change` to a good profile and compares the problems as `field code limit`; a warning
/// begins with `~`.
#[track_caller]
fn expect(change: impl FnOnce(&mut Profile), problems: &[&str]) {
    let mut profile = good();
    change(&mut profile);
    let shown: Vec<_> = check(&profile)
        .iter()
        .map(|p| {
            let mark = if p.weight == Weight::Warning { "~" } else { "" };
            format!("{mark}{} {} {}", p.field, p.code.as_str(), p.limit).trim_end().to_owned()
        })
        .collect();
    assert_eq!(shown, problems);
}

fn scheme(profile: &mut Profile, scheme: Scheme) {
    profile.endpoint.scheme = scheme;
    profile.endpoint.port = scheme.default_port();
}

fn subscribe(profile: &mut Profile, filters: &[&str]) {
    profile.subscriptions =
        filters.iter().map(|filter| Subscription::new(*filter, QoS::AtMostOnce)).collect();
}

fn will(topic: &str, bytes: usize) -> Option<Will> {
    let typed = TypedBytes::of_bytes(&vec![0; bytes]);
    Some(Will {
        topic: topic.to_owned(),
        payload: WillPayload::Typed { typed },
        qos: QoS::AtMostOnce,
        retain: false,
        properties: WillProperties::default(),
    })
}

#[test]
fn a_good_profile_has_no_problem_on_any_scheme_and_version() {
    for version in [ProtocolVersion::V31, ProtocolVersion::V311, ProtocolVersion::V5] {
        for way in Scheme::ALL {
            expect(
                |p| {
                    p.version = version;
                    scheme(p, way);
                },
                &[],
            );
        }
    }
}

#[test]
fn the_name_is_required_and_short() {
    expect(|p| p.name = "  ".into(), &["name required"]);
    expect(|p| p.name = "é".repeat(100), &[]);
    expect(|p| p.name = "é".repeat(101), &["name too_long 100"]);
    expect(|p| p.name = "a\nb".into(), &["name control_character"]);
}

#[test]
fn the_host_is_a_name_or_an_address_and_nothing_else() {
    for (host, problem) in [
        ("", "endpoint.host required"),
        ("mqtt://a", "endpoint.host has_scheme"),
        ("a b", "endpoint.host has_space"),
        ("a:1883", "endpoint.host has_port"),
        ("[::1]", "endpoint.host has_brackets"),
        ("a..b", "endpoint.host invalid_host"),
        ("münchen.de", "endpoint.host not_ascii xn--mnchen-3ya.de"),
    ] {
        expect(|p| p.endpoint.host = host.into(), &[problem]);
    }
    expect(|p| p.endpoint.host = "a.".repeat(200), &["endpoint.host too_long 253"]);
    expect(|p| p.endpoint.host = "2001:db8::1".into(), &[]);
}

#[test]
fn port_and_path_are_those_of_a_request() {
    expect(|p| p.endpoint.port = 0, &["endpoint.port out_of_range 1..65535"]);
    expect(|p| p.endpoint.path = "mqtt".into(), &[]);
    for (path, problem) in [
        ("mqtt", "endpoint.path missing_slash /mqtt"),
        ("/a b", "endpoint.path has_space"),
        ("/a#b", "endpoint.path invalid_path"),
        ("/ä", "endpoint.path invalid_path"),
    ] {
        expect(
            |p| {
                scheme(p, Scheme::Ws);
                p.endpoint.path = path.into();
            },
            &[problem],
        );
    }
}

#[test]
fn the_client_identifier_follows_its_version() {
    let with = |version, clean: bool, id: String| {
        move |p: &mut Profile| {
            p.version = version;
            p.clean_start = clean;
            p.session_expiry = 60;
            p.client_id = id;
        }
    };
    let (v31, v311, v5) = (ProtocolVersion::V31, ProtocolVersion::V311, ProtocolVersion::V5);
    expect(with(v31, true, String::new()), &["client_id required 1..23"]);
    expect(with(v31, true, "x".repeat(23)), &[]);
    expect(with(v31, true, "x".repeat(24)), &["client_id too_long 23"]);
    expect(with(v311, true, String::new()), &[]);
    expect(with(v311, false, String::new()), &["client_id needs_clean_start"]);
    expect(with(v5, false, String::new()), &["~client_id needs_clean_start"]);
    expect(with(v311, true, "x".repeat(65_535)), &[]);
    expect(with(v5, true, "x".repeat(65_536)), &["client_id too_long 65535"]);
    expect(with(v5, true, "a\0".into()), &["client_id null_character"]);
    expect(with(v5, true, "a\u{1}".into()), &["~client_id control_character"]);
}

#[test]
fn credentials_follow_the_version_and_stay_off_open_networks() {
    let password = |p: &mut Profile| p.password = Some(SecretName::password_of(&p.id));
    let clear = "~endpoint.scheme credentials_in_clear";
    expect(
        |p| {
            p.version = ProtocolVersion::V311;
            scheme(p, Scheme::Mqtts);
            password(p);
        },
        &["password password_without_user_name"],
    );
    expect(
        |p| {
            scheme(p, Scheme::Mqtts);
            password(p);
        },
        &[],
    );
    expect(|p| p.user_name = "u".into(), &[clear]);
    expect(password, &[clear]);
    for host in ["localhost", "127.0.0.2", "::1"] {
        expect(
            |p| {
                p.user_name = "u".into();
                p.endpoint.host = host.into();
            },
            &[],
        );
    }
    expect(
        |p| {
            scheme(p, Scheme::Wss);
            p.user_name = "u\0".into();
        },
        &["user_name null_character"],
    );
    let new = |bytes| SecretEdit {
        slot: SecretSlot::Password,
        value: Some(Secret::new("x".repeat(bytes))),
    };
    assert_eq!(check_secret(&good(), &new(65_535)), None);
    let problem = check_secret(&good(), &new(65_536)).unwrap();
    assert_eq!((problem.code, problem.limit.as_str()), (ProblemCode::TooLong, "65535"));
}

#[test]
fn times_and_delays_have_limits_where_they_are_used() {
    expect(|p| p.connect_timeout = 0, &["connect_timeout out_of_range 1..600"]);
    expect(|p| p.connect_timeout = 601, &["connect_timeout out_of_range 1..600"]);
    expect(
        |p| p.reconnect.first_delay_ms = 99,
        &["reconnect.first_delay_ms out_of_range 100..3600000"],
    );
    expect(
        |p| p.reconnect.max_delay_ms = 3_600_001,
        &["reconnect.max_delay_ms out_of_range 100..3600000"],
    );
    expect(
        |p| p.reconnect.first_delay_ms = 40_000,
        &["reconnect.max_delay_ms below_first_delay 40000"],
    );
    expect(|p| p.reconnect.jitter_percent = 101, &["reconnect.jitter_percent out_of_range 0..100"]);
    expect(
        |p| p.reconnect.max_attempts = Some(0),
        &["reconnect.max_attempts out_of_range 1..4294967295"],
    );
    expect(
        |p| {
            p.reconnect.enabled = false;
            p.reconnect.first_delay_ms = 0;
        },
        &[],
    );
}

#[test]
fn the_session_is_kept_only_with_an_expiry() {
    expect(|p| p.clean_start = false, &["~session_expiry session_not_kept"]);
    expect(
        |p| {
            p.clean_start = false;
            p.version = ProtocolVersion::V311;
        },
        &[],
    );
    expect(|p| p.session_expiry = u32::MAX, &[]);
}

#[test]
fn tls_is_judged_only_where_it_is_used() {
    let tls = |change: fn(&mut TlsSettings)| {
        move |p: &mut Profile| {
            scheme(p, Scheme::Mqtts);
            change(&mut p.tls);
        }
    };
    let no_ca: fn(&mut TlsSettings) = |t| t.roots = TlsRoots::ca_file(" ");
    expect(tls(no_ca), &["tls.roots.paths.0 required"]);
    expect(|p| no_ca(&mut p.tls), &[]);
    expect(
        tls(|t| {
            t.client_certificate = Some(ClientCertificate::pem_files("", ""));
        }),
        &["tls.client_certificate.certificate required", "tls.client_certificate.key required"],
    );
    expect(
        tls(|t| {
            t.client_certificate = Some(ClientCertificate::pem_files("/c.pem", ""));
        }),
        &["tls.client_certificate.key required"],
    );
    expect(tls(|t| t.server_name = "a b".into()), &["tls.server_name has_space"]);
    expect(tls(|t| t.alpn = vec!["mqtt".into(), "x".repeat(255)]), &[]);
    expect(
        tls(|t| t.alpn = vec![String::new(), "x".repeat(256)]),
        &["tls.alpn.0 required 1..255", "tls.alpn.1 too_long 255"],
    );
    expect(tls(|t| t.alpn = vec!["a".into(), "a".into()]), &["tls.alpn.1 repeated"]);
    expect(tls(|t| t.verify = false), &["~tls.verify verification_off"]);
}

#[test]
fn the_will_fits_a_connect_packet() {
    expect(|p| p.will = will("a", 65_535), &[]);
    expect(|p| p.will = will("a", 65_536), &["will.payload too_long 65535"]);
    expect(|p| p.will = will("", 0), &["will.topic required"]);
    expect(|p| p.will = will("a/+", 0), &["will.topic wildcard"]);
    expect(|p| p.will = will("a\0", 0), &["will.topic null_character"]);
    expect(|p| p.will = will(&"x".repeat(65_536), 0), &["will.topic too_long 65535"]);
}

#[test]
fn saved_subscriptions_are_valid_and_different() {
    expect(|p| subscribe(p, &["a/#", "$share/g/b", "+"]), &[]);
    expect(
        |p| subscribe(p, &["a+", "#/b", "$share/g", "", "c", "c"]),
        &[
            "subscriptions.0.filter plus_not_alone",
            "subscriptions.1.filter hash_not_last",
            "subscriptions.2.filter share_incomplete $share/group/filter",
            "subscriptions.3.filter required",
            "subscriptions.5.filter repeated",
        ],
    );
}

#[test]
fn codes_are_unique_and_serialise_as_their_text() {
    let mut seen = BTreeSet::new();
    for code in ProblemCode::ALL {
        assert!(seen.insert(code.as_str()), "{} is there twice", code.as_str());
        assert_eq!(serde_json::to_value(code).unwrap(), code.as_str());
    }
}
