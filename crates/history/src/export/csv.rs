//! CSV (RFC 4180) for spreadsheets: a header, CRLF, quotes where they are needed.
//!
//! CSV is what people open in a spreadsheet; programs have JSON Lines. So a payload that begins like a formula is
//! guarded by default, since it comes from strangers and a spreadsheet would calculate it; a number stays a
//! number. Properties are one cell of JSON, so that repeated ones keep their order. The price is that a guarded cell is
//! not what was sent, and that Excel cuts cells at 32,767 characters.

use std::io::{self, Write};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use csv::{Terminator, WriterBuilder};
use mqttscope_model::{Direction, Formulas, Outcome};

use super::{Form, Whole, lines};

const COLUMNS: [&str; 15] = [
    "id",
    "time",
    "time_us",
    "direction",
    "topic",
    "qos",
    "retain",
    "dup",
    "outcome",
    "outcome_detail",
    "properties",
    "size",
    "payload_encoding",
    "payload",
    "note",
];

const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// The format.
pub(super) struct Csv {
    byte_order_mark: bool,
    formulas: Formulas,
}

impl Csv {
    pub(super) fn new(byte_order_mark: bool, formulas: Formulas) -> Self {
        Self { byte_order_mark, formulas }
    }

    fn text(&self, text: &str) -> String {
        if self.formulas == Formulas::Guarded && is_formula(text) {
            format!("'{text}")
        } else {
            text.to_owned()
        }
    }
}

impl Form for Csv {
    fn begin(&mut self, out: &mut dyn Write) -> io::Result<()> {
        if self.byte_order_mark {
            out.write_all(BYTE_ORDER_MARK)?;
        }
        record(out, &COLUMNS.map(str::to_owned))
    }

    fn message(&mut self, out: &mut dyn Write, message: &Whole<'_>) -> io::Result<()> {
        let (state, detail) = message.outcome.as_ref().map(outcome).unwrap_or_default();
        let properties = match lines::listed(message.properties) {
            Some(list) if list.is_empty() => String::new(),
            Some(list) => serde_json::to_string(&list)?,
            None => STANDARD.encode(message.properties),
        };
        let (encoding, payload) = match std::str::from_utf8(message.payload) {
            Ok(text) => ("utf-8", self.text(text)),
            Err(_) => ("base64", STANDARD.encode(message.payload)),
        };
        let direction = match message.direction {
            Direction::Received => "received",
            Direction::Sent => "sent",
        };
        let cells = [
            message.id.0.to_string(),
            lines::time(message.time_us).unwrap_or_default(),
            message.time_us.to_string(),
            direction.to_owned(),
            self.text(message.topic),
            u8::from(message.qos).to_string(),
            message.retain.to_string(),
            message.dup.to_string(),
            state.to_owned(),
            detail,
            self.text(&properties),
            message.payload.len().to_string(),
            encoding.to_owned(),
            payload,
            self.text(message.note.unwrap_or_default()),
        ];
        record(out, &cells)
    }
}

fn record(out: &mut dyn Write, cells: &[String]) -> io::Result<()> {
    // Into memory first: an error of the disk would lose its kind on the way through the library.
    let room = cells.iter().map(String::len).sum::<usize>() + 64;
    let mut writer =
        WriterBuilder::new().terminator(Terminator::CRLF).from_writer(Vec::with_capacity(room));
    writer.write_record(cells)?;
    out.write_all(&writer.into_inner().map_err(|error| error.into_error())?)
}

fn outcome(outcome: &Outcome) -> (&'static str, String) {
    match outcome {
        Outcome::Pending => ("pending", String::new()),
        Outcome::Sent => ("sent", String::new()),
        Outcome::Acknowledged { reason } => ("acknowledged", reason.0.to_string()),
        Outcome::Completed { reason } => ("completed", reason.0.to_string()),
        Outcome::Refused { reason } => ("refused", reason.0.to_string()),
        Outcome::Failed { code } => ("failed", code.as_str().to_owned()),
    }
}

/// Whether a spreadsheet would calculate a cell.
fn is_formula(text: &str) -> bool {
    // Full-width signs too, which some spreadsheets take for the narrow ones.
    let begins = text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']);
    begins && !is_number(text)
}

/// Digits with a sign, a point and an exponent at most.
fn is_number(text: &str) -> bool {
    let plain =
        |byte: u8| byte.is_ascii_digit() || matches!(byte, b'+' | b'-' | b'.' | b'e' | b'E');
    text.bytes().all(plain) && text.parse::<f64>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_formula_is_guarded_and_a_number_is_not() {
        for text in ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "-", "－1", "-inf"]
        {
            assert!(is_formula(text), "{text:?}");
        }
        for text in ["", "-12.5", "+3", "-1e-9", "1=1", "{\"a\":1}", "a-b"] {
            assert!(!is_formula(text), "{text:?}");
        }
        let plain = Csv::new(false, Formulas::AsTheyAre);
        assert_eq!(plain.text("=1"), "=1");
        assert_eq!(Csv::new(false, Formulas::Guarded).text("=1"), "'=1");
    }
}
