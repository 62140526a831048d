//! Presets: what is known of a provider, as data.
//!
//! A preset asks a few questions, fills a profile in, and holds it against the provider's rules with the
//! provider's reason. Providers are data files, so that one can be added without code; what a person saves as a
//! preset of their own has the same shape.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::SecretSlot;
use crate::check::Weight;

/// Names a preset for ever: ASCII letters, digits and `-`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(transparent)]
pub struct PresetId(pub String);

/// A text in each language of the window.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct Words {
    /// English.
    pub en: String,
    /// Simplified Chinese.
    pub zh: String,
}

/// What is known of a provider, or what a person saved to begin further profiles with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct Preset {
    /// Its identifier.
    pub id: PresetId,
    /// The name that people see.
    pub name: Words,
    /// One sentence about it; may be empty.
    pub note: Words,
    /// Where the facts come from: the provider's documentation. Empty for a person's own.
    #[serde(default)]
    pub source: String,
    /// Host names that end in one of these are the provider's, whether the preset was chosen or not.
    #[serde(default)]
    pub domains: Vec<String>,
    /// What a person is asked for.
    #[serde(default)]
    pub asks: Vec<Ask>,
    /// What is put into the profile: a JSON merge patch (RFC 7396) on the profile, in whose texts `{{id}}` stands for
    /// the answer to the question `id`.
    #[serde(default)]
    #[ts(type = "Record<string, unknown>")]
    pub fill: serde_json::Map<String, serde_json::Value>,
    /// What the provider demands.
    #[serde(default)]
    pub rules: Vec<Rule>,
}

/// A question of a preset.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct Ask {
    /// Its name in [`Preset::fill`].
    pub id: String,
    /// What the window writes beside the field.
    pub label: Words,
    /// An example; may be empty.
    #[serde(default)]
    pub example: String,
    /// The values that can be chosen from; empty takes any text.
    #[serde(default)]
    pub choices: Vec<Choice>,
    /// Where the answer is a secret and goes into this place instead of [`Preset::fill`].
    #[serde(default)]
    pub secret: Option<SecretSlot>,
}

/// A value that a question offers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// What is filled in.
    pub value: String,
    /// What people see.
    pub label: Words,
}

/// Something that a provider demands of a profile.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// The field's path in the profile; `*` stands for each of a list: `subscriptions.*.qos`.
    pub field: String,
    /// What must hold.
    pub must: Must,
    /// Judged only where this other field has one of these values.
    #[serde(default)]
    pub when: Option<When>,
    /// How much a breach weighs.
    pub weight: Weight,
    /// The provider's reason.
    pub reason: Words,
    /// Where it is documented; empty where the preset's own source says it.
    #[serde(default)]
    pub source: String,
}

/// A condition on another field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct When {
    /// Its path in the profile.
    pub field: String,
    /// Its values.
    #[ts(type = "Array<unknown>")]
    pub one_of: Vec<serde_json::Value>,
}

/// What must hold of a field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Must {
    /// It is null, false, empty or not there.
    BeAbsent,
    /// It is there and not empty.
    BePresent,
    /// It is one of these values.
    BeOneOf(#[ts(type = "Array<unknown>")] Vec<serde_json::Value>),
    /// It is none of these values.
    NotBeOneOf(#[ts(type = "Array<unknown>")] Vec<serde_json::Value>),
    /// It is a number from the first to the second.
    BeWithin(u32, u32),
    /// A list that holds this text.
    Hold(String),
}
