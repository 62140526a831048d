//! TLS, for the schemes that use it. Whether a file is there and a passphrase opens it, only connecting tells.

use std::collections::BTreeSet;

use super::ProblemCode;
use super::found::Found;
use crate::{
    ArchiveSource, CertificateSource, ClientCertificate, KeySource, TlsRoots, TlsSettings,
    TlsVersion,
};

pub(super) fn check(found: &mut Found, tls: &TlsSettings) {
    if tls.verify {
        check_roots(found, &tls.roots);
    }
    if let Some(certificate) = &tls.client_certificate {
        check_certificate(found, certificate);
    }
    if !tls.server_name.is_empty() {
        found.host("tls.server_name", &tls.server_name);
    }
    check_alpn(found, &tls.alpn);
    if tls.min_version > tls.max_version {
        let lowest = match tls.min_version {
            TlsVersion::V12 => "1.2",
            TlsVersion::V13 => "1.3",
        };
        found.error("tls.max_version", ProblemCode::BelowMinVersion, lowest, "");
    }
    if !tls.key_log_file.is_empty() {
        found.required_path("tls.key_log_file", &tls.key_log_file);
        found.warn("tls.key_log_file", ProblemCode::KeyLogOn, "", "");
    }
}

fn check_roots(found: &mut Found, roots: &TlsRoots) {
    match roots {
        TlsRoots::System => {}
        TlsRoots::CaFiles { paths } => {
            if paths.is_empty() {
                found.error("tls.roots.paths", ProblemCode::Required, "", "");
            }
            for (index, path) in paths.iter().enumerate() {
                found.required_path(&format!("tls.roots.paths.{index}"), path);
            }
        }
        TlsRoots::CaPem { pem } => check_pem(found, "tls.roots.pem", pem),
        TlsRoots::Pinned { sha256 } => check_pins(found, sha256),
    }
}

fn check_pins(found: &mut Found, pins: &[String]) {
    if pins.is_empty() {
        found.error("tls.roots.sha256", ProblemCode::Required, "", "");
    }
    let mut seen = BTreeSet::new();
    for (index, pin) in pins.iter().enumerate() {
        let field = format!("tls.roots.sha256.{index}");
        let digits = pin.replace(':', "").to_ascii_lowercase();
        if digits.len() != 64 || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
            found.error(&field, ProblemCode::NotInFormat, "sha256", "FIPS 180-4");
        } else if !seen.insert(digits) {
            found.error(&field, ProblemCode::Repeated, "", "");
        }
    }
}

/// Certificates in PEM (RFC 7468, section 5). A private key among them would lie in the profile's file in clear.
fn check_pem(found: &mut Found, field: &str, pem: &str) {
    if pem.contains("PRIVATE KEY-----") {
        found.error(field, ProblemCode::PrivateKeyInText, "", "");
    }
    let has = |mark| pem.contains(&format!("-----{mark} CERTIFICATE-----"));
    if pem.trim().is_empty() {
        found.error(field, ProblemCode::Required, "", "RFC 7468");
    } else if !has("BEGIN") || !has("END") {
        found.error(field, ProblemCode::NotInFormat, "pem", "RFC 7468");
    }
}

fn check_certificate(found: &mut Found, certificate: &ClientCertificate) {
    let (key_field, archive_field) =
        ("tls.client_certificate.key", "tls.client_certificate.archive");
    match certificate {
        ClientCertificate::Pem { certificate, key, .. } => {
            let field = "tls.client_certificate.certificate";
            match certificate {
                CertificateSource::File { path } => found.required_path(field, path),
                CertificateSource::Text { pem } => check_pem(found, field, pem),
            }
            match key {
                KeySource::File { path } => found.required_path(key_field, path),
                KeySource::Stored { secret } => found.stored(key_field, secret.as_ref(), ""),
            }
        }
        ClientCertificate::Pkcs12 { archive, .. } => match archive {
            ArchiveSource::File { path } => found.required_path(archive_field, path),
            ArchiveSource::Stored { secret } => found.stored(archive_field, secret.as_ref(), ""),
        },
    }
}

fn check_alpn(found: &mut Found, names: &[String]) {
    let mut seen = BTreeSet::new();
    for (index, name) in names.iter().enumerate() {
        let field = format!("tls.alpn.{index}");
        if name.is_empty() {
            found.error(&field, ProblemCode::Required, "1..255", "RFC 7301");
        }
        found.longer(&field, name.len(), 255, "RFC 7301");
        if !seen.insert(name) {
            found.error(&field, ProblemCode::Repeated, "", "RFC 7301");
        }
    }
}
