//! A recorder that stores nothing.
//!
//! It never says that a message is committed, so the session acknowledges none: a message of QoS 1 or 2 that
//! comes to a diagnosis is still the application's, or another member's of a shared subscription.

use std::sync::atomic::{AtomicU64, Ordering};

use mqttscope_model::{Message, MessageId, Outcome, UserError};
use mqttscope_session::Recorder;
use tokio::sync::watch;

/// Numbers messages and forgets them.
pub(super) struct Forgetful {
    last: AtomicU64,
    committed: watch::Sender<u64>,
    hold: watch::Sender<bool>,
}

impl Forgetful {
    pub(super) fn new() -> Self {
        Self {
            last: AtomicU64::new(0),
            committed: watch::Sender::new(0),
            hold: watch::Sender::new(false),
        }
    }
}

impl Recorder for Forgetful {
    fn record(&self, _: Message) -> Result<Option<MessageId>, UserError> {
        Ok(Some(MessageId(self.last.fetch_add(1, Ordering::Relaxed) + 1)))
    }

    fn outcome(&self, _: MessageId, _: Outcome) {}

    fn committed(&self) -> watch::Receiver<u64> {
        self.committed.subscribe()
    }

    fn hold(&self) -> watch::Receiver<bool> {
        self.hold.subscribe()
    }
}
