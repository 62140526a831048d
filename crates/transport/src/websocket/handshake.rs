//! The WebSocket handshake: one HTTP request, and an account of every answer that is not the wanted one.
//!
//! The MQTT specification wants the subprotocol echoed (`[MQTT-6.0.0-4]`), so an answer without it fails unless the profile
//! lets it pass; a broker behind a proxy that drops the header is told apart from one that is not there.

use std::io;

use http::header::{
    CONNECTION, HOST, LOCATION, SEC_WEBSOCKET_PROTOCOL, SERVER, UPGRADE, WWW_AUTHENTICATE,
};
use http::uri::PathAndQuery;
use http::{HeaderValue, Response, Uri};
use mqttscope_model::{Endpoint, Scheme, WebSocketFacts};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_tungstenite::tungstenite::Error;
use tokio_tungstenite::tungstenite::error::{ProtocolError, SubProtocolError};
use tokio_tungstenite::tungstenite::handshake::client::generate_key;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

use super::options::WebSocketOptions;
use super::stream::WebSocketBytes;
use crate::dial::within;
use crate::error::DialCause;
use crate::evidence::{Failure, Record, Witness};
use crate::{DialOptions, Spoken, tls};

pub(crate) type Request = http::Request<()>;

/// More than the largest MQTT packet (268,435,460 bytes), so that the MQTT layer's own limit decides.
const LARGEST_MESSAGE: usize = 272 << 20;

/// How much of an answer's body is shown.
const SHOWN_BODY: usize = 200;

/// The request for `endpoint`. The only thing in it that can still be wrong is the path.
pub(crate) fn request(endpoint: &Endpoint, options: &WebSocketOptions) -> Result<Request, Failure> {
    let invalid = || Failure::new(DialCause::PathInvalid { path: endpoint.path.clone() });
    let path = match endpoint.path.as_str() {
        "" => "/",
        path if path.starts_with('/') && !path.contains('#') => path,
        _ => return Err(invalid()),
    };
    let path: PathAndQuery = path.parse().map_err(|_| invalid())?;
    // The library takes path and query from the URI and nothing else; names that no URI takes do not matter.
    let uri = Uri::builder().scheme("ws").authority("broker").path_and_query(path);
    let host = HeaderValue::from_str(&host_header(endpoint)).map_err(|_| invalid())?;
    let mut request = http::Request::builder()
        .uri(uri.build().map_err(|_| invalid())?)
        .header(HOST, host)
        .header(CONNECTION, "Upgrade")
        .header(UPGRADE, "websocket")
        .header("Sec-WebSocket-Version", "13")
        .header("Sec-WebSocket-Key", generate_key())
        .header("Sec-WebSocket-Protocol", options.offered())
        .body(())
        .map_err(|_| invalid())?;
    for (name, value) in &options.headers {
        request.headers_mut().append(name, value.clone());
    }
    Ok(request)
}

/// `host`, or `host:port` where the port is not the scheme's default (RFC 6455, section 4.1), without
/// the zone of a link-local address (RFC 6874, section 4).
fn host_header(endpoint: &Endpoint) -> String {
    let standard = if endpoint.scheme == Scheme::Wss { 443 } else { 80 };
    let host = endpoint.host.split('%').next().unwrap_or_default();
    let plain = Endpoint { host: host.to_owned(), ..endpoint.clone() };
    let authority = plain.authority();
    if endpoint.port != standard {
        return authority;
    }
    let port = format!(":{standard}");
    authority.strip_suffix(&port).unwrap_or(&authority).to_owned()
}

/// Shakes hands over `stream`; what was seen goes into `facts`.
pub(crate) async fn handshake<S: AsyncRead + AsyncWrite + Unpin>(
    stream: S,
    request: Request,
    options: &DialOptions,
    facts: &mut WebSocketFacts,
) -> Result<(WebSocketBytes<Witness<S>>, String), Failure> {
    let record = Record::of_http();
    request.uri().path().clone_into(&mut facts.path);
    facts.offered = options.websocket.offered();
    let shaking = shake(Witness::new(stream, &record), request, options, &record);
    within(options.limits.websocket, shaking, || timed_out(&record)).await
}

async fn shake<S: AsyncRead + AsyncWrite + Unpin>(
    stream: Witness<S>,
    request: Request,
    options: &DialOptions,
    record: &Record,
) -> Result<(WebSocketBytes<Witness<S>>, String), Failure> {
    let path = request.uri().path().to_owned();
    let shaken = if options.websocket.require_subprotocol {
        strict(stream, request).await
    } else {
        lenient(stream, request, record).await
    };
    match shaken {
        Ok((mut socket, answered)) => {
            socket.get_mut().stop();
            let answered = answered.map_or("none".to_owned(), |name| name);
            let evidence = format!("101 Switching Protocols, path {path}, subprotocol {answered}");
            Ok((WebSocketBytes::new(socket), evidence))
        }
        Err(error) => Err(failure(error, options, record)),
    }
}

/// A socket, and the subprotocol that was named.
type Shaken<S> = Result<(WebSocketStream<Witness<S>>, Option<String>), Error>;

async fn strict<S: AsyncRead + AsyncWrite + Unpin>(
    stream: Witness<S>,
    request: Request,
) -> Shaken<S> {
    let (socket, response) = client_async_with_config(request, stream, Some(config())).await?;
    let answered = response.headers().get(SEC_WEBSOCKET_PROTOCOL);
    Ok((socket, answered.map(|name| String::from_utf8_lossy(name.as_bytes()).into_owned())))
}

/// The library has no switch for it, but it looks at the subprotocol last, when all else is right. So its refusal of a
/// missing one is an answer that is whole; what came after the answer's head is in the record.
async fn lenient<S: AsyncRead + AsyncWrite + Unpin>(
    mut stream: Witness<S>,
    request: Request,
    record: &Record,
) -> Shaken<S> {
    let missing = SubProtocolError::NoSubProtocol;
    let answered = match client_async_with_config(request, &mut stream, Some(config())).await {
        Ok((_, response)) => {
            let name = response.headers().get(SEC_WEBSOCKET_PROTOCOL);
            name.map(|name| String::from_utf8_lossy(name.as_bytes()).into_owned())
        }
        Err(Error::Protocol(ProtocolError::SecWebSocketSubProtocolError(error)))
            if error == missing =>
        {
            None
        }
        Err(error) => return Err(error),
    };
    let bytes = record.bytes();
    let head = bytes.windows(4).position(|end| end == b"\r\n\r\n");
    let (Some(head), false) = (head, record.is_full()) else {
        return Err(Error::Protocol(ProtocolError::SecWebSocketSubProtocolError(missing)));
    };
    let rest = bytes.get(head + 4..).unwrap_or_default().to_vec();
    let socket =
        WebSocketStream::from_partially_read(stream, rest, Role::Client, Some(config())).await;
    Ok((socket, answered))
}

fn config() -> WebSocketConfig {
    WebSocketConfig::default()
        .max_message_size(Some(LARGEST_MESSAGE))
        .max_frame_size(Some(LARGEST_MESSAGE))
}

/// The failure where the handshake ran out of time.
fn timed_out(record: &Record) -> Failure {
    let bytes = record.bytes();
    match Spoken::recognise(&bytes) {
        None => {
            Failure::new(DialCause::WebSocketTimedOut).evidence("no answer to the HTTP request")
        }
        Some(Spoken::Http) => Failure::new(DialCause::WebSocketTimedOut).first_bytes(&bytes),
        Some(_) => not_http(&bytes),
    }
}

fn failure(error: Error, options: &DialOptions, record: &Record) -> Failure {
    let bytes = record.bytes();
    match error {
        Error::Http(response) => refused(&response),
        Error::Protocol(ProtocolError::SecWebSocketSubProtocolError(error)) => {
            subprotocol(error, &bytes, options)
        }
        Error::Io(error) => ended(&error, options, &bytes),
        Error::Protocol(ProtocolError::HandshakeIncomplete) => closed(&bytes, "end of stream"),
        _ if Spoken::recognise(&bytes).is_some_and(|spoken| spoken != Spoken::Http) => {
            not_http(&bytes)
        }
        other => {
            let reason = other.to_string();
            Failure::new(DialCause::WebSocketFailed { reason }).first_bytes(&bytes)
        }
    }
}

fn ended(error: &io::Error, options: &DialOptions, bytes: &[u8]) -> Failure {
    let late = options.tls.as_ref().and_then(|tls| tls::late_failure(error, tls));
    late.unwrap_or_else(|| closed(bytes, &error.to_string()))
}

fn closed(bytes: &[u8], reason: &str) -> Failure {
    match Spoken::recognise(bytes) {
        None | Some(Spoken::Http) => Failure::new(DialCause::WebSocketClosed)
            .evidence(format!("closed without a whole answer: {reason}"))
            .detail("reason", reason)
            .first_bytes(bytes),
        Some(_) => not_http(bytes),
    }
}

fn not_http(bytes: &[u8]) -> Failure {
    let cause = match Spoken::recognise(bytes) {
        Some(Spoken::Tls) => DialCause::TlsWanted,
        spoken => DialCause::HttpNotSpoken { spoken: spoken.unwrap_or(Spoken::Unknown) },
    };
    Failure::new(cause).first_bytes(bytes)
}

fn subprotocol(error: SubProtocolError, bytes: &[u8], options: &DialOptions) -> Failure {
    let answered = header_of(bytes, "sec-websocket-protocol").unwrap_or_default();
    let cause = match error {
        SubProtocolError::NoSubProtocol => DialCause::SubprotocolMissing,
        _ => DialCause::SubprotocolOther { answered },
    };
    Failure::new(cause)
        .evidence(format!("asked for the subprotocol {}", options.websocket.offered()))
        .first_bytes(bytes)
        .detail("subprotocol", options.websocket.offered())
}

/// A header's value in a raw answer: the library drops the answer when it dislikes the subprotocol.
fn header_of(bytes: &[u8], wanted: &str) -> Option<String> {
    let text = String::from_utf8_lossy(bytes);
    let head = text.split("\r\n\r\n").next()?;
    let mut headers = head.lines().filter_map(|line| line.split_once(':'));
    let (_, value) = headers.find(|(name, _)| name.eq_ignore_ascii_case(wanted))?;
    Some(value.trim().chars().filter(|c| !c.is_control()).collect())
}

fn refused(response: &Response<Option<Vec<u8>>>) -> Failure {
    let status = response.status().as_u16();
    let header = |name| {
        let value = response.headers().get(name).map(HeaderValue::as_bytes).unwrap_or_default();
        String::from_utf8_lossy(value).into_owned()
    };
    let body = body_head(response.body().as_deref().unwrap_or_default());
    let cause = match status {
        404 => DialCause::PathNotFound,
        401 | 403 | 407 => DialCause::Unauthorised { status },
        300..=399 => DialCause::Redirected { status, location: header(LOCATION) },
        400 if wants_tls(&body) => DialCause::TlsWanted,
        502..=504 => DialCause::GatewayFailed { status },
        200..=299 | 400 | 426 => DialCause::NotUpgraded { status },
        _ => DialCause::WebSocketRefused { status },
    };
    let mut failure = Failure::new(cause)
        .evidence(format!("HTTP {}", response.status()))
        .detail("status", status);
    let told =
        [("server", header(SERVER)), ("authenticate", header(WWW_AUTHENTICATE)), ("body", body)];
    for (name, value) in told {
        if !value.is_empty() {
            failure = failure.detail(name, value);
        }
    }
    failure
}

/// What web servers say in plain HTTP on a port that wants TLS (nginx; Go).
fn wants_tls(body: &str) -> bool {
    let body = body.to_ascii_lowercase();
    body.contains("http request was sent to https port")
        || body.contains("http request to an https server")
}

/// The beginning of a body as one line of text.
fn body_head(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    let words: Vec<&str> = text.split_whitespace().collect();
    let line = words.join(" ");
    line.chars().filter(|c| !c.is_control()).take(SHOWN_BODY).collect()
}

#[cfg(test)]
mod unit {
    use super::*;

    fn endpoint(scheme: Scheme, host: &str, port: u16, path: &str) -> Endpoint {
        Endpoint { scheme, host: host.to_owned(), port, path: path.to_owned() }
    }

    #[test]
    fn the_host_header_names_the_port_unless_it_is_the_default() {
        let cases = [
            (Scheme::Ws, "broker.example", 8083, "broker.example:8083"),
            (Scheme::Ws, "broker.example", 80, "broker.example"),
            (Scheme::Ws, "broker.example", 443, "broker.example:443"),
            (Scheme::Wss, "broker.example", 443, "broker.example"),
            (Scheme::Wss, "::1", 8084, "[::1]:8084"),
            (Scheme::Wss, "::1", 443, "[::1]"),
            (Scheme::Ws, "fe80::1%eth0", 8083, "[fe80::1]:8083"),
        ];
        for (scheme, host, port, expect) in cases {
            assert_eq!(host_header(&endpoint(scheme, host, port, "/")), expect);
        }
    }

    #[test]
    fn the_path_keeps_its_query_and_a_bad_one_is_found_before_dialling() {
        let plain = WebSocketOptions::plain("mqtt");
        let asked = |path| request(&endpoint(Scheme::Ws, "h", 1, path), &plain);
        let target = |path| asked(path).unwrap().uri().path_and_query().unwrap().to_string();
        assert_eq!(target("/mqtt"), "/mqtt");
        assert_eq!(target("/mqtt?token=a%20b&x=1"), "/mqtt?token=a%20b&x=1");
        assert_eq!(target(""), "/");
        for bad in ["mqtt", "/a b", "/a#b", "/a\r\nX: y"] {
            let cause = asked(bad).unwrap_err().cause;
            assert_eq!(cause, DialCause::PathInvalid { path: bad.to_owned() });
        }
    }
}
