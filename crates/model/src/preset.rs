//! Presets: what is known of a provider, as data.
//!
//! A preset asks a few questions, fills a profile in, and holds it against the provider's rules with the
//! provider's reason. Providers are data files, so that one can be added without code; what a person saves as a
//! preset of their own has the same shape.

mod apply;
mod rule;

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::check::Weight;
use crate::{Profile, SecretSlot};

pub use apply::PresetError;
pub use rule::Breach;

/// Names a preset for ever: ASCII letters, digits and `-`, 1 to 64 of them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(transparent)]
pub struct PresetId(pub String);

impl PresetId {
    /// Whether it is safe as a file name.
    pub fn is_valid(&self) -> bool {
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
        (1..=64).contains(&self.0.len()) && self.0.chars().all(plain)
    }
}

impl std::fmt::Display for PresetId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

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
    /// Host names that end in one of these are the provider's, whether the preset was chosen or not. `*` stands for
    /// one label, and a dot at the beginning for at least one.
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
#[ts(rename = "AskChoice")]
pub struct Choice {
    /// What is filled in.
    pub value: String,
    /// What people see.
    pub label: Words,
    /// What this choice puts into the profile, after and like [`Preset::fill`]; of no use to the window.
    #[serde(default, skip_serializing_if = "serde_json::Map::is_empty")]
    #[ts(skip)]
    pub fill: serde_json::Map<String, serde_json::Value>,
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
    /// Further conditions, all of which must hold.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[ts(optional, as = "Option<Vec<When>>")]
    pub and: Vec<When>,
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
    /// A text like one of these, in which `*` stands for one character or more; the case of ASCII letters does not
    /// count. An empty text is like all of them.
    BeLike(Vec<String>),
}

/// The files of the providers, in the order in which the window offers them.
const FILES: [&str; 9] = [
    include_str!("../presets/emqx.json"),
    include_str!("../presets/emqx-serverless.json"),
    include_str!("../presets/ucloud-uiot.json"),
    include_str!("../presets/aws-iot-core.json"),
    include_str!("../presets/azure-iot-hub.json"),
    include_str!("../presets/hivemq-cloud.json"),
    include_str!("../presets/mosquitto.json"),
    include_str!("../presets/mosquitto-test.json"),
    include_str!("../presets/nginx.json"),
];

/// The presets that come with the application. Tests see to it that none of the files is broken.
pub fn providers() -> &'static [Preset] {
    static PROVIDERS: LazyLock<Vec<Preset>> =
        LazyLock::new(|| FILES.iter().filter_map(|text| serde_json::from_str(text).ok()).collect());
    &PROVIDERS
}

/// The preset that a profile is held against: the one it names, else the one whose domain its host is in. A preset
/// without rules does not keep the host from being known, nor does one of ours for a software that runs anywhere.
pub fn provider_of<'a>(profile: &Profile, own: &'a [Preset]) -> Option<&'a Preset> {
    let named = named_preset(profile, own).filter(|preset| !preset.rules.is_empty());
    let anywhere = |preset: &&Preset| preset.domains.is_empty() && !own.contains(preset);
    let at_host =
        || providers().iter().chain(own).find(|preset| preset.is_at(&profile.endpoint.host));
    match named {
        Some(preset) if anywhere(&preset) => at_host().or(named),
        Some(_) => named,
        None => at_host(),
    }
}

/// The preset that a profile names.
pub(crate) fn named_preset<'a>(profile: &Profile, own: &'a [Preset]) -> Option<&'a Preset> {
    let id = profile.preset.as_ref()?;
    providers().iter().chain(own).find(|preset| preset.id == *id)
}

impl Preset {
    /// Whether a host is in one of the preset's domains.
    pub(crate) fn is_at(&self, host: &str) -> bool {
        let host = host.trim_end_matches('.').to_ascii_lowercase();
        let labels: Vec<_> = host.rsplit('.').collect();
        self.domains.iter().any(|domain| {
            let (wanted, more) = match domain.strip_prefix('.') {
                Some(domain) => (domain, 1),
                None => (domain.as_str(), 0),
            };
            let wanted: Vec<_> = wanted.rsplit('.').collect();
            labels.len() >= wanted.len() + more
                && wanted.iter().zip(&labels).all(|(want, label)| *want == "*" || want == label)
        })
    }
}

#[cfg(test)]
mod tests;
