//! Brokers that send garbage, close, stay silent, refuse or flood: each gives its own cause, and
//! none takes the application down.

use std::time::Duration;

use acceptance::App;
use acceptance::scripted::{Scripted, Step};
use mqttscope_model::{Endpoint, Profile, ProtocolVersion, Scheme};
use serde_json::{Value, json};

const ALL: [ProtocolVersion; 3] =
    [ProtocolVersion::V31, ProtocolVersion::V311, ProtocolVersion::V5];

async fn profile(app: &App, broker: &Scripted, version: ProtocolVersion) -> Profile {
    let endpoint = Endpoint {
        scheme: Scheme::Mqtt,
        host: "127.0.0.1".into(),
        port: broker.port(),
        path: String::from("/mqtt"),
    };
    app.profile(endpoint, version, |profile| {
        profile.connect_timeout = 2;
        profile.reconnect.enabled = false;
    })
    .await
}

/// The cause of the failure that a script leads to.
async fn cause(app: &App, version: ProtocolVersion, script: Vec<Step>) -> Value {
    let broker = Scripted::start(script).await;
    let profile = profile(app, &broker, version).await;
    app.call("session_connect", json!({ "profile": profile.id })).await;
    app.wait_for_state(&profile, "failed").await["error"]["code"].clone()
}

/// A CONNACK that says yes.
fn connack(version: ProtocolVersion) -> Step {
    Step::Send(match version {
        ProtocolVersion::V5 => vec![0x20, 3, 0, 0, 0],
        _ => vec![0x20, 2, 0, 0],
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn each_misbehaviour_before_the_connack_has_its_cause() {
    let app = App::start().await;
    for version in ALL {
        let garbage = vec![Step::ReadConnect, Step::Send(vec![0xff; 64])];
        assert_eq!(cause(&app, version, garbage).await, "mqtt.malformed", "{version}");
        let web = vec![Step::ReadConnect, Step::Send(b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec())];
        assert_eq!(cause(&app, version, web).await, "mqtt.malformed", "{version}");
        let closes = vec![Step::ReadConnect, Step::Close];
        assert_eq!(cause(&app, version, closes).await, "mqtt.closed_before_connack", "{version}");
        let half = vec![Step::ReadConnect, Step::Send(vec![0x20, 2]), Step::Close];
        assert_eq!(cause(&app, version, half).await, "mqtt.closed_before_connack", "{version}");
        let silent = vec![Step::ReadConnect, Step::Silence(Duration::from_secs(60))];
        assert_eq!(cause(&app, version, silent).await, "mqtt.timed_out", "{version}");
    }
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_misbehaviour_after_the_connack_has_its_cause_and_loses_nothing_that_came() {
    let app = App::start().await;
    for version in ALL {
        let publish: &[u8] = match version {
            ProtocolVersion::V5 => &[0x30, 5, 0, 1, b't', 0, b'x'],
            _ => &[0x30, 4, 0, 1, b't', b'x'],
        };
        let batch = publish.repeat(100);
        for (end, code) in [
            (vec![Step::Close], "mqtt.connection_lost"),
            (vec![Step::Send(vec![0x00, 0x00])], "mqtt.malformed"),
        ] {
            let mut script = vec![Step::ReadConnect, connack(version), Step::Send(batch.clone())];
            script.extend(end);
            let broker = Scripted::start(script).await;
            let profile = profile(&app, &broker, version).await;
            app.call("session_connect", json!({ "profile": profile.id })).await;
            let failed = app.wait_for_state(&profile, "failed").await;
            assert_eq!(failed["error"]["code"], code, "{version}");
            assert_eq!(app.wait_for_rows(&profile, 100).await.len(), 100, "{version} {code}");
        }
    }
    app.stop().await;
}
