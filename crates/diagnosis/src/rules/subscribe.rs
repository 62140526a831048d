//! The subscriptions of a diagnosis.

use mqttscope_model::{ConnectStage, ErrorCode, FilterState, ReasonCode, SubscriptionState};

use super::{Case, Found};
use crate::{CauseCode as C, FixCode as F};

/// Why the subscribe stage failed.
pub(super) fn causes(case: &Case<'_>) -> Vec<Found> {
    let unanswered = case.error.code == ErrorCode::SubscribeUnanswered;
    if case.stage != Some(ConnectStage::Subscribe) && !unanswered {
        return Vec::new();
    }
    let Some(facts) = &case.facts.subscribe else {
        return if unanswered { vec![not_answered(case)] } else { Vec::new() };
    };
    if facts.closed_after_ms.is_some() {
        // Where nothing was subscribed to, it is a connection that was lost while it was watched.
        let blamed = !facts.answers.is_empty();
        return blamed.then(|| closed(case, &facts.answers)).into_iter().collect();
    }
    let refused = refusals(case);
    match (refused.is_empty(), unanswered) {
        (true, true) => vec![not_answered(case)],
        _ => refused,
    }
}

/// What a connection that stands shows: subscriptions that were refused.
pub(super) fn noticed(case: &Case<'_>) -> Vec<Found> {
    refusals(case)
}

/// One cause a refused filter; the rest of a long list is told by the facts.
fn refusals(case: &Case<'_>) -> Vec<Found> {
    let answers = case.facts.subscribe.as_ref().map(|facts| facts.answers.as_slice());
    let refused = answers.unwrap_or_default().iter().find_map(|one| match one.answer {
        FilterState::Refused { reason } => Some((one, reason)),
        _ => None,
    });
    refused.map(|(one, reason)| self::refused(case, one, reason)).into_iter().collect()
}

fn refused(case: &Case<'_>, one: &SubscriptionState, reason: ReasonCode) -> Found {
    case.found(C::SubscribeRefused)
        .with("topic", &one.wanted.filter)
        .with("reason", reason)
        .with("reason_code", format!("{:02x}", reason.0))
        .fix(case.fixes.without_subscription(&one.wanted.filter))
        .fix(case.fixes.advice(F::AskForPermission))
}

fn not_answered(case: &Case<'_>) -> Found {
    case.found(C::SubscribeUnanswered).fix(case.fixes.advice(F::ReadBrokerLog))
}

/// The broker closed after SUBSCRIBE. A filter that it had not answered is the likeliest, then one with a wildcard for
/// everything.
fn closed(case: &Case<'_>, answers: &[SubscriptionState]) -> Found {
    let pending = |one: &&SubscriptionState| {
        matches!(one.answer, FilterState::Pending | FilterState::Waiting)
    };
    let wide = |one: &&SubscriptionState| one.wanted.filter.starts_with(['#', '+', '$']);
    let one = answers
        .iter()
        .find(|one| pending(one) && wide(one))
        .or_else(|| answers.iter().find(wide))
        .or_else(|| answers.iter().find(pending))
        .or_else(|| answers.first());
    let topic = one.map(|one| one.wanted.filter.clone()).unwrap_or_default();
    let qos = one.map(|one| u8::from(one.wanted.qos).to_string()).unwrap_or_default();
    case.found(C::ClosedAfterSubscribe)
        .with("topic", &topic)
        .with("qos", qos)
        .fix(case.fixes.without_subscription(&topic))
        .fix(case.fixes.advice(F::AskForPermission))
        .fix(case.fixes.advice(F::ReadBrokerLog))
}
