//! What a TLS handshake showed.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What a TLS handshake offered and got.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct TlsFacts {
    /// The name that was sent as SNI; none is sent for an IP address.
    pub server_name: Option<String>,
    /// The name or address that the certificate had to be for.
    pub expected_name: String,
    /// The versions that were offered, lowest first.
    pub offered_versions: Vec<String>,
    /// The version that was agreed on.
    pub version: Option<String>,
    /// The cipher suite that was agreed on.
    pub cipher: Option<String>,
    /// The ALPN names that were offered.
    pub offered_alpn: Vec<String>,
    /// The ALPN name that the broker chose.
    pub alpn: Option<String>,
    /// What the certificate was held against.
    pub trust: TlsTrust,
    /// The certificates that the broker sent, its own first.
    pub chain: Vec<CertificateFacts>,
    /// Which check the chain failed; none where it passed, or none came.
    pub rejected: Option<CertificateRejection>,
    /// Whether the broker asked for a client certificate.
    pub client_certificate_asked: bool,
    /// The certificate authorities whose client certificates the broker says it takes; often none are named.
    pub client_authorities: Vec<String>,
    /// Our own certificate, where one was sent.
    pub client_certificate: Option<CertificateFacts>,
    /// The alert that the broker sent, by its name in RFC 8446.
    pub alert: Option<String>,
    /// The handshake ended without a fault of its own; a rejected chain is then one that was only looked at.
    pub completed: bool,
}

/// What a certificate was held against.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum TlsTrust {
    /// The operating system's certificate authorities.
    #[default]
    System,
    /// Certificate authorities of the profile.
    Profile,
    /// Pinned fingerprints.
    Pinned,
    /// Nothing: verification is off.
    Nothing,
}

/// Why a chain was not accepted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct CertificateRejection {
    /// The check that failed.
    pub check: CertificateCheck,
    /// The library's words.
    pub reason: String,
}

/// A check of a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum CertificateCheck {
    /// Somebody trusted must have issued it.
    Issuer,
    /// It must be for the name.
    Name,
    /// Today must lie between its dates.
    Dates,
    /// Its signature must be right, and the keys large enough.
    Signature,
    /// It must be of X.509 version 3.
    Version,
    /// It must be a server's and not an authority's.
    Purpose,
    /// It must be one of the pinned ones.
    Pin,
    /// Anything else.
    Other,
}

/// What a certificate says of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct CertificateFacts {
    /// The subject's distinguished name.
    pub subject: String,
    /// The issuer's distinguished name.
    pub issuer: String,
    /// DNS names and addresses of the Subject Alternative Name.
    pub names: Vec<String>,
    /// The serial number in hexadecimal digits.
    pub serial: String,
    /// The version of X.509: 1 to 3; 0 where it cannot be read.
    pub version: u8,
    /// Seconds since the Unix epoch from which it is valid.
    pub not_before_s: i64,
    /// Seconds since the Unix epoch until which it is valid.
    pub not_after_s: i64,
    /// The kind of key: `RSA`, `EC P-256`, `Ed25519`...
    pub key: String,
    /// The key's size in bits; 0 where it is not known.
    pub key_bits: u32,
    /// How it is signed: `sha256WithRSAEncryption`...
    pub signature: String,
    /// SHA-256 of its DER, as openssl writes it.
    pub sha256: String,
    /// Subject and issuer are the same.
    pub self_issued: bool,
    /// It is a certificate authority's (basicConstraints).
    pub is_ca: bool,
    /// The whole certificate in PEM.
    pub pem: String,
}
