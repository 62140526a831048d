//! New secrets, before the keychain gets them. No problem ever quotes a value.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::found::Found;
use super::network::MAX_SOCKS;
use super::{BINARY, MAX_FIELD, MAX_SECRET, ProblemCode};
use crate::{HeaderValue, Profile, Proxy, SecretSlot};

pub(super) fn check(found: &mut Found, profile: &Profile, slot: &SecretSlot, value: &str) {
    let field = &field_of(profile, slot);
    match slot {
        // Binary data: only its length counts.
        SecretSlot::Password => found.longer(field, value.len(), MAX_FIELD, BINARY),
        SecretSlot::PrivateKey => {
            found.longer(field, value.len(), MAX_SECRET, "");
            if !value.contains("-----BEGIN ") || !value.contains("PRIVATE KEY-----") {
                found.error(field, ProblemCode::NotInFormat, "pem_key", "RFC 7468");
            }
            let has_passphrase =
                profile.secrets().iter().any(|(slot, _)| *slot == SecretSlot::KeyPassphrase);
            if !has_passphrase && is_encrypted(value) {
                let field = field_of(profile, &SecretSlot::KeyPassphrase);
                found.warn(&field, ProblemCode::KeyEncrypted, "", "");
            }
        }
        SecretSlot::Pkcs12 => {
            found.longer(field, value.len(), MAX_SECRET, "");
            if bytes_of(found, field, value).is_some_and(|bytes| bytes.is_empty()) {
                found.error(field, ProblemCode::Required, "", "");
            }
        }
        SecretSlot::KeyPassphrase => found.longer(field, value.len(), MAX_FIELD, ""),
        SecretSlot::ProxyPassword => match &profile.proxy {
            Proxy::Socks5 { .. } => found.longer(field, value.len(), MAX_SOCKS, "RFC 1929"),
            _ if value.contains(char::is_control) => {
                found.error(field, ProblemCode::InvalidHeaderValue, "", "RFC 7617");
            }
            _ => found.longer(field, value.len(), super::MAX_HEADER, ""),
        },
        SecretSlot::AuthenticationData => {
            let length = bytes_of(found, field, value).map_or(0, |bytes| bytes.len());
            found.longer(field, length, MAX_FIELD, BINARY);
        }
        SecretSlot::Header(_) => found.header_value(field, value),
    }
}

/// A key in PEM that a passphrase opens: PKCS#8 (RFC 5958) says so in its label, older forms in a header (RFC 1421).
fn is_encrypted(pem: &str) -> bool {
    pem.contains("-----BEGIN ENCRYPTED PRIVATE KEY-----")
        || pem.lines().any(|line| line.trim() == "Proc-Type: 4,ENCRYPTED")
}

fn bytes_of(found: &mut Found, field: &str, base64: &str) -> Option<Vec<u8>> {
    let packed: String = base64.split_ascii_whitespace().collect();
    let bytes = STANDARD.decode(packed).ok();
    if bytes.is_none() {
        found.error(field, ProblemCode::NotInFormat, "base64", "RFC 4648");
    }
    bytes
}

/// The path of the field that the secret is typed into.
fn field_of(profile: &Profile, slot: &SecretSlot) -> String {
    match slot {
        SecretSlot::Password => "password",
        SecretSlot::PrivateKey => "tls.client_certificate.key",
        SecretSlot::Pkcs12 => "tls.client_certificate.archive",
        SecretSlot::KeyPassphrase => "tls.client_certificate.passphrase",
        SecretSlot::ProxyPassword => "proxy.server.password",
        SecretSlot::AuthenticationData => "authentication.data",
        SecretSlot::Header(_) => {
            let place = profile.websocket.headers.iter().position(|header| {
                let is_stored = matches!(header.value, HeaderValue::Stored { .. });
                is_stored && SecretSlot::header(&header.name) == *slot
            });
            return place.map_or_else(
                || "websocket.headers".to_owned(),
                |index| format!("websocket.headers.{index}.value"),
            );
        }
    }
    .to_owned()
}
