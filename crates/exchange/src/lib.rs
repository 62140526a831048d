//! Profiles on their way in and out: export, import, and "copy as".
//!
//! Everything here is a function of bytes and profiles: it opens no socket, keeps no state and writes no
//! file, so each importer can be fed anything. What is read becomes a [`Found`]; [`plan`] holds it against what is
//! there; only the engine then changes something, after a person has seen the plan.

mod colours;
pub mod copy_as;
pub mod document;
mod embed;
pub mod error;
pub mod export;
pub mod found;
pub mod import;
mod merge;
pub mod paths;
pub mod plan;
pub mod seal;
mod slots;

pub use copy_as::{CodeLanguage, Copied, CopyTarget, Needed};
pub use error::{ImportError, ImportFault, Place};
pub use export::{Certificates, ExportFormat, ExportOptions, ExportReport};
pub use found::{Found, FoundNode, FoundProfile, ImportFormat, Note, NoteCode};
pub use plan::{
    Choice, ImportId, ImportItem, ImportPreview, ImportResult, ImportUndone, ItemChoice, ItemState,
};
pub use seal::SealError;
