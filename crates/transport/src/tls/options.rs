//! From TLS settings as edited to TLS options that cannot be wrong.
//!
//! Everything that can be known before a byte is sent is found here: files that cannot be read, an
//! encrypted key, a key that belongs to another certificate. A broker's refusal would name none of them.

use std::sync::Arc;
use std::time::Duration;

use mqttscope_model::{
    CertificateFacts, ConnectStage, Endpoint, Secrets, TlsFacts, TlsRoots, TlsSettings, TlsTrust,
    TlsVersion,
};
use rustls::client::WebPkiServerVerifier;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::sign::CertifiedKey;
use rustls::version::{TLS12, TLS13};
use rustls::{ProtocolVersion, RootCertStore, SupportedProtocolVersion};

use super::certificate::{self, Fingerprint};
use super::client;
use super::key_log::KeyLogFile;
use super::source::Source;
use crate::error::{DialCause, DialError};
use crate::evidence::Failure;

/// Resolved TLS settings: files read, keys parsed and matched, names valid. Cheap to clone.
#[derive(Clone)]
pub struct TlsOptions {
    pub(super) trust: Trust,
    pub(super) client: Option<Arc<CertifiedKey>>,
    pub(super) name: ServerName<'static>,
    pub(super) alpn: Vec<Vec<u8>>,
    pub(super) versions: Versions,
    pub(super) key_log: Option<Arc<KeyLogFile>>,
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
        /// They are the operating system's.
        system: bool,
    },
    /// Exactly these, whatever they say of themselves.
    Pinned(Arc<[Fingerprint]>),
    /// All: "do not verify".
    Anyone,
}

impl Trust {
    fn told(&self) -> TlsTrust {
        match self {
            Self::Roots { system: true, .. } => TlsTrust::System,
            Self::Roots { .. } => TlsTrust::Profile,
            Self::Pinned(_) => TlsTrust::Pinned,
            Self::Anyone => TlsTrust::Nothing,
        }
    }
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
    /// Reads the files that `settings` name and takes from `secrets` what they need. `host` is the server name where the
    /// settings give none. A key log file is made where there is none.
    ///
    /// # Errors
    /// At [`ConnectStage::Settings`]: a file that cannot be read or holds nothing of use, an encrypted key without its
    /// passphrase or with a wrong one, a key that does not match its certificate, a pin that is none, an invalid server name
    /// or ALPN name, a lowest version above the highest, a key log file that cannot be opened, no usable system roots.
    pub async fn read(
        settings: &TlsSettings,
        host: &str,
        secrets: &Secrets,
    ) -> Result<Self, DialError> {
        resolve(settings, host, secrets).await.map_err(|cause| settled(cause, host))
    }

    /// For a handshake that is only looked at: any certificate passes, none of ours is sent, no key is logged. What else is
    /// offered is as in `like`, where TLS was spoken before.
    pub(crate) fn unjudging(like: Option<&Self>, host: &str) -> Result<Self, DialError> {
        let trust = Trust::Anyone;
        if let Some(like) = like {
            return Ok(Self { trust, client: None, key_log: None, ..like.clone() });
        }
        let name = server_name(host).map_err(|cause| settled(cause, host))?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let (alpn, versions) = (Vec::new(), BOTH);
        Ok(Self { trust, client: None, name, alpn, versions, key_log: None, provider })
    }

    /// What our own certificate says of itself, where there is one: whether it has expired can be known before dialling.
    pub fn client_certificate_facts(&self) -> Option<CertificateFacts> {
        self.client.as_ref()?.cert.first().map(certificate::facts)
    }

    /// Whether the broker's certificate is verified.
    pub fn verifies(&self) -> bool {
        !matches!(self.trust, Trust::Anyone)
    }

    /// What is offered, before anything came back.
    pub(crate) fn facts(&self) -> TlsFacts {
        let text = |name: &Vec<u8>| String::from_utf8_lossy(name).into_owned();
        let version = |version: &&SupportedProtocolVersion| match version.version {
            ProtocolVersion::TLSv1_2 => "TLSv1.2".to_owned(),
            _ => "TLSv1.3".to_owned(),
        };
        TlsFacts {
            // RFC 6066, section 3: an address is no server name.
            server_name: matches!(self.name, ServerName::DnsName(_)).then(|| self.shown_name()),
            expected_name: self.shown_name(),
            offered_versions: self.versions.iter().map(version).collect(),
            offered_alpn: self.alpn.iter().map(text).collect(),
            trust: self.trust.told(),
            ..TlsFacts::default()
        }
    }

    /// The versions that are offered, in words.
    pub(super) fn shown_versions(&self) -> &'static str {
        match self.versions {
            [only] if only.version == ProtocolVersion::TLSv1_2 => "TLS 1.2 only",
            [_] => "TLS 1.3 only",
            _ => "TLS 1.2 and 1.3",
        }
    }

    pub(super) fn shown_name(&self) -> String {
        self.name.to_str().into_owned()
    }
}

fn settled(cause: DialCause, host: &str) -> DialError {
    let endpoint = Endpoint { host: host.to_owned(), port: 0, ..Endpoint::default() };
    DialError::new(ConnectStage::Settings, &endpoint, Duration::ZERO, Failure::new(cause))
}

fn server_name(wanted: &str) -> Result<ServerName<'static>, DialCause> {
    ServerName::try_from(wanted.to_owned())
        .map_err(|_| DialCause::ServerNameInvalid { name: wanted.to_owned() })
}

async fn resolve(
    settings: &TlsSettings,
    host: &str,
    secrets: &Secrets,
) -> Result<TlsOptions, DialCause> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let wanted = if settings.server_name.is_empty() { host } else { &settings.server_name };
    let name = server_name(wanted)?;
    let alpn = settings.alpn.iter().map(|name| match name.len() {
        1..=255 => Ok(name.as_bytes().to_vec()),
        _ => Err(DialCause::AlpnInvalid { name: name.clone() }),
    });
    let alpn = alpn.collect::<Result<_, _>>()?;
    let versions = versions(settings)?;
    let client = match &settings.client_certificate {
        Some(own) => Some(Arc::new(client::read(own, secrets, &provider).await?)),
        None => None,
    };
    let trust =
        if settings.verify { trust(&settings.roots, &provider).await? } else { Trust::Anyone };
    let key_log = match settings.key_log_file.as_str() {
        "" => None,
        path => Some(Arc::new(KeyLogFile::open(path).map_err(|error| {
            DialCause::KeyLogUnusable { path: path.to_owned(), reason: error.to_string() }
        })?)),
    };
    Ok(TlsOptions { trust, client, name, alpn, versions, key_log, provider })
}

type Versions = &'static [&'static SupportedProtocolVersion];

static ONLY_12: Versions = &[&TLS12];
static ONLY_13: Versions = &[&TLS13];
static BOTH: Versions = &[&TLS12, &TLS13];

/// The versions from the lowest to the highest that is wanted.
fn versions(settings: &TlsSettings) -> Result<Versions, DialCause> {
    match (settings.min_version, settings.max_version) {
        (TlsVersion::V12, TlsVersion::V12) => Ok(ONLY_12),
        (TlsVersion::V12, TlsVersion::V13) => Ok(BOTH),
        (TlsVersion::V13, TlsVersion::V13) => Ok(ONLY_13),
        (TlsVersion::V13, TlsVersion::V12) => Err(DialCause::VersionsInvalid),
    }
}

async fn trust(roots: &TlsRoots, provider: &Arc<CryptoProvider>) -> Result<Trust, DialCause> {
    let (found, unusable) = match roots {
        TlsRoots::System => system_roots().await?,
        TlsRoots::CaFiles { paths } if paths.is_empty() => {
            return Err(DialCause::RootsMissing { reason: "No CA file is given.".to_owned() });
        }
        TlsRoots::CaFiles { paths } => {
            let mut all = Vec::new();
            for path in paths {
                all.extend(certificates(&Source::file(path).await?)?);
            }
            let path = paths.join(", ");
            (all, DialCause::FileInvalid { path, wanted: "certificate authority" })
        }
        TlsRoots::CaPem { pem } => {
            let source = Source::text(pem);
            let found = certificates(&source)?;
            let path = source.shown;
            (found, DialCause::FileInvalid { path, wanted: "certificate authority" })
        }
        TlsRoots::Pinned { sha256 } => return pinned(sha256),
    };
    let weak = found.iter().filter_map(certificate::subject_if_weak).collect();
    let mut store = RootCertStore::empty();
    let (usable, _ignored) = store.add_parsable_certificates(found);
    if usable == 0 {
        return Err(unusable);
    }
    WebPkiServerVerifier::builder_with_provider(Arc::new(store), Arc::clone(provider))
        .build()
        .map(|judge| Trust::Roots { judge, weak, system: *roots == TlsRoots::System })
        .map_err(|error| DialCause::RootsMissing { reason: error.to_string() })
}

fn pinned(pins: &[String]) -> Result<Trust, DialCause> {
    if pins.is_empty() {
        return Err(DialCause::PinInvalid { pin: String::new() });
    }
    let read = |pin: &String| {
        Fingerprint::read(pin).ok_or_else(|| DialCause::PinInvalid { pin: pin.clone() })
    };
    pins.iter().map(read).collect::<Result<_, _>>().map(Trust::Pinned)
}

/// The operating system's roots, and the cause to give where none of them can be used.
async fn system_roots() -> Result<(Vec<CertificateDer<'static>>, DialCause), DialCause> {
    let loaded = tokio::task::spawn_blocking(rustls_native_certs::load_native_certs).await;
    let loaded = loaded.map_err(|error| DialCause::RootsMissing { reason: error.to_string() })?;
    let reasons: Vec<String> = loaded.errors.iter().map(ToString::to_string).collect();
    Ok((loaded.certs, DialCause::RootsMissing { reason: reasons.join("; ") }))
}

/// The certificates of a PEM text; at least one.
pub(super) fn certificates(source: &Source) -> Result<Vec<CertificateDer<'static>>, DialCause> {
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&source.bytes).collect();
    match found {
        Ok(found) if !found.is_empty() => Ok(found),
        _ => Err(DialCause::FileInvalid { path: source.shown.clone(), wanted: "certificate" }),
    }
}
