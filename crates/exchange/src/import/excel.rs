//! Excel's `.xlsx`, as far as MQTTX writes it: the text of the first sheet.
//!
//! Read with the zip and XML readers that are there and not with a spreadsheet library, because those allocate what a
//! sheet claims to be: one cell in the last corner would be a table of 17 thousand million. Here only cells that are
//! there count, and each part is decompressed with a bound that the archive's own figures cannot lift.

use std::io::{Cursor, Read};

use jiff::tz::TimeZone;
use zip::ZipArchive;

use super::mqttx::table::{self, Row};
use super::value::{Map, Value};
use super::xml;
use crate::error::{ImportError, ImportFault, Place};
use crate::found::{Found, ImportFormat};

/// What all parts together may become, as a multiple of the file; XML of tables shrinks to a tenth or twentieth.
const MAX_RATIO: u64 = 200;
/// What a file may become however small it is.
const ALWAYS_FINE: u64 = 8 << 20;
/// The most columns that are looked at; MQTTX has about forty.
const MAX_COLUMNS: usize = 256;

pub(super) fn is_zip(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06")
}

pub(super) fn read(bytes: &[u8], zone: &TimeZone) -> Result<Found, ImportError> {
    let size = bytes.len() as u64;
    let limit = size.saturating_mul(MAX_RATIO).clamp(ALWAYS_FINE, super::MAX_BYTES as u64);
    let archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| damaged("zip"))?;
    let mut parts = Parts { archive, left: limit };
    let mut names: Vec<String> = Vec::new();
    for name in parts.archive.file_names() {
        names.extend(name.ok().map(std::borrow::Cow::into_owned));
    }
    names.retain(|name| name.starts_with("xl/worksheets/") && name.ends_with(".xml"));
    names.sort();
    let Some(sheet) = names.first() else { return Err(super::unrecognised()) };
    let shared = match parts.text("xl/sharedStrings.xml")? {
        Some(text) => shared_strings(&inner(xml::read(&text), "sharedStrings")?),
        None => Vec::new(),
    };
    let text = parts.text(sheet)?.ok_or_else(|| damaged(sheet))?;
    let sheet = inner(xml::read(&text), "sheet")?;
    drop(text);
    let rows = sheet.get("sheetData").and_then(Value::as_map).and_then(|data| data.get("row"));
    let mut rows =
        list(rows).iter().enumerate().map(|(index, row)| row_of(index + 1, row, &shared));
    let Some(header) = rows.next().filter(|row| table::is_ours(&row.cells)) else {
        return Err(super::unrecognised());
    };
    table::read(&header.cells, rows.map(Ok), zone, ImportFormat::MqttxExcel)
}

fn damaged(part: &str) -> ImportError {
    let fault = ImportFault::Syntax("the archive is damaged".to_owned());
    ImportError::new(Place::Path(part.to_owned()), fault)
}

/// The parts of the archive, and how much more they may become.
struct Parts<'a> {
    archive: ZipArchive<Cursor<&'a [u8]>>,
    left: u64,
}

impl Parts<'_> {
    fn text(&mut self, name: &str) -> Result<Option<String>, ImportError> {
        let Ok(part) = self.archive.by_name(name) else { return Ok(None) };
        let mut bytes = Vec::new();
        // One byte more than allowed tells a part that is too large from one that just fits.
        let read = part.take(self.left + 1).read_to_end(&mut bytes);
        let count = read.map_err(|_| damaged(name))? as u64;
        let expands = || ImportError::new(Place::Path(name.to_owned()), ImportFault::Expands);
        self.left = self.left.checked_sub(count).ok_or_else(expands)?;
        match super::text::decode(&bytes) {
            Ok(text) => Ok(Some(text.into_owned())),
            Err(_) => Err(damaged(name)),
        }
    }
}

/// The outermost element's content; errors name the part.
fn inner(document: Result<Value, ImportError>, part: &str) -> Result<Map, ImportError> {
    match document {
        Ok(Value::Map(map)) => Ok(map),
        Ok(_) => Ok(Map::default()),
        Err(error) => {
            let place = Place::Path(format!("{part} {}", error.place));
            Err(ImportError::new(place, error.cause))
        }
    }
}

fn list(value: Option<&Value>) -> &[Value] {
    match value {
        None => &[],
        Some(Value::List(list)) => list,
        Some(one) => std::slice::from_ref(one),
    }
}

/// `si` elements: their text, or that of their runs.
fn shared_strings(map: &Map) -> Vec<String> {
    list(map.get("si")).iter().map(rich_text).collect()
}

fn rich_text(value: &Value) -> String {
    let Some(map) = value.as_map() else { return String::new() };
    let own = list(map.get("t")).iter().map(element_text);
    let runs = list(map.get("r")).iter().filter_map(Value::as_map);
    own.chain(runs.map(|run| run.get("t").map(element_text).unwrap_or_default())).collect()
}

/// An element's text, whether it has attributes (`xml:space`) or not.
fn element_text(value: &Value) -> String {
    let text = value.as_map().map_or(Some(value), |map| map.get(xml::TEXT));
    text.and_then(Value::as_text).unwrap_or_default()
}

fn row_of(line: usize, row: &Value, shared: &[String]) -> Row {
    let mut cells = Vec::new();
    let map = row.as_map();
    for (index, cell) in list(map.and_then(|map| map.get("c"))).iter().enumerate() {
        let Some(cell) = cell.as_map() else { continue };
        let reference = cell.get("r").and_then(Value::as_text);
        let column = reference.and_then(|text| column(&text)).unwrap_or(index);
        if column >= MAX_COLUMNS {
            continue;
        }
        if cells.len() <= column {
            cells.resize(column + 1, String::new());
        }
        if let Some(place) = cells.get_mut(column) {
            *place = cell_text(cell, shared);
        }
    }
    Row { line, cells }
}

fn cell_text(cell: &Map, shared: &[String]) -> String {
    let value = cell.get("v").map(element_text).unwrap_or_default();
    match cell.get("t").and_then(Value::as_text).as_deref() {
        Some("s") => {
            let index = value.parse::<usize>().ok();
            index.and_then(|index| shared.get(index)).cloned().unwrap_or_default()
        }
        Some("inlineStr") => cell.get("is").map(rich_text).unwrap_or_default(),
        Some("b") => if value == "1" { "true" } else { "false" }.to_owned(),
        _ => value,
    }
}

/// `AB12` as 27.
fn column(reference: &str) -> Option<usize> {
    let letters = reference.bytes().take_while(u8::is_ascii_uppercase);
    let number =
        letters.take(4).fold(0, |sum: usize, byte| sum * 26 + usize::from(byte - b'A') + 1);
    number.checked_sub(1)
}
