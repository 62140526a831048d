//! The library's checkpoints of a session, kept in memory.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::future::BoxFuture;
use v5::{
    PersistedAckMode, PersistedRequest, PersistedSession, SessionStore, SessionStoreError,
    SessionStoreKey,
};

use super::INFLIGHT;

/// What the library's store returns; it does not export the name.
type StoreFuture<'a, T> = BoxFuture<'a, Result<T, SessionStoreError>>;

type Sessions = HashMap<SessionStoreKey, PersistedSession>;

/// The library's checkpoints, kept in memory.
#[derive(Clone, Debug, Default)]
pub(in crate::client) struct Checkpoints(Arc<Mutex<Sessions>>);

impl Checkpoints {
    fn with<T>(&self, work: impl FnOnce(&mut Sessions) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// How many PUBLISH and PUBREL packets go out again where the broker still has the session.
    pub(in crate::client) fn again(&self, key: &SessionStoreKey) -> u32 {
        let again = |request: &&PersistedRequest| match request {
            PersistedRequest::Publish(publish) => publish.dup,
            PersistedRequest::PubRel(_) => true,
            PersistedRequest::Subscribe(_) | PersistedRequest::Unsubscribe(_) => false,
        };
        let count = self.with(|all| Some(all.get(key)?.replay.iter().filter(again).count()));
        count.and_then(|count| u32::try_from(count).ok()).unwrap_or_default()
    }
}

impl SessionStore for Checkpoints {
    /// The checkpoint, or an empty one: without any, the library refuses a session that the broker still has.
    fn load<'a>(&'a self, key: &'a SessionStoreKey) -> StoreFuture<'a, Option<PersistedSession>> {
        let found = self.with(|sessions| sessions.get(key).cloned());
        Box::pin(std::future::ready(Ok(Some(found.unwrap_or_else(|| PersistedSession {
            format_version: 1,
            client_id: key.client_id().to_owned(),
            clean_start: false,
            session_expiry_interval: None,
            outgoing_inflight_upper_limit: Some(INFLIGHT),
            ack_mode: PersistedAckMode::Manual,
            last_pkid: 0,
            last_puback: 0,
            replay: Vec::new(),
            incoming_qos2: Vec::new(),
        })))))
    }

    fn save<'a>(
        &'a self,
        key: &'a SessionStoreKey,
        session: &'a PersistedSession,
    ) -> StoreFuture<'a, ()> {
        self.with(|sessions| sessions.insert(key.clone(), session.clone()));
        Box::pin(std::future::ready(Ok(())))
    }

    fn clear<'a>(&'a self, key: &'a SessionStoreKey) -> StoreFuture<'a, ()> {
        self.with(|sessions| sessions.remove(key));
        Box::pin(std::future::ready(Ok(())))
    }
}
