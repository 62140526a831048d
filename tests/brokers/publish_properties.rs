//! The properties of a message, from one client through a real broker to another one.

use acceptance::{App, Mosquitto, wait};
use mqttscope_model::{ProtocolVersion, QoS, Scheme};
use serde_json::{Value, json};

/// Every property that a client may send, out of order, one of them with the longest value that there is.
fn properties(longest: &str) -> Vec<Value> {
    let property = |name: &str, value: Value| json!({ "name": name, "value": value });
    vec![
        property("user_property", json!(["z", "1"])),
        property("content_type", json!("application/x-test; charset=\u{e9}")),
        property("user_property", json!(["a", ""])),
        property("payload_format_indicator", json!(1)),
        property("correlation_data", json!({ "base64": "AP/A7g==" })),
        property("user_property", json!(["z", "1"])),
        property("response_topic", json!("answers/here")),
        property("message_expiry_interval", json!(600)),
        property("user_property", json!(["long", longest])),
    ]
}

/// Without those whose value the broker changes on the way.
fn but_expiry(properties: &[Value]) -> Vec<Value> {
    let kept = properties.iter().filter(|p| p["name"] != "message_expiry_interval");
    kept.cloned().collect()
}

/// A message with its details, as soon as it is recorded.
async fn details(app: &App, profile: &Value, id: u64) -> Value {
    wait::until(&format!("message {id}"), async || {
        let arguments = json!({ "profile": profile, "id": id });
        app.try_call("history_message", arguments).await.map_err(|error| error.to_string())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn every_property_arrives_as_it_was_sent_and_is_recorded_on_both_sides() {
    let broker = Mosquitto::start();
    let app = App::start().await;
    let endpoint = || broker.endpoint(Scheme::Mqtt);
    let reader = app.profile(endpoint(), ProtocolVersion::V5, |_| ()).await;
    let writer = app.profile(endpoint(), ProtocolVersion::V5, |_| ()).await;
    app.connect(&reader).await;
    app.connect(&writer).await;
    app.subscribe(&reader, "with/#", QoS::ExactlyOnce).await;

    let longest = "x".repeat(65_535);
    let properties = properties(&longest);
    for qos in [QoS::AtMostOnce, QoS::AtLeastOnce, QoS::ExactlyOnce] {
        let publish = json!({
            "topic": "with/properties",
            "payload": { "base64": "w6k=" },
            "qos": qos,
            "retain": false,
            "properties": properties,
        });
        let arguments = json!({ "profile": writer.id, "publish": publish });
        let sent = app.call("session_publish", arguments).await;
        let sent = sent.as_u64().expect("a message has a number");
        let sent = details(&app, &json!(writer.id), sent).await;
        let came = details(&app, &json!(reader.id), u64::from(u8::from(qos)) + 1).await;
        let (sent, came) = (sent["properties"].as_array(), came["properties"].as_array());
        let (sent, came) = (sent.expect("a list"), came.expect("a list"));
        let mut expected = properties.clone();
        let order = [
            "payload_format_indicator",
            "message_expiry_interval",
            "content_type",
            "response_topic",
            "correlation_data",
            "user_property",
        ];
        expected.sort_by_key(|p| order.iter().position(|name| p["name"] == *name));
        assert_eq!(*sent, expected);
        assert_eq!(but_expiry(came), but_expiry(&expected));
        let left = came.iter().find(|p| p["name"] == "message_expiry_interval");
        let left = left.and_then(|p| p["value"].as_u64()).expect("it still has an end");
        assert!((590..=600).contains(&left), "{left} s");
    }
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_property_that_cannot_be_sent_costs_neither_a_row_nor_the_connection() {
    let broker = Mosquitto::start();
    let app = App::start().await;
    let endpoint = || broker.endpoint(Scheme::Mqtt);
    let new = app.profile(endpoint(), ProtocolVersion::V5, |_| ()).await;
    let old = app.profile(endpoint(), ProtocolVersion::V311, |_| ()).await;
    for (profile, code) in [(&new, "publish.property_invalid"), (&old, "publish.properties_need_5")]
    {
        app.connect(profile).await;
        let publish = json!({
            "topic": "t",
            "payload": { "base64": "" },
            "qos": 0,
            "retain": false,
            "properties": [{ "name": "response_topic", "value": "a/#" }],
        });
        let arguments = json!({ "profile": profile.id, "publish": publish });
        let error = app.refused("session_publish", arguments).await;
        assert_eq!(error.code.as_str(), code, "{error:?}");
        let id = app.publish(profile, "t", b"goes on", QoS::AtLeastOnce).await;
        assert_eq!(id, 1, "nothing else is recorded");
        app.wait_for_outcome(profile, id, "acknowledged").await;
    }
    app.stop().await;
}
