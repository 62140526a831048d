//! From TLS settings as edited to TLS options that cannot be wrong.
//!
//! Everything that can be known before a byte is sent is found here: files that cannot be read, an
//! encrypted key, a key that belongs to another certificate. A broker's refusal would name none of them.

use std::sync::Arc;
use std::time::Duration;

use mqttscope_model::{
    CertificateSource, ClientCertificate, ConnectStage, Endpoint, KeySource, Secrets, TlsRoots, TlsSettings,
};
use rustls::RootCertStore;
use rustls::client::WebPkiServerVerifier;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::sign::CertifiedKey;

use super::certificate::{self, Facts};
use crate::error::{DialCause, DialError};
use crate::evidence::Failure;

/// Resolved TLS settings: files read, keys parsed and matched, names valid. Cheap to clone.
#[derive(Clone)]
pub struct TlsOptions {
    pub(super) trust: Trust,
    pub(super) client: Option<Arc<CertifiedKey>>,
    pub(super) name: ServerName<'static>,
    pub(super) alpn: Vec<Vec<u8>>,
    pub(super) provider: Arc<CryptoProvider>,
}

/// Whose certificates are accepted.
#[derive(Clone, Debug)]
pub(super) enum Trust {
    /// Those that lead to a trusted root, with the dates and the name right.
    Roots {
        judge: Arc<WebPkiServerVerifier>,
        /// The subjects of roots whose RSA key is too small to verify anything with.
        weak: Arc<[String]>,
    },
    /// All: "do not verify".
    Anyone,
}

impl std::fmt::Debug for TlsOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TlsOptions")
            .field("name", &self.shown_name())
            .field("verifies", &self.verifies())
            .field("client_certificate", &self.client.is_some())
            .finish_non_exhaustive()
    }
}

impl TlsOptions {
    /// Reads the files that `settings` name. `host` is the server name where the settings give none.
    ///
    /// # Errors
    /// At [`ConnectStage::Settings`]: a file that cannot be read or holds nothing of use, an encrypted key, a key that
    /// does not match its certificate, an invalid server name or ALPN name, no usable system roots.
    pub async fn read(
        settings: &TlsSettings,
        host: &str,
        secrets: &Secrets,
    ) -> Result<Self, DialError> {
        let settled = |failure| {
            let endpoint = Endpoint { host: host.to_owned(), port: 0, ..Endpoint::default() };
            DialError::new(ConnectStage::Settings, &endpoint, Duration::ZERO, failure)
        };
        resolve(settings, host, secrets).await.map_err(|cause| settled(Failure::new(cause)))
    }

    /// Whether the broker's certificate is verified.
    pub fn verifies(&self) -> bool {
        matches!(self.trust, Trust::Roots { .. })
    }

    pub(super) fn shown_name(&self) -> String {
        self.name.to_str().into_owned()
    }
}

async fn resolve(settings: &TlsSettings, host: &str, secrets: &Secrets) -> Result<TlsOptions, DialCause> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let wanted = if settings.server_name.is_empty() { host } else { &settings.server_name };
    let name = ServerName::try_from(wanted.to_owned())
        .map_err(|_| DialCause::ServerNameInvalid { name: wanted.to_owned() })?;
    let alpn = settings.alpn.iter().map(|name| match name.len() {
        1..=255 => Ok(name.as_bytes().to_vec()),
        _ => Err(DialCause::AlpnInvalid { name: name.clone() }),
    });
    let alpn = alpn.collect::<Result<_, _>>()?;
    let client = match &settings.client_certificate {
        Some(files) => Some(Arc::new(client_certificate(files, &provider).await?)),
        None => None,
    };
    let trust =
        if settings.verify { roots(&settings.roots, &provider).await? } else { Trust::Anyone };
    Ok(TlsOptions { trust, client, name, alpn, provider })
}

async fn roots(roots: &TlsRoots, provider: &Arc<CryptoProvider>) -> Result<Trust, DialCause> {
    let (certificates, unusable) = match roots {
        TlsRoots::System => system_roots().await?,
        TlsRoots::CaFiles { paths } => {
            let mut all = Vec::new();
            for path in paths {
                all.extend(certificates(path).await?);
            }
            let path = paths.join(", ");
            (all, DialCause::FileInvalid { path, wanted: "certificate authority" })
        }
        TlsRoots::CaPem { .. } | TlsRoots::Pinned { .. } => {
            return Err(DialCause::RootsMissing { reason: "not there yet".to_owned() });
        }
    };
    let weak = certificates.iter().map(certificate::facts).filter(Facts::is_weak);
    let weak = weak.map(|facts| facts.subject).collect();
    let mut store = RootCertStore::empty();
    let (usable, _ignored) = store.add_parsable_certificates(certificates);
    if usable == 0 {
        return Err(unusable);
    }
    WebPkiServerVerifier::builder_with_provider(Arc::new(store), Arc::clone(provider))
        .build()
        .map(|judge| Trust::Roots { judge, weak })
        .map_err(|error| DialCause::RootsMissing { reason: error.to_string() })
}

/// The operating system's roots, and the cause to give where none of them can be used.
async fn system_roots() -> Result<(Vec<CertificateDer<'static>>, DialCause), DialCause> {
    let loaded = tokio::task::spawn_blocking(rustls_native_certs::load_native_certs).await;
    let loaded = loaded.map_err(|error| DialCause::RootsMissing { reason: error.to_string() })?;
    let reasons: Vec<String> = loaded.errors.iter().map(ToString::to_string).collect();
    Ok((loaded.certs, DialCause::RootsMissing { reason: reasons.join("; ") }))
}

async fn client_certificate(
    files: &ClientCertificate,
    provider: &CryptoProvider,
) -> Result<CertifiedKey, DialCause> {
    let ClientCertificate::Pem {
        certificate: CertificateSource::File { path: certificate },
        key: KeySource::File { path: key_path },
        ..
    } = files
    else {
        return Err(DialCause::RootsMissing { reason: "not there yet".to_owned() });
    };
    let chain = certificates(certificate).await?;
    let key = private_key(key_path).await?;
    CertifiedKey::from_der(chain, key, provider).map_err(|error| match error {
        rustls::Error::InconsistentKeys(_) => {
            DialCause::KeyMismatch { certificate: certificate.clone(), key: key_path.clone() }
        }
        rustls::Error::InvalidCertificate(_) => {
            DialCause::FileInvalid { path: certificate.clone(), wanted: "certificate" }
        }
        _ => DialCause::FileInvalid { path: key_path.clone(), wanted: "private key" },
    })
}

async fn certificates(path: &str) -> Result<Vec<CertificateDer<'static>>, DialCause> {
    let pem = read(path).await?;
    let invalid = || DialCause::FileInvalid { path: path.to_owned(), wanted: "certificate" };
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&pem).collect();
    match found {
        Ok(found) if !found.is_empty() => Ok(found),
        _ => Err(invalid()),
    }
}

/// The first private key of a file: PKCS#8, PKCS#1 or SEC1.
async fn private_key(path: &str) -> Result<PrivateKeyDer<'static>, DialCause> {
    let pem = read(path).await?;
    if is_encrypted(&pem) {
        return Err(DialCause::KeyEncrypted { path: path.to_owned() });
    }
    PrivateKeyDer::from_pem_slice(&pem)
        .map_err(|_| DialCause::FileInvalid { path: path.to_owned(), wanted: "private key" })
}

/// Whether a PEM file says that its key is encrypted: PKCS#8 in its label (RFC 7468, section 11), the older
/// forms in a header (RFC 1421, section 4.6.1.1).
fn is_encrypted(pem: &[u8]) -> bool {
    let text = String::from_utf8_lossy(pem);
    text.contains("-----BEGIN ENCRYPTED PRIVATE KEY-----")
        || text.contains("Proc-Type: 4,ENCRYPTED")
}

async fn read(path: &str) -> Result<Vec<u8>, DialCause> {
    tokio::fs::read(path).await.map_err(|error| DialCause::FileUnreadable {
        path: path.to_owned(),
        reason: error.to_string(),
    })
}
