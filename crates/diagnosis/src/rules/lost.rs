//! A connection that was there and ended.

use mqttscope_model::{ConnectStage, ErrorCode};

use super::{Case, Found, connack, over_time};
use crate::{CauseCode as C, FixCode as F};

pub(super) fn causes(case: &Case<'_>) -> Vec<Found> {
    use ErrorCode as E;
    let was_there = matches!(case.stage, Some(ConnectStage::Subscribe | ConnectStage::Staying));
    match case.error.code {
        E::MqttTakenOver => vec![over_time::taken_over(case)],
        E::MqttConnectionLost | E::RequestLost => over_time_or(case, connection_lost),
        E::MqttKeepAliveTimedOut => ping(case),
        E::MqttDisconnected => vec![disconnected(case)],
        E::MqttNotAuthorised | E::MqttRefused | E::MqttUnavailable | E::MqttPacketTooLarge
            if was_there && case.facts.subscribe.is_none() =>
        {
            vec![disconnected(case)]
        }
        E::MqttClosed | E::MqttTimedOut if was_there => over_time_or(case, connection_lost),
        _ => Vec::new(),
    }
}

fn over_time_or(case: &Case<'_>, else_: fn(&Case<'_>) -> Found) -> Vec<Found> {
    if let Some(facts) = &case.facts.subscribe
        && facts.closed_after_ms.is_some()
        && !facts.answers.is_empty()
        && case.stage == Some(ConnectStage::Subscribe)
    {
        // The rule of subscriptions knows more.
        return Vec::new();
    }
    let patterns = over_time::patterns(case);
    if patterns.is_empty() { vec![else_(case)] } else { patterns }
}

pub(super) fn connection_lost(case: &Case<'_>) -> Found {
    case.found(C::ConnectionLost)
        .with("reason", case.detail("reason"))
        .fix(case.fixes.advice(F::CheckNetwork))
        .fix(case.fixes.advice(F::ReadBrokerLog))
        .fix(case.fixes.advice(F::EndOtherClient))
}

fn ping(case: &Case<'_>) -> Vec<Found> {
    let unanswered = over_time::ping_unanswered(case);
    match over_time::regular_drops(case) {
        // A way that drops what is silent swallows the ping that comes too late.
        Some(regular) => vec![regular, unanswered],
        None => vec![unanswered],
    }
}

/// A DISCONNECT by its code (MQTT 5.0, table 3.10).
fn disconnected(case: &Case<'_>) -> Found {
    let fixes = &case.fixes;
    let found = connack::said(case, C::DisconnectedByBroker);
    let log = fixes.advice(F::ReadBrokerLog);
    match connack::code(case).map(|code| code.0) {
        Some(0x87 | 0x98) => found.fix(fixes.advice(F::AskForPermission)).fix(log),
        Some(0x89 | 0x8b | 0x96 | 0x97 | 0x9f | 0xa0) => {
            found.fix(fixes.advice(F::WaitAndRetry)).fix(log)
        }
        Some(0x8d) => found.fix(over_time::shorter_keep_alive(case)).fix(log),
        Some(0x9c | 0x9d) => found
            .with("server", connack::server_reference(case))
            .fix(connack::go_to_reference(case))
            .fix(fixes.advice(F::AskForPermission)),
        _ => found.fix(log),
    }
}
