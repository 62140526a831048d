//! Real traffic as a capture: Wireshark's dissector, which is none of ours, finds the packets that the timeline shows, and
//! nothing malformed among them.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use acceptance::{App, Mosquitto, wait};
use mqttscope_model::{Profile, ProtocolVersion, QoS, Scheme};
use serde_json::{Value, json};

/// The packets of each type that the timeline shows.
async fn shown(app: &App, profile: &Profile) -> BTreeMap<String, usize> {
    let from = json!({ "kind": "place", "place": 0 });
    let args = json!({ "profile": profile.id, "filter": {}, "from": from, "count": 1000 });
    let page = app.call("packets_page", args).await;
    let mut kinds = BTreeMap::new();
    for row in page["rows"].as_array().expect("rows") {
        assert_eq!(row["fault"], Value::Null, "{row}");
        *kinds.entry(row["kind"].as_str().expect("a kind").to_owned()).or_default() += 1;
    }
    kinds
}

/// Writes the timeline to a file, and waits until it is there.
async fn capture(app: &App, profile: &Profile, filter: Value, file: &Path) {
    let export = json!({ "filter": filter, "format": "pcapng", "secrets": true });
    let args = json!({ "profile": profile.id, "path": file, "export": export });
    let job = app.call("packets_export", args).await;
    wait::until("the capture", async || {
        let jobs = app.call("jobs_list", json!({})).await;
        let jobs = jobs.as_array().expect("jobs");
        let found = jobs.iter().find(|found| found["job"] == job).expect("it is kept");
        if found["state"] == "done" { Ok(()) } else { Err(found.clone()) }
    })
    .await;
}

/// What tshark prints.
fn tshark(file: &Path, words: &[&str]) -> String {
    let run = Command::new("tshark").arg("-r").arg(file).args(words).output();
    let run = run.expect("tshark can be run; `cargo xtask test` installs it");
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    String::from_utf8_lossy(&run.stdout).into_owned()
}

/// The packets of each type that Wireshark sees.
fn dissected(file: &Path) -> BTreeMap<String, usize> {
    const NAMES: [&str; 16] = [
        "",
        "CONNECT",
        "CONNACK",
        "PUBLISH",
        "PUBACK",
        "PUBREC",
        "PUBREL",
        "PUBCOMP",
        "SUBSCRIBE",
        "SUBACK",
        "UNSUBSCRIBE",
        "UNSUBACK",
        "PINGREQ",
        "PINGRESP",
        "DISCONNECT",
        "AUTH",
    ];
    let types = tshark(file, &["-Y", "mqtt", "-T", "fields", "-e", "mqtt.msgtype"]);
    let mut kinds = BTreeMap::new();
    for number in types.split([',', '\n']).filter(|number| !number.is_empty()) {
        let number: usize = number.parse().expect("a type");
        *kinds.entry(NAMES[number].to_owned()).or_default() += 1;
    }
    kinds
}

fn is_clean(file: &Path) {
    let wrong = "_ws.malformed || tcp.analysis.flags || tcp.checksum.status == 0 || ip.checksum.status == 0";
    let checked = ["-o", "tcp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE", "-Y", wrong];
    assert_eq!(tshark(file, &checked), "");
}

/// Talks to a broker in all ways that a session has, for the first or the second time.
async fn talk(app: &App, profile: &Profile, time: usize) {
    app.connect(profile).await;
    app.subscribe(profile, "capture/#", QoS::ExactlyOnce).await;
    for (index, qos) in [QoS::AtMostOnce, QoS::AtLeastOnce, QoS::ExactlyOnce].iter().enumerate() {
        for payload in ["", "short", &"long".repeat(50_000)] {
            let topic = format!("capture/{index}");
            let publish = json!({
                "topic": topic, "payload": { "text": payload }, "qos": qos, "retain": false,
                "properties": [],
            });
            app.call("session_publish", json!({ "profile": profile.id, "publish": publish })).await;
        }
    }
    // Both directions: 9 PUBLISH out and 9 in, 3 of each with QoS 2.
    wait::until("the exchanges to end", async || {
        let kinds = shown(app, profile).await;
        let count = |kind: &str| kinds.get(kind).copied().unwrap_or_default();
        let all = [("PUBLISH", 18), ("PUBACK", 6), ("PUBCOMP", 6)];
        if all.iter().all(|(kind, wanted)| count(kind) >= *wanted * time) {
            Ok(())
        } else {
            Err(format!("{kinds:?}"))
        }
    })
    .await;
    let filters = json!({ "profile": profile.id, "filters": ["capture/#"] });
    app.call("session_unsubscribe", filters).await;
    app.disconnect(profile).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn wireshark_sees_the_same_packets_and_none_malformed() {
    let broker = Mosquitto::start();
    let app = App::start().await;
    for (version, scheme) in [
        (ProtocolVersion::V31, Scheme::Mqtt),
        (ProtocolVersion::V311, Scheme::Ws),
        (ProtocolVersion::V5, Scheme::Mqtt),
    ] {
        let endpoint = broker.endpoint(scheme);
        let profile = app.profile(endpoint, version, |_| ()).await;
        talk(&app, &profile, 1).await;
        talk(&app, &profile, 2).await;
        let file = app.folder().join("capture.pcapng");
        capture(&app, &profile, json!({}), &file).await;
        is_clean(&file);
        assert_eq!(dissected(&file), shown(&app, &profile).await, "{version:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_capture_without_its_connect_is_read_as_the_version_that_it_is() {
    let broker = Mosquitto::start();
    let app = App::start().await;
    let profile = app.profile(broker.endpoint(Scheme::Mqtt), ProtocolVersion::V5, |_| ()).await;
    app.connect(&profile).await;
    app.subscribe(&profile, "capture/#", QoS::AtMostOnce).await;
    let file = app.folder().join("capture.pcapng");
    capture(&app, &profile, json!({ "kinds": ["SUBSCRIBE", "SUBACK"] }), &file).await;
    is_clean(&file);
    let expected = [("CONNECT", 1), ("SUBACK", 1), ("SUBSCRIBE", 1)];
    assert_eq!(dissected(&file), expected.map(|(kind, count)| (kind.to_owned(), count)).into());
    let commented = tshark(
        &file,
        &["-Y", "frame.comment contains \"Made up\"", "-T", "fields", "-e", "mqtt.msgtype"],
    );
    assert_eq!(commented.trim(), "1");
}
