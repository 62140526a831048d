//! Rules that answer requests.
//!
//! The rules of a profile are in force while it has a session: their filters are subscribed to where no other
//! subscription covers them, the recorder tells what comes on them, and a task answers. What they are to each other is
//! told in the parts: `rule` fills templates, `desk` queues and counts, `returns` keeps a rule from answering itself,
//! `pace` from answering for ever through another program, `answering` is the tasks.

mod answering;
mod desk;
mod pace;
mod returns;
mod rule;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use mqttscope_model::{ErrorCode, properties};
use mqttscope_model::{
    Message, Profile, ProfileId, ProtocolVersion, Publish, ReplyRule, ReplyState, UserError,
};
use mqttscope_session::Session;

use crate::Engine;
use crate::api::MessageRef;
use crate::engine::blocking;
use crate::events::Subject;
use crate::requests::{Borrower, Talk, There};
pub(crate) use returns::Returns;

use desk::{Desk, untouched};
use rule::{Compiled, Request};

/// The rules of one profile. They outlive its sessions only to say what they have done.
#[derive(Debug, Default)]
pub(crate) struct Replying(Desk);

impl Replying {
    /// Whether any message may be a request.
    pub(crate) fn answers(&self) -> bool {
        self.0.answers()
    }

    /// Hears a message that came; true where there is something to tell. Does not block.
    pub(crate) fn take(&self, message: &Message) -> bool {
        self.0.take(message)
    }
}

impl Engine {
    pub(crate) async fn replies_save(
        &self,
        id: ProfileId,
        rules: Vec<ReplyRule>,
    ) -> Result<(), UserError> {
        check(&rules)?;
        let mut profile = self.profiles.get(&id)?;
        profile.replies = rules;
        self.profiles.save(&profile)?;
        if let Some(session) = self.sessions.get(&id) {
            let talk = self.talk(&id);
            let before = talk.replying().0.states();
            let version = talk.version().unwrap_or(profile.version);
            self.replies_begin(&talk, (profile.replies, version), &session, &before).await;
        }
        self.listeners.mark(&Subject::Profiles);
        self.listeners.mark(&Subject::Replies(id));
        Ok(())
    }

    pub(crate) async fn replies_state(&self, id: ProfileId) -> Result<Vec<ReplyState>, UserError> {
        let profile = self.profiles.get(&id)?;
        Ok(self.replies_now(&profile))
    }

    pub(crate) async fn reply_preview(
        &self,
        rule: ReplyRule,
        message: MessageRef,
    ) -> Result<Publish, UserError> {
        let MessageRef { profile, id } = message;
        let profile = self.profiles.get(&profile)?;
        let history = self.history(&profile.id).await?;
        let before = self.replies_now(&profile).into_iter().find(|state| state.rule == rule.id);
        let compiled = Compiled::new(rule)?;
        let (stored, payload) =
            blocking(move || Ok::<_, UserError>((history.message(id)?, history.payload(id)?)))
                .await??;
        let properties = properties::decode(&stored.properties).unwrap_or_default();
        let request = Request {
            topic: &stored.topic,
            payload: &payload,
            properties: &properties,
            version: profile.version,
        };
        compiled.reply(request, before.map_or(0, |state| state.answered) + 1)
    }

    /// What the rules of a profile have done, in their order.
    pub(crate) fn replies_now(&self, profile: &Profile) -> Vec<ReplyState> {
        let told = self.talk(&profile.id).replying().0.states();
        let state = |rule: &ReplyRule| {
            let told = told.iter().find(|state| state.rule == rule.id);
            told.cloned().unwrap_or_else(|| untouched(&rule.id))
        };
        profile.replies.iter().map(state).collect()
    }

    /// Puts rules into force with a session. The subscriptions of others are ended.
    pub(crate) async fn replies_begin(
        &self,
        talk: &Arc<Talk>,
        (rules, version): (Vec<ReplyRule>, ProtocolVersion),
        session: &Arc<Session>,
        before: &[ReplyState],
    ) {
        let (rules, jobs) = talk.replying().0.open(rules, version, before);
        talk.refresh();
        let is_connected = crate::requests::is_connected(session);
        let failed = if is_connected {
            answering::settle(&self.downgrade(), talk, &rules, session, &[]).await
        } else {
            let there = There { session: Some(session), saved: &[] };
            talk.loans().settle(there, Vec::new(), &Borrower::Rules).await;
            Vec::new()
        };
        if rules.in_force().next().is_none() {
            return;
        }
        let (weak_talk, weak_session) = (Arc::downgrade(talk), Arc::downgrade(session));
        let tend = answering::Tend {
            engine: self.downgrade(),
            talk: weak_talk.clone(),
            rules: Arc::downgrade(&rules),
            session: weak_session.clone(),
        };
        tokio::spawn(tend.run(failed));
        let returns = Arc::clone(self.requests.returns());
        tokio::spawn(answering::answer(rules, jobs, weak_session, returns, weak_talk));
    }
}

/// What is wrong with rules, whether they are on or not.
fn check(rules: &[ReplyRule]) -> Result<(), UserError> {
    for (place, rule) in rules.iter().enumerate() {
        Compiled::new(rule.clone())?;
        if rules.iter().take(place).any(|other| other.id == rule.id) {
            let text = format!("Two rules have the identifier {}.", rule.id);
            return Err(UserError::new(ErrorCode::ProfileInvalid, text)
                .detail("field", format!("replies.{place}.id")));
        }
    }
    Ok(())
}
