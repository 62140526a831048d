//! Filling a profile in, and keeping one's settings as a preset.
//!
//! What a preset fills in is a JSON merge patch (RFC 7396) with one exception: where an object says what kind it
//! is (`kind`, `from`, `method`) and the patch names another kind, it is replaced whole, because the fields of one
//! kind mean nothing to another. Answers go into texts that are parsed already, so they cannot become anything
//! else than text.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::{Ask, Preset, PresetId, Rule, Words};
use crate::{Profile, SecretName, SecretSlot, client_id};

/// Why a preset cannot be applied or kept.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PresetError {
    /// A question has no answer.
    #[error("the question {0} is not answered")]
    Unanswered(String),
    /// The answer to a question is none that it offers.
    #[error("the answer to the question {0} is none of its choices")]
    NotAChoice(String),
    /// What is filled in makes no profile.
    #[error("what it fills in makes no profile: {0}")]
    Invalid(String),
}

/// The answers that may stand in texts, by question.
type Answers<'a> = BTreeMap<&'a str, &'a str>;
/// What is put in, one after the other.
type Patches<'a> = Vec<&'a Map<String, Value>>;

impl Preset {
    /// `profile` with the preset filled in. Identifier, name, colour and the names of secrets stay; a place for a secret
    /// that was not there before has none. Answers to questions for secrets, or to none, are ignored.
    ///
    /// # Errors
    /// [`PresetError`]
    pub fn apply(
        &self,
        profile: &Profile,
        answers: &BTreeMap<String, String>,
    ) -> Result<Profile, PresetError> {
        let invalid = |error: serde_json::Error| PresetError::Invalid(error.to_string());
        let (texts, patches) = self.answered(answers)?;
        let before = serde_json::to_value(profile).map_err(invalid)?;
        let mut after = before.clone();
        for patch in patches {
            if patch.get("endpoint").is_some_and(|endpoint| endpoint.get("host").is_some()) {
                merge(&mut after, &Value::from_iter([("follows_local_broker", false)]));
            }
            merge(&mut after, &filled(&Value::Object(patch.clone()), &texts));
        }
        for field in ["id", "name", "colour"] {
            if let (Some(fields), Some(old)) = (after.as_object_mut(), before.get(field)) {
                fields.insert(field.to_owned(), old.clone());
            }
        }
        let mut after: Profile = serde_json::from_value(after).map_err(invalid)?;
        let secrets: BTreeMap<SecretSlot, SecretName> = profile.secrets().into_iter().collect();
        after.each_secret(&mut |slot, name| *name = secrets.get(&slot).cloned());
        after.preset = Some(self.id.clone());
        Ok(after)
    }

    /// A person's own preset: the settings of `profile` without its name, identifiers, colour and secrets. A Client
    /// Identifier stays only where each connection gets one of its own from it.
    ///
    /// # Errors
    /// [`PresetError::Invalid`]
    pub fn of_profile(
        id: PresetId,
        name: &str,
        profile: &Profile,
        rules: Vec<Rule>,
    ) -> Result<Self, PresetError> {
        let mut profile = profile.clone();
        profile.each_secret(&mut |_, name| *name = None);
        let fill = serde_json::to_value(&profile)
            .map_err(|error| PresetError::Invalid(error.to_string()))?;
        let Value::Object(mut fill) = fill else {
            return Err(PresetError::Invalid("it is no object".to_owned()));
        };
        for field in ["id", "name", "colour", "preset", "password"] {
            fill.remove(field);
        }
        if !client_id::is_template(&profile.client_id) {
            fill.remove("client_id");
        }
        let both = |text: &str| Words { en: text.to_owned(), zh: text.to_owned() };
        Ok(Self {
            id,
            name: both(name),
            note: both(""),
            source: String::new(),
            domains: Vec::new(),
            asks: Vec::new(),
            fill,
            rules,
        })
    }

    /// The answers, and what is filled in: the preset's own patch, then those of the choices.
    fn answered<'a>(
        &'a self,
        answers: &'a BTreeMap<String, String>,
    ) -> Result<(Answers<'a>, Patches<'a>), PresetError> {
        let (mut texts, mut patches) = (Answers::new(), vec![&self.fill]);
        for Ask { id, choices, .. } in self.asks.iter().filter(|ask| ask.secret.is_none()) {
            let answer = answers.get(id).map(|answer| answer.trim()).unwrap_or_default();
            if answer.is_empty() {
                return Err(PresetError::Unanswered(id.clone()));
            }
            if !choices.is_empty() {
                let chosen = choices.iter().find(|choice| choice.value == answer);
                let chosen = chosen.ok_or_else(|| PresetError::NotAChoice(id.clone()))?;
                patches.push(&chosen.fill);
            }
            texts.insert(id, answer);
        }
        Ok((texts, patches))
    }
}

/// The value with the answers in its texts.
fn filled(value: &Value, answers: &Answers<'_>) -> Value {
    match value {
        Value::String(text) => Value::String(filled_text(text, answers)),
        Value::Array(values) => values.iter().map(|value| filled(value, answers)).collect(),
        Value::Object(fields) => {
            fields.iter().map(|(name, value)| (name.clone(), filled(value, answers))).collect()
        }
        other => other.clone(),
    }
}

/// One pass, so that what stands in an answer is not read again. Other names in braces stay, as those of
/// [`client_id`] must.
fn filled_text(text: &str, answers: &Answers<'_>) -> String {
    let (mut done, mut rest) = (String::new(), text);
    while let Some((before, after)) = rest.split_once("{{") {
        done.push_str(before);
        let answer = after.split_once("}}").and_then(|(id, tail)| Some((answers.get(id)?, tail)));
        if let Some((answer, tail)) = answer {
            done.push_str(answer);
            rest = tail;
        } else {
            done.push_str("{{");
            rest = after;
        }
    }
    done.push_str(rest);
    done
}

fn merge(target: &mut Value, patch: &Value) {
    let Value::Object(changes) = patch else {
        target.clone_from(patch);
        return;
    };
    if !target.is_object() || is_another_kind(target, changes) {
        *target = Value::Object(Map::new());
    }
    let Value::Object(fields) = target else { return };
    for (name, change) in changes {
        if change.is_null() {
            fields.remove(name);
        } else {
            merge(fields.entry(name.clone()).or_insert(Value::Null), change);
        }
    }
}

fn is_another_kind(target: &Value, changes: &Map<String, Value>) -> bool {
    ["kind", "from", "method"]
        .iter()
        .any(|tag| changes.get(*tag).is_some_and(|kind| target.get(tag) != Some(kind)))
}
