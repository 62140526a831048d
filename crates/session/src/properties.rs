//! The properties of a message to be sent (MQTT 5.0, section 3.3.2.3): what is checked before anything is recorded.
//!
//! A broker ends the connection over a property that breaks a rule, and with it everything else that is on its way. So
//! each rule is kept here, where its breach costs one message. The price: a person cannot test a broker with a PUBLISH that
//! is malformed.

use mqttscope_model::properties::Property;
use mqttscope_model::topic::{self, TopicError};

use crate::SessionError;

/// The longest string or binary data in bytes (section 1.5.4 and 1.5.6).
const LONGEST: usize = 65_535;

/// The rule that a property breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PropertyRule {
    /// Only User Property may come repeatedly.
    #[error("it may come only once [MQTT 5.0, 3.3.2.3]")]
    Repeated,
    /// A string or binary data has a length of two bytes.
    #[error("it has {0} bytes, and at most 65,535 are possible [MQTT 5.0, 1.5.4]")]
    TooLong(usize),
    /// A string holds U+0000.
    #[error("a string must not hold the null character U+0000 [MQTT-1.5.4-2]")]
    Null,
    /// The Payload Format Indicator knows two values.
    #[error("{0} is neither 0 (bytes) nor 1 (UTF-8) [MQTT 5.0, 3.3.2.3.2]")]
    NeitherBytesNorUtf8(u8),
    /// The Payload Format Indicator says UTF-8, and the payload is none.
    #[error("it says that the payload is UTF-8, which it is not [MQTT 5.0, 3.3.2.3.2]")]
    PayloadNotUtf8,
    /// The Response Topic is a Topic Name.
    #[error("{0} [MQTT-3.3.2-14]")]
    Topic(TopicError),
    /// A Subscription Identifier goes from the broker to the client.
    #[error("only a broker sends it [MQTT-3.3.4-6]")]
    OnlyFromBroker,
    /// Topic Aliases begin with 1.
    #[error("0 is no Topic Alias [MQTT-3.3.2-8]")]
    AliasZero,
}

impl PropertyRule {
    /// A stable word for the details of an error.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Repeated => "repeated",
            Self::TooLong(_) => "too_long",
            Self::Null => "null",
            Self::NeitherBytesNorUtf8(_) => "neither_bytes_nor_utf8",
            Self::PayloadNotUtf8 => "payload_not_utf8",
            Self::Topic(error) => error.as_str(),
            Self::OnlyFromBroker => "only_from_broker",
            Self::AliasZero => "alias_zero",
        }
    }
}

/// Checks what a PUBLISH with this payload would carry.
pub(crate) fn check(properties: &[Property], payload: &[u8]) -> Result<(), SessionError> {
    let mut seen = 0_u64;
    for property in properties {
        let (id, name) = named(property);
        let bit = 1 << id;
        let repeated = seen & bit != 0 && !matches!(property, Property::UserProperty(..));
        seen |= bit;
        let checked =
            if repeated { Err(PropertyRule::Repeated) } else { check_one(property, payload) };
        checked.map_err(|rule| SessionError::Property { property: name, rule })?;
    }
    Ok(())
}

/// In the order of their identifiers, which is how received ones are recorded; User Properties stay in their own order.
pub(crate) fn sort(properties: &mut [Property]) {
    properties.sort_by_key(|property| named(property).0);
}

/// The identifier of a property and its name in an error's details.
fn named(property: &Property) -> (u8, &'static str) {
    match property {
        Property::PayloadFormatIndicator(_) => (0x01, "payload_format_indicator"),
        Property::MessageExpiryInterval(_) => (0x02, "message_expiry_interval"),
        Property::ContentType(_) => (0x03, "content_type"),
        Property::ResponseTopic(_) => (0x08, "response_topic"),
        Property::CorrelationData(_) => (0x09, "correlation_data"),
        Property::SubscriptionIdentifier(_) => (0x0b, "subscription_identifier"),
        Property::TopicAlias(_) => (0x23, "topic_alias"),
        Property::UserProperty(..) => (0x26, "user_property"),
    }
}

fn check_one(property: &Property, payload: &[u8]) -> Result<(), PropertyRule> {
    match property {
        Property::PayloadFormatIndicator(1) if std::str::from_utf8(payload).is_err() => {
            Err(PropertyRule::PayloadNotUtf8)
        }
        Property::PayloadFormatIndicator(0 | 1) | Property::MessageExpiryInterval(_) => Ok(()),
        Property::PayloadFormatIndicator(other) => Err(PropertyRule::NeitherBytesNorUtf8(*other)),
        Property::ContentType(text) => check_text(text),
        Property::ResponseTopic(topic) => {
            check_text(topic)?;
            topic::check_name(topic).map_err(PropertyRule::Topic)
        }
        Property::CorrelationData(data) => check_length(&data.0),
        Property::SubscriptionIdentifier(_) => Err(PropertyRule::OnlyFromBroker),
        Property::TopicAlias(0) => Err(PropertyRule::AliasZero),
        Property::TopicAlias(_) => Ok(()),
        Property::UserProperty(name, value) => check_text(name).and_then(|()| check_text(value)),
    }
}

fn check_text(text: &str) -> Result<(), PropertyRule> {
    if text.contains('\0') { Err(PropertyRule::Null) } else { check_length(text.as_bytes()) }
}

fn check_length(bytes: &[u8]) -> Result<(), PropertyRule> {
    if bytes.len() > LONGEST { Err(PropertyRule::TooLong(bytes.len())) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use mqttscope_model::Bytes;

    use super::*;

    fn user(name: &str, value: &str) -> Property {
        Property::UserProperty(name.to_owned(), value.to_owned())
    }

    #[test]
    fn what_the_specification_allows_passes() {
        let longest = "x".repeat(LONGEST);
        let all = [
            user("a", ""),
            Property::ContentType(longest.clone()),
            Property::MessageExpiryInterval(0),
            Property::ResponseTopic("a/b".to_owned()),
            user("a", &longest),
            Property::CorrelationData(Bytes(vec![0; LONGEST])),
            Property::PayloadFormatIndicator(1),
            Property::TopicAlias(65_535),
            user("", ""),
        ];
        assert_eq!(check(&all, "é\0".as_bytes()), Ok(()));
        assert_eq!(check(&[Property::PayloadFormatIndicator(0)], b"\xff"), Ok(()));
    }

    #[test]
    fn every_breach_is_named_with_its_property() {
        use PropertyRule as Rule;
        let long = "x".repeat(LONGEST + 1);
        let too_long = Rule::TooLong(LONGEST + 1);
        let cases = [
            (Property::PayloadFormatIndicator(1), "payload_format_indicator", Rule::PayloadNotUtf8),
            (
                Property::PayloadFormatIndicator(2),
                "payload_format_indicator",
                Rule::NeitherBytesNorUtf8(2),
            ),
            (Property::ContentType("\0".to_owned()), "content_type", Rule::Null),
            (Property::ContentType(long.clone()), "content_type", too_long),
            (
                Property::ResponseTopic("a/+".to_owned()),
                "response_topic",
                Rule::Topic(TopicError::WildcardInName('+')),
            ),
            (
                Property::ResponseTopic(String::new()),
                "response_topic",
                Rule::Topic(TopicError::Empty),
            ),
            (Property::ResponseTopic("a\0".to_owned()), "response_topic", Rule::Null),
            (Property::CorrelationData(Bytes(vec![0; 65_536])), "correlation_data", too_long),
            (Property::SubscriptionIdentifier(1), "subscription_identifier", Rule::OnlyFromBroker),
            (Property::TopicAlias(0), "topic_alias", Rule::AliasZero),
            (user("\0", ""), "user_property", Rule::Null),
            (user("a", "\0"), "user_property", Rule::Null),
            (user(&long, ""), "user_property", too_long),
            (user("", &long), "user_property", too_long),
        ];
        for (broken, property, rule) in cases {
            let list = [user("fine", "too"), broken];
            assert_eq!(check(&list, b"\xff"), Err(SessionError::Property { property, rule }));
        }
    }

    #[test]
    fn only_user_properties_come_repeatedly() {
        let once = [
            Property::PayloadFormatIndicator(0),
            Property::MessageExpiryInterval(1),
            Property::ContentType("c".to_owned()),
            Property::ResponseTopic("r".to_owned()),
            Property::CorrelationData(Bytes(Vec::new())),
        ];
        for property in once {
            let (_, name) = named(&property);
            let expected = SessionError::Property { property: name, rule: PropertyRule::Repeated };
            let list = [property.clone(), user("between", ""), property];
            assert_eq!(check(&list, b""), Err(expected));
        }
    }

    #[test]
    fn sorting_leaves_user_properties_in_their_order() {
        let mut list = [
            user("z", "1"),
            Property::ContentType("c".to_owned()),
            user("a", "2"),
            Property::MessageExpiryInterval(1),
            user("z", "1"),
        ];
        sort(&mut list);
        assert_eq!(
            list,
            [
                Property::MessageExpiryInterval(1),
                Property::ContentType("c".to_owned()),
                user("z", "1"),
                user("a", "2"),
                user("z", "1"),
            ]
        );
    }
}
