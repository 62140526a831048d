//! What a history says of itself: that it is open, how large it is, what a clear removed.

use std::path::PathBuf;

use mqttscope_model::{MessageId, Removed};

use crate::History;

/// A history that was opened.
#[derive(Debug)]
pub struct Opened {
    /// The handle.
    pub history: History,
    /// Where a damaged file was moved to, to make room for a new one.
    pub set_aside: Option<PathBuf>,
}

/// How large a history is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stats {
    /// Committed messages.
    pub messages: u64,
    /// How many of them were received.
    pub received: u64,
    /// How many of them were sent.
    pub sent: u64,
    /// The id of the first; `None` without messages.
    pub first_id: Option<MessageId>,
    /// The id of the last; `None` without messages.
    pub last_id: Option<MessageId>,
    /// Bytes of the file and its write-ahead log.
    pub bytes_on_disk: u64,
    /// What the limits have removed, as [`History::removed`] tells it.
    pub removed: Removed,
}

/// What a clear removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cleared {
    /// Messages that are gone, those that were not committed yet included.
    pub messages: u64,
    /// Bytes given back to the disk.
    pub bytes: u64,
}
