//! Where the fields go that the decoder finds: into a list, or nowhere.
//!
//! The index needs to know of each packet whether it is in order; that must cost no memory. So the decoder is compiled
//! twice: once with a sink that forgets.

use mqttscope_model::{PacketField, ReasonCode};

/// Fields that are listed at most: a hostile packet has hundreds of thousands.
const MOST: usize = 10_000;
/// Characters of a value that are shown.
const LONGEST: usize = 1024;
/// Bytes that are shown as hexadecimal digits.
const HEX: usize = 64;

/// A field's value before it is written as text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Value<'a> {
    /// Holds others only.
    None,
    Number(u64),
    /// One byte as `0x0a`.
    Byte(u8),
    Word(&'static str),
    /// What should be UTF-8.
    Text(&'a [u8]),
    Bytes(&'a [u8]),
    /// The code on the wire, and the Reason Code of MQTT 5.0 that has the words for it.
    Reason(u8, Option<u8>),
    Secret(&'a [u8]),
}

/// Takes fields. What is opened holds what follows until it is closed.
pub(crate) trait Sink {
    fn open(&mut self, name: &'static str, at: usize, value: Value<'_>);
    fn close(&mut self, end: usize);

    /// Hides the values of all fields from a byte on.
    fn hide(&mut self, from: usize);

    fn field(&mut self, name: &'static str, at: usize, end: usize, value: Value<'_>) {
        self.open(name, at, value);
        self.close(end);
    }
}

/// Forgets all fields.
pub(crate) struct Nowhere;

impl Sink for Nowhere {
    fn open(&mut self, _name: &'static str, _at: usize, _value: Value<'_>) {}
    fn close(&mut self, _end: usize) {}
    fn hide(&mut self, _from: usize) {}
}

/// Keeps the fields as the window shows them.
#[derive(Debug, Default)]
pub(crate) struct List {
    pub(crate) fields: Vec<PacketField>,
    /// The fields that are open; none for those that are left off.
    open: Vec<Option<usize>>,
    left_off: u64,
    /// Secrets are listed as they are.
    reveals: bool,
}

impl Sink for List {
    fn open(&mut self, name: &'static str, at: usize, value: Value<'_>) {
        if self.fields.len() >= MOST {
            self.left_off += 1;
            self.open.push(None);
            return;
        }
        self.open.push(Some(self.fields.len()));
        let reason = match value {
            Value::Reason(_, words) => words.map(ReasonCode),
            _ => None,
        };
        self.fields.push(PacketField {
            name: name.to_owned(),
            value: self.written(value),
            reason,
            masked: !self.reveals && matches!(value, Value::Secret(_)),
            at: at as u64,
            len: 0,
            depth: u8::try_from(self.open.len().saturating_sub(1)).unwrap_or(u8::MAX),
        });
    }

    fn close(&mut self, end: usize) {
        let closed = self.open.pop().flatten().and_then(|index| self.fields.get_mut(index));
        if let Some(field) = closed {
            field.len = (end as u64).saturating_sub(field.at);
        }
    }

    fn hide(&mut self, from: usize) {
        if self.reveals {
            return;
        }
        for field in self.fields.iter_mut().filter(|field| field.at >= from as u64) {
            field.value.clear();
            field.masked = true;
        }
    }
}

impl List {
    /// A list that shows secrets too.
    pub(crate) fn revealing() -> Self {
        Self { reveals: true, ..Self::default() }
    }

    fn written(&self, value: Value<'_>) -> String {
        match value {
            Value::Secret(bytes) if self.reveals => written(Value::Bytes(bytes)),
            _ => written(value),
        }
    }

    /// The fields; where some are left off, the last one says how many.
    pub(crate) fn done(mut self) -> Vec<PacketField> {
        if self.left_off > 0
            && let Some(last) = self.fields.last().map(|last| last.at + last.len)
        {
            self.fields.push(PacketField {
                name: "\u{2026}".to_owned(),
                value: format!("+{}", self.left_off),
                reason: None,
                masked: false,
                at: last,
                len: 0,
                depth: 0,
            });
        }
        self.fields
    }
}

fn written(value: Value<'_>) -> String {
    match value {
        Value::None | Value::Secret(_) => String::new(),
        Value::Number(number) => number.to_string(),
        Value::Byte(byte) => format!("0x{byte:02x}"),
        Value::Word(word) => word.to_owned(),
        Value::Reason(code, Some(words)) if code != words => code.to_string(),
        Value::Reason(code, _) => format!("0x{code:02x}"),
        Value::Text(text) => shortened(&String::from_utf8_lossy(clipped(text, LONGEST + 4))),
        Value::Bytes(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) if is_readable(text) => shortened(text),
            _ => hex(bytes),
        },
    }
}

fn clipped(bytes: &[u8], most: usize) -> &[u8] {
    bytes.get(..most).unwrap_or(bytes)
}

fn is_readable(text: &str) -> bool {
    text.chars().take(LONGEST).all(|c| !c.is_control() || c.is_whitespace())
}

fn shortened(text: &str) -> String {
    if text.len() <= LONGEST {
        return text.to_owned();
    }
    let mut short: String =
        text.get(..text.floor_char_boundary(LONGEST)).unwrap_or_default().into();
    short.push('\u{2026}');
    short
}

fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(3 * HEX);
    for (index, byte) in bytes.iter().take(HEX).enumerate() {
        let gap = if index > 0 { " " } else { "" };
        text.push_str(&format!("{gap}{byte:02x}"));
    }
    if bytes.len() > HEX {
        text.push_str(" \u{2026}");
    }
    text
}
