//! What a CONNACK says, code for code (MQTT 3.1.1, table 3.1; MQTT 5.0, table 3.1 of section 3.2.2.2).
//!
//! Brokers use 4, 5, 0x86 and 0x87 for each other, mosquitto 5 for a wrong password, so the four are one cause. A code that
//! belongs to another packet is a refusal in the broker's own words, because what it means here only the broker knows.

use mqttscope_model::{Authentication, BrokerAnswer, ConnectStage, ErrorCode, Named, ReasonCode};

use super::{Case, Found, tls};
use crate::fixes::place_of;
use crate::words::NONE;
use crate::{CauseCode as C, Fix, FixCode as F};

pub(super) fn causes(case: &Case<'_>) -> Vec<Found> {
    use ErrorCode as E;
    let found = match case.error.code {
        E::MqttRefused if is_about_empty_identifier(case) => {
            return vec![client_id(case), by_code(case)];
        }
        // The library reads a code that it does not know as no MQTT at all; the broker's no is nevertheless clear.
        E::MqttMalformed | E::MqttProtocolError if is_refusal(case) => by_code(case),
        E::MqttVersionRefused => version(case),
        E::MqttClientIdRefused => client_id(case),
        // Some brokers take the user from the client certificate, and go on without one until here.
        E::MqttNotAuthorised if tls::misses_client_certificate(case) => {
            return vec![not_authorised(case), tls::client_certificate_missing(case)];
        }
        E::MqttNotAuthorised => not_authorised(case),
        E::MqttAuthenticationUnsupported => method(case),
        E::MqttAuthenticationFailed => authentication(case, C::AuthenticationFailed),
        E::MqttServerNotAuthentic => authentication(case, C::ServerNotAuthentic),
        E::MqttPacketTooLarge => too_large(case),
        E::MqttUnavailable | E::MqttRefused => by_code(case),
        _ => return Vec::new(),
    };
    vec![found]
}

/// Whether a CONNACK says no, whatever the error says.
fn is_refusal(case: &Case<'_>) -> bool {
    let connack = case.facts.mqtt.as_ref().and_then(|mqtt| mqtt.connack.as_ref());
    connack.is_some_and(|connack| connack.reason.0 != 0) && case.stage == Some(ConnectStage::Mqtt)
}

/// Mosquitto says no more than "unspecified error" to an empty Client Identifier that it does not take.
fn is_about_empty_identifier(case: &Case<'_>) -> bool {
    let empty = case.facts.mqtt.as_ref().is_some_and(|mqtt| mqtt.client_id.is_empty());
    empty && code(case) == Some(ReasonCode(0x80))
}

/// What the broker answered: its DISCONNECT where it sent one, else its CONNACK.
pub(super) fn answer<'a>(case: &'a Case<'_>) -> Option<&'a BrokerAnswer> {
    let mqtt = case.facts.mqtt.as_ref()?;
    mqtt.disconnect.as_ref().or(mqtt.connack.as_ref())
}

/// The Reason Code or Return Code; none where it is not known.
pub(super) fn code(case: &Case<'_>) -> Option<ReasonCode> {
    if let Some(answer) = answer(case) {
        return Some(answer.reason);
    }
    let said = case.detail("reason").split(' ').next()?;
    let code = match said.strip_prefix("0x") {
        Some(digits) => u8::from_str_radix(digits, 16),
        None => said.parse(),
    };
    code.ok().map(ReasonCode)
}

/// Its number and name, and the Reason String: `0x89 Server busy, "come back later"`.
pub(super) fn reason(case: &Case<'_>) -> String {
    let shown = match answer(case) {
        Some(answer) if answer.reason_name.starts_with("0x") => answer.reason_name.clone(),
        Some(answer) if answer.reason.is_error() => {
            format!("0x{:02X} {}", answer.reason.0, answer.reason_name)
        }
        Some(answer) => format!("{} {}", answer.reason.0, answer.reason_name),
        None => case.detail("reason").to_owned(),
    };
    match reason_string(case) {
        "" => shown,
        said => format!("{shown}, \"{said}\""),
    }
}

fn reason_string<'a>(case: &'a Case<'_>) -> &'a str {
    let said = answer(case).and_then(|answer| answer.reason_string.as_deref());
    said.unwrap_or_else(|| case.detail("reason_string"))
}

/// A property of the answer by the specification's name.
fn property<'a>(case: &'a Case<'_>, name: &str) -> Option<&'a str> {
    let properties = &answer(case)?.properties;
    let found = properties.iter().find(|Named { name: its, .. }| its.eq_ignore_ascii_case(name))?;
    Some(&found.value)
}

/// A cause with the broker's reason.
pub(super) fn said(case: &Case<'_>, cause: C) -> Found {
    let found = case.found(cause).with("reason", reason(case));
    match code(case) {
        Some(code) if code.is_error() => found.with("reason_code", format!("{:02x}", code.0)),
        Some(code) => found.with("return_code", code.0),
        None => found,
    }
    .with("reason_string", reason_string(case))
}

fn version(case: &Case<'_>) -> Found {
    said(case, C::VersionRefused)
        .with("version", case.profile.version)
        .fixes(case.fixes.other_versions())
        .fix(case.fixes.advice(F::ReadBrokerLog))
}

fn client_id(case: &Case<'_>) -> Found {
    let sent = case.facts.mqtt.as_ref().map(|mqtt| mqtt.client_id.clone());
    let sent = sent.unwrap_or_else(|| case.profile.client_id.clone());
    said(case, C::ClientIdRefused)
        .with("client_id", sent)
        .fix(case.fixes.use_plain_client_id())
        .fix(case.fixes.field(F::MendField, "client_id"))
        .fix(case.fixes.advice(F::AskForPermission))
}

fn not_authorised(case: &Case<'_>) -> Found {
    said(case, C::NotAuthorised)
        .fixes(case.fixes.by_provider())
        .fix(case.fixes.field(F::CheckCredentials, "user_name"))
        .fix(case.fixes.advice(F::AskForPermission))
        .fix(case.fixes.advice(F::ReadBrokerLog))
}

fn method(case: &Case<'_>) -> Found {
    let method = match &case.profile.authentication {
        Some(Authentication::Scram { hash }) => hash.method(),
        Some(Authentication::Other { name, .. }) => name,
        None => NONE,
    };
    said(case, C::AuthenticationMethod)
        .with("method", method)
        .fix(case.fixes.without_authentication())
        .fix(case.fixes.field(F::CheckCredentials, "user_name"))
        .fix(case.fixes.advice(F::AskForPermission))
}

fn authentication(case: &Case<'_>, cause: C) -> Found {
    let found = said(case, cause);
    if cause == C::ServerNotAuthentic {
        // Without the exchange the password would go in clear to one that is perhaps not the broker.
        return found.fix(case.fixes.check_name()).fix(case.fixes.advice(F::ReadBrokerLog));
    }
    found
        .fix(case.fixes.field(F::CheckCredentials, "user_name"))
        .fix(case.fixes.without_authentication())
        .fix(case.fixes.advice(F::AskForPermission))
}

fn too_large(case: &Case<'_>) -> Found {
    let limit = property(case, "Maximum Packet Size").unwrap_or_default();
    said(case, C::PacketTooLarge)
        .with("limit", limit)
        .fix(case.fixes.without_will())
        .fix(case.fixes.advice(F::ReadBrokerLog))
}

/// A code that has no error of its own.
fn by_code(case: &Case<'_>) -> Found {
    let fixes = &case.fixes;
    let log = || fixes.advice(F::ReadBrokerLog);
    let wait = || fixes.advice(F::WaitAndRetry);
    match code(case).map(|code| code.0) {
        Some(1 | 0x84) => version(case),
        Some(2 | 0x85) => client_id(case),
        Some(4 | 5 | 0x86 | 0x87) => not_authorised(case),
        Some(0x8c) => method(case),
        Some(0x95) => too_large(case),
        Some(3 | 0x88 | 0x89 | 0x8b) => {
            said(case, C::Unavailable).fix(wait()).fix(fixes.advice(F::CheckBrokerRuns))
        }
        Some(0x81 | 0x82) => said(case, C::ConnectRefusedAsInvalid)
            .fixes(fixes.by_provider())
            .fix(log())
            .fixes(fixes.other_versions())
            .fix(fixes.without_will()),
        Some(0x8a) => said(case, C::Banned).fix(fixes.advice(F::AskForPermission)).fix(log()),
        Some(0x97) => said(case, C::QuotaExceeded)
            .fix(wait())
            .fix(fixes.advice(F::EndOtherClient))
            .fix(fixes.advice(F::AskForPermission)),
        Some(0x9f) => said(case, C::RateExceeded).fix(wait()).fix(log()),
        Some(0x9c | 0x9d) => another_server(case),
        Some(0x90) => about_will(case, C::TopicRefused, None),
        Some(0x99) => about_will(case, C::PayloadFormat, None),
        Some(0x9a) => about_will(case, C::RetainRefused, fixes.without_will_retain()),
        Some(0x9b) => about_will(case, C::QosRefused, will_qos(case)),
        None if case.error.code == ErrorCode::MqttUnavailable => {
            said(case, C::Unavailable).fix(wait()).fix(log())
        }
        _ => said(case, C::Refused)
            .fixes(fixes.by_provider())
            .fix(log())
            .fix(fixes.advice(F::AskForPermission)),
    }
}

fn about_will(case: &Case<'_>, cause: C, best: Option<Fix>) -> Found {
    let will = case.profile.will.as_ref();
    said(case, cause)
        .with("topic", will.map(|will| will.topic.clone()).unwrap_or_default())
        .with("qos", will.map(|will| u8::from(will.qos).to_string()).unwrap_or_default())
        .fix(best)
        .fix(case.fixes.without_will())
        .fix(case.fixes.advice(F::ReadBrokerLog))
}

/// The highest QoS that the broker says it takes; without a word of it the one that every broker takes.
fn will_qos(case: &Case<'_>) -> Option<Fix> {
    let highest = property(case, "Maximum QoS").and_then(|value| value.parse().ok()).unwrap_or(0);
    case.fixes.use_will_qos(highest)
}

/// The server that an answer names (MQTT 5.0, section 4.13): a list with spaces, of which the first is taken.
pub(super) fn server_reference<'a>(case: &'a Case<'_>) -> &'a str {
    let named = answer(case).and_then(|answer| answer.server_reference.as_deref());
    named.unwrap_or_else(|| case.detail("server_reference"))
}

/// The fix that goes there.
pub(super) fn go_to_reference(case: &Case<'_>) -> Option<Fix> {
    let first = server_reference(case).split_whitespace().next()?;
    case.fixes.go_to(&place_of(first)?)
}

fn another_server(case: &Case<'_>) -> Found {
    said(case, C::AnotherServer)
        .with("server", server_reference(case))
        .fix(go_to_reference(case))
        .fix(case.fixes.advice(F::AskForPermission))
}
