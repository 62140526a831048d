//! Diagnoses through the door: what a session left behind, attempts that a person asks for, fixes and certificates.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "what is not as expected ends a test, in its helpers as well"
)]

use std::path::PathBuf;
use std::time::Duration;

use mqttscope_engine::api::Event;
use mqttscope_engine::{Engine, Events, Folders, Ports, Start};
use mqttscope_model::{Profile, QoS, Scheme, UserError, Will, WillPayload, WillProperties};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

const PATIENCE: Duration = Duration::from_secs(20);

struct App {
    engine: Engine,
    folder: TempDir,
}

impl App {
    async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let start = Start {
            folders: Folders::below(folder.path()),
            // No test here starts the local broker.
            broker_executable: PathBuf::new(),
            broker_ports: Ports { mqtt: 0, ws: 0 },
        };
        Self { engine: Engine::start(start).await.unwrap(), folder }
    }

    async fn call(&self, name: &str, args: Value) -> Value {
        self.engine.call(name, args).await.unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    async fn refused(&self, name: &str, args: Value) -> UserError {
        self.engine.call(name, args).await.expect_err(name)
    }

    /// A profile that is not saved.
    async fn profile(&self, port: u16) -> Profile {
        let profile = self.call("profile_new", json!({})).await;
        let mut profile: Profile = serde_json::from_value(profile).unwrap();
        profile.name = "press".to_owned();
        profile.client_id = "press-7".to_owned();
        profile.endpoint.host = "127.0.0.1".to_owned();
        profile.endpoint.port = port;
        profile
    }

    async fn start_diagnosis(&self, profile: &Profile, secrets: Value, options: Value) -> Value {
        let args = json!({ "profile": profile, "secrets": secrets, "options": options });
        self.call("diagnosis_start", args).await
    }

    async fn report(&self, diagnosis: &Value) -> Value {
        self.call("diagnosis_report", json!({ "diagnosis": diagnosis })).await
    }

    /// Waits for the event that tells its end, and gives the report.
    async fn over(&self, events: &mut Events, diagnosis: &Value) -> Value {
        let waiting = async {
            loop {
                let over = |event: &Event| matches!(event, Event::Diagnosis { finished: true, diagnosis: id } if json!(id) == *diagnosis);
                if events.next().await.events.iter().any(over) {
                    return;
                }
            }
        };
        timeout(PATIENCE, waiting).await.expect("it does not end");
        self.report(diagnosis).await
    }

    /// Waits until a profile's session is in this state.
    async fn until(&self, events: &mut Events, wanted: &str) {
        let waiting = async {
            loop {
                let list = self.call("sessions_list", json!({})).await;
                if list[0]["state"]["state"] == wanted {
                    return;
                }
                events.next().await;
            }
        };
        timeout(PATIENCE, waiting).await.unwrap_or_else(|_| panic!("never {wanted}"));
    }
}

/// A listener that speaks for a broker.
struct Broker(TcpListener);

impl Broker {
    async fn start() -> Self {
        Self(TcpListener::bind("127.0.0.1:0").await.unwrap())
    }

    fn port(&self) -> u16 {
        self.0.local_addr().unwrap().port()
    }

    /// The next client and its CONNECT.
    async fn accept(&self) -> (TcpStream, String) {
        let (mut stream, _) = timeout(PATIENCE, self.0.accept()).await.unwrap().unwrap();
        let connect = packet(&mut stream).await;
        assert_eq!(connect[0], 0x10);
        (stream, String::from_utf8_lossy(&connect).into_owned())
    }

    /// The next client, who is welcome.
    async fn welcome(&self) -> (TcpStream, String) {
        let (mut stream, connect) = self.accept().await;
        stream.write_all(&[0x20, 3, 0, 0, 0]).await.unwrap();
        (stream, connect)
    }
}

async fn packet(stream: &mut TcpStream) -> Vec<u8> {
    let mut head = [0; 2];
    timeout(PATIENCE, stream.read_exact(&mut head)).await.unwrap().unwrap();
    assert!(head[1] < 0x80, "no test sends long packets");
    let mut body = vec![0; head[1].into()];
    stream.read_exact(&mut body).await.unwrap();
    [&head[..], &body].concat()
}

async fn closed_port() -> u16 {
    Broker::start().await.port()
}

fn stages(report: &Value) -> Vec<String> {
    let stages = report["account"]["attempt"]["stages"].as_array().unwrap();
    let word = |value: &Value| value.as_str().unwrap().to_owned();
    stages.iter().map(|s| format!("{} {}", word(&s["stage"]), word(&s["verdict"]))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_has_a_report_when_it_failed_and_when_it_stands() {
    let app = App::start().await;
    let mut profile = app.profile(closed_port().await).await;
    profile.reconnect.enabled = false;
    let save = |profile: &Profile| json!({ "profile": profile, "secrets": [] });
    app.call("profile_save", save(&profile)).await;
    let id = json!({ "profile": profile.id });
    assert_eq!(app.call("session_report", id.clone()).await, Value::Null);

    let mut events = app.engine.events();
    app.call("session_connect", id.clone()).await;
    app.until(&mut events, "failed").await;
    let report = app.call("session_report", id.clone()).await;
    assert_eq!(stages(&report), ["name passed", "tcp failed"]);
    assert_eq!(report["diagnosis"]["verdict"], "failed");
    assert_eq!(report["diagnosis"]["causes"][0]["code"], "tcp.refused");
    assert_eq!(report["endpoint"]["port"], json!(profile.endpoint.port));

    let broker = Broker::start().await;
    profile.endpoint.port = broker.port();
    app.call("profile_save", save(&profile)).await;
    app.call("session_connect", id.clone()).await;
    let (_stream, _) = broker.welcome().await;
    app.until(&mut events, "connected").await;
    let report = app.call("session_report", id).await;
    assert_eq!(report["diagnosis"]["verdict"], "ok");
    assert_eq!(report["account"]["facts"]["mqtt"]["connack"]["reason"], 0);
    app.engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_that_is_nowhere_is_a_report_too() {
    let app = App::start().await;
    let mut profile = app.profile(1883).await;
    profile.user_name = "ada".to_owned();
    let secrets = json!([{ "slot": "password", "value": "hunter2" }]);
    app.call("profile_save", json!({ "profile": profile, "secrets": secrets })).await;
    std::fs::remove_file(app.folder.path().join("config/secrets.json")).ok();
    let id = json!({ "profile": profile.id });
    if app.call("app_info", json!({})).await["secret_store"]["kind"] == "keychain" {
        return;
    }
    let error = app.refused("session_connect", id.clone()).await;
    let report = app.call("session_report", id).await;
    assert_eq!(report["account"]["attempt"]["error"]["code"], json!(error.code));
    assert_eq!(stages(&report), ["settings failed"]);
    assert_eq!(report["diagnosis"]["causes"][0]["code"], "secret.missing");
    app.engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unsaved_profile_is_tried_with_what_was_typed_and_nothing_is_saved() {
    let app = App::start().await;
    let broker = Broker::start().await;
    let mut profile = app.profile(broker.port()).await;
    profile.user_name = "ada".to_owned();
    profile.will = Some(Will {
        topic: "last/words".to_owned(),
        payload: WillPayload::default(),
        qos: QoS::AtMostOnce,
        retain: false,
        properties: WillProperties::default(),
    });
    let mut events = app.engine.events();
    let secrets = json!([{ "slot": "password", "value": "hunter2" }]);
    let diagnosis = app.start_diagnosis(&profile, secrets, json!({})).await;
    let (mut stream, connect) = broker.accept().await;
    assert!(connect.contains("press-7") && connect.contains("ada") && connect.contains("hunter2"));
    assert!(!connect.contains("last/words"), "a diagnosis has no Will");
    stream.write_all(&[0x20, 3, 0, 0x87, 0]).await.unwrap();
    drop(stream);
    let report = app.over(&mut events, &diagnosis).await;
    assert_eq!(report["diagnosis"]["stage"], "mqtt");
    assert_eq!(report["diagnosis"]["causes"][0]["code"], "mqtt.not_authorised");
    assert!(!report.to_string().contains("hunter2"));
    let list = app.call("profiles_list", json!({})).await;
    assert_eq!(list["profiles"], json!([]));
    app.engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_session_is_left_alone_and_the_longer_form_subscribes_and_says_goodbye() {
    let app = App::start().await;
    let broker = Broker::start().await;
    let mut profile = app.profile(broker.port()).await;
    profile.subscriptions =
        serde_json::from_value(json!([{ "filter": "plant/#", "qos": 1 }])).unwrap();
    app.call("profile_save", json!({ "profile": profile, "secrets": [] })).await;
    let mut events = app.engine.events();
    app.call("session_connect", json!({ "profile": profile.id })).await;
    let (mut session, connect) = broker.welcome().await;
    assert!(connect.ends_with("press-7"));
    assert_eq!(packet(&mut session).await[0], 0x82, "SUBSCRIBE");

    let diagnosis = app.start_diagnosis(&profile, json!([]), json!({ "subscribe": true })).await;
    let (mut stream, connect) = broker.welcome().await;
    assert!(!connect.ends_with("press-7") && connect.contains("press-7"), "{connect}");
    let subscribe = packet(&mut stream).await;
    stream.write_all(&[0x90, 4, subscribe[2], subscribe[3], 0, 1]).await.unwrap();
    // A message of QoS 1 that is for the application, and must not be acknowledged.
    stream.write_all(b"\x32\x0a\x00\x05plant\x00\x01\x00").await.unwrap();
    let goodbye = packet(&mut stream).await;
    assert_eq!(goodbye[0], 0xe0, "DISCONNECT, and no PUBACK before it");
    drop(stream);
    let report = app.over(&mut events, &diagnosis).await;
    assert_eq!(report["diagnosis"]["verdict"], "ok", "{report}");
    assert_eq!(stages(&report).last().unwrap(), "subscribe passed");
    let subscribed = &report["account"]["facts"]["subscribe"];
    assert_eq!(subscribed["answers"][0]["granted"], 1);
    assert!(subscribed["watched_ms"].as_u64().unwrap() >= 2000);
    assert_eq!(report["options"]["other_client_id"], true);
    let list = app.call("sessions_list", json!({})).await;
    assert_eq!(list[0]["state"]["state"], "connected");
    app.engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_close_after_subscribing_and_a_lost_connection_are_stages_that_failed() {
    let app = App::start().await;
    let broker = Broker::start().await;
    let mut profile = app.profile(broker.port()).await;
    profile.keep_alive = 1;
    profile.subscriptions = serde_json::from_value(json!([{ "filter": "#", "qos": 0 }])).unwrap();
    let mut events = app.engine.events();
    let options = json!({ "subscribe": true, "stay": true });
    let diagnosis = app.start_diagnosis(&profile, json!([]), options.clone()).await;
    let (mut stream, _) = broker.welcome().await;
    packet(&mut stream).await;
    drop(stream);
    let report = app.over(&mut events, &diagnosis).await;
    assert_eq!(stages(&report).last().unwrap(), "subscribe failed");
    assert_eq!(report["diagnosis"]["causes"][0]["code"], "subscribe.closed");
    assert!(report["account"]["facts"]["subscribe"]["closed_after_ms"].is_u64());

    profile.subscriptions.clear();
    let diagnosis = app.start_diagnosis(&profile, json!([]), options).await;
    let (mut stream, _) = broker.welcome().await;
    let mut pings = 0;
    loop {
        match packet(&mut stream).await[0] {
            0xc0 => {
                pings += 1;
                stream.write_all(&[0xd0, 0]).await.unwrap();
            }
            other => break assert_eq!(other, 0xe0, "DISCONNECT"),
        }
    }
    drop(stream);
    assert!(pings >= 2);
    let report = app.over(&mut events, &diagnosis).await;
    assert_eq!(report["diagnosis"]["verdict"], "ok", "{report}");
    let all = stages(&report);
    assert_eq!(all[all.len() - 2..], ["subscribe passed", "staying passed"]);
    app.engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_diagnosis_knows_how_the_sessions_connections_ended() {
    let app = App::start().await;
    let broker = Broker::start().await;
    let mut profile = app.profile(broker.port()).await;
    profile.reconnect.enabled = false;
    app.call("profile_save", json!({ "profile": profile, "secrets": [] })).await;
    let mut events = app.engine.events();
    app.call("session_connect", json!({ "profile": profile.id })).await;
    let (stream, _) = broker.welcome().await;
    app.until(&mut events, "connected").await;
    drop(stream);
    app.until(&mut events, "failed").await;

    for (client_id, known) in [("press-7", 1), ("press-8", 0)] {
        profile.client_id = client_id.to_owned();
        let diagnosis = app.start_diagnosis(&profile, json!([]), json!({})).await;
        let (_stream, connect) = broker.welcome().await;
        assert!(connect.ends_with(client_id), "no session runs that it would throw out");
        let report = app.over(&mut events, &diagnosis).await;
        let past = report["account"]["past"].as_array().unwrap();
        assert_eq!(past.len(), known, "{report}");
    }
    app.engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_diagnosis_is_cancelled_wherever_it_is_and_old_ones_are_forgotten() {
    let app = App::start().await;
    let broker = Broker::start().await;
    let profile = app.profile(broker.port()).await;
    let mut events = app.engine.events();
    let first = app.start_diagnosis(&profile, json!([]), json!({})).await;
    let (_silent, _) = broker.accept().await;
    let report = app.report(&first).await;
    assert_eq!(report["diagnosis"], Value::Null, "it runs");
    app.call("diagnosis_cancel", json!({ "diagnosis": first })).await;
    let report = app.over(&mut events, &first).await;
    assert_eq!(report["diagnosis"]["verdict"], "cancelled");
    assert_eq!(stages(&report).last().unwrap(), "mqtt cancelled");

    let mut last = first.clone();
    for _ in 0..16 {
        last = app.start_diagnosis(&profile, json!([]), json!({})).await;
    }
    assert_eq!(last, json!(first.as_u64().unwrap() + 16));
    app.report(&last).await;
    for gone in [first, json!(999)] {
        let error = app.refused("diagnosis_report", json!({ "diagnosis": gone })).await;
        assert_eq!(error.code.as_str(), "diagnosis.gone");
    }
    // Nothing of all this keeps the application from ending.
    timeout(PATIENCE, app.engine.stop()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fix_is_applied_to_the_profile_that_is_given_and_saved_nowhere() {
    let app = App::start().await;
    let mut profile = app.profile(closed_port().await).await;
    profile.endpoint.scheme = Scheme::Mqtts;
    let mut events = app.engine.events();
    let diagnosis = app.start_diagnosis(&profile, json!([]), json!({})).await;
    let report = app.over(&mut events, &diagnosis).await;
    let fixes = report["diagnosis"]["fixes"].as_array().unwrap();
    let fix = fixes.iter().find(|fix| !fix["changes"].as_array().unwrap().is_empty()).unwrap();
    let fixed = app.call("fix_apply", json!({ "profile": profile, "fix": fix })).await;
    assert_ne!(fixed["endpoint"], json!(profile.endpoint));
    assert_eq!(app.call("profiles_list", json!({})).await["profiles"], json!([]));
    app.engine.stop().await;
}

/// Made for this test with openssl; its key was thrown away.
const CERTIFICATE: &str = include_str!("certificate.pem");

#[tokio::test(flavor = "multi_thread")]
async fn only_certificates_are_saved_as_certificates() {
    let app = App::start().await;
    let path = app.folder.path().join("chain.pem");
    let args = |pem: Value| json!({ "path": path, "pem": pem });
    app.call("certificates_save", args(json!([CERTIFICATE, CERTIFICATE.trim()]))).await;
    let saved = std::fs::read_to_string(&path).unwrap();
    assert_eq!(saved, format!("{0}\n{0}\n", CERTIFICATE.trim()));

    let key = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----";
    let both = format!("{}\n{key}", CERTIFICATE.trim());
    let hollow = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----";
    for wrong in [json!([]), json!([key]), json!([both]), json!([hollow]), json!(["<b>"])] {
        let error = app.refused("certificates_save", args(wrong)).await;
        assert_eq!(error.code.as_str(), "certificate.not_saved");
    }
    assert_eq!(std::fs::read_to_string(&path).unwrap(), saved, "the file stays as it was");
    let nowhere = json!({ "path": "/nonexistent/chain.pem", "pem": [CERTIFICATE] });
    assert_eq!(
        app.refused("certificates_save", nowhere).await.code.as_str(),
        "certificate.not_saved"
    );
    app.engine.stop().await;
}
