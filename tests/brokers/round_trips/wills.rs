//! Everything that a Will says, in the message that the broker publishes when the line to its client was cut.

use acceptance::App;
use mqttscope_model::{
    ByteFormat, Endpoint, ProtocolVersion, QoS, TypedBytes, UserProperty, Will, WillPayload,
    WillProperties,
};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use super::{VERSIONS, brokers, came, client, plain, property};

/// Passes bytes on to a broker until it is cut, as a network does.
struct Line {
    port: u16,
    task: JoinHandle<()>,
}

impl Line {
    async fn to(broker: &Endpoint) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("its address").port();
        let broker = broker.port;
        let task = tokio::spawn(async move {
            let (mut client, _) = listener.accept().await.expect("a client");
            let mut broker = TcpStream::connect(("127.0.0.1", broker)).await.expect("the broker");
            let _ends_with_either_side =
                tokio::io::copy_bidirectional(&mut client, &mut broker).await;
        });
        Self { port, task }
    }
}

/// Each thing that a Will can say in MQTT 5, by itself, and what the message must have.
fn wills() -> Vec<(WillProperties, Vec<Value>)> {
    let none = WillProperties::default;
    let pair = |name: &str| UserProperty { name: name.to_owned(), value: "1".to_owned() };
    let data = TypedBytes { format: ByteFormat::Hex, text: "c0 ff ee 00".to_owned() };
    vec![
        (none(), vec![]),
        (
            WillProperties { payload_is_utf8: Some(true), ..none() },
            vec![property("payload_format_indicator", json!(1))],
        ),
        (
            WillProperties { message_expiry: Some(600), ..none() },
            vec![property("message_expiry_interval", json!(600))],
        ),
        (
            WillProperties { content_type: Some("c".to_owned()), ..none() },
            vec![property("content_type", json!("c"))],
        ),
        (
            WillProperties { response_topic: Some("r".to_owned()), ..none() },
            vec![property("response_topic", json!("r"))],
        ),
        (
            WillProperties { correlation_data: Some(data), ..none() },
            vec![property("correlation_data", json!({ "base64": "wP/uAA==" }))],
        ),
        (
            WillProperties { user_properties: vec![pair("z"), pair("a"), pair("z")], ..none() },
            ["z", "a", "z"].map(|name| property("user_property", json!([name, "1"]))).to_vec(),
        ),
        (WillProperties { delay_interval: Some(1), ..none() }, vec![]),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn every_property_of_a_will_arrives_when_its_client_is_lost() {
    let app = App::start().await;
    for broker in brokers(&app).await {
        for version in VERSIONS {
            let watcher = client(&app, &broker, version).await;
            // A version of its own: a Will that was retained stays.
            let below = format!("will/{version}/");
            app.subscribe(&watcher, &format!("{below}#"), QoS::ExactlyOnce).await;
            let mut wills = wills();
            if version != ProtocolVersion::V5 {
                wills.truncate(1);
            }
            let mut expected = Vec::new();
            for (n, (properties, has)) in wills.into_iter().enumerate() {
                for (qos, retain) in [(0_u8, false), (1, true), (2, false)] {
                    let line = Line::to(&broker.endpoint).await;
                    let topic = format!("{below}{n}/{qos}");
                    let mortal = app
                        .profile(
                            Endpoint { port: line.port, ..broker.endpoint.clone() },
                            version,
                            |profile| {
                                profile.reconnect.enabled = false;
                                profile.session_expiry = 60;
                                profile.will = Some(Will {
                                    topic: topic.clone(),
                                    payload: WillPayload::Typed {
                                        typed: TypedBytes {
                                            format: ByteFormat::Text,
                                            text: "gone".to_owned(),
                                        },
                                    },
                                    qos: QoS::try_from(qos).expect("a QoS"),
                                    retain,
                                    properties: properties.clone(),
                                });
                            },
                        )
                        .await;
                    app.connect(&mortal).await;
                    line.task.abort();
                    expected.push((topic, qos, has.clone()));
                }
            }
            let came = came(&app, &watcher, &below, expected.len()).await;
            assert_eq!(came.len(), expected.len(), "{} {version}", broker.name);
            for (topic, qos, has) in expected {
                let what = format!("{} {topic}", broker.name);
                let found = came.iter().find(|one| one["row"]["topic"] == topic.as_str());
                let found = found.unwrap_or_else(|| panic!("missing: {what}"));
                assert_eq!(found["row"]["qos"], qos, "{what}");
                let (properties, left) = plain(&found["properties"]);
                let (wanted, lives) = plain(&json!(has));
                assert_eq!((properties, left.is_some()), (wanted, lives.is_some()), "{what}");
            }
            app.disconnect(&watcher).await;
        }
    }
    app.stop().await;
}
