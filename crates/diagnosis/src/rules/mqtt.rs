//! CONNECT was sent and no CONNACK came, or something that is none.

use mqttscope_model::{ErrorCode, ProtocolVersion, Scheme, StreamEnd};

use super::{Case, Found, port, tls, websocket};
use crate::{CauseCode as C, FixCode as F};

pub(super) fn causes(case: &Case<'_>) -> Vec<Found> {
    match case.error.code {
        ErrorCode::MqttTimedOut => timed_out(case),
        ErrorCode::MqttClosed => closed(case),
        ErrorCode::MqttMalformed => malformed(case),
        ErrorCode::MqttProtocolError => vec![not_mqtt(case)],
        _ => Vec::new(),
    }
}

fn timed_out(case: &Case<'_>) -> Vec<Found> {
    if let Some(found) = port::by_other_schemes(case) {
        return vec![found];
    }
    let endpoint = &case.profile.endpoint;
    let plain = endpoint.scheme == Scheme::Mqtt;
    let upgraded = endpoint.scheme.is_websocket();
    let no_connack = case
        .found(C::NoConnack)
        .fixes(case.fixes.by_provider())
        .fix(websocket::usual_path(case).filter(|_| upgraded))
        .fix(case.fixes.try_other_schemes().filter(|_| !upgraded))
        .fix(case.fixes.allow_more_time())
        .fix(case.fixes.advice(F::ReadBrokerLog));
    if !plain || !case.facts.other_schemes.is_empty() {
        // TLS or WebSocket answered, so somebody is there.
        return vec![no_connack];
    }
    if port::is_usual_for_tls(endpoint.port) {
        return vec![port::wants_tls(case), no_connack];
    }
    vec![no_connack, port::is_silent(case)]
}

fn closed(case: &Case<'_>) -> Vec<Found> {
    if let Some(found) = port::by_other_schemes(case) {
        return vec![found];
    }
    if is_other_websocket(case) {
        return vec![other_websocket(case)];
    }
    if let Some(found) = tls::wants_aws_alpn(case) {
        return vec![found, closed_by_broker(case)];
    }
    let endpoint = &case.profile.endpoint;
    if endpoint.scheme.is_tls() {
        // TLS 1.3 judges the client certificate after the handshake, and not every broker says so.
        if tls::misses_client_certificate(case) {
            return vec![tls::client_certificate_missing(case), closed_by_broker(case)];
        }
        if tls::sent_client_certificate(case) {
            return vec![closed_by_broker(case), tls::client_certificate_rejected(case)];
        }
        return vec![closed_by_broker(case)];
    }
    let probed = !case.facts.other_schemes.is_empty();
    if endpoint.scheme != Scheme::Mqtt || probed || case.facts.first_bytes.is_some() {
        return vec![closed_by_broker(case)];
    }
    // A TLS library reads five bytes of CONNECT and gives up; closing with the rest unread is a reset. A broker has read it
    // all before it dislikes it.
    let end = case.facts.mqtt.as_ref().and_then(|mqtt| mqtt.end);
    let is_likely = end == Some(StreamEnd::Reset) || port::is_usual_for_tls(endpoint.port);
    match (is_likely, endpoint.port) {
        (true, port) if port != 1883 => vec![port::wants_tls(case), closed_by_broker(case)],
        _ => vec![closed_by_broker(case), port::wants_tls(case)],
    }
}

/// What came over the WebSocket was text: whoever listens on this path speaks something else (`[MQTT-6.0.0-1]`).
fn is_other_websocket(case: &Case<'_>) -> bool {
    case.profile.endpoint.scheme.is_websocket() && case.detail("reason").contains("text frame")
}

fn other_websocket(case: &Case<'_>) -> Found {
    case.found(C::NotMqtt)
        .with("reason", case.detail("reason"))
        .fixes(case.fixes.usual_paths())
        .fix(case.fixes.use_any_port())
        .fix(case.fixes.advice(F::ConfigureGateway))
}

fn closed_by_broker(case: &Case<'_>) -> Found {
    let fixes = &case.fixes;
    let five = case.profile.version == ProtocolVersion::V5;
    let older = fixes.use_version(ProtocolVersion::V311).filter(|_| five);
    case.found(C::ClosedBeforeConnack)
        .with("reason", case.detail("reason"))
        .fixes(fixes.by_provider())
        .fix(older)
        .fix(fixes.field(F::CheckCredentials, "user_name"))
        .fix(fixes.use_plain_client_id())
        .fix(fixes.try_other_schemes().filter(|_| !case.profile.endpoint.scheme.is_websocket()))
        .fix(fixes.without_will())
        .fix(fixes.advice(F::ReadBrokerLog))
}

fn malformed(case: &Case<'_>) -> Vec<Found> {
    if let Some(found) = port::by_other_schemes(case) {
        return vec![found];
    }
    if is_other_websocket(case) {
        return vec![other_websocket(case)];
    }
    let Some(first) = &case.facts.first_bytes else { return vec![not_mqtt(case)] };
    let found = match port::spoken(case) {
        Some("MQTT") => None,
        Some(spoken) => port::by_spoken(case, spoken),
        // A greeting in letters is another service's; bytes of no known kind may be a broken broker's.
        None if is_text(&first.bytes.0) => Some(port::is_other(case)),
        None => None,
    };
    vec![found.unwrap_or_else(|| not_mqtt(case))]
}

fn is_text(bytes: &[u8]) -> bool {
    bytes.len() >= 4 && bytes.iter().all(|b| matches!(b, b' '..=b'~' | b'\r' | b'\n' | b'\t'))
}

fn not_mqtt(case: &Case<'_>) -> Found {
    let connack = case.facts.mqtt.as_ref().is_some_and(|mqtt| mqtt.connack.is_some());
    let is_broker =
        connack || port::spoken(case) == Some("MQTT") || case.facts.first_bytes.is_none();
    let reason = match (case.detail("reason"), case.detail("evidence")) {
        ("", evidence) => evidence.to_owned(),
        (reason, "") => reason.to_owned(),
        (reason, evidence) => format!("{reason}: {evidence}"),
    };
    let found = case.found(C::NotMqtt).with("reason", reason);
    if is_broker {
        found
            .fixes(case.fixes.other_versions())
            .fix(case.fixes.advice(F::UpdateBroker))
            .fix(case.fixes.advice(F::ReadBrokerLog))
    } else {
        found
            .fix(
                websocket::usual_path(case).filter(|_| case.profile.endpoint.scheme.is_websocket()),
            )
            .fix(case.fixes.use_any_port())
            .fix(case.fixes.try_other_schemes())
            .fixes(case.fixes.other_versions())
    }
}
