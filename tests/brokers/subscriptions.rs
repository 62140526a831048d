//! Subscriptions as a person edits them: their places, the broker's answers, what came through each, with and without a
//! connection.

use acceptance::{App, Mosquitto, wait};
use mqttscope_model::{Profile, ProtocolVersion, QoS, Scheme};
use serde_json::{Value, json};

/// The subscriptions that the session shows: filter, state, messages.
async fn shown(app: &App, profile: &Profile) -> Vec<(String, String, u64)> {
    let session = app.session(profile).await;
    let states = session["subscriptions"].as_array().cloned().unwrap_or_default();
    let facts = |state: &Value| {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let received = state["received"].as_u64().unwrap_or_default();
        (text(&state["wanted"]["filter"]), text(&state["state"]), received)
    };
    states.iter().map(facts).collect()
}

async fn saved(app: &App, profile: &Profile) -> Vec<String> {
    let list = app.call("profiles_list", json!({})).await;
    let profiles = list["profiles"].as_array().cloned().unwrap_or_default();
    let found = profiles.into_iter().find(|one| one["id"] == json!(profile.id));
    let all = found.expect("the profile")["subscriptions"].as_array().cloned().unwrap_or_default();
    all.iter().map(|one| one["filter"].as_str().unwrap_or_default().to_owned()).collect()
}

async fn edit(app: &App, profile: &Profile, wanted: Value, instead_of: Option<&str>) -> Value {
    let arguments =
        json!({ "profile": profile.id, "subscriptions": [wanted], "instead_of": instead_of });
    app.call("session_subscribe", arguments).await
}

async fn until_shown(app: &App, profile: &Profile, expected: &[(&str, &str, u64)]) {
    wait::until(&format!("{expected:?}"), async || {
        let now = shown(app, profile).await;
        let is = now.iter().map(|(filter, state, count)| (filter.as_str(), state.as_str(), *count));
        if is.eq(expected.iter().copied()) { Ok(()) } else { Err(format!("{now:?}")) }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_keeps_its_place_and_each_message_tells_what_it_came_through() {
    let broker = Mosquitto::start();
    let app = App::start().await;
    for version in [ProtocolVersion::V311, ProtocolVersion::V5] {
        let profile = app.profile(broker.endpoint(Scheme::Mqtt), version, |_| ()).await;
        // Before there is a session.
        for filter in ["a/#", "b/old", "c/+"] {
            edit(&app, &profile, json!({ "filter": filter, "qos": 1 }), None).await;
        }
        let off = json!({ "filter": "c/+", "qos": 1, "enabled": false });
        assert_eq!(edit(&app, &profile, off, None).await[0]["state"], "off");
        app.connect(&profile).await;
        let expected = [("a/#", "granted", 0), ("b/old", "granted", 0), ("c/+", "off", 0)];
        until_shown(&app, &profile, &expected).await;
        let renamed = json!({ "filter": "a/one", "qos": 1, "identifier": 9, "name": "one" });
        let answer = edit(&app, &profile, renamed, Some("b/old")).await;
        assert_eq!(answer[0]["state"], "granted");
        assert_eq!(saved(&app, &profile).await, ["a/#", "a/one", "c/+"]);
        let (once, _) = (
            app.publish(&profile, "a/two", b"", QoS::AtLeastOnce).await,
            app.publish(&profile, "b/old", b"", QoS::AtLeastOnce).await,
        );
        app.wait_for_outcome(&profile, once, "acknowledged").await;
        app.publish(&profile, "a/one", b"", QoS::AtLeastOnce).await;
        // With an identifier mosquitto sends a message once for each subscription that it matches, else once.
        let copies = if version == ProtocolVersion::V5 { 2 } else { 1 };
        let rows = app.wait_for_rows(&profile, 4 + copies).await;
        let mut came = Vec::new();
        for row in rows.iter().filter(|row| row["direction"] == "received") {
            let arguments = json!({ "profile": profile.id, "id": row["id"] });
            let detail = app.call("history_message", arguments).await;
            came.push(format!("{} {}", row["topic"], detail["came_through"]));
        }
        came.sort();
        let expected: &[&str] = match version {
            ProtocolVersion::V5 => {
                &[r##""a/one" ["a/#"]"##, r#""a/one" ["a/one"]"#, r##""a/two" ["a/#"]"##]
            }
            _ => &[r##""a/one" ["a/#","a/one"]"##, r##""a/two" ["a/#"]"##],
        };
        assert_eq!(came, expected, "{version}");
        let expected = [("a/#", "granted", 2), ("a/one", "granted", 1), ("c/+", "off", 0)];
        until_shown(&app, &profile, &expected).await;
        app.disconnect(&profile).await;
        assert_eq!(shown(&app, &profile).await[0].2, 2, "the counters stay");
    }
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_refused_changes_neither_the_profile_nor_the_session() {
    let broker = Mosquitto::start();
    let app = App::start().await;
    let version = ProtocolVersion::V5;
    let profile = app.profile(broker.endpoint(Scheme::Mqtt), version, |_| ()).await;
    for connected in [false, true] {
        if connected {
            app.connect(&profile).await;
        }
        let shared = json!({ "filter": "$share/g/a", "qos": 0, "no_local": true });
        let zero = json!({ "filter": "a", "qos": 0, "identifier": 0 });
        for (wanted, code) in
            [(shared, "subscribe.no_local_shared"), (zero, "subscribe.option_invalid")]
        {
            let arguments = json!({ "profile": profile.id, "subscriptions": [wanted] });
            assert_eq!(app.refused("session_subscribe", arguments).await.code.as_str(), code);
        }
    }
    assert!(saved(&app, &profile).await.is_empty());
    assert!(shown(&app, &profile).await.is_empty());
    let options = json!({ "reason": 142, "session_expiry": null });
    let arguments = json!({ "profile": profile.id, "options": options });
    let error = app.refused("session_disconnect", arguments).await;
    assert_eq!(error.code.as_str(), "disconnect.option_invalid");
    app.wait_for_state(&profile, "connected").await;
    app.stop().await;
}
