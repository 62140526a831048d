//! Messages as they are read back.
//!
//! A row carries what a table shows and a preview; only the inspector asks for the rest. Payloads
//! stay bytes: what they look like as text is decided by whoever shows them.

use std::sync::Arc;

use mqttscope_model::{Direction, MessageId, Outcome, QoS};

/// A window of the history in the order of its ids.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// The place of the first row asked for, counted from 0.
    pub first: u64,
    /// How many rows the history had when the page was read.
    pub total: u64,
    /// The rows; fewer than asked for at the end.
    pub rows: Vec<Row>,
}

/// A message as one line of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its place in the history, counted from 0.
    pub index: u64,
    /// Its id.
    pub id: MessageId,
    /// Microseconds since the Unix epoch; never less than the row before.
    pub time_us: i64,
    /// Which way it went.
    pub direction: Direction,
    /// The Topic Name.
    pub topic: Arc<str>,
    /// The QoS.
    pub qos: QoS,
    /// The RETAIN flag.
    pub retain: bool,
    /// The DUP flag.
    pub dup: bool,
    /// Bytes of the payload.
    pub size: u64,
    /// The first 256 bytes of the payload.
    pub preview: Vec<u8>,
    /// What became of it; `None` exactly for received messages.
    pub outcome: Option<Outcome>,
}

/// A message with all but its payload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredMessage {
    /// Its place in the history, counted from 0.
    pub index: u64,
    /// Its id.
    pub id: MessageId,
    /// Microseconds since the Unix epoch.
    pub time_us: i64,
    /// Which way it went.
    pub direction: Direction,
    /// The Topic Name.
    pub topic: Arc<str>,
    /// The QoS.
    pub qos: QoS,
    /// The RETAIN flag.
    pub retain: bool,
    /// The DUP flag.
    pub dup: bool,
    /// Bytes of the payload.
    pub size: u64,
    /// MQTT 5 properties in their wire encoding without the length prefix; empty where none came.
    pub properties: Vec<u8>,
    /// What became of it; `None` exactly for received messages.
    pub outcome: Option<Outcome>,
}
