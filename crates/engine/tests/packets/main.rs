//! What a window sees of the packets of a connection: lines, fields, faults, and files of them.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "the functions around the tests are tests too"
)]

mod app;

use app::{App, broker, kinds};
use mqttscope_model::ProtocolVersion;
use serde_json::{Value, json};

const CONNACK: &[u8] = b"\x20\x02\0\0";

#[tokio::test(flavor = "multi_thread")]
async fn packets_are_shown_with_their_fields_and_without_the_password() {
    let port =
        broker(vec![CONNACK.to_vec(), b"\x90\x03\0\x01\x01\x32\x07\0\x01a\0\x07hi".to_vec()]);
    let app = App::start(port.await, ProtocolVersion::V31).await;
    app.connect("connected").await;
    let wanted = json!([{ "filter": "a", "qos": 1 }]);
    app.call("session_subscribe", json!({ "subscriptions": wanted, "instead_of": null })).await;
    let rows = app.until(&json!({}), 6).await;
    let expected = ["CONNECT", "CONNACK", "SUBSCRIBE", "SUBACK", "PUBLISH", "PUBACK"];
    assert_eq!(kinds(&rows), expected);
    assert_eq!(rows[5]["exchange"]["first"], 5);
    let connect = app.call("packet_detail", json!({ "number": 1 })).await;
    // What was written is 3.1's name, although the library speaks 3.1.1.
    assert_eq!(field(&connect, "Protocol Name")["value"], "MQIsdp");
    assert_eq!(
        (&connect["row"]["fault"], &field(&connect, "Password")["masked"]),
        (&Value::Null, &json!(true))
    );
    assert!(!connect.to_string().contains("hunter2"));
    let folded = app.rows(json!({ "grouped": true })).await;
    assert_eq!(kinds(&folded), ["CONNECT", "SUBSCRIBE", "PUBLISH"]);
    let gone = app.refused("packet_detail", json!({ "number": 99 })).await;
    assert_eq!(gone.code.as_str(), "packet.gone");
    app.engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_packet_that_ends_the_connection_is_there_with_its_fault() {
    let mut answer = b"\x20\x03\0\0\0".to_vec();
    answer.extend(b"\x30\x04\0\x01a\0\x36\x06\0\x01b\0\x01\0");
    let app = App::start(broker(vec![answer]).await, ProtocolVersion::V5).await;
    app.connect("failed").await;
    let faulty = app.until(&json!({ "faults": true }), 1).await;
    assert_eq!(
        (&faulty[0]["kind"], &faulty[0]["fault"]["rule"]),
        (&json!("PUBLISH"), &json!("[MQTT-3.3.1-4]"))
    );
    let state = app.call("packets_state", json!({})).await;
    assert_eq!(state["faults"], 1);
    let all = app.rows(json!({})).await;
    let received = all.iter().filter(|row| row["kind"] == "PUBLISH").count();
    assert_eq!(received, 2, "bytes behind a cut are there once");
    app.engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_timeline_outlives_its_session_can_be_switched_off_and_cleared() {
    let app = App::start(broker(vec![CONNACK.to_vec()]).await, ProtocolVersion::V311).await;
    app.connect("connected").await;
    app.call("session_disconnect", json!({ "options": null })).await;
    app.until(&json!({}), 3).await;
    app.call("packets_record", json!({ "on": false })).await;
    app.connect("connected").await;
    app.call("session_disconnect", json!({ "options": null })).await;
    let state = app.call("packets_state", json!({})).await;
    assert_eq!((&state["on"], &state["packets"]), (&json!(false), &json!(3)));
    app.call("packets_record", json!({ "on": true })).await;
    app.connect("connected").await;
    let rows = app.until(&json!({}), 5).await;
    let connections: Vec<u64> =
        rows.iter().map(|row| row["connection"].as_u64().unwrap()).collect();
    assert_eq!(connections[..5], [1, 1, 1, 3, 3]);
    app.call("packets_clear", json!({})).await;
    assert_eq!(app.rows(json!({})).await, [] as [Value; 0]);
    app.engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_memory_of_the_settings_is_obeyed_at_once() {
    let app = App::start(1, ProtocolVersion::V311).await;
    let limit = async || app.call("packets_state", json!({})).await["limit"].as_u64().unwrap();
    assert_eq!(limit().await, 64 << 20);
    for (wanted, held) in [(3, 3 << 20), (0, 1 << 20), (1_000_000, 4096 << 20)] {
        let mut settings = app.engine.call("settings_get", json!({})).await.unwrap();
        settings["packet_memory_mb"] = json!(wanted);
        app.engine.call("settings_set", json!({ "settings": settings })).await.unwrap();
        assert_eq!(limit().await, held);
    }
    app.engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn packets_are_written_to_a_file_that_is_there_whole() {
    let app = App::start(broker(vec![CONNACK.to_vec()]).await, ProtocolVersion::V311).await;
    app.connect("connected").await;
    app.until(&json!({}), 2).await;
    let export = |format: &str| json!({ "filter": {}, "format": format, "secrets": false });
    let file = app.file("packets.jsonl");
    let args = json!({ "path": file, "export": export("json_lines") });
    let job = app.finished(&app.call("packets_export", args).await).await;
    assert_eq!(job["state"], "done", "{job}");
    assert_eq!((&job["kind"], &job["result"]["messages"]), (&json!("export_packets"), &json!(2)));
    let text = std::fs::read_to_string(&file).unwrap();
    assert_eq!(
        (text.lines().count(), text.len()),
        (2, job["result"]["bytes"].as_u64().unwrap() as usize)
    );
    assert!(!text.contains("hunter2"));
    let args = json!({ "path": "packets.pcapng", "export": export("pcapng") });
    assert_eq!(app.refused("packets_export", args).await.code.as_str(), "export.not_saved");
    let nowhere = json!({ "path": app.file("no/folder.pcapng"), "export": export("pcapng") });
    let job = app.finished(&app.call("packets_export", nowhere).await).await;
    assert_eq!(job["state"], "failed");
    app.engine.stop().await;
}

fn field<'a>(detail: &'a Value, name: &str) -> &'a Value {
    let fields = detail["fields"].as_array().unwrap();
    fields.iter().find(|field| field["name"] == name).unwrap()
}
