//! What "copy as" gives is run as it is, against a real broker: it connects, subscribes, and prints what comes.

use std::path::Path;
use std::process::Command;

use acceptance::mosquitto::Setup;
use acceptance::process::Process;
use acceptance::{App, ClientCertificates, Mosquitto, languages, wait};
use mqttscope_model::{
    ClientCertificate, Profile, ProtocolVersion, QoS, Scheme, SecretSlot, Subscription, TlsRoots,
    TypedBytes, UserProperty, Will, WillPayload, WillProperties,
};
use serde_json::json;
use tempfile::TempDir;

const TOPIC: &str = "copied/it's $HOME";
const VERSIONS: [ProtocolVersion; 3] =
    [ProtocolVersion::V31, ProtocolVersion::V311, ProtocolVersion::V5];

/// A broker that wants user name, password and, with TLS, a client certificate.
fn broker() -> Mosquitto {
    Mosquitto::with(&Setup {
        users: vec![("ann", "pass $word'")],
        client_certificates: ClientCertificates::Required,
        ..Setup::default()
    })
}

async fn profile(
    app: &App,
    broker: &Mosquitto,
    scheme: Scheme,
    version: ProtocolVersion,
) -> Profile {
    let files = broker.certificates();
    let shown = |path: &Path| path.display().to_string();
    let profile = app
        .profile(broker.endpoint(scheme), version, |profile| {
            profile.user_name = "ann".to_owned();
            profile.tls.roots = TlsRoots::ca_file(shown(&files.authority));
            let certificate =
                ClientCertificate::pem_files(shown(&files.client), shown(&files.client_key));
            profile.tls.client_certificate = Some(certificate);
            profile.subscriptions = vec![Subscription::new(TOPIC, QoS::AtLeastOnce)];
            profile.session_expiry = 30;
            let pair =
                |name: &str, value: &str| UserProperty { name: name.into(), value: value.into() };
            profile.connect_properties.receive_maximum = Some(10);
            profile.connect_properties.user_properties = vec![pair("a", "1"), pair("a", "'2'")];
            profile.will = Some(Will {
                topic: "gone".to_owned(),
                payload: WillPayload::Typed { typed: TypedBytes::text("by\"e") },
                qos: QoS::AtLeastOnce,
                retain: false,
                properties: WillProperties {
                    content_type: Some("text/plain".to_owned()),
                    user_properties: vec![pair("b", "3")],
                    ..WillProperties::default()
                },
            });
        })
        .await;
    app.save(&profile, &[(SecretSlot::Password, "pass $word'")]).await
}

async fn copied(app: &App, profile: &Profile, target: &str) -> String {
    let copied = app.call("copy_as", json!({ "profile": profile.id, "target": target })).await;
    assert_eq!(copied["notes"], json!([]), "{target} of {}", profile.name);
    assert_eq!(copied["needs"], json!([{ "variable": "MQTT_PASSWORD", "slot": "password" }]));
    copied["text"].as_str().expect("a text").to_owned()
}

/// Starts `command`, and publishes with the copied `mosquitto_pub` until it prints the message.
async fn receives(
    app: &App,
    broker: &Mosquitto,
    what: &str,
    mut command: Command,
    folder: &TempDir,
) {
    let publisher = profile(app, broker, Scheme::Mqtt, ProtocolVersion::V311).await;
    let publisher = copied(app, &publisher, "mosquitto_pub").await;
    command.env("MQTT_PASSWORD", "pass $word'");
    let mut program = Process::start(command, &folder.path().join("output"));
    wait::until(&format!("{what} to receive"), async || {
        program.check()?;
        let status = Command::new("sh")
            .args(["-c", &publisher])
            .env("MQTT_PASSWORD", "pass $word'")
            .status()
            .map_err(|error| error.to_string())?;
        assert!(status.success(), "mosquitto_pub: {status}");
        let output = program.log();
        if output.contains("hello") { Ok(()) } else { Err(output) }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_of_mosquitto_sub_receives_what_that_of_mosquitto_pub_sends() {
    let (broker, app) = (broker(), App::start().await);
    for scheme in [Scheme::Mqtt, Scheme::Mqtts] {
        for version in VERSIONS {
            let profile = profile(&app, &broker, scheme, version).await;
            let text = copied(&app, &profile, "mosquitto_sub").await;
            let mut command = Command::new("sh");
            command.args(["-c", &text]);
            let folder = TempDir::new().expect("a folder");
            receives(&app, &broker, &profile.name, command, &folder).await;
        }
    }
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_python_code_connects_and_receives_on_every_scheme_and_version() {
    let (broker, app) = (broker(), App::start().await);
    for scheme in Scheme::ALL {
        for version in VERSIONS {
            let profile = profile(&app, &broker, scheme, version).await;
            let folder = TempDir::new().expect("a folder");
            let file = folder.path().join("connect.py");
            std::fs::write(&file, copied(&app, &profile, "python").await).expect("the code");
            let mut command = Command::new(languages::python());
            command.arg(file);
            receives(&app, &broker, &profile.name, command, &folder).await;
        }
    }
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_javascript_code_connects_and_receives_on_every_scheme_and_version() {
    let (broker, app) = (broker(), App::start().await);
    for scheme in Scheme::ALL {
        for version in VERSIONS {
            let profile = profile(&app, &broker, scheme, version).await;
            let folder = TempDir::new_in(languages::node()).expect("a folder");
            let file = folder.path().join("connect.mjs");
            std::fs::write(&file, copied(&app, &profile, "javascript").await).expect("the code");
            let mut command = Command::new("node");
            command.arg(file);
            receives(&app, &broker, &profile.name, command, &folder).await;
        }
    }
    app.stop().await;
}
