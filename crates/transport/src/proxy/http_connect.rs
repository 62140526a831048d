//! HTTP CONNECT (RFC 9110, section 9.3.6): one request, one answer, then the bytes are the broker's.
//!
//! The answer's head is read byte by byte, because what follows it belongs to the tunnel; it costs some
//! hundred short reads once a connection. A head beyond 16 KiB is no proxy's.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use mqttscope_model::{Endpoint, ProxyFacts};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::options::{Credentials, Hop};
use crate::error::DialCause;
use crate::evidence::Failure;

/// The largest head of an answer, in bytes.
const MAX_HEAD: usize = 16 * 1024;

/// How much of what is no answer is shown.
const SHOWN: usize = 256;

/// How long the rest of it is waited for.
const PATIENCE: Duration = Duration::from_millis(100);

/// How every answer begins (RFC 9112, section 4).
const BEGINNING: &[u8] = b"HTTP/";

pub(super) async fn ask<S: AsyncRead + AsyncWrite + Unpin>(
    mut stream: S,
    hop: &Hop,
    broker: &Endpoint,
    facts: &mut ProxyFacts,
) -> Result<(S, String), Failure> {
    let closed = |error: std::io::Error| {
        Failure::new(DialCause::ProxyClosed { proxy: hop.authority() }).evidence(error.to_string())
    };
    let request = request(hop, broker)?;
    stream.write_all(&request).await.map_err(closed)?;
    stream.flush().await.map_err(closed)?;
    let head = head(&mut stream, hop).await?;
    judge(&head, hop, facts).map(|evidence| (stream, evidence))
}

fn request(hop: &Hop, broker: &Endpoint) -> Result<Vec<u8>, Failure> {
    // RFC 6874, section 4: a zone is this machine's own and is not sent.
    let host = broker.host.split('%').next().unwrap_or_default().to_owned();
    let target = Endpoint { host, ..broker.clone() }.authority();
    if target.chars().any(|c| c.is_control() || c.is_whitespace()) {
        let reason = "the broker's host cannot stand in a request".to_owned();
        return Err(Failure::new(DialCause::ProxyInvalid { reason }));
    }
    let mut request = format!("CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n").into_bytes();
    let credentials = match &hop.credentials {
        Credentials::None => None,
        Credentials::Pair { user_name, password } => {
            let pair = STANDARD.encode(format!("{user_name}:{}", password.expose()));
            Some(format!("Basic {pair}").into_bytes())
        }
        Credentials::Header(value) => Some(value.as_bytes().to_vec()),
    };
    if let Some(credentials) = credentials {
        request.extend_from_slice(b"Proxy-Authorization: ");
        request.extend_from_slice(&credentials);
        request.extend_from_slice(b"\r\n");
    }
    request.extend_from_slice(b"\r\n");
    Ok(request)
}

/// The answer up to the empty line.
async fn head<S: AsyncRead + Unpin>(stream: &mut S, hop: &Hop) -> Result<Vec<u8>, Failure> {
    let mut head = Vec::with_capacity(256);
    loop {
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(error) => {
                let failure = Failure::new(DialCause::ProxyClosed { proxy: hop.authority() });
                return Err(failure.evidence(error.to_string()).first_bytes(&head));
            }
        }
        let compared = head.len().min(BEGINNING.len());
        if head.get(..compared) != BEGINNING.get(..compared) || head.len() > MAX_HEAD {
            // The rest of what was said, for the evidence; it is there already or does not matter.
            let mut rest = [0; SHOWN];
            let more = tokio::time::timeout(PATIENCE, stream.read(&mut rest)).await;
            let count = more.map_or(0, |read| read.unwrap_or(0));
            head.extend_from_slice(rest.get(..count).unwrap_or_default());
            return Err(not_spoken(hop, &head));
        }
        if head.ends_with(b"\r\n\r\n") || head.ends_with(b"\n\n") {
            return Ok(head);
        }
    }
}

fn not_spoken(hop: &Hop, bytes: &[u8]) -> Failure {
    let beginning = bytes.get(..bytes.len().min(SHOWN)).unwrap_or_default();
    let cause = DialCause::ProxyNotSpoken { proxy: hop.authority(), wanted: "HTTP" };
    Failure::new(cause).first_bytes(beginning)
}

/// The line of evidence of a proxy that opened the way, or why it did not.
fn judge(head: &[u8], hop: &Hop, facts: &mut ProxyFacts) -> Result<String, Failure> {
    let text = String::from_utf8_lossy(head);
    let line: String =
        text.lines().next().unwrap_or_default().chars().filter(|c| !c.is_control()).collect();
    let status: Option<u16> = line.split(' ').nth(1).and_then(|word| word.parse().ok());
    let Some(status) = status else {
        return Err(not_spoken(hop, head));
    };
    facts.answer.clone_from(&line);
    let proxy = hop.authority();
    let cause = match status {
        200..=299 => return Ok(format!("{}: {line}", hop.shown())),
        401 | 407 => DialCause::ProxyUnauthorised {
            proxy,
            sent: !matches!(hop.credentials, Credentials::None),
        },
        403 | 405 => DialCause::ProxyForbidden { proxy },
        // tinyproxy says 500 where others say 502.
        500 | 502..=504 => DialCause::ProxyBrokerUnreachable { proxy, answer: line.clone() },
        _ => DialCause::ProxyRefused { proxy, answer: line.clone() },
    };
    let mut failure =
        Failure::new(cause).evidence(format!("{}: {line}", hop.shown())).detail("status", status);
    if let Some(wanted) = header(&text, "proxy-authenticate") {
        failure = failure.detail("authenticate", wanted);
    }
    Err(failure)
}

fn header(head: &str, wanted: &str) -> Option<String> {
    let mut headers = head.lines().filter_map(|line| line.split_once(':'));
    let (_, value) = headers.find(|(name, _)| name.eq_ignore_ascii_case(wanted))?;
    Some(value.trim().chars().filter(|c| !c.is_control()).collect())
}
