//! Paths into JSON that are only names: `$.line.temp`.
//!
//! Most paths are, and for them no tree has to be built: the text is read once, and what is not on the way is passed
//! over. A payload in which the last name does not even stand is not read at all. The price is that a text whose
//! fault lies in a string that is passed over (half of a surrogate pair) counts as JSON.

use memchr::memmem::Finder;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

/// The names of a path, from the outermost.
#[derive(Debug)]
pub(super) struct Chain {
    names: Vec<String>,
    last: Finder<'static>,
}

impl Chain {
    /// The names, where the path is made of them alone and in the short form.
    pub(super) fn of(path: &str) -> Option<Self> {
        let names: Vec<String> = path.strip_prefix("$.")?.split('.').map(str::to_owned).collect();
        let first = |byte: u8| byte.is_ascii_alphabetic() || byte == b'_';
        let is_plain = |name: &String| {
            name.bytes().next().is_some_and(first)
                && name.bytes().all(|byte| first(byte) || byte.is_ascii_digit())
        };
        if !names.iter().all(is_plain) {
            return None;
        }
        let last = Finder::new(names.last()?.as_bytes()).into_owned();
        Some(Self { names, last })
    }

    /// Whether the last name may stand in a payload; escaped it looks different.
    pub(super) fn may_be_in(&self, payload: &[u8]) -> bool {
        self.last.find(payload).is_some() || memchr::memchr(b'\\', payload).is_some()
    }

    /// The value at the path; none where there is none or the text is no JSON.
    pub(super) fn value(&self, text: &str) -> Option<Value> {
        let mut reader = serde_json::Deserializer::from_str(text);
        let found = Along(&self.names).deserialize(&mut reader).ok()?;
        reader.end().ok()?;
        found
    }
}

/// What is left of the way.
struct Along<'a>(&'a [String]);

impl<'de> DeserializeSeed<'de> for Along<'_> {
    type Value = Option<Value>;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Self::Value, D::Error> {
        if self.0.is_empty() {
            serde::Deserialize::deserialize(reader).map(Some)
        } else {
            reader.deserialize_any(self)
        }
    }
}

impl<'de> Visitor<'de> for Along<'_> {
    type Value = Option<Value>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let Some((name, rest)) = self.0.split_first() else { return Ok(None) };
        let mut found = None;
        // Of a name that stands twice the last counts, as where a tree is built.
        while let Some(is_it) = map.next_key_seed(Named(name))? {
            if is_it {
                found = map.next_value_seed(Along(rest))?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(found)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Self::Value, A::Error> {
        while elements.next_element::<IgnoredAny>()?.is_some() {}
        Ok(None)
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }
}

/// Whether a member has this name.
struct Named<'a>(&'a str);

impl<'de> DeserializeSeed<'de> for Named<'_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<bool, D::Error> {
        reader.deserialize_str(self)
    }
}

impl Visitor<'_> for Named<'_> {
    type Value = bool;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<bool, E> {
        Ok(name == self.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_plain_names_make_a_chain() {
        for path in ["$.a", "$._a1.B"] {
            assert!(Chain::of(path).is_some(), "{path}");
        }
        for path in ["$", "$.", "$..a", "$.a[0]", "$.*", "$['a']", "$.a ", "a", "$.1a", "$.ä"] {
            assert!(Chain::of(path).is_none(), "{path}");
        }
    }

    #[test]
    fn an_escaped_name_is_found_and_a_missing_one_costs_nothing() {
        let chain = Chain::of("$.temp").unwrap();
        let escaped = r#"{"\u0074emp":1}"#;
        assert!(chain.may_be_in(escaped.as_bytes()));
        assert_eq!(chain.value(escaped), Some(1.into()));
        assert!(!chain.may_be_in(br#"{"t":1}"#));
    }

    fn json() -> impl Strategy<Value = String> {
        let leaf = prop_oneof![
            Just("1".to_owned()),
            Just("-2.5".to_owned()),
            Just("\"a\"".to_owned()),
            Just("null".to_owned()),
            Just("true".to_owned())
        ];
        leaf.prop_recursive(4, 30, 4, |inner| {
            let member = (prop::sample::select(vec!["a", "b", "\\u0061"]), inner.clone());
            prop_oneof![
                prop::collection::vec(inner, 0..4).prop_map(|list| format!("[{}]", list.join(","))),
                prop::collection::vec(member, 0..4).prop_map(|members| {
                    let members: Vec<_> =
                        members.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
                    format!("{{{}}}", members.join(" , "))
                }),
            ]
        })
    }

    proptest! {
        #[test]
        fn a_chain_finds_what_the_path_finds(text in json(), cut in any::<prop::sample::Index>(), whole in any::<bool>()) {
            let text = if whole { &text[..] } else { &text[..cut.index(text.len() + 1)] };
            for path in ["$.a", "$.b.a", "$.a.a.b"] {
                let slow = serde_json::from_str::<Value>(text).ok().and_then(|document| {
                    let path = serde_json_path::JsonPath::parse(path).unwrap();
                    path.query(&document).first().cloned()
                });
                prop_assert_eq!(Chain::of(path).unwrap().value(text), slow);
            }
        }
    }
}
