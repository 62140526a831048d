//! Holding a profile against a provider's rules.
//!
//! A rule names a field by its path in the profile as JSON, so a new rule needs no code. The price is that a
//! misspelt path would never be broken; a test walks the paths of all providers through a full profile.

use serde_json::Value;

use super::{Must, Preset, Rule, When, Words};
use crate::Profile;
use crate::check::Weight;

/// A demand of a provider that a profile does not meet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Breach {
    /// The field's path, with the place in the list where the rule has `*`.
    pub field: String,
    /// How much it weighs.
    pub weight: Weight,
    /// The provider's reason.
    pub reason: Words,
    /// Where it is documented; empty where the preset's own source says it.
    pub source: String,
}

impl Preset {
    /// What `profile` does against the rules, in their order.
    pub fn breaches(&self, profile: &Profile) -> Vec<Breach> {
        let Ok(profile) = serde_json::to_value(profile) else { return Vec::new() };
        self.rules.iter().flat_map(|rule| rule.breaches(&profile)).collect()
    }

    /// Whether a rule says, as things stand, which scheme and port go together.
    pub(crate) fn judges_port(&self, profile: &Profile) -> bool {
        let Ok(profile) = serde_json::to_value(profile) else { return false };
        self.rules.iter().any(|rule| {
            let when = rule.when.as_ref();
            let (about_port, about_scheme) =
                (rule.field == "endpoint.port", rule.field == "endpoint.scheme");
            let asks_port = when.is_some_and(|when| when.field == "endpoint.port");
            (about_port || about_scheme && asks_port)
                && when.is_none_or(|when| when.holds(&profile))
        })
    }
}

impl Rule {
    fn breaches(&self, profile: &Value) -> Vec<Breach> {
        if !self.when.as_ref().is_none_or(|when| when.holds(profile)) {
            return Vec::new();
        }
        places(profile, &self.field)
            .into_iter()
            .filter(|(_, value)| !self.must.holds(value.unwrap_or(&Value::Null)))
            .map(|(field, _)| Breach {
                field,
                weight: self.weight,
                reason: self.reason.clone(),
                source: self.source.clone(),
            })
            .collect()
    }
}

impl When {
    fn holds(&self, profile: &Value) -> bool {
        let is_wanted = |value: Option<&Value>| self.one_of.contains(value.unwrap_or(&Value::Null));
        places(profile, &self.field).into_iter().any(|(_, value)| is_wanted(value))
            && self.and.iter().all(|when| when.holds(profile))
    }
}

impl Must {
    /// A field that is not there breaks only what asks for it.
    fn holds(&self, value: &Value) -> bool {
        match self {
            Self::BeAbsent => is_absent(value),
            Self::BePresent => !is_absent(value),
            Self::BeOneOf(values) => value.is_null() || values.contains(value),
            Self::NotBeOneOf(values) => value.is_null() || !values.contains(value),
            Self::BeWithin(low, high) => value
                .as_u64()
                .is_none_or(|number| (u64::from(*low)..=u64::from(*high)).contains(&number)),
            Self::Hold(text) => value
                .as_array()
                .is_some_and(|values| values.iter().any(|value| value.as_str() == Some(text))),
            Self::BeLike(patterns) => value.as_str().is_none_or(|text| {
                let text = text.to_ascii_lowercase();
                text.is_empty() || patterns.iter().any(|p| is_like(&text, &p.to_ascii_lowercase()))
            }),
        }
    }
}

/// Whether `text` follows `pattern`, in which `*` stands for one character or more.
fn is_like(text: &str, pattern: &str) -> bool {
    match pattern.split_once('*') {
        None => text == pattern,
        Some((before, after)) => text.strip_prefix(before).is_some_and(|rest| {
            rest.char_indices().skip(1).map(|(at, _)| at).chain([rest.len()]).any(|at| {
                !rest.is_empty() && rest.get(at..).is_some_and(|rest| is_like(rest, after))
            })
        }),
    }
}

fn is_absent(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(value) => !value,
        Value::Number(_) => false,
        Value::String(text) => text.is_empty(),
        Value::Array(values) => values.is_empty(),
        Value::Object(fields) => fields.is_empty(),
    }
}

/// A field's path, and its value where there is one.
type Place<'a> = (String, Option<&'a Value>);

/// The fields that `path` means. Below a field that is not there, `*` means nothing, anything else one absent field.
pub(super) fn places<'a>(root: &'a Value, path: &str) -> Vec<Place<'a>> {
    let mut found: Vec<Place<'a>> = vec![(String::new(), Some(root))];
    for step in path.split('.') {
        found = found.into_iter().flat_map(|(above, value)| below(&above, value, step)).collect();
    }
    found
}

fn below<'a>(above: &str, value: Option<&'a Value>, step: &str) -> Vec<Place<'a>> {
    let path = |step: &str| match above {
        "" => step.to_owned(),
        above => format!("{above}.{step}"),
    };
    if step == "*" {
        let values = value.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let each = values.iter().enumerate();
        return each.map(|(index, value)| (path(&index.to_string()), Some(value))).collect();
    }
    let child = match value {
        Some(Value::Object(fields)) => fields.get(step),
        Some(Value::Array(values)) => step.parse::<usize>().ok().and_then(|at| values.get(at)),
        _ => None,
    };
    vec![(path(step), child)]
}
