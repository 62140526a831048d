//! Our own certificate with its key, out of files, pasted text and the keychain.

use std::sync::Arc;

use mqttscope_model::{
    CertificateSource, ClientCertificate, KeySource, Secret, SecretSlot, Secrets,
};
use rustls::crypto::CryptoProvider;
use rustls::sign::CertifiedKey;

use super::options::certificates;
use super::source::{Source, passphrase};
use super::{archive, key};
use crate::error::DialCause;

pub(super) async fn read(
    settings: &ClientCertificate,
    secrets: &Secrets,
    provider: &Arc<CryptoProvider>,
) -> Result<CertifiedKey, DialCause> {
    let provider = Arc::clone(provider);
    match settings {
        ClientCertificate::Pem { certificate, key, passphrase: named } => {
            let chain = match certificate {
                CertificateSource::File { path } => Source::file(path).await?,
                CertificateSource::Text { pem } => Source::text(pem),
            };
            let key = match key {
                KeySource::File { path } => Source::file(path).await?,
                KeySource::Stored { .. } => Source::stored(&SecretSlot::PrivateKey, secrets)?,
            };
            let passphrase = passphrase(named.as_ref(), secrets)?;
            blocking(move || pair(&chain, &key, passphrase.as_ref(), &provider)).await
        }
        ClientCertificate::Pkcs12 { archive: source, passphrase: named } => {
            let source = archive::read(source, secrets).await?;
            let passphrase = passphrase(named.as_ref(), secrets)?;
            blocking(move || archive::open(&source, passphrase.as_ref(), &provider)).await
        }
    }
}

fn pair(
    chain: &Source,
    key: &Source,
    passphrase: Option<&Secret>,
    provider: &CryptoProvider,
) -> Result<CertifiedKey, DialCause> {
    let certificates = certificates(chain)?;
    let private = key::open(key, passphrase)?;
    CertifiedKey::from_der(certificates, private, provider).map_err(|error| match error {
        rustls::Error::InconsistentKeys(_) => {
            DialCause::KeyMismatch { certificate: chain.shown.clone(), key: key.shown.clone() }
        }
        rustls::Error::InvalidCertificate(_) => {
            DialCause::FileInvalid { path: chain.shown.clone(), wanted: "certificate" }
        }
        _ => DialCause::FileInvalid { path: key.shown.clone(), wanted: "private key" },
    })
}

/// Deriving a key from a passphrase takes as long as whoever encrypted it wanted.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, DialCause> + Send + 'static,
) -> Result<T, DialCause> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(error) => Err(DialCause::TlsFailed { reason: error.to_string() }),
    }
}
