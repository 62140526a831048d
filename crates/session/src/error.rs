//! What can go wrong with a request to a session, cause by cause.
//!
//! Failures of the connection itself are told by [`crate::client`] and the dialler; these are the
//! ones that a caller gets back.

use mqttscope_model::topic::TopicError;
use mqttscope_model::{ErrorCode, ProtocolVersion, QoS, ReasonCode, UserError};

use crate::PropertyRule;

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
    #[error("the message makes a packet of {size} bytes, and at most {limit} are taken")]
    TooLarge {
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
    #[error("the broker refuses to end the subscription: {0}")]
    UnsubscribeRefused(ReasonCode),
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
            SessionError::TooLarge { size, limit, whose } => {
                let hint = match whose {
                    Limit::Broker => {
                        "The broker's CONNACK sets this limit; raise it there or send less."
                    }
                    Limit::Protocol => "MQTT has no larger packets; send less at a time.",
                };
                Self::new(ErrorCode::MqttPacketTooLarge, text)
                    .hint(hint)
                    .detail("size", size)
                    .detail("limit", limit)
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
            SessionError::UnsubscribeRefused(reason) => Self::new(ErrorCode::MqttRefused, text)
                .detail("reason", format!("0x{:02X}", reason.0)),
        }
    }
}

fn sentence(error: &SessionError) -> String {
    let text = error.to_string();
    let mut letters = text.chars();
    letters
        .next()
        .map_or_else(String::new, |first| format!("{}{}.", first.to_uppercase(), letters.as_str()))
}

fn shortened(text: &str) -> String {
    text.chars().take(120).collect()
}
