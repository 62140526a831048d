//! Templates of replies: text in which `{{..}}` stands for a part of the request.
//!
//! A template is read once, so that a mistake in it is told when the rule is saved, with its place, and not when the first
//! request comes. A value that the request does not hold is an error and never an empty text: a reply that silently lacks
//! what was asked for helps nobody who tests. What is put in is not escaped, because a template knows nothing of the format
//! around it; the price is that a text with quotation marks breaks a JSON template.

use serde_json::value::RawValue;

use crate::properties::Property;

/// A template that can be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template(Vec<Part>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    Value(Value),
}

/// What a placeholder stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Value {
    Topic,
    /// A level of the Topic Name, counted from 0 here.
    Level(usize),
    Payload,
    /// A value in a JSON payload: keys, and places in arrays from 0.
    PayloadAt(Vec<String>),
    User(String),
    ResponseTopic,
    ContentType,
    Correlation,
    Count,
    Time,
}

/// Why a text is no template. Places are counted in characters, from 1.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// Two braces open and none close.
    #[error("the braces that open at character {at} are not closed")]
    Unclosed {
        /// Where the braces open.
        at: usize,
    },
    /// No placeholder has this name.
    #[error("{{{{{name}}}}} at character {at} is no placeholder")]
    Unknown {
        /// Where the braces open.
        at: usize,
        /// What stands between them.
        name: String,
    },
}

impl TemplateError {
    /// Where the braces open.
    pub fn at(&self) -> usize {
        match self {
            Self::Unclosed { at } | Self::Unknown { at, .. } => *at,
        }
    }
}

/// A placeholder that has no value in a request.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{{{{{placeholder}}}}} has no value: {why}")]
pub struct MissingValue {
    /// The placeholder, without its braces.
    pub placeholder: String,
    /// Why it has none.
    pub why: Missing,
}

/// Why a placeholder has no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Missing {
    /// The request does not hold it.
    #[error("the request does not hold it")]
    Absent,
    /// The payload is no JSON.
    #[error("the payload of the request is no JSON")]
    NotJson,
    /// Bytes that are no UTF-8 cannot stand in a topic or a User Property.
    #[error("it is not UTF-8 and cannot stand here")]
    NotText,
}

impl Missing {
    /// A stable word for the catalogues of the window.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Absent => "absent",
            Self::NotJson => "not_json",
            Self::NotText => "not_text",
        }
    }
}

/// A request, as a template sees it.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// Its Topic Name.
    pub topic: &'a str,
    /// Its payload.
    pub payload: &'a [u8],
    /// Its properties.
    pub properties: &'a [Property],
    /// Which answer of the rule this is, from 1.
    pub count: u64,
    /// The time, in words of the caller's choice.
    pub time: &'a str,
}

impl Template {
    /// Reads a template. `{{{{` stands for two braces; `{{{` is a brace in front of a placeholder.
    ///
    /// # Errors
    /// [`TemplateError`] names the first mistake.
    pub fn parse(text: &str) -> Result<Self, TemplateError> {
        let mut parts = Vec::new();
        let mut literal = String::new();
        let mut rest = text;
        while let Some((before, behind)) = rest.split_once("{{") {
            literal.push_str(before);
            if let Some(behind) = behind.strip_prefix("{{") {
                literal.push_str("{{");
                rest = behind;
                continue;
            }
            let behind = behind.strip_prefix('{').inspect(|_| literal.push('{')).unwrap_or(behind);
            let at = text.chars().count() - behind.chars().count() - 1;
            let (name, behind) = behind.split_once("}}").ok_or(TemplateError::Unclosed { at })?;
            let name = name.trim();
            let value = Value::named(name)
                .ok_or_else(|| TemplateError::Unknown { at, name: name.to_owned() })?;
            if !literal.is_empty() {
                parts.push(Part::Text(std::mem::take(&mut literal)));
            }
            parts.push(Part::Value(value));
            rest = behind;
        }
        literal.push_str(rest);
        if !literal.is_empty() {
            parts.push(Part::Text(literal));
        }
        Ok(Self(parts))
    }

    /// The text around the placeholders.
    pub fn literals(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|part| match part {
            Part::Text(text) => Some(text.as_str()),
            Part::Value(_) => None,
        })
    }

    /// Fills the template. A payload goes in byte for byte; Correlation Data too where they are all of the template, else
    /// in hex where they are no text; a string of a JSON payload as its content, and any other value as it was written.
    ///
    /// # Errors
    /// [`MissingValue`] for the first placeholder without a value.
    pub fn fill(&self, asked: &Asked<'_>) -> Result<Vec<u8>, MissingValue> {
        let mut filled = Vec::new();
        for part in &self.0 {
            match part {
                Part::Text(text) => filled.extend_from_slice(text.as_bytes()),
                Part::Value(value) => {
                    let bytes = value.of(asked).map_err(|why| value.missing(why))?;
                    let is_all = self.0.len() == 1;
                    match std::str::from_utf8(&bytes) {
                        Err(_) if *value == Value::Correlation && !is_all => {
                            filled.extend_from_slice(hex(&bytes).as_bytes());
                        }
                        _ => filled.extend(bytes),
                    }
                }
            }
        }
        Ok(filled)
    }

    /// Fills the template where only text can stand.
    ///
    /// # Errors
    /// [`MissingValue`] for the first placeholder without a value, or whose value is not UTF-8.
    pub fn fill_text(&self, asked: &Asked<'_>) -> Result<String, MissingValue> {
        let mut filled = String::new();
        for part in &self.0 {
            match part {
                Part::Text(text) => filled.push_str(text),
                Part::Value(value) => {
                    let bytes = value.of(asked).map_err(|why| value.missing(why))?;
                    match String::from_utf8(bytes) {
                        Ok(text) => filled.push_str(&text),
                        Err(no_text) if *value == Value::Correlation => {
                            filled.push_str(&hex(no_text.as_bytes()));
                        }
                        Err(_) => return Err(value.missing(Missing::NotText)),
                    }
                }
            }
        }
        Ok(filled)
    }
}

impl Value {
    fn named(name: &str) -> Option<Self> {
        Some(match name.split_once('.') {
            None => match name {
                "topic" => Self::Topic,
                "payload" => Self::Payload,
                "response_topic" => Self::ResponseTopic,
                "content_type" => Self::ContentType,
                "correlation" => Self::Correlation,
                "count" => Self::Count,
                "time" => Self::Time,
                _ => return None,
            },
            Some(("topic", level)) => Self::Level(place(level)?.checked_sub(1)?),
            Some(("user", name)) if !name.is_empty() => Self::User(name.to_owned()),
            Some(("payload", path)) if path.split('.').all(|key| !key.is_empty()) => {
                Self::PayloadAt(path.split('.').map(str::to_owned).collect())
            }
            Some(_) => return None,
        })
    }

    fn missing(&self, why: Missing) -> MissingValue {
        let placeholder = match self {
            Self::Topic => "topic".to_owned(),
            Self::Level(level) => format!("topic.{}", level.saturating_add(1)),
            Self::Payload => "payload".to_owned(),
            Self::PayloadAt(path) => format!("payload.{}", path.join(".")),
            Self::User(name) => format!("user.{name}"),
            Self::ResponseTopic => "response_topic".to_owned(),
            Self::ContentType => "content_type".to_owned(),
            Self::Correlation => "correlation".to_owned(),
            Self::Count => "count".to_owned(),
            Self::Time => "time".to_owned(),
        };
        MissingValue { placeholder, why }
    }

    fn of(&self, asked: &Asked<'_>) -> Result<Vec<u8>, Missing> {
        let first = |pick: fn(&Property) -> Option<&[u8]>| asked.properties.iter().find_map(pick);
        let found = match self {
            Self::Topic => Some(asked.topic.as_bytes()),
            Self::Level(level) => asked.topic.split('/').nth(*level).map(str::as_bytes),
            Self::Payload => Some(asked.payload),
            Self::PayloadAt(path) => return json_value(asked.payload, path),
            Self::User(name) => asked.properties.iter().find_map(|property| match property {
                Property::UserProperty(key, value) if key == name => Some(value.as_bytes()),
                _ => None,
            }),
            Self::ResponseTopic => first(|property| match property {
                Property::ResponseTopic(topic) => Some(topic.as_bytes()),
                _ => None,
            }),
            Self::ContentType => first(|property| match property {
                Property::ContentType(kind) => Some(kind.as_bytes()),
                _ => None,
            }),
            Self::Correlation => first(|property| match property {
                Property::CorrelationData(bytes) => Some(bytes.0.as_slice()),
                _ => None,
            }),
            Self::Count => return Ok(asked.count.to_string().into_bytes()),
            Self::Time => Some(asked.time.as_bytes()),
        };
        found.map(<[u8]>::to_vec).ok_or(Missing::Absent)
    }
}

/// A value of a JSON document: a string's content, anything else as it was written, so that numbers keep their digits.
fn json_value(document: &[u8], path: &[String]) -> Result<Vec<u8>, Missing> {
    let mut here: &RawValue = serde_json::from_slice(document).map_err(|_| Missing::NotJson)?;
    for key in path {
        here = step(here, key).ok_or(Missing::Absent)?;
    }
    let text = serde_json::from_str::<String>(here.get());
    Ok(text.unwrap_or_else(|_| here.get().to_owned()).into_bytes())
}

/// The member or element of that name. Of a key that is there twice the last counts, as in every browser.
fn step<'a>(value: &'a RawValue, key: &str) -> Option<&'a RawValue> {
    if value.get().starts_with('[') {
        let elements: Vec<&RawValue> = serde_json::from_str(value.get()).ok()?;
        return elements.get(place(key)?).copied();
    }
    let members: std::collections::HashMap<String, &RawValue> =
        serde_json::from_str(value.get()).ok()?;
    members.get(key).copied()
}

/// A number as people write one.
fn place(text: &str) -> Option<usize> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests;
