//! What is allowed and probably not meant: warnings, never refusals.
//!
//! Installations differ (mqtts on 8084 is right for some), so nothing here hinders a connection.
//! What a provider demands is told by its preset.

use super::{Found, ProblemCode, host};
use crate::endpoint::DEFAULT_PATH;
use crate::{Authentication, Profile, ProtocolVersion, Scheme};

pub(super) fn check(found: &mut Found, profile: &Profile) {
    let endpoint = &profile.endpoint;
    let usual = usual_schemes(endpoint.port);
    if !usual.is_empty() && !usual.contains(&endpoint.scheme) {
        let names: Vec<_> = usual.iter().map(|scheme| scheme.as_str()).collect();
        found.warn("endpoint.port", ProblemCode::SchemePortMismatch, names.join(", "), "");
    }
    if endpoint.scheme.is_websocket() && endpoint.path == "/" {
        found.warn("endpoint.path", ProblemCode::UnusualPath, DEFAULT_PATH, "");
    }
    // SCRAM proves the password and never sends it.
    let is_scram = matches!(profile.authentication, Some(Authentication::Scram { .. }));
    let has_credentials = !profile.user_name.is_empty() || profile.password.is_some();
    let is_local = profile.follows_local_broker || host::is_loopback(&endpoint.host);
    if has_credentials
        && !is_scram
        && !endpoint.scheme.is_tls()
        && !endpoint.host.is_empty()
        && !is_local
    {
        found.warn("endpoint.scheme", ProblemCode::CredentialsInClear, "", "MQTT 5.0, 5.4");
    }
    if endpoint.scheme.is_tls() && !profile.tls.verify {
        found.warn("tls.verify", ProblemCode::VerificationOff, "", "");
    }
    let expires_at_once = profile.session_expiry == 0 && profile.version == ProtocolVersion::V5;
    if !profile.clean_start && expires_at_once {
        found.warn("session_expiry", ProblemCode::SessionNotKept, "", "MQTT 5.0, 3.1.2.11.2");
    }
}

/// The schemes that brokers speak on a well-known port; empty where the port says nothing.
fn usual_schemes(port: u16) -> &'static [Scheme] {
    match port {
        1883 => &[Scheme::Mqtt],
        8883 => &[Scheme::Mqtts],
        80 | 8083 => &[Scheme::Ws],
        // 443: ALPN tells MQTT from HTTPS at AWS IoT. 8084: EMQX has wss there, Mosquitto's
        // public test broker mqtts.
        443 | 8084 => &[Scheme::Wss, Scheme::Mqtts],
        _ => &[],
    }
}
