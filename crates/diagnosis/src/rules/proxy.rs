//! The proxy on the way.

use mqttscope_model::{ErrorCode, Proxy};
use serde_json::{Value, json};

use super::{Case, Found};
use crate::words::NONE;
use crate::{CauseCode as C, Fix, FixCode as F};

pub(super) fn causes(case: &Case<'_>) -> Vec<Found> {
    use ErrorCode as E;
    let fixes = &case.fixes;
    let code = if is_web_server(case) { E::ProxyNotSpoken } else { case.error.code };
    let found = match code {
        E::ProxyUnreachable => case
            .found_for_reason(C::ProxyUnreachable)
            .fix(fixes.field(F::CheckProxy, "proxy"))
            .fix(fixes.without_proxy()),
        E::ProxyUnauthorised => case
            .found(C::ProxyCredentials)
            .fix(fixes.field(F::ProxyCredentials, "proxy"))
            .fix(fixes.without_proxy()),
        E::ProxyForbidden => case
            .found(C::ProxyForbidden)
            .fix(fixes.without_proxy())
            .fix(fixes.advice(F::AskForPermission)),
        E::ProxyBrokerUnreachable => case
            .found(C::ProxyBrokerUnreachable)
            .with("answer", answer(case))
            .fix(fixes.advice(F::CheckBrokerRuns))
            .fix(fixes.check_name())
            .fix(fixes.without_proxy()),
        E::ProxyNotSpoken => case
            .found(C::ProxyNotSpoken)
            .with("kind", kind(case))
            .fix(other_kind(case))
            .fix(fixes.field(F::CheckProxy, "proxy"))
            .fix(fixes.without_proxy()),
        E::ProxyRefused | E::ProxyClosed | E::ProxyTimedOut => case
            .found_for_error(C::ProxyFailed)
            .with("answer", answer(case))
            .fix(fixes.field(F::CheckProxy, "proxy"))
            .fix(fixes.without_proxy()),
        _ => return Vec::new(),
    };
    vec![found.with("proxy", address(case))]
}

/// Web servers that are no proxies answer CONNECT like this; a proxy that does not want to says 403, 407 or 5xx.
fn is_web_server(case: &Case<'_>) -> bool {
    matches!(case.error.code, ErrorCode::ProxyRefused | ErrorCode::ProxyForbidden)
        && matches!(case.detail("status"), "400" | "404" | "405" | "501")
}

fn address(case: &Case<'_>) -> String {
    match (case.detail("proxy"), &case.facts.proxy) {
        ("", Some(proxy)) => proxy.address.clone(),
        (proxy, _) => proxy.to_owned(),
    }
}

fn answer(case: &Case<'_>) -> String {
    match (case.detail("answer"), &case.facts.proxy) {
        ("", Some(proxy)) => proxy.answer.clone(),
        (answer, _) => answer.to_owned(),
    }
}

fn kind(case: &Case<'_>) -> &'static str {
    let said = case.facts.proxy.as_ref().map(|proxy| proxy.kind.as_str());
    match (said, &case.profile.proxy) {
        (Some("socks5"), _) | (None, Proxy::Socks5 { .. }) => "SOCKS 5",
        (Some("http"), _) | (None, Proxy::Http { .. }) => "HTTP",
        _ => NONE,
    }
}

/// The other kind, where the first bytes show it: a SOCKS proxy answers with its version (RFC 1928, section 3).
fn other_kind(case: &Case<'_>) -> Option<Fix> {
    let first = case.facts.first_bytes.as_ref()?;
    let as_kind = |kind: &str, server: &_| -> Value { json!({ "kind": kind, "server": server }) };
    let (shown, proxy) = match &case.profile.proxy {
        // SOCKS reads two bytes and sees enough.
        Proxy::Socks5 { server } if first.bytes.0.starts_with(b"HT") => {
            ("HTTP", as_kind("http", server))
        }
        Proxy::Http { server } if first.bytes.0.first() == Some(&5) => {
            ("SOCKS 5", as_kind("socks5", server))
        }
        _ => return None,
    };
    case.fixes.set(F::CheckProxy, &[("kind", shown)], &[("proxy", proxy)])
}
