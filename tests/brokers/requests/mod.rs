//! Requests find their answers and rules answer requests, over a real broker, with ourselves and with Mosquitto's own
//! clients on the other side.

mod answering;
mod asking;

use acceptance::{App, wait};
use mqttscope_model::{Profile, ProtocolVersion};
use serde_json::{Value, json};

const V311: ProtocolVersion = ProtocolVersion::V311;
const V5: ProtocolVersion = ProtocolVersion::V5;

/// Sends a request, and gives its number.
async fn ask(app: &App, profile: &Profile, topic: &str, more: Value) -> Value {
    let publish =
        json!({ "topic": topic, "payload": { "text": "{\"n\":1.50}" }, "qos": 1, "retain": false });
    let mut request = json!({ "publish": publish, "response_topic": "back", "correlation": null, "timeout_ms": 10_000 });
    for (name, value) in more.as_object().into_iter().flatten() {
        request[name] = value.clone();
    }
    app.call("request_send", json!({ "profile": profile.id, "request": request })).await
}

async fn record(app: &App, profile: &Profile, id: &Value) -> Value {
    let all = app.call("requests_list", json!({ "profile": profile.id })).await;
    let found = all.as_array().and_then(|all| all.iter().find(|one| one["id"] == *id).cloned());
    found.unwrap_or_else(|| panic!("no request {id} in {all}"))
}

/// Waits until a request is in a state, and gives it.
async fn wait_for(app: &App, profile: &Profile, id: &Value, state: &str) -> Value {
    wait::until(&format!("request {id} to be {state}"), async || {
        let record = record(app, profile, id).await;
        if record["state"]["state"] == state { Ok(record) } else { Err(record) }
    })
    .await
}

fn rule(id: &str, filter: &str, topic: &str, payload: &str) -> Value {
    json!({
        "id": id, "enabled": true, "filter": filter, "qos": 1, "topic": topic, "payload": payload, "reply_qos": 1,
        "content_type": "application/json", "user_properties": [{ "name": "asked", "value": "{{topic}}" }],
    })
}

async fn save_rules(app: &App, profile: &Profile, rules: &[Value]) {
    app.call("replies_save", json!({ "profile": profile.id, "rules": rules })).await;
}

async fn rules(app: &App, profile: &Profile) -> Value {
    app.call("replies_state", json!({ "profile": profile.id })).await
}

/// Waits until a rule has answered so often.
async fn wait_for_answers(app: &App, profile: &Profile, rule: usize, answered: u64) -> Value {
    wait::until(&format!("rule {rule} to answer {answered} times"), async || {
        let states = rules(app, profile).await;
        if states[rule]["answered"] == answered { Ok(states[rule].clone()) } else { Err(states) }
    })
    .await
}

/// A message with its details, as soon as it is on the disk.
async fn detail(app: &App, profile: &Profile, id: &Value) -> Value {
    app.call("history_message", json!({ "profile": profile.id, "id": id })).await
}

/// The filters of a session's subscriptions.
async fn filters(app: &App, profile: &Profile) -> Vec<String> {
    let session = app.session(profile).await;
    let all = session["subscriptions"].as_array().cloned().unwrap_or_default();
    all.iter().map(|one| one["wanted"]["filter"].as_str().expect("a filter").to_owned()).collect()
}

async fn wait_for_filters(app: &App, profile: &Profile, expect: &[&str]) {
    wait::until(&format!("the filters {expect:?}"), async || {
        let filters = filters(app, profile).await;
        if filters == expect { Ok(()) } else { Err(format!("{filters:?}")) }
    })
    .await;
}
