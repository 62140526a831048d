//! How the broker's certificate is judged: an authority that is not trusted, another name, and the
//! switch that verifies nothing, which is always told.

use acceptance::{App, Mosquitto};
use mqttscope_model::{Profile, ProtocolVersion, Scheme, TlsRoots};
use serde_json::{Value, json};

/// A profile that trusts the broker's authority, changed by `edit`.
async fn profile(app: &App, broker: &Mosquitto, edit: impl FnOnce(&mut Profile)) -> Profile {
    let authority = broker.certificates().authority.display().to_string();
    app.profile(broker.endpoint(Scheme::Mqtts), ProtocolVersion::V5, |profile| {
        profile.tls.roots = TlsRoots::ca_file(authority);
        edit(profile);
    })
    .await
}

async fn cause(app: &App, profile: &Profile) -> Value {
    app.call("session_connect", json!({ "profile": profile.id })).await;
    app.wait_for_state(profile, "failed").await["error"]["code"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_authority_that_is_not_trusted_is_the_cause() {
    let broker = Mosquitto::start();
    let app = App::start().await;
    for scheme in [Scheme::Mqtts, Scheme::Wss] {
        let profile = profile(&app, &broker, |profile| {
            profile.endpoint = broker.endpoint(scheme);
            profile.tls.roots = TlsRoots::System;
            profile.reconnect.enabled = false;
        })
        .await;
        assert_eq!(cause(&app, &profile).await, "tls.unknown_issuer", "{scheme:?}");
    }
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_for_another_name_is_the_cause_until_its_name_is_given() {
    let broker = Mosquitto::start();
    let app = App::start().await;
    let mut profile = profile(&app, &broker, |profile| {
        profile.tls.server_name = "plant.example".to_owned();
        profile.reconnect.enabled = false;
    })
    .await;
    assert_eq!(cause(&app, &profile).await, "tls.wrong_name");

    profile.tls.server_name = "localhost".to_owned();
    let profile = app.save(&profile, &[]).await;
    app.connect(&profile).await;
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn not_to_verify_connects_and_is_told() {
    let broker = Mosquitto::start();
    let app = App::start().await;
    let profile = profile(&app, &broker, |profile| {
        profile.tls.roots = TlsRoots::System;
        profile.tls.verify = false;
    })
    .await;
    app.connect(&profile).await;
    let state = app.wait_for_state(&profile, "connected").await;
    assert_eq!(state["tls"]["verified"], false, "{state}");
    app.stop().await;
}
