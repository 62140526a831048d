//! A Will Message with all its properties, published by a real broker after the line to its client was cut; and
//! what else CONNECT says, as the broker understood it.

use std::time::{Duration, Instant};

use acceptance::{App, Mosquitto};
use mqttscope_model::{
    ByteFormat, Endpoint, ProtocolVersion, QoS, Scheme, TypedBytes, UserProperty, Will,
    WillPayload, WillProperties,
};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// Passes bytes on to a broker until it is cut, as a network does.
struct Line {
    port: u16,
    task: JoinHandle<()>,
}

impl Line {
    async fn to(broker: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("its address").port();
        let task = tokio::spawn(async move {
            let (mut client, _) = listener.accept().await.expect("a client");
            let mut broker = TcpStream::connect(("127.0.0.1", broker)).await.expect("the broker");
            let _ends_with_either_side =
                tokio::io::copy_bidirectional(&mut client, &mut broker).await;
        });
        Self { port, task }
    }

    fn cut(self) {
        self.task.abort();
    }
}

fn pair(name: &str, value: &str) -> UserProperty {
    UserProperty { name: name.to_owned(), value: value.to_owned() }
}

fn will() -> Will {
    let bytes = |text: &str| TypedBytes { format: ByteFormat::Hex, text: text.to_owned() };
    Will {
        topic: "will/of/it".to_owned(),
        payload: WillPayload::Typed { typed: bytes("00 ff 0a") },
        qos: QoS::AtLeastOnce,
        retain: false,
        properties: WillProperties {
            delay_interval: Some(1),
            payload_is_utf8: Some(false),
            message_expiry: Some(600),
            content_type: Some("application/x-test".to_owned()),
            response_topic: Some("answers/here".to_owned()),
            correlation_data: Some(bytes("c0 ff ee 00")),
            user_properties: vec![pair("z", "1"), pair("a", "2"), pair("z", "1")],
        },
    }
}

/// The values of the properties with this name, in their order.
fn values<'a>(properties: &'a [Value], name: &str) -> Vec<&'a Value> {
    properties.iter().filter(|p| p["name"] == name).map(|p| &p["value"]).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_will_arrives_after_its_delay_with_every_property() {
    let broker = Mosquitto::start();
    let app = App::start().await;
    let line = Line::to(broker.port(Scheme::Mqtt)).await;
    let watcher = app.profile(broker.endpoint(Scheme::Mqtt), ProtocolVersion::V5, |_| ()).await;
    app.connect(&watcher).await;
    app.subscribe(&watcher, "will/#", QoS::ExactlyOnce).await;

    let endpoint = Endpoint { port: line.port, ..broker.endpoint(Scheme::Mqtt) };
    let mortal = app
        .profile(endpoint, ProtocolVersion::V5, |profile| {
            profile.client_id = "mortal-{{random}}-{{time}}".to_owned();
            profile.session_expiry = 60;
            profile.reconnect.enabled = false;
            profile.connect_properties.receive_maximum = Some(7);
            profile.connect_properties.maximum_packet_size = Some(2_000);
            profile.connect_properties.topic_alias_maximum = Some(5);
            profile.connect_properties.request_response_information = Some(true);
            profile.connect_properties.request_problem_information = Some(false);
            profile.connect_properties.user_properties = vec![pair("k", "v"), pair("k", "w")];
            profile.will = Some(will());
        })
        .await;
    app.connect(&mortal).await;
    let cut = Instant::now();
    line.cut();
    app.wait_for_state(&mortal, "failed").await;
    let rows = app.wait_for_rows(&watcher, 1).await;
    assert!(cut.elapsed() >= Duration::from_millis(900), "after {:?}", cut.elapsed());

    let id = rows[0]["id"].as_u64().expect("a number");
    assert_eq!((&rows[0]["topic"], &rows[0]["qos"]), (&json!("will/of/it"), &json!(1)));
    assert_eq!(app.payload(&watcher, id).await, b"\x00\xff\n");
    let arguments = json!({ "profile": watcher.id, "id": id });
    let detail = app.call("history_message", arguments).await;
    let found = detail["properties"].as_array().expect("properties");
    assert_eq!(values(found, "content_type"), [&json!("application/x-test")]);
    assert_eq!(values(found, "response_topic"), [&json!("answers/here")]);
    assert_eq!(
        values(found, "user_property"),
        [&json!(["z", "1"]), &json!(["a", "2"]), &json!(["z", "1"])]
    );
    assert_eq!(values(found, "correlation_data").len(), 1, "{found:?}");
    let expiry = values(found, "message_expiry_interval")[0].as_u64().expect("seconds");
    assert!((500..=600).contains(&expiry), "{expiry}");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_keeps_to_the_maximum_packet_size_that_it_was_told() {
    let broker = Mosquitto::start();
    let app = App::start().await;
    let small = app
        .profile(broker.endpoint(Scheme::Mqtt), ProtocolVersion::V5, |profile| {
            profile.connect_properties.maximum_packet_size = Some(200);
        })
        .await;
    app.connect(&small).await;
    app.subscribe(&small, "sized/+", QoS::AtLeastOnce).await;
    let other = app.profile(broker.endpoint(Scheme::Mqtt), ProtocolVersion::V5, |_| ()).await;
    app.connect(&other).await;
    let large = app.publish(&other, "sized/large", &[b'x'; 300], QoS::AtLeastOnce).await;
    app.wait_for_outcome(&other, large, "acknowledged").await;
    app.publish(&other, "sized/small", b"x", QoS::AtLeastOnce).await;
    let rows = app.wait_for_rows(&small, 1).await;
    assert_eq!(rows[0]["topic"], "sized/small");
    assert_eq!(app.session(&small).await["state"]["state"], "connected");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn placeholders_make_another_client_of_each_connection_that_a_person_starts() {
    let broker = Mosquitto::start();
    let app = App::start().await;
    for version in [ProtocolVersion::V31, ProtocolVersion::V311, ProtocolVersion::V5] {
        let prefix = format!("v{}-", version.to_string().replace('.', ""));
        let profile = app
            .profile(broker.endpoint(Scheme::Mqtt), version, |profile| {
                profile.client_id = format!("{prefix}{{{{random}}}}");
            })
            .await;
        for _ in 0..2 {
            app.connect(&profile).await;
            app.disconnect(&profile).await;
        }
        let names = acceptance::wait::until("two clients in the log", async || {
            let names = names(&broker.log(), &prefix);
            if names.len() == 2 { Ok(names) } else { Err(broker.log()) }
        })
        .await;
        assert_ne!(names[0], names[1]);
        for name in names {
            let random = name.strip_prefix(&prefix).expect("the prefix");
            assert_eq!(random.len(), 8, "{name}");
            assert!(random.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{name}");
        }
    }
    app.stop().await;
}

/// The clients in the broker's log that begin with `prefix`, in the order in which they connected.
fn names(log: &str, prefix: &str) -> Vec<String> {
    let lines = log.lines().filter(|line| line.contains("New client connected"));
    let named = lines.filter_map(|line| line.split(" as ").nth(1)?.split_whitespace().next());
    named.filter(|name| name.starts_with(prefix)).map(str::to_owned).collect()
}
