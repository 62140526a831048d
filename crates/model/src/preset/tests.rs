//! What presets fill in and demand: those of the application one by one, and any preset on any profile.

mod any;
mod providers;
mod rows;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::*;
use crate::check::{Problem, ProblemCode, check, check_with};
use crate::{
    ArchiveSource, Authentication, ClientCertificate, Colour, Header, HeaderValue, ProfileId,
    Proxy, ProxyServer, QoS, Scheme, SecretName, Subscription, TypedBytes, Will, WillPayload,
    WillProperties,
};

fn new() -> Profile {
    let mut profile = Profile::new(ProfileId::new("p1").unwrap(), "mqttscope-1".to_owned());
    profile.name = "Test".to_owned();
    profile.endpoint.host = "broker.example.com".to_owned();
    profile
}

/// A profile in which every field is there that rules or patches may name.
fn full() -> Profile {
    let secret = |slot| Some(SecretName::of(&new().id, &slot));
    Profile {
        colour: Some(Colour::Teal),
        password: secret(SecretSlot::Password),
        user_name: "u".to_owned(),
        authentication: Some(Authentication::Other {
            name: "x".to_owned(),
            data: secret(SecretSlot::AuthenticationData),
        }),
        proxy: Proxy::Http {
            server: ProxyServer {
                host: "proxy".to_owned(),
                port: 3128,
                user_name: "u".to_owned(),
                password: secret(SecretSlot::ProxyPassword),
            },
        },
        tls: crate::TlsSettings {
            alpn: vec!["mqtt".to_owned()],
            client_certificate: Some(ClientCertificate::Pkcs12 {
                archive: ArchiveSource::Stored { secret: secret(SecretSlot::Pkcs12) },
                passphrase: secret(SecretSlot::KeyPassphrase),
            }),
            ..crate::TlsSettings::default()
        },
        websocket: crate::WebSocketSettings {
            headers: vec![Header {
                name: "Cookie".to_owned(),
                value: HeaderValue::Stored { secret: secret(SecretSlot::header("cookie")) },
            }],
            ..crate::WebSocketSettings::default()
        },
        will: Some(Will {
            topic: "a".to_owned(),
            payload: WillPayload::Typed { typed: TypedBytes::text("x") },
            qos: QoS::AtMostOnce,
            retain: false,
            properties: WillProperties::default(),
        }),
        subscriptions: vec![Subscription::new("a", QoS::AtMostOnce)],
        ..new()
    }
}

fn provider(id: &str) -> &'static Preset {
    providers().iter().find(|preset| preset.id.0 == id).unwrap()
}

fn answers(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(id, answer)| ((*id).to_owned(), (*answer).to_owned())).collect()
}

fn own(fill: Value) -> Preset {
    let base = json!({
        "id": "own", "name": {"en": "", "zh": ""}, "note": {"en": "", "zh": ""},
        "asks": [{"id": "x", "label": {"en": "", "zh": ""}}], "fill": fill,
    });
    serde_json::from_value(base).unwrap()
}

/// The fields that a provider's rules mark.
fn marked(profile: &Profile) -> Vec<String> {
    let is_rule = |problem: &Problem| problem.code == ProblemCode::ProviderRule;
    check(profile).into_iter().filter(is_rule).map(|problem| problem.field).collect()
}

fn uiot(transport: &str) -> Profile {
    let given = [("product", "P1 "), ("device", "D1"), ("mode", "1"), ("transport", transport)];
    let mut profile = provider("ucloud-uiot").apply(&new(), &answers(&given)).unwrap();
    profile.password = Some(SecretName::password_of(&profile.id));
    profile
}

#[test]
fn a_preset_of_ones_own_is_judged_by_its_rules_else_by_the_host() {
    let mut preset = own(json!({}));
    let mut profile = uiot("ws");
    profile.preset = Some(preset.id.clone());
    profile.keep_alive = 20;
    let fields = |preset: &Preset| {
        let found = check_with(&profile, std::slice::from_ref(preset));
        found.into_iter().map(|problem| problem.field).collect::<Vec<_>>()
    };
    assert!(fields(&preset).contains(&"keep_alive".to_owned()), "the host is UIoT's");
    preset.rules = vec![Rule {
        field: "client_id".to_owned(),
        must: Must::BeAbsent,
        when: None,
        weight: Weight::Error,
        reason: preset.name.clone(),
        source: String::new(),
    }];
    assert_eq!(fields(&preset)[0], "client_id");
    assert!(!fields(&preset).contains(&"keep_alive".to_owned()));
}

#[test]
fn answers_are_text_and_nothing_else() {
    let preset = own(json!({"user_name": "<{{x}}|{{y}}|{{{{x}}>"}));
    let given = answers(&[("x", r#"","keep_alive":7,"name":"{{x}}{{random}}"#)]);
    let made = preset.apply(&new(), &given).unwrap();
    let answer = r#"","keep_alive":7,"name":"{{x}}{{random}}"#;
    assert_eq!(made.user_name, format!("<{answer}|{{{{y}}}}|{{{{{answer}>"));
    assert_eq!((made.keep_alive, made.name.as_str()), (60, "Test"));
}

#[test]
fn placeholders_of_the_client_identifier_survive() {
    let preset = own(json!({"client_id": "{{x}}-{{random}}-{{hostname}}-{{time}}"}));
    let made = preset.apply(&new(), &answers(&[("x", "a")])).unwrap();
    assert_eq!(made.client_id, "a-{{random}}-{{hostname}}-{{time}}");
}

#[test]
fn questions_must_be_answered_with_what_they_offer() {
    let uiot = provider("ucloud-uiot");
    let given = |mode| answers(&[("product", "p"), ("device", "d"), ("mode", mode)]);
    let error = |mode| uiot.apply(&new(), &given(mode)).unwrap_err();
    assert_eq!(error("1"), PresetError::Unanswered("transport".into()));
    assert_eq!(error("3"), PresetError::NotAChoice("mode".into()));
    assert_eq!(error(" "), PresetError::Unanswered("mode".into()));
    assert_eq!(
        own(json!({})).apply(&new(), &answers(&[])),
        Err(PresetError::Unanswered("x".into()))
    );
}

#[test]
fn another_kind_replaces_and_the_same_kind_merges() {
    let x = answers(&[("x", "y")]);
    let certificate = json!({"kind": "pem", "certificate": {"from": "file", "path": "/c"},
        "key": {"from": "stored", "secret": "someone-elses"}});
    let made = own(json!({"tls": {"client_certificate": certificate, "alpn": ["a"]}}))
        .apply(&full(), &x)
        .unwrap();
    assert_eq!(made.tls.alpn, ["a"]);
    let slots: Vec<_> = made.secrets().into_iter().map(|(slot, _)| slot.to_string()).collect();
    let kept =
        ["password", "authentication_data", "proxy_password", "key_passphrase", "header:cookie"];
    assert_eq!(slots, kept, "the secrets of the profile stay, and the preset brings none");
    let made = own(json!({"proxy": {"kind": "http", "server": {"port": 1}}, "will": null}))
        .apply(&full(), &x)
        .unwrap();
    let Proxy::Http { server } = made.proxy else { panic!() };
    assert_eq!((server.host.as_str(), server.port), ("proxy", 1));
    assert_eq!(made.will, None);
}

#[test]
fn an_address_of_the_preset_ends_following_the_local_broker() {
    let mut local = new();
    local.follows_local_broker = true;
    let x = answers(&[("x", "y")]);
    let made = own(json!({"endpoint": {"host": "a"}})).apply(&local, &x).unwrap();
    assert!(!made.follows_local_broker);
    assert!(own(json!({})).apply(&local, &x).unwrap().follows_local_broker);
}

#[test]
fn what_makes_no_profile_is_refused() {
    for fill in [json!({"keep_alive": "{{x}}"}), json!({"endpoint": null}), json!({"extra": 1})] {
        let error = own(fill).apply(&new(), &answers(&[("x", "7")])).unwrap_err();
        assert!(matches!(error, PresetError::Invalid(_)));
    }
}

#[test]
fn own_presets_bring_back_the_settings_and_nothing_personal() {
    let id = PresetId("mine".to_owned());
    let preset = Preset::of_profile(id.clone(), "Mine", &full(), Vec::new()).unwrap();
    for field in ["id", "name", "colour", "preset", "password", "client_id"] {
        assert!(!preset.fill.contains_key(field), "{field}");
    }
    let text = serde_json::to_string(&preset).unwrap();
    assert!(full().secrets().iter().all(|(_, name)| !text.contains(name.as_str())));
    let made = preset.apply(&new(), &BTreeMap::new()).unwrap();
    let mut wanted = full();
    for (slot, _) in full().secrets() {
        wanted.set_secret(&slot, None);
    }
    (wanted.colour, wanted.preset) = (None, Some(id.clone()));
    assert_eq!(made, wanted);
    let mut template = new();
    template.client_id = "a-{{random}}".to_owned();
    let preset = Preset::of_profile(id, "Mine", &template, Vec::new()).unwrap();
    assert_eq!(preset.apply(&new(), &BTreeMap::new()).unwrap().client_id, "a-{{random}}");
}
