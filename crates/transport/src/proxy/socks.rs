//! SOCKS 5 (RFC 1928) with user name and password (RFC 1929); the protocol itself is `tokio-socks`'s.
//!
//! The broker's name goes to the proxy as it is, so a name that only the proxy's network knows works.

use std::io;

use mqttscope_model::{Endpoint, ProxyFacts};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_socks::Error;
use tokio_socks::tcp::Socks5Stream;

use super::options::{Credentials, Hop};
use crate::error::DialCause;
use crate::evidence::{Failure, Record};

pub(super) async fn ask<S: AsyncRead + AsyncWrite + Unpin>(
    stream: S,
    hop: &Hop,
    broker: &Endpoint,
    record: &Record,
    facts: &mut ProxyFacts,
) -> Result<(S, String), Failure> {
    let host = broker.host.split('%').next().unwrap_or_default();
    let target = (host, broker.port);
    let asked = match &hop.credentials {
        Credentials::Pair { user_name, password } => {
            let password = password.expose();
            Socks5Stream::connect_with_password_and_socket(stream, target, user_name, password)
                .await
        }
        Credentials::None | Credentials::Header(_) => {
            Socks5Stream::connect_with_socket(stream, target).await
        }
    };
    facts.answer = answer(&record.bytes());
    match asked {
        Ok(stream) => Ok((stream.into_inner(), format!("{}: succeeded", hop.shown()))),
        Err(error) => {
            let failure = Failure::new(cause(&error, hop));
            let failure = failure.evidence(format!("{}: {error}", hop.shown()));
            Err(match error {
                Error::InvalidResponseVersion => failure.first_bytes(&record.bytes()),
                _ => failure,
            })
        }
    }
}

/// The proxy's last word: its choice of a method, its judgement of the credentials (RFC 1929), its reply (RFC 1928, section 6).
fn answer(bytes: &[u8]) -> String {
    match bytes {
        [5, 0, 5, reply, ..] | [5, 2, 1, 0, 5, reply, ..] => format!("SOCKS 5 reply {reply}"),
        [5, 2, 1, status, ..] => format!("SOCKS 5 authentication status {status}"),
        [5, method, ..] => format!("SOCKS 5 method {method}"),
        _ => String::new(),
    }
}

fn cause(error: &Error, hop: &Hop) -> DialCause {
    let proxy = hop.authority();
    let sent = !matches!(hop.credentials, Credentials::None);
    match error {
        Error::Io(error) if is_end(error) => DialCause::ProxyClosed { proxy },
        Error::NoAcceptableAuthMethods
        | Error::AuthorizationRequired
        | Error::PasswordAuthFailure(_) => DialCause::ProxyUnauthorised { proxy, sent },
        Error::ConnectionNotAllowedByRuleset => DialCause::ProxyForbidden { proxy },
        Error::NetworkUnreachable
        | Error::HostUnreachable
        | Error::ConnectionRefused
        | Error::TtlExpired => {
            DialCause::ProxyBrokerUnreachable { proxy, answer: error.to_string() }
        }
        Error::InvalidResponseVersion => DialCause::ProxyNotSpoken { proxy, wanted: "SOCKS 5" },
        Error::InvalidTargetAddress(reason) => {
            DialCause::ProxyInvalid { reason: format!("the broker's host: {reason}") }
        }
        other => DialCause::ProxyRefused { proxy, answer: other.to_string() },
    }
}

fn is_end(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::UnexpectedEof
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::BrokenPipe
    )
}
