//! Where a broker is and how its byte stream is made.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// The four ways to carry MQTT that MQTTScope speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "lowercase")]
pub enum Scheme {
    /// MQTT over TCP.
    #[default]
    Mqtt,
    /// MQTT over TLS.
    Mqtts,
    /// MQTT over WebSocket.
    Ws,
    /// MQTT over WebSocket over TLS.
    Wss,
}

impl Scheme {
    /// All schemes, in the order in which the window offers them.
    pub const ALL: [Self; 4] = [Self::Mqtt, Self::Mqtts, Self::Ws, Self::Wss];

    /// The port that brokers listen on for this scheme: 1883 and 8883 are registered with IANA,
    /// 8083 and 8084 are EMQX's, which most installations follow.
    pub fn default_port(self) -> u16 {
        match self {
            Self::Mqtt => 1883,
            Self::Mqtts => 8883,
            Self::Ws => 8083,
            Self::Wss => 8084,
        }
    }

    /// Whether the stream is encrypted with TLS.
    pub fn is_tls(self) -> bool {
        matches!(self, Self::Mqtts | Self::Wss)
    }

    /// Whether Control Packets travel in WebSocket frames.
    pub fn is_websocket(self) -> bool {
        matches!(self, Self::Ws | Self::Wss)
    }

    /// The scheme as written in an address.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Mqtt => "mqtt",
            Self::Mqtts => "mqtts",
            Self::Ws => "ws",
            Self::Wss => "wss",
        }
    }
}

/// A broker's address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Endpoint {
    /// How the byte stream is made.
    pub scheme: Scheme,
    /// A host name, an IPv4 address, or an IPv6 address without brackets.
    pub host: String,
    /// The TCP port; 0 is not valid.
    pub port: u16,
    /// The path of the WebSocket request, query included; unused by mqtt and mqtts.
    pub path: String,
}

/// The path that brokers serve WebSocket on unless configured otherwise.
pub const DEFAULT_PATH: &str = "/mqtt";

impl Default for Endpoint {
    fn default() -> Self {
        Self {
            scheme: Scheme::Mqtt,
            host: String::new(),
            port: Scheme::Mqtt.default_port(),
            path: DEFAULT_PATH.to_owned(),
        }
    }
}

impl Endpoint {
    /// `host:port`, with brackets around an IPv6 address.
    pub fn authority(&self) -> String {
        if self.host.contains(':') {
            format!("[{}]:{}", self.host, self.port)
        } else {
            format!("{}:{}", self.host, self.port)
        }
    }
}

impl std::fmt::Display for Endpoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}://{}", self.scheme.as_str(), self.authority())?;
        if self.scheme.is_websocket() { f.write_str(&self.path) } else { Ok(()) }
    }
}
