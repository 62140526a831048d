//! Where messages go: the session's only view of a history.
//!
//! The session knows no database. It hands a message over, gets its number at once, and learns
//! later from a watched value what is on disk. That is enough to acknowledge nothing too early.

use mqttscope_model::{Message, MessageId, Outcome, UserError};
use tokio::sync::watch;

/// Stores messages in the order in which they are handed over.
pub trait Recorder: Send + Sync + 'static {
    /// Takes a message and numbers it; numbers rise. None: it is not kept, because a person has stopped the
    /// recording; then it is acknowledged without waiting for a commit, and its outcome is told to nobody.
    /// It must not block: it is called from the task that keeps the connection alive.
    ///
    /// # Errors
    /// The store takes nothing any more. The session then ends with this error rather than lose messages in silence.
    fn record(&self, message: Message) -> Result<Option<MessageId>, UserError>;

    /// What became of a message that was sent and is kept. Told once for each, in any order.
    fn outcome(&self, id: MessageId, outcome: Outcome);

    /// The highest number that is committed. Received messages of QoS 1 and 2 are acknowledged up to it.
    fn committed(&self) -> watch::Receiver<u64>;

    /// While true, nothing is read from the socket; pings and publishing go on.
    fn hold(&self) -> watch::Receiver<bool>;
}
