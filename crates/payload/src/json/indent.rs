//! New white space for JSON that is known to be valid, one byte at a time.
//!
//! The whole state is three words, so it can be noted down at any byte and taken up again.

use crate::text::is_character_start;

/// Spaces for each level.
const STEP: usize = 2;
/// Deeper levels are not indented further: with a hundred thousand levels the white space alone
/// would grow with the square of the payload.
const DEEPEST: usize = 40;

/// Where the indentation stands between two bytes.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Indenter {
    depth: usize,
    last: Last,
    within: Within,
}

/// The token before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Last {
    #[default]
    Nothing,
    Open,
    Comma,
    Other,
}

/// The token that the next byte may belong to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Within {
    #[default]
    Nothing,
    /// A number or a word; it ends with the first byte that is none of its own.
    Plain,
    String,
    /// In a string, after `\`.
    Escape,
}

/// What is written for a byte.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Write {
    Nothing,
    Byte,
    /// A new line with this many spaces, then the byte.
    LineThenByte(usize),
    ByteThenSpace,
}

impl Write {
    fn characters(self, byte: u8) -> usize {
        match self {
            Self::Nothing => 0,
            Self::Byte => usize::from(is_character_start(byte)),
            Self::LineThenByte(spaces) => spaces + 2,
            Self::ByteThenSpace => 2,
        }
    }
}

impl Indenter {
    /// Takes the next byte and says what is written for it.
    pub(crate) fn step(&mut self, byte: u8) -> Write {
        match self.within {
            Within::String => {
                match byte {
                    b'\\' => self.within = Within::Escape,
                    b'"' => self.within = Within::Nothing,
                    _ => {}
                }
                return Write::Byte;
            }
            Within::Escape => {
                self.within = Within::String;
                return Write::Byte;
            }
            Within::Nothing | Within::Plain => {}
        }
        let was_plain = self.within == Within::Plain;
        self.within = Within::Nothing;
        match byte {
            b' ' | b'\t' | b'\n' | b'\r' => Write::Nothing,
            b'{' | b'[' => {
                let write = self.begin_value();
                self.last = Last::Open;
                self.depth += 1;
                write
            }
            b'}' | b']' => {
                self.depth = self.depth.saturating_sub(1);
                let empty = self.last == Last::Open;
                self.last = Last::Other;
                if empty { Write::Byte } else { self.line() }
            }
            b',' => {
                self.last = Last::Comma;
                Write::Byte
            }
            b':' => Write::ByteThenSpace,
            b'"' => {
                self.within = Within::String;
                self.begin_value()
            }
            _ => {
                self.within = Within::Plain;
                if was_plain { Write::Byte } else { self.begin_value() }
            }
        }
    }

    /// Writes what `bytes` give until `limit` characters are reached; also says how many bytes
    /// were read. It stops between characters, and ends only after the white space that follows.
    pub(crate) fn write(mut self, bytes: &[u8], limit: usize) -> (String, usize) {
        let mut out = Vec::with_capacity(limit.min(bytes.len() * 2));
        let (mut characters, mut read) = (0, 0);
        for byte in bytes {
            let write = self.step(*byte);
            characters += write.characters(*byte);
            if characters > limit {
                break;
            }
            match write {
                Write::Nothing => {}
                Write::Byte => out.push(*byte),
                Write::LineThenByte(spaces) => {
                    out.push(b'\n');
                    out.resize(out.len() + spaces, b' ');
                    out.push(*byte);
                }
                Write::ByteThenSpace => out.extend([*byte, b' ']),
            }
            read += 1;
        }
        // Whole characters of UTF-8 went in, so nothing is replaced here.
        (String::from_utf8(out).unwrap_or_default(), read)
    }

    fn begin_value(&mut self) -> Write {
        let fresh = matches!(self.last, Last::Open | Last::Comma);
        self.last = Last::Other;
        if fresh { self.line() } else { Write::Byte }
    }

    fn line(self) -> Write {
        Write::LineThenByte(self.depth.min(DEEPEST) * STEP)
    }
}
