//! What an import would do, before it does it.

use mqttscope_model::check::Problem;
use mqttscope_model::{ProfileId, SecretSlot};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::found::{ImportFormat, Note};

/// Names an import from its preview to its undo, as long as the application runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(transparent)]
pub struct ImportId(pub u32);

/// What an import would bring.
#[derive(Clone, Debug, Serialize, TS)]
pub struct ImportPreview {
    /// Names it.
    pub import: ImportId,
    /// What it was recognised as.
    pub format: ImportFormat,
    /// The file's name; empty for pasted text.
    pub file: String,
    /// The profiles.
    pub items: Vec<ImportItem>,
    /// How many folders come with them.
    pub folders: u32,
    /// What concerns no profile alone.
    pub notes: Vec<Note>,
    /// The secrets are encrypted; `import_unlock` opens them.
    pub locked: bool,
}

/// A profile of an import.
#[derive(Clone, Debug, Serialize, TS)]
pub struct ImportItem {
    /// Its place in the import, from 0.
    pub index: u32,
    /// Its name.
    pub name: String,
    /// Its address.
    pub address: String,
    /// The names of the folders that it lies in, outermost first.
    pub folder: Vec<String>,
    /// Whether it is there already.
    pub state: ItemState,
    /// What is suggested.
    pub suggested: Choice,
    /// What has no counterpart, and why.
    pub notes: Vec<Note>,
    /// What is wrong with it as it would be saved.
    pub problems: Vec<Problem>,
    /// The secrets that come with it.
    pub secrets: Vec<SecretSlot>,
    /// How many stored messages come with it.
    pub messages: u32,
}

/// Whether a profile is there already.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum ItemState {
    /// Not known.
    New,
    /// There, and the same in every field.
    Same {
        /// Which one it is.
        profile: ProfileId,
    },
    /// There, and different.
    Exists {
        /// Which one it is.
        profile: ProfileId,
        /// What it is called here.
        name: String,
        /// The fields that differ, as paths.
        differences: Vec<String>,
    },
}

/// What is done with a profile of an import.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Choice {
    /// It is added.
    Add,
    /// It is left out.
    Skip,
    /// What the profile here leaves empty is filled in; subscriptions are joined.
    Merge,
    /// The profile here becomes the imported one.
    Replace,
    /// It is added under another identifier, beside the one that is here.
    Copy,
}

/// The choice for one profile of an import.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, TS)]
pub struct ItemChoice {
    /// Its place in the import.
    pub index: u32,
    /// What is done with it.
    pub choice: Choice,
}

/// What an import did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, TS)]
pub struct ImportResult {
    /// Profiles added, copies among them.
    pub added: u32,
    /// Profiles merged.
    pub merged: u32,
    /// Profiles replaced.
    pub replaced: u32,
    /// Profiles left out.
    pub skipped: u32,
    /// Messages brought into histories.
    pub messages: u64,
}
