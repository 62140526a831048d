//! What is true of every target: no secret, nothing left out in silence, and text that cannot become code.

use mqttscope_model::{
    ClientCertificate, Colour, Header, HeaderValue, ProfileId, Proxy, ProxyServer, QoS,
    RetainHandling, Scheme, SecretName, Subscription, TlsRoots, TypedBytes, UserProperty, Will,
    WillPayload, WillProperties,
};

use super::*;

fn values() -> Placeholders {
    Placeholders { random: "r4nd0m12".to_owned(), hostname: "host".to_owned(), time: 1 }
}

fn profile() -> Profile {
    let mut profile = Profile::new(ProfileId::new("p1").unwrap(), "client-1".to_owned());
    profile.name = "Test".to_owned();
    profile.endpoint.host = "broker.example.com".to_owned();
    profile
}

fn copy(profile: &Profile, target: CopyTarget) -> Copied {
    copy_as(profile, target, &values())
}

fn fields(copied: &Copied) -> Vec<&str> {
    copied.notes.iter().map(|note| note.field.as_str()).collect()
}

#[test]
fn a_plain_profile_needs_no_note_but_where_a_target_speaks_5_only() {
    for target in CopyTarget::ALL {
        assert_eq!(copy(&profile(), target).notes, [], "{target:?}");
    }
    let old = Profile { version: mqttscope_model::ProtocolVersion::V311, ..profile() };
    assert_eq!(fields(&copy(&old, CopyTarget::Go)), ["version"]);
    assert_eq!(fields(&copy(&old, CopyTarget::Rust)), [""; 0]);
}

#[test]
fn secrets_are_read_from_the_environment_or_left_out_with_a_note() {
    let mut profile = profile();
    profile.user_name = "ann".to_owned();
    profile.password = Some(SecretName::password_of(&profile.id));
    for target in CopyTarget::ALL {
        let copied = copy(&profile, target);
        let is_code = !matches!(target, CopyTarget::MqttxJson | CopyTarget::Url);
        assert_eq!(copied.text.contains("MQTT_PASSWORD"), is_code, "{target:?}");
        assert_eq!(copied.needs.len(), usize::from(is_code), "{target:?}");
        let left_out = copied.notes.iter().filter(|note| note.code == NoteCode::SecretLeftOut);
        assert_eq!(left_out.count(), usize::from(!is_code), "{target:?}");
        assert!(!copied.text.contains("p1/password"), "{target:?}");
    }
}

#[test]
fn hostile_text_stays_text_in_every_target() {
    let hostile = "x'\"`$(touch /tmp/pwned)\\\n</script>${y}";
    let mut profile = profile();
    profile.client_id = hostile.to_owned();
    profile.user_name = hostile.to_owned();
    profile.subscriptions = vec![Subscription::new(hostile, QoS::AtMostOnce)];
    let server = ProxyServer {
        host: "127.0.0.1".to_owned(),
        port: 1080,
        user_name: hostile.to_owned(),
        password: Some(SecretName::password_of(&profile.id)),
    };
    profile.proxy = Proxy::Socks5 { server };
    for target in [CopyTarget::MosquittoSub, CopyTarget::MosquittoPub] {
        let text = copy(&profile, target).text;
        // A shell splits it into words; every word that holds the text must be the text.
        let output = std::process::Command::new("sh")
            .args(["-c", &format!("mosquitto_sub() {{ printf '%s\\0' \"$@\"; }}; mosquitto_pub() {{ mosquitto_sub \"$@\"; }}; {text}")])
            .env("MQTT_PROXY_PASSWORD", "pw")
            .output()
            .unwrap();
        let words = String::from_utf8(output.stdout).unwrap();
        let words: Vec<&str> = words.split('\0').collect();
        assert!(words.contains(&hostile), "{words:?}");
        assert!(
            words.contains(&format!("socks5h://{hostile}:pw@127.0.0.1:1080").as_str()),
            "{words:?}"
        );
    }
    let json: serde_json::Value =
        serde_json::from_str(&copy(&profile, CopyTarget::MqttxJson).text).unwrap();
    assert_eq!(json[0]["username"], hostile);
}

#[test]
fn what_a_target_cannot_express_is_noted() {
    let mut profile = profile();
    profile.endpoint.scheme = Scheme::Wss;
    profile.tls.roots = TlsRoots::Pinned { sha256: vec!["00".repeat(32)] };
    profile.tls.client_certificate = Some(ClientCertificate::pem_files("/c.pem", "/k.pem"));
    let value = HeaderValue::Stored { secret: Some(SecretName::password_of(&profile.id)) };
    profile.websocket.headers = vec![Header { name: "Authorization".to_owned(), value }];
    profile.will = Some(Will {
        topic: "gone".to_owned(),
        payload: WillPayload::Typed { typed: TypedBytes::of_bytes(&[0xff]) },
        qos: QoS::AtLeastOnce,
        retain: true,
        properties: WillProperties { delay_interval: Some(5), ..WillProperties::default() },
    });
    assert_eq!(
        fields(&copy(&profile, CopyTarget::MosquittoSub)),
        [
            "endpoint.scheme",
            "websocket.headers",
            "tls.roots.sha256",
            "will.payload",
            "header:authorization"
        ]
    );
    assert_eq!(fields(&copy(&profile, CopyTarget::Javascript)), ["tls.roots.sha256"]);
    let python = copy(&profile, CopyTarget::Python);
    assert_eq!(fields(&python), ["tls.roots.sha256"]);
    assert_eq!(python.needs[0].variable, "MQTT_HEADER_AUTHORIZATION");
}

#[test]
fn a_template_is_filled_in_and_that_is_said() {
    let profile = Profile { client_id: "c-{{random}}".to_owned(), ..profile() };
    let copied = copy(&profile, CopyTarget::Python);
    assert!(copied.text.contains("\"c-r4nd0m12\""));
    assert_eq!(copied.notes[0].code, NoteCode::Generated);
    assert_eq!(copy(&profile, CopyTarget::Url).notes, []);
}

#[test]
fn an_address_has_its_user_name_encoded() {
    let mut profile = profile();
    profile.endpoint.host = "::1".to_owned();
    profile.user_name = "a@b".to_owned();
    assert_eq!(copy(&profile, CopyTarget::Url).text, "mqtt://a%40b@[::1]:1883");
}

fn with_options() -> Profile {
    let mut profile = profile();
    let pair = UserProperty { name: "site".to_owned(), value: "no'rth".to_owned() };
    profile.subscriptions = vec![
        Subscription {
            name: "Telemetry".to_owned(),
            colour: Some(Colour::Teal),
            no_local: true,
            retain_as_published: true,
            retain_handling: RetainHandling::DoNotSend,
            identifier: Some(7),
            user_properties: vec![pair],
            ..Subscription::new("plant/#", QoS::AtLeastOnce)
        },
        Subscription { enabled: false, ..Subscription::new("off/#", QoS::AtMostOnce) },
    ];
    profile
}

#[test]
fn options_of_a_subscription_are_written_where_a_target_has_them() {
    let profile = with_options();
    let text = |target| copy(&profile, target).text;
    let python = text(CopyTarget::Python);
    assert!(python.contains(
        "(\"plant/#\", SubscribeOptions(qos=1, noLocal=True, retainAsPublished=True, retainHandling=2))"
    ));
    assert!(python.contains("said.SubscriptionIdentifier = 7"), "{python}");
    let script = text(CopyTarget::Javascript);
    assert!(script.contains("{ \"plant/#\": { qos: 1, nl: true, rap: true, rh: 2 } }"), "{script}");
    assert!(script.contains("properties: { subscriptionIdentifier: 7, userProperties: "));
    let line = text(CopyTarget::MosquittoSub);
    for option in [
        "--retain-as-published",
        "-D SUBSCRIBE subscription-identifier 7",
        "-D SUBSCRIBE user-property site 'no'\\''rth'",
    ] {
        assert!(line.contains(option), "{line}");
    }
    let go = text(CopyTarget::Go);
    assert!(go.contains("NoLocal: true, RetainAsPublished: true, RetainHandling: 2}"), "{go}");
    let json: serde_json::Value = serde_json::from_str(&text(CopyTarget::MqttxJson)).unwrap();
    let [on, off] = json[0]["subscriptions"].as_array().unwrap().as_slice() else {
        panic!("both are kept")
    };
    assert_eq!((&on["alias"], &on["rh"]), (&"Telemetry".into(), &2.into()));
    assert_eq!((&on["disabled"], &off["disabled"]), (&false.into(), &true.into()));
}

#[test]
fn what_a_target_cannot_ask_of_the_broker_is_said() {
    let profile = with_options();
    let off = |copied: &Copied| {
        copied
            .notes
            .iter()
            .any(|note| note.code == NoteCode::SubscriptionOff && note.value == "off/#")
    };
    let line = copy(&profile, CopyTarget::MosquittoSub);
    assert_eq!(
        fields(&line),
        ["subscriptions.no_local", "subscriptions.retain_handling", "subscriptions.enabled"]
    );
    assert!(off(&line) && !line.text.contains("off/#"));
    assert!(off(&copy(&profile, CopyTarget::Rust)));
    assert_eq!(copy(&profile, CopyTarget::MqttxJson).notes, []);
    // Its options hold for all filters, so none is written where they differ.
    let mut differing = profile.clone();
    differing.subscriptions[1].enabled = true;
    let line = copy(&differing, CopyTarget::MosquittoSub);
    assert!(fields(&line).contains(&"subscriptions"));
    assert!(!line.text.contains("--retain-as-published"));
    // Versions before 5 send none of it.
    let old = Profile { version: mqttscope_model::ProtocolVersion::V311, ..profile };
    assert_eq!(fields(&copy(&old, CopyTarget::MosquittoSub)), ["subscriptions.enabled"]);
    assert!(!copy(&old, CopyTarget::Python).text.contains("SubscribeOptions("));
    let automatic = Profile { automatic_topic_alias: true, ..self::profile() };
    assert_eq!(fields(&copy(&automatic, CopyTarget::Python)), ["automatic_topic_alias"]);
    assert!(copy(&automatic, CopyTarget::Javascript).text.contains("autoAssignTopicAlias: true"));
}
