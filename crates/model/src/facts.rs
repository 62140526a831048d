//! What was seen on the way to a broker, stage by stage: the evidence of a diagnosis.
//!
//! Facts are collected on every attempt, also on one that works, because a fault that comes and goes cannot be
//! asked again. They are kept apart from the [`Attempt`], which the window is sent at every change: a chain of
//! certificates is asked for when somebody looks at it. Facts hold no secret; what a person may want to hide
//! (names, addresses) is plain here and masked where a report leaves the application.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{
    Attempt, Bytes, ConnackInfo, ProtocolVersion, QoS, ReasonCode, Scheme, SubscriptionState,
    UserError,
};

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

/// What a TLS handshake offered and got.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct TlsFacts {
    /// The name that was sent as SNI; none is sent for an IP address.
    pub server_name: Option<String>,
    /// The name or address that the certificate had to be for.
    pub expected_name: String,
    /// The versions that were offered, lowest first.
    pub offered_versions: Vec<String>,
    /// The version that was agreed on.
    pub version: Option<String>,
    /// The cipher suite that was agreed on.
    pub cipher: Option<String>,
    /// The ALPN names that were offered.
    pub offered_alpn: Vec<String>,
    /// The ALPN name that the broker chose.
    pub alpn: Option<String>,
    /// What the certificate was held against.
    pub trust: TlsTrust,
    /// The certificates that the broker sent, its own first.
    pub chain: Vec<CertificateFacts>,
    /// Which check the chain failed; none where it passed, or none came.
    pub rejected: Option<CertificateRejection>,
    /// Whether the broker asked for a client certificate.
    pub client_certificate_asked: bool,
    /// The certificate authorities whose client certificates the broker says it takes; often none are named.
    pub client_authorities: Vec<String>,
    /// Our own certificate, where one was sent.
    pub client_certificate: Option<CertificateFacts>,
    /// The alert that the broker sent, by its name in RFC 8446.
    pub alert: Option<String>,
    /// The handshake ended without a fault of its own; a rejected chain is then one that was only looked at.
    pub completed: bool,
}

/// What a certificate was held against.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum TlsTrust {
    /// The operating system's certificate authorities.
    #[default]
    System,
    /// Certificate authorities of the profile.
    Profile,
    /// Pinned fingerprints.
    Pinned,
    /// Nothing: verification is off.
    Nothing,
}

/// Why a chain was not accepted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct CertificateRejection {
    /// The check that failed.
    pub check: CertificateCheck,
    /// The library's words.
    pub reason: String,
}

/// A check of a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum CertificateCheck {
    /// Somebody trusted must have issued it.
    Issuer,
    /// It must be for the name.
    Name,
    /// Today must lie between its dates.
    Dates,
    /// Its signature must be right, and the keys large enough.
    Signature,
    /// It must be of X.509 version 3.
    Version,
    /// It must be a server's and not an authority's.
    Purpose,
    /// It must be one of the pinned ones.
    Pin,
    /// Anything else.
    Other,
}

/// What a certificate says of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct CertificateFacts {
    /// The subject's distinguished name.
    pub subject: String,
    /// The issuer's distinguished name.
    pub issuer: String,
    /// DNS names and addresses of the Subject Alternative Name.
    pub names: Vec<String>,
    /// The serial number in hexadecimal digits.
    pub serial: String,
    /// The version of X.509: 1 to 3; 0 where it cannot be read.
    pub version: u8,
    /// Seconds since the Unix epoch from which it is valid.
    pub not_before_s: i64,
    /// Seconds since the Unix epoch until which it is valid.
    pub not_after_s: i64,
    /// The kind of key: `RSA`, `EC P-256`, `Ed25519`...
    pub key: String,
    /// The key's size in bits; 0 where it is not known.
    pub key_bits: u32,
    /// How it is signed: `sha256WithRSAEncryption`...
    pub signature: String,
    /// SHA-256 of its DER, as openssl writes it.
    pub sha256: String,
    /// Subject and issuer are the same.
    pub self_issued: bool,
    /// It is a certificate authority's (basicConstraints).
    pub is_ca: bool,
    /// The whole certificate in PEM.
    pub pem: String,
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
