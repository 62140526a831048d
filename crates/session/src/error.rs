//! What can go wrong with a request to a session, cause by cause.
//!
//! Failures of the connection itself are told by [`crate::client`] and the dialler; these are the
//! ones that a caller gets back.

use mqttscope_model::topic::TopicError;
use mqttscope_model::{ErrorCode, ProtocolVersion, QoS, ReasonCode, UserError};

use crate::PropertyRule;
use crate::parting::DisconnectRule;

/// Why a request was not carried out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SessionError {
    /// A field of the profile does not allow a connection.
    #[error("the profile cannot be used: {problem}")]
    Profile {
        /// The field's path in the profile.
        field: &'static str,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// There is no connection.
    #[error("the session is not connected")]
    NotConnected,
    /// The session's task has ended.
    #[error("the session has ended")]
    Ended,
    /// The Topic Name cannot be published to.
    #[error("the Topic Name is not valid: {0}")]
    TopicName(TopicError),
    /// A Topic Filter is not valid.
    #[error("the Topic Filter is not valid: {error}")]
    TopicFilter {
        /// The filter.
        filter: String,
        /// The rule that it breaks.
        error: TopicError,
    },
    /// The packet would be larger than the broker or the protocol takes.
    #[error("this makes a packet of {size} bytes, and at most {limit} are taken")]
    TooLarge {
        /// The packet's size in bytes.
        size: u64,
        /// The limit in bytes.
        limit: u64,
        /// Whose limit it is.
        whose: Limit,
    },
    /// SUBSCRIBE or UNSUBSCRIBE for this filter alone would be larger than that.
    #[error("this filter makes a packet of {size} bytes, and at most {limit} are taken")]
    FilterTooLarge {
        /// The Topic Filter.
        filter: String,
        /// The packet's size in bytes.
        size: u64,
        /// The limit in bytes.
        limit: u64,
        /// Whose limit it is.
        whose: Limit,
    },
    /// The broker takes no message of this QoS.
    #[error("the broker takes QoS {0} at most")]
    QoSNotSupported(u8),
    /// The broker keeps no retained messages.
    #[error("the broker takes no retained messages")]
    RetainNotSupported,
    /// A message has properties, and the version of the connection has none.
    #[error("MQTT {0} has no properties")]
    PropertiesNeed5(ProtocolVersion),
    /// A property of a message cannot be sent.
    #[error("the property {property} cannot be sent: {rule}")]
    Property {
        /// The property's name.
        property: &'static str,
        /// The rule that it breaks.
        rule: PropertyRule,
    },
    /// No SUBACK or UNSUBACK came in time.
    #[error("the broker did not answer within {0} s")]
    Unanswered(u64),
    /// The connection ended before the answer.
    #[error("the connection ended before the broker answered")]
    Lost,
    /// There is no Authentication Method to authenticate with anew.
    #[error("the profile has no enhanced authentication")]
    WithoutAuthentication,
    /// An authentication is under way.
    #[error("the session is already authenticating")]
    Authenticating,
    /// Authenticating anew failed.
    #[error("the session could not authenticate anew")]
    Authentication(UserError),
    /// UNSUBACK refuses.
    #[error("the broker refuses to end the subscription: {reason}")]
    UnsubscribeRefused {
        /// The Topic Filter.
        filter: String,
        /// Its Reason Code.
        reason: ReasonCode,
        /// The broker's words.
        words: Option<String>,
    },
    /// An option of a subscription cannot be sent.
    #[error("the option {field} of the subscription cannot be sent")]
    SubscriptionOption {
        /// The Topic Filter.
        filter: String,
        /// The option, as it is called in the profile.
        field: String,
    },
    /// No Local with a shared subscription.
    #[error("No Local is not allowed with a shared subscription [MQTT-3.8.3-4]")]
    NoLocalShared(String),
    /// CONNACK says that the broker takes no such subscription.
    #[error("the broker takes no {what}")]
    Forbidden {
        /// The Topic Filter.
        filter: String,
        /// What it does not take.
        what: Forbidden,
    },
    /// DISCONNECT says nothing before MQTT 5.
    #[error("DISCONNECT says nothing in MQTT {0}")]
    DisconnectNeeds5(ProtocolVersion),
    /// What DISCONNECT shall say breaks a rule.
    #[error("DISCONNECT cannot say this: {0}")]
    Disconnect(DisconnectRule),
    /// The broker takes no Topic Alias, or none as high.
    #[error("the broker takes Topic Aliases up to {maximum}, not {alias} [MQTT-3.3.2-9]")]
    AliasRefused {
        /// The alias.
        alias: u16,
        /// The broker's Topic Alias Maximum; 0: it takes none.
        maximum: u16,
    },
    /// A message without a Topic Name uses an alias that was not set.
    #[error("the Topic Alias {0} has not been set on this connection")]
    AliasUnknown(u16),
}

/// What the CONNACK of a broker may forbid of subscriptions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Forbidden {
    /// Wildcard Subscription Available is 0.
    #[error("Topic Filters with wildcards")]
    Wildcards,
    /// Shared Subscription Available is 0.
    #[error("shared subscriptions")]
    Shared,
    /// Subscription Identifiers Available is 0.
    #[error("Subscription Identifiers")]
    Identifiers,
}

impl Forbidden {
    /// The code with which a broker refuses it (MQTT 5.0, table 2-6).
    pub(crate) fn reason(self) -> ReasonCode {
        ReasonCode(match self {
            Self::Wildcards => 0xa2,
            Self::Shared => 0x9e,
            Self::Identifiers => 0xa1,
        })
    }

    fn code(self) -> ErrorCode {
        match self {
            Self::Wildcards => ErrorCode::SubscribeWildcardsRefused,
            Self::Shared => ErrorCode::SubscribeSharedRefused,
            Self::Identifiers => ErrorCode::SubscribeIdentifiersRefused,
        }
    }
}

/// Whose limit a packet exceeds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// The broker's Maximum Packet Size.
    Broker,
    /// The largest Remaining Length of the protocol.
    Protocol,
}

impl SessionError {
    /// The broker's limit on QoS as an error, where `qos` exceeds it.
    pub(crate) fn check_qos(qos: QoS, maximum: Option<u8>) -> Result<(), Self> {
        match maximum {
            Some(maximum) if u8::from(qos) > maximum => Err(Self::QoSNotSupported(maximum)),
            _ => Ok(()),
        }
    }
}

impl From<SessionError> for UserError {
    fn from(error: SessionError) -> Self {
        let text = sentence(&error);
        match error {
            SessionError::Profile { field, .. } => Self::new(ErrorCode::ProfileInvalid, text)
                .hint("Edit the profile and connect again.")
                .detail("field", field),
            SessionError::NotConnected => {
                Self::new(ErrorCode::SessionNotConnected, text).hint("Connect first.")
            }
            SessionError::Ended => Self::new(ErrorCode::SessionNotConnected, text),
            SessionError::TopicName(rule) => {
                Self::new(ErrorCode::TopicNameInvalid, text).detail("reason", rule.as_str())
            }
            SessionError::TopicFilter { filter, error } => {
                Self::new(ErrorCode::TopicFilterInvalid, text)
                    .detail("filter", shortened(&filter))
                    .detail("reason", error.as_str())
            }
            SessionError::TooLarge { size, limit, whose } => too_large(text, size, limit, whose),
            SessionError::FilterTooLarge { filter, size, limit, whose } => {
                too_large(text, size, limit, whose).detail("filter", shortened(&filter))
            }
            SessionError::QoSNotSupported(maximum) => Self::new(ErrorCode::PublishQosRefused, text)
                .hint("Choose a lower QoS; the broker's CONNACK sets this limit.")
                .detail("limit", maximum),
            SessionError::RetainNotSupported => Self::new(ErrorCode::PublishRetainRefused, text)
                .hint("Publish without retain; the broker's CONNACK says that it keeps none."),
            SessionError::PropertiesNeed5(version) => Self::new(
                ErrorCode::PublishPropertiesNeed5,
                text,
            )
            .hint(
                "Choose MQTT 5.0 in the profile and connect again, or publish without properties.",
            )
            .detail("version", version),
            SessionError::Property { property, rule } => Self::new(
                ErrorCode::PublishPropertyInvalid,
                text,
            )
            .hint(
                "Change this property or leave it out; a broker would end the connection over it.",
            )
            .detail("property", property)
            .detail("reason", rule.as_str()),
            SessionError::Unanswered(seconds) => Self::new(ErrorCode::SubscribeUnanswered, text)
                .hint("Some brokers do not answer requests that they do not permit.")
                .detail("seconds", seconds),
            SessionError::Lost => Self::new(ErrorCode::RequestLost, text)
                .hint("Some brokers close the connection instead of refusing."),
            SessionError::WithoutAuthentication => {
                Self::new(ErrorCode::SessionWithoutAuthentication, text)
                    .hint("Choose an Authentication Method in the profile and connect again.")
            }
            SessionError::Authenticating => Self::new(ErrorCode::SessionAuthenticating, text)
                .hint("Wait until the broker has answered."),
            SessionError::Authentication(error) => error,
            SessionError::UnsubscribeRefused { filter, reason, words } => {
                let error = Self::new(ErrorCode::MqttRefused, text)
                    .detail("filter", shortened(&filter))
                    .detail("reason", coded(reason));
                words.into_iter().fold(error, |error, words| error.detail("reason_string", words))
            }
            SessionError::SubscriptionOption { filter, field } => {
                Self::new(ErrorCode::SubscribeOptionInvalid, text)
                    .detail("filter", shortened(&filter))
                    .detail("field", field)
            }
            SessionError::NoLocalShared(filter) => {
                Self::new(ErrorCode::SubscribeNoLocalShared, text)
                    .hint("Switch No Local off, or subscribe without $share.")
                    .detail("filter", shortened(&filter))
            }
            SessionError::Forbidden { filter, what } => Self::new(what.code(), text)
                .hint("The broker's CONNACK says so.")
                .detail("filter", shortened(&filter)),
            SessionError::DisconnectNeeds5(version) => {
                Self::new(ErrorCode::DisconnectOptionsNeed5, text).detail("version", version)
            }
            SessionError::Disconnect(rule) => Self::new(ErrorCode::DisconnectOptionInvalid, text)
                .detail("field", rule.field())
                .detail("reason", rule),
            SessionError::AliasRefused { alias, maximum } => {
                Self::new(ErrorCode::PublishTopicAliasRefused, text)
                    .detail("alias", alias)
                    .detail("limit", maximum)
            }
            SessionError::AliasUnknown(alias) => {
                Self::new(ErrorCode::PublishTopicAliasUnknown, text)
                    .hint("Publish once with both topic and alias.")
                    .detail("alias", alias)
            }
        }
    }
}

fn too_large(text: String, size: u64, limit: u64, whose: Limit) -> UserError {
    let hint = match whose {
        Limit::Broker => "The broker's CONNACK sets this limit; raise it there or send less.",
        Limit::Protocol => "MQTT has no larger packets; send less at a time.",
    };
    UserError::new(ErrorCode::MqttPacketTooLarge, text)
        .hint(hint)
        .detail("size", size)
        .detail("limit", limit)
}

fn sentence(error: &SessionError) -> String {
    let text = error.to_string();
    let mut letters = text.chars();
    letters
        .next()
        .map_or_else(String::new, |first| format!("{}{}.", first.to_uppercase(), letters.as_str()))
}

/// A Reason Code as the errors of a connection show it.
fn coded(reason: ReasonCode) -> String {
    reason
        .name()
        .map_or_else(|| format!("0x{:02X}", reason.0), |name| format!("0x{:02X} {name}", reason.0))
}

fn shortened(text: &str) -> String {
    text.chars().take(120).collect()
}
