//! What goes wrong with an export, an import or a search, a variant per cause.
//!
//! Apart from [`HistoryError`], because here the fault may lie in a file that is not the history's, and a person
//! needs its place: the line of the import, the path of the export.

use std::io;
use std::path::{Path, PathBuf};

use mqttscope_model::{ErrorCode, UserError};

use crate::job::Cancelled;
use crate::{FilterError, HistoryError};

/// Why messages could not be exported, imported or searched.
#[derive(Debug, thiserror::Error)]
pub enum TransferError {
    /// [`crate::Job::cancel`] was called.
    #[error("it was cancelled")]
    Cancelled,
    /// The history could not be read or written.
    #[error(transparent)]
    History(#[from] HistoryError),
    /// A condition that cannot be asked.
    #[error(transparent)]
    Filter(#[from] FilterError),
    /// The file of an export cannot be made or written.
    #[error("{} cannot be written: {source}", .path.display())]
    NotWritten {
        /// The file; empty where the export goes to a stream.
        path: PathBuf,
        /// What the operating system says.
        source: io::Error,
    },
    /// There is no room for the export. What was written of it is removed.
    #[error("there is no room for {} on the disk", .path.display())]
    NoRoom {
        /// The file; empty where the export goes to a stream.
        path: PathBuf,
    },
    /// The export would go over the history that it is made from.
    #[error("{} is the history itself", .path.display())]
    OwnFile {
        /// The file.
        path: PathBuf,
    },
    /// The file of an import cannot be read.
    #[error("the file cannot be read: {0}")]
    NotRead(io::Error),
    /// A line is no message.
    #[error("line {line}, column {column}: {reason}")]
    Line {
        /// Its number, from 1.
        line: u64,
        /// The byte in it, from 1; 0 where the line as a whole is meant.
        column: u64,
        /// What is wrong.
        reason: String,
    },
    /// A line is longer than any message can be.
    #[error("line {line} is longer than {limit} bytes")]
    LineTooLong {
        /// Its number, from 1.
        line: u64,
        /// The most that a line may have.
        limit: u64,
    },
    /// A header names a version that is not known here.
    #[error("line {line}: the format has version {version}, which is newer than this program")]
    Version {
        /// Its number, from 1.
        line: u64,
        /// The version.
        version: u64,
    },
    /// A message would stand before one that is there already, or lies in the future.
    #[error("the message of line {line} has a time that does not fit: {reason}")]
    OutOfTime {
        /// Its number, from 1.
        line: u64,
        /// Its time in microseconds since the Unix epoch.
        time_us: i64,
        /// Why it does not fit.
        reason: &'static str,
    },
    /// The history stopped storing while messages were brought in.
    #[error("{}", .0.message)]
    Stopped(Box<UserError>),
}

impl From<Cancelled> for TransferError {
    fn from(_: Cancelled) -> Self {
        Self::Cancelled
    }
}

impl TransferError {
    /// A failure of the file `path` that is written.
    pub(crate) fn writing(path: &Path, source: io::Error) -> Self {
        let path = path.to_owned();
        match source.kind() {
            io::ErrorKind::StorageFull
            | io::ErrorKind::QuotaExceeded
            | io::ErrorKind::FileTooLarge => Self::NoRoom { path },
            _ => Self::NotWritten { path, source },
        }
    }

    /// The stable code of the cause.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::Cancelled => ErrorCode::Cancelled,
            Self::History(error) => error.code(),
            Self::Filter(_) => ErrorCode::FilterInvalid,
            Self::NotWritten { .. } | Self::OwnFile { .. } => ErrorCode::ExportNotSaved,
            Self::NoRoom { .. } => ErrorCode::ExportDiskFull,
            Self::NotRead(_) | Self::Line { .. } => ErrorCode::ImportUnreadable,
            Self::LineTooLong { .. } => ErrorCode::ImportTooLarge,
            Self::Version { .. } => ErrorCode::ImportVersion,
            Self::OutOfTime { .. } => ErrorCode::ImportOutOfTime,
            Self::Stopped(error) => error.code,
        }
    }
}

impl From<TransferError> for UserError {
    fn from(error: TransferError) -> Self {
        let shown = Self::new(error.code(), crate::error::sentence(&error.to_string()));
        match error {
            TransferError::History(error) => error.to_user_error(),
            TransferError::Filter(error) => error.into(),
            TransferError::Stopped(error) => *error,
            TransferError::NotWritten { path, .. } => shown
                .hint("Check that the folder exists and that you may write to it.")
                .detail("path", path.display()),
            TransferError::NoRoom { path } => shown
                .hint("Make room, or choose another disk. Nothing was left behind.")
                .detail("path", path.display()),
            TransferError::OwnFile { path } => {
                shown.hint("Choose another name.").detail("path", path.display())
            }
            TransferError::Line { line, column, reason } => shown
                .hint("Mend the line, or remove it. Nothing was imported.")
                .detail("line", line)
                .detail("column", column)
                .detail("reason", reason),
            TransferError::LineTooLong { line, limit } => {
                shown.detail("line", line).detail("limit", limit)
            }
            TransferError::Version { line, version } => shown
                .hint("Use the newer MQTTScope that wrote the file.")
                .detail("line", line)
                .detail("version", version),
            TransferError::OutOfTime { line, time_us, .. } => shown
                .hint("Import into a profile that has no messages yet.")
                .detail("line", line)
                .detail("time_us", time_us),
            TransferError::Cancelled | TransferError::NotRead(_) => shown,
        }
    }
}
