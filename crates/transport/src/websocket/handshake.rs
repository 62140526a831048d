//! The WebSocket handshake: one HTTP request, and an account of every answer that is not the wanted one.
//!
//! The MQTT specification wants the subprotocol echoed (`[MQTT-6.0.0-4]`), so an answer without it fails unless the profile
//! lets it pass; a broker behind a proxy that drops the header is told apart from one that is not there.

use std::time::Duration;

use http::header::{CONNECTION, HOST, UPGRADE};
use http::uri::PathAndQuery;
use http::{HeaderValue, Uri};
use mqttscope_model::{Endpoint, Scheme, WebSocketFacts};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite};
use tokio_tungstenite::tungstenite::Error;
use tokio_tungstenite::tungstenite::error::{ProtocolError, SubProtocolError};
use tokio_tungstenite::tungstenite::handshake::client::generate_key;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

use super::answer::{self, Answer, Hidden};
use super::options::WebSocketOptions;
use super::refusal;
use super::stream::WebSocketBytes;
use crate::DialOptions;
use crate::error::DialCause;
use crate::evidence::{Failure, Record, Witness};

pub(crate) type Request = http::Request<()>;

/// More than the largest MQTT packet (268,435,460 bytes), so that the MQTT layer's own limit decides.
const LARGEST_MESSAGE: usize = 272 << 20;

/// How long the body of a refusal is waited for.
const PATIENCE: Duration = Duration::from_secs(1);

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
    let mut stream = Witness::new(stream, &record);
    request.uri().path().clone_into(&mut facts.path);
    facts.offered = options.websocket.offered();
    let sent = options.websocket.headers.iter().map(|(_, value)| value);
    let hidden = Hidden::of(sent, request.uri().query());

    let asking = client_async_with_config(request, &mut stream, Some(config()));
    let asked = match tokio::time::timeout(options.limits.websocket, asking).await {
        Ok(Ok(_accepted)) => Ok(Ok(())),
        Ok(Err(error)) if is_lenient(&error, options) => Ok(Ok(())),
        Ok(Err(error)) => Ok(Err(error)),
        Err(late) => Err(late),
    };
    if let Ok(Err(error)) = &asked
        && refusal::is_answer(error)
    {
        read_on(&mut stream, &record).await;
    }
    let bytes = record.bytes();
    let answer = Answer::read(&bytes, &hidden);
    let failed = match asked {
        Ok(Ok(())) => None,
        Ok(Err(error)) => Some(refusal::failure(error, answer.as_ref(), options, &record)),
        Err(_late) => Some(refusal::timed_out(&record)),
    };
    if let Some(answer) = answer {
        answer.into_facts(facts);
    }
    if let Some(failure) = failed {
        return Err(failure);
    }
    // The library had the stream on loan only, so that a refused one can be read on; what it read behind the head is here.
    let (Some(head), false) = (answer::head_end(&bytes), record.is_full()) else {
        let reason = "the answer's head is too long".to_owned();
        return Err(Failure::new(DialCause::WebSocketFailed { reason }));
    };
    stream.stop();
    let rest = bytes.get(head..).unwrap_or_default().to_vec();
    let config = Some(config());
    let socket = WebSocketStream::from_partially_read(stream, rest, Role::Client, config).await;
    let answered = facts.subprotocol.as_deref().unwrap_or("none");
    let evidence = format!("101 Switching Protocols, path {}, subprotocol {answered}", facts.path);
    Ok((WebSocketBytes::new(socket), evidence))
}

/// Whether a refusal of the library's is none for the profile. The library has no switch for it, but it looks at the subprotocol
/// last, when all else is right, so its refusal of a missing one is an answer that is whole.
fn is_lenient(error: &Error, options: &DialOptions) -> bool {
    use SubProtocolError::NoSubProtocol;
    let missing = matches!(
        error,
        Error::Protocol(ProtocolError::SecWebSocketSubProtocolError(NoSubProtocol))
    );
    missing && !options.websocket.require_subprotocol
}

/// Reads the beginning of a body into the record, as far as it comes in time.
async fn read_on<S: AsyncRead + Unpin>(stream: &mut Witness<S>, record: &Record) {
    let mut buf = [0; 4096];
    let reading = async {
        while answer::goes_on(&record.bytes()) {
            if !matches!(stream.read(&mut buf).await, Ok(1..)) {
                return;
            }
        }
    };
    let _enough = tokio::time::timeout(PATIENCE, reading).await;
}

fn config() -> WebSocketConfig {
    WebSocketConfig::default()
        .max_message_size(Some(LARGEST_MESSAGE))
        .max_frame_size(Some(LARGEST_MESSAGE))
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
