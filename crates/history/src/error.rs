//! What goes wrong with a history, a variant per cause.
//!
//! SQLite's result codes are sorted here, once: a full disk is waited out, a damaged file is set
//! aside, everything else is shown as it is. The price is that `rusqlite::Error` never reaches
//! callers by itself.

use std::io;
use std::path::{Path, PathBuf};

use mqttscope_model::{ErrorCode, MessageId, UserError};

/// Why a history could not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum HistoryError {
    /// The folder of the history, or a file in it, cannot be made or written.
    #[error("{} cannot be written: {source}", .path.display())]
    NotWritable {
        /// The folder or file.
        path: PathBuf,
        /// What the operating system says.
        source: io::Error,
    },
    /// SQLite cannot open the file or may only read it.
    #[error("{} cannot be opened for writing: {source}", .path.display())]
    NotOpened {
        /// The file.
        path: PathBuf,
        /// What SQLite says.
        source: rusqlite::Error,
    },
    /// Another process, or another handle in this one, has the history open.
    #[error("the history {} is open elsewhere", .path.display())]
    InUse {
        /// The file.
        path: PathBuf,
    },
    /// The file's format is newer than this program; it was not touched.
    #[error("the history {} has format {version}, newer than this program", .path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its `user_version`.
        version: i64,
    },
    /// The file is no history, or a part of it cannot be read.
    #[error("the history's file is damaged: {reason}")]
    Damaged {
        /// What was found.
        reason: String,
    },
    /// The damaged file could not be renamed.
    #[error("the damaged history {} cannot be set aside: {source}", .path.display())]
    NotSetAside {
        /// The file.
        path: PathBuf,
        /// What the operating system says.
        source: io::Error,
    },
    /// The file was removed while it was open, and could not be written anew.
    #[error("the history {} was removed while it was open, and what it held is lost", .path.display())]
    Removed {
        /// The file.
        path: PathBuf,
    },
    /// The file was removed while it was open, and another has its name.
    #[error("another file was put in the place of the history {} while it was open", .path.display())]
    Replaced {
        /// The file.
        path: PathBuf,
    },
    /// There is no room on the disk.
    #[error("the disk is full")]
    DiskFull,
    /// There is no such message: never recorded, not committed yet, or cleared.
    #[error("there is no message {}", .0.0)]
    NotFound(MessageId),
    /// The note of a bookmark is too long.
    #[error("a note has at most {limit} characters")]
    NoteTooLong {
        /// [`crate::MAX_NOTE`].
        limit: usize,
    },
    /// There is no room for another bookmark.
    #[error("a history has at most {limit} bookmarks")]
    TooManyBookmarks {
        /// [`crate::MAX_BOOKMARKS`].
        limit: usize,
    },
    /// The view is still being searched, so what it shows is not known yet.
    #[error("the view is still being searched")]
    ViewIncomplete,
    /// The payload is larger than a PUBLISH can be.
    #[error("a payload of {size} bytes is larger than the {limit} bytes that MQTT allows")]
    TooLarge {
        /// Bytes of the payload.
        size: usize,
        /// [`crate::MAX_PAYLOAD`].
        limit: usize,
    },
    /// The history was closed.
    #[error("the history is closed")]
    Closed,
    /// It was closed while messages could not be written.
    #[error("{messages} messages could not be written: {cause}")]
    NotFlushed {
        /// How many are lost.
        messages: u64,
        /// What stopped the last attempt.
        cause: Box<HistoryError>,
    },
    /// The writer's thread could not be started.
    #[error("the history's thread could not be started: {0}")]
    Thread(io::Error),
    /// Another failure of SQLite.
    #[error("the history could not be read or written: {0}")]
    Sqlite(rusqlite::Error),
}

impl HistoryError {
    /// Damage found in the rows themselves.
    pub(crate) fn damaged(reason: impl Into<String>) -> Self {
        Self::Damaged { reason: reason.into() }
    }

    /// Names the file where opening it is what failed.
    pub(crate) fn while_opening(self, path: &Path) -> Self {
        match self {
            Self::Sqlite(source) => Self::NotOpened { path: path.to_owned(), source },
            other => other,
        }
    }

    /// The stable code of the cause.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::DiskFull => ErrorCode::HistoryDiskFull,
            Self::NotFlushed { cause, .. } => cause.code(),
            Self::NotFound(_) => ErrorCode::MessageNotFound,
            Self::TooLarge { .. } => ErrorCode::MqttPacketTooLarge,
            _ => ErrorCode::HistoryFailed,
        }
    }

    /// The error as a person sees it.
    pub fn to_user_error(&self) -> UserError {
        let shown = UserError::new(self.code(), sentence(&self.to_string()));
        match self {
            Self::NotWritable { path, .. } => shown
                .hint("Check that the folder exists and that you may write to it.")
                .detail("path", path.display()),
            Self::NotOpened { path, .. } => shown
                .hint("Check that you may write to the file and its folder.")
                .detail("path", path.display()),
            Self::InUse { path } => shown
                .hint("Close the other window or program that has it open.")
                .detail("path", path.display()),
            Self::Newer { path, version } => shown
                .hint("Use the newer MQTTScope that wrote it, or move the file away.")
                .detail("path", path.display())
                .detail("version", version),
            Self::Removed { path } => shown
                .hint("Recording goes on by itself in a new file.")
                .detail("path", path.display()),
            Self::Replaced { path } => shown
                .hint("Move that file away; the history is then written anew, and nothing is lost.")
                .detail("path", path.display()),
            Self::NotSetAside { path, .. } => {
                shown.hint("Move the file away by hand.").detail("path", path.display())
            }
            Self::DiskFull => shown
                .hint("Make room on the disk; recording goes on by itself as soon as there is."),
            Self::Damaged { .. } => {
                shown.hint("Open the profile's history anew: the damaged file is then set aside.")
            }
            Self::TooLarge { size, limit } => shown.detail("size", size).detail("limit", limit),
            Self::NoteTooLong { limit } | Self::TooManyBookmarks { limit } => {
                shown.detail("limit", limit)
            }
            Self::ViewIncomplete => shown.hint("Wait until all messages have been looked at."),
            Self::NotFlushed { messages, .. } => shown.detail("messages", messages),
            Self::NotFound(_) | Self::Closed | Self::Thread(_) | Self::Sqlite(_) => shown,
        }
    }
}

pub(crate) fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).chain(std::iter::once('.')).collect()
    })
}

impl From<HistoryError> for UserError {
    fn from(error: HistoryError) -> Self {
        error.to_user_error()
    }
}

/// `SQLITE_IOERR_SHORT_READ`: the file ends before a page that it should have.
const SHORT_READ: i32 = 522;

/// `SQLITE_IOERR_SHMSIZE`: there is no room for the log's shared memory.
const NO_ROOM_FOR_SHARED_MEMORY: i32 = 4874;

impl From<rusqlite::Error> for HistoryError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode as Code;
        match &error {
            rusqlite::Error::SqliteFailure(cause, _) => match cause.code {
                Code::DiskFull => Self::DiskFull,
                Code::SystemIoFailure if cause.extended_code == NO_ROOM_FOR_SHARED_MEMORY => {
                    Self::DiskFull
                }
                Code::DatabaseCorrupt | Code::NotADatabase => Self::damaged(error.to_string()),
                Code::SystemIoFailure if cause.extended_code == SHORT_READ => {
                    Self::damaged(error.to_string())
                }
                _ => Self::Sqlite(error),
            },
            rusqlite::Error::FromSqlConversionFailure(..)
            | rusqlite::Error::IntegralValueOutOfRange(..)
            | rusqlite::Error::InvalidColumnType(..)
            | rusqlite::Error::Utf8Error(..) => Self::damaged(error.to_string()),
            _ => Self::Sqlite(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_has_its_own_code_and_a_hint() {
        let full = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_FULL);
        let error = HistoryError::from(rusqlite::Error::SqliteFailure(full, None));
        let shown = UserError::from(error);
        assert_eq!(shown.code, ErrorCode::HistoryDiskFull);
        assert_eq!(shown.message, "The disk is full.");
        assert!(!shown.hint.is_empty());
    }

    #[test]
    fn corruption_and_no_database_are_damage() {
        for code in [rusqlite::ffi::SQLITE_CORRUPT, rusqlite::ffi::SQLITE_NOTADB, SHORT_READ] {
            let cause = rusqlite::ffi::Error::new(code);
            let error = HistoryError::from(rusqlite::Error::SqliteFailure(cause, None));
            assert!(matches!(error, HistoryError::Damaged { .. }), "{code}");
        }
    }
}
