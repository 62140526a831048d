//! What a port really speaks: told by its first bytes, or by the other schemes where they were tried.

use mqttscope_model::{FirstBytes, Scheme};

use super::{Case, Found};
use crate::{CauseCode as C, FixCode as F};

/// Ports that brokers and web servers take TLS on.
const TLS_PORTS: [u16; 5] = [443, 8084, 8443, 8883, 8884];

/// What the first bytes show; none where nothing came, or what the scheme waits for.
pub(super) fn by_first_bytes(case: &Case<'_>) -> Option<Found> {
    let FirstBytes { bytes, .. } = case.facts.first_bytes.as_ref()?;
    if bytes.0.is_empty() {
        return None;
    }
    by_spoken(case, spoken(case).unwrap_or("something else"))
}

/// The protocol of the first bytes; a page without a head is what old web servers answer to what they cannot read.
pub(super) fn spoken<'a>(case: &'a Case<'_>) -> Option<&'a str> {
    let FirstBytes { bytes, spoken } = case.facts.first_bytes.as_ref()?;
    let beginning = bytes.0.trim_ascii_start().get(..9).unwrap_or_default().to_ascii_lowercase();
    if beginning == b"<!doctype" || beginning.starts_with(b"<html") {
        return Some("HTTP");
    }
    spoken.as_deref()
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
        return Some(case.found(code).fix(case.fixes.use_scheme(twin)).fix(case.fixes.use_port()));
    }
    let Some(other) = others.into_iter().find(|scheme| spoken(*scheme)) else {
        return by_traces(case);
    };
    let code = if other.is_websocket() { C::PortIsHttp } else { C::PortIsMqtt };
    Some(case.found(code).fix(case.fixes.use_scheme(other)).fix(case.fixes.use_port()))
}

/// None of the other schemes got to its end, but one got further than ours: TLS that passed, a web server that answered. So a
/// broker shows itself that wants a client certificate, or a gateway with another path.
fn by_traces(case: &Case<'_>) -> Option<Found> {
    let now = case.profile.endpoint.scheme;
    let seen = |scheme: Scheme| {
        let found = case.facts.other_schemes.iter().find(|one| one.scheme == scheme);
        found.map(|one| one.seen.as_str()).unwrap_or_default()
    };
    let tls = |scheme| seen(scheme).contains("TLSv1.");
    let http = |scheme| has_status(seen(scheme));
    let passed = case.facts.tls.as_ref().is_some_and(|tls| tls.version.is_some());
    let web = |scheme| {
        let found = case.found(C::PortIsHttp).fix(case.fixes.use_scheme(scheme));
        Some(found.fix(case.fixes.use_port()))
    };
    match now {
        // A web server says in clear that it wants TLS, so what it says within TLS counts first.
        Scheme::Mqtt | Scheme::Mqtts if http(Scheme::Wss) => web(Scheme::Wss),
        Scheme::Mqtt if tls(Scheme::Mqtts) || tls(Scheme::Wss) => Some(wants_tls(case)),
        Scheme::Mqtt if http(Scheme::Ws) => web(Scheme::Ws),
        Scheme::Mqtts if http(Scheme::Ws) && !passed => web(Scheme::Ws),
        Scheme::Ws if tls(Scheme::Wss) || tls(Scheme::Mqtts) => Some(wants_tls(case)),
        Scheme::Wss if http(Scheme::Ws) && !passed => Some(is_plain(case)),
        _ => None,
    }
}

/// Whether a line tells of an HTTP status: `HTTP 404 Not Found`, `HTTP/1.1 400`.
fn has_status(seen: &str) -> bool {
    let mut after = seen.split("HTTP").skip(1);
    after.any(|rest| {
        rest.starts_with('/') || rest.trim_start().starts_with(|c: char| c.is_ascii_digit())
    })
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
