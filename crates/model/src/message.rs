//! One PUBLISH, sent or received, as it was on the wire.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::properties::Property;
use crate::{Bytes, QoS, ReasonCode};

/// Which way a message went, seen from this client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// From the broker to us.
    Received,
    /// From us to the broker.
    Sent,
}

/// A message's number in its history: dense, rising, never used twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(transparent)]
pub struct MessageId(pub u64);

/// A message as recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Microseconds since the Unix epoch when it was read from, or handed to, the connection.
    pub time_us: i64,
    /// Which way it went.
    pub direction: Direction,
    /// The Topic Name, after a Topic Alias was resolved.
    pub topic: String,
    /// The QoS of the PUBLISH.
    pub qos: QoS,
    /// The RETAIN flag of the PUBLISH.
    pub retain: bool,
    /// The DUP flag of the PUBLISH.
    pub dup: bool,
    /// The payload, byte for byte.
    pub payload: Vec<u8>,
    /// MQTT 5 properties in their wire encoding without the length prefix; empty where none came.
    pub properties: Vec<u8>,
}

/// A message to publish, as the window asks for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Publish {
    /// The Topic Name.
    pub topic: String,
    /// The payload.
    pub payload: Bytes,
    /// The QoS.
    pub qos: QoS,
    /// Whether the broker shall retain it.
    pub retain: bool,
    /// Its properties; only MQTT 5.0 has any. User Properties go out in their order.
    #[serde(default)]
    #[ts(optional, as = "Option<Vec<Property>>")]
    pub properties: Vec<Property>,
}

/// What became of a sent message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Outcome {
    /// Stored, not yet on the wire or not yet answered.
    Pending,
    /// QoS 0: written to the connection. Nobody acknowledges it.
    Sent,
    /// QoS 1: the broker's PUBACK came.
    Acknowledged {
        /// The PUBACK's Reason Code (3.1 and 3.1.1: always 0).
        reason: ReasonCode,
    },
    /// QoS 2: the broker's PUBCOMP came.
    Completed {
        /// The PUBREC's or PUBCOMP's Reason Code.
        reason: ReasonCode,
    },
    /// The broker refused it (Reason Code of 0x80 or more).
    Refused {
        /// Why.
        reason: ReasonCode,
    },
    /// It never got an answer: the connection ended and the message was given up.
    Failed {
        /// The stable code of what happened ([`crate::ErrorCode`]).
        code: crate::ErrorCode,
    },
}
