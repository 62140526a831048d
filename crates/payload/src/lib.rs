//! Views of a payload: text, JSON, hex, Base64, in pieces.
//!
//! A payload stays bytes; a view is drawn from them and never goes back. Every view is cut at
//! byte offsets of the payload, so a piece can begin anywhere, a scroll bar means the same
//! in all views, and the next piece begins where `next_offset` says. The price is paid by JSON, whose
//! indentation depends on what came before: [`Document`] notes where it stood every 64 KiB.
//!
//! Nothing here fails: bytes that are no JSON or no UTF-8 are shown all the same, and the view
//! says what is wrong and where.

mod base64;
pub mod compare;
mod document;
mod hex;
mod json;
mod text;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

pub use document::Document;
pub use hex::BYTES_PER_ROW;
pub use text::{PREVIEW_BYTES, preview};

/// The shortest piece in characters: one line of deeply nested JSON and one row of hex fit.
pub const MIN_LIMIT: u32 = 256;
/// The longest piece in characters.
pub const MAX_LIMIT: u32 = 1 << 20;

/// How a payload is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ViewKind {
    /// JSON, indented anew; every token as it was sent.
    Json,
    /// UTF-8; what is not becomes U+FFFD.
    Text,
    /// Rows of 16 bytes: offset, hexadecimal, ASCII.
    Hex,
    /// Base64 with padding (RFC 4648, section 4), without line breaks.
    Base64,
}

/// A piece of a view.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PayloadView {
    /// How the payload is shown.
    pub kind: ViewKind,
    /// The piece. All pieces one after the other are the whole view.
    pub text: String,
    /// The whole payload is JSON (kind JSON) or UTF-8 (kind text); always true for hex and Base64.
    pub valid: bool,
    /// What is wrong, in one English sentence; empty where it is valid.
    pub problem: String,
    /// The same for a program.
    pub fault: Option<Fault>,
    /// The byte of the payload that this piece begins with: the one asked for, or one before it
    /// where that lies inside a character, row or group.
    pub offset: u64,
    /// The byte that the next piece begins with; none at the end.
    pub next_offset: Option<u64>,
    /// The payload's size.
    pub total_bytes: u64,
}

/// What is wrong with a payload, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Fault {
    /// What is wrong.
    pub code: FaultCode,
    /// The byte at which it shows, from 0.
    pub byte: u64,
    /// The line, from 1. Lines end with a line feed.
    pub line: u64,
    /// The character in its line, from 1.
    pub column: u64,
}

macro_rules! fault_codes {
    ($($(#[doc = $doc:literal])+ $variant:ident = $code:literal, $words:literal;)+) => {
        /// What can be wrong with a payload.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
        pub enum FaultCode {
            $($(#[doc = $doc])+ #[serde(rename = $code)] $variant,)+
        }

        impl FaultCode {
            /// All codes.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The code as text.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $code,)+ }
            }

            fn words(self) -> &'static str {
                match self { $(Self::$variant => $words,)+ }
            }
        }
    };
}

fault_codes! {
    /// A byte that does not continue UTF-8.
    NotUtf8 = "not_utf8", "the bytes are not UTF-8";
    /// There is no byte, or white space only.
    Empty = "empty", "there is nothing";
    /// U+FEFF in front, which RFC 8259 does not allow in what is sent.
    ByteOrderMark = "byte_order_mark", "a byte order mark stands in front";
    /// The end came inside a value.
    UnexpectedEnd = "unexpected_end", "the end comes inside a value";
    /// A value must stand here.
    ValueExpected = "value_expected", "a value must stand here";
    /// A key in quotation marks must stand here.
    KeyExpected = "key_expected", "a key in quotation marks must stand here";
    /// `:` must stand here.
    ColonExpected = "colon_expected", "a colon must stand here";
    /// `,` or the closing bracket must stand here.
    CommaExpected = "comma_expected", "a comma or the closing bracket must stand here";
    /// Something follows the value.
    Trailing = "trailing", "something follows after the value";
    /// A word other than `true`, `false` and `null`.
    BadWord = "bad_word", "only true, false and null may stand without quotation marks";
    /// A number that JSON does not have (`01`, `1.`, `+1`).
    BadNumber = "bad_number", "this is no number of JSON";
    /// A control character inside a string.
    ControlCharacter = "control_character", "a control character must be escaped in a string";
    /// `\` before a character that it does not escape.
    BadEscape = "bad_escape", "this escape is not one of JSON";
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { code, byte, line, column } = self;
        write!(f, "Line {line}, column {column} (byte {byte}): {}.", code.words())
    }
}

/// A piece of at most `limit` characters of a view of `bytes`, from byte `offset` on.
///
/// `limit` is brought into [`MIN_LIMIT`]..=[`MAX_LIMIT`]. Each call reads the whole payload once;
/// for several pieces of a large one, keep a [`Document`].
pub fn view(bytes: &[u8], kind: ViewKind, offset: u64, limit: u32) -> PayloadView {
    Document::new(bytes).view(kind, offset, limit)
}

/// A piece's text and where it lies in the payload.
struct Piece {
    text: String,
    begin: usize,
    end: usize,
}
