//! Two payloads held against each other: as JSON, as lines of text, as bytes.
//!
//! Each way is a function of two byte strings and gives a list that is bounded, whatever the payloads are: how many
//! differences there are beyond it is counted. What would take long (many lines with nothing in common) is told
//! coarsely instead; nothing is ever told equal that is not. The price of JSON is memory for both trees, so it has a
//! limit on size and depth and says when it is reached; text and bytes have none.

mod hex;
mod json;
mod number;
mod path;
mod text;
mod tree;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

pub use hex::bytes;
pub use json::json;
pub use text::text;

use crate::Fault;

/// The largest payload that is compared as JSON, in bytes.
pub const JSON_LIMIT: usize = 8 << 20;
/// The most values that a payload compared as JSON may have.
pub const JSON_VALUES: usize = 300_000;
/// The deepest nesting that is compared as JSON.
pub const JSON_DEPTH: usize = 128;
/// The most changes, rows or runs in an answer.
pub const MAX_DIFFERENCES: usize = 5_000;
/// The most characters of a value or a line in an answer.
pub const MAX_CHARACTERS: usize = 2_048;

/// What differs between two JSON texts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct JsonDifference {
    /// The changes in the order of the second text; what was removed stands where it was. At most
    /// [`MAX_DIFFERENCES`].
    pub changes: Vec<JsonChange>,
    /// How many more there are.
    pub more: u64,
}

/// A value that differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct JsonChange {
    /// Where: `$.line[2].temp`, as filters take it (RFC 9535). An index is that in the second text, of
    /// what was removed that in the first.
    pub path: String,
    /// How it differs.
    pub kind: JsonChangeKind,
    /// The value in the first text; none where it was added.
    pub before: Option<JsonPiece>,
    /// The value in the second text; none where it was removed.
    pub after: Option<JsonPiece>,
}

/// How a value differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum JsonChangeKind {
    /// Only in the second text.
    Added,
    /// Only in the first text.
    Removed,
    /// Another value.
    Changed,
    /// The same value, written in another way: `1.0` and `1`, `"\u0041"` and `"A"`.
    Notation,
}

/// A value as it was sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct JsonPiece {
    /// Its beginning, at most [`MAX_CHARACTERS`].
    pub text: String,
    /// Whether `text` is all of it.
    pub whole: bool,
    /// The byte of the payload that it begins at.
    pub offset: u64,
    /// Its length in bytes.
    pub length: u64,
}

/// Why payloads cannot be compared as JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS, thiserror::Error)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum NotCompared {
    /// One of them is no JSON.
    #[error("{side} is no JSON: {fault}")]
    NotJson {
        /// Which one.
        side: Side,
        /// What is wrong.
        fault: Fault,
    },
    /// One of them has more than [`JSON_LIMIT`] bytes or [`JSON_VALUES`] values.
    #[error("{side} is too large to be compared as JSON")]
    TooLarge {
        /// Which one.
        side: Side,
    },
    /// One of them is nested deeper than [`JSON_DEPTH`].
    #[error("{side} is nested too deep to be compared as JSON")]
    TooDeep {
        /// Which one.
        side: Side,
    },
}

/// One of two payloads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// The first.
    Before,
    /// The second.
    After,
}

impl std::fmt::Display for Side {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Before => "the first payload",
            Self::After => "the second payload",
        })
    }
}

/// What differs between two texts, line by line.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct TextDifference {
    /// Removed and added lines with a few equal ones around. At most [`MAX_DIFFERENCES`].
    pub rows: Vec<TextRow>,
    /// How many lines more differ.
    pub more: u64,
    /// The texts have so many lines that differ that those in the middle are told as replaced as a whole, although
    /// some of them may be equal.
    pub coarse: bool,
}

/// A row of a comparison of texts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct TextRow {
    /// What it is.
    pub kind: TextRowKind,
    /// The number of the line in the first text, from 1.
    pub before: Option<u64>,
    /// The number of the line in the second text, from 1.
    pub after: Option<u64>,
    /// The line without its end, U+FFFD where it is not UTF-8; at most [`MAX_CHARACTERS`]. Empty
    /// for lines that are skipped.
    pub text: String,
    /// The characters of `text` that differ from the line that it replaces or that replaces it: from the first number
    /// up to before the second. None where there is no such line.
    pub marked: Option<(u32, u32)>,
    /// How many lines the row stands for; 1 unless they are skipped.
    pub lines: u64,
}

/// What a row of a comparison of texts is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum TextRowKind {
    /// In both.
    Same,
    /// Equal lines that are not listed.
    Skipped,
    /// In the first only.
    Removed,
    /// In the second only.
    Added,
}

/// What differs between two byte strings.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct HexDifference {
    /// The runs that differ, rising. At most [`MAX_DIFFERENCES`].
    pub runs: Vec<HexRun>,
    /// How many more there are.
    pub more: u64,
    /// How many bytes differ: of each run, the more of both sides.
    pub bytes: u64,
}

/// Bytes of the first payload in whose place the second has others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct HexRun {
    /// Where they begin in the first payload.
    pub before: u64,
    /// How many; 0 where the second payload only adds.
    pub before_length: u64,
    /// Where they begin in the second payload.
    pub after: u64,
    /// How many; 0 where they were only removed.
    pub after_length: u64,
}

/// The beginning of a text, and whether that is all.
fn clip(text: &str) -> (&str, bool) {
    match text.char_indices().nth(MAX_CHARACTERS) {
        Some((end, _)) => (text.get(..end).unwrap_or(text), false),
        None => (text, true),
    }
}

/// How many items two lists have in common at their beginning, and then at their end.
fn common<T: PartialEq>(before: &[T], after: &[T]) -> (usize, usize) {
    let head = before.iter().zip(after).take_while(|(one, other)| one == other).count();
    let rest = before.iter().skip(head).rev().zip(after.iter().skip(head).rev());
    (head, rest.take_while(|(one, other)| one == other).count())
}
