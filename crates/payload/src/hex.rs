//! Bytes as rows of offset, hexadecimal and ASCII, laid out as `hexdump -C` does.

use std::fmt::Write as _;

use crate::Piece;

/// Bytes in a row.
pub const BYTES_PER_ROW: usize = 16;

/// Eight digits, two spaces, 16 times two digits and a space, one more in the middle, the ASCII
/// between two bars, the line's end.
const ROW: usize = 8 + 2 + BYTES_PER_ROW * 3 + 1 + BYTES_PER_ROW + 2 + 1;

/// The rows from that of `offset` on, as many as `limit` characters hold.
pub(crate) fn piece(bytes: &[u8], offset: usize, limit: usize) -> Piece {
    let begin = (offset / BYTES_PER_ROW * BYTES_PER_ROW).min(bytes.len());
    let rows = (limit / ROW).max(1);
    let end = (begin + rows * BYTES_PER_ROW).min(bytes.len());
    let mut text = String::with_capacity(rows * ROW);
    let shown = bytes.get(begin..end).unwrap_or_default();
    for (index, row) in shown.chunks(BYTES_PER_ROW).enumerate() {
        push_row(&mut text, begin + index * BYTES_PER_ROW, row);
    }
    Piece { text, begin, end }
}

fn push_row(text: &mut String, at: usize, row: &[u8]) {
    // Writing to a String cannot fail.
    let _ = write!(text, "{at:08x}  ");
    for column in 0..BYTES_PER_ROW {
        match row.get(column) {
            Some(byte) => {
                let _ = write!(text, "{byte:02x} ");
            }
            None => text.push_str("   "),
        }
        if column == BYTES_PER_ROW / 2 - 1 {
            text.push(' ');
        }
    }
    text.push('|');
    let shown = |byte: &u8| byte.is_ascii_graphic() || *byte == b' ';
    text.extend(row.iter().map(|byte| if shown(byte) { char::from(*byte) } else { '.' }));
    text.push_str("|\n");
}
