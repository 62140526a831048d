//! Bytes as Base64, cut only between groups of three bytes so that the pieces join up.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::Piece;

/// The groups from that of `offset` on, as many as `limit` characters hold.
pub(crate) fn piece(bytes: &[u8], offset: usize, limit: usize) -> Piece {
    let begin = offset / 3 * 3;
    let end = (begin + (limit / 4).max(1) * 3).min(bytes.len());
    let text = STANDARD.encode(bytes.get(begin..end).unwrap_or_default());
    Piece { text, begin, end }
}
