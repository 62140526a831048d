//! Why nothing can be imported from a file: the cause, and where in the file it was found.
//!
//! A parser's own message is passed on only where it speaks of syntax and cannot repeat a value: what could not be
//! read may be a password.

use mqttscope_model::{ErrorCode, UserError};

/// Nothing was imported.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{} cannot be imported{}: {cause}", named(.file), .place.shown())]
pub struct ImportError {
    /// The file's name; empty for pasted text, and until [`ImportError::in_file`].
    pub file: String,
    /// Where it was found.
    pub place: Place,
    /// Why.
    pub cause: ImportFault,
}

/// What is named in a message.
fn named(file: &str) -> &str {
    if file.is_empty() { "the pasted text" } else { file }
}

/// Where in a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Place {
    /// The file as a whole.
    #[default]
    Whole,
    /// A line, and a column in it, from 1. Columns count bytes; 0 where only the line is known.
    Line {
        /// The line.
        line: usize,
        /// The column.
        column: usize,
    },
    /// A byte, from 0.
    Byte(usize),
    /// A path in the format's own terms: `[2].subscriptions`, `sheet1 B3`.
    Path(String),
}

impl Place {
    /// The place of a byte of a text.
    pub fn of_byte(text: &[u8], at: usize) -> Self {
        let before = text.get(..at).unwrap_or(text);
        let line = 1 + before.iter().filter(|byte| **byte == b'\n').count();
        let start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        Self::Line { line, column: 1 + before.len() - start }
    }

    fn shown(&self) -> String {
        let place = self.to_string();
        if place.is_empty() { place } else { format!(" ({place})") }
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Whole => Ok(()),
            Self::Line { line, column: 0 } => write!(f, "{line}"),
            Self::Line { line, column } => write!(f, "{line}:{column}"),
            Self::Byte(at) => write!(f, "0x{at:x}"),
            Self::Path(path) => f.write_str(path),
        }
    }
}

/// Why a file cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ImportFault {
    /// No format is recognised.
    #[error("it is in none of the formats that can be read")]
    Unrecognised,
    /// More bytes than are read at all.
    #[error("it is larger than {limit} bytes")]
    TooLarge {
        /// The largest size.
        limit: u64,
    },
    /// More profiles than are read at all.
    #[error("it holds more than {limit} of them")]
    TooMany {
        /// The largest number.
        limit: usize,
    },
    /// The format is recognised, and there is no connection in it.
    #[error("it holds no connection")]
    NoConnection,
    /// The bytes are not UTF-8.
    #[error(
        "it is not UTF-8; save it as UTF-8 and try again (it may be in GBK or another encoding)"
    )]
    Encoding,
    /// The text breaks the syntax of its format, or ends early.
    #[error("{0}")]
    Syntax(String),
    /// Something stands where something else is expected.
    #[error("{0} is expected here")]
    Shape(&'static str),
    /// Things lie in each other deeper than is read.
    #[error("it is nested deeper than {0} levels")]
    TooDeep(usize),
    /// A small file that would become a very large one: a zip bomb, or aliases of aliases.
    #[error("it would expand to far more than it is")]
    Expands,
    /// XML that declares or uses entities of its own; they are never expanded.
    #[error("it uses entities of its own, which are not expanded")]
    Entities,
    /// A version of a format that is not known.
    #[error("its version {0} is not known here")]
    Version(String),
    /// A damaged database.
    #[error("the database is damaged: {0}")]
    Database(String),
    /// A database whose latest changes stand in another file.
    #[error(
        "its latest changes are still in a file beside it; quit the program that it belongs to and try again"
    )]
    InUse,
    /// The passphrase does not open the secrets.
    #[error("the passphrase does not open it")]
    Passphrase,
}

impl ImportFault {
    /// A stable word for the window's catalogues.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Unrecognised => "unrecognised",
            Self::TooLarge { .. } => "too_large",
            Self::TooMany { .. } => "too_many",
            Self::NoConnection => "no_connection",
            Self::Encoding => "encoding",
            Self::Syntax(_) => "syntax",
            Self::Shape(_) => "shape",
            Self::TooDeep(_) => "too_deep",
            Self::Expands => "expands",
            Self::Entities => "entities",
            Self::Version(_) => "version",
            Self::Database(_) => "database",
            Self::InUse => "in_use",
            Self::Passphrase => "passphrase",
        }
    }
}

impl ImportError {
    /// A cause at a place; the file is named later.
    pub fn new(place: Place, cause: ImportFault) -> Self {
        Self { file: String::new(), place, cause }
    }

    /// The same error with the file's name.
    #[must_use]
    pub fn in_file(mut self, name: &str) -> Self {
        name.clone_into(&mut self.file);
        self
    }
}

impl From<ImportError> for UserError {
    fn from(error: ImportError) -> Self {
        let code = match error.cause {
            ImportFault::Unrecognised => ErrorCode::ImportUnrecognised,
            ImportFault::TooLarge { .. } => ErrorCode::ImportTooLarge,
            ImportFault::TooMany { .. } => ErrorCode::ImportTooMany,
            ImportFault::NoConnection => ErrorCode::ImportNoConnection,
            ImportFault::Encoding => ErrorCode::ImportEncoding,
            ImportFault::TooDeep(_) => ErrorCode::ImportTooDeep,
            ImportFault::Expands => ErrorCode::ImportExpands,
            ImportFault::Entities => ErrorCode::ImportEntities,
            ImportFault::Version(_) => ErrorCode::ImportVersion,
            ImportFault::Database(_) => ErrorCode::ImportDatabase,
            ImportFault::InUse => ErrorCode::ImportInUse,
            ImportFault::Passphrase => ErrorCode::ImportPassphrase,
            ImportFault::Syntax(_) | ImportFault::Shape(_) => ErrorCode::ImportUnreadable,
        };
        let user = Self::new(code, format!("{error}."))
            .detail("file", &error.file)
            .detail("place", &error.place)
            .detail("reason", &error.cause)
            .detail("cause", error.cause.as_str());
        match error.cause {
            ImportFault::TooLarge { limit } => user.detail("limit", limit),
            _ => user,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_says_file_place_and_reason() {
        let place = Place::of_byte(b"{\n  \"a\": x", 9);
        let cause = ImportFault::Syntax("expected value".into());
        let user = UserError::from(ImportError::new(place, cause).in_file("a.json"));
        assert_eq!(user.message, "a.json cannot be imported (2:8): expected value.");
        assert_eq!(user.details["place"], "2:8");
        assert_eq!(user.details["reason"], "expected value");
    }
}
