//! CSV: MQTTX's, also as Excel saved it again with semicolons or tabs.

use jiff::tz::TimeZone;

use super::mqttx::table::{self, Row};
use crate::error::{ImportError, ImportFault, Place};
use crate::found::{Found, ImportFormat};

pub(super) fn is_ours(text: &str) -> bool {
    table::is_ours(&header(text))
}

fn separator(text: &str) -> u8 {
    let line = text.lines().next().unwrap_or_default();
    let count = |separator: &u8| line.bytes().filter(|byte| byte == separator).count();
    let mut best = b',';
    for candidate in [b';', b'\t'] {
        if count(&candidate) > count(&best) {
            best = candidate;
        }
    }
    best
}

fn reader(text: &str) -> ::csv::Reader<&[u8]> {
    let mut builder = ::csv::ReaderBuilder::new();
    builder.delimiter(separator(text)).flexible(true).from_reader(text.as_bytes())
}

fn header(text: &str) -> Vec<String> {
    // Only the first line: the rest may be hundreds of megabytes in one quote.
    let line = text.lines().next().unwrap_or_default();
    let mut reader = reader(line);
    reader.headers().map(|cells| cells.iter().map(str::to_owned).collect()).unwrap_or_default()
}

pub(super) fn read(text: &str, zone: &TimeZone) -> Result<Found, ImportError> {
    let header = header(text);
    let mut reader = reader(text);
    let rows = reader.records().map(|record| {
        let record = record.map_err(|error| {
            let line = error.position().map_or(0, ::csv::Position::line);
            let line = usize::try_from(line).unwrap_or(0);
            let fault = ImportFault::Syntax("it is not well-formed CSV".to_owned());
            ImportError::new(Place::Line { line, column: 0 }, fault)
        })?;
        let line = record.position().map_or(0, ::csv::Position::line);
        let cells = record.iter().map(str::to_owned).collect();
        Ok(Row { line: usize::try_from(line).unwrap_or(0), cells })
    });
    table::read(&header, rows, zone, ImportFormat::MqttxCsv)
}
