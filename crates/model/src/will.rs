//! The Will Message as a person writes it.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{QoS, TypedBytes, UserProperty};

/// The message that the broker publishes when this client is lost.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct Will {
    /// The Topic Name.
    pub topic: String,
    /// The payload, at most 65,535 bytes (a two-byte length in CONNECT).
    pub payload: WillPayload,
    /// The QoS it is published with.
    pub qos: QoS,
    /// Whether the broker retains it.
    pub retain: bool,
    /// Sent with 5.0 only.
    #[serde(default)]
    pub properties: WillProperties,
}

/// Where a Will Message's payload comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "from", rename_all = "snake_case", deny_unknown_fields)]
pub enum WillPayload {
    /// It was typed.
    Typed {
        /// What was typed.
        typed: TypedBytes,
    },
    /// A file, read at each connect, byte for byte.
    File {
        /// Its path.
        path: String,
    },
}

impl Default for WillPayload {
    fn default() -> Self {
        Self::Typed { typed: TypedBytes::default() }
    }
}

/// The Will Properties (MQTT 5.0, section 3.1.3.2); what is none is not sent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields, default)]
pub struct WillProperties {
    /// Will Delay Interval in seconds.
    pub delay_interval: Option<u32>,
    /// Payload Format Indicator: whether the payload is UTF-8.
    pub payload_is_utf8: Option<bool>,
    /// Message Expiry Interval in seconds.
    pub message_expiry: Option<u32>,
    /// Content Type.
    pub content_type: Option<String>,
    /// Response Topic.
    pub response_topic: Option<String>,
    /// Correlation Data.
    pub correlation_data: Option<TypedBytes>,
    /// User Properties, in their order; names may repeat.
    pub user_properties: Vec<UserProperty>,
}
