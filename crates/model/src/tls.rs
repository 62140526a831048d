//! TLS as a person sets it: whose certificates are trusted, what is shown of ourselves, which versions.
//!
//! A certificate is public and may stand in a profile as text; a private key is not, so it is a file's path or
//! the name of a secret.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::SecretName;

/// How the broker's certificate is judged and what is shown of ourselves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields, default)]
pub struct TlsSettings {
    /// Whose certificates are trusted.
    pub roots: TlsRoots,
    /// Our own certificate, where the broker wants one.
    pub client_certificate: Option<ClientCertificate>,
    /// The name sent as SNI and looked for in the certificate; empty means the host.
    pub server_name: String,
    /// ALPN protocol names, most wanted first; empty offers none.
    pub alpn: Vec<String>,
    /// Whether the broker's certificate is verified at all.
    pub verify: bool,
    /// The lowest version of TLS that is accepted.
    pub min_version: TlsVersion,
    /// The highest version of TLS that is offered.
    pub max_version: TlsVersion,
    /// Path of a file that the keys of each connection are added to (NSS key log, as by `SSLKEYLOGFILE`), so that a
    /// capture can be decrypted; empty writes none.
    pub key_log_file: String,
}

impl Default for TlsSettings {
    fn default() -> Self {
        Self {
            roots: TlsRoots::System,
            client_certificate: None,
            server_name: String::new(),
            alpn: Vec::new(),
            verify: true,
            min_version: TlsVersion::V12,
            max_version: TlsVersion::V13,
            key_log_file: String::new(),
        }
    }
}

/// A version of TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
pub enum TlsVersion {
    /// TLS 1.2 (RFC 5246).
    #[serde(rename = "1.2")]
    V12,
    /// TLS 1.3 (RFC 8446).
    #[serde(rename = "1.3")]
    V13,
}

/// Whose certificates are trusted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum TlsRoots {
    /// The operating system's certificate authorities.
    System,
    /// The certificates of PEM files.
    CaFiles {
        /// The files' paths; at least one.
        paths: Vec<String>,
    },
    /// Certificates that stand in the profile.
    CaPem {
        /// One or more certificates in PEM.
        pem: String,
    },
    /// Exactly these certificates of a broker, whoever issued them, whatever names and dates they have.
    Pinned {
        /// SHA-256 of the certificate's DER, as 64 hexadecimal digits, colons allowed; at least one.
        sha256: Vec<String>,
    },
}

impl TlsRoots {
    /// The certificates of one PEM file.
    pub fn ca_file(path: impl Into<String>) -> Self {
        Self::CaFiles { paths: vec![path.into()] }
    }
}

/// A client certificate with its private key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum ClientCertificate {
    /// Certificate chain and key in PEM; the key as PKCS#8, PKCS#1 or SEC1, encrypted or not.
    Pem {
        /// The certificate chain, leaf first.
        certificate: CertificateSource,
        /// The private key.
        key: KeySource,
        /// The keychain's name of the passphrase ([`crate::SecretSlot::KeyPassphrase`]), for an encrypted key.
        #[serde(default)]
        passphrase: Option<SecretName>,
    },
    /// Both in one PKCS#12 archive (`.p12`, `.pfx`).
    Pkcs12 {
        /// The archive.
        archive: ArchiveSource,
        /// The keychain's name of the passphrase ([`crate::SecretSlot::KeyPassphrase`]); none means an empty one.
        #[serde(default)]
        passphrase: Option<SecretName>,
    },
}

impl ClientCertificate {
    /// Certificate chain and unencrypted key as two PEM files.
    pub fn pem_files(certificate: impl Into<String>, key: impl Into<String>) -> Self {
        Self::Pem {
            certificate: CertificateSource::File { path: certificate.into() },
            key: KeySource::File { path: key.into() },
            passphrase: None,
        }
    }
}

/// Where a certificate chain is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "from", rename_all = "snake_case", deny_unknown_fields)]
pub enum CertificateSource {
    /// A PEM file.
    File {
        /// Its path.
        path: String,
    },
    /// In the profile.
    Text {
        /// PEM.
        pem: String,
    },
}

/// Where a private key is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "from", rename_all = "snake_case", deny_unknown_fields)]
pub enum KeySource {
    /// A PEM file.
    File {
        /// Its path.
        path: String,
    },
    /// In the keychain, as PEM ([`crate::SecretSlot::PrivateKey`]).
    Stored {
        /// The keychain's name of it; none while it has not been given.
        secret: Option<SecretName>,
    },
}

/// Where a PKCS#12 archive is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "from", rename_all = "snake_case", deny_unknown_fields)]
pub enum ArchiveSource {
    /// A file.
    File {
        /// Its path.
        path: String,
    },
    /// In the keychain, as Base64 ([`crate::SecretSlot::Pkcs12`]).
    Stored {
        /// The keychain's name of it; none while it has not been given.
        secret: Option<SecretName>,
    },
}
