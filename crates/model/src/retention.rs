//! How much of a history is kept, what went, and what a person marked in it.
//!
//! All limits are optional and hold together: the first that is passed removes the oldest messages.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::MessageId;

/// The bytes of a history where nobody says otherwise: 1 GiB.
pub const DEFAULT_MAX_BYTES: u64 = 1 << 30;

/// The least bytes that a history may be limited to: 8 MiB, of which a part is the write-ahead log's.
pub const MIN_MAX_BYTES: u64 = 8 << 20;

/// The most bytes: 16 TiB, far below what SQLite takes.
pub const MOST_MAX_BYTES: u64 = 16 << 40;

/// The most messages: a number that every part of the program takes.
pub const MOST_MAX_MESSAGES: u64 = u32::MAX as u64;

/// The least seconds that messages may be limited to: a minute.
pub const MIN_MAX_AGE_S: u64 = 60;

/// The most seconds: a hundred years.
pub const MOST_MAX_AGE_S: u64 = 100 * 366 * 86_400;

/// The limits of a history. Without any it grows until the disk is full.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(default, deny_unknown_fields)]
pub struct Retention {
    /// Bytes of the file on the disk, its write-ahead log included.
    pub max_bytes: Option<u64>,
    /// Messages.
    pub max_messages: Option<u64>,
    /// Seconds since a message was recorded.
    pub max_age_s: Option<u64>,
}

impl Default for Retention {
    fn default() -> Self {
        Self { max_bytes: Some(DEFAULT_MAX_BYTES), max_messages: None, max_age_s: None }
    }
}

impl Retention {
    /// Keeps everything.
    pub const EVERYTHING: Self = Self { max_bytes: None, max_messages: None, max_age_s: None };
}

/// What the limits have removed since the history began, or was cleared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Removed {
    /// Messages.
    pub messages: u64,
    /// Bytes of their payloads.
    pub bytes: u64,
    /// When the first of them went, in microseconds since the Unix epoch.
    pub since_us: Option<i64>,
}

/// What a history takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Usage {
    /// Messages.
    pub messages: u64,
    /// Bytes of their payloads.
    pub payload_bytes: u64,
    /// Bytes of the file.
    pub file_bytes: u64,
    /// Bytes of the file that hold nothing: they are used again, or given back by a compaction.
    pub free_bytes: u64,
    /// Bytes of the write-ahead log beside the file.
    pub log_bytes: u64,
}

/// A message that a person wants to find again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Bookmark {
    /// The message.
    pub id: MessageId,
    /// What the person wrote about it; may be empty.
    pub note: String,
    /// When it was first marked, in microseconds since the Unix epoch.
    pub made_us: i64,
}
