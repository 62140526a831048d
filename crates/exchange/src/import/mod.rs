//! Reading what other programs and people have: each format becomes a [`Found`].
//!
//! A format is recognised by its content, because the same `settings.json` is written by a hundred programs and people
//! rename files. Input is hostile: its size, depth, number of parts and expansion are bounded before they are read,
//! and the first thing that breaks a format's syntax ends the import with its place. A field that is there
//! and cannot be used is a note, not an error, so that one odd port does not cost a thousand connections.

mod analyzer;
mod csv;
mod draft;
mod excel;
mod explorer;
mod fields;
mod hivemq;
mod json;
mod mosquitto;
mod mqttfx;
mod mqttspy;
mod mqttx;
mod text;
mod url;
mod value;
mod xml;
mod yaml;

use std::path::Path;

use jiff::tz::TimeZone;

use crate::error::{ImportError, ImportFault, Place};
use crate::found::{Found, ImportFormat};
use json::Json;
use value::Value;

/// The largest file that is read, in bytes.
pub const MAX_BYTES: usize = 256 << 20;

/// Reads a file or a pasted text.
///
/// `name` is the file's name for messages, `zone` that of times written without one. Nothing but `bytes` is read; `path`
/// only serves to see whether a database's latest changes stand in another file beside it.
///
/// # Errors
/// [`ImportError`] names the file, the place and the reason.
pub fn read(
    name: &str,
    bytes: &[u8],
    path: Option<&Path>,
    zone: &TimeZone,
) -> Result<Found, ImportError> {
    let whole = path.is_none_or(|path| !mqttx::database::is_in_use(bytes, path));
    let whole =
        if whole { Ok(()) } else { Err(ImportError::new(Place::Whole, ImportFault::InUse)) };
    whole.and_then(|()| recognise(bytes, zone)).map_err(|error| error.in_file(name))
}

fn recognise(bytes: &[u8], zone: &TimeZone) -> Result<Found, ImportError> {
    if bytes.len() > MAX_BYTES {
        let fault = ImportFault::TooLarge { limit: MAX_BYTES as u64 };
        return Err(ImportError::new(Place::Whole, fault));
    }
    if mqttx::database::is_sqlite(bytes) {
        return mqttx::database::read(bytes, zone);
    }
    if excel::is_zip(bytes) {
        return excel::read(bytes, zone);
    }
    let text = text::decode(bytes)?;
    if let Some(ours) = crate::document::read(text.as_bytes()) {
        return ours;
    }
    let json = Json::new(&text);
    match json.first() {
        // [::1]:1883 and <mqtt://host> begin as something else would.
        _ if url::is_ours(&text) => url::read(&text),
        Some('[' | '{') => read_json(json, zone),
        Some('<') => read_xml(&text, zone),
        _ if csv::is_ours(&text) => csv::read(&text, zone),
        _ if mosquitto::is_command(&text) => mosquitto::command(&text),
        _ if mosquitto::is_options(&text) => mosquitto::options_file(&text),
        _ if hivemq::is_ours(&text) => hivemq::read(&text),
        _ if is_yaml(&text) => read_yaml(&text, zone),
        _ => Err(unrecognised()),
    }
}

fn read_xml(text: &str, zone: &TimeZone) -> Result<Found, ImportError> {
    match xml::root(text).as_deref() {
        Some("root") if text.contains("<oneConnection") => mqttx::xml(xml::read(text)?, zone),
        Some("configuration") if text.contains("<connectionProfiles") => {
            mqttfx::read(&xml::read(text)?)
        }
        Some("MqttSpyConfiguration") => mqttspy::read(&xml::read(text)?),
        _ => Err(unrecognised()),
    }
}

/// Whether a line says `clientId:`, at its beginning or as the first of a list's item.
fn is_yaml(text: &str) -> bool {
    text.lines().any(|line| line.trim_start_matches([' ', '-']).starts_with("clientId:"))
}

fn read_yaml(text: &str, zone: &TimeZone) -> Result<Found, ImportError> {
    match yaml::read(text)? {
        Value::List(list) => mqttx::values(&list, zone, ImportFormat::MqttxJson),
        one => mqttx::values(&[one], zone, ImportFormat::MqttxJson),
    }
}

fn read_json(json: Json<'_>, zone: &TimeZone) -> Result<Found, ImportError> {
    let first = if json.first() == Some('[') {
        match json.items()?.first() {
            Some(first) => *first,
            None => return Err(ImportError::new(Place::Whole, ImportFault::NoConnection)),
        }
    } else {
        json
    };
    if first.first() != Some('{') {
        return Err(unrecognised());
    }
    let entries = first.entries()?;
    if mqttx::is_ours(entries.iter().map(|(name, _)| name.as_ref())) {
        return mqttx::json(json, zone);
    }
    if explorer::is_ours(entries.iter().map(|(name, _)| name.as_ref())) {
        return explorer::read(json);
    }
    if analyzer::is_ours(&first) {
        return analyzer::read(json);
    }
    Err(unrecognised())
}

fn unrecognised() -> ImportError {
    ImportError::new(Place::Whole, ImportFault::Unrecognised)
}
