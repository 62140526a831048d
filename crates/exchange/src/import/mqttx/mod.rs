//! MQTTX: its JSON, and what its other files have in common with it.

mod connection;
pub(super) mod database;
mod folders;
mod message;
mod sentinels;
mod subscriptions;
pub(super) mod table;

use jiff::tz::TimeZone;

use super::draft::{Draft, MAX_PROFILES, found};
use super::json::Json;
use super::value::{Map, Value};
use crate::error::{ImportError, ImportFault, Place};
use crate::found::{Found, ImportFormat, NoteCode};
use folders::{Folder, Placed};

/// Connections and folders, from whichever file.
#[derive(Default)]
pub(super) struct Collected {
    drafts: Vec<Draft>,
    placed: Vec<Placed>,
    folders: Vec<Folder>,
}

impl Collected {
    /// Adds a connection; its messages are added to the draft by the caller.
    pub(super) fn connection(&mut self, map: &Map) -> Result<&mut Draft, ImportError> {
        if self.drafts.len() >= MAX_PROFILES {
            let fault = ImportFault::TooMany { limit: MAX_PROFILES };
            return Err(ImportError::new(Place::Whole, fault));
        }
        self.placed.push(Placed::of(map));
        Ok(self.drafts.push_mut(connection::profile(map)))
    }

    /// A connection that was added, by its number.
    fn draft(&mut self, index: usize) -> Option<&mut Draft> {
        self.drafts.get_mut(index)
    }

    /// Adds a folder.
    pub(super) fn folder(&mut self, map: &Map) {
        self.folders.extend(Folder::of(map));
    }

    /// All of it.
    pub(super) fn found(self, format: ImportFormat) -> Result<Found, ImportError> {
        let tree = folders::tree(self.folders, &self.placed);
        found(format, self.drafts, tree, Vec::new())
    }
}

/// Reads a whole tree, as XML, YAML and tables bring it: one connection, or a list.
pub(super) fn values(
    values: &[Value],
    zone: &TimeZone,
    format: ImportFormat,
) -> Result<Found, ImportError> {
    let mut collected = Collected::default();
    for (index, value) in values.iter().enumerate() {
        let Some(map) = value.as_map() else {
            let place = Place::Path(format!("[{index}]"));
            return Err(ImportError::new(place, ImportFault::Shape("a connection")));
        };
        if is_folder(map) {
            collected.folder(map);
            continue;
        }
        let draft = collected.connection(map)?;
        let messages = match map.get("messages") {
            Some(Value::List(list)) => list.as_slice(),
            Some(one) if !one.is_empty() => std::slice::from_ref(one),
            _ => &[],
        };
        for (index, value) in messages.iter().enumerate() {
            add_message(draft, index, value, zone);
        }
    }
    collected.found(format)
}

/// Reads `<root><oneConnection>..`.
pub(super) fn xml(root: Value, zone: &TimeZone) -> Result<Found, ImportError> {
    let connections = match sentinels::recover(root) {
        Value::Map(map) => match map.get("oneConnection") {
            Some(Value::List(list)) => list.clone(),
            Some(one) => vec![one.clone()],
            None => vec![Value::Map(map)],
        },
        _ => Vec::new(),
    };
    values(&connections, zone, ImportFormat::MqttxXml)
}

/// Reads JSON part by part: a message is in memory as a tree only while it is read.
pub(super) fn json(json: Json<'_>, zone: &TimeZone) -> Result<Found, ImportError> {
    let items = if json.first() == Some('[') { json.items()? } else { vec![json] };
    let mut collected = Collected::default();
    for item in items {
        let mut map = Map::default();
        let mut messages = None;
        for (name, part) in item.entries()? {
            if name == "messages" {
                messages = Some(part);
            } else {
                map.insert(&name, part.value()?);
            }
        }
        if is_folder(&map) {
            collected.folder(&map);
            continue;
        }
        let draft = collected.connection(&map)?;
        let Some(messages) = messages.filter(|part| part.first() != Some('n')) else { continue };
        for (index, part) in messages.items()?.into_iter().enumerate() {
            add_message(draft, index, &part.value()?, zone);
        }
    }
    collected.found(ImportFormat::MqttxJson)
}

/// Whether an object's names are those of a connection of MQTTX, or of one of its folders.
pub(super) fn is_ours<'a>(names: impl Iterator<Item = &'a str>) -> bool {
    let (mut client, mut host, mut folder) = (false, false, false);
    for name in names {
        client |= matches!(name, "clientId" | "mqttVersion");
        host |= matches!(name, "host" | "port");
        folder |= name == "isCollection";
    }
    (client && host) || folder
}

fn is_folder(map: &Map) -> bool {
    map.get("isCollection").and_then(Value::as_flag) == Some(true)
}

pub(super) fn add_message(draft: &mut Draft, index: usize, value: &Value, zone: &TimeZone) {
    match value.as_map().and_then(|map| message::message(map, zone)) {
        Some(message) => draft.messages.push(message),
        None => draft.note(format!("messages[{index}]"), "", NoteCode::MessageUnreadable),
    }
}

/// The bytes of Node.js's Buffer: `{"type":"Buffer","data":[..]}`.
fn buffer(value: &Value) -> Option<Vec<u8>> {
    let map = value.as_map()?;
    if map.get("type")?.as_text()? != "Buffer" {
        return None;
    }
    let byte = |value: &Value| u8::try_from(value.as_integer()?).ok();
    match map.get("data")? {
        Value::List(list) => list.iter().map(byte).collect(),
        // XML with a single byte.
        one => byte(one).map(|byte| vec![byte]),
    }
}
