//! The versions of the protocol that a session can speak.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A version of MQTT, named as on the screen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
pub enum ProtocolVersion {
    /// MQTT 3.1: protocol name `MQIsdp`, level 3.
    #[serde(rename = "3.1")]
    V31,
    /// MQTT 3.1.1: protocol name `MQTT`, level 4.
    #[serde(rename = "3.1.1")]
    V311,
    /// MQTT 5.0: protocol name `MQTT`, level 5.
    #[default]
    #[serde(rename = "5.0")]
    V5,
}

impl ProtocolVersion {
    /// The WebSocket subprotocol that goes with this version (`[MQTT-6.0.0-3]`; 3.1 had its own).
    pub fn websocket_subprotocol(self) -> &'static str {
        match self {
            Self::V31 => "mqttv3.1",
            Self::V311 | Self::V5 => "mqtt",
        }
    }
}

impl std::fmt::Display for ProtocolVersion {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::V31 => "3.1",
            Self::V311 => "3.1.1",
            Self::V5 => "5.0",
        })
    }
}
