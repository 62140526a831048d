//! One request, from the subscription to its Response Topic to the last moment at which an answer counts.
//!
//! The task keeps neither the engine nor a session alive: it borrows them for each step.

use std::sync::{Arc, Weak};

use mqttscope_model::{
    ErrorCode, Outcome, Publish, QoS, RequestId, RetainHandling, SessionState, Subscription,
    UserError,
};
use mqttscope_session::Session;
use tokio::sync::oneshot;

use super::loans::{Borrower, There};
use super::talk::Talk;
use crate::Engine;
use crate::engine::Parts;

/// Asks, waits, and gives back what was borrowed.
pub(super) async fn ask(engine: Weak<Parts>, talk: Arc<Talk>, id: RequestId, publish: Publish) {
    match send(&engine, &talk, id, publish).await {
        Ok(outcome) => wait(&talk, id, outcome).await,
        Err(error) => talk.fail(id, error),
    }
    let (session, saved) = now(&engine, &talk);
    let there = There { session: session.as_deref(), saved: &saved };
    talk.loans().settle(there, Vec::new(), &Borrower::Request(id)).await;
}

/// Waits for the answers, unless the broker refuses the message. None: it was not sent.
async fn wait(talk: &Talk, id: RequestId, outcome: Option<oneshot::Receiver<Outcome>>) {
    let answers = talk.wait(id);
    let Some(outcome) = outcome else { return answers.await };
    tokio::pin!(answers);
    tokio::select! {
        () = &mut answers => return,
        Ok(outcome) = outcome => talk.outcome(id, &outcome),
    }
    answers.await;
}

async fn send(
    engine: &Weak<Parts>,
    talk: &Talk,
    id: RequestId,
    publish: Publish,
) -> Result<Option<oneshot::Receiver<Outcome>>, UserError> {
    let (session, saved) = now(engine, talk);
    let session = session.filter(|session| is_connected(session)).ok_or_else(not_connected)?;
    let Some(record) = talk.get(id) else { return Ok(None) };
    // At QoS 1 no answer is lost on its last leg, and none of the time shown is spent on the handshake of QoS 2. What was
    // retained there before is no answer.
    let wanted = Subscription {
        retain_handling: RetainHandling::DoNotSend,
        ..Subscription::new(record.response_topic, QoS::AtLeastOnce)
    };
    let there = There { session: Some(&session), saved: &saved };
    let failed = talk.loans().settle(there, vec![wanted], &Borrower::Request(id)).await;
    if let Some((_, error)) = failed.into_iter().next() {
        return Err(error);
    }
    if talk.sending(id) {
        return session.publish_watched(publish).await.map(Some);
    }
    Ok(None)
}

/// The session and the saved subscriptions as they are now.
fn now(engine: &Weak<Parts>, talk: &Talk) -> (Option<Arc<Session>>, Vec<Subscription>) {
    let Some(engine) = Engine::borrowed(engine) else { return (None, Vec::new()) };
    let saved = engine.profiles.get(talk.profile());
    let saved = saved.map(|profile| profile.subscriptions).unwrap_or_default();
    (engine.sessions.get(talk.profile()), saved)
}

/// Whether the session is connected now.
pub(crate) fn is_connected(session: &Session) -> bool {
    matches!(session.snapshot().borrow().state, SessionState::Connected { .. })
}

fn not_connected() -> UserError {
    UserError::new(ErrorCode::SessionNotConnected, "This profile is not connected.")
        .hint("Connect first.")
}
