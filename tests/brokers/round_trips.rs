//! Every property and flag of a message, every option of a subscription, and what CONNECT and the Will say, each by itself, through mosquitto
//! and through the built-in broker, in 3.1.1 and 5.0 where there is such a thing.
//!
//! What a broker changes by right is judged by its rule: Message Expiry Interval falls while a message waits, and a Topic Alias belongs
//! to the connection it came on. Where a broker does less than the specification, its row says so.

mod connecting;
mod subscribing;
mod wills;

use acceptance::{App, Mosquitto, wait};
use mqttscope_model::{Endpoint, Profile, ProtocolVersion, QoS, Scheme};
use serde_json::{Value, json};

const VERSIONS: [ProtocolVersion; 2] = [ProtocolVersion::V311, ProtocolVersion::V5];

/// A broker with its name; it lives as long as the value, or as the application.
struct Broker {
    name: &'static str,
    endpoint: Endpoint,
    process: Option<Mosquitto>,
}

/// Both brokers.
async fn brokers(app: &App) -> [Broker; 2] {
    let mosquitto = Mosquitto::start();
    let id = app.call("try_local", json!({ "name": "Local broker" })).await;
    let list = app.call("profiles_list", json!({})).await;
    let profiles = list["profiles"].as_array().expect("a list");
    let local = profiles.iter().find(|profile| profile["id"] == id).expect("the profile").clone();
    let local: Profile = serde_json::from_value(local).expect("a profile");
    app.wait_for_state(&local, "connected").await;
    app.disconnect(&local).await;
    // The profile follows the broker; another one that is told its port does the same here.
    let state = app.call("broker_state", json!({})).await;
    let port = state["mqtt_port"].as_u64().and_then(|port| u16::try_from(port).ok());
    let endpoint = Endpoint {
        scheme: Scheme::Mqtt,
        host: "127.0.0.1".to_owned(),
        port: port.expect("a port"),
        path: "/mqtt".to_owned(),
    };
    [
        Broker {
            name: "mosquitto",
            endpoint: mosquitto.endpoint(Scheme::Mqtt),
            process: Some(mosquitto),
        },
        Broker { name: "the built-in broker", endpoint, process: None },
    ]
}

async fn client(app: &App, broker: &Broker, version: ProtocolVersion) -> Profile {
    let profile = app.profile(broker.endpoint.clone(), version, |_| ()).await;
    app.connect(&profile).await;
    profile
}

/// Publishes with everything that there is to say.
async fn publish(app: &App, profile: &Profile, message: &Value) {
    let arguments = json!({ "profile": profile.id, "publish": message });
    let id = app.call("session_publish", arguments).await.as_u64().expect("a number");
    let state = match message["qos"].as_u64() {
        Some(0) => "sent",
        Some(1) => "acknowledged",
        _ => "completed",
    };
    app.wait_for_outcome(profile, id, state).await;
}

fn message(topic: &str, qos: u8, retain: bool, payload: &str, properties: &[Value]) -> Value {
    json!({
        "topic": topic, "payload": { "base64": payload }, "qos": qos, "retain": retain,
        "properties": properties,
    })
}

/// The messages that came on topics below `below`, with their details, as soon as there are `count`.
async fn came(app: &App, profile: &Profile, below: &str, count: usize) -> Vec<Value> {
    let rows = wait::until(&format!("{count} messages below {below}"), async || {
        let from = json!({ "kind": "place", "place": 0 });
        let page = json!({ "profile": profile.id, "view": null, "from": from, "count": 500 });
        let rows = app.call("history_page", page).await["rows"].clone();
        let rows = rows.as_array().cloned().unwrap_or_default().into_iter();
        let rows: Vec<Value> = rows
            .filter(|row| row["direction"] == "received")
            .filter(|row| row["topic"].as_str().is_some_and(|topic| topic.starts_with(below)))
            .collect();
        if rows.len() >= count { Ok(rows) } else { Err(format!("{rows:?}")) }
    })
    .await;
    let mut messages = Vec::new();
    for row in rows {
        let arguments = json!({ "profile": profile.id, "id": row["id"] });
        messages.push(app.call("history_message", arguments).await);
    }
    messages
}

fn property(name: &str, value: Value) -> Value {
    json!({ "name": name, "value": value })
}

/// Each property by itself, then all together.
fn properties() -> Vec<Vec<Value>> {
    let each = [
        vec![property("payload_format_indicator", json!(1))],
        vec![property("payload_format_indicator", json!(0))],
        vec![property("message_expiry_interval", json!(600))],
        vec![property("content_type", json!("application/x-é; a=b"))],
        vec![property("content_type", json!(""))],
        vec![property("response_topic", json!("answers/here"))],
        vec![property("correlation_data", json!({ "base64": "AP/A7g==" }))],
        vec![property("correlation_data", json!({ "text": "" }))],
        vec![
            property("user_property", json!(["z", "1"])),
            property("user_property", json!(["a", ""])),
            property("user_property", json!(["z", "1"])),
            property("user_property", json!(["", "ü"])),
        ],
    ];
    let all = [0, 2, 3, 5, 6, 8].map(|row: usize| each[row].clone()).concat();
    each.into_iter().chain([all, Vec::new()]).collect()
}

/// The properties in the order in which they are recorded, without the interval, which is judged apart.
fn plain(properties: &Value) -> (Vec<Value>, Option<u64>) {
    let all = properties.as_array().cloned().unwrap_or_default();
    let expiry = all.iter().find(|one| one["name"] == "message_expiry_interval");
    let expiry = expiry.and_then(|one| one["value"].as_u64());
    let rest = all.into_iter().filter(|one| one["name"] != "message_expiry_interval");
    (rest.collect(), expiry)
}

/// The library of the built-in broker leaves out a Payload Format Indicator of 0, which says the same as none.
fn but_zero(broker: &Broker, mut properties: Vec<Value>) -> Vec<Value> {
    if broker.process.is_none() {
        properties.retain(|one| *one != property("payload_format_indicator", json!(0)));
    }
    properties
}

#[tokio::test(flavor = "multi_thread")]
async fn every_property_and_flag_of_a_message_comes_back() {
    let app = App::start().await;
    for broker in brokers(&app).await {
        for version in VERSIONS {
            let (reader, writer) =
                (client(&app, &broker, version).await, client(&app, &broker, version).await);
            app.subscribe(&reader, "rt/#", QoS::ExactlyOnce).await;
            let lists =
                if version == ProtocolVersion::V5 { properties() } else { vec![Vec::new()] };
            let payloads = ["", "w6k=", "AP8K"];
            let mut sent = Vec::new();
            for (n, list) in lists.iter().enumerate() {
                for qos in 0..3 {
                    for retain in [false, true] {
                        let topic = format!("rt/{version}/{n}/{qos}/{retain}");
                        // What says that it is text must be text.
                        let texts = list.contains(&property("payload_format_indicator", json!(1)));
                        let payload = if texts { "w6k=" } else { payloads[n % 3] };
                        sent.push(message(&topic, qos, retain, payload, list));
                    }
                }
            }
            for message in &sent {
                publish(&app, &writer, message).await;
            }
            let came = came(&app, &reader, "rt/", sent.len()).await;
            assert_eq!(came.len(), sent.len(), "{} {version}", broker.name);
            for message in &sent {
                let what = format!("{} {message}", broker.name);
                let found = came.iter().find(|one| one["row"]["topic"] == message["topic"]);
                let found = found.unwrap_or_else(|| panic!("missing: {what}"));
                let row = &found["row"];
                assert_eq!(row["qos"], message["qos"], "{what}");
                assert_eq!((&row["retain"], &row["dup"]), (&json!(false), &json!(false)), "{what}");
                let id = row["id"].as_u64().expect("a number");
                let payload: mqttscope_model::Bytes =
                    serde_json::from_value(message["payload"].clone()).expect("bytes");
                assert_eq!(app.payload(&reader, id).await, payload.0, "{what}");
                let (expected, lives) = plain(&message["properties"]);
                let (properties, left) = plain(&found["properties"]);
                assert_eq!(properties, but_zero(&broker, expected), "{what}");
                assert_eq!(left.is_some(), lives.is_some(), "{what}");
                let (left, lives) = (left.unwrap_or(0), lives.unwrap_or(0));
                assert!(left <= lives && left + 10 >= lives, "{what}: {left} s are left");
            }
            // RETAIN: what was retained comes to whoever subscribes later, with the flag and all properties.
            let later = client(&app, &broker, version).await;
            app.subscribe(&later, &format!("rt/{version}/#"), QoS::ExactlyOnce).await;
            let kept = |one: &&Value| one["retain"] == true && one["payload"]["base64"] != "";
            let kept: Vec<&Value> = sent.iter().filter(kept).collect();
            let came = self::came(&app, &later, "rt/", kept.len()).await;
            assert_eq!(came.len(), kept.len(), "{} {version}, retained", broker.name);
            for message in kept {
                let what = format!("{}, retained {message}", broker.name);
                let found = came.iter().find(|one| one["row"]["topic"] == message["topic"]);
                let found = found.unwrap_or_else(|| panic!("missing: {what}"));
                assert_eq!(found["row"]["retain"], true, "{what}");
                let expected = but_zero(&broker, plain(&message["properties"]).0);
                assert_eq!(plain(&found["properties"]).0, expected, "{what}");
            }
            for profile in [&reader, &writer, &later] {
                app.disconnect(profile).await;
            }
        }
    }
    app.stop().await;
}
