//! What is kept over a restart of the application, and what a damaged file may not do.

use std::path::{Path, PathBuf};

use acceptance::application::received;
use acceptance::{Application, Mosquitto};
use mqttscope_model::{QoS, Scheme};
use serde_json::{Value, json};

/// The only file below `folder` that ends like this.
fn file(folder: &Path, ending: &str) -> PathBuf {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|found| found == ending) {
                found.push(path);
            }
        }
    }
    assert_eq!(found.len(), 1, "{found:?}");
    found.remove(0)
}

#[tokio::test(flavor = "multi_thread")]
async fn profiles_and_messages_are_there_after_a_restart() {
    let broker = Mosquitto::start();
    let app = Application::start().await;
    let profile = app.profile(broker.endpoint(Scheme::Mqtt), |_| {}).await.id;
    app.connect(&profile).await;
    app.subscribe(&profile, "kept/#", QoS::ExactlyOnce).await;
    app.publish(&profile, "kept/here", b"\x00\xff", QoS::ExactlyOnce).await;
    app.rows(&profile, 1, received).await;

    let app = app.restart(|_| {}).await;
    let rows = app.rows(&profile, 1, received).await;
    assert_eq!(app.payload(&profile, &rows[0]).await, b"\x00\xff");
    // What was subscribed to by hand is wanted again.
    let snapshot = app.snapshot(&profile).await;
    assert_eq!(snapshot.subscriptions[0].filter, "kept/#");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_profile_file_is_shown_and_kept_and_the_others_load() {
    let app = Application::start().await;
    let broker = Mosquitto::start();
    let good = app.profile(broker.endpoint(Scheme::Mqtt), |_| {}).await.id;
    let mut broken = PathBuf::new();
    let app = app
        .restart(|folder| {
            let one = file(&folder.join("config"), "json");
            broken = one.with_file_name("broken.json");
            std::fs::write(&broken, "{ \"name\": ").expect("the file can be written");
        })
        .await;
    let list: Value = app.ask("profiles_list", json!({})).await;
    assert_eq!(list["profiles"][0]["id"], good.as_str());
    assert_eq!(list["broken"][0]["file"], broken.display().to_string());
    assert_eq!(std::fs::read_to_string(&broken).expect("it is still there"), "{ \"name\": ");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_history_is_set_aside_with_its_name_shown_and_a_new_one_begins() {
    let broker = Mosquitto::start();
    let app = Application::start().await;
    let profile = app.profile(broker.endpoint(Scheme::Mqtt), |_| {}).await.id;
    app.connect(&profile).await;
    app.publish(&profile, "a", b"old", QoS::AtLeastOnce).await;
    app.rows(&profile, 1, |_| true).await;

    let app = app
        .restart(|folder| {
            let history = file(&folder.join("data"), "sqlite");
            std::fs::write(history, "this is no database".repeat(1_000)).expect("it is damaged");
        })
        .await;
    app.connect(&profile).await;
    app.publish(&profile, "a", b"new", QoS::AtLeastOnce).await;
    let rows = app.rows(&profile, 1, |_| true).await;
    assert_eq!(app.payload(&profile, &rows[0]).await, b"new");
    let info: Value = app.ask("app_info", json!({})).await;
    let aside = info["set_aside"][0].as_str().expect("it is named");
    assert!(Path::new(aside).exists(), "{aside}");
}
