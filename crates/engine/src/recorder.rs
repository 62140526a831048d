//! A session's messages go into its profile's history.

use mqttscope_history::History;
use mqttscope_model::{Message, MessageId, Outcome, UserError};
use mqttscope_session::Recorder;
use tokio::sync::watch;

/// The history as the session sees it: the session knows of no store, the store of no session.
#[derive(Debug)]
pub(crate) struct HistoryRecorder(pub(crate) History);

impl Recorder for HistoryRecorder {
    fn record(&self, message: Message) -> Result<MessageId, UserError> {
        Ok(self.0.append(message)?)
    }

    fn outcome(&self, id: MessageId, outcome: Outcome) {
        self.0.set_outcome(id, outcome);
    }

    fn committed(&self) -> watch::Receiver<u64> {
        self.0.committed()
    }

    fn hold(&self) -> watch::Receiver<bool> {
        self.0.hold()
    }
}
