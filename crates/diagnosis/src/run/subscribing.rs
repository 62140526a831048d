//! The stage Subscribe: the profile's subscriptions, their answers, and a watch for a close.
//!
//! Some brokers in the cloud close the connection instead of refusing a Topic Filter, and take a moment for it.

use std::time::{Duration, Instant};

use mqttscope_model::{
    ConnectStage, ErrorCode, FilterState, SessionSnapshot, StageVerdict, SubscribeFacts,
    Subscription, SubscriptionState, UserError,
};
use mqttscope_session::Session;
use tokio::sync::watch;
use tokio::time::timeout;

use super::course::ended;
use super::growing::Growing;

/// How long the connection is watched after the answers.
const WATCH: Duration = Duration::from_secs(2);

pub(super) async fn subscribe(
    wanted: &[Subscription],
    session: &Session,
    snapshot: &mut watch::Receiver<SessionSnapshot>,
    growing: &mut Growing,
) {
    growing.begin(ConnectStage::Subscribe);
    let asked = Instant::now();
    let asking = async {
        match wanted {
            [] => Ok(Vec::new()),
            wanted => session.subscribe(wanted.to_vec()).await,
        }
    };
    let answered = growing.meanwhile(asking).await;
    let (answers, error) = match answered {
        Ok(answers) => (answers, None),
        Err(error) => (wanted.iter().cloned().map(pending).collect(), Some(error)),
    };
    let mut facts = SubscribeFacts { answers, watched_ms: 0, closed_after_ms: None };
    growing.subscribe(facts.clone());

    let watching = Instant::now();
    let closed = growing.meanwhile(timeout(WATCH, ended(snapshot))).await.is_ok();
    facts.watched_ms = millis(watching.elapsed());
    facts.closed_after_ms = closed.then(|| millis(asked.elapsed()));
    let refused = refusals(&facts.answers);
    growing.subscribe(facts.clone());
    match (facts.closed_after_ms, error) {
        (Some(after), _) => {
            growing.end(StageVerdict::Failed, format!("the connection ended after {after} ms"));
        }
        (None, Some(error)) => not_answered(error, growing),
        (None, None) if refused.is_empty() => {
            growing.end(StageVerdict::Passed, passed(&facts.answers));
        }
        (None, None) => growing.end(StageVerdict::Failed, refused),
    }
}

/// The request itself failed, and the connection is there nevertheless.
fn not_answered(error: UserError, growing: &mut Growing) {
    let evidence = match error.code {
        ErrorCode::SubscribeUnanswered => "no SUBACK".to_owned(),
        _ => error.message.clone(),
    };
    growing.fail(error, evidence);
}

fn pending(subscription: Subscription) -> SubscriptionState {
    SubscriptionState::new(subscription, FilterState::Pending)
}

fn passed(answers: &[SubscriptionState]) -> String {
    match answers.len() {
        0 => "the profile has no subscriptions; nothing was subscribed to".to_owned(),
        1 => "1 Topic Filter granted".to_owned(),
        count => format!("{count} Topic Filters granted"),
    }
}

/// The refused filters with their Reason Codes.
fn refusals(answers: &[SubscriptionState]) -> String {
    let refused = answers.iter().filter_map(|answer| match &answer.answer {
        FilterState::Refused { reason } => {
            Some(format!("{}: 0x{:02X}", answer.wanted.filter, reason.0))
        }
        _ => None,
    });
    refused.collect::<Vec<_>>().join(", ")
}

fn millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}
