//! What the longer diagnosis asks beside the dial: how each address does, and what else a port may speak.
//!
//! Both are dials of their own that end as soon as they know, and both tell the other side nothing about the user: no
//! client certificate, no headers of the profile, no query of the path, no credentials for a proxy. The price: behind a proxy
//! that wants a password no other scheme can be tried, and a port that wants a client certificate stays unknown.

use std::io;
use std::time::Duration;

use mqttscope_model::{AddressTry, ConnectStage, Facts, NameFacts, Scheme, SchemeTry};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::timeout;

use crate::dial::{DialEvent, DialOptions, Stream, dial_watched, explain_late_failure, within};
use crate::error::DialCause;
use crate::evidence::Failure;
use crate::{DialError, Spoken, TlsOptions, name, show_bytes, tcp};

/// How a protocol that this crate does not know is recognised: what is said first, and what answers it.
#[derive(Clone, Copy, Debug)]
pub struct Hello<'a> {
    /// The first bytes that are sent; for MQTT a CONNECT that names nobody.
    pub greeting: &'a [u8],
    /// What is sent when the answer is there; for MQTT a DISCONNECT.
    pub farewell: &'a [u8],
    /// Whether these, the first bytes that came, are of the protocol.
    pub answers: fn(&[u8]) -> bool,
}

/// How many bytes of an answer are looked at.
const LOOKED_AT: usize = 64;

/// Connects to every address of the broker (of the proxy, where there is one), all at the same time and each within
/// the limit of the TCP stage, and closes at once. The profile's address family holds. Empty where the name has no address.
pub async fn try_every_address(options: &DialOptions) -> Vec<AddressTry> {
    let DialOptions { endpoint, proxy, address_family, limits, .. } = options;
    let (host, port) = match &proxy.hop {
        Some(hop) => (&hop.host, hop.port),
        None => (&endpoint.host, endpoint.port),
    };
    let mut facts = NameFacts::default();
    let looking = name::look_up(host, port, *address_family, &mut facts);
    let timed_out = || Failure::new(DialCause::NameTimedOut);
    match within(limits.name, looking, timed_out).await {
        Ok((addresses, _)) => tcp::try_each(&addresses, limits.tcp).await,
        Err(_) => Vec::new(),
    }
}

/// Tries whether the broker's port speaks `scheme`, through the same proxy and to the same path. With TLS any
/// certificate passes, because nothing is said that somebody else may not hear. For ws and wss an upgrade that is accepted
/// counts, for mqtt and mqtts an answer to `hello`. Each stage, and the answer, may take as long as `options` say.
pub async fn try_scheme(options: &DialOptions, scheme: Scheme, hello: &Hello<'_>) -> SchemeTry {
    let (speaks, seen) = match stranger(options, scheme) {
        Err(error) => (false, shown(&error)),
        Ok(options) => ask(&options, hello).await,
    };
    SchemeTry { scheme, speaks, seen }
}

/// The same dial by somebody who has nothing to show.
fn stranger(options: &DialOptions, scheme: Scheme) -> Result<DialOptions, DialError> {
    let mut stranger = DialOptions {
        proxy: options.proxy.without_credentials(),
        websocket: options.websocket.without_headers(),
        tls: None,
        ..options.clone()
    };
    stranger.endpoint.scheme = scheme;
    if let Some((path, _query)) = stranger.endpoint.path.clone().split_once('?') {
        path.clone_into(&mut stranger.endpoint.path);
    }
    if scheme.is_tls() {
        let host = &options.endpoint.host;
        stranger.tls = Some(TlsOptions::unjudging(options.tls.as_ref(), host)?);
    }
    Ok(stranger)
}

async fn ask(options: &DialOptions, hello: &Hello<'_>) -> (bool, String) {
    let mut seen = Vec::new();
    let mut note = |event, _: &Facts| {
        use ConnectStage::{Tls, WebSocket};
        if let DialEvent::Passed { stage: Tls | WebSocket, evidence, .. } = event {
            seen.push(evidence);
        }
    };
    let dialled = dial_watched(options, &mut note).await;
    let speaks = match dialled {
        Err(error) => {
            seen.push(shown(&error));
            error.facts().websocket.as_ref().is_some_and(|facts| facts.status == Some(101))
        }
        Ok(_upgraded) if options.endpoint.scheme.is_websocket() => true,
        Ok(dialled) => {
            let (speaks, answer) = greet(dialled.stream, options, hello).await;
            seen.push(answer);
            speaks
        }
    };
    (speaks, seen.join("; "))
}

/// Says hello and looks at what comes back.
async fn greet(mut stream: Stream, options: &DialOptions, hello: &Hello<'_>) -> (bool, String) {
    let mut answer = Vec::new();
    let asking = async {
        stream.write_all(hello.greeting).await?;
        stream.flush().await?;
        while answer.len() < LOOKED_AT && !(hello.answers)(&answer) {
            if stream.read_buf(&mut answer).await? == 0 {
                break;
            }
        }
        io::Result::Ok(())
    };
    let ended = timeout(options.limits.tcp, asking).await;
    let speaks = (hello.answers)(&answer);
    if speaks {
        let leaving = async {
            stream.write_all(hello.farewell).await?;
            stream.shutdown().await
        };
        let _gone = timeout(Duration::from_secs(1), leaving).await;
    }
    let seen = match (Spoken::recognise(&answer), ended) {
        (Some(Spoken::Unknown), _) => show_bytes(&answer),
        (Some(spoken), _) => format!("{}: {}", spoken.name(), show_bytes(&answer)),
        (None, Err(_)) => "no answer in time".to_owned(),
        (None, Ok(Ok(()))) => "closed without an answer".to_owned(),
        (None, Ok(Err(error))) => match explain_late_failure(&error, options, ConnectStage::Mqtt) {
            Some(late) => late.to_string(),
            None => format!("closed without an answer: {error}"),
        },
    };
    (speaks, seen)
}

fn shown(error: &DialError) -> String {
    match error.evidence() {
        "" => error.to_string(),
        evidence => evidence.to_owned(),
    }
}
