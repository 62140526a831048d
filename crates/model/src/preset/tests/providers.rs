//! The presets that come with the application.

use super::*;
use crate::client_id;

#[test]
fn every_file_is_a_preset_with_words_in_both_languages() {
    assert_eq!(providers().len(), FILES.len());
    let mut ids = BTreeSet::new();
    for preset in providers() {
        assert!(preset.id.is_valid() && ids.insert(&preset.id), "{}", preset.id);
        let rules = preset.rules.iter().map(|rule| &rule.reason);
        let labels = preset
            .asks
            .iter()
            .flat_map(|ask| ask.choices.iter().map(|choice| &choice.label).chain([&ask.label]));
        for words in rules.chain(labels).chain([&preset.name, &preset.note]) {
            assert!(!words.en.is_empty() && !words.zh.is_empty(), "{}", preset.id);
        }
    }
}

#[test]
fn every_placeholder_is_a_question_and_no_question_hides_one_of_the_client_identifiers() {
    for preset in providers() {
        let open: Vec<_> = preset.asks.iter().filter(|ask| ask.secret.is_none()).collect();
        let text = serde_json::to_string(preset).unwrap();
        for rest in text.split("{{").skip(1) {
            let id = rest.split_once("}}").unwrap().0;
            let is_question = open.iter().any(|ask| ask.id == id);
            assert!(is_question != client_id::NAMES.contains(&id), "{} {id}", preset.id);
        }
    }
}

#[test]
fn every_rule_names_a_field_that_profiles_have() {
    let profile = serde_json::to_value(full()).unwrap();
    for preset in providers() {
        let conditions = preset.rules.iter().filter_map(|rule| rule.when.as_ref());
        let inner = conditions.clone().flat_map(|when| &when.and);
        let paths = preset.rules.iter().map(|rule| &rule.field);
        for path in paths.chain(conditions.chain(inner).map(|when| &when.field)) {
            let places = rule::places(&profile, path);
            assert!(
                !places.is_empty() && places.iter().all(|(_, value)| value.is_some()),
                "{path}"
            );
        }
    }
}

#[test]
fn every_way_to_answer_a_provider_makes_a_profile_without_errors() {
    for preset in providers() {
        let open: Vec<_> = preset.asks.iter().filter(|ask| ask.secret.is_none()).collect();
        let most = open.iter().map(|ask| ask.choices.len()).max().unwrap_or_default().max(1);
        for turn in 0..most {
            let given = open.iter().map(|ask| {
                let choice = ask.choices.get(turn.min(ask.choices.len().saturating_sub(1)));
                let text = match choice {
                    Some(choice) => choice.value.clone(),
                    None if ask.example.is_empty() => "x1".to_owned(),
                    None => ask.example.clone(),
                };
                (ask.id.clone(), text)
            });
            let mut made = preset.apply(&new(), &given.collect()).unwrap();
            for slot in preset.asks.iter().filter_map(|ask| ask.secret.as_ref()) {
                assert!(made.set_secret(slot, Some(SecretName::of(&made.id, slot))), "{slot}");
            }
            // What only a person can give: AWS and Mosquitto want certificates.
            let open_fields = ["tls.client_certificate", "tls.roots.kind"];
            let left: Vec<_> = marked(&made)
                .into_iter()
                .filter(|field| !open_fields.contains(&field.as_str()))
                .collect();
            assert_eq!(left, [""; 0], "{} {turn}", preset.id);
            let errors = check(&made).into_iter().filter(|p| p.weight == Weight::Error);
            assert_eq!(errors.count(), 0, "{}", preset.id);
        }
    }
}

#[test]
fn uiot_fills_in_what_a_device_is_known_by() {
    let profile = uiot("wss");
    let shown = format!("{} {} {}", profile.client_id, profile.user_name, profile.version);
    assert_eq!(shown, "P1.D1 P1|D1|1 3.1.1");
    assert_eq!((profile.endpoint.scheme, profile.endpoint.port), (Scheme::Wss, 443));
    assert_eq!((profile.keep_alive, profile.clean_start), (300, true));
    assert_eq!(profile.preset, Some(PresetId("ucloud-uiot".to_owned())));
    assert_eq!(uiot("ws").endpoint.port, 80);
}

#[test]
fn uiot_marks_each_broken_rule_at_its_field() {
    let broken = |change: fn(&mut Profile), fields: &[&str]| {
        let mut profile = uiot("wss");
        change(&mut profile);
        assert_eq!(marked(&profile), fields);
    };
    broken(|_| {}, &[]);
    broken(|p| p.version = crate::ProtocolVersion::V5, &["version"]);
    broken(|p| p.keep_alive = 20, &["keep_alive"]);
    broken(|p| p.keep_alive = 1201, &["keep_alive"]);
    broken(|p| p.keep_alive = 0, &["keep_alive"]);
    broken(|p| p.will = full().will, &["will"]);
    broken(
        |p| {
            p.will = full().will;
            p.will.as_mut().unwrap().retain = true;
        },
        &["will", "will.retain"],
    );
    broken(|p| p.endpoint.port = 8084, &["endpoint.port"]);
    broken(|p| p.user_name.clear(), &["user_name"]);
    broken(
        |p| {
            p.subscriptions = full().subscriptions;
            p.subscriptions.push(Subscription::new("b", QoS::ExactlyOnce));
        },
        &["subscriptions.1.qos"],
    );
}

#[test]
fn a_marked_field_carries_the_reason_in_both_languages() {
    let mut profile = uiot("ws");
    profile.keep_alive = 20;
    let problem = check(&profile).into_iter().find(|p| p.field == "keep_alive").unwrap();
    let reason = problem.reason.unwrap();
    assert!(reason.en.contains("1200") && reason.zh.contains("1200"));
}

#[test]
fn aws_wants_alpn_on_port_443_and_a_certificate_on_8883() {
    let mut profile = new();
    profile.endpoint.host = "x-ats.iot.eu-west-1.amazonaws.com".into();
    profile.endpoint.scheme = Scheme::Mqtts;
    profile.endpoint.port = 8883;
    assert_eq!(marked(&profile), ["tls.client_certificate"]);
    profile.endpoint.port = 443;
    assert_eq!(marked(&profile), ["tls.alpn"]);
    profile.tls.alpn = vec!["x-amzn-mqtt-ca".into()];
    assert_eq!(marked(&profile), [""; 0]);
    profile.subscriptions =
        ["#", "a/#"].map(|filter| Subscription::new(filter, QoS::ExactlyOnce)).to_vec();
    let fields = ["subscriptions.0.qos", "subscriptions.1.qos", "subscriptions.0.filter"];
    assert_eq!(marked(&profile), fields);
}

#[test]
fn serverless_wants_tls_and_credentials_and_its_own_name() {
    let mut profile = new();
    profile.endpoint.host = "ABC.ala.eu-central-1.emqxsl.com.".into();
    profile.tls.server_name = "other.example.com".into();
    let fields = ["endpoint.scheme", "user_name", "password", "tls.server_name"];
    assert_eq!(marked(&profile), fields);
}

#[test]
fn hosts_are_known_by_whole_labels() {
    let at = |host: &str| {
        let mut profile = new();
        profile.endpoint.host = host.to_owned();
        provider_of(&profile, &[]).map(|preset| preset.id.0.as_str())
    };
    assert_eq!(at("a.iot.cn-north-1.amazonaws.com.cn"), Some("aws-iot-core"));
    assert_eq!(at("ec2-1-2-3-4.eu-west-1.compute.amazonaws.com"), None);
    assert_eq!(at("test.mosquitto.org"), Some("mosquitto-test"));
    assert_eq!(at("contest.mosquitto.org"), None);
    assert_eq!(at("hivemq.cloud"), None);
    assert_eq!(at("x.s1.eu.hivemq.cloud"), Some("hivemq-cloud"));
    assert_eq!(at(""), None);
}
