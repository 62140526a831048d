//! What the writer holds: messages and outcomes that are not on disk yet, in order.
//!
//! A message leaves the backlog only after its commit, so a commit that fails (a full disk) is
//! simply tried again with the same rows. The price is that a batch stays in memory twice, here
//! and in SQLite's cache, until it is committed.

use std::collections::VecDeque;
use std::sync::mpsc::SyncSender;

use mqttscope_model::{Message, MessageId, Outcome, Retention};

use crate::bookmarks::Change;
use crate::upkeep::Running;
use crate::{Cleared, HistoryError};

/// Where the answer to a clear goes.
pub(crate) type ClearReply = SyncSender<Result<Cleared, HistoryError>>;

/// Somebody wants all messages before an id to go.
pub(crate) struct ClearRequest {
    pub(crate) first_kept: MessageId,
    pub(crate) reply: ClearReply,
}

/// What else the writer may be asked to do.
pub(crate) enum Request {
    /// New limits.
    Retention(Retention),
    /// A bookmark changes; the answer is whether there was one.
    Bookmark { change: Change, reply: SyncSender<Result<bool, HistoryError>> },
    /// Long work begins.
    Upkeep(Running),
}

/// The unwritten messages and outcomes.
pub(crate) struct Backlog {
    /// The id of the first message that is here, or of the next that will be.
    pub(crate) first_id: MessageId,
    pub(crate) messages: VecDeque<Message>,
    pub(crate) outcomes: VecDeque<(MessageId, Outcome)>,
}

impl Backlog {
    /// An empty backlog before the message `first_id`.
    pub(crate) fn before(first_id: MessageId) -> Self {
        Self { first_id, messages: VecDeque::new(), outcomes: VecDeque::new() }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.messages.is_empty() && self.outcomes.is_empty()
    }

    /// Moves new messages, the first of which has the id `first_new`, and outcomes behind the old.
    pub(crate) fn take(
        &mut self,
        first_new: MessageId,
        messages: &mut VecDeque<Message>,
        outcomes: &mut VecDeque<(MessageId, Outcome)>,
    ) {
        if self.messages.is_empty() {
            self.first_id = first_new;
        }
        move_behind(&mut self.messages, messages);
        move_behind(&mut self.outcomes, outcomes);
    }

    /// The messages with an id below `first_kept` go; they are given to `leaving` first.
    pub(crate) fn forget_before(
        &mut self,
        first_kept: MessageId,
        leaving: impl FnOnce(&mut dyn Iterator<Item = &Message>),
    ) -> u64 {
        let going = first_kept.0.saturating_sub(self.first_id.0).min(self.messages.len() as u64);
        leaving(&mut self.messages.iter().take(going as usize));
        self.messages.drain(..going as usize);
        self.first_id.0 += going;
        self.outcomes.retain(|(id, _)| *id >= first_kept);
        going
    }
}

/// Swapping, where there is nothing yet, keeps both allocations and copies nothing.
fn move_behind<T>(old: &mut VecDeque<T>, new: &mut VecDeque<T>) {
    if old.is_empty() {
        std::mem::swap(old, new);
    } else {
        old.append(new);
    }
}
