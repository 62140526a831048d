//! What a broker can do: what a probe tries and what it found.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{ProfileId, UserError};

/// Names a probe, also after the application was started anew.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(transparent)]
pub struct ProbeId(pub String);

/// Something that a broker may be able to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Capability {
    /// MQTT 3.1.
    Mqtt31,
    /// MQTT 3.1.1.
    Mqtt311,
    /// MQTT 5.0.
    Mqtt50,
    /// The highest QoS of a PUBLISH.
    MaximumQos,
    /// Retained messages.
    Retained,
    /// Topic Filters with wildcards.
    Wildcards,
    /// Shared subscriptions.
    Shared,
    /// Subscription Identifiers.
    SubscriptionIdentifiers,
    /// Topic Aliases.
    TopicAlias,
    /// The largest packet.
    PacketSize,
    /// The longest Client Identifier.
    ClientIdLength,
    /// Characters of a Client Identifier besides letters and digits.
    ClientIdCharacters,
    /// An empty Client Identifier.
    ClientIdEmpty,
    /// Message Expiry Interval.
    MessageExpiry,
    /// Will Delay Interval.
    WillDelay,
    /// A session that outlives its connection, with the messages that came meanwhile.
    SessionExpiry,
}

impl Capability {
    /// All of them, in the order in which they are tried.
    pub const ALL: [Self; 16] = [
        Self::Mqtt31,
        Self::Mqtt311,
        Self::Mqtt50,
        Self::MaximumQos,
        Self::Retained,
        Self::Wildcards,
        Self::Shared,
        Self::SubscriptionIdentifiers,
        Self::TopicAlias,
        Self::PacketSize,
        Self::ClientIdLength,
        Self::ClientIdCharacters,
        Self::ClientIdEmpty,
        Self::MessageExpiry,
        Self::WillDelay,
        Self::SessionExpiry,
    ];
}

/// What was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum CapabilityVerdict {
    /// It does.
    Yes,
    /// In part, or up to a limit.
    Limited,
    /// It does not.
    No,
    /// It could not be found out.
    Unknown,
    /// It was not tried.
    Skipped,
}

/// What a probe may do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ProbeOptions {
    /// All that is published and subscribed to begins with this Topic Name and `/`.
    pub prefix: String,
    /// What is tried.
    pub capabilities: Vec<Capability>,
    /// The largest packet that is tried, in bytes: 1,024 to 268,435,455. What is outside counts as the nearest of these.
    pub largest_packet: u32,
}

/// One line of a probe's table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct CapabilityRow {
    /// What was tried.
    pub capability: Capability,
    /// What was found.
    pub verdict: CapabilityVerdict,
    /// The value that was found, such as a QoS or a number of bytes.
    pub value: Option<String>,
    /// What the CONNACK announced of it.
    pub announced: Option<String>,
    /// What was seen, in the field's terms; never a secret.
    pub evidence: String,
    /// Milliseconds that it took.
    pub took_ms: u32,
}

/// A probe's table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ProbeReport {
    /// Its name.
    pub id: ProbeId,
    /// Whose broker; the profile may be gone.
    pub profile: ProfileId,
    /// The profile's name at that time.
    pub name: String,
    /// The broker's address, without credentials.
    pub address: String,
    /// What the broker says that it is.
    pub broker: Option<String>,
    /// Milliseconds since the Unix epoch when it began.
    pub began_ms: i64,
    /// What it was allowed to do.
    pub options: ProbeOptions,
    /// It is over.
    pub finished: bool,
    /// A person ended it before it was done.
    pub cancelled: bool,
    /// What is tried at the moment.
    pub trying: Option<Capability>,
    /// What was found so far, in the order of [`Capability`]; once it is over, one for each of them.
    pub rows: Vec<CapabilityRow>,
    /// What could not be cleaned up: Topic Names whose retained message is still there.
    pub left_behind: Vec<String>,
    /// Client Identifiers whose session the broker may still keep. With MQTT 5.0 it forgets them within a minute.
    pub left_sessions: Vec<String>,
    /// Why nothing could be tried at all, or nothing further.
    pub error: Option<UserError>,
}
