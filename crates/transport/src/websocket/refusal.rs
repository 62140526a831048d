//! From an answer that is not the wanted one to its cause.

use std::io;

use tokio_tungstenite::tungstenite::Error;
use tokio_tungstenite::tungstenite::error::{ProtocolError, SubProtocolError};

use super::answer::Answer;
use crate::error::DialCause;
use crate::evidence::{Failure, Record};
use crate::{DialOptions, Spoken, tls};

/// How much of an answer's body stands in a cause's details; the facts have more.
const SHOWN_BODY: usize = 200;

/// The failure where the handshake ran out of time.
pub(super) fn timed_out(record: &Record) -> Failure {
    let bytes = record.bytes();
    match Spoken::recognise(&bytes) {
        None => {
            Failure::new(DialCause::WebSocketTimedOut).evidence("no answer to the HTTP request")
        }
        Some(Spoken::Http) => Failure::new(DialCause::WebSocketTimedOut).first_bytes(&bytes),
        Some(_) => not_http(&bytes),
    }
}

/// Whether a library's error stands for a whole HTTP answer that is not the wanted one. It reads no body of answers in HTTP/1.0, which
/// small web servers give.
pub(super) fn is_answer(error: &Error) -> bool {
    matches!(error, Error::Http(_) | Error::Protocol(ProtocolError::WrongHttpVersion))
}

/// The failure behind the library's error. `answer` is what came, where it was HTTP.
pub(super) fn failure(
    error: Error,
    answer: Option<&Answer>,
    options: &DialOptions,
    record: &Record,
) -> Failure {
    let bytes = record.bytes();
    let older = matches!(error, Error::Protocol(ProtocolError::WrongHttpVersion));
    let told = answer.filter(|_| older).and_then(|answer| Some((answer.status?, answer)));
    if let Some((status, answer)) = told
        && let Ok(status) = http::StatusCode::from_u16(status)
    {
        return refused(status, answer);
    }
    match error {
        Error::Http(response) => refused(response.status(), answer.unwrap_or(&Answer::default())),
        Error::Protocol(ProtocolError::SecWebSocketSubProtocolError(error)) => {
            subprotocol(error, answer, &bytes, options)
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

fn subprotocol(
    error: SubProtocolError,
    answer: Option<&Answer>,
    bytes: &[u8],
    options: &DialOptions,
) -> Failure {
    let answered = answer.map(|answer| answer.header("sec-websocket-protocol"));
    let cause = match error {
        SubProtocolError::NoSubProtocol => DialCause::SubprotocolMissing,
        _ => DialCause::SubprotocolOther { answered: answered.unwrap_or_default().to_owned() },
    };
    let mut failure = Failure::new(cause)
        .evidence(format!("asked for the subprotocol {}", options.websocket.offered()))
        .first_bytes(bytes)
        .detail("subprotocol", options.websocket.offered());
    // It was HTTP that was waited for, and HTTP came.
    failure.seen.first_bytes = None;
    failure
}

fn refused(status: http::StatusCode, answer: &Answer) -> Failure {
    let body = body_head(&answer.body);
    let page = answer.is_page();
    let shown = format!("HTTP {status}");
    let status = status.as_u16();
    let cause = match status {
        404 => DialCause::PathNotFound,
        401 | 403 | 407 => DialCause::Unauthorised { status },
        300..=399 => {
            DialCause::Redirected { status, location: answer.header("location").to_owned() }
        }
        400 if wants_tls(&body) => DialCause::TlsWanted,
        502..=504 => DialCause::GatewayFailed { status },
        200..=299 | 400 | 426 => DialCause::NotUpgraded { status, page },
        _ => DialCause::WebSocketRefused { status },
    };
    let mut failure =
        Failure::new(cause).evidence(shown).detail("status", status).detail("page", page);
    let told = [
        ("server", answer.header("server")),
        ("authenticate", answer.header("www-authenticate")),
        ("body", &body),
    ];
    for (name, value) in told {
        if !value.is_empty() {
            failure = failure.detail(name, value);
        }
    }
    failure
}

/// What web servers say in plain HTTP on a port that wants TLS (nginx; Go; Apache).
fn wants_tls(body: &str) -> bool {
    let body = body.to_ascii_lowercase();
    body.contains("http request was sent to https port")
        || body.contains("http request to an https server")
        || body.contains("speaking plain http to an ssl-enabled server port")
}

/// The beginning of a body as one line of text.
fn body_head(body: &str) -> String {
    let words: Vec<&str> = body.split_whitespace().collect();
    words.join(" ").chars().take(SHOWN_BODY).collect()
}
