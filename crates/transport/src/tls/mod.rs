//! The TLS stage.
//!
//! rustls with ring, named explicitly, so that no other crate in the program can choose another
//! provider for us. The configuration is made anew for each dial: the verifier in it remembers the
//! chain of this handshake, and sessions are not resumed, because a resumed handshake verifies nothing.
//!
//! A handshake with a rejected chain goes on to its end for the sake of the report, and is then given up: [`handshake`] is the
//! only place that makes streams of handshakes, and it fails with the rejection before the stream is anybody's.

mod alert;
mod archive;
mod certificate;
mod client;
mod fault;
mod hello;
mod key;
mod key_log;
mod options;
mod own;
mod pem;
mod source;
mod verifier;

use std::io;
use std::sync::Arc;
use std::time::Duration;

use mqttscope_model::{CertificateRejection, TlsFacts, TlsInfo};
use rustls::client::Resumption;
use rustls::pki_types::CertificateDer;
use rustls::{ClientConfig, ProtocolVersion};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::time::error::Elapsed;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::error::DialCause;
use crate::evidence::{Failure, Record, Witness};

use fault::Handshake;
pub(crate) use fault::late_failure;
use fault::timed_out;
pub use options::TlsOptions;
use options::Trust;
use own::OwnCertificate;
use verifier::Verifier;

/// A stream within TLS, over `S`.
pub(crate) type Encrypted<S> = TlsStream<Witness<S>>;

/// How long a handshake that was only looked at may take to say goodbye.
const GOODBYE: Duration = Duration::from_secs(1);

/// Shakes hands over `stream`; what was seen goes into `facts`, of a rejected chain too.
pub(crate) async fn handshake<S: AsyncRead + AsyncWrite + Unpin>(
    stream: S,
    options: &TlsOptions,
    limit: Duration,
    facts: &mut TlsFacts,
) -> Result<((Encrypted<S>, TlsInfo), String), Failure> {
    let record = Record::of_greeting();
    let own = Arc::new(OwnCertificate::new(options.client.clone()));
    let verifier = Arc::new(Verifier::new(options, &own));
    let config = config(options, &verifier, &own)
        .map_err(|error| Failure::new(DialCause::TlsFailed { reason: error.to_string() }))?;
    let connector = TlsConnector::from(Arc::new(config));
    let connecting = connector.connect(options.name.clone(), Witness::new(stream, &record));
    let ended = tokio::time::timeout(limit, connecting).await;

    let chain = verifier.seen();
    describe(&chain, &verifier, &own, facts);
    agreed(&ended, options, &record, facts);
    let met = || Handshake {
        options,
        chain: &chain,
        chain_accepted: verifier.has_accepted(),
        asked: own.was_asked(),
        first_bytes: record.bytes(),
    };
    if let Some(rejection) = verifier.rejection() {
        if let Ok(Ok(mut stream)) = ended {
            let _gone = tokio::time::timeout(GOODBYE, stream.shutdown()).await;
        }
        let failure = met().rejected(&rejection);
        let check = fault::check(&failure.cause);
        facts.rejected = Some(CertificateRejection { check, reason: rejection.to_string() });
        return Err(failure);
    }
    match ended {
        Ok(Ok(mut stream)) => {
            stream.get_mut().0.stop();
            let info = info(&stream, options);
            let evidence = evidence(&info, options, &own);
            Ok(((stream, info), evidence))
        }
        Ok(Err(error)) => {
            let failure = met().failure(&error);
            if matches!(failure.cause, DialCause::WeakKey | DialCause::KeyNotProven) {
                let check = fault::check(&failure.cause);
                facts.rejected = Some(CertificateRejection { check, reason: error.to_string() });
            }
            Err(failure)
        }
        Err(_) => Err(timed_out(&record)),
    }
}

/// What both sides agreed on, as far as they came.
fn agreed<S>(
    ended: &Result<io::Result<Encrypted<S>>, Elapsed>,
    options: &TlsOptions,
    record: &Record,
    facts: &mut TlsFacts,
) {
    if let Ok(Ok(stream)) = ended {
        let info = info(stream, options);
        facts.version = Some(info.version);
        facts.cipher = Some(info.cipher);
        facts.alpn = info.alpn;
        facts.completed = true;
    } else if let Some(hello) = hello::read(&record.bytes()) {
        facts.version = Some(hello.version);
        facts.cipher = Some(hello.cipher);
        facts.alpn = hello.alpn;
    }
    if let Ok(Err(error)) = ended {
        facts.alert = alert::tls_error(error).and_then(alert::received);
    }
}

/// What the broker showed and asked for.
fn describe(
    chain: &[CertificateDer<'static>],
    verifier: &Verifier,
    own: &OwnCertificate,
    facts: &mut TlsFacts,
) {
    facts.chain = chain.iter().map(certificate::facts).collect();
    facts.client_certificate_asked = own.was_asked();
    facts.client_authorities = own.authorities();
    if own.was_given() && verifier.has_accepted() {
        facts.client_certificate = own.facts();
    }
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
