//! What a certificate says of itself, for the explanation of a failed handshake.
//!
//! Reading only: nothing here decides whether a certificate is good.

use rustls::pki_types::{CertificateDer, SubjectPublicKeyInfoDer, UnixTime};
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
    let sha256 = Fingerprint::of(der).to_string();
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

/// SHA-256 of a certificate's DER.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Fingerprint([u8; 32]);

impl Fingerprint {
    pub(super) fn of(der: &[u8]) -> Self {
        let digest = ring::digest::digest(&ring::digest::SHA256, der);
        let mut bytes = [0; 32];
        for (byte, digest) in bytes.iter_mut().zip(digest.as_ref()) {
            *byte = *digest;
        }
        Self(bytes)
    }

    /// Reads 64 hexadecimal digits, with colons, spaces or nothing between them.
    pub(super) fn read(text: &str) -> Option<Self> {
        let digits: Option<Vec<u8>> = text
            .chars()
            .filter(|c| *c != ':' && !c.is_whitespace())
            .map(|c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok()))
            .collect();
        let digits = digits?;
        let pairs = digits.chunks_exact(2).map(|pair| pair.iter().fold(0, |sum, d| sum << 4 | d));
        let bytes: Vec<u8> = pairs.collect();
        (digits.len() == 64).then(|| bytes.try_into().ok().map(Self))?
    }
}

impl std::fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (place, byte) in self.0.iter().enumerate() {
            let colon = if place == 0 { "" } else { ":" };
            write!(f, "{colon}{byte:02X}")?;
        }
        Ok(())
    }
}

/// The public key of a certificate of any version of X.509.
pub(super) fn public_key<'a>(der: &'a CertificateDer<'_>) -> Option<SubjectPublicKeyInfoDer<'a>> {
    let (_, certificate) = X509Certificate::from_der(der).ok()?;
    Some(certificate.tbs_certificate.subject_pki.raw.into())
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

#[cfg(test)]
mod unit {
    use super::*;

    #[test]
    fn a_fingerprint_is_read_as_it_is_written_and_as_tools_write_it() {
        let one = Fingerprint::of(b"a certificate");
        let text = one.to_string();
        for form in
            [text.clone(), text.replace(':', ""), text.to_lowercase(), text.replace(':', " ")]
        {
            assert_eq!(Fingerprint::read(&form), Some(one), "{form}");
        }
        for wrong in ["", "AB", &text[1..], &format!("{text}:00"), &text.replacen('A', "G", 9)[..]]
        {
            assert!(wrong == text || Fingerprint::read(wrong).is_none(), "{wrong}");
        }
    }
}
