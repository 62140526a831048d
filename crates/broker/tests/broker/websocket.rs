//! ws: the handshake, and MQTT through it.

use futures_util::{SinkExt, StreamExt};
use mqttscope_broker::Ports;
use mqttscope_model::BrokerState;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

use crate::support::{CONNACK, Subscriber, connect, running, soon, state};

/// Connects; answers with the subprotocol that was chosen, or the HTTP status.
async fn open(
    ports: Ports,
    path: &str,
    headers: &[(&'static str, &str)],
) -> Result<(WebSocketStream<TcpStream>, String), u16> {
    let mut request = format!("ws://127.0.0.1:{}{path}", ports.ws).into_client_request().unwrap();
    for (name, value) in headers {
        request.headers_mut().append(*name, value.parse().unwrap());
    }
    let stream = TcpStream::connect(("127.0.0.1", ports.ws)).await.unwrap();
    let config = WebSocketConfig::default().max_frame_size(None).max_message_size(None);
    match soon("the handshake", client_async_with_config(request, stream, Some(config))).await {
        Ok((websocket, response)) => {
            let chosen = &response.headers()["sec-websocket-protocol"];
            Ok((websocket, chosen.to_str().unwrap().to_owned()))
        }
        Err(Error::Http(response)) => Err(response.status().as_u16()),
        Err(error) => panic!("{error}"),
    }
}

async fn mqtt(ports: Ports) -> WebSocketStream<TcpStream> {
    open(ports, "/mqtt", &[("sec-websocket-protocol", "mqtt")]).await.unwrap().0
}

/// A PUBLISH of QoS 0.
fn publish(topic: &str, payload: &[u8]) -> Vec<u8> {
    let mut body = vec![0, topic.len() as u8];
    body.extend(topic.as_bytes());
    body.extend(payload);
    packet(0x30, body)
}

fn packet(first: u8, body: Vec<u8>) -> Vec<u8> {
    let mut packet = vec![first];
    let mut left = body.len();
    loop {
        let more = if left > 127 { 0x80 } else { 0 };
        packet.push((left % 128) as u8 | more);
        left /= 128;
        if left == 0 {
            break;
        }
    }
    packet.extend(body);
    packet
}

/// Reads so many bytes of MQTT.
async fn read(websocket: &mut WebSocketStream<TcpStream>, count: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    while bytes.len() < count {
        match soon("bytes", websocket.next()).await.unwrap().unwrap() {
            Message::Binary(more) => bytes.extend(more),
            other => assert!(!other.is_close(), "closed after {} bytes", bytes.len()),
        }
    }
    bytes
}

#[tokio::test]
async fn the_handshake_is_judged_by_path_subprotocol_and_origin() {
    let (_broker, ports) = running().await;
    let subprotocol = |value| ("sec-websocket-protocol", value);
    let check = async |path: &str, headers: &[(&'static str, &str)], expect: Result<&str, u16>| {
        let chosen = open(ports, path, headers).await.map(|(_, chosen)| chosen);
        assert_eq!(chosen, expect.map(str::to_owned), "{path} {headers:?}");
    };
    check("/mqtt", &[subprotocol("mqtt")], Ok("mqtt")).await;
    check("/mqtt", &[subprotocol("mqttv3.1")], Ok("mqttv3.1")).await;
    check("/mqtt", &[subprotocol("mqttv3.1, mqtt")], Ok("mqtt")).await;
    check("/other", &[subprotocol("mqtt")], Err(404)).await;
    check("/mqtt", &[subprotocol("chat")], Err(400)).await;
    check("/mqtt", &[], Err(400)).await;
    let stranger = ("origin", "https://example.org");
    check("/mqtt", &[subprotocol("mqtt"), stranger], Err(403)).await;
}

#[tokio::test]
async fn packets_pass_however_they_are_cut_into_frames() {
    let (_broker, ports) = running().await;
    let mut subscriber = Subscriber::new(ports.mqtt, "%t %p", &["-t", "from/ws"]).await;
    let mut websocket = mqtt(ports).await;
    for byte in connect("cut") {
        websocket.send(Message::binary(vec![byte])).await.unwrap();
    }
    assert_eq!(read(&mut websocket, 4).await, CONNACK);

    let two = [publish("from/ws", b"one"), publish("from/ws", b"two")].concat();
    websocket.send(Message::binary(two)).await.unwrap();
    assert_eq!(subscriber.messages(2).await, ["from/ws one", "from/ws two"]);
}

#[tokio::test]
async fn what_is_sent_just_before_the_close_arrives() {
    let (_broker, ports) = running().await;
    let mut subscriber = Subscriber::new(ports.mqtt, "%p", &["-t", "last"]).await;
    let mut websocket = mqtt(ports).await;
    let all = [connect("brief"), publish("last", b"words"), vec![0xe0, 0]].concat();
    websocket.send(Message::binary(all)).await.unwrap();
    websocket.close(None).await.unwrap();
    assert_eq!(subscriber.message().await, "words");
}

#[tokio::test]
async fn pings_are_answered_and_do_no_harm() {
    let (_broker, ports) = running().await;
    let mut websocket = mqtt(ports).await;
    websocket.send(Message::Ping(Vec::new().into())).await.unwrap();
    websocket.send(Message::Ping(b"data".to_vec().into())).await.unwrap();
    for expect in [b"".as_slice(), b"data"] {
        let pong = soon("a pong", websocket.next()).await.unwrap().unwrap();
        assert_eq!(pong, Message::Pong(expect.to_vec().into()));
    }
    websocket.send(Message::binary(connect("pinged"))).await.unwrap();
    assert_eq!(read(&mut websocket, 4).await, CONNACK);
}

#[tokio::test]
async fn a_text_frame_ends_the_connection() {
    let (_broker, ports) = running().await;
    let mut websocket = mqtt(ports).await;
    websocket.send(Message::text("hello")).await.unwrap();
    let next = soon("the close", websocket.next()).await;
    assert!(matches!(next, Some(Ok(Message::Close(_))) | Some(Err(_)) | None), "{next:?}");
}

#[tokio::test]
async fn a_payload_of_20_mb_passes_both_ways_in_one_frame() {
    let (_broker, ports) = running().await;
    let mut websocket = mqtt(ports).await;
    websocket.send(Message::binary(connect("large"))).await.unwrap();
    assert_eq!(read(&mut websocket, 4).await, CONNACK);
    let subscribe = packet(0x82, b"\0\x01\0\x05large\0".to_vec());
    websocket.send(Message::binary(subscribe)).await.unwrap();
    assert_eq!(read(&mut websocket, 5).await, [0x90, 3, 0, 1, 0]);

    let payload: Vec<u8> = (0..20_000_000_u32).map(|i| i.to_le_bytes()[0]).collect();
    let message = publish("large", &payload);
    websocket.send(Message::binary(message.clone())).await.unwrap();
    assert!(read(&mut websocket, message.len()).await == message);
}

#[tokio::test]
async fn a_client_over_ws_is_listed_with_its_own_address() {
    let (broker, ports) = running().await;
    let mut websocket = mqtt(ports).await;
    let own = websocket.get_ref().local_addr().unwrap().to_string();
    websocket.send(Message::binary(connect("over ws"))).await.unwrap();
    let client = state(&broker, |state| match state {
        BrokerState::Running { clients, .. } => clients.first().cloned(),
        _ => None,
    })
    .await;
    assert_eq!((client.client_id.as_str(), client.address.as_str()), ("over ws", own.as_str()));
}
