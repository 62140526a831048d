//! The staged account of one connection attempt.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{ProtocolVersion, UserError, UserProperty};

/// A stage of a connection attempt, in the order in which they happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ConnectStage {
    /// Files and settings are read and resolved, before a byte is sent.
    Settings,
    /// The host name is looked up.
    Name,
    /// A TCP connection is made.
    Tcp,
    /// The proxy is asked for the way to the broker.
    Proxy,
    /// The TLS handshake.
    Tls,
    /// The WebSocket handshake.
    WebSocket,
    /// CONNECT was sent, CONNACK is awaited.
    Mqtt,
    /// The profile's subscriptions are made, and the connection is watched for a close. Only in a diagnosis.
    Subscribe,
    /// The connection is kept for some time. Only in a diagnosis, and for a connection that was lost.
    Staying,
}

impl ConnectStage {
    /// All stages, in their order.
    pub const ALL: [Self; 9] = [
        Self::Settings,
        Self::Name,
        Self::Tcp,
        Self::Proxy,
        Self::Tls,
        Self::WebSocket,
        Self::Mqtt,
        Self::Subscribe,
        Self::Staying,
    ];

    /// The stage's name, as it is serialised.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Settings => "settings",
            Self::Name => "name",
            Self::Tcp => "tcp",
            Self::Proxy => "proxy",
            Self::Tls => "tls",
            Self::WebSocket => "web_socket",
            Self::Mqtt => "mqtt",
            Self::Subscribe => "subscribe",
            Self::Staying => "staying",
        }
    }
}

/// How a stage ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum StageVerdict {
    /// Under way.
    Running,
    /// Done.
    Passed,
    /// This is where the attempt ended.
    Failed,
    /// The user ended the attempt here.
    Cancelled,
}

/// One stage of an attempt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct StageRecord {
    /// Which stage.
    pub stage: ConnectStage,
    /// How it ended.
    pub verdict: StageVerdict,
    /// Microseconds from the attempt's beginning to the stage's.
    pub began_us: u64,
    /// How long it took, in microseconds.
    pub took_us: u64,
    /// What was seen, as one line of field's terms (`TLSv1.3, TLS13_AES_256_GCM_SHA384`); never a secret.
    pub evidence: String,
}

/// A connection attempt, stage by stage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Attempt {
    /// Which attempt in a row, from 1.
    pub number: u32,
    /// The stages so far, in order.
    pub stages: Vec<StageRecord>,
    /// Why it failed, where it did.
    pub error: Option<UserError>,
}

/// What TLS agreed on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct TlsInfo {
    /// `TLSv1.2` or `TLSv1.3`.
    pub version: String,
    /// The cipher suite's name.
    pub cipher: String,
    /// The ALPN protocol that the broker chose.
    pub alpn: Option<String>,
    /// Whether the broker's certificate was verified.
    pub verified: bool,
}

/// What CONNECT asks for, as it goes out. A property that is not sent is none; before MQTT 5 there are none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ConnectInfo {
    /// The version of the protocol.
    pub version: ProtocolVersion,
    /// The Client Identifier, without placeholders; empty where the broker is to give one.
    pub client_id: String,
    /// Clean Start; Clean Session before MQTT 5.
    pub clean_start: bool,
    /// The Keep Alive in seconds; 0 switches it off.
    pub keep_alive: u16,
    /// The Session Expiry Interval in seconds.
    pub session_expiry: Option<u32>,
    /// How many QoS 1 and 2 messages we take at once.
    pub receive_maximum: Option<u16>,
    /// The largest packet that we take, in bytes.
    pub maximum_packet_size: Option<u32>,
    /// How many Topic Aliases we take.
    pub topic_alias_maximum: Option<u16>,
}

/// What a CONNACK said.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ConnackInfo {
    /// The broker still had the session.
    pub session_present: bool,
    /// The Client Identifier that the broker gave us.
    pub assigned_client_id: Option<String>,
    /// The Keep Alive in force, in seconds: the broker's where it set one, else ours.
    pub keep_alive: u16,
    /// The broker set it (Server Keep Alive).
    pub keep_alive_is_the_servers: bool,
    /// The Session Expiry Interval that the broker set.
    pub session_expiry: Option<u32>,
    /// The highest QoS that the broker takes.
    pub maximum_qos: Option<u8>,
    /// Whether the broker takes retained messages.
    pub retain_available: Option<bool>,
    /// The largest packet that the broker takes, in bytes.
    pub maximum_packet_size: Option<u32>,
    /// How many QoS 1 and 2 messages the broker takes at once.
    pub receive_maximum: Option<u16>,
    /// How many Topic Aliases the broker takes.
    pub topic_alias_maximum: Option<u16>,
    /// Whether the broker takes Topic Filters with wildcards.
    pub wildcard_available: Option<bool>,
    /// Whether the broker takes shared subscriptions.
    pub shared_available: Option<bool>,
    /// Whether the broker takes Subscription Identifiers.
    pub subscription_identifiers_available: Option<bool>,
    /// What answers to requests are to be built from.
    pub response_information: Option<String>,
    /// The broker's words.
    pub reason_string: Option<String>,
    /// Another broker that this one names.
    pub server_reference: Option<String>,
    /// User Properties, in the order in which they came.
    pub user_properties: Vec<UserProperty>,
}
