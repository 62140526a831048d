//! The words that MQTTX writes into XML and tables where those formats have no null, empty text, list or object.

use crate::import::value::{Map, Value};

/// Turns the words back.
pub(in crate::import) fn recover(value: Value) -> Value {
    match value {
        Value::Text(text) => match text.as_str() {
            "TYPE_NULL" | "TYPE_UNDEFINED" => Value::Null,
            "EMPTY_STRING" => Value::text(""),
            "EMPTY_ARRAY" => Value::List(Vec::new()),
            "EMPTY_OBJECT" => Value::Map(Map::default()),
            _ => Value::Text(text),
        },
        Value::List(list) => Value::List(list.into_iter().map(recover).collect()),
        Value::Map(map) => {
            Value::Map(Map(map.0.into_iter().map(|(name, value)| (name, recover(value))).collect()))
        }
        other => other,
    }
}
