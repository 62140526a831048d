//! The two tasks of a session's rules: one answers, one sees to it that requests come.
//!
//! Both end when other rules take their place or the session goes, and keep neither alive.

use std::sync::{Arc, Weak};

use mqttscope_model::properties::{self, Property};
use mqttscope_model::{
    FilterState, Message, RetainHandling, SessionSnapshot, SessionState, Subscription,
};
use mqttscope_session::Session;
use tokio::sync::mpsc;

use super::desk::{Job, Rules};
use super::returns::{Chain, Returns, Source};
use super::rule::Request;
use crate::Engine;
use crate::engine::Parts;
use crate::requests::{Borrower, Talk, There, is_covered, now_us};

/// Answers the requests to the rules, one after the other.
pub(super) async fn answer(
    rules: Arc<Rules>,
    mut jobs: mpsc::Receiver<Job>,
    session: Weak<Session>,
    returns: Arc<Returns>,
    talk: Weak<Talk>,
) {
    while let Some(Job { rule, message }) = jobs.recv().await {
        rules.taken(&message);
        if rules.are_replaced() {
            continue;
        }
        let (Some(session), Some(talk)) = (session.upgrade(), talk.upgrade()) else { return };
        if answer_one(&rules, rule, &message, &session, &returns, &talk).await {
            talk.mark_replies();
        }
    }
}

/// Tells whether anything is to be told.
async fn answer_one(
    rules: &Rules,
    place: usize,
    message: &Message,
    session: &Session,
    returns: &Returns,
    talk: &Talk,
) -> bool {
    let Some(rule) = rules.get(place) else { return false };
    let properties: Vec<Property> = properties::decode(&message.properties).unwrap_or_default();
    if !rule.is_request(&properties) {
        return false;
    }
    let own: Source = (talk.profile().clone(), rule.rule.id.clone());
    let led: Chain = returns.chain(&message.topic, &message.payload);
    if led.contains(&own) {
        rules.returned(place);
        return true;
    }
    let request = Request {
        topic: &message.topic,
        payload: &message.payload,
        properties: &properties,
        version: rules.version,
    };
    let count = rules.answered_so_far(place) + 1;
    let sent = match rule.reply(request, count) {
        Err(error) => Err(error),
        Ok(publish) => {
            let chain: Chain = led.iter().cloned().chain([own]).collect();
            // Before it goes: it may be back before this goes on.
            returns.published(&publish.topic, &publish.payload.0, chain);
            session.publish(publish).await.map(drop)
        }
    };
    match sent {
        Ok(()) => rules.answered(place, now_us()),
        Err(error) => rules.failed(place, error),
    }
    true
}

/// Subscribes to the filters of the rules wherever no granted subscription covers them, now and when that changes.
pub(super) struct Tend {
    pub(super) engine: Weak<Parts>,
    pub(super) talk: Weak<Talk>,
    pub(super) rules: Weak<Rules>,
    pub(super) session: Weak<Session>,
}

impl Tend {
    /// `failed` are the filters that failed on the connection that is there.
    pub(super) async fn run(self, failed: Vec<String>) {
        let Some(mut snapshot) = self.session.upgrade().map(|session| session.snapshot()) else {
            return;
        };
        // What the broker refused is asked for again on the next connection only.
        let mut refused = (connected_since(&snapshot.borrow()), failed);
        loop {
            let (since, settled) = {
                let now = snapshot.borrow_and_update();
                (connected_since(&now), is_settled(&now))
            };
            if refused.0 != since {
                refused = (since, Vec::new());
            }
            let settled = since.is_some() && settled;
            let Some(failed) = self.step(settled, &refused.1).await else { return };
            refused.1.extend(failed);
            if snapshot.changed().await.is_err() {
                return;
            }
        }
    }

    /// Makes what is lacking. None where there is nothing to tend any more.
    async fn step(&self, settled: bool, refused: &[String]) -> Option<Vec<String>> {
        let rules = self.rules.upgrade().filter(|rules| !rules.are_replaced())?;
        let (session, talk) = (self.session.upgrade()?, self.talk.upgrade()?);
        let lacks = |filter: &String| !refused.contains(filter) && !is_covered(&session, filter);
        if !settled || !rules.in_force().any(|(_, rule)| lacks(&rule.rule.filter)) {
            return Some(Vec::new());
        }
        Some(settle(&self.engine, &talk, &rules, &session, refused).await)
    }
}

/// Makes the subscriptions of the rules, and ends those that they do not need any more. Gives the filters that failed.
pub(super) async fn settle(
    engine: &Weak<Parts>,
    talk: &Talk,
    rules: &Rules,
    session: &Session,
    without: &[String],
) -> Vec<String> {
    let saved =
        Engine::borrowed(engine).and_then(|engine| engine.profiles.get(talk.profile()).ok());
    let saved = saved.map(|profile| profile.subscriptions).unwrap_or_default();
    let mut wanted: Vec<Subscription> = Vec::new();
    for (_, rule) in rules.in_force().filter(|(_, rule)| !without.contains(&rule.rule.filter)) {
        match wanted.iter_mut().find(|wanted| wanted.filter == rule.rule.filter) {
            Some(wanted) => wanted.qos = wanted.qos.max(rule.rule.qos),
            None => wanted.push(Subscription {
                retain_handling: RetainHandling::DoNotSend,
                ..Subscription::new(&rule.rule.filter, rule.rule.qos)
            }),
        }
    }
    let there = There { session: Some(session), saved: &saved };
    let failed = talk.loans().settle(there, wanted, &Borrower::Rules).await;
    for (filter, error) in &failed {
        for (place, _) in rules.in_force().filter(|(_, rule)| rule.rule.filter == *filter) {
            rules.faulty(place, error.clone());
        }
    }
    if !failed.is_empty() {
        talk.mark_replies();
    }
    failed.into_iter().map(|(filter, _)| filter).collect()
}

/// When the connection began that is there.
fn connected_since(snapshot: &SessionSnapshot) -> Option<i64> {
    match snapshot.state {
        SessionState::Connected { since_ms, .. } => Some(since_ms),
        _ => None,
    }
}

/// Whether the broker has answered for all subscriptions.
fn is_settled(snapshot: &SessionSnapshot) -> bool {
    let open = |state: &FilterState| matches!(state, FilterState::Waiting | FilterState::Pending);
    !snapshot.subscriptions.iter().any(|subscription| open(&subscription.answer))
}
