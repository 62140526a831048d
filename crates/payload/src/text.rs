//! Bytes as UTF-8, with U+FFFD where they are not.

use crate::{Fault, FaultCode, Piece};

/// How many bytes of a payload a row of the table shows.
pub const PREVIEW_BYTES: usize = 256;

/// The first [`PREVIEW_BYTES`] of a payload as text, cut at the border of a character.
///
/// `head` is the payload's beginning or all of it, `total` the payload's size: a character that the
/// cut would break is left out, one that the payload itself breaks off becomes U+FFFD.
pub fn preview(head: &[u8], total: u64) -> String {
    let cut = head.get(..PREVIEW_BYTES).unwrap_or(head);
    let more_follows = (cut.len() as u64) < total;
    let mut text = String::with_capacity(cut.len());
    let mut chunks = cut.utf8_chunks().peekable();
    while let Some(chunk) = chunks.next() {
        text.push_str(chunk.valid());
        let broken_by_cut = more_follows && chunks.peek().is_none() && is_open(chunk.invalid());
        if !chunk.invalid().is_empty() && !broken_by_cut {
            text.push(char::REPLACEMENT_CHARACTER);
        }
    }
    text
}

/// The first byte that is not UTF-8.
pub(crate) fn fault(bytes: &[u8]) -> Option<Fault> {
    let error = std::str::from_utf8(bytes).err()?;
    Some(fault_at(bytes, error.valid_up_to(), FaultCode::NotUtf8))
}

/// A fault with its line and column, all before `byte` being UTF-8.
pub(crate) fn fault_at(bytes: &[u8], byte: usize, code: FaultCode) -> Fault {
    let before = bytes.get(..byte).unwrap_or(bytes);
    let line_begin = before.iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1);
    let line = before.iter().filter(|b| **b == b'\n').count() + 1;
    let in_line = before.get(line_begin..).unwrap_or_default();
    let column = in_line.iter().filter(|b| is_character_start(**b)).count() + 1;
    Fault { code, byte: byte as u64, line: line as u64, column: column as u64 }
}

/// A piece of at most `limit` characters. It reads only what it shows.
pub(crate) fn piece(bytes: &[u8], offset: usize, limit: usize) -> Piece {
    let begin = character_begin(bytes, offset);
    // No character is longer than four bytes, so the limit is reached before the window's end.
    let window_end = (begin + limit * 4 + 4).min(bytes.len());
    let window = bytes.get(begin..window_end).unwrap_or_default();
    let (mut text, mut left, mut end) = (String::new(), limit, begin);
    for chunk in window.utf8_chunks() {
        let taken = prefix(chunk.valid(), left);
        text.push_str(taken);
        end += taken.len();
        left -= taken.chars().count();
        if left == 0 {
            break;
        }
        if !chunk.invalid().is_empty() {
            text.push(char::REPLACEMENT_CHARACTER);
            end += chunk.invalid().len();
            left -= 1;
            if left == 0 {
                break;
            }
        }
    }
    Piece { text, begin, end }
}

/// The start of the character that `offset` lies in; `offset` itself where that is no character.
pub(crate) fn character_begin(bytes: &[u8], offset: usize) -> usize {
    for back in 1..=3 {
        let Some(start) = offset.checked_sub(back) else { break };
        let tail = bytes.get(start..(start + 4).min(bytes.len())).unwrap_or_default();
        let first = tail.utf8_chunks().next();
        let length = first.and_then(|chunk| chunk.valid().chars().next()).map(char::len_utf8);
        if length.is_some_and(|length| length > back) {
            return start;
        }
    }
    offset
}

pub(crate) fn is_character_start(byte: u8) -> bool {
    byte & 0xc0 != 0x80
}

/// The first `count` characters.
fn prefix(text: &str, count: usize) -> &str {
    let end = text.char_indices().nth(count).map_or(text.len(), |(at, _)| at);
    text.get(..end).unwrap_or(text)
}

/// Whether more bytes could make `bytes` a character.
fn is_open(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_err_and(|error| error.error_len().is_none())
}
