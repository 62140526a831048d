//! The shapes that only the door between engine and window knows.
//!
//! What is a noun of the product lives in the model; here is what a window asks for: pages,
//! rows, lists, settings and events.

mod history;
mod sides;

use std::collections::BTreeMap;

use mqttscope_diagnosis::DiagnosisId;
use mqttscope_exchange::ImportId;
use mqttscope_model::{
    BrokerState, PacketsState, Preset, ProbeId, Profile, ProfileId, ReplyState, RequestRecord,
    SessionSnapshot, Tree, UserError, ViewFilter,
};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

pub use history::{
    Cleared, Compared, FindId, FindStep, HistoryStats, HistoryUsage, Job, JobId, JobKind, JobState,
    MessageDetail, MessageRef, Page, PageFrom, Row, ViewId, ViewOpened, ViewState, WayToCompare,
};
pub use sides::{
    SidesContent, SidesCounts, SidesDifference, SidesFrom, SidesId, SidesKind, SidesMessage,
    SidesOpened, SidesOptions, SidesPage, SidesPair, SidesRow, SidesState,
};

/// What the application says of itself.
#[derive(Clone, Debug, Serialize, TS)]
pub struct AppInfo {
    /// The application's version.
    pub version: String,
    /// Where profiles and settings lie.
    pub config_dir: String,
    /// Where histories lie.
    pub data_dir: String,
    /// Where secrets are kept.
    pub secret_store: SecretStoreInfo,
}

/// Where secrets are kept.
#[derive(Clone, Debug, Serialize, TS)]
pub struct SecretStoreInfo {
    /// Which kind of store.
    pub kind: SecretStoreKind,
    /// The file's path, for a file.
    pub path: String,
}

/// The two kinds of secret store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum SecretStoreKind {
    /// The operating system's keychain.
    Keychain,
    /// A file that only this user can read.
    File,
}

/// The settings of the window.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct Settings {
    /// The language of the window.
    pub language: Language,
    /// Light or dark.
    pub theme: Theme,
    /// Megabytes of memory that each session's timeline of packets may take.
    pub packet_memory_mb: u32,
    /// Sizes of panes in pixels, and such, by name.
    pub layout: BTreeMap<String, f64>,
    /// Filters that were kept by name.
    pub saved_filters: Vec<SavedFilter>,
    /// Filters that were used last, the newest first.
    pub recent_filters: Vec<ViewFilter>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            language: Language::default(),
            theme: Theme::default(),
            packet_memory_mb: 64,
            layout: BTreeMap::new(),
            saved_filters: Vec::new(),
            recent_filters: Vec::new(),
        }
    }
}

/// A filter that a person kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct SavedFilter {
    /// The name that the person gave it.
    pub name: String,
    /// The conditions.
    pub filter: ViewFilter,
}

/// A language of the window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    /// The operating system's.
    #[default]
    System,
    /// English.
    En,
    /// Simplified Chinese.
    Zh,
}

/// A colour theme.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Theme {
    /// The operating system's.
    #[default]
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

/// All profiles.
#[derive(Clone, Debug, Serialize, TS)]
pub struct ProfileList {
    /// Those that could be read, by name.
    pub profiles: Vec<Profile>,
    /// Their folders and their order; each profile is in it once.
    pub tree: Tree,
    /// Files that could not; they are kept as they are.
    pub broken: Vec<BrokenProfile>,
}

/// A profile file that could not be read.
#[derive(Clone, Debug, Serialize, TS)]
pub struct BrokenProfile {
    /// The file's path.
    pub file: String,
    /// Why, with the place.
    pub reason: String,
}

/// All presets.
#[derive(Clone, Debug, Serialize, TS)]
pub struct PresetList {
    /// Those that come with the application.
    pub providers: Vec<Preset>,
    /// Those that were saved here, by name.
    pub own: Vec<Preset>,
}

/// How far a long piece of work is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct ImportProgress {
    /// Which import.
    pub import: ImportId,
    /// Profiles and messages that are done.
    pub done: u64,
    /// Profiles and messages altogether.
    pub total: u64,
}

/// What happened since the last batch, at most one of each subject.
#[derive(Clone, Debug, Serialize, TS)]
pub struct EventBatch {
    /// Counts up by one; a gap means that the window must build its state anew.
    pub number: u64,
    /// The events.
    pub events: Vec<Event>,
}

/// A change, told as the new state of its subject.
#[derive(Clone, Debug, Serialize, TS)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// A session changed.
    Session {
        /// Its state now.
        snapshot: Box<SessionSnapshot>,
    },
    /// A history changed: messages came, went, or their outcomes did.
    History {
        /// Whose history.
        profile: ProfileId,
        /// What it holds now.
        stats: HistoryStats,
        /// Rises with every change.
        revision: u64,
        /// Why nothing is stored at the moment.
        fault: Option<UserError>,
    },
    /// A view was searched further, or something new came into it.
    View {
        /// Which one.
        view: ViewId,
        /// Its state now.
        state: ViewState,
    },
    /// A search within a view went on.
    Find {
        /// Which one.
        find: FindId,
        /// Its state now.
        state: ViewState,
    },
    /// A long piece of work on a history went on or is over.
    Job {
        /// Its state now.
        job: Job,
    },
    /// The local broker changed.
    Broker {
        /// Its state now.
        state: BrokerState,
    },
    /// Profiles came, went or changed.
    Profiles,
    /// An import goes on.
    Import {
        /// How far it is.
        progress: ImportProgress,
    },
    /// A diagnosis went on; `diagnosis_report` has the account.
    Diagnosis {
        /// Which one.
        diagnosis: DiagnosisId,
        /// Whether it is over.
        finished: bool,
    },
    /// A request was sent, answered, or is given up.
    Request {
        /// Whose session.
        profile: ProfileId,
        /// The request now.
        request: Box<RequestRecord>,
    },
    /// Rules answered.
    Replies {
        /// Whose rules.
        profile: ProfileId,
        /// What they have done, in their order.
        states: Vec<ReplyState>,
    },
    /// Packets came or went.
    Packets {
        /// Whose timeline.
        profile: ProfileId,
        /// What it holds now.
        state: PacketsState,
    },
    /// A probe went on; `probe_report` has its table.
    Probe {
        /// Which one.
        probe: ProbeId,
        /// Whether it is over.
        finished: bool,
    },
    /// A comparison of two brokers went on.
    Sides {
        /// Which one.
        sides: SidesId,
        /// Its state now.
        state: SidesState,
    },
    /// The settings changed.
    Settings {
        /// The settings now.
        settings: Settings,
    },
}
