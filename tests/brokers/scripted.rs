//! A broker that misbehaves: garbage, silence, a close in the middle. Each gives its own cause, and
//! cancel works at once while the other side says nothing.

use std::time::{Duration, Instant};

use acceptance::Application;
use mqttscope_model::{Endpoint, ErrorCode, ProtocolVersion, QoS, Scheme, SessionState};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// What the broker does with a connection.
#[derive(Clone, Copy, Debug)]
enum Script {
    /// Reads and never answers.
    Silent,
    /// Answers the CONNECT with bytes that are no MQTT.
    Garbage,
    /// Closes when the CONNECT came.
    Close,
    /// Says yes, then sends one message and closes in the same breath.
    MessageThenClose,
    /// Says yes, then sends half a message and closes.
    HalfAMessage,
}

const CONNACK: [u8; 5] = [0x20, 0x03, 0x00, 0x00, 0x00];
/// PUBLISH, QoS 0, topic `last`, no properties, payload `words`.
const PUBLISH: [u8; 14] =
    [0x30, 12, 0, 4, b'l', b'a', b's', b't', 0, b'w', b'o', b'r', b'd', b's'];

struct Broker {
    port: u16,
    task: JoinHandle<()>,
}

impl Broker {
    async fn start(script: Script) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let task = tokio::spawn(async move {
            loop {
                let Ok((stream, _)) = listener.accept().await else { return };
                tokio::spawn(serve(stream, script));
            }
        });
        Self { port, task }
    }

    fn endpoint(&self) -> Endpoint {
        let host = "127.0.0.1".to_owned();
        Endpoint { scheme: Scheme::Mqtt, host, port: self.port, path: String::new() }
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(mut stream: TcpStream, script: Script) {
    let mut connect = [0; 1024];
    _ = stream.read(&mut connect).await;
    let answer: Vec<u8> = match script {
        Script::Silent => {
            // Until the client goes.
            while stream.read(&mut connect).await.is_ok_and(|count| count > 0) {}
            return;
        }
        Script::Garbage => b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec(),
        Script::Close => Vec::new(),
        Script::MessageThenClose => [&CONNACK[..], &PUBLISH].concat(),
        Script::HalfAMessage => [&CONNACK[..], &PUBLISH[..9]].concat(),
    };
    _ = stream.write_all(&answer).await;
    _ = stream.shutdown().await;
    while stream.read(&mut connect).await.is_ok_and(|count| count > 0) {}
}

async fn check_failure(script: Script, version: ProtocolVersion, expect: &[ErrorCode]) {
    let broker = Broker::start(script).await;
    let app = Application::start().await;
    let profile = app
        .profile(broker.endpoint(), |profile| {
            profile.version = version;
            profile.connect_timeout = 1;
        })
        .await
        .id;
    let error = app.fail_to_connect(&profile).await;
    assert!(expect.contains(&error.code), "{script:?} {version:?}: {error}");
    app.disconnect(&profile).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn garbage_silence_and_a_close_have_each_their_cause() {
    for version in [ProtocolVersion::V5, ProtocolVersion::V311, ProtocolVersion::V31] {
        check_failure(Script::Silent, version, &[ErrorCode::MqttTimedOut]).await;
        check_failure(
            Script::Garbage,
            version,
            &[ErrorCode::MqttMalformed, ErrorCode::MqttProtocolError],
        )
        .await;
        check_failure(Script::Close, version, &[ErrorCode::MqttClosed]).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_is_followed_by_the_end_is_not_lost() {
    let broker = Broker::start(Script::MessageThenClose).await;
    let app = Application::start().await;
    let profile =
        app.profile(broker.endpoint(), |profile| profile.reconnect.enabled = false).await.id;
    app.fail_to_connect(&profile).await;
    let rows = app.rows(&profile, 1, |_| true).await;
    assert_eq!(app.payload(&profile, &rows[0]).await, b"words");
}

#[tokio::test(flavor = "multi_thread")]
async fn half_a_message_is_no_message_and_the_loss_is_told() {
    let broker = Broker::start(Script::HalfAMessage).await;
    let app = Application::start().await;
    let profile =
        app.profile(broker.endpoint(), |profile| profile.reconnect.enabled = false).await.id;
    let error = app.fail_to_connect(&profile).await;
    let lost = [ErrorCode::MqttConnectionLost, ErrorCode::MqttMalformed];
    assert!(lost.contains(&error.code), "{error}");
    assert!(app.rows(&profile, 0, |_| true).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn cancel_works_at_once_while_the_broker_says_nothing() {
    let broker = Broker::start(Script::Silent).await;
    let app = Application::start().await;
    let profile =
        app.profile(broker.endpoint(), |profile| profile.connect_timeout = 60).await.id;
    app.ask::<()>("session_connect", serde_json::json!({ "profile": profile })).await;
    app.state(&profile, "the attempt", |state| matches!(state, SessionState::Connecting { .. }))
        .await;
    let begin = Instant::now();
    app.disconnect(&profile).await;
    app.state(&profile, "the end", |state| matches!(state, SessionState::Disconnected)).await;
    assert!(begin.elapsed() < Duration::from_secs(2), "it took {:?}", begin.elapsed());

    let args = serde_json::json!({
        "profile": profile,
        "publish": { "topic": "t", "payload": { "text": "x" }, "qos": QoS::AtMostOnce, "retain": false }
    });
    let error = app.refused("session_publish", args).await;
    assert_eq!(error.code, ErrorCode::SessionNotConnected, "{error}");
}
