//! The shapes of a diagnosis: what a person is told, and what a fix would change.
//!
//! English sentences stand beside the codes for the command line and the log; the window words codes from its
//! own catalogues with the same named details.

use std::collections::BTreeMap;

use mqttscope_model::check::Problem;
use mqttscope_model::{Account, ConnectStage, Endpoint};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use ts_rs::TS;

use crate::{CauseCode, FixCode};

/// Names a diagnosis that was started, as long as the application runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(transparent)]
pub struct DiagnosisId(pub u32);

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The broker can be used.
    Ok,
    /// It cannot.
    Failed,
    /// The user ended it before that was known.
    Cancelled,
}

/// Evidence judged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Diagnosis {
    /// What came of it.
    pub verdict: Verdict,
    /// Where it failed.
    pub stage: Option<ConnectStage>,
    /// Why, the likeliest first; more than one where the evidence fits several. With [`Verdict::Ok`] what was noticed
    /// nevertheless.
    pub causes: Vec<Cause>,
    /// What can be done, the best first.
    pub fixes: Vec<Fix>,
}

/// A cause, as a person is told it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Cause {
    /// Its stable name; the window's catalogues have `cause_<code with dots as _>`.
    pub code: CauseCode,
    /// It in one English sentence.
    pub message: String,
    /// What would tell it from the other causes, in one English sentence; empty where it is the only one.
    pub told_apart: String,
    /// Named facts that the wording uses. Never a secret.
    pub details: BTreeMap<String, String>,
}

/// Something that can be done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Fix {
    /// Its stable name; the window's catalogues have `fix_<code>`.
    pub code: FixCode,
    /// It in one English sentence.
    pub message: String,
    /// Named facts that the wording uses.
    pub details: BTreeMap<String, String>,
    /// What it changes in the profile, so that one click applies it; empty where only a person can do it.
    pub changes: Vec<Change>,
    /// The field that a person must look at (`tls.roots`), where the change cannot be made for them.
    pub field: Option<String>,
}

/// A change of one field of a profile.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Change {
    /// The field's path: `endpoint.port`, `tls.roots`.
    pub field: String,
    /// Its value now, as in the profile's JSON.
    #[ts(type = "unknown")]
    pub before: Value,
    /// Its value afterwards.
    #[ts(type = "unknown")]
    pub after: Value,
}

/// What a diagnosis does beyond an attempt to connect.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(default, deny_unknown_fields)]
pub struct DiagnosisOptions {
    /// Make the profile's subscriptions and watch for a close (2 s).
    pub subscribe: bool,
    /// Stay for two keep-alive cycles.
    pub stay: bool,
    /// After a failure try the other schemes on the same port, without any credential; where nothing listens there, see which
    /// of the usual ports are open. Only with the user's consent.
    pub other_schemes: bool,
    /// Connect as another client, so that a running session of the profile is not taken over.
    pub other_client_id: bool,
}

/// The whole account of an attempt or a diagnosis, growing while it runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Report {
    /// Where to.
    pub endpoint: Endpoint,
    /// What was asked for; an ordinary attempt to connect asks for nothing beyond itself.
    pub options: DiagnosisOptions,
    /// What was odd before a byte was sent: stage 0.
    pub problems: Vec<Problem>,
    /// The stages and what was seen; none where the attempt has not begun.
    pub account: Option<Account>,
    /// The judgement, once there is one.
    pub diagnosis: Option<Diagnosis>,
}
