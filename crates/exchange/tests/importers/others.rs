//! MQTT Explorer, mosquitto and addresses.

use mqttscope_exchange::ImportFormat;
use mqttscope_model::{
    CertificateSource, ClientCertificate, KeySource, ProtocolVersion, QoS, Scheme, SecretSlot,
    TlsRoots, TlsVersion,
};

use super::support::{notes, password, read, read_fixture};

#[test]
fn mqtt_explorer_brings_connections_of_both_ages_with_embedded_certificates() {
    let found = read_fixture("mqtt-explorer-settings.json");
    assert_eq!(found.format, ImportFormat::MqttExplorer);
    let [public, plant, old] = found.profiles.as_slice() else { panic!("three") };
    assert_eq!(public.profile.client_id, "mqttscope-{{random}}");
    assert_eq!(notes(public), ["clientId = mqtt-explorer-4d1e2f90: generated"]);
    assert_eq!(public.profile.subscriptions.len(), 2);
    let profile = &plant.profile;
    assert_eq!(profile.endpoint.to_string(), "wss://broker.example.com:8884/mqtt");
    assert!(!profile.tls.verify);
    assert_eq!(password(plant), Some("s3cr3t-explorer"));
    assert!(matches!(&profile.tls.roots, TlsRoots::CaPem { pem } if pem.contains("BEGIN")));
    let Some(ClientCertificate::Pem { certificate, key, .. }) = &profile.tls.client_certificate
    else {
        panic!("a client certificate")
    };
    assert!(matches!(certificate, CertificateSource::Text { .. }));
    assert_eq!(*key, KeySource::Stored { secret: None });
    let key = plant.secrets.get(&SecretSlot::PrivateKey).unwrap();
    assert!(key.expose().contains("PRIVATE KEY"));
    assert_eq!(old.profile.subscriptions[1].filter, "b/#");
    assert!(notes(old).is_empty());
}

#[test]
fn options_files_of_mosquitto_split_at_the_first_space() {
    let found = read_fixture("mosquitto-options.txt");
    assert_eq!(found.format, ImportFormat::MosquittoOptions);
    let one = &found.profiles[0];
    assert_eq!(one.profile.endpoint.scheme, Scheme::Mqtts);
    assert_eq!(one.profile.user_name, "plant user");
    assert_eq!(password(one), Some("p@ss word #1"));
    assert_eq!(one.profile.tls.roots, TlsRoots::ca_file("/etc/ssl/my ca.pem"));
    assert_eq!(one.profile.connect_properties.user_properties[0].value, "Hall 7");
}

#[test]
fn pasted_command_lines_become_profiles_with_all_their_options() {
    let found = read_fixture("mosquitto-command.sh");
    assert_eq!(found.format, ImportFormat::MosquittoCommand);
    let [first, second] = found.profiles.as_slice() else { panic!("two") };
    let profile = &first.profile;
    assert_eq!(profile.endpoint.to_string(), "wss://broker.example.com:8884/mqtt");
    assert_eq!(profile.version, ProtocolVersion::V5);
    assert_eq!((profile.clean_start, profile.session_expiry), (false, u32::MAX));
    assert_eq!(profile.user_name, "me");
    assert_eq!(password(first), Some("p$a\"ss"));
    assert_eq!(profile.keep_alive, 30);
    let files = ClientCertificate::pem_files("C:\\certs\\me.pem", "me.key");
    assert_eq!(profile.tls.client_certificate, Some(files));
    assert_eq!(profile.tls.min_version, TlsVersion::V13);
    assert!(!profile.tls.verify);
    assert_eq!(profile.connect_properties.receive_maximum, Some(20));
    let will = profile.will.as_ref().unwrap();
    assert_eq!((will.topic.as_str(), will.qos, will.retain), ("status", QoS::AtLeastOnce, true));
    assert_eq!(will.properties.delay_interval, Some(5));
    assert_eq!(profile.subscriptions.len(), 2);
    assert_eq!(profile.subscriptions[0].qos, QoS::ExactlyOnce);
    assert_eq!(notes(first), ["--insecure = : not_usable", "--psk = : no_counterpart"]);
    assert_eq!(second.profile.endpoint.to_string(), "mqtts://h2.example.com:8883");
    assert_eq!(password(second), Some("p@ss"));
    assert!(second.profile.subscriptions.is_empty(), "what is published to is no subscription");
    assert_eq!(notes(second), ["-P = : secret_left_out"]);
}

#[test]
fn a_command_line_that_does_not_end_says_its_line() {
    let shown = |text: &str| read("", text).unwrap_err().to_string();
    let open = "mosquitto_sub -h h \\\n -P 'hunter2";
    assert_eq!(
        shown(open),
        "the pasted text cannot be imported (2): a quote is opened and never closed"
    );
    let unknown = read("", "mosquitto_sub -h h -Phunter2 --secret=hunter2 --pw=hunter2").unwrap();
    let fields = ["-P = : no_counterpart", "--secret = : no_counterpart"];
    assert_eq!(notes(&unknown.profiles[0]), fields);
    assert_eq!(password(&unknown.profiles[0]), Some("hunter2"));
    assert!(shown("mosquitto_sub -h").contains("a value behind the option is expected here"));
}

#[test]
fn addresses_are_read_one_a_line() {
    let found =
        read("", "# brokers\nmqtts://u:p%40@h.example:8884\n\nws://[::1]:8083/x?y=1\n").unwrap();
    assert_eq!(found.format, ImportFormat::Url);
    let shown = |index: usize| found.profiles[index].profile.endpoint.to_string();
    assert_eq!(shown(0), "mqtts://h.example:8884");
    assert_eq!(shown(1), "ws://[::1]:8083/x?y=1");
    assert_eq!(password(&found.profiles[0]), Some("p@"));
    for single in ["broker.example.com", "[::1]:1883", "<mqtt://h>", "h:8883"] {
        assert_eq!(read("", single).unwrap().format, ImportFormat::Url, "{single}");
    }
    let error = read("", "mqtt://h\nmqtt://user:hunter2/x@host").unwrap_err().to_string();
    assert_eq!(
        error,
        "the pasted text cannot be imported (2): this is no address (credentials_not_encoded)"
    );
    assert!(read("", "Dear all, please find attached").is_err());
}

#[test]
fn hivemq_cli_properties_become_one_profile() {
    let found = read_fixture("hivemq-config.properties");
    assert_eq!(found.format, ImportFormat::HivemqCli);
    let one = &found.profiles[0];
    assert_eq!(one.profile.endpoint.to_string(), "mqtts://broker.example.com:8884");
    assert_eq!(one.profile.client_id, "bench-{{random}}");
    assert_eq!(one.profile.version, ProtocolVersion::V311);
    assert_eq!(one.profile.user_name, "plant user");
    assert_eq!(password(one), Some("s3cr3t\\hivemq"));
    assert!(one.secrets.get(&SecretSlot::KeyPassphrase).is_some());
    assert_eq!(notes(one), ["auth.password.env = MQTT_PW: secret_left_out"]);
}

#[test]
fn mqttanalyzer_brings_embedded_certificates_and_archives() {
    let found = read_fixture("analyzer.mqttbroker");
    assert_eq!(found.format, ImportFormat::MqttAnalyzer);
    let one = &found.profiles[0];
    assert_eq!(one.profile.endpoint.to_string(), "wss://broker.example.com:8084/mqtt");
    assert_eq!(one.profile.version, ProtocolVersion::V5);
    assert!(
        matches!(&one.profile.tls.roots, TlsRoots::CaPem { pem } if pem.contains("\nMIIBAQ==\n"))
    );
    assert!(matches!(one.profile.tls.client_certificate, Some(ClientCertificate::Pkcs12 { .. })));
    for slot in [SecretSlot::Password, SecretSlot::Pkcs12, SecretSlot::KeyPassphrase] {
        assert!(one.secrets.get(&slot).is_some(), "{slot}");
    }
    assert!(notes(one).is_empty(), "{:?}", notes(one));
    let newer = r#"{"version": 2, "broker": {"hostname": "h"}}"#;
    let error = read("a", newer).unwrap_err().to_string();
    assert_eq!(error, "a cannot be imported (version): its version 2 is not known here");
}

#[test]
fn mqtt_fx_and_mqtt_spy_are_read_from_their_xml() {
    let found = read_fixture("mqttfx-config.xml");
    assert_eq!(found.format, ImportFormat::MqttFx);
    let fx = &found.profiles[0];
    assert_eq!(fx.profile.name, "Plant & hall");
    assert_eq!(fx.profile.endpoint.to_string(), "mqtts://broker.example.com:8883");
    assert_eq!((fx.profile.clean_start, fx.profile.keep_alive), (false, 45));
    assert_eq!(password(fx), Some("s3cr3t-fx"));
    let messages = "connectionProfiles.connectionProfile[0].preDefinedMessages.message";
    assert_eq!(notes(fx), [format!("{messages} = 2: no_counterpart")]);
    let found = read_fixture("mqtt-spy.xml");
    assert_eq!(found.format, ImportFormat::MqttSpy);
    let spy = &found.profiles[0];
    assert_eq!(spy.profile.endpoint.to_string(), "wss://broker.example.com:8884/mqtt");
    assert_eq!(spy.profile.version, ProtocolVersion::V31);
    let will = spy.profile.will.as_ref().unwrap();
    assert_eq!((will.topic.as_str(), will.qos, will.retain), ("status", QoS::AtLeastOnce, true));
    assert_eq!(spy.profile.subscriptions[0].qos, QoS::ExactlyOnce);
    assert_eq!(
        notes(spy),
        ["Connectivity.ConnectionV2[0].ServerURI[1] = second:1883: no_counterpart"]
    );
}

#[test]
fn what_mosquitto_sub_asks_of_all_its_filters_is_of_each_subscription() {
    let command = "mosquitto_sub -V 5 -t a/# -t b --retain-as-published \\\n\
        -D subscribe subscription-identifier 7 -D SUBSCRIBE user-property site north";
    let found = read("command.sh", command).unwrap();
    let [profile] = found.profiles.as_slice() else { panic!("one command") };
    for (subscription, filter) in profile.profile.subscriptions.iter().zip(["a/#", "b"]) {
        assert_eq!(subscription.filter, filter);
        assert!(subscription.retain_as_published);
        assert_eq!(subscription.identifier, Some(7));
        assert_eq!(subscription.user_properties[0].value, "north");
    }
    let wrong = "mosquitto_sub -t a -D subscribe subscription-identifier 0";
    let found = read("command.sh", wrong).unwrap();
    assert_eq!(notes(&found.profiles[0]), ["-D subscribe subscription-identifier = 0: not_usable"]);
}
