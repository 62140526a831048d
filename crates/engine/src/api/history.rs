//! What a window asks of a history: pages of rows, views, searches, long work, comparisons.
//!
//! Rows are asked for from somewhere and not by number alone: while older messages are still being found, or the
//! oldest removed, places move, and what the eye reads must not. So a page says where the message that it was asked
//! from is now.

use mqttscope_model::properties::Property;
use mqttscope_model::{
    Direction, FoundAt, MessageId, Outcome, ProfileId, QoS, Removed, Retention, TransferProgress,
    Transferred, Usage, UserError,
};
use mqttscope_payload::compare::{HexDifference, JsonDifference, NotCompared, TextDifference};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// How much a history holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, TS)]
pub struct HistoryStats {
    /// Messages.
    pub messages: u64,
    /// Bytes of its file.
    pub bytes_on_disk: u64,
    /// The number of the oldest message, where there is one.
    pub first_id: Option<MessageId>,
    /// The number of the newest message, where there is one.
    pub last_id: Option<MessageId>,
    /// Messages received.
    pub received: u64,
    /// Messages sent.
    pub sent: u64,
    /// Where a damaged file was moved since the start, to make room for this one.
    pub set_aside: Option<String>,
    /// What the limits have removed.
    pub removed: Removed,
    /// Messages that are received and sent are kept. Off until it is switched on again, or the application ends.
    pub recording: bool,
}

/// What a history takes and may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
pub struct HistoryUsage {
    /// What it takes.
    pub usage: Usage,
    /// Its limits.
    pub retention: Retention,
    /// What these have removed.
    pub removed: Removed,
    /// When its oldest message was recorded, in microseconds since the Unix epoch.
    pub oldest_us: Option<i64>,
    /// Bookmarks.
    pub bookmarks: u64,
}

/// Where a page begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum PageFrom {
    /// At a place, counted from the oldest message, 0.
    Place {
        /// The place.
        place: u64,
    },
    /// So that it ends with the newest message.
    End,
    /// Some rows before a message, or before the first one behind it where it is not there.
    Message {
        /// The message.
        id: MessageId,
        /// How many rows before it; none are left out at the beginning.
        before: u32,
    },
    /// Some rows before the first message that is not older than a time.
    Time {
        /// Microseconds since the Unix epoch.
        time_us: i64,
        /// How many rows before it; none are left out at the beginning.
        before: u32,
    },
}

/// A piece of a history or a view, oldest first.
#[derive(Clone, Debug, Serialize, TS)]
pub struct Page {
    /// The place of the first row.
    pub first: u64,
    /// How many rows the whole history or view has.
    pub total: u64,
    /// The place of the message or the time that was asked for; the total where all are older.
    pub anchor: Option<u64>,
    /// The rows.
    pub rows: Vec<Row>,
}

/// A message as a row of the table.
#[derive(Clone, Debug, Serialize, TS)]
pub struct Row {
    /// Its place in what was asked, from 0.
    pub index: u64,
    /// Its number.
    pub id: MessageId,
    /// Microseconds since the Unix epoch.
    pub time_us: i64,
    /// Received or sent.
    pub direction: Direction,
    /// The Topic Name.
    pub topic: String,
    /// The QoS.
    pub qos: QoS,
    /// The RETAIN flag.
    pub retain: bool,
    /// The DUP flag.
    pub dup: bool,
    /// Bytes of the payload.
    pub size: u64,
    /// The payload's first 256 bytes as text.
    pub preview: String,
    /// What became of a sent message.
    pub outcome: Option<Outcome>,
    /// The note of its bookmark, which may be empty, where it has one.
    pub bookmark: Option<String>,
}

/// Everything about a message but its payload.
#[derive(Clone, Debug, Serialize, TS)]
pub struct MessageDetail {
    /// Its row; the preview is empty, because the payload is asked for by itself.
    pub row: Row,
    /// Its MQTT 5 properties.
    pub properties: Vec<Property>,
    /// The Topic Filters of the subscriptions that it came through, as they are now: by its Subscription Identifiers, or by
    /// its Topic Name where it has none.
    pub came_through: Vec<String>,
}

/// What clearing a history removed.
#[derive(Clone, Copy, Debug, Serialize, TS)]
pub struct Cleared {
    /// Messages.
    pub messages: u64,
    /// Bytes on disk.
    pub bytes: u64,
}

/// Names an open view.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(transparent)]
pub struct ViewId(pub u32);

/// Names a search within a history or a view.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(transparent)]
pub struct FindId(pub u32);

/// A view that was opened.
#[derive(Clone, Debug, Serialize, TS)]
pub struct ViewOpened {
    /// Its name.
    pub view: ViewId,
    /// Its state.
    pub state: ViewState,
}

/// How far a view or a search is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct ViewState {
    /// Matches found so far.
    pub found: u64,
    /// Messages that were looked at.
    pub scanned: u64,
    /// Messages that were there when it began and have not been looked at.
    pub remaining: u64,
    /// Everything that was there has been looked at; what comes is still followed.
    pub complete: bool,
    /// A person stopped the search of what was there; what comes is still followed.
    pub halted: bool,
    /// Why it stopped: the file could not be read. It goes on with the next message.
    pub fault: Option<UserError>,
}

/// Where a step of a search came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
pub struct FindStep {
    /// The match, where there is one on this side.
    pub at: Option<FoundAt>,
    /// Which match it is among those found so far, counted from the oldest, 0.
    pub number: Option<u64>,
}

/// Names a piece of long work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(transparent)]
pub struct JobId(pub u32);

/// A long piece of work on a history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct Job {
    /// Its name.
    pub job: JobId,
    /// Whose history.
    pub profile: ProfileId,
    /// What it does.
    pub kind: JobKind,
    /// The file that is written or read; empty where there is none.
    pub path: String,
    /// How far it is. Of a compaction `done` and `total` are bytes, of a clear messages.
    pub progress: TransferProgress,
    /// Whether it goes on.
    #[serde(flatten)]
    pub state: JobState,
}

/// What long work does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum JobKind {
    /// Writes messages to a file.
    Export,
    /// Brings the messages of a file in.
    Import,
    /// Gives free space back to the disk.
    Compact,
    /// Removes the messages of a view.
    ClearView,
    /// Writes packets of a timeline to a file.
    ExportPackets,
}

/// Whether long work goes on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum JobState {
    /// It does, or waits for its turn.
    Running,
    /// All is done.
    Done {
        /// What it did; of a compaction the bytes, of a clear the messages.
        result: Transferred,
    },
    /// A person cancelled it.
    Cancelled,
    /// It could not go on.
    Failed {
        /// Why.
        error: UserError,
    },
}

/// A message of some history.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct MessageRef {
    /// Whose history.
    pub profile: ProfileId,
    /// The message.
    pub id: MessageId,
}

/// A way to compare two payloads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum WayToCompare {
    /// As JSON where both are, else as text where both are UTF-8, else as bytes.
    Best,
    /// As JSON, value by value.
    Json,
    /// As text, line by line.
    Text,
    /// As bytes.
    Hex,
}

/// What differs between two payloads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(tag = "way", rename_all = "snake_case")]
pub enum Compared {
    /// Not a byte.
    Equal,
    /// As JSON.
    Json {
        /// The differences; none where both say the same in the same notation.
        difference: JsonDifference,
    },
    /// As text.
    Text {
        /// The differences.
        difference: TextDifference,
    },
    /// As bytes.
    Hex {
        /// The differences.
        difference: HexDifference,
    },
    /// They cannot be compared in the way that was asked for.
    Not {
        /// Why.
        reason: NotCompared,
    },
}
