//! The TLS handshake, but for the broker's certificate.

use mqttscope_model::{ErrorCode, TlsFacts};

use super::{Case, Found, port};
use crate::fixes::is_aws;
use crate::words::NONE;
use crate::{CauseCode as C, FixCode as F};

pub(super) fn causes(case: &Case<'_>) -> Vec<Found> {
    use ErrorCode as E;
    match case.error.code {
        E::TlsNotSpoken => not_spoken(case),
        E::TlsVersionUnsupported => vec![version(case)],
        E::TlsClientCertificateRequired => vec![client_certificate_missing(case)],
        E::TlsClientCertificateRejected => vec![client_certificate_rejected(case)],
        E::TlsAlpnRefused => vec![alpn(case)],
        E::TlsServerNameRefused => vec![server_name(case)],
        E::TlsClosed => closed(case),
        E::TlsTimedOut => timed_out(case),
        E::TlsNoCommonCipher => no_common_cipher(case),
        E::TlsFailed => failed(case),
        _ => Vec::new(),
    }
}

/// What the handshake showed.
fn facts<'a>(case: &'a Case<'_>) -> Option<&'a TlsFacts> {
    case.facts.tls.as_ref()
}

fn not_spoken(case: &Case<'_>) -> Vec<Found> {
    if let Some(found) = port::by_other_schemes(case)
        .or_else(|| port::by_first_bytes(case))
        .or_else(|| port::by_spoken(case, case.detail("spoken")))
    {
        return vec![found];
    }
    if case.detail("spoken").is_empty() && case.facts.first_bytes.is_none() {
        // Not a byte came: what does not speak TLS ends like this, and what does not like us too.
        return vec![port::is_plain(case), closed_without_reason(case)];
    }
    vec![port::is_plain(case)]
}

fn version(case: &Case<'_>) -> Found {
    let offered = match (case.detail("offered"), facts(case)) {
        ("", Some(tls)) => tls.offered_versions.join(", "),
        (offered, _) => offered.to_owned(),
    };
    case.found(C::TlsVersion)
        .with("offered", offered)
        .fix(case.fixes.allow_tls_versions())
        .fix(case.fixes.advice(F::UpdateBroker))
}

/// The broker asked for a certificate and got none.
pub(super) fn client_certificate_missing(case: &Case<'_>) -> Found {
    let authorities = facts(case).map(|tls| tls.client_authorities.join("; "));
    case.found(C::ClientCertificateMissing)
        .with("authorities", authorities.unwrap_or_default())
        .fix(case.fixes.field(F::ChooseClientCertificate, "tls.client_certificate"))
}

/// The broker got one and does not like it.
pub(super) fn client_certificate_rejected(case: &Case<'_>) -> Found {
    let own = facts(case).and_then(|tls| tls.client_certificate.as_ref());
    let subject = own.map(|own| own.subject.clone()).unwrap_or_default();
    let issuer = own.map(|own| own.issuer.clone()).unwrap_or_default();
    let until = own.map(|own| super::day(own.not_after_s)).unwrap_or_default();
    case.found(C::ClientCertificateRejected)
        .with("subject", subject)
        .with("issuer", issuer)
        .with("until", until)
        .with("alert", case.detail("alert"))
        .fix(case.fixes.field(F::ChooseClientCertificate, "tls.client_certificate"))
        .fix(case.fixes.advice(F::ReadBrokerLog))
}

/// Whether the broker asked for a certificate that we did not send.
pub(super) fn misses_client_certificate(case: &Case<'_>) -> bool {
    facts(case).is_some_and(|tls| tls.client_certificate_asked && tls.client_certificate.is_none())
        && case.profile.tls.client_certificate.is_none()
}

/// Whether the broker got a certificate of ours.
pub(super) fn sent_client_certificate(case: &Case<'_>) -> bool {
    facts(case).is_some_and(|tls| tls.client_certificate.is_some())
}

/// No ALPN protocol that the broker knows was offered.
pub(super) fn alpn(case: &Case<'_>) -> Found {
    let offered = match facts(case) {
        Some(tls) => &tls.offered_alpn,
        None => &case.profile.tls.alpn,
    };
    let found = case.found(C::AlpnRefused).with("offered", offered.join(", "));
    let endpoint = &case.profile.endpoint;
    let (wanted, without) = (case.fixes.use_alpn(), case.fixes.without_alpn());
    let found = if is_aws(&endpoint.host) && endpoint.port == 443 {
        found.fix(wanted).fix(without)
    } else {
        // Most brokers know no ALPN at all, so what was offered is left out before another is guessed.
        found.fix(without).fix(wanted)
    };
    found.fix(case.fixes.field(F::MendField, "tls.alpn"))
}

/// The broker wants to be called by its own name.
pub(super) fn server_name(case: &Case<'_>) -> Found {
    let sent = match facts(case) {
        Some(tls) => tls.server_name.clone().unwrap_or_default(),
        None => case.detail("name").to_owned(),
    };
    let is_name = case.profile.endpoint.host.parse::<std::net::IpAddr>().is_err();
    let host = [case.profile.endpoint.host.clone()];
    let found = case.found(C::ServerNameRefused).with("name", sent);
    let found = if is_name {
        // A name of its own in the profile hides the host's.
        found
            .fix(case.fixes.use_server_name(&host))
            .fix(case.fixes.field(F::UseServerName, "tls.server_name"))
    } else {
        found
    };
    found.fix(case.fixes.field(F::UseHost, "endpoint.host"))
}

fn closed(case: &Case<'_>) -> Vec<Found> {
    let mut found = Vec::new();
    if misses_client_certificate(case) {
        found.push(client_certificate_missing(case));
    }
    if facts(case).is_some_and(|tls| tls.server_name.is_none()) {
        found.push(server_name(case));
    }
    found.push(closed_without_reason(case));
    if sent_client_certificate(case) {
        found.push(client_certificate_rejected(case));
    }
    found
}

fn closed_without_reason(case: &Case<'_>) -> Found {
    case.found(C::TlsClosed)
        .fix(case.fixes.try_other_schemes())
        .fix(case.fixes.advice(F::ReadBrokerLog))
}

fn timed_out(case: &Case<'_>) -> Vec<Found> {
    let began = case.facts.first_bytes.is_some()
        || !case.detail("first_bytes").is_empty()
        || facts(case).is_some_and(|tls| tls.version.is_some() || !tls.chain.is_empty());
    if began {
        let found = case
            .found(C::TlsTimedOut)
            .fix(case.fixes.allow_more_time())
            .fix(case.fixes.advice(F::CheckNetwork))
            .fix(case.fixes.advice(F::ReadBrokerLog));
        return vec![found];
    }
    vec![port::by_other_schemes(case).unwrap_or_else(|| port::is_silent(case))]
}

/// Nothing in common; servers of many names refuse a handshake without a name like this too.
fn no_common_cipher(case: &Case<'_>) -> Vec<Found> {
    let mut found = Vec::new();
    if misses_client_certificate(case) {
        found.push(client_certificate_missing(case));
    }
    found.push(
        case.found(C::TlsNoCommonCipher)
            .fix(case.fixes.allow_tls_versions())
            .fix(case.fixes.advice(F::UpdateBroker))
            .fix(case.fixes.advice(F::ReadBrokerLog)),
    );
    if facts(case).is_some_and(|tls| tls.server_name.is_none()) {
        found.push(server_name(case));
    }
    found
}

fn failed(case: &Case<'_>) -> Vec<Found> {
    let alert = alert(case);
    if alert == "handshakefailure" || alert == "insufficientsecurity" {
        return no_common_cipher(case);
    }
    let rest = case
        .found_for_reason(C::TlsFailed)
        .with("alert", if alert.is_empty() { NONE } else { alert.as_str() })
        .fix(case.fixes.allow_tls_versions())
        .fix(case.fixes.advice(F::ReadBrokerLog))
        .fix(case.fixes.advice(F::UpdateBroker));
    let mut found = Vec::new();
    if !alert.is_empty() && misses_client_certificate(case) {
        found.push(client_certificate_missing(case));
    } else if !alert.is_empty() && sent_client_certificate(case) {
        found.push(client_certificate_rejected(case));
    }
    found.push(rest);
    // Servers of many names that have no certificate for this one say no more than this.
    let unshown = facts(case).is_some_and(|tls| tls.chain.is_empty());
    if alert == "internalerror" && unshown && !misses_client_certificate(case) {
        found.push(server_name(case));
    }
    found
}

/// The alert that came, in lower case and without underscores: RFC 8446 and the library write them differently.
fn alert(case: &Case<'_>) -> String {
    let said = facts(case).and_then(|tls| tls.alert.clone()).unwrap_or_default();
    let said = match (said.as_str(), case.detail("alert")) {
        ("", "") => case.detail("reason").split_once("alert ").map_or("", |(_, name)| name),
        ("", alert) => alert,
        (alert, _) => alert,
    };
    said.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase()
}

/// What AWS does on 443 without its ALPN protocol: it takes the connection for HTTPS.
pub(super) fn wants_aws_alpn(case: &Case<'_>) -> Option<Found> {
    let endpoint = &case.profile.endpoint;
    let unasked = case.profile.tls.alpn.iter().all(|name| name != "x-amzn-mqtt-ca");
    let is_aws = endpoint.scheme == mqttscope_model::Scheme::Mqtts
        && endpoint.port == 443
        && is_aws(&endpoint.host);
    (is_aws && unasked).then(|| alpn(case))
}
