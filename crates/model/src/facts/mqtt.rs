//! What the broker said, and how connections to it ended.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::Named;
use crate::{ConnackInfo, ProtocolVersion, QoS, ReasonCode, SubscriptionState, UserError};

/// CONNECT, and what the broker said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct MqttFacts {
    /// The version that was spoken.
    pub version: ProtocolVersion,
    /// The Client Identifier that was sent.
    pub client_id: String,
    /// Whether a User Name was sent.
    pub with_user_name: bool,
    /// Whether a Password was sent.
    pub with_password: bool,
    /// The CONNACK.
    pub connack: Option<BrokerAnswer>,
    /// What the broker offers, out of a CONNACK that says yes.
    pub offer: Option<ConnackInfo>,
    /// The broker's DISCONNECT.
    pub disconnect: Option<BrokerAnswer>,
    /// How the stream ended, where it did.
    pub end: Option<StreamEnd>,
}

/// What a CONNACK or DISCONNECT says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct BrokerAnswer {
    /// The Reason Code, or the Return Code before MQTT 5.
    pub reason: ReasonCode,
    /// It in the words of the specification of its version.
    pub reason_name: String,
    /// The Reason String.
    pub reason_string: Option<String>,
    /// The Server Reference.
    pub server_reference: Option<String>,
    /// All properties by the specification's names, in order; Authentication Data without its value.
    pub properties: Vec<Named>,
}

/// How a stream ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum StreamEnd {
    /// The other side closed it.
    Closed,
    /// It was reset.
    Reset,
    /// Nothing came in time.
    TimedOut,
    /// What came was not MQTT.
    Foreign,
    /// TLS ended it after its handshake.
    Tls,
    /// Another failure of the socket.
    Failed,
    /// We closed it.
    Ours,
}

/// What the broker answered to a diagnosis that subscribed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SubscribeFacts {
    /// Each filter with its answer.
    pub answers: Vec<SubscriptionState>,
    /// Milliseconds for which the connection was watched afterwards.
    pub watched_ms: u64,
    /// Milliseconds after SUBSCRIBE at which the connection ended, where it did.
    pub closed_after_ms: Option<u64>,
}

/// How the connection stayed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct StayingFacts {
    /// The Keep Alive in force, in seconds.
    pub keep_alive: u16,
    /// The round trips of the last pings in microseconds, oldest first; at most 16.
    pub pings_us: Vec<u64>,
}

/// A connection that was there and ended, not by our wish.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PastConnection {
    /// Milliseconds since the Unix epoch of its CONNACK.
    pub connected_ms: i64,
    /// Milliseconds from CONNACK to the end.
    pub lasted_ms: u64,
    /// What ended it.
    pub error: UserError,
    /// How the stream ended.
    pub end: StreamEnd,
    /// The Keep Alive in force, in seconds.
    pub keep_alive: u16,
    /// The last packet that was sent on someone's wish.
    pub last_sent: Option<LastSent>,
}

impl PastConnection {
    /// How many of a session's past connections are kept.
    pub const KEPT: usize = 32;
}

/// The last PUBLISH or SUBSCRIBE of a connection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct LastSent {
    /// Which packet.
    pub packet: SentPacket,
    /// The Topic Name, or the first Topic Filter.
    pub topic: String,
    /// The QoS that was asked for.
    pub qos: QoS,
    /// The RETAIN flag of a PUBLISH.
    pub retain: bool,
    /// Milliseconds from sending it to the end of the connection.
    pub before_end_ms: u64,
    /// Whether the broker acknowledged it.
    pub answered: bool,
}

/// A packet that a person sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum SentPacket {
    /// PUBLISH.
    Publish,
    /// SUBSCRIBE.
    Subscribe,
}
