//! JSON, indented anew and otherwise as it was sent.
//!
//! Not parsed into values: `127.0`, `1e400`, an integer of 40 digits, a key that stands twice and
//! the way a character is escaped are what a person wants to see, and all of them are lost in a
//! value. The text is checked once (RFC 8259) and then only its white space is replaced. Nothing here
//! recurses, so a hundred thousand brackets are as harmless as one.

mod indent;
mod validate;

use crate::{Fault, Piece, text};
use indent::Indenter;

/// The payload bytes between two notes of where the indentation stood.
const NOTE_EVERY: usize = 64 * 1024;

/// JSON that was found valid, with notes from which a piece in the middle can be drawn.
#[derive(Debug)]
pub(crate) struct Index {
    /// The state before the byte `NOTE_EVERY` times the note's index.
    notes: Vec<Indenter>,
}

impl Index {
    /// Checks `bytes`, which are UTF-8, in one pass, and notes the states in another.
    pub(crate) fn build(bytes: &[u8]) -> Result<Self, Fault> {
        validate::check(bytes).map_err(|(at, code)| text::fault_at(bytes, at, code))?;
        let mut state = Indenter::default();
        let mut notes = Vec::with_capacity(bytes.len() / NOTE_EVERY + 1);
        for block in bytes.chunks(NOTE_EVERY) {
            notes.push(state);
            for byte in block {
                state.step(*byte);
            }
        }
        Ok(Self { notes })
    }

    /// A piece of at most `limit` characters.
    pub(crate) fn piece(&self, bytes: &[u8], offset: usize, limit: usize) -> Piece {
        let begin = text::character_begin(bytes, offset);
        let note = begin / NOTE_EVERY;
        let mut state = self.notes.get(note).copied().unwrap_or_default();
        for byte in bytes.get(note * NOTE_EVERY..begin).unwrap_or_default() {
            state.step(*byte);
        }
        let rest = bytes.get(begin..).unwrap_or_default();
        let (text, read) = state.write(rest, limit);
        Piece { text, begin, end: begin + read }
    }
}
