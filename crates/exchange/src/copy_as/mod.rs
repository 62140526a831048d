//! A profile as something to paste elsewhere: a command line, an address, code.
//!
//! Never with a secret: each is read from an environment variable that the result names. What a target has no
//! counterpart for is said in a note instead of being left out in silence; [`features`] knows what a profile uses,
//! and each target states what it can express.

mod csharp;
mod features;
mod go;
mod java;
mod javascript;
mod literal;
mod mosquitto;
mod mqttx;
mod python;
mod rust;
mod url;

use mqttscope_model::client_id::{self, Placeholders};
use mqttscope_model::{Profile, SecretSlot};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::found::{Note, NoteCode};
use features::Feature;

/// What a profile is copied as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum CopyTarget {
    /// A `mosquitto_sub` command line.
    MosquittoSub,
    /// A `mosquitto_pub` command line.
    MosquittoPub,
    /// MQTTX's JSON.
    MqttxJson,
    /// An address.
    Url,
    /// Python with paho-mqtt 2.
    Python,
    /// JavaScript with MQTT.js 5.
    Javascript,
    /// Rust with rumqttc.
    Rust,
    /// Go with paho.golang.
    Go,
    /// Java with the HiveMQ client.
    Java,
    /// C# with MQTTnet.
    Csharp,
}

impl CopyTarget {
    /// All targets.
    pub const ALL: [Self; 10] = [
        Self::MosquittoSub,
        Self::MosquittoPub,
        Self::MqttxJson,
        Self::Url,
        Self::Python,
        Self::Javascript,
        Self::Rust,
        Self::Go,
        Self::Java,
        Self::Csharp,
    ];
}

/// How the text is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "they say what they are")]
pub enum CodeLanguage {
    Shell,
    Json,
    Text,
    Python,
    Javascript,
    Rust,
    Go,
    Java,
    Csharp,
}

/// What was copied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct Copied {
    /// The text.
    pub text: String,
    /// How it is shown.
    pub language: CodeLanguage,
    /// The environment variables that it reads secrets from.
    pub needs: Vec<Needed>,
    /// What of the profile is not in it, and why.
    pub notes: Vec<Note>,
}

/// An environment variable that must be set first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct Needed {
    /// Its name.
    pub variable: String,
    /// The secret that it stands for.
    pub slot: SecretSlot,
}

/// What a target makes of a profile.
struct Draft {
    text: String,
    language: CodeLanguage,
    /// What it can express; every other feature that the profile uses becomes a note.
    knows: &'static [Feature],
}

/// Writes a profile for another program. `values` stand for the placeholders of its Client Identifier.
pub fn copy_as(profile: &Profile, target: CopyTarget, values: &Placeholders) -> Copied {
    let is_template = client_id::is_template(&profile.client_id);
    let client_id = client_id::expand(&profile.client_id, values);
    // MQTTX can switch a subscription off as well; code just does not make it.
    let keeps_off = matches!(target, CopyTarget::MqttxJson | CopyTarget::Url);
    let (made, off): (Vec<_>, Vec<_>) =
        profile.subscriptions.iter().cloned().partition(|wanted| keeps_off || wanted.enabled);
    let profile = &Profile { client_id, subscriptions: made, ..profile.clone() };
    let Draft { text, language, knows } = match target {
        CopyTarget::MosquittoSub => mosquitto::sub(profile),
        CopyTarget::MosquittoPub => mosquitto::publish(profile),
        CopyTarget::MqttxJson => mqttx::write(profile),
        CopyTarget::Url => url::write(profile),
        CopyTarget::Python => python::write(profile),
        CopyTarget::Javascript => javascript::write(profile),
        CopyTarget::Rust => rust::write(profile),
        CopyTarget::Go => go::write(profile),
        CopyTarget::Java => java::write(profile),
        CopyTarget::Csharp => csharp::write(profile),
    };
    let mut notes: Vec<Note> = features::used(profile)
        .into_iter()
        .filter(|used| target != CopyTarget::Url && !knows.contains(&used.feature))
        .map(|used| note(used.field, &used.value, NoteCode::NoCounterpart))
        .collect();
    notes
        .extend(off.iter().map(|wanted| {
            note("subscriptions.enabled", &wanted.filter, NoteCode::SubscriptionOff)
        }));
    if is_template && text.contains(&profile.client_id) {
        notes.push(note("client_id", &profile.client_id, NoteCode::Generated));
    }
    let slots = profile.secrets().into_iter().map(|(slot, _)| slot);
    let (needed, left_out): (Vec<_>, Vec<_>) = slots
        .map(|slot| Needed { variable: variable(&slot), slot })
        .partition(|needed| text.contains(&needed.variable));
    notes.extend(
        left_out.iter().map(|needed| note(&needed.slot.to_string(), "", NoteCode::SecretLeftOut)),
    );
    Copied { text, language, needs: needed, notes }
}

fn note(field: &str, value: &str, code: NoteCode) -> Note {
    let value = value.chars().take(80).collect();
    Note { field: field.to_owned(), value, code }
}

/// The environment variable that a secret is read from.
fn variable(slot: &SecretSlot) -> String {
    let cleaned = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' };
    let name: String = slot.to_string().chars().map(cleaned).collect();
    format!("MQTT_{name}")
}

#[cfg(test)]
mod tests;
