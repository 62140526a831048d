//! A file goes from the disk to the broker byte for byte; one that cannot be sent is refused before it is read.

use acceptance::{App, Mosquitto};
use mqttscope_model::{Profile, ProtocolVersion, QoS, Scheme};
use serde_json::{Value, json};

fn arguments(profile: &Profile, path: &std::path::Path, payload: &str) -> Value {
    let publish =
        json!({ "topic": "file", "payload": { "text": payload }, "qos": 1, "retain": false });
    json!({ "profile": profile.id, "publish": publish, "path": path })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_arrives_byte_for_byte_and_what_cannot_be_sent_is_named() {
    let broker = Mosquitto::start();
    let app = App::start().await;
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("payload");
    let payload: Vec<u8> = (0..5_000_000_u32).map(|i| (i % 251) as u8).collect();
    std::fs::write(&path, &payload).expect("a file");
    let version = ProtocolVersion::V5;
    let profile = app.profile(broker.endpoint(Scheme::Mqtt), version, |_| ()).await;
    let error = app.refused("session_publish_file", arguments(&profile, &path, "")).await;
    assert_eq!(error.code.as_str(), "session.not_connected");
    app.connect(&profile).await;
    app.subscribe(&profile, "file", QoS::AtLeastOnce).await;
    let id = app.call("session_publish_file", arguments(&profile, &path, "")).await;
    app.wait_for_outcome(&profile, id.as_u64().expect("a number"), "acknowledged").await;
    let rows = app.wait_for_rows(&profile, 2).await;
    for row in rows {
        assert!(app.payload(&profile, row["id"].as_u64().expect("a number")).await == payload);
    }
    let huge = folder.path().join("huge");
    let file = std::fs::File::create(&huge).expect("a file");
    // It has no blocks on the disk: to read it would take long, to refuse it does not.
    file.set_len(1 << 40).expect("a sparse file");
    let cases = [
        (huge.as_path(), "", "publish.file_too_large"),
        (folder.path(), "", "publish.file_not_a_file"),
        (&folder.path().join("gone"), "", "publish.file_missing"),
        (&path, "typed", "publish.payload_twice"),
    ];
    for (path, payload, code) in cases {
        let error = app.refused("session_publish_file", arguments(&profile, path, payload)).await;
        assert_eq!(error.code.as_str(), code, "{error}");
    }
    app.stop().await;
}
