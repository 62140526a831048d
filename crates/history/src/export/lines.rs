//! JSON Lines: a header, then an object for each message.
//!
//! The header is a line of its own, so that messages carry no version; concatenated and cut files can be imported
//! all the same, because a header may come again or be missing. Everything that MQTT carried comes back: text
//! where the bytes are UTF-8, Base64 where they are not, and properties that are written in another way than ours as
//! the bytes that they were. The price is a line that is longer than the message.

use std::io::{self, Write};

use base64::display::Base64Display;
use base64::engine::general_purpose::{GeneralPurpose, STANDARD};
use jiff::Timestamp;
use mqttscope_model::properties::{self, Property};
use mqttscope_model::{Direction, Outcome};
use serde::{Serialize, Serializer};

use super::{Form, Whole};

/// What the header calls the format.
pub(crate) const FORMAT: &str = "mqttscope.messages";

/// The version of the format. A new member of a line needs no new version, another meaning of one does.
pub(crate) const VERSION: u64 = 1;

/// Properties, and payloads full of escapes, above go as Base64, so that no line is longer than an import takes.
const TEXT_LIMIT: usize = 16 << 20;
const PROPERTIES_LIMIT: usize = 1 << 20;

#[derive(Serialize)]
struct Header {
    format: &'static str,
    version: u64,
}

#[derive(Serialize)]
struct Line<'a> {
    id: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    time: Option<String>,
    time_us: i64,
    direction: Direction,
    topic: &'a str,
    qos: u8,
    retain: bool,
    dup: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    properties: Vec<Property>,
    #[serde(skip_serializing_if = "Option::is_none")]
    properties_base64: Option<Base64<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    outcome: Option<&'a Outcome>,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    payload: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    payload_base64: Option<Base64<'a>>,
}

/// Bytes that are written as Base64 without a copy of them.
struct Base64<'a>(&'a [u8]);

impl Serialize for Base64<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&Base64Display::<GeneralPurpose>::new(self.0, &STANDARD))
    }
}

/// The format.
pub(super) struct Lines;

impl Form for Lines {
    fn begin(&mut self, out: &mut dyn Write) -> io::Result<()> {
        serde_json::to_writer(&mut *out, &Header { format: FORMAT, version: VERSION })?;
        out.write_all(b"\n")
    }

    fn message(&mut self, out: &mut dyn Write, message: &Whole<'_>) -> io::Result<()> {
        let text = text(message.payload);
        let listed = listed(message.properties);
        let raw = listed.is_none().then_some(Base64(message.properties));
        let line = Line {
            id: message.id.0,
            time: time(message.time_us),
            time_us: message.time_us,
            direction: message.direction,
            topic: message.topic,
            qos: message.qos.into(),
            retain: message.retain,
            dup: message.dup,
            properties: listed.unwrap_or_default(),
            properties_base64: raw,
            outcome: message.outcome.as_ref(),
            note: message.note,
            payload: text,
            payload_base64: text.is_none().then_some(Base64(message.payload)),
        };
        serde_json::to_writer(&mut *out, &line)?;
        out.write_all(b"\n")
    }
}

/// A time as RFC 3339 with microseconds; none before the year -9999 and after 9999.
pub(super) fn time(time_us: i64) -> Option<String> {
    Timestamp::from_microsecond(time_us).ok().map(|time| format!("{time:.6}"))
}

/// A payload as text, where it is UTF-8 and its escapes do not make it overlong.
fn text(payload: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(payload).ok()?;
    let fits = payload.len() <= TEXT_LIMIT || escaped(payload) <= payload.len() / 3 * 4;
    fits.then_some(text)
}

/// Bytes of a text in JSON.
fn escaped(text: &[u8]) -> usize {
    let length = |byte: &u8| match byte {
        b'"' | b'\\' | b'\n' | b'\r' | b'\t' | 0x08 | 0x0c => 2,
        0..=0x1f => 6,
        _ => 1,
    };
    text.iter().map(length).sum()
}

/// Properties as a list; none where that would not come back as the same bytes.
pub(super) fn listed(encoded: &[u8]) -> Option<Vec<Property>> {
    if encoded.len() > PROPERTIES_LIMIT {
        return None;
    }
    properties::decode(encoded).ok().filter(|list| properties::encode(list) == encoded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_six_digits_and_years_of_five_have_none() {
        assert_eq!(time(1).unwrap(), "1970-01-01T00:00:00.000001Z");
        assert_eq!(time(1_795_225_800_000_000).unwrap(), "2026-11-21T01:50:00.000000Z");
        assert_eq!(time(-1).unwrap(), "1969-12-31T23:59:59.999999Z");
        assert_eq!(time(i64::MAX), None);
    }

    #[test]
    fn the_length_in_json_is_that_of_the_writer() {
        let all: String = ('\0'..='\u{ff}').collect();
        assert_eq!(escaped(all.as_bytes()), serde_json::to_string(&all).unwrap().len() - 2);
    }

    #[test]
    fn a_large_text_of_escapes_goes_as_base64() {
        let quotes = vec![b'"'; TEXT_LIMIT + 1];
        assert_eq!(text(&quotes), None);
        assert!(text(&quotes[1..]).is_some());
        assert!(text(&vec![b'a'; TEXT_LIMIT + 1]).is_some());
    }

    #[test]
    fn properties_that_were_written_otherwise_stay_bytes() {
        // The Subscription Identifier 1 in two bytes, which MQTT 5.0, 1.5.5 does not allow.
        assert_eq!(listed(&[0x0b, 0x81, 0x00]), None);
        assert_eq!(listed(&[0x0b, 0x01]), Some(vec![Property::SubscriptionIdentifier(1)]));
        assert_eq!(listed(&[0xff]), None);
    }
}
