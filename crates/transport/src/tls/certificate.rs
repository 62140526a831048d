//! What a certificate says of itself, for the explanation of a failed handshake.
//!
//! Reading only: nothing here decides whether a certificate is good.

use std::fmt::Write;

use rustls::pki_types::{CertificateDer, UnixTime};
use x509_parser::prelude::{FromDer, GeneralName, X509Certificate};
use x509_parser::time::ASN1Time;

/// The facts of a certificate that the window shows.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Facts {
    pub(super) subject: String,
    pub(super) issuer: String,
    /// DNS names and addresses of the Subject Alternative Name.
    pub(super) names: Vec<String>,
    pub(super) not_before: String,
    pub(super) not_after: String,
    /// SHA-256 of the whole certificate, as openssl writes it.
    pub(super) sha256: String,
    /// Subject and issuer are the same.
    pub(super) self_issued: bool,
    /// The size of an RSA key in bits.
    pub(super) rsa_bits: Option<usize>,
    /// X.509 version 1 or 2.
    pub(super) old_version: bool,
}

/// RSA keys below this are not used by ring, which then speaks of a bad signature.
const SMALLEST_RSA_BITS: usize = 2048;

impl Facts {
    /// Whether its key is too small to verify a signature with.
    pub(super) fn is_weak(&self) -> bool {
        self.rsa_bits.is_some_and(|bits| bits < SMALLEST_RSA_BITS)
    }
}

/// Reads a certificate. One that cannot be read still has its fingerprint.
pub(super) fn facts(der: &CertificateDer<'_>) -> Facts {
    let sha256 = fingerprint(der);
    let Ok((_, certificate)) = X509Certificate::from_der(der) else {
        return Facts { sha256, ..Facts::default() };
    };
    let rsa_bits = match certificate.public_key().parsed() {
        Ok(x509_parser::public_key::PublicKey::RSA(key)) => Some(key.key_size()),
        _ => None,
    };
    Facts {
        subject: certificate.subject().to_string(),
        issuer: certificate.issuer().to_string(),
        names: names(&certificate),
        not_before: day(certificate.validity().not_before),
        not_after: day(certificate.validity().not_after),
        sha256,
        self_issued: certificate.subject() == certificate.issuer(),
        rsa_bits,
        old_version: certificate.version().0 < 2,
    }
}

fn names(certificate: &X509Certificate<'_>) -> Vec<String> {
    let Ok(Some(extension)) = certificate.subject_alternative_name() else {
        return Vec::new();
    };
    let names = extension.value.general_names.iter();
    names
        .filter_map(|name| match name {
            GeneralName::DNSName(name) => Some((*name).to_owned()),
            GeneralName::IPAddress(bytes) => address(bytes),
            _ => None,
        })
        .collect()
}

fn address(bytes: &[u8]) -> Option<String> {
    if let Ok(v4) = <[u8; 4]>::try_from(bytes) {
        return Some(std::net::Ipv4Addr::from(v4).to_string());
    }
    let v6 = <[u8; 16]>::try_from(bytes).ok()?;
    Some(std::net::Ipv6Addr::from(v6).to_string())
}

fn fingerprint(der: &[u8]) -> String {
    let digest = ring::digest::digest(&ring::digest::SHA256, der);
    let mut text = String::with_capacity(95);
    for byte in digest.as_ref() {
        if !text.is_empty() {
            text.push(':');
        }
        let _infallible = write!(text, "{byte:02X}");
    }
    text
}

/// A time of a certificate as `2026-11-21 10:00 UTC`.
fn day(time: ASN1Time) -> String {
    let time = time.to_datetime();
    let (date, hour, minute) = (time.date(), time.hour(), time.minute());
    let (year, month, day) = (date.year(), u8::from(date.month()), date.day());
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02} UTC")
}

/// The same for a time that rustls gives.
pub(super) fn day_of(time: UnixTime) -> String {
    let seconds = i64::try_from(time.as_secs()).unwrap_or(i64::MAX);
    ASN1Time::from_timestamp(seconds).map(day).unwrap_or_default()
}
