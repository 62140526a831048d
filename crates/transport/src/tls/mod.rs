//! The TLS stage.
//!
//! rustls with ring, named explicitly, so that no other crate in the program can choose another
//! provider for us. The configuration is made anew for each dial: the verifier in it remembers the
//! chain of this handshake, and sessions are not resumed, because a resumed handshake verifies nothing.

mod archive;
mod certificate;
mod client;
mod fault;
mod key;
mod key_log;
mod options;
mod pem;
mod source;
mod verifier;

use std::io;
use std::sync::Arc;
use std::time::Duration;

use mqttscope_model::{TlsFacts, TlsInfo};
use rustls::client::Resumption;
use rustls::{ClientConfig, ProtocolVersion};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::dial::within;
use crate::error::DialCause;
use crate::evidence::{Failure, Record, Witness};

use fault::Handshake;
pub(crate) use fault::late_failure;
use fault::timed_out;
pub use options::TlsOptions;
use options::Trust;
use verifier::{OwnCertificate, Verifier};

/// A stream within TLS, over `S`.
pub(crate) type Encrypted<S> = TlsStream<Witness<S>>;

/// Shakes hands over `stream`; what was seen goes into `facts`.
pub(crate) async fn handshake<S: AsyncRead + AsyncWrite + Unpin>(
    stream: S,
    options: &TlsOptions,
    limit: Duration,
    facts: &mut TlsFacts,
) -> Result<((Encrypted<S>, TlsInfo), String), Failure> {
    let record = Record::of_greeting();
    let stream = Witness::new(stream, &record);
    let verifier = Arc::new(Verifier::new(options));
    let own = Arc::new(OwnCertificate::new(options.client.clone()));
    let config = config(options, &verifier, &own)
        .map_err(|error| Failure::new(DialCause::TlsFailed { reason: error.to_string() }))?;
    let connector = TlsConnector::from(Arc::new(config));
    let connecting = async {
        match connector.connect(options.name.clone(), stream).await {
            Ok(stream) => Ok(stream),
            Err(error) => Err(failure(&error, options, &verifier, &own, &record)),
        }
    };
    let mut stream = within(limit, connecting, || timed_out(&record)).await?;
    stream.get_mut().0.stop();
    let info = info(&stream, options);
    facts.version = Some(info.version.clone());
    facts.cipher = Some(info.cipher.clone());
    facts.alpn.clone_from(&info.alpn);
    let evidence = evidence(&info, options, &own);
    Ok(((stream, info), evidence))
}

fn config(
    options: &TlsOptions,
    verifier: &Arc<Verifier>,
    own: &Arc<OwnCertificate>,
) -> Result<ClientConfig, rustls::Error> {
    let mut config = ClientConfig::builder_with_provider(Arc::clone(&options.provider))
        .with_protocol_versions(options.versions)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::clone(verifier) as _)
        .with_client_cert_resolver(Arc::clone(own) as _);
    config.alpn_protocols.clone_from(&options.alpn);
    config.resumption = Resumption::disabled();
    if let Some(key_log) = &options.key_log {
        config.key_log = Arc::clone(key_log) as _;
    }
    Ok(config)
}

fn info<S>(stream: &TlsStream<S>, options: &TlsOptions) -> TlsInfo {
    let (_, connection) = stream.get_ref();
    TlsInfo {
        version: match connection.protocol_version() {
            Some(ProtocolVersion::TLSv1_3) => "TLSv1.3".to_owned(),
            Some(ProtocolVersion::TLSv1_2) => "TLSv1.2".to_owned(),
            other => format!("{other:?}"),
        },
        cipher: connection
            .negotiated_cipher_suite()
            .map(|suite| format!("{:?}", suite.suite()))
            .unwrap_or_default(),
        alpn: connection.alpn_protocol().map(|name| String::from_utf8_lossy(name).into_owned()),
        verified: options.verifies(),
    }
}

fn evidence(info: &TlsInfo, options: &TlsOptions, own: &OwnCertificate) -> String {
    let mut parts = vec![info.version.clone(), info.cipher.clone()];
    parts.push(format!("server name {}", options.shown_name()));
    if let Some(alpn) = &info.alpn {
        parts.push(format!("ALPN {alpn}"));
    }
    if own.was_asked() {
        let what = if options.client.is_some() { "sent" } else { "asked for, none sent" };
        parts.push(format!("client certificate {what}"));
    }
    let judged = match options.trust {
        Trust::Roots { .. } => "verified",
        Trust::Pinned(_) => "pinned certificate",
        Trust::Anyone => "NOT verified",
    };
    parts.push(judged.to_owned());
    if let Some(key_log) = &options.key_log {
        parts.push(format!("KEYS LOGGED to {}", key_log.path));
    }
    parts.join(", ")
}

fn failure(
    error: &io::Error,
    options: &TlsOptions,
    verifier: &Verifier,
    own: &OwnCertificate,
    record: &Record,
) -> Failure {
    let chain = verifier.seen();
    let first_bytes = record.bytes();
    let handshake = Handshake {
        options,
        chain: &chain,
        chain_accepted: verifier.has_accepted(),
        asked: own.was_asked(),
        first_bytes,
    };
    handshake.failure(error)
}
