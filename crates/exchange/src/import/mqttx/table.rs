//! MQTTX's tables, from CSV and Excel. Old ones have a row for each connection, with lists and objects as JSON in their
//! cells; newer ones have a row for each message and say next to nothing about the connection.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;

use super::sentinels::recover;
use super::{Collected, add_message};
use crate::error::{ImportError, ImportFault, Place};
use crate::found::{Found, ImportFormat, NoteCode};
use crate::import::json::Json;
use crate::import::value::{Map, Value};

/// A table's row with the place that errors name.
pub(in crate::import) struct Row {
    pub(in crate::import) line: usize,
    pub(in crate::import) cells: Vec<String>,
}

/// Columns whose cells hold JSON.
const JSON: [&str; 6] =
    ["messages", "subscriptions", "will", "properties", "userProperties", "meta"];
/// Columns of the newer tables that say something about the connection.
const ABOUT_CONNECTION: [&str; 8] =
    ["host", "port", "protocol", "path", "username", "mqttVersion", "ssl", "clean"];

/// Whether a table's first row is one of MQTTX's.
pub(in crate::import) fn is_ours(header: &[String]) -> bool {
    let has = |name: &str| header.iter().any(|cell| cell.trim() == name);
    (has("clientId") && has("host")) || is_of_messages(header)
}

fn is_of_messages(header: &[String]) -> bool {
    let has = |name: &str| header.iter().any(|cell| cell.trim() == name);
    has("client_id") && has("topic") && has("payload")
}

/// Reads the rows behind the header.
pub(in crate::import) fn read(
    header: &[String],
    rows: impl Iterator<Item = Result<Row, ImportError>>,
    zone: &TimeZone,
    format: ImportFormat,
) -> Result<Found, ImportError> {
    if is_of_messages(header) {
        return of_messages(header, rows, zone, format);
    }
    let mut collected = Collected::default();
    for row in rows {
        let mut map = object(header, &row?)?;
        let messages = map.0.iter().position(|(name, _)| name == "messages");
        let messages = messages.map(|at| map.0.swap_remove(at).1);
        let draft = collected.connection(&map)?;
        if let Some(Value::List(messages)) = messages {
            for (index, value) in messages.iter().enumerate() {
                add_message(draft, index, value, zone);
            }
        }
    }
    collected.found(format)
}

/// A row as the object that it was made from.
fn object(header: &[String], row: &Row) -> Result<Map, ImportError> {
    let mut map = Map::default();
    for (name, cell) in header.iter().zip(&row.cells) {
        let (name, cell) = (name.trim(), unwrapped(cell));
        let value = if JSON.contains(&name) && cell.starts_with(['[', '{']) {
            Json::new(cell).value().map_err(|error| {
                let place = Place::Path(format!("{}: {name} {}", row.line, error.place));
                ImportError::new(place, error.cause)
            })?
        } else {
            Value::text(cell)
        };
        map.insert(name, recover(value));
    }
    Ok(map)
}

/// `="5.0"` keeps Excel from making a number of it.
fn unwrapped(cell: &str) -> &str {
    cell.strip_prefix("=\"").and_then(|rest| rest.strip_suffix('"')).unwrap_or(cell)
}

fn of_messages(
    header: &[String],
    rows: impl Iterator<Item = Result<Row, ImportError>>,
    zone: &TimeZone,
    format: ImportFormat,
) -> Result<Found, ImportError> {
    let mut collected = Collected::default();
    let mut known: BTreeMap<(String, String), usize> = BTreeMap::new();
    for (index, row) in rows.enumerate() {
        let mut row = object(header, &row?)?;
        let text = |name: &str| row.get(name).and_then(Value::as_text).unwrap_or_default();
        let key = (text("client_id"), text("connection_name"));
        let direction = text("direction").to_ascii_lowercase();
        let out = ["out", "sen", "pub", "true"].iter().any(|word| direction.starts_with(word));
        let at = match known.get(&key) {
            Some(at) => *at,
            None => {
                let map = connection(&key, &row);
                let draft = collected.connection(&map)?;
                if draft.profile.endpoint.host.is_empty() {
                    draft.note("host", "", NoteCode::NotUsable);
                }
                known.insert(key, known.len());
                known.len() - 1
            }
        };
        row.insert("out", Value::Bool(out));
        if !row.0.iter().any(|(name, _)| name == "meta")
            && let Some(kind) = row.get("msgType").or_else(|| row.get("payload_type")).cloned()
        {
            row.insert("meta", Value::Map(Map(vec![("msgType".to_owned(), kind)])));
        }
        if let Some(draft) = collected.draft(at) {
            add_message(draft, index, &Value::Map(row), zone);
        }
    }
    if known.is_empty() {
        return Err(ImportError::new(Place::Whole, ImportFault::NoConnection));
    }
    collected.found(format)
}

fn connection((client, name): &(String, String), row: &Map) -> Map {
    let mut map = Map::default();
    map.insert("clientId", Value::text(client.as_str()));
    map.insert("name", Value::text(name.as_str()));
    for column in ABOUT_CONNECTION {
        if let Some(value) = row.get(column) {
            map.insert(column, value.clone());
        }
    }
    map
}
