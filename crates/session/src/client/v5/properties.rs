//! The properties of a PUBLISH, between the library's structure and our list.

use mqttscope_model::Bytes;
use mqttscope_model::properties::Property;
use v5::PublishProperties;

/// The properties as a list, in the order of their identifiers; User Properties in the order in which they came.
pub(super) fn listed(found: PublishProperties) -> Vec<Property> {
    let number = |id: usize| u32::try_from(id).unwrap_or(u32::MAX);
    let mut list = Vec::new();
    list.extend(found.payload_format_indicator.map(Property::PayloadFormatIndicator));
    list.extend(found.message_expiry_interval.map(Property::MessageExpiryInterval));
    list.extend(found.content_type.map(Property::ContentType));
    list.extend(found.response_topic.map(Property::ResponseTopic));
    list.extend(found.correlation_data.map(|data| Property::CorrelationData(Bytes(data.into()))));
    let identifiers = found.subscription_identifiers.into_iter().map(number);
    list.extend(identifiers.map(Property::SubscriptionIdentifier));
    list.extend(found.topic_alias.map(Property::TopicAlias));
    let user = found.user_properties.into_iter();
    list.extend(user.map(|(name, value)| Property::UserProperty(name, value)));
    list
}

/// The library's structure of properties that were checked; none where there are none.
pub(super) fn built(list: Vec<Property>) -> Option<PublishProperties> {
    if list.is_empty() {
        return None;
    }
    let mut built = PublishProperties::default();
    for property in list {
        match property {
            Property::PayloadFormatIndicator(value) => built.payload_format_indicator = Some(value),
            Property::MessageExpiryInterval(value) => built.message_expiry_interval = Some(value),
            Property::ContentType(value) => built.content_type = Some(value),
            Property::ResponseTopic(value) => built.response_topic = Some(value),
            Property::CorrelationData(Bytes(data)) => built.correlation_data = Some(data.into()),
            Property::TopicAlias(alias) => built.topic_alias = Some(alias),
            // What is sent has none.
            Property::SubscriptionIdentifier(_) => {}
            Property::UserProperty(name, value) => built.user_properties.push((name, value)),
        }
    }
    Some(built)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_survives_the_library() {
        let user = |name: &str| Property::UserProperty(name.to_owned(), "v".to_owned());
        let list = vec![
            Property::PayloadFormatIndicator(1),
            Property::MessageExpiryInterval(7),
            Property::ContentType("c".to_owned()),
            Property::ResponseTopic("r".to_owned()),
            Property::CorrelationData(Bytes(vec![0, 255])),
            Property::TopicAlias(3),
            user("z"),
            user("a"),
            user("z"),
        ];
        assert_eq!(built(list.clone()).map(listed), Some(list));
        assert_eq!(built(Vec::new()), None);
    }
}
