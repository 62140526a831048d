//! What is allowed and probably not meant: warnings, never refusals.
//!
//! Installations differ (mqtts on 8084 is right for some), so nothing here hinders a connection. What a provider
//! demands is told by its preset; where that marks a field too, its own reason stands alone.

use super::{Found, ProblemCode, host, tls_oddities};
use crate::endpoint::DEFAULT_PATH;
use crate::preset::{Preset, named_preset};
use crate::{Authentication, HeaderValue, Profile, ProtocolVersion, Scheme, client_id};

/// The shortest time in seconds after which a router may forget a silent TCP connection (RFC 5382, REQ-5: 2 h 4 min).
const NAT_TIMEOUT: u16 = 7_440;

/// `provider` is the one whose rules the profile is held against.
pub(super) fn check(
    found: &mut Found,
    profile: &Profile,
    provider: Option<&Preset>,
    own: &[Preset],
) {
    check_address(found, profile, own);
    if !provider.is_some_and(|provider| provider.judges_port(profile)) {
        check_port(found, profile);
    }
    if profile.endpoint.scheme.is_tls() {
        tls_oddities::check(found, profile);
    } else {
        check_clear(found, profile);
        tls_oddities::check_unused(found, &profile.tls);
    }
    check_session(found, profile);
    check_keep_alive(found, profile.keep_alive);
}

fn check_address(found: &mut Found, profile: &Profile, own: &[Preset]) {
    let endpoint = &profile.endpoint;
    if endpoint.scheme.is_websocket() && matches!(endpoint.path.as_str(), "" | "/") {
        found.warn("endpoint.path", ProblemCode::UnusualPath, DEFAULT_PATH, "");
    }
    let Some(preset) = named_preset(profile, own) else { return };
    let is_elsewhere = host::check(&endpoint.host).is_ok()
        && !profile.follows_local_broker
        && !preset.domains.is_empty()
        && !preset.is_at(&endpoint.host);
    if is_elsewhere {
        let domains = preset.domains.join(", ");
        found.warn("endpoint.host", ProblemCode::OtherHost, domains, &preset.source);
    }
}

fn check_port(found: &mut Found, profile: &Profile) {
    let usual = usual_schemes(profile.endpoint.port);
    if !usual.is_empty() && !usual.contains(&profile.endpoint.scheme) {
        let names: Vec<_> = usual.iter().map(|scheme| scheme.as_str()).collect();
        found.warn("endpoint.port", ProblemCode::SchemePortMismatch, names.join(", "), "");
    }
}

/// Secrets on a way that anybody between can read. This machine's own network is nobody's.
fn check_clear(found: &mut Found, profile: &Profile) {
    let (endpoint, source) = (&profile.endpoint, "MQTT 5.0, 5.4");
    let is_local = profile.follows_local_broker || host::is_loopback(&endpoint.host);
    if endpoint.host.is_empty() || is_local {
        return;
    }
    // SCRAM proves the password and never sends it.
    let is_scram = matches!(profile.authentication, Some(Authentication::Scram { .. }));
    let has_credentials = !profile.user_name.is_empty() || profile.password.is_some();
    if has_credentials && !is_scram {
        found.warn("endpoint.scheme", ProblemCode::CredentialsInClear, "", source);
    }
    let is_sent = profile.version == ProtocolVersion::V5;
    if is_sent
        && matches!(profile.authentication, Some(Authentication::Other { data: Some(_), .. }))
    {
        found.warn("authentication.data", ProblemCode::SecretInClear, "", source);
    }
    if !endpoint.scheme.is_websocket() {
        return;
    }
    for (index, header) in profile.websocket.headers.iter().enumerate() {
        let name = header.name.to_ascii_lowercase();
        let is_secret = matches!(header.value, HeaderValue::Stored { .. })
            || matches!(name.as_str(), "authorization" | "cookie");
        if is_secret {
            let field = format!("websocket.headers.{index}.value");
            found.warn(&field, ProblemCode::SecretInClear, "", "RFC 9110, 11.6.2");
        }
    }
}

fn check_session(found: &mut Found, profile: &Profile) {
    if profile.clean_start {
        return;
    }
    let expires_at_once = profile.session_expiry == 0 && profile.version == ProtocolVersion::V5;
    if expires_at_once {
        found.warn("session_expiry", ProblemCode::SessionNotKept, "", "MQTT 5.0, 3.1.2.11.2");
    } else if client_id::changes(&profile.client_id) {
        found.warn("client_id", ProblemCode::ClientIdChanges, "", "MQTT-3.1.3-2");
    }
}

fn check_keep_alive(found: &mut Found, seconds: u16) {
    if seconds == 0 {
        found.warn("keep_alive", ProblemCode::KeepAliveOff, "", "MQTT 5.0, 3.1.2.10");
    } else if seconds > NAT_TIMEOUT {
        found.warn("keep_alive", ProblemCode::KeepAliveLong, NAT_TIMEOUT, "RFC 5382");
    }
}

/// The schemes that brokers speak on a well-known port, the most usual first; empty where the port says nothing.
fn usual_schemes(port: u16) -> &'static [Scheme] {
    match port {
        1883 => &[Scheme::Mqtt],
        8883 => &[Scheme::Mqtts],
        // 8083: EMQX. 15675: RabbitMQ.
        80 | 8083 | 15675 => &[Scheme::Ws],
        // 8084: EMQX. 8884: HiveMQ Cloud.
        8084 | 8884 => &[Scheme::Wss],
        // ALPN tells MQTT from HTTPS at AWS IoT.
        443 | 8443 => &[Scheme::Wss, Scheme::Mqtts],
        // 8000: HiveMQ. 8080, 8081: Mosquitto's public broker. 9001: its manual. Many put TLS on the same port.
        8000 | 8080 | 9001 => &[Scheme::Ws, Scheme::Wss],
        8081 => &[Scheme::Wss, Scheme::Ws],
        _ => &[],
    }
}
