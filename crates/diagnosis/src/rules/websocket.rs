//! The WebSocket request and what web servers, gateways and proxies answer.

use mqttscope_model::{ErrorCode, ProtocolVersion, Scheme, WebSocketFacts};
use serde_json::json;

use super::{Case, Found, port, redirect, tls};
use crate::{CauseCode as C, FixCode as F};

pub(super) fn causes(case: &Case<'_>) -> Vec<Found> {
    use ErrorCode as E;
    let fixes = &case.fixes;
    let found = match code_of(case) {
        E::WebSocketPathNotFound => answered(case, C::PathNotFound)
            .fix(fixes.provider_way())
            .fixes(fixes.usual_paths())
            .fix(fixes.use_port())
            .fix(fixes.advice(F::ConfigureGateway)),
        E::WebSocketRedirected => return redirect::causes(case),
        E::WebSocketUnauthorised | E::WebSocketNotUpgraded | E::WebSocketRefused
            if says_certificate(case) =>
        {
            if tls::sent_client_certificate(case) {
                tls::client_certificate_rejected(case)
            } else {
                tls::client_certificate_missing(case)
            }
        }
        E::WebSocketUnauthorised if tls::misses_client_certificate(case) => {
            return vec![unauthorised(case), tls::client_certificate_missing(case)];
        }
        E::WebSocketUnauthorised => unauthorised(case),
        E::WebSocketGatewayFailed => answered(case, C::GatewayFailed)
            .fix(fixes.advice(F::CheckBrokerRuns))
            .fix(fixes.advice(F::ConfigureGateway))
            .fix(fixes.advice(F::WaitAndRetry)),
        E::WebSocketNotUpgraded => not_upgraded(case),
        // RFC 6585, section 6: what a network says that wants a login first.
        E::WebSocketRefused if status(case) == "511" => {
            web_page(case).fix(fixes.advice(F::LogInToNetwork)).fix(fixes.advice(F::CheckNetwork))
        }
        E::WebSocketRefused => answered(case, C::HttpRefused)
            .fix(fixes.advice(F::WaitAndRetry).filter(|_| status(case) == "429"))
            .fix(usual_path(case))
            .fix(fixes.advice(F::ConfigureGateway))
            .fix(fixes.advice(F::ReadBrokerLog)),
        E::WebSocketSubprotocol => subprotocol(case),
        E::WebSocketNotSpoken => not_spoken(case),
        E::WebSocketTlsWanted => port::wants_tls(case),
        E::WebSocketClosed => return closed(case),
        E::WebSocketTimedOut => return timed_out(case),
        E::WebSocketFailed => failed(case),
        _ => return Vec::new(),
    };
    vec![found]
}

/// The error's code; where the library did not like an answer that has a status nevertheless (HTTP/1.0, a body that breaks
/// off), the code that the status would have had.
fn code_of(case: &Case<'_>) -> ErrorCode {
    use ErrorCode as E;
    let code = case.error.code;
    if !matches!(code, E::WebSocketFailed | E::WebSocketClosed | E::WebSocketTimedOut) {
        return code;
    }
    match facts(case).and_then(|facts| facts.status) {
        None | Some(0..=199) => code,
        Some(200..=299 | 400 | 426) => E::WebSocketNotUpgraded,
        Some(300..=399) => E::WebSocketRedirected,
        Some(401 | 403 | 407) => E::WebSocketUnauthorised,
        Some(404) => E::WebSocketPathNotFound,
        Some(502..=504) => E::WebSocketGatewayFailed,
        Some(_) => E::WebSocketRefused,
    }
}

fn facts<'a>(case: &'a Case<'_>) -> Option<&'a WebSocketFacts> {
    case.facts.websocket.as_ref()
}

/// The HTTP status as text; empty where none came.
pub(super) fn status(case: &Case<'_>) -> String {
    let seen = facts(case).and_then(|facts| facts.status).map(|status| status.to_string());
    seen.unwrap_or_else(|| case.detail("status").to_owned())
}

fn answered(case: &Case<'_>, code: C) -> Found {
    case.found(code).with("status", status(case))
}

/// The path that brokers use, where the profile has another.
pub(super) fn usual_path(case: &Case<'_>) -> Option<crate::Fix> {
    case.fixes
        .use_path(crate::fixes::USUAL_PATH)
        .filter(|_| super::shown_path(&case.profile.endpoint.path) != crate::fixes::USUAL_PATH)
}

fn unauthorised(case: &Case<'_>) -> Found {
    let fixes = &case.fixes;
    let header = fixes.field(F::GiveHttpCredentials, "websocket.headers");
    match status(case).as_str() {
        "403" => answered(case, C::HttpForbidden)
            .fix(usual_path(case))
            .fix(fixes.advice(F::AskForPermission))
            .fix(header),
        "407" => answered(case, C::HttpCredentials)
            .fix(fixes.field(F::ProxyCredentials, "proxy"))
            .fix(fixes.advice(F::AskForPermission)),
        _ => answered(case, C::HttpCredentials).fix(header).fix(fixes.advice(F::AskForPermission)),
    }
}

fn not_upgraded(case: &Case<'_>) -> Found {
    if status(case).starts_with('2') {
        let page = web_page(case);
        let secure = case.profile.endpoint.scheme == Scheme::Wss;
        let portal = case.fixes.advice(F::LogInToNetwork).filter(|_| !secure);
        return page
            .fix(usual_path(case))
            .fix(portal)
            .fix(case.fixes.use_port())
            .fix(case.fixes.advice(F::ConfigureGateway));
    }
    if wants_tls(case) {
        return port::wants_tls(case);
    }
    answered(case, C::UpgradeNotPassed)
        .fix(usual_path(case))
        .fix(case.fixes.advice(F::ConfigureGateway))
        .fix(case.fixes.use_port())
}

/// nginx ends the TLS handshake well and says in HTTP that it wants a client certificate, or another one.
fn says_certificate(case: &Case<'_>) -> bool {
    let asked = case.facts.tls.as_ref().is_some_and(|tls| tls.client_certificate_asked);
    let body = facts(case).map(|facts| facts.body.to_ascii_lowercase()).unwrap_or_default();
    asked && (body.contains("ssl certificate") || matches!(status(case).as_str(), "495" | "496"))
}

/// What web servers say in clear on a port that wants TLS (Apache; Tomcat).
fn wants_tls(case: &Case<'_>) -> bool {
    let body = facts(case).map(|facts| facts.body.to_ascii_lowercase()).unwrap_or_default();
    let said = ["plain http to an ssl-enabled", "host and port requires tls"];
    case.profile.endpoint.scheme == Scheme::Ws && said.iter().any(|words| body.contains(words))
}

/// A page for people.
pub(super) fn web_page(case: &Case<'_>) -> Found {
    answered(case, C::WebPage)
}

fn subprotocol(case: &Case<'_>) -> Found {
    let fixes = &case.fixes;
    let wanted = match facts(case) {
        Some(facts) if !facts.offered.is_empty() => facts.offered.clone(),
        _ => match case.detail("subprotocol") {
            "" => case.profile.version.websocket_subprotocol().to_owned(),
            wanted => wanted.to_owned(),
        },
    };
    let answered = match case.detail("answered") {
        "" => facts(case).and_then(|facts| facts.subprotocol.clone()).unwrap_or_default(),
        answered => answered.to_owned(),
    };
    let found =
        case.found(C::SubprotocolMissing).with("wanted", wanted).with("answered", &answered);
    let own = !case.profile.websocket.subprotocols.is_empty();
    let details = [("field", "websocket.subprotocols"), ("value", "[]")];
    let usual = [("websocket.subprotocols", json!([]))];
    let found = found.fix(fixes.set(F::MendField, &details, &usual).filter(|_| own));
    let version = match answered.as_str() {
        "mqttv3.1" => fixes.use_version(ProtocolVersion::V31),
        "mqtt" if case.profile.version == ProtocolVersion::V31 => {
            fixes.use_version(ProtocolVersion::V311)
        }
        _ => None,
    };
    // Another subprotocol than the offered ones stays against RFC 6455, section 4.1, whatever we require.
    let accept = [("websocket.require_subprotocol", json!(false))];
    let accept = fixes.set(F::AcceptWithoutSubprotocol, &[], &accept);
    found
        .fix(version)
        .fix(accept.filter(|_| answered.is_empty()))
        .fix(fixes.advice(F::ConfigureGateway))
        .fixes(fixes.usual_paths())
}

fn not_spoken(case: &Case<'_>) -> Found {
    port::by_first_bytes(case)
        .or_else(|| port::by_spoken(case, case.detail("spoken")))
        .unwrap_or_else(|| port::is_other(case))
}

fn failed(case: &Case<'_>) -> Found {
    case.found_for_reason(C::WebSocketFailed)
        .fix(case.fixes.try_other_schemes())
        .fix(usual_path(case))
        .fix(case.fixes.advice(F::ConfigureGateway))
}

/// Nothing was answered: a broker's MQTT port ends like this, one that wants TLS too.
fn closed(case: &Case<'_>) -> Vec<Found> {
    if let Some(found) = port::by_other_schemes(case) {
        return vec![found];
    }
    let rest = case
        .found_for_error(C::WebSocketFailed)
        .fix(case.fixes.try_other_schemes())
        .fix(case.fixes.advice(F::ReadBrokerLog));
    if !case.facts.other_schemes.is_empty() {
        return vec![rest];
    }
    let endpoint = &case.profile.endpoint;
    if endpoint.scheme == Scheme::Ws && port::is_usual_for_tls(endpoint.port) {
        return vec![port::wants_tls(case), rest];
    }
    let mut found = vec![port::is_mqtt(case), rest];
    found.extend((endpoint.scheme == Scheme::Ws).then(|| port::wants_tls(case)));
    found
}

fn timed_out(case: &Case<'_>) -> Vec<Found> {
    if let Some(found) = port::by_other_schemes(case) {
        return vec![found];
    }
    let rest = case
        .found_for_error(C::WebSocketFailed)
        .fix(case.fixes.try_other_schemes())
        .fix(case.fixes.allow_more_time())
        .fix(case.fixes.advice(F::ConfigureGateway));
    if facts(case).is_some_and(|facts| facts.status.is_some()) {
        return vec![rest];
    }
    vec![rest, port::is_silent(case)]
}
