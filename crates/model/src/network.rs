//! The way to the broker: addresses, a proxy, and the WebSocket request.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::SecretName;

/// Which of a host's addresses are used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum AddressFamily {
    /// All, in the order of the operating system, IPv6 and IPv4 in turn.
    #[default]
    Any,
    /// All, IPv4 first.
    PreferIpv4,
    /// All, IPv6 first.
    PreferIpv6,
    /// Only IPv4.
    OnlyIpv4,
    /// Only IPv6.
    OnlyIpv6,
}

/// Through what the TCP connection is made.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Proxy {
    /// Straight to the broker.
    #[default]
    None,
    /// What the system says: environment variables, and on Windows and macOS its network settings.
    System,
    /// An HTTP proxy that takes CONNECT (RFC 9110, section 9.3.6).
    Http {
        /// The proxy.
        server: ProxyServer,
    },
    /// A SOCKS 5 proxy (RFC 1928), which looks the broker's name up.
    Socks5 {
        /// The proxy.
        server: ProxyServer,
    },
}

/// A proxy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ProxyServer {
    /// Its host name or address.
    pub host: String,
    /// Its TCP port.
    pub port: u16,
    /// User name; empty sends none.
    #[serde(default)]
    pub user_name: String,
    /// The keychain's name of the password ([`crate::SecretSlot::ProxyPassword`]).
    #[serde(default)]
    pub password: Option<SecretName>,
}

/// How the WebSocket request looks besides its path.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields, default)]
pub struct WebSocketSettings {
    /// Headers that are added, in their order.
    pub headers: Vec<Header>,
    /// The subprotocols that are offered; empty offers the one that the version of MQTT demands.
    pub subprotocols: Vec<String>,
    /// Whether an answer that names none of them ends the attempt (`[MQTT-6.0.0-4]`).
    pub require_subprotocol: bool,
}

impl Default for WebSocketSettings {
    fn default() -> Self {
        Self { headers: Vec::new(), subprotocols: Vec::new(), require_subprotocol: true }
    }
}

/// An HTTP header of the WebSocket request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct Header {
    /// The name.
    pub name: String,
    /// The value.
    pub value: HeaderValue,
}

/// A header's value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "from", rename_all = "snake_case", deny_unknown_fields)]
pub enum HeaderValue {
    /// In the profile.
    Text {
        /// The value.
        text: String,
    },
    /// In the keychain ([`crate::SecretSlot::Header`]), for tokens and cookies.
    Stored {
        /// The keychain's name of it; none while it has not been given.
        secret: Option<SecretName>,
    },
}
