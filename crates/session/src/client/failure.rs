//! What ended a connection, in words that help.
//!
//! The library says little: a refused CONNACK is a code, anything unreadable is one of two dozen errors. The
//! wire has seen the bytes. [`explain`] puts the two together; it is a function of its arguments.

use mqttscope_model::{ConnectStage, Endpoint, ErrorCode, ProtocolVersion, ReasonCode, UserError};
use mqttscope_transport::{Spoken, show_bytes};

use super::AuthenticationError;
use crate::evidence::{Unread, is_private};
use crate::options::WillFileError;
use crate::scram::server_error;
use crate::wire::{End, Facts, Told};

/// What the library says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// CONNACK did not come in time, or the dial took all of it.
    TimedOut,
    /// CONNACK refuses.
    Refused,
    /// The broker sent DISCONNECT.
    Disconnected,
    /// The other side closed the stream.
    Closed,
    /// Reading or writing failed.
    Stream(String),
    /// What came cannot be read.
    Malformed(String),
    /// What came breaks a rule.
    Protocol(String),
    /// A ping was not answered.
    KeepAlive,
    /// A packet exceeds a limit.
    TooLarge,
    /// Enhanced authentication ended the connection.
    Authentication(AuthenticationError),
    /// The Will Message's payload could not be read.
    Will(WillFileError),
    /// The library does not take its options.
    Options(String),
    /// The connection was ended by us.
    Done,
}

/// What is known about the connection that failed.
pub(crate) struct Context<'a> {
    pub(crate) endpoint: &'a Endpoint,
    pub(crate) version: ProtocolVersion,
    /// Enhanced authentication is part of CONNECT.
    pub(crate) authenticates: bool,
    /// The stage that the attempt is in; none where the connection was there.
    pub(crate) stage: Option<ConnectStage>,
    pub(crate) timeout_s: u64,
    pub(crate) keep_alive: u16,
}

/// The cause as a person sees it.
pub(crate) fn explain(failure: &Failure, facts: &Facts, context: &Context<'_>) -> UserError {
    let error = cause(failure, facts, context);
    error.detail("host", &context.endpoint.host).detail("port", context.endpoint.port)
}

fn cause(failure: &Failure, facts: &Facts, context: &Context<'_>) -> UserError {
    // What the other side said in plain words goes before what the library made of it.
    if let Some(End::Tls(late)) = &facts.end {
        return late.error.clone();
    }
    if facts.end == Some(End::Silent) {
        return timed_out(context);
    }
    if facts.end == Some(End::Foreign) {
        return foreign(facts);
    }
    if !facts.disconnect.is_empty() {
        return disconnected(facts, context);
    }
    if context.stage.is_some() && !facts.connack.is_empty() && *failure == Failure::Closed {
        return refused(facts, context);
    }
    match failure {
        Failure::Authentication(error) => error.to_user_error(),
        Failure::Will(error) => error.to_user_error(),
        Failure::Refused => refused(facts, context),
        Failure::TimedOut => timed_out(context),
        Failure::Malformed(text) => malformed(facts, context, text),
        Failure::Protocol(_) if is_ignored(facts, context) => UserError::new(
            ErrorCode::MqttAuthenticationUnsupported,
            "The broker said yes without the authentication that was asked for.",
        )
        .hint("The broker knows no enhanced authentication, or not this method: switch it off."),
        Failure::Protocol(text) => protocol(facts.breach.unwrap_or(text)),
        Failure::KeepAlive => keep_alive(context),
        Failure::TooLarge => UserError::new(
            ErrorCode::MqttPacketTooLarge,
            "A packet is larger than this side or the broker takes.",
        ),
        Failure::Options(text) => {
            UserError::new(ErrorCode::Internal, "The MQTT library does not take these settings.")
                .detail("reason", text)
        }
        Failure::Disconnected => disconnected(facts, context),
        Failure::Closed | Failure::Done => ended(facts, context, None),
        Failure::Stream(text) => ended(facts, context, Some(text)),
    }
}

/// The stream ended: before CONNACK it is a refusal without words, after it a loss.
fn ended(facts: &Facts, context: &Context<'_>, reason: Option<&str>) -> UserError {
    let reason = match (&facts.end, reason) {
        (Some(End::Broken { text, .. }), _) => text,
        _ if facts.within_packet => "closed in the middle of a packet",
        (_, Some(text)) => text,
        _ => "closed",
    };
    let error = if context.stage.is_some() && facts.connack.is_empty() {
        let hint = if context.endpoint.scheme.is_tls() {
            "Check the protocol version, the Client Identifier and the user; some brokers close instead of refusing."
        } else {
            "Check the protocol version and the Client Identifier; a port that wants TLS closes like this too."
        };
        let message = "The other side closed the connection before its CONNACK.";
        UserError::new(ErrorCode::MqttClosed, message).hint(hint)
    } else {
        let message = "The connection ended without a word from the broker.";
        UserError::new(ErrorCode::MqttConnectionLost, message).hint(
            "The network or the broker went away; another client with the same Client Identifier ends it like this too.",
        )
    };
    error.detail("reason", reason)
}

fn timed_out(context: &Context<'_>) -> UserError {
    let code = match context.stage {
        Some(ConnectStage::Settings | ConnectStage::Name) => ErrorCode::NameLookupFailed,
        Some(ConnectStage::Tcp) => ErrorCode::TcpTimedOut,
        Some(ConnectStage::Proxy) => ErrorCode::ProxyTimedOut,
        Some(ConnectStage::Tls) => ErrorCode::TlsTimedOut,
        Some(ConnectStage::WebSocket) => ErrorCode::WebSocketTimedOut,
        Some(ConnectStage::Mqtt | ConnectStage::Subscribe | ConnectStage::Staying) | None => {
            ErrorCode::MqttTimedOut
        }
    };
    let message = match code {
        ErrorCode::NameLookupFailed => "The name lookup took too long.",
        ErrorCode::TcpTimedOut => "There was no answer to the connection attempt in time.",
        ErrorCode::ProxyTimedOut => "The proxy did not answer in time.",
        ErrorCode::TlsTimedOut => "The TLS handshake did not end in time.",
        ErrorCode::WebSocketTimedOut => "The WebSocket handshake did not end in time.",
        _ => "The connection was made, but no CONNACK came in time.",
    };
    let hint = if code == ErrorCode::MqttTimedOut {
        "A proxy or another service may listen there; check host, port and scheme."
    } else {
        "Check the address, the network and a firewall, or allow more time."
    };
    UserError::new(code, message).hint(hint).detail("seconds", context.timeout_s)
}

fn keep_alive(context: &Context<'_>) -> UserError {
    UserError::new(ErrorCode::MqttKeepAliveTimedOut, "The broker did not answer a ping in time.")
        .hint("The network went away, or something between drops silent connections: try a shorter keep alive.")
        .detail("seconds", context.keep_alive)
}

fn protocol(text: &str) -> UserError {
    UserError::new(ErrorCode::MqttProtocolError, "The broker broke a rule of MQTT.")
        .hint("The connection was closed, as the specification demands.")
        .detail("reason", text)
}

/// Whether CONNACK says yes without naming the Authentication Method (`[MQTT-4.12.0-5]`).
fn is_ignored(facts: &Facts, context: &Context<'_>) -> bool {
    let yes = facts.connack.get(2) == Some(&0);
    context.stage.is_some()
        && context.authenticates
        && yes
        && Said::connack(&facts.connack, context.version).told.method.is_none()
}

fn foreign(facts: &Facts) -> UserError {
    let spoken = Spoken::recognise(&facts.first);
    let message = spoken.map_or_else(
        || "What answered does not speak MQTT.".to_owned(),
        |spoken| format!("What answered does not speak MQTT but {}.", spoken.name()),
    );
    let hint = match spoken.map(Spoken::name) {
        Some("HTTP") => "This is a web server: use ws or wss, or the port of the broker.",
        Some("TLS") => "This port wants TLS: use mqtts or wss.",
        _ => "Check host, port and scheme.",
    };
    UserError::new(ErrorCode::MqttMalformed, message)
        .hint(hint)
        .detail("evidence", show_bytes(&facts.first))
}

fn malformed(facts: &Facts, context: &Context<'_>, text: &str) -> UserError {
    let bytes = if context.stage.is_some() { &facts.first } else { &facts.last };
    let error = UserError::new(ErrorCode::MqttMalformed, "What came is no valid MQTT packet.")
        .hint("The connection was closed, as the specification demands.")
        .detail("reason", text);
    let unread = if context.authenticates { Unread::Hidden } else { Unread::Shown };
    if is_private(bytes, unread) { error } else { error.detail("evidence", show_bytes(bytes)) }
}

fn refused(facts: &Facts, context: &Context<'_>) -> UserError {
    let said = Said::connack(&facts.connack, context.version);
    let reason = said.reason;
    if let Some(error) = said.refusal() {
        return said.add_to(error, true);
    }
    let v5 = context.version == ProtocolVersion::V5;
    let (code, message, hint) = match (v5, reason.0) {
        // 0 is a yes in the form of 3.1.1, which has no properties.
        (false, 1) | (true, 0x84 | 0 | 1) => (
            ErrorCode::MqttVersionRefused,
            "The broker does not speak this version of MQTT.",
            "Try 3.1.1, then 3.1.",
        ),
        (false, 2) | (true, 0x85 | 2) => (
            ErrorCode::MqttClientIdRefused,
            "The broker does not take this Client Identifier.",
            "Use another one: 1 to 23 letters and digits are always allowed.",
        ),
        (false, 4 | 5) | (true, 0x86 | 0x87 | 4 | 5) => (
            ErrorCode::MqttNotAuthorised,
            "The broker refuses the user name, the password, or this client's permission.",
            "Check user name and password; then the permissions of this user and Client Identifier.",
        ),
        (false, 3) | (true, 0x88 | 0x89 | 0x9f | 3) => (
            ErrorCode::MqttUnavailable,
            "The broker is unavailable or busy.",
            "It may be starting or at its limit; try again later.",
        ),
        (true, 0x8c) => (
            ErrorCode::MqttAuthenticationUnsupported,
            "The broker does not take this Authentication Method.",
            "Choose a method that the broker offers, or switch enhanced authentication off.",
        ),
        (true, 0x9c | 0x9d) => (
            ErrorCode::MqttRefused,
            "The broker asks to use another server.",
            "Use the server that it names.",
        ),
        (true, 0x95) => (
            ErrorCode::MqttPacketTooLarge,
            "CONNECT is larger than the broker takes.",
            "Shorten the Will Message.",
        ),
        _ => (ErrorCode::MqttRefused, "The broker refuses the connection.", ""),
    };
    said.add_to(UserError::new(code, message).hint(hint), v5)
}

fn disconnected(facts: &Facts, context: &Context<'_>) -> UserError {
    let said = Said::disconnect(&facts.disconnect);
    let (code, message, hint) = match said.reason.0 {
        0x8e => (
            ErrorCode::MqttTakenOver,
            "Another client connected with the same Client Identifier.",
            "Give each client its own Client Identifier.",
        ),
        0x87 => (
            ErrorCode::MqttNotAuthorised,
            "The broker withdrew this client's permission.",
            "Check the permissions of this user and Client Identifier.",
        ),
        0x9c | 0x9d => (
            ErrorCode::MqttRefused,
            "The broker asks to use another server.",
            "Use the server that it names.",
        ),
        0x95 => (
            ErrorCode::MqttPacketTooLarge,
            "The broker ended the connection because of a packet that is too large.",
            "Send less at a time, or raise the broker's limit.",
        ),
        _ => (ErrorCode::MqttDisconnected, "The broker ended the connection.", ""),
    };
    said.add_to(UserError::new(code, message).hint(hint), context.version == ProtocolVersion::V5)
}

/// What a broker says of its own accord: a reason, in words, and another server.
struct Said {
    reason: ReasonCode,
    told: Told,
}

impl Said {
    /// From a CONNACK without its Remaining Length.
    fn connack(packet: &[u8], version: ProtocolVersion) -> Self {
        let reason = ReasonCode(packet.get(2).copied().unwrap_or(0x80));
        let properties = match version {
            ProtocolVersion::V5 => packet.get(3..).unwrap_or_default(),
            _ => &[],
        };
        Self::with(reason, properties)
    }

    /// From a DISCONNECT without its Remaining Length.
    fn disconnect(packet: &[u8]) -> Self {
        let reason = ReasonCode(packet.get(1).copied().unwrap_or(0));
        Self::with(reason, packet.get(2..).unwrap_or_default())
    }

    fn with(reason: ReasonCode, properties: &[u8]) -> Self {
        Self { reason, told: crate::wire::told(properties) }
    }

    /// The error of a SCRAM exchange beside the reason (RFC 5802, section 7: `e=`).
    fn refusal(&self) -> Option<UserError> {
        let scram = self.told.method.as_deref()?.starts_with("SCRAM-");
        let error = server_error(self.told.data.as_deref().filter(|_| scram)?)?;
        Some(AuthenticationError::Scram(error).to_user_error())
    }

    fn add_to(self, mut error: UserError, named: bool) -> UserError {
        let code = match self.reason.name() {
            Some(name) if named => format!("0x{:02X} {name}", self.reason.0),
            _ => format!("{}", self.reason.0),
        };
        // What a SCRAM exchange says is closer to the cause than the code.
        if !error.details.contains_key("reason") {
            error = error.detail("reason", code);
        }
        if let Some(words) = self.told.reason {
            error = error.detail("reason_string", words);
        }
        if let Some(server) = self.told.server {
            error = error.detail("server_reference", server);
        }
        error
    }
}
