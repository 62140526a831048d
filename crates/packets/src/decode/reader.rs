//! Reads the parts of a packet one after the other, and notes what is wrong with them.

use std::borrow::Cow;
use std::ops::Range;

use mqttscope_model::{Direction, ProtocolVersion};

use super::rules::{self, Fault, Rule};
use super::sink::{Sink, Value};
use crate::borders::varint;
use crate::tape::End;

/// Nothing more can be read of the part that is being read: its bytes end, or what follows cannot be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stop;

pub(crate) type Read<T> = Result<T, Stop>;

pub(crate) struct Reader<'a, S> {
    pub(crate) bytes: &'a [u8],
    pub(crate) at: usize,
    /// Where the part that is read ends by the lengths that were told; the bytes may end before.
    pub(crate) end: usize,
    pub(crate) version: ProtocolVersion,
    pub(crate) direction: Direction,
    /// Why the bytes may end before the packet does.
    pub(crate) missing: End,
    pub(crate) sink: S,
    /// The first that was found.
    pub(crate) fault: Option<Fault>,
    /// Bytes that hold a secret.
    pub(crate) secrets: Vec<Range<usize>>,
    /// Where the part begins that holds secrets in places that only its lengths and flags tell.
    pub(crate) secretive: Option<usize>,
}

impl<'a, S: Sink> Reader<'a, S> {
    pub(crate) fn is_v5(&self) -> bool {
        self.version == ProtocolVersion::V5
    }

    /// Bytes until the end of the part.
    pub(crate) fn left(&self) -> usize {
        self.end.saturating_sub(self.at)
    }

    /// Notes a fault at some bytes; reading goes on.
    pub(crate) fn wrong(
        &mut self,
        bytes: Range<usize>,
        rule: Rule,
        text: impl Into<Cow<'static, str>>,
    ) {
        if self.fault.is_none() {
            let len = bytes.len();
            self.fault = Some(Fault { at: bytes.start, len, rule, text: text.into() });
        }
    }

    /// So many bytes. Where they are not there, reading stays where it is: what is left may be a secret.
    pub(crate) fn take(&mut self, len: usize, name: &'static str) -> Read<&'a [u8]> {
        let until = self.at + len;
        if until > self.end {
            let at = self.end.min(self.bytes.len());
            self.wrong(at..at, rules::REMAINING_LENGTH, format!("The packet ends within {name}."));
            return Err(Stop);
        }
        let Some(taken) = self.bytes.get(self.at..until) else {
            return Err(self.bytes_end(name));
        };
        self.at = until;
        Ok(taken)
    }

    /// The bytes end before the part does.
    pub(crate) fn bytes_end(&mut self, name: &'static str) -> Stop {
        if self.missing == End::Broken {
            let at = self.bytes.len();
            let text = format!("The connection ended within {name}.");
            self.wrong(at..at, rules::REMAINING_LENGTH, text);
        }
        Stop
    }

    /// A byte without its field.
    pub(crate) fn byte(&mut self, name: &'static str) -> Read<u8> {
        Ok(self.take(1, name)?.first().copied().unwrap_or_default())
    }

    pub(crate) fn word(&mut self, name: &'static str) -> Read<u16> {
        let bytes = self.take(2, name)?;
        Ok(bytes.first_chunk().map_or(0, |bytes| u16::from_be_bytes(*bytes)))
    }

    /// A number of two bytes with its field.
    pub(crate) fn number(&mut self, name: &'static str) -> Read<u16> {
        let at = self.at;
        let number = self.word(name)?;
        self.sink.field(name, at, self.at, Value::Number(number.into()));
        Ok(number)
    }

    /// A Variable Byte Integer without its field.
    pub(crate) fn variable(&mut self, name: &'static str) -> Read<usize> {
        let until = self.end.min(self.bytes.len());
        let rest = self.bytes.get(self.at..until).unwrap_or_default();
        match varint(rest) {
            Some(Ok((value, len))) => {
                let at = self.at;
                self.at += len;
                if len > 1 && value < 1 << (7 * (len - 1)) && self.is_v5() {
                    let text = format!("{name} takes more bytes than it needs.");
                    self.wrong(at..self.at, rules::SHORTEST_INTEGER, text);
                }
                Ok(value)
            }
            Some(Err(_)) => {
                let text = format!("{name} has more than four bytes.");
                self.wrong(self.at..self.at + 4, rules::VARIABLE_INTEGER, text);
                Err(Stop)
            }
            None if self.end <= self.bytes.len() => {
                // Not enough bytes in the part.
                self.take(rest.len() + 1, name).map(|_| 0)
            }
            None => Err(self.bytes_end(name)),
        }
    }

    /// A length of two bytes and as many bytes.
    pub(crate) fn binary(&mut self, name: &'static str) -> Read<&'a [u8]> {
        let len = self.word(name)?;
        self.take(len.into(), name)
    }

    /// A UTF-8 Encoded String without its field; its bytes as they are, although they may break a rule.
    pub(crate) fn text(&mut self, name: &'static str) -> Read<&'a [u8]> {
        let bytes = self.binary(name)?;
        let begin = self.at - bytes.len();
        self.check_text(bytes, begin, name);
        Ok(bytes)
    }

    fn check_text(&mut self, bytes: &[u8], begin: usize, name: &'static str) {
        if let Err(error) = std::str::from_utf8(bytes) {
            let at = begin + error.valid_up_to();
            let bad = bytes.get(error.valid_up_to()..).unwrap_or_default();
            let surrogate = matches!(bad, [0xed, 0xa0..=0xbf, 0x80..=0xbf, ..]);
            let (len, text) = if surrogate {
                (3, format!("{name} holds a surrogate (U+D800 to U+DFFF)."))
            } else {
                let len = error.error_len().unwrap_or(bad.len()).max(1);
                (len, format!("{name} is not UTF-8."))
            };
            self.wrong(at..at + len, rules::UTF8, text);
        } else if let Some(null) = bytes.iter().position(|byte| *byte == 0) {
            let at = begin + null;
            self.wrong(at..at + 1, rules::NULL, format!("{name} holds the null character U+0000."));
        }
    }

    /// A UTF-8 Encoded String with its field.
    pub(crate) fn string(&mut self, name: &'static str) -> Read<&'a [u8]> {
        let at = self.at;
        let bytes = self.text(name)?;
        self.sink.field(name, at, self.at, Value::Text(bytes));
        Ok(bytes)
    }

    /// Binary Data with its field, masked where it is a secret.
    pub(crate) fn data(&mut self, name: &'static str, secret: bool) -> Read<()> {
        let at = self.at;
        let bytes = self.binary(name)?;
        let value = if secret {
            self.secrets.push(self.at - bytes.len()..self.at);
            Value::Secret(bytes)
        } else {
            Value::Bytes(bytes)
        };
        self.sink.field(name, at, self.at, value);
        Ok(())
    }

    /// The Packet Identifier with its field.
    pub(crate) fn packet_id(&mut self) -> Read<u16> {
        let at = self.at;
        let id = self.number("Packet Identifier")?;
        if id == 0 {
            self.wrong(at..self.at, rules::PACKET_ID, "The Packet Identifier is 0.");
        }
        Ok(id)
    }

    /// Reads a part that holds others. It is closed wherever reading stops.
    pub(crate) fn part<T>(
        &mut self,
        name: &'static str,
        read: impl FnOnce(&mut Self) -> Read<T>,
    ) -> Read<T> {
        self.sink.open(name, self.at, Value::None);
        let result = read(self);
        self.sink.close(self.at);
        result
    }
}
