//! Our own certificate with its key, out of files, pasted text and the keychain.

use std::sync::Arc;

use mqttscope_model::{
    CertificateSource, ClientCertificate, KeySource, Secret, SecretSlot, Secrets,
};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;

use super::options::certificates;
use super::source::{Source, passphrase};
use super::{archive, certificate, key};
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
    certified(certificates, private, provider).map_err(|misfit| match misfit {
        Misfit::Keys => {
            DialCause::KeyMismatch { certificate: chain.shown.clone(), key: key.shown.clone() }
        }
        Misfit::Certificate => {
            DialCause::FileInvalid { path: chain.shown.clone(), wanted: "certificate" }
        }
        Misfit::Key => DialCause::FileInvalid { path: key.shown.clone(), wanted: "private key" },
    })
}

/// Why a chain and a key make no identity.
pub(super) enum Misfit {
    /// They do not belong together.
    Keys,
    /// The first certificate cannot be read.
    Certificate,
    /// The key is of no kind that TLS knows.
    Key,
}

/// A chain with its key. The library's own comparison reads X.509 version 3 only, but the broker is who judges our
/// certificate, and what `openssl x509 -req` makes without extensions is of version 1.
pub(super) fn certified(
    chain: Vec<CertificateDer<'static>>,
    private: PrivateKeyDer<'static>,
    provider: &CryptoProvider,
) -> Result<CertifiedKey, Misfit> {
    let key = provider.key_provider.load_private_key(private).map_err(|_| Misfit::Key)?;
    let leaf = chain.first().and_then(certificate::public_key).ok_or(Misfit::Certificate)?;
    // A key that does not tell its public half cannot be compared; ring's all do.
    if key.public_key().is_some_and(|own| own != leaf) {
        return Err(Misfit::Keys);
    }
    Ok(CertifiedKey::new(chain, key))
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
