//! What a certificate says of itself, for the report and for the explanation of a failed handshake.
//!
//! Reading only: nothing here decides whether a certificate is good.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use mqttscope_model::CertificateFacts;
use rustls::pki_types::{CertificateDer, SubjectPublicKeyInfoDer, UnixTime};
use x509_parser::oid_registry::{self as oid, Oid};
use x509_parser::prelude::{FromDer, GeneralName, X509Certificate, X509Name};
use x509_parser::public_key::PublicKey;
use x509_parser::time::ASN1Time;
use x509_parser::x509::SubjectPublicKeyInfo;

/// RSA keys below this are not used by ring, which then speaks of a bad signature.
const SMALLEST_RSA_BITS: u32 = 2048;

/// Whether its key is too small to verify a signature with.
pub(super) fn is_weak(facts: &CertificateFacts) -> bool {
    facts.key == "RSA" && facts.key_bits < SMALLEST_RSA_BITS
}

/// The subject of a certificate whose key is too small.
pub(super) fn subject_if_weak(der: &CertificateDer<'_>) -> Option<String> {
    let (_, certificate) = X509Certificate::from_der(der).ok()?;
    let (kind, bits) = key(certificate.public_key());
    (kind == "RSA" && bits < SMALLEST_RSA_BITS).then(|| certificate.subject().to_string())
}

/// Reads a certificate. One that cannot be read still has its fingerprint and its bytes.
pub(super) fn facts(der: &CertificateDer<'_>) -> CertificateFacts {
    let unread = CertificateFacts {
        sha256: Fingerprint::of(der).to_string(),
        pem: pem(der),
        ..CertificateFacts::default()
    };
    let Ok((_, certificate)) = X509Certificate::from_der(der) else {
        return unread;
    };
    let (key, key_bits) = key(certificate.public_key());
    let basic = certificate.basic_constraints().ok().flatten();
    CertificateFacts {
        subject: certificate.subject().to_string(),
        issuer: certificate.issuer().to_string(),
        names: names(&certificate),
        serial: serial(certificate.raw_serial()),
        version: u8::try_from(certificate.version().0 + 1).unwrap_or(0),
        not_before_s: certificate.validity().not_before.timestamp(),
        not_after_s: certificate.validity().not_after.timestamp(),
        key,
        key_bits,
        signature: signature(&certificate),
        self_issued: certificate.subject() == certificate.issuer(),
        is_ca: basic.is_some_and(|basic| basic.value.ca),
        ..unread
    }
}

/// A distinguished name in DER, as text; as hexadecimal digits where it cannot be read.
pub(super) fn distinguished_name(der: &[u8]) -> String {
    match X509Name::from_der(der) {
        Ok((_, name)) => name.to_string(),
        Err(_) => digits(der),
    }
}

/// The kind and the size of a key.
fn key(info: &SubjectPublicKeyInfo<'_>) -> (String, u32) {
    let algorithm = &info.algorithm.algorithm;
    let bits = |bits: usize| u32::try_from(bits).unwrap_or(0);
    let named = |name: &str, bits| (name.to_owned(), bits);
    if *algorithm == oid::OID_SIG_ED25519 {
        return named("Ed25519", 256);
    }
    if *algorithm == oid::OID_SIG_ED448 {
        return named("Ed448", 456);
    }
    match info.parsed() {
        Ok(PublicKey::RSA(key)) => named("RSA", bits(key.key_size())),
        Ok(PublicKey::EC(key)) => {
            let parameters = info.algorithm.parameters.as_ref();
            match parameters.and_then(|parameters| parameters.as_oid().ok()) {
                Some(curve) if curve == oid::OID_EC_P256 => named("EC P-256", 256),
                Some(curve) if curve == oid::OID_NIST_EC_P384 => named("EC P-384", 384),
                Some(curve) if curve == oid::OID_NIST_EC_P521 => named("EC P-521", 521),
                Some(other) => (format!("EC {other}"), bits(key.key_size())),
                None => named("EC", bits(key.key_size())),
            }
        }
        Ok(PublicKey::DSA(_)) => named("DSA", 0),
        _ => (algorithm.to_id_string(), 0),
    }
}

/// Signature algorithms by the names that openssl gives them (RFC 4055, RFC 5758, RFC 8410).
const SIGNATURES: [(Oid<'static>, &str); 12] = [
    (oid::OID_PKCS1_SHA256WITHRSA, "sha256WithRSAEncryption"),
    (oid::OID_SIG_ECDSA_WITH_SHA256, "ecdsa-with-SHA256"),
    (oid::OID_SIG_ECDSA_WITH_SHA384, "ecdsa-with-SHA384"),
    (oid::OID_PKCS1_SHA384WITHRSA, "sha384WithRSAEncryption"),
    (oid::OID_PKCS1_SHA512WITHRSA, "sha512WithRSAEncryption"),
    (oid::OID_PKCS1_RSASSAPSS, "rsassaPss"),
    (oid::OID_PKCS1_SHA1WITHRSA, "sha1WithRSAEncryption"),
    (oid::OID_PKCS1_MD5WITHRSAENC, "md5WithRSAEncryption"),
    (oid::OID_PKCS1_SHA224WITHRSA, "sha224WithRSAEncryption"),
    (oid::OID_SIG_ECDSA_WITH_SHA512, "ecdsa-with-SHA512"),
    (oid::OID_SIG_ED25519, "Ed25519"),
    (oid::OID_SIG_ED448, "Ed448"),
];

/// How the certificate is signed; the bare number of an algorithm that is not in the list.
fn signature(certificate: &X509Certificate<'_>) -> String {
    let algorithm = &certificate.signature_algorithm.algorithm;
    match SIGNATURES.iter().find(|(known, _)| known == algorithm) {
        Some((_, name)) => (*name).to_owned(),
        None => algorithm.to_id_string(),
    }
}

/// Without the zero that only says that the number is positive.
fn serial(bytes: &[u8]) -> String {
    match bytes {
        [0, rest @ ..] if !rest.is_empty() => digits(rest),
        bytes => digits(bytes),
    }
}

fn digits(bytes: &[u8]) -> String {
    bytes.iter().flat_map(|byte| hexadecimal(*byte)).collect()
}

/// The two digits of a byte.
fn hexadecimal(byte: u8) -> [char; 2] {
    [byte >> 4, byte & 0xf]
        .map(|half| char::from_digit(half.into(), 16).unwrap_or('0').to_ascii_uppercase())
}

/// RFC 7468, section 5.
fn pem(der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let mut pem = String::with_capacity(text.len() + text.len() / 64 + 60);
    pem.push_str("-----BEGIN CERTIFICATE-----\n");
    let mut rest = text.as_str();
    while !rest.is_empty() {
        let (line, after) = rest.split_at(rest.len().min(64));
        pem.push_str(line);
        pem.push('\n');
        rest = after;
    }
    pem.push_str("-----END CERTIFICATE-----\n");
    pem
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
        let mut text = String::with_capacity(3 * self.0.len());
        for (place, byte) in self.0.iter().enumerate() {
            text.extend((place > 0).then_some(':'));
            text.extend(hexadecimal(*byte));
        }
        f.write_str(&text)
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

/// The same for seconds since the Unix epoch; empty for none that a calendar has.
pub(super) fn day_of_seconds(seconds: i64) -> String {
    ASN1Time::from_timestamp(seconds).map(day).unwrap_or_default()
}

/// The same for a time that rustls gives.
pub(super) fn day_of(time: UnixTime) -> String {
    day_of_seconds(i64::try_from(time.as_secs()).unwrap_or(i64::MAX))
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
