//! The main job with nothing else: the built-in broker and the profile that follows it.

use acceptance::{App, ports, wait};
use mqttscope_model::{Profile, ProtocolVersion, QoS, Scheme};
use serde_json::{Value, json};

async fn running(app: &App) -> Value {
    wait::until("the local broker to run", async || {
        let state = app.call("broker_state", json!({})).await;
        if state["state"] == "running" { Ok(state) } else { Err(state) }
    })
    .await
}

async fn try_local(app: &App) -> Profile {
    let id = app.call("try_local", json!({ "name": "Local broker" })).await;
    let list = app.call("profiles_list", json!({})).await;
    let profiles = list["profiles"].as_array().expect("a list");
    let found = profiles.iter().find(|profile| profile["id"] == id).expect("the profile").clone();
    serde_json::from_value(found).expect("a profile")
}

#[tokio::test(flavor = "multi_thread")]
async fn one_command_leads_from_nothing_to_a_message_and_again_after_a_restart() {
    let app = App::start().await;
    let profile = try_local(&app).await;
    app.wait_for_state(&profile, "connected").await;
    wait::until("the subscription to #", async || {
        let session = app.session(&profile).await;
        let first = &session["subscriptions"][0];
        let made = first["wanted"]["filter"] == "#" && first["state"] == "granted";
        if made { Ok(()) } else { Err(session) }
    })
    .await;
    app.publish(&profile, "hello", b"world", QoS::AtLeastOnce).await;
    app.wait_for_rows(&profile, 2).await;

    let app = app.restart().await;
    let again = try_local(&app).await;
    assert_eq!(again.id, profile.id, "the same profile is found, not a second one made");
    app.wait_for_state(&again, "connected").await;
    assert_eq!(app.wait_for_rows(&again, 2).await.len(), 2);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_local_broker_speaks_every_version_over_mqtt_and_ws_and_shows_its_clients() {
    let app = App::start().await;
    let local = try_local(&app).await;
    app.disconnect(&local).await;
    for scheme in [Scheme::Mqtt, Scheme::Ws] {
        for version in [ProtocolVersion::V31, ProtocolVersion::V311, ProtocolVersion::V5] {
            let profile = app
                .profile(local.endpoint.clone(), version, |profile| {
                    profile.endpoint.scheme = scheme;
                    profile.follows_local_broker = true;
                })
                .await;
            app.connect(&profile).await;
            let topic = format!("{}/{version}", scheme.as_str());
            app.subscribe(&profile, &topic, QoS::ExactlyOnce).await;
            let id = app.publish(&profile, &topic, b"x", QoS::ExactlyOnce).await;
            app.wait_for_outcome(&profile, id, "completed").await;
            app.wait_for_rows(&profile, 2).await;
            wait::until("the client to be shown", async || {
                let state = running(&app).await;
                let shown = state["clients"].as_array().is_some_and(|clients| {
                    clients.iter().any(|client| client["client_id"] == profile.client_id.as_str())
                });
                if shown { Ok(()) } else { Err(state) }
            })
            .await;
            app.disconnect(&profile).await;
        }
    }
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn stopping_the_broker_ends_its_clients_and_connecting_again_starts_it() {
    let app = App::start().await;
    let profile = try_local(&app).await;
    app.wait_for_state(&profile, "connected").await;
    let port = running(&app).await["mqtt_port"].as_u64().expect("a port");
    let port = u16::try_from(port).expect("a port");
    app.call("broker_stop", json!({})).await;
    assert!(!ports::is_served(port));
    app.wait_for_state(&profile, "waiting").await;

    app.call("session_reconnect_now", json!({ "profile": profile.id })).await;
    app.wait_for_state(&profile, "connected").await;
    running(&app).await;
    app.stop().await;
}
