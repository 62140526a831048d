//! Conditions on payload and properties: the half of a filter that reads messages.
//!
//! Tests go from the cheap to the dear: bytes first, JSON only where all of them passed, and parsed once. The
//! expressions are of an engine that is linear in time, with a limit on its size, so that no pattern and no
//! payload can hold up a scan.

use memchr::memmem::Finder;
use mqttscope_model::properties::{self, Property};
use mqttscope_model::{Comparison, PayloadTest, UserPropertyTest, ViewFilter};
use regex::bytes::{Regex, RegexBuilder};
use serde_json::Value;
use serde_json_path::JsonPath;

use super::chain::Chain;
use crate::FilterError;

/// Bytes that a compiled expression may take.
const REGEX_LIMIT: usize = 4 << 20;

/// The compiled conditions.
#[derive(Debug)]
pub(crate) struct Content {
    finders: Vec<Finder<'static>>,
    expressions: Vec<Expression>,
    json: Vec<JsonTest>,
    user_properties: Vec<UserPropertyTest>,
    /// In lower case; empty lets all through.
    content_type: String,
}

#[derive(Debug)]
struct Expression {
    whole: Regex,
    /// It looks at nothing beside what it matches, so it matches in whatever a payload lies in as well.
    anywhere: bool,
}

#[derive(Debug)]
struct JsonTest {
    path: JsonPath,
    /// The same path where it is one of names only.
    chain: Option<Chain>,
    comparison: Comparison,
    value: Value,
}

impl Content {
    pub(super) fn new(filter: &ViewFilter) -> Result<Self, FilterError> {
        let mut content = Self {
            finders: Vec::new(),
            expressions: Vec::new(),
            json: Vec::new(),
            user_properties: filter.user_properties.clone(),
            content_type: filter.content_type.to_lowercase(),
        };
        for test in &filter.payload {
            content.add(test)?;
        }
        Ok(content)
    }

    fn add(&mut self, test: &PayloadTest) -> Result<(), FilterError> {
        match test {
            PayloadTest::Text { text, case_sensitive: true } => {
                self.finders.push(Finder::new(text.as_bytes()).into_owned());
            }
            PayloadTest::Text { text, case_sensitive: false } => {
                let whole = expression(&regex::escape(text), false)?;
                self.expressions.push(Expression { whole, anywhere: true });
            }
            PayloadTest::Regex { pattern, case_sensitive } => {
                let whole = expression(pattern, *case_sensitive)?;
                self.expressions.push(Expression { whole, anywhere: false });
            }
            PayloadTest::Json { path, comparison, value } => {
                let parsed = JsonPath::parse(path).map_err(|error| FilterError::JsonPath {
                    path: path.clone(),
                    reason: error.to_string(),
                })?;
                // What is no JSON is text: nobody types the quotes of "on".
                let value = serde_json::from_str(value).unwrap_or_else(|_| value.as_str().into());
                let chain = Chain::of(path);
                self.json.push(JsonTest { path: parsed, chain, comparison: *comparison, value });
            }
        }
        Ok(())
    }

    /// Whether the properties matter, which are not read otherwise.
    pub(crate) fn wants_properties(&self) -> bool {
        !self.user_properties.is_empty() || !self.content_type.is_empty()
    }

    /// Whether a message passes. `encoded` are its properties in their wire encoding.
    pub(crate) fn passes(&self, payload: &[u8], encoded: &[u8]) -> bool {
        self.finders.iter().all(|finder| finder.find(payload).is_some())
            && self.expressions.iter().all(|expression| expression.whole.is_match(payload))
            && (!self.wants_properties() || self.properties_pass(encoded))
            && (self.json.is_empty() || self.json_passes(payload))
    }

    /// Whether a message that lies somewhere in these bytes may pass, and each of its columns in one piece.
    pub(crate) fn may_be_in(&self, bytes: &[u8]) -> bool {
        let holds = |text: &str| memchr::memmem::find(bytes, text.as_bytes()).is_some();
        self.finders.iter().all(|finder| finder.find(bytes).is_some())
            && self
                .expressions
                .iter()
                .all(|expression| !expression.anywhere || expression.whole.is_match(bytes))
            && self.json.iter().flat_map(|test| &test.chain).all(|chain| chain.may_be_in(bytes))
            && self.user_properties.iter().all(|test| holds(&test.name) && holds(&test.value))
    }

    fn properties_pass(&self, encoded: &[u8]) -> bool {
        // What cannot be read to its end has no property that could be asked for.
        let Ok(there) = properties::decode(encoded) else { return false };
        let has_type = self.content_type.is_empty()
            || there.iter().any(|property| match property {
                Property::ContentType(found) => found.to_lowercase().contains(&self.content_type),
                _ => false,
            });
        has_type
            && self.user_properties.iter().all(|wanted| {
                there.iter().any(|property| match property {
                    Property::UserProperty(name, value) => {
                        (wanted.name.is_empty() || *name == wanted.name)
                            && value.contains(&wanted.value)
                    }
                    _ => false,
                })
            })
    }

    fn json_passes(&self, payload: &[u8]) -> bool {
        let chains = || self.json.iter().map(|test| test.chain.as_ref().map(|chain| (test, chain)));
        if chains().flatten().any(|(_, chain)| !chain.may_be_in(payload)) {
            return false;
        }
        let Ok(text) = std::str::from_utf8(payload) else { return false };
        if chains().all(|chain| chain.is_some()) {
            let mut each = chains().flatten();
            return each
                .all(|(test, chain)| chain.value(text).is_some_and(|found| test.holds(&found)));
        }
        let Ok(document) = serde_json::from_str::<Value>(text) else { return false };
        self.json
            .iter()
            .all(|test| test.path.query(&document).iter().any(|found| test.holds(found)))
    }
}

fn expression(pattern: &str, case_sensitive: bool) -> Result<Regex, FilterError> {
    RegexBuilder::new(pattern)
        .case_insensitive(!case_sensitive)
        .size_limit(REGEX_LIMIT)
        .dfa_size_limit(REGEX_LIMIT)
        .build()
        .map_err(|error| FilterError::Regex {
            pattern: pattern.to_owned(),
            reason: error.to_string(),
        })
}

impl JsonTest {
    fn holds(&self, found: &Value) -> bool {
        use std::cmp::Ordering::{Equal, Greater, Less};
        let ordering = || order(found, &self.value);
        match self.comparison {
            Comparison::Exists => true,
            Comparison::Equal => {
                ordering().map_or(*found == self.value, |ordering| ordering == Equal)
            }
            Comparison::NotEqual => {
                ordering().map_or(*found != self.value, |ordering| ordering != Equal)
            }
            Comparison::Less => ordering() == Some(Less),
            Comparison::AtMost => matches!(ordering(), Some(Less | Equal)),
            Comparison::Greater => ordering() == Some(Greater),
            Comparison::AtLeast => matches!(ordering(), Some(Greater | Equal)),
            Comparison::Contains => match (found, &self.value) {
                (Value::String(found), Value::String(wanted)) => found.contains(wanted.as_str()),
                // Whoever looks for 21 in a text means the digits.
                (Value::String(found), wanted) => found.contains(&wanted.to_string()),
                _ => false,
            },
        }
    }
}

/// The order of two numbers or two texts; others have none.
fn order(one: &Value, other: &Value) -> Option<std::cmp::Ordering> {
    match (one, other) {
        (Value::String(one), Value::String(other)) => Some(one.cmp(other)),
        (Value::Number(one), Value::Number(other)) => {
            // Whole numbers exactly: a double cannot tell neighbours above 2^53 apart.
            let whole = |number: &serde_json::Number| {
                number.as_i64().map(i128::from).or_else(|| number.as_u64().map(i128::from))
            };
            match (whole(one), whole(other)) {
                (Some(one), Some(other)) => Some(one.cmp(&other)),
                _ => one.as_f64()?.partial_cmp(&other.as_f64()?),
            }
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passes(test: PayloadTest, payload: &str) -> bool {
        let filter = ViewFilter { payload: vec![test], ..ViewFilter::default() };
        Content::new(&filter).unwrap().passes(payload.as_bytes(), &[])
    }

    fn json(path: &str, comparison: Comparison, value: &str, payload: &str) -> bool {
        let (path, value) = (path.to_owned(), value.to_owned());
        passes(PayloadTest::Json { path, comparison, value }, payload)
    }

    #[test]
    fn text_is_found_with_and_without_regard_to_case() {
        let text = |text: &str, case_sensitive| PayloadTest::Text {
            text: text.to_owned(),
            case_sensitive,
        };
        assert!(passes(text("a.c", true), "xa.cx") && !passes(text("a.c", true), "xabcx"));
        assert!(!passes(text("ÄRGER", true), "ärger") && passes(text("ÄRGER", false), "ärger"));
        let pattern = |pattern: &str| PayloadTest::Regex {
            pattern: pattern.to_owned(),
            case_sensitive: true,
        };
        assert!(passes(pattern(r"t=\d{2}$"), "t=21") && !passes(pattern(r"t=\d{2}$"), "t=2"));
    }

    #[test]
    fn json_values_compare_as_what_they_are() {
        use Comparison as C;
        let payload =
            r#"{"temp": 30.5, "state": "on", "big": 9007199254740993, "list": [1, {"t": 7}]}"#;
        for (path, comparison, value, expect) in [
            ("$.temp", C::Greater, "30", true),
            ("$.temp", C::Greater, "30.5", false),
            ("$.temp", C::AtLeast, "30.5", true),
            ("$.state", C::Equal, "on", true),
            ("$.state", C::Equal, "\"on\"", true),
            ("$.state", C::NotEqual, "off", true),
            ("$.state", C::Greater, "1", false),
            ("$.state", C::Contains, "o", true),
            ("$.big", C::Equal, "9007199254740992", false),
            ("$.big", C::Equal, "9007199254740993", true),
            ("$..t", C::Equal, "7", true),
            ("$.list[*]", C::Less, "2", true),
            ("$.none", C::Exists, "", false),
            ("$.none", C::NotEqual, "1", false),
            ("$.list", C::Exists, "", true),
        ] {
            assert_eq!(
                json(path, comparison, value, payload),
                expect,
                "{path} {comparison:?} {value}"
            );
        }
        assert!(!json("$.temp", C::Exists, "", "not json"));
    }

    #[test]
    fn properties_are_held_against_name_value_and_content_type() {
        let encoded = properties::encode(&[
            Property::ContentType("application/JSON".to_owned()),
            Property::UserProperty("site".to_owned(), "plant a".to_owned()),
        ]);
        let passes = |user_properties: Vec<UserPropertyTest>, content_type: &str| {
            let content_type = content_type.to_owned();
            let filter = ViewFilter { user_properties, content_type, ..ViewFilter::default() };
            Content::new(&filter).unwrap().passes(b"", &encoded)
        };
        let test = |name: &str, value: &str| {
            vec![UserPropertyTest { name: name.to_owned(), value: value.to_owned() }]
        };
        assert!(passes(test("site", ""), "json") && passes(test("", "plant"), ""));
        assert!(!passes(test("site", "plant b"), "") && !passes(test("Site", ""), ""));
        assert!(!passes(vec![], "xml"));
    }

    #[test]
    fn an_expression_that_would_grow_too_large_or_a_wrong_path_is_refused() {
        let new = |test| {
            Content::new(&ViewFilter { payload: vec![test], ..ViewFilter::default() }).unwrap_err()
        };
        let pattern = "(a{1000}){1000}".to_owned();
        let error = new(PayloadTest::Regex { pattern, case_sensitive: true });
        assert!(matches!(error, FilterError::Regex { .. }));
        let json = PayloadTest::Json {
            path: "$.[".to_owned(),
            comparison: Comparison::Exists,
            value: String::new(),
        };
        assert!(matches!(new(json), FilterError::JsonPath { .. }));
    }
}
