//! A session's messages go into its profile's history, unless a person has stopped the recording.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use mqttscope_history::History;
use mqttscope_model::{Message, MessageId, Outcome, UserError};
use mqttscope_session::Recorder;
use tokio::sync::watch;

use crate::requests::Talk;

/// Whether a profile's messages are kept. Shared by the session that records and whoever switches it.
///
/// It lives as long as the application and no longer: who starts it anew expects that messages are kept.
#[derive(Clone, Debug)]
pub(crate) struct Recording(Arc<AtomicBool>);

impl Default for Recording {
    fn default() -> Self {
        Self(Arc::new(AtomicBool::new(true)))
    }
}

impl Recording {
    pub(crate) fn is_on(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }

    pub(crate) fn switch(&self, on: bool) {
        self.0.store(on, Ordering::Release);
    }
}

/// The history as the session sees it: the session knows of no store, the store of no session.
#[derive(Debug)]
pub(crate) struct HistoryRecorder {
    pub(crate) history: History,
    pub(crate) recording: Recording,
    /// What the profile asks; it hears of messages also where they are not kept.
    pub(crate) talk: Arc<Talk>,
}

impl Recorder for HistoryRecorder {
    fn record(&self, message: Message) -> Result<Option<MessageId>, UserError> {
        let overheard = self.talk.overhear(&message);
        let id = match self.recording.is_on() {
            true => Some(self.history.append(message)?),
            false => None,
        };
        if let Some(overheard) = overheard {
            self.talk.tell(overheard, id);
        }
        Ok(id)
    }

    fn outcome(&self, id: MessageId, outcome: Outcome) {
        self.history.set_outcome(id, outcome);
    }

    fn committed(&self) -> watch::Receiver<u64> {
        self.history.committed()
    }

    fn hold(&self) -> watch::Receiver<bool> {
        self.history.hold()
    }
}
