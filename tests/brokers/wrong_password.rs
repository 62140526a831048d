//! A wrong password is named as such in every version, and is nowhere in what is shown or written.

use std::path::Path;

use acceptance::mosquitto::Setup;
use acceptance::{App, Mosquitto};
use mqttscope_model::{ProtocolVersion, Scheme, SecretSlot};
use serde_json::json;

/// A word that occurs nowhere by chance.
const PLANTED: &str = "plantedSecretOfThisTest";

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_is_named_and_the_right_one_connects() {
    let setup = Setup { users: vec![("anna", "right")], ..Setup::default() };
    let broker = Mosquitto::with(&setup);
    let app = App::start().await;
    for version in [ProtocolVersion::V31, ProtocolVersion::V311, ProtocolVersion::V5] {
        let profile = app
            .profile(broker.endpoint(Scheme::Mqtt), version, |profile| {
                profile.user_name = "anna".into();
            })
            .await;
        let profile = app.save(&profile, &[(SecretSlot::Password, PLANTED)]).await;
        app.call("session_connect", json!({ "profile": profile.id })).await;
        let failed = app.wait_for_state(&profile, "failed").await;
        assert_eq!(failed["error"]["code"], "mqtt.not_authorised", "{version}");
        assert!(!failed.to_string().contains(PLANTED), "{failed}");
        let session = app.session(&profile).await;
        let stages = session["last_attempt"]["stages"].as_array().expect("the stages");
        let last = stages.last().expect("a stage");
        assert_eq!((&last["stage"], &last["verdict"]), (&json!("mqtt"), &json!("failed")));
        assert_ne!(last["evidence"], "", "{version}: the broker's answer is the evidence");

        let profile = app.save(&profile, &[(SecretSlot::Password, "right")]).await;
        app.connect(&profile).await;
        let profile = app.save(&profile, &[(SecretSlot::Password, PLANTED)]).await;
        app.disconnect(&profile).await;
        assert!(profile.password.is_some());
    }
    let holders = holders(app.folder());
    assert_eq!(holders, ["secrets.json"], "only the file for secrets may hold the password");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_that_no_connect_can_carry_is_refused_and_nothing_is_saved() {
    let broker = Mosquitto::start();
    let app = App::start().await;
    let profile = app.profile(broker.endpoint(Scheme::Mqtt), ProtocolVersion::V5, |_| ()).await;
    let password = json!([{ "slot": "password", "value": "x".repeat(65_536) }]);
    let error =
        app.refused("profile_save", json!({ "profile": profile, "secrets": password })).await;
    assert_eq!(error.code.as_str(), "profile.invalid");
    assert_eq!(error.details["field"], "password");
    assert!(!app.folder().join("config/secrets.json").exists());
    app.stop().await;
}

/// The names of all files below `folder` that hold the planted password.
fn holders(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(holders(&path));
        } else {
            let bytes = std::fs::read(&path).unwrap_or_default();
            if bytes.windows(PLANTED.len()).any(|window| window == PLANTED.as_bytes()) {
                found.push(entry.file_name().to_string_lossy().into_owned());
            }
        }
    }
    found
}
