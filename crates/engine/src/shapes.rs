//! From the shapes of the layers below to those of the door.

use std::path::PathBuf;

use mqttscope_history::{Stats, StoredMessage};
use mqttscope_payload as payload;
use mqttscope_profiles::SecretStoreKind as Store;

use crate::api::{HistoryStats, Row, SecretStoreInfo, SecretStoreKind};

impl HistoryStats {
    pub(crate) fn new(stats: Stats, set_aside: Option<PathBuf>, recording: bool) -> Self {
        Self {
            messages: stats.messages,
            bytes_on_disk: stats.bytes_on_disk,
            first_id: stats.first_id,
            last_id: stats.last_id,
            received: stats.received,
            sent: stats.sent,
            set_aside: set_aside.map(|path| path.display().to_string()),
            removed: stats.removed,
            recording,
        }
    }
}

impl Row {
    /// A row with the note of its bookmark.
    pub(crate) fn new(row: mqttscope_history::Row, bookmark: Option<String>) -> Self {
        Self {
            index: row.index,
            id: row.id,
            time_us: row.time_us,
            direction: row.direction,
            topic: row.topic.as_ref().to_owned(),
            qos: row.qos,
            retain: row.retain,
            dup: row.dup,
            size: row.size,
            preview: payload::preview(&row.preview, row.size),
            outcome: row.outcome,
            bookmark,
        }
    }

    /// A message's row where nobody asked for its payload.
    pub(crate) fn without_preview(stored: StoredMessage, bookmark: Option<String>) -> Self {
        Self {
            index: stored.index,
            id: stored.id,
            time_us: stored.time_us,
            direction: stored.direction,
            topic: stored.topic.as_ref().to_owned(),
            qos: stored.qos,
            retain: stored.retain,
            dup: stored.dup,
            size: stored.size,
            preview: String::new(),
            outcome: stored.outcome,
            bookmark,
        }
    }
}

impl From<Store> for SecretStoreInfo {
    fn from(store: Store) -> Self {
        match store {
            Store::Keychain => Self { kind: SecretStoreKind::Keychain, path: String::new() },
            Store::File { path } => {
                Self { kind: SecretStoreKind::File, path: path.display().to_string() }
            }
        }
    }
}
