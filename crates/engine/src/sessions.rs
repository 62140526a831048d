//! The registry of sessions: at most one for each profile.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use mqttscope_diagnosis::unbegun_account;
use mqttscope_model::client_id::Placeholders;
use mqttscope_model::{
    Account, DisconnectOptions, ErrorCode, InFlight, MessageId, Profile, ProfileId, Publish,
    SessionSnapshot, SessionState, Traffic, UserError,
};
use mqttscope_session::{Options, Session, SessionMemory};
use rand::Rng as _;

use crate::Engine;
use crate::engine::watch;
use crate::events::Subject;
use crate::recorder::HistoryRecorder;
use crate::subscribing::waiting;

/// The sessions since the start, running or ended: an ended one still tells how it ended.
#[derive(Debug, Default)]
pub(crate) struct Sessions {
    by_profile: Mutex<HashMap<ProfileId, Begun>>,
    /// The last wishes to connect that came to nothing before there was a session.
    unbegun: Mutex<HashMap<ProfileId, (Profile, Account)>>,
    /// What a client must remember between connections when Clean Start is off.
    memories: Mutex<HashMap<ProfileId, SessionMemory>>,
    /// One connects at a time, so that a profile never runs twice.
    connecting: tokio::sync::Mutex<()>,
}

/// A session with the profile that it was opened for: the saved one may have changed since.
#[derive(Debug)]
struct Begun {
    session: Arc<Session>,
    profile: Profile,
}

impl Sessions {
    pub(crate) fn get(&self, profile: &ProfileId) -> Option<Arc<Session>> {
        let sessions = self.by_profile.lock().unwrap_or_else(PoisonError::into_inner);
        sessions.get(profile).map(|begun| Arc::clone(&begun.session))
    }

    /// The account of a profile's current or last attempt, with the profile as it was then.
    pub(crate) fn account(&self, profile: &ProfileId) -> Option<(Profile, Account)> {
        let unbegun = self.unbegun.lock().unwrap_or_else(PoisonError::into_inner);
        let sessions = self.by_profile.lock().unwrap_or_else(PoisonError::into_inner);
        let begun = sessions.get(profile);
        if let Some(failed) = unbegun.get(profile)
            && !begun.is_some_and(|begun| is_running(&begun.session))
        {
            return Some(failed.clone());
        }
        let Begun { session, profile } = begun?;
        let account = session.account().borrow().clone()?;
        Some((profile.clone(), account))
    }

    fn put(&self, profile: Profile, session: Arc<Session>) {
        self.unbegun.lock().unwrap_or_else(PoisonError::into_inner).remove(&profile.id);
        let mut sessions = self.by_profile.lock().unwrap_or_else(PoisonError::into_inner);
        sessions.insert(profile.id.clone(), Begun { session, profile });
    }

    fn put_unbegun(&self, profile: Profile, error: &UserError) {
        let mut unbegun = self.unbegun.lock().unwrap_or_else(PoisonError::into_inner);
        unbegun.insert(profile.id.clone(), (profile, unbegun_account(error)));
    }

    fn memory(&self, profile: &ProfileId) -> SessionMemory {
        let mut memories = self.memories.lock().unwrap_or_else(PoisonError::into_inner);
        memories.entry(profile.clone()).or_default().clone()
    }

    /// Ends a profile's session and forgets it.
    pub(crate) async fn remove(&self, profile: &ProfileId) {
        self.unbegun.lock().unwrap_or_else(PoisonError::into_inner).remove(profile);
        let begun = {
            let mut sessions = self.by_profile.lock().unwrap_or_else(PoisonError::into_inner);
            sessions.remove(profile)
        };
        if let Some(begun) = begun {
            begun.session.disconnect().await;
        }
    }

    /// Ends all sessions.
    pub(crate) async fn disconnect_all(&self) {
        let all: Vec<Arc<Session>> = {
            let sessions = self.by_profile.lock().unwrap_or_else(PoisonError::into_inner);
            sessions.values().map(|begun| Arc::clone(&begun.session)).collect()
        };
        for session in all {
            session.disconnect().await;
        }
    }
}

impl Engine {
    pub(crate) async fn sessions_list(&self) -> Result<Vec<SessionSnapshot>, UserError> {
        let profiles = self.profiles.list()?.profiles;
        Ok(profiles.iter().map(|profile| self.snapshot_for(profile)).collect())
    }

    pub(crate) async fn session_connect(&self, id: ProfileId) -> Result<(), UserError> {
        let _one_at_a_time = self.sessions.connecting.lock().await;
        let profile = self.follow_local_broker(self.profiles.get(&id)?).await?;
        let resolved = match self.secrets_of(&profile).await {
            Ok(secrets) => Options::resolve(&profile, &secrets, &placeholders()),
            Err(error) => Err(error),
        };
        let options = resolved.inspect_err(|error| {
            self.sessions.put_unbegun(profile.clone(), error);
        })?;
        let history = self.history(&id).await?;
        self.sessions.remove(&id).await;
        let recording = self.histories.recording(&id);
        let recorder = Arc::new(HistoryRecorder { history, recording, talk: self.talk(&id) });
        let options = options.taped(Arc::clone(self.timeline(&id).tape()));
        let session = Arc::new(Session::open(options, recorder, self.sessions.memory(&id)));
        watch(session.snapshot(), &self.listeners, Subject::Session(id.clone()));
        self.talk_begins(&profile, &session).await;
        self.sessions.put(profile, session);
        self.listeners.mark(&Subject::Session(id));
        Ok(())
    }

    pub(crate) async fn session_disconnect(
        &self,
        id: ProfileId,
        options: Option<DisconnectOptions>,
    ) -> Result<(), UserError> {
        match self.sessions.get(&id) {
            Some(session) => session.disconnect_with(options.unwrap_or_default()).await,
            None => Ok(()),
        }
    }

    pub(crate) async fn session_reconnect_now(&self, id: ProfileId) -> Result<(), UserError> {
        let session = self.running(&id)?;
        if self.profiles.get(&id)?.follows_local_broker {
            // Trying the same port again helps nobody whose local broker has stopped or moved.
            return self.session_connect(id).await;
        }
        session.reconnect_now();
        Ok(())
    }

    pub(crate) async fn session_reauthenticate(&self, id: ProfileId) -> Result<(), UserError> {
        self.running(&id)?.reauthenticate().await
    }

    pub(crate) async fn session_publish(
        &self,
        id: ProfileId,
        publish: Publish,
    ) -> Result<Option<MessageId>, UserError> {
        self.running(&id)?.publish(publish).await
    }

    /// The state of a profile's session, or none where the profile is gone.
    pub(crate) fn snapshot_of(&self, id: &ProfileId) -> Option<SessionSnapshot> {
        self.profiles.get(id).ok().map(|profile| self.snapshot_for(&profile))
    }

    fn snapshot_for(&self, profile: &Profile) -> SessionSnapshot {
        let Some(session) = self.sessions.get(&profile.id) else { return never_run(profile) };
        let snapshot = session.snapshot().borrow().clone();
        match snapshot.state {
            // What a session that ended knew of subscriptions is over but for their counters; the profile tells what is wanted.
            SessionState::Disconnected | SessionState::Failed { .. } => {
                let mut wanted = never_run(profile).subscriptions;
                for state in &mut wanted {
                    let filter = &state.wanted.filter;
                    let known = snapshot.subscriptions.iter();
                    let mut known = known.filter(|known| known.wanted.filter == *filter);
                    state.received = known.next().map_or(0, |known| known.received);
                }
                SessionSnapshot { subscriptions: wanted, ..snapshot }
            }
            _ => snapshot,
        }
    }

    pub(crate) fn running(&self, id: &ProfileId) -> Result<Arc<Session>, UserError> {
        self.sessions.get(id).ok_or_else(|| {
            UserError::new(ErrorCode::SessionNotConnected, "This profile is not connected.")
                .hint("Connect first.")
        })
    }
}

/// Whether a session is connected or will be.
pub(crate) fn is_running(session: &Session) -> bool {
    let snapshot = session.snapshot();
    let state = &snapshot.borrow().state;
    !matches!(state, SessionState::Disconnected | SessionState::Failed { .. })
}

/// What a Client Identifier's placeholders stand for from now on until the session ends.
pub(crate) fn placeholders() -> Placeholders {
    let letters = rand::rng().sample_iter(rand::distr::Alphanumeric).take(8);
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    Placeholders {
        random: letters.map(char::from).collect(),
        hostname: gethostname::gethostname().to_string_lossy().into_owned(),
        time: since.map_or(0, |since| since.as_secs()),
    }
}

fn never_run(profile: &Profile) -> SessionSnapshot {
    SessionSnapshot {
        profile: profile.id.clone(),
        state: SessionState::Disconnected,
        connect: None,
        last_attempt: None,
        subscriptions: profile.subscriptions.iter().cloned().map(waiting).collect(),
        traffic: Traffic::default(),
        in_flight: InFlight::default(),
        resumed: None,
    }
}
