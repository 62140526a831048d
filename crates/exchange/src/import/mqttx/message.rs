//! MQTTX's stored messages. Their payload is the decoded text, so its bytes are made again by the type that stands
//! beside it; JSON that MQTTX indented stays as MQTTX kept it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::tz::TimeZone;
use mqttscope_model::bytes::Bytes;
use mqttscope_model::properties::{Property, encode};
use mqttscope_model::{ByteFormat, Direction, Message, QoS, TypedBytes};

use super::buffer;
use crate::import::fields::Fields;
use crate::import::value::{Map, Value};

/// The message of an object; `None` where it cannot be one.
pub(super) fn message(map: &Map, zone: &TimeZone) -> Option<Message> {
    let mut fields = Fields::new(map, "");
    let topic = fields.text("topic")?;
    let time_us = time(&fields.text("createAt")?, zone)?;
    let qos = QoS::try_from(fields.number::<u8>("qos").unwrap_or(0)).ok()?;
    let payload = match fields.value("payload") {
        None => Vec::new(),
        Some(value) => bytes(value, &kind(fields.value("meta")))?,
    };
    let out = fields.flag("out").unwrap_or(false);
    let retain = fields.flag("retain").unwrap_or(false);
    let properties = match fields.object("properties") {
        Some(mut inner) => properties(&mut inner),
        None => properties(&mut fields),
    };
    let direction = if out { Direction::Sent } else { Direction::Received };
    Some(Message { time_us, direction, topic, qos, retain, dup: false, payload, properties })
}

/// `2026-01-23 10:13:00:120` in local time, with a dot or without fractions also; or a moment with its offset.
fn time(text: &str, zone: &TimeZone) -> Option<i64> {
    let text = text.trim();
    if let Ok(moment) = text.parse::<jiff::Timestamp>() {
        return Some(moment.as_microsecond());
    }
    let parsed = match text.rsplit_once(':') {
        Some((before, fraction)) if before.matches(':').count() == 2 => {
            format!("{before}.{fraction}").parse::<jiff::civil::DateTime>()
        }
        _ => text.parse(),
    };
    // At the end of summer time an hour comes twice and nothing says which it was: the first is taken.
    let moment = zone.to_ambiguous_timestamp(parsed.ok()?).compatible().ok()?;
    Some(moment.as_microsecond())
}

/// The type that the payload was decoded with, from `{"msgType":"Hex"}`.
fn kind(meta: Option<&Value>) -> String {
    let parsed;
    let meta = match meta {
        Some(Value::Text(text)) => {
            parsed = serde_json::from_str::<Value>(text).unwrap_or(Value::Null);
            &parsed
        }
        Some(other) => other,
        None => return String::new(),
    };
    let kind = meta.as_map().and_then(|map| map.get("msgType")).and_then(Value::as_text);
    kind.unwrap_or_default().to_ascii_lowercase()
}

fn bytes(value: &Value, kind: &str) -> Option<Vec<u8>> {
    if let Some(bytes) = buffer(value) {
        return Some(bytes);
    }
    let text = value.as_text()?;
    match kind {
        "hex" => TypedBytes { format: ByteFormat::Hex, text }.bytes().ok(),
        "base64" => STANDARD.decode(text.split_whitespace().collect::<String>()).ok(),
        _ => Some(text.into_bytes()),
    }
}

/// The properties in their wire encoding. A User Property whose name comes several times is a list.
fn properties(fields: &mut Fields<'_>) -> Vec<u8> {
    let mut list = Vec::new();
    let utf8 = fields.flag("payloadFormatIndicator");
    list.extend(utf8.map(|flag| Property::PayloadFormatIndicator(u8::from(flag))));
    list.extend(fields.number("messageExpiryInterval").map(Property::MessageExpiryInterval));
    list.extend(fields.text("contentType").map(Property::ContentType));
    list.extend(fields.text("responseTopic").map(Property::ResponseTopic));
    if let Some(value) = fields.value("correlationData") {
        let data = buffer(value).or_else(|| value.as_text().map(String::into_bytes));
        list.extend(data.map(|data| Property::CorrelationData(Bytes(data))));
    }
    let identifiers = fields.list("subscriptionIdentifier").iter().filter_map(Value::as_integer);
    let identifiers = identifiers.filter_map(|number| u32::try_from(number).ok());
    list.extend(identifiers.map(Property::SubscriptionIdentifier));
    list.extend(fields.number("topicAlias").map(Property::TopicAlias));
    let parsed;
    let pairs = match fields.value("userProperties") {
        Some(Value::Text(text)) => {
            parsed = as_user_properties(text);
            Fields::new(&parsed, "").user_properties("userProperties")
        }
        _ => fields.user_properties("userProperties"),
    };
    list.extend(pairs.into_iter().map(|pair| Property::UserProperty(pair.name, pair.value)));
    encode(&list)
}

/// The database keeps them as JSON.
fn as_user_properties(text: &str) -> Map {
    let mut map = Map::default();
    map.insert("userProperties", serde_json::from_str(text).unwrap_or(Value::Null));
    map
}
