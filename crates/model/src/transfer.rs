//! Messages that leave a history as a file, or come from one.
//!
//! An export asks a filter of its own instead of a view: what it writes is then all that the filter lets through up
//! to one message, however far a view on the screen has come.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{MessageId, view::ViewFilter};

/// What an export writes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, TS)]
#[serde(default, deny_unknown_fields)]
pub struct ExportRequest {
    /// How it is written.
    pub format: MessageFormat,
    /// Which messages; the default is all.
    pub filter: ViewFilter,
    /// The last message that is taken; none takes all that are there when the export begins.
    pub last: Option<MessageId>,
}

/// How an export is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum MessageFormat {
    /// A JSON object a line. Exact: an import gives the same messages again.
    #[default]
    JsonLines,
    /// RFC 4180, for spreadsheets.
    Csv {
        /// Whether U+FEFF stands in front, without which Excel takes UTF-8 for something else.
        byte_order_mark: bool,
        /// Cells that a spreadsheet would calculate.
        formulas: Formulas,
    },
}

/// What becomes of a cell of CSV that a spreadsheet would take for a formula: one that begins with `=`, `+`, `-`,
/// `@`, a tab or a carriage return and is no plain number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Formulas {
    /// `'` stands in front, so that it is shown and not calculated.
    #[default]
    Guarded,
    /// It is written as it is. Only for programs that calculate nothing.
    AsTheyAre,
}

/// How far an export, an import or a search is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct TransferProgress {
    /// What is going on.
    pub stage: TransferStage,
    /// How much was looked at: messages of the history, or bytes of the file that is imported.
    pub done: u64,
    /// How much there is to look at, counted alike.
    pub total: u64,
    /// Messages written, brought in or found.
    pub messages: u64,
    /// Bytes written or read.
    pub bytes: u64,
}

/// The stages of a transfer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum TransferStage {
    /// An import reads the whole file before it brings anything in.
    Checking,
    /// Messages are on their way.
    #[default]
    Moving,
}

/// What a transfer did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Transferred {
    /// Messages written or brought in.
    pub messages: u64,
    /// Bytes of the file.
    pub bytes: u64,
    /// The first message that was brought in; none for an export.
    pub first: Option<MessageId>,
}
