//! A profile: saved connection settings, as a person edits them.
//!
//! This is the raw form. A profile may be incomplete or wrong while it is edited;
//! [`crate::check::check`] says what is wrong with it. Only a session that starts resolves it into
//! options that cannot be wrong.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{
    AddressFamily, ArchiveSource, Authentication, ClientCertificate, Colour, ConnectProperties,
    Endpoint, HeaderValue, KeySource, PresetId, ProtocolVersion, Proxy, ReplyRule, Retention,
    SecretName, SecretSlot, Subscription, TlsSettings, WebSocketSettings, Will,
};

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
    /// A colour to tell it apart by.
    #[serde(default)]
    pub colour: Option<Colour>,
    /// The provider whose rules it is held against; none asks the host name.
    #[serde(default)]
    pub preset: Option<PresetId>,
    /// Where the broker is.
    pub endpoint: Endpoint,
    /// The profile's address is wherever the built-in local broker listens.
    pub follows_local_broker: bool,
    /// The Client Identifier, in which [`crate::client_id`]'s placeholders may stand; may be empty.
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
    /// The other properties of CONNECT. Sent with 5.0 only.
    #[serde(default)]
    pub connect_properties: ConnectProperties,
    /// Enhanced authentication, where it is wanted. With 5.0 only.
    #[serde(default)]
    pub authentication: Option<Authentication>,
    /// What happens after a connection was lost.
    pub reconnect: Reconnect,
    /// Which of the host's addresses are used.
    #[serde(default)]
    pub address_family: AddressFamily,
    /// Through what the TCP connection is made.
    #[serde(default)]
    pub proxy: Proxy,
    /// TLS, for mqtts and wss.
    pub tls: TlsSettings,
    /// The WebSocket request, for ws and wss.
    #[serde(default)]
    pub websocket: WebSocketSettings,
    /// The Will Message, where there is one.
    pub will: Option<Will>,
    /// Topic Aliases are used for what is published, as many as the broker takes. With 5.0 only.
    #[serde(default)]
    pub automatic_topic_alias: bool,
    /// Subscriptions that are made on connect.
    pub subscriptions: Vec<Subscription>,
    /// Rules that answer requests while the session is connected.
    #[serde(default)]
    pub replies: Vec<ReplyRule>,
    /// How much of its history is kept.
    #[serde(default)]
    pub retention: Retention,
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

impl Profile {
    /// A new profile with the defaults that suit most brokers.
    pub fn new(id: ProfileId, client_id: String) -> Self {
        Self {
            id,
            name: String::new(),
            colour: None,
            preset: None,
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
            connect_properties: ConnectProperties::default(),
            authentication: None,
            reconnect: Reconnect::default(),
            address_family: AddressFamily::Any,
            proxy: Proxy::None,
            tls: TlsSettings::default(),
            websocket: WebSocketSettings::default(),
            will: None,
            automatic_topic_alias: false,
            subscriptions: Vec::new(),
            replies: Vec::new(),
            retention: Retention::default(),
        }
    }

    /// The secrets that the profile names, each with its place.
    pub fn secrets(&self) -> Vec<(SecretSlot, SecretName)> {
        let mut found = Vec::new();
        // One function knows the places; reading goes through a copy of the profile.
        self.clone().each_secret(&mut |slot, name| {
            found.extend(name.clone().map(|name| (slot, name)));
        });
        found
    }

    /// Writes the name of a secret into its place, or takes it out. False where the profile has no such place.
    pub fn set_secret(&mut self, slot: &SecretSlot, secret: Option<SecretName>) -> bool {
        let mut done = false;
        self.each_secret(&mut |place, name| {
            if place == *slot {
                name.clone_from(&secret);
                done = true;
            }
        });
        done
    }

    /// Visits every place of a secret.
    pub(crate) fn each_secret(
        &mut self,
        visit: &mut impl FnMut(SecretSlot, &mut Option<SecretName>),
    ) {
        visit(SecretSlot::Password, &mut self.password);
        if let Some(Authentication::Other { data, .. }) = &mut self.authentication {
            visit(SecretSlot::AuthenticationData, data);
        }
        if let Proxy::Http { server } | Proxy::Socks5 { server } = &mut self.proxy {
            visit(SecretSlot::ProxyPassword, &mut server.password);
        }
        match &mut self.tls.client_certificate {
            Some(ClientCertificate::Pem { key, passphrase, .. }) => {
                if let KeySource::Stored { secret } = key {
                    visit(SecretSlot::PrivateKey, secret);
                }
                visit(SecretSlot::KeyPassphrase, passphrase);
            }
            Some(ClientCertificate::Pkcs12 { archive, passphrase }) => {
                if let ArchiveSource::Stored { secret } = archive {
                    visit(SecretSlot::Pkcs12, secret);
                }
                visit(SecretSlot::KeyPassphrase, passphrase);
            }
            None => {}
        }
        for header in &mut self.websocket.headers {
            if let HeaderValue::Stored { secret } = &mut header.value {
                visit(SecretSlot::header(&header.name), secret);
            }
        }
    }
}
