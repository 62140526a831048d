//! Requests that wait for their answers (MQTT 5.0, section 4.10).
//!
//! A request is a task of its own: it sees to it that its Response Topic is subscribed to, publishes, waits, and gives the
//! subscription back. What comes is told by the recorder, which sees every message of a session anyway: while nobody waits
//! that costs one atomic load for each message, and properties are decoded only of messages on a Response Topic. The price:
//! requests are found by what is recorded, so they live beside the sessions and not in them, and survive their end.

mod asking;
mod book;
mod covers;
mod loans;
mod talk;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use mqttscope_model::properties::Property;
use mqttscope_model::{
    Bytes, ErrorCode, Profile, ProfileId, ProtocolVersion, Publish, RequestId, RequestRecord,
    RequestState, RequestToSend, UserError, topic,
};
use mqttscope_session::Session;
use rand::Rng as _;

use crate::Engine;
use crate::replying::Returns;
pub(crate) use asking::is_connected;
pub(crate) use loans::{Borrower, There, is_covered};
pub(crate) use talk::{Talk, now_us};

/// Bytes of the Correlation Data that is made up: nobody guesses it, and none comes twice.
const CORRELATION: usize = 16;

/// The requests of all profiles.
#[derive(Debug, Default)]
pub(crate) struct Requests {
    last: AtomicU32,
    by_profile: Mutex<HashMap<ProfileId, Arc<Talk>>>,
    /// What the rules of all profiles have published.
    returns: Arc<Returns>,
}

impl Requests {
    /// The state of a request, with whose it is.
    pub(crate) fn get(&self, id: RequestId) -> Option<(ProfileId, RequestRecord)> {
        let (talk, record) = self.find(id)?;
        Some((talk.profile().clone(), record))
    }

    pub(crate) fn returns(&self) -> &Arc<Returns> {
        &self.returns
    }

    /// Forgets the requests of a profile that is gone.
    pub(crate) fn remove(&self, profile: &ProfileId) {
        let mut all = self.by_profile.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(talk) = all.remove(profile) {
            talk.end();
        }
    }

    fn find(&self, id: RequestId) -> Option<(Arc<Talk>, RequestRecord)> {
        let all = self.by_profile.lock().unwrap_or_else(PoisonError::into_inner);
        all.values().find_map(|talk| Some((Arc::clone(talk), talk.get(id)?)))
    }

    fn next(&self) -> RequestId {
        RequestId(self.last.fetch_add(1, Ordering::Relaxed).wrapping_add(1))
    }
}

impl Engine {
    pub(crate) async fn request_send(
        &self,
        id: ProfileId,
        request: RequestToSend,
    ) -> Result<RequestId, UserError> {
        check(&request)?;
        let profile = self.profiles.get(&id)?;
        let talk = self.talk(&id);
        let version = talk.version().unwrap_or(profile.version);
        let number = self.requests.next();
        let (publish, record) = prepared(number, request, version);
        talk.add(record, publish.payload.0.len());
        tokio::spawn(asking::ask(self.downgrade(), talk, number, publish));
        Ok(number)
    }

    pub(crate) async fn requests_list(
        &self,
        profile: ProfileId,
    ) -> Result<Vec<RequestRecord>, UserError> {
        Ok(self.talk(&profile).list())
    }

    pub(crate) async fn request_cancel(&self, request: RequestId) -> Result<(), UserError> {
        let (talk, _) = self.requests.find(request).ok_or_else(|| {
            UserError::new(ErrorCode::RequestNotFound, "This request is not kept any more.")
        })?;
        talk.cancel(request);
        Ok(())
    }

    /// A session began. Its recorder has the talk of its profile already.
    pub(crate) async fn talk_begins(&self, profile: &Profile, session: &Arc<Session>) {
        let talk = self.talk(&profile.id);
        talk.begins(profile.version);
        talk.loans().renew(session).await;
        let rules = (profile.replies.clone(), profile.version);
        self.replies_begin(&talk, rules, session, &[]).await;
    }

    /// The requests of a profile.
    pub(crate) fn talk(&self, profile: &ProfileId) -> Arc<Talk> {
        let mut all = self.requests.by_profile.lock().unwrap_or_else(PoisonError::into_inner);
        let new = || Arc::new(Talk::new(profile.clone(), Arc::clone(&self.listeners)));
        Arc::clone(all.entry(profile.clone()).or_insert_with(new))
    }
}

/// What can be said before anything is done.
fn check(request: &RequestToSend) -> Result<(), UserError> {
    topic::check_name(&request.publish.topic).map_err(|error| {
        UserError::new(ErrorCode::TopicNameInvalid, error.to_string())
            .detail("reason", error.as_str())
    })?;
    let invalid = |text: String, reason: &str| {
        Err(UserError::new(ErrorCode::RequestResponseTopicInvalid, text).detail("reason", reason))
    };
    match topic::check_name(&request.response_topic) {
        Err(error) => invalid(format!("The Response Topic is not valid: {error}."), error.as_str()),
        Ok(()) if request.response_topic == request.publish.topic => invalid(
            "The Response Topic is the topic of the request, so the request would answer itself."
                .to_owned(),
            "same",
        ),
        Ok(()) => Ok(()),
    }
}

/// The message as it is sent, and the request as it is shown.
fn prepared(
    id: RequestId,
    request: RequestToSend,
    version: ProtocolVersion,
) -> (Publish, RequestRecord) {
    let RequestToSend { mut publish, response_topic, correlation, timeout_ms } = request;
    let mut own = Bytes::default();
    if version == ProtocolVersion::V5 {
        let made_up = || Bytes(rand::rng().random::<[u8; CORRELATION]>().to_vec());
        // Empty Correlation Data would tell one request from another no better than none.
        own = correlation.filter(|given| !given.0.is_empty()).unwrap_or_else(made_up);
        publish.properties.retain(|property| {
            !matches!(property, Property::ResponseTopic(_) | Property::CorrelationData(_))
        });
        publish.properties.push(Property::ResponseTopic(response_topic.clone()));
        publish.properties.push(Property::CorrelationData(own.clone()));
    }
    let record = RequestRecord {
        id,
        topic: publish.topic.clone(),
        response_topic,
        correlation: own,
        message: None,
        time_us: talk::now_us(),
        timeout_ms,
        state: RequestState::Subscribing,
        answers: Vec::new(),
    };
    (publish, record)
}
