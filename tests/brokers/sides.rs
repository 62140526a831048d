//! Two real brokers, one of which hands on a part of what it gets, are compared while messages come.

use acceptance::mosquitto::Setup;
use acceptance::{App, Mosquitto, wait};
use mqttscope_model::{Profile, ProtocolVersion, QoS, Scheme};
use serde_json::{Value, json};

/// A message is waited for so long, and late only after that, so that a busy machine changes no verdict.
const PATIENCE_MS: u32 = 3_000;

/// A broker that hands on what comes on `plant/` to another one on 127.0.0.1.
fn bridged_to(port: u16) -> Mosquitto {
    let lines = [
        "connection side-by-side".to_owned(),
        format!("address 127.0.0.1:{port}"),
        "bridge_protocol_version mqttv50".to_owned(),
        "remote_clientid the-bridge".to_owned(),
        "notifications false".to_owned(),
        "topic plant/# out 1".to_owned(),
    ];
    Mosquitto::with(&Setup { lines: lines.to_vec(), ..Setup::default() })
}

async fn subscribed(app: &App, broker: &Mosquitto) -> Profile {
    let profile = app.profile(broker.endpoint(Scheme::Mqtt), ProtocolVersion::V5, |_| ()).await;
    app.connect(&profile).await;
    app.subscribe(&profile, "#", QoS::AtLeastOnce).await;
    profile
}

async fn compared(app: &App, left: &Profile, right: &Profile) -> Value {
    let options = json!({
        "filter": { "direction": "received" }, "since_us": null,
        "late_ms": PATIENCE_MS, "wait_ms": PATIENCE_MS,
    });
    let pair = json!({ "left": left.id, "right": right.id });
    app.call("sides_open", json!({ "pair": pair, "options": options })).await["sides"].clone()
}

/// Waits until so many messages were compared and none waits any more; topics with their kinds.
async fn decided(app: &App, sides: &Value, messages: u64) -> Vec<(String, String)> {
    wait::until("all verdicts", async || {
        let state = app.call("sides_state", json!({ "sides": sides })).await;
        let done = state["compared"] == messages && state["counts"]["waiting"] == 0;
        if done { Ok(()) } else { Err(state) }
    })
    .await;
    let kinds = ["same", "late", "different", "missing_left", "missing_right", "waiting"];
    let from = json!({ "kind": "place", "place": 0 });
    let args = json!({ "sides": sides, "kinds": kinds, "from": from, "count": 100 });
    let page = app.call("sides_page", args).await;
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let rows = page["rows"].as_array().expect("rows").iter();
    rows.map(|row| (text(&row["topic"]), text(&row["kind"]))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_bridge_hands_on_is_the_same_and_what_it_leaves_out_is_missing() {
    let second = Mosquitto::start();
    let first = bridged_to(second.port(Scheme::Mqtt));
    wait::until("the bridge", async || {
        let log = second.log();
        if log.contains("as the-bridge") { Ok(()) } else { Err(log) }
    })
    .await;
    let app = App::start().await;
    let left = subscribed(&app, &first).await;
    let right = subscribed(&app, &second).await;
    // One message was recorded before the comparison begins.
    app.publish(&left, "plant/recorded", b"0", QoS::AtLeastOnce).await;
    // On the left: sent, and received.
    app.wait_for_rows(&left, 2).await;
    app.wait_for_rows(&right, 1).await;
    let sides = compared(&app, &left, &right).await;
    let properties = json!([
        { "name": "content_type", "value": "text/plain" },
        { "name": "user_property", "value": ["shift", "early"] },
        { "name": "message_expiry_interval", "value": 600 },
    ]);
    let publish = json!({
        "topic": "plant/1/with", "payload": { "text": "1" }, "qos": 1, "retain": false, "properties": properties,
    });
    app.call("session_publish", json!({ "profile": left.id, "publish": publish })).await;
    app.publish(&left, "plant/2", b"2", QoS::AtLeastOnce).await;
    app.publish(&left, "lab/kept", b"3", QoS::AtLeastOnce).await;
    app.publish(&left, "lab/other", b"left", QoS::AtLeastOnce).await;
    app.publish(&right, "lab/other", b"right", QoS::AtLeastOnce).await;
    app.publish(&right, "office/only", b"4", QoS::AtLeastOnce).await;
    let mut rows = decided(&app, &sides, 5 + 5).await;
    rows.sort();
    let expect = [
        ("lab/kept", "missing_right"),
        ("lab/other", "different"),
        ("office/only", "missing_left"),
        ("plant/1/with", "same"),
        ("plant/2", "same"),
        ("plant/recorded", "same"),
    ];
    assert_eq!(rows, expect.map(|(topic, kind)| (topic.to_owned(), kind.to_owned())));
    let state = app.call("sides_state", json!({ "sides": sides })).await;
    assert_eq!(state["properties"], true);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_is_not_connected_misses_what_comes_meanwhile() {
    let second = Mosquitto::start();
    let first = bridged_to(second.port(Scheme::Mqtt));
    wait::until("the bridge", async || {
        let log = second.log();
        if log.contains("as the-bridge") { Ok(()) } else { Err(log) }
    })
    .await;
    let app = App::start().await;
    let left = subscribed(&app, &first).await;
    let right = subscribed(&app, &second).await;
    let sides = compared(&app, &left, &right).await;
    app.disconnect(&right).await;
    app.publish(&left, "plant/lost", b"1", QoS::AtLeastOnce).await;
    assert_eq!(
        decided(&app, &sides, 1).await,
        [("plant/lost".to_owned(), "missing_right".to_owned())]
    );
    app.stop().await;
}
