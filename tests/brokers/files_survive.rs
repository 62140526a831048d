//! What lies on disk: it survives a restart, and broken files are set aside or shown, never lost.

use acceptance::{App, Mosquitto};
use mqttscope_model::{ProtocolVersion, QoS, Scheme, SecretSlot};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn profiles_and_messages_are_there_after_a_restart() {
    let broker = Mosquitto::start();
    let app = App::start().await;
    let profile = app.profile(broker.endpoint(Scheme::Mqtt), ProtocolVersion::V5, |_| ()).await;
    app.connect(&profile).await;
    let id = app.publish(&profile, "kept", b"\xff\x00", QoS::AtLeastOnce).await;
    app.wait_for_outcome(&profile, id, "acknowledged").await;

    let app = app.restart().await;
    let list = app.call("profiles_list", json!({})).await;
    assert_eq!(list["profiles"], json!([profile]));
    let rows = app.wait_for_rows(&profile, 1).await;
    assert_eq!(rows[0]["outcome"]["state"], "acknowledged");
    assert_eq!(app.payload(&profile, id).await, b"\xff\x00");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_profile_is_shown_and_kept_and_the_others_load() {
    let broker = Mosquitto::start();
    let app = App::start().await;
    let good = app.profile(broker.endpoint(Scheme::Mqtt), ProtocolVersion::V5, |_| ()).await;
    let bad = app.profile(broker.endpoint(Scheme::Mqtt), ProtocolVersion::V5, |_| ()).await;
    let file = format!("config/profiles/{}.json", bad.id);
    let app = app
        .restart_after(|folder| std::fs::write(folder.join(&file), "{ \"format\": 1,").unwrap())
        .await;
    let list = app.call("profiles_list", json!({})).await;
    assert_eq!(list["profiles"], json!([good]));
    let broken = &list["broken"][0];
    assert!(broken["file"].as_str().is_some_and(|shown| shown.ends_with(&file)), "{broken}");
    assert!(broken["reason"].as_str().is_some_and(|reason| reason.contains("line 1")), "{broken}");
    assert_eq!(std::fs::read_to_string(app.folder().join(&file)).unwrap(), "{ \"format\": 1,");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_history_is_set_aside_with_its_name_and_a_new_one_begun() {
    let broker = Mosquitto::start();
    let app = App::start().await;
    let profile = app.profile(broker.endpoint(Scheme::Mqtt), ProtocolVersion::V5, |_| ()).await;
    app.connect(&profile).await;
    app.publish(&profile, "t", b"x", QoS::AtMostOnce).await;
    app.wait_for_rows(&profile, 1).await;

    let file = format!("data/history/{}.sqlite", profile.id);
    let garbage = b"this is no database".repeat(1_000);
    let app =
        app.restart_after(|folder| std::fs::write(folder.join(&file), &garbage).unwrap()).await;
    let stats = app.call("history_stats", json!({ "profile": profile.id })).await;
    assert_eq!(stats["messages"], 0);
    let aside = stats["set_aside"].as_str().expect("the name is shown");
    assert_eq!(std::fs::read(aside).unwrap(), garbage, "kept as it was");
    app.connect(&profile).await;
    app.publish(&profile, "t", b"y", QoS::AtMostOnce).await;
    assert_eq!(app.wait_for_rows(&profile, 1).await.len(), 1);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_profile_leaves_nothing_after_the_next_start() {
    let broker = Mosquitto::start();
    let app = App::start().await;
    let profile = app.profile(broker.endpoint(Scheme::Mqtt), ProtocolVersion::V5, |_| ()).await;
    let profile = app.save(&profile, &[(SecretSlot::Password, "gone soon")]).await;
    app.connect(&profile).await;
    app.publish(&profile, "t", b"x", QoS::AtMostOnce).await;
    app.wait_for_rows(&profile, 1).await;
    let history = format!("data/history/{}.sqlite", profile.id);
    app.call("profiles_delete", json!({ "ids": [profile.id] })).await;
    assert!(app.folder().join(&history).exists(), "the deletion can still be taken back");

    let app = app.restart().await;
    assert!(!app.folder().join(&history).exists());
    let secrets = std::fs::read_to_string(app.folder().join("config/secrets.json"));
    assert!(!secrets.unwrap_or_default().contains("gone soon"));
    app.refused("profiles_restore", json!({ "ids": [profile.id] })).await;
    app.stop().await;
}
