//! A profile: saved connection settings, as a person edits them.
//!
//! This is the raw form. A profile may be incomplete or wrong while it is edited;
//! [`crate::check::check`] says what is wrong with it. Only a session that starts resolves it into
//! options that cannot be wrong.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{Bytes, Endpoint, ProtocolVersion, QoS, SecretName};

/// Names a profile for ever: its file, its history and its secrets.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(transparent)]
pub struct ProfileId(String);

impl ProfileId {
    /// An identifier that is safe as a file name: ASCII letters, digits and `-`, 1 to 64 of them.
    pub fn new(text: impl Into<String>) -> Option<Self> {
        let text = text.into();
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
        ((1..=64).contains(&text.len()) && text.chars().all(plain)).then_some(Self(text))
    }

    /// The identifier as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for ProfileId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// Saved connection settings. Times are in the unit that the field's name or comment gives.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// The profile's identifier.
    pub id: ProfileId,
    /// The name that people see.
    pub name: String,
    /// Where the broker is.
    pub endpoint: Endpoint,
    /// The profile's address is wherever the built-in local broker listens.
    pub follows_local_broker: bool,
    /// The Client Identifier; may be empty.
    pub client_id: String,
    /// The User Name; empty means that none is sent.
    pub user_name: String,
    /// The keychain's name of the Password, where there is one.
    pub password: Option<SecretName>,
    /// The version of MQTT.
    pub version: ProtocolVersion,
    /// Keep Alive in seconds; 0 switches it off.
    pub keep_alive: u16,
    /// Seconds that an attempt may take from the name lookup to the CONNACK.
    pub connect_timeout: u16,
    /// Clean Start (5.0) or Clean Session (3.1, 3.1.1).
    pub clean_start: bool,
    /// Session Expiry Interval in seconds; `0xFFFFFFFF` never expires. Sent with 5.0 only.
    pub session_expiry: u32,
    /// What happens after a connection was lost.
    pub reconnect: Reconnect,
    /// TLS, for mqtts and wss.
    pub tls: TlsSettings,
    /// The Will Message, where there is one.
    pub will: Option<Will>,
    /// Subscriptions that are made on connect.
    pub subscriptions: Vec<Subscription>,
}

/// Automatic reconnect with exponential backoff.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct Reconnect {
    /// Whether a lost connection is made again.
    pub enabled: bool,
    /// Milliseconds before the first attempt; each further delay doubles.
    pub first_delay_ms: u32,
    /// The largest delay in milliseconds.
    pub max_delay_ms: u32,
    /// How far a delay may stray from its value, in percent (0 to 100).
    pub jitter_percent: u8,
    /// Attempts in a row before giving up; none means never.
    pub max_attempts: Option<u32>,
}

impl Default for Reconnect {
    fn default() -> Self {
        Self {
            enabled: true,
            first_delay_ms: 1_000,
            max_delay_ms: 30_000,
            jitter_percent: 20,
            max_attempts: None,
        }
    }
}

/// How the broker's certificate is judged and what is shown of ourselves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct TlsSettings {
    /// Whose certificates are trusted.
    pub roots: TlsRoots,
    /// Our own certificate, where the broker wants one.
    pub client_certificate: Option<ClientCertificate>,
    /// The name sent as SNI and looked for in the certificate; empty means the host.
    pub server_name: String,
    /// ALPN protocol names, most wanted first; empty offers none.
    pub alpn: Vec<String>,
    /// Whether the broker's certificate is verified at all.
    pub verify: bool,
}

impl Default for TlsSettings {
    fn default() -> Self {
        Self {
            roots: TlsRoots::System,
            client_certificate: None,
            server_name: String::new(),
            alpn: Vec::new(),
            verify: true,
        }
    }
}

/// Whose certificates are trusted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum TlsRoots {
    /// The operating system's certificate authorities.
    System,
    /// The certificates of a PEM file.
    CaFile {
        /// The file's path.
        path: String,
    },
}

/// A client certificate as two PEM files.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ClientCertificate {
    /// Path of the certificate chain, leaf first.
    pub certificate: String,
    /// Path of the private key, unencrypted.
    pub key: String,
}

/// The message that the broker publishes when this client is lost.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct Will {
    /// The Topic Name.
    pub topic: String,
    /// The payload, at most 65,535 bytes (a two-byte length in CONNECT).
    pub payload: Bytes,
    /// The QoS it is published with.
    pub qos: QoS,
    /// Whether the broker retains it.
    pub retain: bool,
}

/// A wanted subscription.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct Subscription {
    /// The Topic Filter.
    pub filter: String,
    /// The highest QoS at which messages shall come.
    pub qos: QoS,
}

impl Profile {
    /// A new profile with the defaults that suit most brokers.
    pub fn new(id: ProfileId, client_id: String) -> Self {
        Self {
            id,
            name: String::new(),
            endpoint: Endpoint::default(),
            follows_local_broker: false,
            client_id,
            user_name: String::new(),
            password: None,
            version: ProtocolVersion::V5,
            keep_alive: 60,
            connect_timeout: 10,
            clean_start: true,
            session_expiry: 0,
            reconnect: Reconnect::default(),
            tls: TlsSettings::default(),
            will: None,
            subscriptions: Vec::new(),
        }
    }
}
