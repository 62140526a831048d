//! The error that a person sees: a stable code, a cause, a hint.
//!
//! Every layer has its own error enum with a variant per cause; at the engine's border each variant
//! becomes a [`UserError`]. The window matches [`ErrorCode`], never the English text, and takes
//! its wording from its catalogues; `message` and `hint` are what the command line and the log show.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

macro_rules! error_codes {
    ($($(#[doc = $doc:literal])+ $variant:ident = $code:literal,)+) => {
        /// A stable, dotted name of a cause. Codes are never renamed or used for something else.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
        pub enum ErrorCode {
            $($(#[doc = $doc])+ #[serde(rename = $code)] $variant,)+
        }

        impl ErrorCode {
            /// All codes.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The code as text.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $code,)+ }
            }
        }
    };
}

mod codes;

pub use codes::ErrorCode;

/// An error as a person sees it. It never holds a secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, thiserror::Error)]
#[error("{message} [{}]", .code.as_str())]
pub struct UserError {
    /// What the window matches.
    pub code: ErrorCode,
    /// The cause in one English sentence.
    pub message: String,
    /// What to do about it, in one English sentence; empty where nothing is known to help.
    pub hint: String,
    /// Named facts that the window's wording may use (`host`, `port`, `path`, `reason`, `evidence`).
    pub details: BTreeMap<String, String>,
}

impl UserError {
    /// An error with a cause and no hint.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), hint: String::new(), details: BTreeMap::new() }
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = hint.into();
        self
    }

    /// Adds a named fact.
    #[must_use]
    pub fn detail(mut self, name: &str, value: impl ToString) -> Self {
        self.details.insert(name.to_owned(), value.to_string());
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_and_serialise_as_their_text() {
        let mut seen = std::collections::BTreeSet::new();
        for code in ErrorCode::ALL {
            assert!(seen.insert(code.as_str()), "{} is there twice", code.as_str());
            assert_eq!(serde_json::to_value(code).unwrap(), code.as_str());
        }
    }
}
