//! The Will Message and its properties.

use super::ProblemCode;
use super::connecting::not_sent;
use super::found::Found;
use crate::{Profile, ProtocolVersion, WillPayload, WillProperties, topic};

pub(super) fn check(found: &mut Found, profile: &Profile) {
    let Some(will) = &profile.will else { return };
    check_topic(found, "will.topic", &will.topic);
    let bytes = match &will.payload {
        WillPayload::Typed { typed } => found.typed("will.payload", typed),
        WillPayload::File { path } => {
            found.required_path("will.payload", path);
            None
        }
    };
    let properties = &will.properties;
    if profile.version != ProtocolVersion::V5 {
        check_unsent(found, properties);
        return;
    }
    check_properties(found, properties);
    let is_utf8 = bytes.is_none_or(|bytes| std::str::from_utf8(&bytes).is_ok());
    if properties.payload_is_utf8 == Some(true) && !is_utf8 {
        let (field, source) = ("will.properties.payload_is_utf8", "MQTT 5.0, 3.1.3.2.3");
        found.warn(field, ProblemCode::NotUtf8, "", source);
    }
    // The Will goes out when the session ends, even before its delay is over.
    if properties.delay_interval.is_some_and(|delay| delay > profile.session_expiry) {
        let (field, source) = ("will.properties.delay_interval", "MQTT 5.0, 3.1.3.2.2");
        found.warn(field, ProblemCode::DelayBeyondSession, profile.session_expiry, source);
    }
}

fn check_properties(found: &mut Found, properties: &WillProperties) {
    if let Some(content_type) = &properties.content_type {
        found.string("will.properties.content_type", content_type);
    }
    if let Some(topic) = &properties.response_topic {
        check_topic(found, "will.properties.response_topic", topic);
    }
    if let Some(data) = &properties.correlation_data {
        found.typed("will.properties.correlation_data", data);
    }
    found.user_properties("will.properties.user_properties", &properties.user_properties);
}

/// A Topic Name, with its rules as a string.
fn check_topic(found: &mut Found, field: &str, topic: &str) {
    match topic::check_name(topic) {
        Err(error) => found.topic(field, error),
        Ok(()) => found.string(field, topic),
    }
}

fn check_unsent(found: &mut Found, properties: &WillProperties) {
    for (name, is_set) in [
        ("delay_interval", properties.delay_interval.is_some()),
        ("payload_is_utf8", properties.payload_is_utf8.is_some()),
        ("message_expiry", properties.message_expiry.is_some()),
        ("content_type", properties.content_type.is_some()),
        ("response_topic", properties.response_topic.is_some()),
        ("correlation_data", properties.correlation_data.is_some()),
        ("user_properties", !properties.user_properties.is_empty()),
    ] {
        if is_set {
            not_sent(found, &format!("will.properties.{name}"));
        }
    }
}
