//! One line of JSON Lines: a message, a header, or nothing.
//!
//! What a line must say is only when, where to and what; a line that somebody wrote by hand is as good as one of
//! ours. Members that are not known are passed over, as RFC 8259 programs do, because a version of the
//! format only grows. Depth is limited by the parser, length by whoever reads the line.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use mqttscope_model::properties::{self, Property};
use mqttscope_model::{Direction, Message, Outcome, QoS};
use serde::Deserialize;

use crate::export::{FORMAT, VERSION};
use crate::{MAX_NOTE, MAX_PAYLOAD, TransferError};

/// What a line is.
pub(super) enum Read {
    /// A header or an empty line.
    Nothing,
    /// A message.
    Message(Taken),
}

/// A message as it will be stored.
pub(super) struct Taken {
    pub(super) message: Message,
    /// Exactly for sent messages.
    pub(super) outcome: Option<Outcome>,
    /// Of its bookmark, where it has one.
    pub(super) note: Option<String>,
}

#[derive(Deserialize)]
struct Line<'a> {
    #[serde(borrow)]
    format: Option<Cow<'a, str>>,
    version: Option<u64>,
    #[serde(borrow)]
    time: Option<Cow<'a, str>>,
    time_us: Option<i64>,
    direction: Option<Direction>,
    topic: Option<String>,
    qos: Option<QoS>,
    retain: Option<bool>,
    dup: Option<bool>,
    properties: Option<Vec<Property>>,
    #[serde(borrow)]
    properties_base64: Option<Cow<'a, str>>,
    outcome: Option<Outcome>,
    note: Option<String>,
    payload: Option<String>,
    #[serde(borrow)]
    payload_base64: Option<Cow<'a, str>>,
}

/// Reads a line without its end. `number` counts lines from 1.
///
/// # Errors
/// [`TransferError::Line`], [`TransferError::Version`].
pub(super) fn read(line: &[u8], number: u64) -> Result<Read, TransferError> {
    if line.trim_ascii().is_empty() {
        return Ok(Read::Nothing);
    }
    let fault = |column: u64, reason: String| TransferError::Line { line: number, column, reason };
    let line: Line<'_> = serde_json::from_slice(line).map_err(|error| {
        let said = error.to_string();
        // Its line is always 1; ours is told beside it.
        let reason = said.split(" at line ").next().unwrap_or(&said).to_owned();
        fault(error.column() as u64, reason)
    })?;
    if let Some(format) = &line.format {
        let version = line.version.unwrap_or_default();
        return match (&**format, version) {
            (FORMAT, 1..=VERSION) => Ok(Read::Nothing),
            (FORMAT, newer) if newer > VERSION => {
                Err(TransferError::Version { line: number, version: newer })
            }
            _ => Err(fault(0, format!("{format:?} of version {version} is not {FORMAT:?}"))),
        };
    }
    message(line).map(Read::Message).map_err(|reason| fault(0, reason))
}

fn message(line: Line<'_>) -> Result<Taken, String> {
    let message = Message {
        time_us: time(line.time_us, line.time.as_deref())?,
        direction: line.direction.ok_or("direction is missing")?,
        topic: line.topic.ok_or("topic is missing")?,
        qos: line.qos.unwrap_or_default(),
        retain: line.retain.unwrap_or_default(),
        dup: line.dup.unwrap_or_default(),
        payload: payload(line.payload, line.payload_base64.as_deref())?,
        properties: encoded(line.properties, line.properties_base64.as_deref())?,
    };
    if line.note.as_ref().is_some_and(|note| note.chars().count() > MAX_NOTE) {
        return Err(format!("the note has more than {MAX_NOTE} characters"));
    }
    Ok(super::taken(message, line.outcome, line.note))
}

/// The number counts; the text is for people and for lines that were written by hand.
fn time(time_us: Option<i64>, time: Option<&str>) -> Result<i64, String> {
    match (time_us, time) {
        (Some(time_us), _) => Ok(time_us),
        (None, Some(text)) => {
            let time: Timestamp = text.parse().map_err(|error| format!("time: {error}"))?;
            Ok(time.as_microsecond())
        }
        (None, None) => Err("time_us is missing, and time too".to_owned()),
    }
}

fn payload(text: Option<String>, base64: Option<&str>) -> Result<Vec<u8>, String> {
    let payload = match (text, base64) {
        (Some(text), None) => text.into_bytes(),
        (None, Some(base64)) => {
            STANDARD.decode(base64).map_err(|error| format!("payload_base64: {error}"))?
        }
        (None, None) => return Err("payload is missing, and payload_base64 too".to_owned()),
        (Some(_), Some(_)) => return Err("payload stands beside payload_base64".to_owned()),
    };
    if payload.len() > MAX_PAYLOAD {
        return Err(format!("the payload has {} bytes, MQTT allows {MAX_PAYLOAD}", payload.len()));
    }
    Ok(payload)
}

fn encoded(list: Option<Vec<Property>>, base64: Option<&str>) -> Result<Vec<u8>, String> {
    match (list, base64) {
        (None, None) => Ok(Vec::new()),
        (Some(list), None) => {
            let mut all = Vec::new();
            for property in &list {
                let one = properties::encode(std::slice::from_ref(property));
                if one.is_empty() {
                    return Err("properties: a value is larger than MQTT allows".to_owned());
                }
                all.extend(one);
            }
            Ok(all)
        }
        (None, Some(base64)) => {
            STANDARD.decode(base64).map_err(|error| format!("properties_base64: {error}"))
        }
        (Some(_), Some(_)) => Err("properties stands beside properties_base64".to_owned()),
    }
}
