//! What a window asks about two brokers side by side: how what came from one compares with what came from the other.

use mqttscope_model::{MessageId, ProfileId, QoS, UserError, ViewFilter};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::ViewState;

/// Names an open comparison of two histories.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(transparent)]
pub struct SidesId(pub u32);

/// What is compared, and how patiently.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct SidesOptions {
    /// The messages of both histories that are compared.
    pub filter: ViewFilter,
    /// Only messages from this time on, in microseconds since the Unix epoch; none compares all that is recorded.
    pub since_us: Option<i64>,
    /// A message that came this much after its like on the other side is late, in milliseconds.
    pub late_ms: u32,
    /// A message that has no like on the other side within this time is missing there, in milliseconds; at least `late_ms`
    /// and at most an hour. The verdict falls `2 × wait_ms + late_ms` after its time.
    pub wait_ms: u32,
}

/// A comparison that was opened.
#[derive(Clone, Debug, Serialize, TS)]
pub struct SidesOpened {
    /// Its name.
    pub sides: SidesId,
    /// Its state.
    pub state: SidesState,
}

/// How far a comparison is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, TS)]
pub struct SidesState {
    /// Messages of both sides that were compared.
    pub compared: u64,
    /// Messages that the filter's conditions on topic, direction, flags, time and size let through, and that have not
    /// been compared.
    pub behind: u64,
    /// The rows of each kind.
    pub counts: SidesCounts,
    /// Rows that were let go of, the oldest first, to bound the memory; they are in no count any more.
    pub let_go: u64,
    /// Properties are compared too. Not where one of the sessions is not MQTT 5.0 and so has none.
    pub properties: bool,
    /// How far the search for the left side's messages is.
    pub left: Option<ViewState>,
    /// How far the search for the right side's messages is.
    pub right: Option<ViewState>,
    /// Why it stopped: a history could not be read. It goes on with the next message.
    pub fault: Option<UserError>,
}

/// Rows by kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, TS)]
pub struct SidesCounts {
    /// On both sides, in time.
    pub same: u64,
    /// On both sides, the second one late.
    pub late: u64,
    /// On both sides, and not the same.
    pub different: u64,
    /// Only on the right side.
    pub missing_left: u64,
    /// Only on the left side.
    pub missing_right: u64,
    /// On one side so far.
    pub waiting: u64,
}

/// How a message of one side compares with the other side.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum SidesKind {
    /// The same topic and payload, and the same properties where these are compared, came on both sides in time.
    Same,
    /// The same, and the second one came late.
    Late,
    /// The same topic came on both sides about the same time, with another payload or other properties.
    Different,
    /// It came on the right side only.
    MissingLeft,
    /// It came on the left side only.
    MissingRight,
    /// It came on one side, and the other one still has time.
    Waiting,
}

/// What differs between two messages that were paired.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum SidesDifference {
    /// The payloads.
    Payload,
    /// The properties that a broker must hand on unaltered (MQTT 5.0, section 3.3.2.3), with the same payload.
    Properties,
}

/// Where a page begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum SidesFrom {
    /// At a place, counted from the oldest row, 0.
    Place {
        /// The place.
        place: u64,
    },
    /// So that it ends with the newest row.
    End,
    /// Some rows before a row, or before the first one behind it where it is not there.
    Row {
        /// The row's time.
        time_us: i64,
        /// The row's number.
        number: u64,
        /// How many rows before it; none are left out at the beginning.
        before: u32,
    },
}

/// A piece of a comparison, oldest first.
#[derive(Clone, Debug, Serialize, TS)]
pub struct SidesPage {
    /// The place of the first row.
    pub first: u64,
    /// How many rows there are of the kinds that were asked for.
    pub total: u64,
    /// The place of the row that was asked for; the total where all are before it.
    pub anchor: Option<u64>,
    /// The rows.
    pub rows: Vec<SidesRow>,
}

/// One message, or a pair of them.
#[derive(Clone, Debug, Serialize, TS)]
pub struct SidesRow {
    /// Its place in what was asked, from 0.
    pub index: u64,
    /// Tells it from every other row of this comparison.
    pub number: u64,
    /// When the first of both was recorded, in microseconds since the Unix epoch.
    pub time_us: i64,
    /// What it is.
    pub kind: SidesKind,
    /// What differs; none but for [`SidesKind::Different`].
    pub difference: Option<SidesDifference>,
    /// The Topic Name.
    pub topic: String,
    /// The message of the left side.
    pub left: Option<SidesMessage>,
    /// The message of the right side.
    pub right: Option<SidesMessage>,
}

/// A message of one side.
#[derive(Clone, Debug, Serialize, TS)]
pub struct SidesMessage {
    /// Its number in its history.
    pub id: MessageId,
    /// Microseconds since the Unix epoch.
    pub time_us: i64,
    /// What it holds; none once its history has let go of it.
    pub content: Option<SidesContent>,
}

/// What a message of one side holds.
#[derive(Clone, Debug, Serialize, TS)]
pub struct SidesContent {
    /// The QoS.
    pub qos: QoS,
    /// The RETAIN flag.
    pub retain: bool,
    /// Bytes of the payload.
    pub size: u64,
    /// The payload's first 256 bytes as text.
    pub preview: String,
}

/// Which of two sessions.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct SidesPair {
    /// At the left.
    pub left: ProfileId,
    /// At the right.
    pub right: ProfileId,
}
