//! PKCS#12 archives (RFC 7292), of today's ciphers and of those that old tools write.
//!
//! The key's certificate is found by whether they belong together, not by the archive's identifiers, which
//! some tools leave out; the chain is then followed by issuer names.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use mqttscope_model::{ArchiveSource, Secret, SecretSlot, Secrets};
use p12_keystore::error::Error;
use p12_keystore::{Certificate, Pkcs12Archive};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;

use super::client::{Misfit, certified};
use super::source::Source;
use crate::error::DialCause;

/// The longest chain that is sent.
const MAX_CHAIN: usize = 10;

pub(super) async fn read(archive: &ArchiveSource, secrets: &Secrets) -> Result<Source, DialCause> {
    match archive {
        ArchiveSource::File { path } => Source::file(path).await,
        ArchiveSource::Stored { .. } => {
            let Source { bytes, shown } = Source::stored(&SecretSlot::Pkcs12, secrets)?;
            let text: Vec<u8> = bytes.into_iter().filter(|b| !b.is_ascii_whitespace()).collect();
            let bytes = STANDARD.decode(text).map_err(|_| DialCause::ArchiveInvalid {
                path: shown.clone(),
                reason: "it is no Base64".to_owned(),
            })?;
            Ok(Source { bytes, shown })
        }
    }
}

/// Opens an archive. Takes as long as its encryption wants: call it where that may block.
pub(super) fn open(
    source: &Source,
    passphrase: Option<&Secret>,
    provider: &CryptoProvider,
) -> Result<CertifiedKey, DialCause> {
    let path = || source.shown.clone();
    let invalid =
        |reason: &str| DialCause::ArchiveInvalid { path: path(), reason: reason.to_owned() };
    let text = passphrase.map(Secret::expose).unwrap_or_default();
    let archive = Pkcs12Archive::from_pkcs12(&source.bytes, text).map_err(|error| match error {
        // Without a MAC the wrong passphrase shows as bad padding, or as nonsense.
        Error::MacError(_)
        | Error::UnpadError
        | Error::Pkcs5Error(_)
        | Error::InvalidPrivateKey => match passphrase {
            Some(_) => DialCause::PassphraseWrong { path: path() },
            None => DialCause::KeyEncrypted { path: path() },
        },
        Error::UnsupportedEncryptionScheme
        | Error::UnsupportedMacAlgorithm
        | Error::InvalidParameters => {
            DialCause::EncryptionUnsupported { path: path(), reason: error.to_string() }
        }
        other => invalid(&other.to_string()),
    })?;
    let key = archive.keys.first().ok_or_else(|| invalid("it holds no private key"))?;
    let certificates: Vec<&Certificate> = archive.certs.iter().map(|bag| &bag.cert).collect();
    if certificates.is_empty() {
        return Err(invalid("it holds no certificate"));
    }
    for leaf in &certificates {
        let der = PrivateKeyDer::Pkcs8(key.key.as_der().to_vec().into());
        match certified(chain(leaf, &certificates), der, provider) {
            Ok(certified) => return Ok(certified),
            Err(Misfit::Keys | Misfit::Certificate) => {}
            Err(Misfit::Key) => {
                return Err(invalid("its private key is of a kind that TLS cannot use"));
            }
        }
    }
    Err(DialCause::KeyMismatch { certificate: path(), key: path() })
}

/// The leaf, its issuer, and so on; without a root that is its own issuer, which the broker has (RFC 8446, section 4.4.2).
fn chain(leaf: &Certificate, all: &[&Certificate]) -> Vec<CertificateDer<'static>> {
    let mut chain = vec![leaf];
    while let Some(last) = chain.last().filter(|_| chain.len() < MAX_CHAIN) {
        let issuer = all.iter().find(|certificate| {
            certificate.subject() == last.issuer()
                && certificate.subject() != certificate.issuer()
                && !chain.contains(certificate)
        });
        match issuer {
            Some(issuer) => chain.push(issuer),
            None => break,
        }
    }
    chain.into_iter().map(|certificate| certificate.as_der().to_vec().into()).collect()
}
