//! TLS settings that are allowed and probably not meant: names that certificates do not hold, trust that nobody
//! checks, and what is set for TLS where the scheme has none.
//!
//! Whether a certificate fits only a handshake tells. So a name is suspected only where it seldom works: behind an
//! address of this machine (a tunnel) another server name is the rule.

use super::{Found, ProblemCode, host};
use crate::{Profile, TlsRoots, TlsSettings};

/// For schemes with TLS.
pub(super) fn check(found: &mut Found, profile: &Profile) {
    let tls = &profile.tls;
    if !tls.verify {
        found.warn("tls.verify", ProblemCode::VerificationOff, "", "");
        if matches!(&tls.roots, TlsRoots::Pinned { sha256 } if !sha256.is_empty()) {
            found.warn("tls.roots", ProblemCode::PinNotChecked, "", "");
        }
    }
    let is_local = profile.follows_local_broker || host::is_loopback(&profile.endpoint.host);
    if host::check(&profile.endpoint.host).is_ok() && !is_local {
        check_names(found, &profile.endpoint.host, tls);
    }
}

fn check_names(found: &mut Found, host: &str, tls: &TlsSettings) {
    let (field, name) = ("tls.server_name", &tls.server_name);
    let host_is_address = host::is_address(host);
    if name.is_empty() {
        if host_is_address && tls.verify && tls.roots == TlsRoots::System {
            found.warn(field, ProblemCode::AddressNeedsName, "", "RFC 9525");
        }
    } else if bare(name).eq_ignore_ascii_case(bare(host)) {
        // The same as an empty one.
    } else if host::is_address(name) {
        found.warn(field, ProblemCode::ServerNameIsAddress, "", "RFC 6066, 3");
    } else if !host_is_address && host::check(name).is_ok() {
        found.warn(field, ProblemCode::ServerNameDiffers, host, "");
    }
}

/// What is set for TLS and stays at home with mqtt and ws. The form hides these fields then, so the scheme is marked.
pub(super) fn check_unused(found: &mut Found, tls: &TlsSettings) {
    for (name, is_set) in
        [("client_certificate", tls.client_certificate.is_some()), ("alpn", !tls.alpn.is_empty())]
    {
        if is_set {
            found.warn("endpoint.scheme", ProblemCode::TlsNotUsed, name, "");
        }
    }
}

/// A name without the dot that stands for the root.
fn bare(name: &str) -> &str {
    name.strip_suffix('.').unwrap_or(name)
}
