//! Our own export format: what goes into it.

use mqttscope_model::{ProfileId, Secret};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::found::Note;

/// How an export is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ExportFormat {
    /// JSON.
    #[default]
    Json,
    /// YAML.
    Yaml,
}

/// What becomes of certificate files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Certificates {
    /// Their paths are written.
    #[default]
    Paths,
    /// Their content is written; private keys only among encrypted secrets.
    Embedded,
}

/// What is exported, and how.
#[derive(Clone, Debug, Deserialize, TS)]
pub struct ExportOptions {
    /// Which profiles; empty means all.
    pub profiles: Vec<ProfileId>,
    /// How it is written.
    pub format: ExportFormat,
    /// What becomes of certificate files.
    pub certificates: Certificates,
    /// Secrets are encrypted with this; none leaves them out.
    pub passphrase: Option<Secret>,
}

/// What was exported.
#[derive(Clone, Debug, Serialize, TS)]
pub struct ExportReport {
    /// The file's path.
    pub path: String,
    /// How many profiles it holds.
    pub profiles: u32,
    /// How many secrets it holds, encrypted.
    pub secrets: u32,
    /// Its size in bytes.
    pub bytes: u64,
    /// What is not in it as it is here.
    pub notes: Vec<Note>,
}
