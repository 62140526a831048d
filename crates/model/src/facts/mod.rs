//! What was seen on the way to a broker, stage by stage: the evidence of a diagnosis.
//!
//! Facts are collected on every attempt, also on one that works, because a fault that comes and goes cannot be
//! asked again. They are kept apart from the [`Attempt`], which the window is sent at every change: a chain of
//! certificates is asked for when somebody looks at it. Facts hold no secret; what a person may want to hide
//! (names, addresses) is plain here and masked where a report leaves the application.

mod mqtt;
mod tls;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{Attempt, Bytes, Scheme};

pub use mqtt::{
    BrokerAnswer, LastSent, MqttFacts, PastConnection, SentPacket, StayingFacts, StreamEnd,
    SubscribeFacts,
};
pub use tls::{CertificateCheck, CertificateFacts, CertificateRejection, TlsFacts, TlsTrust};

/// An attempt with all that was seen, and how earlier connections of the session ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Account {
    /// Its stages.
    pub attempt: Attempt,
    /// Milliseconds since the Unix epoch at which it began, by this machine's clock.
    pub began_ms: i64,
    /// What was seen so far.
    pub facts: Facts,
    /// The session's earlier connections, oldest first; at most [`PastConnection::KEPT`].
    pub past: Vec<PastConnection>,
}

/// What was seen; a part is there when its stage got so far.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Facts {
    /// The name lookup.
    pub name: Option<NameFacts>,
    /// The race over the addresses.
    pub tcp: Option<TcpFacts>,
    /// The way through a proxy.
    pub proxy: Option<ProxyFacts>,
    /// The first bytes of the last layer that did not get what it waited for.
    pub first_bytes: Option<FirstBytes>,
    /// The TLS handshake.
    pub tls: Option<TlsFacts>,
    /// The WebSocket handshake.
    pub websocket: Option<WebSocketFacts>,
    /// CONNECT and what came back.
    pub mqtt: Option<MqttFacts>,
    /// The subscriptions of a diagnosis.
    pub subscribe: Option<SubscribeFacts>,
    /// Keep-alive cycles.
    pub staying: Option<StayingFacts>,
    /// The other schemes on the same port, where the user let them be tried.
    pub other_schemes: Vec<SchemeTry>,
}

/// What the name lookup gave.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct NameFacts {
    /// The name or address that was looked up: the proxy's where there is one.
    pub name: String,
    /// The IP addresses, in the order in which they are tried.
    pub addresses: Vec<String>,
    /// Addresses that the profile's address family leaves out.
    pub left_out: Vec<String>,
}

/// What became of each address.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct TcpFacts {
    /// One entry for each address, in the order of the race.
    pub tries: Vec<AddressTry>,
}

/// One address in the race.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AddressTry {
    /// `ip:port`.
    pub address: String,
    /// What became of it.
    pub outcome: AddressOutcome,
    /// Microseconds from its SYN to the outcome.
    pub took_us: u64,
}

/// What became of an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum AddressOutcome {
    /// It answered first.
    Connected,
    /// Nothing listens there.
    Refused,
    /// No answer in time.
    TimedOut,
    /// There is no way to it.
    Unreachable,
    /// It broke the connection off.
    Reset,
    /// Another failure of the socket.
    Failed,
    /// Another address answered before this one did, or before it was tried.
    NotNeeded,
}

/// The proxy and its answer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ProxyFacts {
    /// `http` or `socks5`.
    pub kind: String,
    /// Its `host:port`.
    pub address: String,
    /// Where it was named: `profile`, `environment` or `system`.
    pub named_by: String,
    /// Its answer in its own terms (`HTTP/1.1 407 Proxy Authentication Required`, `SOCKS 5 reply 2`); empty without one.
    pub answer: String,
    /// Whether a user name and password went to it.
    pub authenticated: bool,
}

/// The beginning of what the other side sent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct FirstBytes {
    /// The bytes, at most 64.
    pub bytes: Bytes,
    /// The protocol that they are of (`TLS`, `HTTP`, `SSH`, `MQTT`...); none where they are of no known one.
    pub spoken: Option<String>,
}

/// A name and a value, as sent: an HTTP header, a property of MQTT.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Named {
    /// The name.
    pub name: String,
    /// The value as text.
    pub value: String,
}

/// The WebSocket request's answer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct WebSocketFacts {
    /// The path that was asked for, query left out.
    pub path: String,
    /// The subprotocols that were offered.
    pub offered: String,
    /// The HTTP status; none where no HTTP came.
    pub status: Option<u16>,
    /// The status in the server's words.
    pub status_text: String,
    /// The answer's headers, in order; cookies without their values.
    pub headers: Vec<Named>,
    /// The subprotocol that the server chose.
    pub subprotocol: Option<String>,
    /// The beginning of the body as text, at most 4,096 bytes of it.
    pub body: String,
    /// There was more of it.
    pub body_cut: bool,
}

/// Another scheme on the same port.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SchemeTry {
    /// The scheme.
    pub scheme: Scheme,
    /// Whether it is what the port speaks. No credential was sent to find out.
    pub speaks: bool,
    /// What was seen, as one line.
    pub seen: String,
}
