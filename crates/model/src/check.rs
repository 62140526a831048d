//! What is wrong with a profile, field by field, with the limit and where it comes from.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// How much a problem weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Weight {
    /// The profile cannot be used for a connection.
    Error,
    /// It can, but probably not as meant.
    Warning,
}

/// Something wrong with one field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Problem {
    /// The field's path in the profile: `endpoint.host`, `will.topic`, `subscriptions.2.filter`.
    pub field: String,
    /// Whether it hinders a connection.
    pub weight: Weight,
    /// A stable word that the window's catalogues know: `required`, `too_long`, `out_of_range` ...
    pub code: String,
    /// The limit that the wording names (`1..65535`, `23`); empty where there is none.
    pub limit: String,
    /// Where the limit comes from: `MQTT-3.1.3-5`, `RFC 6335`; empty where it is ours.
    pub source: String,
}
