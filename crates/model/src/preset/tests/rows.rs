//! The table of providers, row by row: what is right has no mark, and each rule marks what breaks it.

use super::*;
use crate::{ProtocolVersion, TlsVersion};

/// A profile at a provider's host, of which only the address is set.
fn at(host: &str, scheme: Scheme, port: u16) -> Profile {
    let mut profile = new();
    profile.endpoint.host = host.to_owned();
    (profile.endpoint.scheme, profile.endpoint.port) = (scheme, port);
    profile
}

fn with_credentials(mut profile: Profile) -> Profile {
    profile.user_name = "u".to_owned();
    profile.password = Some(SecretName::password_of(&profile.id));
    profile
}

fn subscribed(mut profile: Profile, filters: &[&str]) -> Profile {
    let each = filters.iter();
    profile.subscriptions =
        each.map(|filter| Subscription::new(*filter, QoS::AtMostOnce)).collect();
    profile
}

/// All that is wrong, as `field code`.
fn shown(profile: &Profile) -> Vec<String> {
    let problems = check(profile).into_iter();
    problems.map(|problem| format!("{} {}", problem.field, problem.code.as_str())).collect()
}

#[track_caller]
fn marks(profile: &Profile, change: impl FnOnce(&mut Profile), fields: &[&str]) {
    let mut profile = profile.clone();
    change(&mut profile);
    assert_eq!(marked(&profile), fields);
}

#[test]
fn emqx_has_a_port_for_each_scheme_and_one_path() {
    let emqx = |scheme, port| {
        let mut profile = at("broker.example.com", scheme, port);
        profile.preset = Some(PresetId("emqx".to_owned()));
        profile
    };
    let usual =
        [(Scheme::Mqtt, 1883), (Scheme::Mqtts, 8883), (Scheme::Ws, 8083), (Scheme::Wss, 8084)];
    for (scheme, port) in usual {
        for (_, other) in usual {
            let wrong = (port != other).then_some("endpoint.port scheme_port_mismatch".to_owned());
            assert_eq!(shown(&emqx(scheme, other)), Vec::from_iter(wrong), "{scheme:?} {other}");
        }
    }
    let at_path = |path: &str| {
        let path = path.to_owned();
        move |p: &mut Profile| p.endpoint.path = path
    };
    marks(&emqx(Scheme::Wss, 8084), at_path("/ws"), &["endpoint.path"]);
    marks(&emqx(Scheme::Wss, 8084), at_path("/"), &["endpoint.path"]);
    marks(&emqx(Scheme::Mqtts, 8883), at_path("/ws"), &[]);
    let greedy = subscribed(emqx(Scheme::Mqtt, 1883), &["a/#", "#", "$SYS/#"]);
    assert_eq!(marked(&greedy), ["subscriptions.1.filter", "subscriptions.2.filter"]);
}

#[test]
fn a_preset_for_any_host_gives_way_to_the_hosts_own_provider() {
    let mut profile = at("abc.ala.eu-central-1.emqxsl.com", Scheme::Mqtt, 1883);
    profile.preset = Some(PresetId("emqx".to_owned()));
    assert_eq!(provider_of(&profile, &[]).unwrap().id.0, "emqx-serverless");
}

#[test]
fn serverless_has_two_ports_its_own_host_and_always_a_password() {
    let host = "abc.ala.eu-central-1.emqxsl.com";
    let mqtts = with_credentials(at(host, Scheme::Mqtts, 8883));
    let wss = with_credentials(at(host, Scheme::Wss, 8084));
    assert!(shown(&mqtts).is_empty() && shown(&wss).is_empty());
    marks(&mqtts, |p| p.endpoint.scheme = Scheme::Mqtt, &["endpoint.scheme"]);
    marks(&wss, |p| p.endpoint.scheme = Scheme::Ws, &["endpoint.scheme"]);
    marks(&mqtts, |p| p.endpoint.port = 8084, &["endpoint.port"]);
    marks(&wss, |p| p.endpoint.port = 443, &["endpoint.port"]);
    marks(&wss, |p| p.endpoint.path = "/".into(), &["endpoint.path"]);
    marks(&mqtts, |p| p.user_name.clear(), &["user_name"]);
    marks(&mqtts, |p| p.password = None, &["password"]);
    marks(&mqtts, |p| p.tls.server_name = "192.0.2.1".into(), &["tls.server_name"]);
    let mut chosen = mqtts;
    chosen.preset = Some(PresetId("emqx-serverless".to_owned()));
    marks(&chosen, |_| {}, &[]);
    for elsewhere in ["192.0.2.1", "10.0.0.1", "mqtt.example.com", "2001:db8::1"] {
        marks(&chosen, |p| p.endpoint.host = elsewhere.into(), &["endpoint.host"]);
    }
    marks(&chosen, |p| p.endpoint.host = "ABC.EMQXSL.CN.".into(), &[]);
    let greedy = subscribed(chosen, &["#", "$SYS/#", "a/+"]);
    assert_eq!(marked(&greedy), ["subscriptions.0.filter", "subscriptions.1.filter"]);
}

#[test]
fn uiot_wants_its_identifiers_its_tls_and_no_more_than_it_can() {
    let (ws, wss) = (uiot("ws"), uiot("wss"));
    marks(&ws, |_| {}, &[]);
    marks(&wss, |_| {}, &[]);
    marks(&ws, |p| p.endpoint.port = 443, &["endpoint.port"]);
    marks(&wss, |p| p.endpoint.port = 80, &["endpoint.port"]);
    marks(&wss, |p| p.tls.min_version = TlsVersion::V13, &["tls.min_version"]);
    marks(&ws, |p| p.version = ProtocolVersion::V5, &["version"]);
    marks(&ws, |p| p.will = full().will, &["will"]);
    marks(&ws, |p| p.client_id = "device-1".into(), &["client_id"]);
    marks(&ws, |p| p.client_id.clear(), &["client_id"]);
    marks(&ws, |p| p.user_name = "P1|D1".into(), &["user_name"]);
    marks(&ws, |p| p.user_name = "P1|D1|3".into(), &["user_name"]);
    marks(&ws, |p| p.user_name = "P1|D1|2".into(), &[]);
    marks(&ws, |p| p.password = None, &["password"]);
    for (seconds, fields) in
        [(29, &["keep_alive"][..]), (30, &[]), (1_200, &[]), (1_201, &["keep_alive"])]
    {
        marks(&ws, |p| p.keep_alive = seconds, fields);
    }
    let greedy = subscribed(ws, &["#", "/P1/D1/upload"]);
    assert_eq!(marked(&greedy), ["subscriptions.0.filter"]);
}

#[test]
fn aws_has_its_ports_its_keep_alive_and_no_qos_2() {
    let mut good = at("x-ats.iot.eu-west-1.amazonaws.com", Scheme::Mqtts, 8883);
    good.tls.client_certificate = full().tls.client_certificate;
    marks(&good, |_| {}, &[]);
    marks(&good, |p| p.tls.client_certificate = None, &["tls.client_certificate"]);
    marks(&good, |p| p.endpoint.port = 8884, &["endpoint.port"]);
    marks(&good, |p| p.endpoint.port = 443, &["tls.alpn"]);
    marks(&good, |p| (p.endpoint.port, p.tls.alpn) = (443, vec!["x-amzn-mqtt-ca".into()]), &[]);
    marks(&good, |p| p.endpoint.scheme = Scheme::Mqtt, &["endpoint.scheme"]);
    for (seconds, fields) in
        [(29, &["keep_alive"][..]), (30, &[]), (1_200, &[]), (1_201, &["keep_alive"])]
    {
        marks(&good, |p| p.keep_alive = seconds, fields);
    }
    marks(
        &good,
        |p| {
            p.will = full().will;
            p.will.as_mut().unwrap().qos = QoS::ExactlyOnce;
        },
        &["will.qos"],
    );
    let greedy = subscribed(good, &["#", "$SYS/#", "a/#"]);
    assert_eq!(marked(&greedy), ["subscriptions.0.filter", "subscriptions.1.filter"]);
}

#[test]
fn mosquittos_public_broker_has_its_ports_and_its_own_ca() {
    let host = "test.mosquitto.org";
    for (scheme, port) in
        [(Scheme::Mqtt, 1883), (Scheme::Ws, 8080), (Scheme::Wss, 8081), (Scheme::Mqtts, 8886)]
    {
        assert_eq!(shown(&at(host, scheme, port)), [""; 0], "{scheme:?} {port}");
    }
    let own_ca = at(host, Scheme::Mqtts, 8883);
    marks(&own_ca, |_| {}, &["tls.roots.kind"]);
    marks(&own_ca, |p| p.tls.roots = crate::TlsRoots::ca_file("/mosquitto.org.crt"), &[]);
    marks(&at(host, Scheme::Ws, 8081), |_| {}, &["endpoint.scheme"]);
    marks(&at(host, Scheme::Wss, 8080), |_| {}, &["endpoint.scheme"]);
    assert_eq!(shown(&at(host, Scheme::Mqtts, 1883)), ["endpoint.port scheme_port_mismatch"]);
}

#[test]
fn hivemq_cloud_has_two_ports_one_path_and_its_own_host() {
    let host = "x.s1.eu.hivemq.cloud";
    let mqtts = with_credentials(at(host, Scheme::Mqtts, 8883));
    let wss = with_credentials(at(host, Scheme::Wss, 8884));
    assert!(shown(&mqtts).is_empty() && shown(&wss).is_empty());
    marks(&wss, |p| p.endpoint.port = 8084, &["endpoint.port"]);
    marks(&wss, |p| p.endpoint.path = "/".into(), &["endpoint.path"]);
    marks(&mqtts, |p| p.endpoint.port = 8884, &["endpoint.port"]);
    marks(&mqtts, |p| p.tls.server_name = "a".into(), &["tls.server_name"]);
    marks(&mqtts, |p| p.password = None, &["password"]);
    let mut chosen = mqtts;
    chosen.preset = Some(PresetId("hivemq-cloud".to_owned()));
    marks(&chosen, |p| p.endpoint.host = "192.0.2.1".into(), &["endpoint.host"]);
}

#[test]
fn behind_nginx_the_keep_alive_is_shorter_than_its_patience() {
    let mut profile = at("mqtt.example.com", Scheme::Wss, 443);
    profile.preset = Some(PresetId("nginx".to_owned()));
    marks(&profile, |p| p.keep_alive = 59, &[]);
    marks(&profile, |p| p.keep_alive = 60, &["keep_alive"]);
    marks(&profile, |p| p.keep_alive = 0, &["keep_alive"]);
    profile.keep_alive = 30;
    marks(&profile, |p| p.endpoint.scheme = Scheme::Mqtts, &["endpoint.scheme"]);
    profile.endpoint.port = 8083;
    assert_eq!(shown(&profile), ["endpoint.port scheme_port_mismatch"]);
}

#[test]
fn a_host_elsewhere_than_the_chosen_provider_is_told_its_domains() {
    let mut profile = at("192.168.1.2", Scheme::Mqtts, 8883);
    profile.tls.client_certificate = full().tls.client_certificate;
    profile.tls.roots = crate::TlsRoots::ca_file("/ca");
    profile.preset = Some(PresetId("aws-iot-core".to_owned()));
    let problems = check(&profile);
    let [problem] = &problems[..] else { panic!("{problems:?}") };
    assert_eq!((problem.field.as_str(), problem.code), ("endpoint.host", ProblemCode::OtherHost));
    assert_eq!(problem.limit, ".iot.*.amazonaws.com, .iot.*.amazonaws.com.cn");
    profile.endpoint.host = "x.iot.eu-west-1.amazonaws.com".into();
    assert_eq!(check(&profile), []);
}

#[test]
fn patterns_take_one_character_or_more_for_each_star() {
    let must: Must = serde_json::from_value(json!({"be_like": ["*.*", "a|*|1"]})).unwrap();
    let rule = |must| Rule {
        field: "user_name".to_owned(),
        must,
        when: None,
        weight: Weight::Warning,
        reason: provider("nginx").name.clone(),
        source: String::new(),
    };
    let mut preset = own(json!({}));
    preset.rules = vec![rule(must)];
    for (name, holds) in [
        ("", true),
        ("a.b", true),
        ("é.ü", true),
        ("a.b.c", true),
        ("A|x|1", true),
        ("a|é|1", true),
        (".b", false),
        ("a.", false),
        ("a||1", false),
        ("a|x|12", false),
        ("ab", false),
    ] {
        let mut profile = new();
        profile.user_name = name.to_owned();
        assert_eq!(preset.breaches(&profile).is_empty(), holds, "{name}");
    }
}
