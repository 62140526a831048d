//! ws in front of the broker: `/mqtt`, a handshake by the book, then bytes to and from the mqtt port.
//!
//! The library can listen for ws itself, but serves every path, refuses a list of subprotocols, ends
//! the connection at an empty Ping, takes no frame above 16 MiB, and lets any web page that is open
//! on this machine connect. This front costs one more copy over the loopback interface; in
//! exchange the library is built without its own (older) WebSocket crate. [MQTT-6.0.0-1] to
//! [MQTT-6.0.0-4].

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use bytes::BytesMut;
use futures_util::{Sink, SinkExt, Stream, StreamExt};
use http::header::{HeaderValue, ORIGIN, SEC_WEBSOCKET_PROTOCOL};
use http::{HeaderMap, StatusCode, Uri};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tokio_tungstenite::tungstenite::handshake::server::{ErrorResponse, Request, Response};
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Message, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error as WsError, Utf8Bytes};

use crate::clients::Origins;

/// The one path there is.
const PATH: &str = "/mqtt";

/// The subprotocols, the one for 3.1.1 and 5.0 first.
const SUBPROTOCOLS: [&str; 2] = ["mqtt", "mqttv3.1"];

/// One frame may hold a whole MQTT packet of the largest size, and the next one's beginning.
const LARGEST_FRAME: usize = 272 * 1024 * 1024;

/// How long the handshake may take, and the good-bye.
const HANDSHAKE_LIMIT: Duration = Duration::from_secs(10);
const CLOSE_LIMIT: Duration = Duration::from_secs(5);

/// How much is read from the broker at once, and so put into one message.
const CHUNK: usize = 64 * 1024;

/// Listens; for [`crate::ports::bind_next_free`].
pub(crate) fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = TcpSocket::new_v4()?;
    // As for the mqtt port.
    socket.set_reuseaddr(!cfg!(windows))?;
    socket.bind(address)?;
    socket.listen(512)
}

/// Serves connections for ever; `broker` is the mqtt port.
pub(crate) async fn serve(front: TcpListener, broker: SocketAddr, origins: Origins) -> Infallible {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = front.accept() => match accepted {
                Ok((stream, peer)) => {
                    connections.spawn(connection(stream, peer, broker, origins.clone()));
                }
                // Out of file descriptors, as a rule: accepting goes on failing until some close.
                Err(_) => sleep(Duration::from_millis(100)).await,
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

/// One connection from handshake to end. Nobody waits for its outcome: what went wrong, the client
/// has seen.
async fn connection(client: TcpStream, peer: SocketAddr, broker: SocketAddr, origins: Origins) {
    let _ = client.set_nodelay(true);
    let config = WebSocketConfig::default()
        .max_message_size(Some(LARGEST_FRAME))
        .max_frame_size(Some(LARGEST_FRAME));
    let accepting =
        tokio_tungstenite::accept_hdr_async_with_config(client, shake_hands, Some(config));
    let Ok(Ok(websocket)) = timeout(HANDSHAKE_LIMIT, accepting).await else { return };
    let Ok(broker) = TcpStream::connect(broker).await else { return };
    let _ = broker.set_nodelay(true);
    let Ok(inner) = broker.local_addr() else { return };
    let _origin = origins.note(inner, peer);

    let (sink, stream) = websocket.split();
    let (from_broker, to_broker) = broker.into_split();
    let mut inward = std::pin::pin!(inward(stream, to_broker));
    let mut outward = std::pin::pin!(outward(from_broker, sink));
    tokio::select! {
        // The client has ended: what it sent last is still to be taken in, and the broker closes
        // its side after that.
        () = &mut inward => drop(timeout(CLOSE_LIMIT, outward).await),
        // The broker has ended: the client answers the close.
        () = &mut outward => drop(timeout(CLOSE_LIMIT, inward).await),
    }
}

/// Client to broker, to the end of either.
async fn inward(
    mut client: impl Stream<Item = Result<Message, WsError>> + Unpin,
    mut broker: impl AsyncWrite + Unpin,
) {
    while let Some(Ok(message)) = client.next().await {
        match message {
            Message::Binary(bytes) => {
                if broker.write_all(&bytes).await.is_err() {
                    return;
                }
            }
            // MQTT is in binary frames; the connection is to be closed. [MQTT-6.0.0-1]
            Message::Text(_) => break,
            // The library under us answers a Ping and a Close.
            Message::Ping(_) | Message::Pong(_) | Message::Close(_) | Message::Frame(_) => {}
        }
    }
    let _ = broker.shutdown().await;
}

/// Broker to client, to the end of either.
async fn outward(
    mut broker: impl AsyncRead + Unpin,
    mut client: impl Sink<Message, Error = WsError> + Unpin,
) {
    let mut buffer = BytesMut::new();
    loop {
        buffer.reserve(CHUNK);
        match broker.read_buf(&mut buffer).await {
            Ok(0) | Err(_) => break,
            Ok(_) => {}
        }
        if client.send(Message::Binary(buffer.split().freeze())).await.is_err() {
            return;
        }
    }
    let good_bye = CloseFrame { code: CloseCode::Normal, reason: Utf8Bytes::default() };
    let _ = client.send(Message::Close(Some(good_bye))).await;
}

#[expect(clippy::result_large_err, reason = "the WebSocket crate's callback has this signature")]
fn shake_hands(request: &Request, mut response: Response) -> Result<Response, ErrorResponse> {
    let subprotocol =
        judge(request.uri(), request.headers()).map_err(|(status, text)| refusal(status, text))?;
    let headers = response.headers_mut();
    headers.insert(SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(subprotocol));
    Ok(response)
}

fn refusal(status: StatusCode, text: &str) -> ErrorResponse {
    let mut response = ErrorResponse::new(Some(text.to_owned()));
    *response.status_mut() = status;
    response
}

/// The subprotocol to go on with, or why not.
fn judge(uri: &Uri, headers: &HeaderMap) -> Result<&'static str, (StatusCode, &'static str)> {
    if uri.path() != PATH {
        return Err((StatusCode::NOT_FOUND, "MQTT is served on the path /mqtt.\n"));
    }
    // Browsers let every page connect to every WebSocket, and say in Origin who asks.
    if headers.get(ORIGIN).is_some_and(|origin| !is_from_here(origin)) {
        return Err((StatusCode::FORBIDDEN, "Only pages from this machine may connect.\n"));
    }
    let offered: Vec<&str> = headers
        .get_all(SEC_WEBSOCKET_PROTOCOL)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .collect();
    SUBPROTOCOLS
        .into_iter()
        .find(|known| offered.contains(known))
        .ok_or((StatusCode::BAD_REQUEST, "The subprotocol \"mqtt\" must be offered.\n"))
}

fn is_from_here(origin: &HeaderValue) -> bool {
    let uri = origin.to_str().ok().and_then(|text| text.parse::<Uri>().ok());
    let Some(host) = uri.as_ref().and_then(Uri::host) else { return false };
    host == "localhost" || host.ends_with(".localhost") || host == "127.0.0.1" || host == "[::1]"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(path: &str, headers: &[(&'static str, &'static str)], expect: Result<&str, u16>) {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, HeaderValue::from_static(value));
        }
        let judged = judge(&path.parse().unwrap(), &map);
        assert_eq!(judged.map_err(|(status, _)| status.as_u16()), expect);
    }

    const MQTT: (&str, &str) = ("sec-websocket-protocol", "mqtt");

    #[test]
    fn only_the_path_mqtt_is_served() {
        check("/mqtt", &[MQTT], Ok("mqtt"));
        check("/mqtt?token=1", &[MQTT], Ok("mqtt"));
        check("/", &[MQTT], Err(404));
        check("/mqtt/", &[MQTT], Err(404));
    }

    #[test]
    fn a_known_subprotocol_is_chosen_from_a_list() {
        check("/mqtt", &[("sec-websocket-protocol", "mqttv3.1")], Ok("mqttv3.1"));
        check("/mqtt", &[("sec-websocket-protocol", "mqttv3.1, mqtt")], Ok("mqtt"));
        check("/mqtt", &[("sec-websocket-protocol", "chat"), MQTT], Ok("mqtt"));
        check("/mqtt", &[("sec-websocket-protocol", "chat")], Err(400));
        check("/mqtt", &[], Err(400));
    }

    #[test]
    fn pages_from_elsewhere_are_refused() {
        for here in
            ["http://localhost:5173", "http://127.0.0.1", "http://[::1]:80", "tauri://localhost"]
        {
            check("/mqtt", &[MQTT, ("origin", here)], Ok("mqtt"));
        }
        for there in ["https://example.org", "http://localhost.example.org", "null", "file://"] {
            check("/mqtt", &[MQTT, ("origin", there)], Err(403));
        }
    }
}
