//! The longer diagnosis: what it finds that an attempt to connect does not, and that nobody notices it.

use std::time::{Duration, Instant};

use acceptance::answering::{Deed, Kind};
use acceptance::faults::at;
use acceptance::faults::lab::FullBacklog;
use acceptance::mosquitto::Setup;
use acceptance::{Answering, App, Mosquitto, wait};
use mqttscope_model::{Endpoint, Profile, ProtocolVersion, QoS, Scheme, Subscription};
use serde_json::{Value, json};

async fn start(app: &App, profile: &Profile, secrets: Value, options: Value) -> Value {
    let arguments = json!({ "profile": profile, "secrets": secrets, "options": options });
    app.call("diagnosis_start", arguments).await
}

async fn report(app: &App, diagnosis: &Value) -> Value {
    app.call("diagnosis_report", json!({ "diagnosis": diagnosis })).await
}

async fn over(app: &App, diagnosis: &Value) -> Value {
    wait::until("the diagnosis to end", async || {
        let report = report(app, diagnosis).await;
        if report["diagnosis"].is_null() { Err(report.to_string()) } else { Ok(report) }
    })
    .await
}

/// The verdict of each stage, by its name.
fn stages(report: &Value) -> Vec<(String, String)> {
    let stages = report["account"]["attempt"]["stages"].as_array().cloned().unwrap_or_default();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    stages.iter().map(|stage| (text(&stage["stage"]), text(&stage["verdict"]))).collect()
}

/// A profile that was never saved.
async fn unsaved(app: &App, endpoint: Endpoint) -> Profile {
    let new = app.call("profile_new", json!({})).await;
    let mut profile: Profile = serde_json::from_value(new).expect("a profile");
    profile.endpoint = endpoint;
    profile
}

#[tokio::test(flavor = "multi_thread")]
async fn a_diagnosis_does_not_disturb_the_session_that_runs() {
    let broker = Mosquitto::start();
    let app = App::start().await;
    let profile = app
        .profile(broker.endpoint(Scheme::Mqtt), ProtocolVersion::V5, |profile| {
            profile.client_id = "press-7".to_owned();
            profile.keep_alive = 1;
            profile.subscriptions = vec![Subscription::new("plant/#", QoS::AtLeastOnce)];
        })
        .await;
    app.connect(&profile).await;
    let before = app.session(&profile).await;
    let all =
        json!({ "subscribe": true, "stay": true, "other_schemes": true, "other_client_id": true });
    let diagnosis = start(&app, &profile, json!([]), all).await;
    let done = over(&app, &diagnosis).await;

    assert_eq!(done["diagnosis"]["verdict"], "ok", "{done:#}");
    let seen = stages(&done);
    for stage in ["name", "tcp", "mqtt", "subscribe", "staying"] {
        let passed = (stage.to_owned(), "passed".to_owned());
        assert!(seen.contains(&passed), "{stage}: {seen:?}");
    }
    let pings = done["account"]["facts"]["staying"]["pings_us"].as_array().map_or(0, Vec::len);
    assert!(pings >= 2, "{done:#}");
    let after = app.session(&profile).await;
    assert_eq!(after["state"], before["state"], "the session is the same connection");
    let log = broker.log();
    let connected = log.lines().filter(|line| line.contains("New client connected"));
    let as_press = connected.filter(|line| line.contains(" as press-7 (")).count();
    assert_eq!(as_press, 1, "{log}");
    assert!(!log.contains("already connected"), "{log}");
    app.publish(&profile, "plant/1", b"x", QoS::AtLeastOnce).await;
    // Ours, and what came back to the one subscription that there is.
    app.wait_for_rows(&profile, 2).await;
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_being_asked_a_diagnosis_beside_a_session_is_another_client() {
    let broker = Mosquitto::start();
    let app = App::start().await;
    let profile = app.profile(broker.endpoint(Scheme::Mqtt), ProtocolVersion::V311, |_| ()).await;
    app.connect(&profile).await;
    let diagnosis = start(&app, &profile, json!([]), json!({})).await;
    let done = over(&app, &diagnosis).await;
    assert_eq!(done["diagnosis"]["verdict"], "ok", "{done:#}");
    assert_ne!(done["account"]["facts"]["mqtt"]["client_id"], profile.client_id.as_str());
    assert!(!broker.log().contains("already connected"), "{}", broker.log());
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_address_is_tried_and_other_schemes_without_any_credential() {
    let broker = Mosquitto::with(&Setup { users: vec![("anna", "right")], ..Setup::default() });
    let app = App::start().await;
    let mut profile = unsaved(&app, broker.endpoint(Scheme::Mqtt)).await;
    profile.endpoint.scheme = Scheme::Mqtts;
    profile.user_name = "anna".to_owned();
    profile.client_id = "plantedIdentifier".to_owned();
    let password = json!([{ "slot": "password", "value": "right" }]);
    let diagnosis = start(&app, &profile, password, json!({ "other_schemes": true })).await;
    let done = over(&app, &diagnosis).await;

    assert_eq!(done["diagnosis"]["causes"][0]["code"], "port.is_plain", "{done:#}");
    let tries = done["account"]["facts"]["tcp"]["tries"].as_array().cloned().unwrap_or_default();
    assert!(!tries.is_empty(), "{done:#}");
    assert!(tries.iter().all(|tried| tried["outcome"] != "not_needed"), "{tries:?}");
    assert!(tries.iter().any(|tried| tried["outcome"] == "connected"), "{tries:?}");
    let others = done["account"]["facts"]["other_schemes"].as_array().cloned().unwrap_or_default();
    let speaking: Vec<&Value> =
        others.iter().filter(|one| one["speaks"] == true).map(|one| &one["scheme"]).collect();
    assert_eq!((others.len(), speaking), (3, vec![&json!("mqtt")]), "{others:?}");
    let log = broker.log();
    assert!(!log.contains("anna") && !log.contains("plantedIdentifier"), "{log}");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_profile_that_was_never_saved_is_tested_with_what_was_typed() {
    let broker = Mosquitto::with(&Setup { users: vec![("anna", "right")], ..Setup::default() });
    let app = App::start().await;
    let mut profile = unsaved(&app, broker.endpoint(Scheme::Mqtt)).await;
    profile.user_name = "anna".to_owned();
    for (password, verdict) in [("plantedWrongPassword", "failed"), ("right", "ok")] {
        let secrets = json!([{ "slot": "password", "value": password }]);
        let diagnosis = start(&app, &profile, secrets, json!({})).await;
        let done = over(&app, &diagnosis).await;
        assert_eq!(done["diagnosis"]["verdict"], verdict, "{done:#}");
        assert!(!done.to_string().contains("plantedWrongPassword"), "{done:#}");
        if verdict == "failed" {
            assert_eq!(done["diagnosis"]["causes"][0]["code"], "mqtt.not_authorised");
        }
    }
    let list = app.call("profiles_list", json!({})).await;
    assert_eq!(list["profiles"], json!([]), "a test saves nothing");
    assert!(!app.folder().join("config/secrets.json").exists());
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_diagnosis_is_cancelled_at_once_in_every_stage() {
    let app = App::start().await;
    let full = FullBacklog::start().await;
    let silent = Answering::start(|_| Vec::new()).await;
    let healthy = Mosquitto::start();
    let long = json!({ "subscribe": true, "stay": true });
    let cases = [
        (at(Scheme::Mqtt, full.port()), json!({}), "tcp"),
        (at(Scheme::Wss, silent.port()), json!({}), "tls"),
        (at(Scheme::Ws, silent.port()), json!({}), "web_socket"),
        (at(Scheme::Mqtt, silent.port()), json!({}), "mqtt"),
        (at(Scheme::Mqtt, healthy.port(Scheme::Mqtt)), long.clone(), "subscribe"),
        (at(Scheme::Mqtt, healthy.port(Scheme::Mqtt)), long, "staying"),
    ];
    for (endpoint, options, stage) in cases {
        let profile = unsaved(&app, endpoint).await;
        let diagnosis = start(&app, &profile, json!([]), options).await;
        wait::until(&format!("the stage {stage}"), async || {
            let report = report(&app, &diagnosis).await;
            let running = (stage.to_owned(), "running".to_owned());
            if stages(&report).contains(&running) { Ok(()) } else { Err(report.to_string()) }
        })
        .await;
        let asked = Instant::now();
        app.call("diagnosis_cancel", json!({ "diagnosis": diagnosis })).await;
        let done = over(&app, &diagnosis).await;
        assert!(asked.elapsed() < Duration::from_secs(1), "{stage}: {:?}", asked.elapsed());
        assert_eq!(done["diagnosis"]["verdict"], "cancelled", "{stage}: {done:#}");
        let cancelled = (stage.to_owned(), "cancelled".to_owned());
        assert!(stages(&done).contains(&cancelled), "{stage}: {:?}", stages(&done));
    }
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ping_that_is_not_answered_is_found_by_staying() {
    let broker = Answering::start(|packet| match packet.kind() {
        Kind::Ping => Vec::<Deed>::new(),
        _ => vec![packet.yes(5)],
    })
    .await;
    let app = App::start().await;
    let mut profile = unsaved(&app, at(Scheme::Mqtt, broker.port())).await;
    profile.keep_alive = 1;
    let diagnosis = start(&app, &profile, json!([]), json!({ "stay": true })).await;
    let done = over(&app, &diagnosis).await;
    assert_eq!(done["diagnosis"]["causes"][0]["code"], "session.ping_unanswered", "{done:#}");
    assert_eq!(done["diagnosis"]["stage"], "staying", "{done:#}");
    app.stop().await;
}
