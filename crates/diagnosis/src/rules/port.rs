//! What a port really speaks: told by its first bytes, or by the other schemes where they were tried.

use mqttscope_model::{FirstBytes, Scheme};

use super::{Case, Found};
use crate::{CauseCode as C, FixCode as F};

/// Ports that brokers and web servers take TLS on.
const TLS_PORTS: [u16; 5] = [443, 8084, 8443, 8883, 8884];

/// What the first bytes show; none where nothing came, or what the scheme waits for.
pub(super) fn by_first_bytes(case: &Case<'_>) -> Option<Found> {
    let FirstBytes { bytes, spoken } = case.facts.first_bytes.as_ref()?;
    if bytes.0.is_empty() {
        return None;
    }
    by_spoken(case, spoken.as_deref().unwrap_or("something else"))
}

/// What a port speaks by the name of the protocol.
pub(super) fn by_spoken(case: &Case<'_>, spoken: &str) -> Option<Found> {
    let scheme = case.profile.endpoint.scheme;
    let spoken = if spoken == "HTTP/2" { "HTTP" } else { spoken };
    match spoken {
        "TLS" if !scheme.is_tls() => Some(wants_tls(case)),
        "HTTP" if scheme == Scheme::Wss => Some(is_plain(case)),
        "HTTP" if !scheme.is_websocket() => Some(is_http(case)),
        "MQTT" if scheme == Scheme::Mqtts => Some(is_plain(case)),
        "MQTT" if scheme.is_websocket() => Some(is_mqtt(case)),
        "TLS" | "HTTP" | "MQTT" | "" => None,
        _ => Some(is_other(case)),
    }
}

/// What the other schemes showed, where they were tried and one of them is spoken.
pub(super) fn by_other_schemes(case: &Case<'_>) -> Option<Found> {
    let now = case.profile.endpoint.scheme;
    let spoken = |scheme: Scheme| {
        let tries = &case.facts.other_schemes;
        tries.iter().any(|one| one.scheme == scheme && one.speaks)
    };
    // The same kind with or without TLS before the other kind: it is the smaller step.
    let (twin, others) = match now {
        Scheme::Mqtt => (Scheme::Mqtts, [Scheme::Ws, Scheme::Wss]),
        Scheme::Mqtts => (Scheme::Mqtt, [Scheme::Wss, Scheme::Ws]),
        Scheme::Ws => (Scheme::Wss, [Scheme::Mqtt, Scheme::Mqtts]),
        Scheme::Wss => (Scheme::Ws, [Scheme::Mqtts, Scheme::Mqtt]),
    };
    if spoken(twin) {
        let code = if now.is_tls() { C::PortIsPlain } else { C::PortWantsTls };
        return Some(case.found(code).fix(case.fixes.use_scheme(twin)));
    }
    let other = others.into_iter().find(|scheme| spoken(*scheme))?;
    let code = if other.is_websocket() { C::PortIsHttp } else { C::PortIsMqtt };
    Some(case.found(code).fix(case.fixes.use_scheme(other)))
}

/// Whether the port is one that TLS is usual on.
pub(super) fn is_usual_for_tls(port: u16) -> bool {
    TLS_PORTS.contains(&port)
}

/// The port speaks without TLS.
pub(super) fn is_plain(case: &Case<'_>) -> Found {
    let scheme = case.profile.endpoint.scheme;
    let plain = if scheme.is_websocket() { Scheme::Ws } else { Scheme::Mqtt };
    case.found(C::PortIsPlain).fix(case.fixes.use_scheme(plain)).fix(case.fixes.use_port())
}

/// The port wants TLS.
pub(super) fn wants_tls(case: &Case<'_>) -> Found {
    let scheme = case.profile.endpoint.scheme;
    let secure = if scheme.is_websocket() { Scheme::Wss } else { Scheme::Mqtts };
    case.found(C::PortWantsTls).fix(case.fixes.use_scheme(secure)).fix(case.fixes.use_port())
}

/// A web server where a broker's MQTT port was expected.
pub(super) fn is_http(case: &Case<'_>) -> Found {
    // TLS that had passed goes on with the web server; one that had not is not what it speaks.
    let endpoint = &case.profile.endpoint;
    let tls = if endpoint.scheme.is_tls() {
        case.facts.tls.as_ref().is_some_and(|tls| tls.version.is_some())
    } else {
        // Web servers answer in clear that they want TLS.
        is_usual_for_tls(endpoint.port)
    };
    let scheme = if tls { Scheme::Wss } else { Scheme::Ws };
    case.found(C::PortIsHttp).fix(case.fixes.use_scheme(scheme)).fix(case.fixes.use_port())
}

/// A broker's MQTT port where a WebSocket was expected.
pub(super) fn is_mqtt(case: &Case<'_>) -> Found {
    let tls = case.profile.endpoint.scheme == Scheme::Wss;
    let scheme = if tls { Scheme::Mqtts } else { Scheme::Mqtt };
    case.found(C::PortIsMqtt).fix(case.fixes.use_scheme(scheme)).fix(case.fixes.use_port())
}

/// Another service.
pub(super) fn is_other(case: &Case<'_>) -> Found {
    let seen = match (case.detail("first_bytes"), case.detail("evidence")) {
        ("", "") => {
            let bytes = case.facts.first_bytes.as_ref().map(|first| first.bytes.0.as_slice());
            mqttscope_transport::show_bytes(bytes.unwrap_or_default())
        }
        ("", evidence) => evidence.trim_start_matches("first bytes: ").to_owned(),
        (first, _) => first.to_owned(),
    };
    let spoken = case.facts.first_bytes.as_ref().and_then(|first| first.spoken.clone());
    let seen = match spoken {
        Some(spoken) if !seen.starts_with(&spoken) => format!("{spoken}: {seen}"),
        _ => seen,
    };
    case.found(C::PortIsOther)
        .with("seen", seen)
        .fix(case.fixes.use_any_port())
        .fix(case.fixes.advice(F::CheckBrokerRuns))
}

/// A port that takes connections and says nothing.
pub(super) fn is_silent(case: &Case<'_>) -> Found {
    case.found(C::PortIsSilent)
        .fix(case.fixes.advice(F::CheckBrokerRuns))
        .fix(case.fixes.try_other_schemes())
        .fix(case.fixes.use_port())
        .fix(case.fixes.allow_more_time())
}
