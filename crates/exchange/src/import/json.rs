//! JSON in two steps: first only where each part begins and ends, then part by part into values. So 200 MB of messages
//! are never all in memory as trees, and an error still has its place in the whole.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::value::Value;
use crate::error::{ImportError, ImportFault, Place};

/// How deep serde_json goes; deeper nesting is refused, which keeps the stack whole.
pub(super) const MAX_DEPTH: usize = 128;

/// The most parts that a list or an object is split into.
const MAX_PARTS: usize = 5_000_000;
/// The most commas in a part that becomes a tree of values, which takes many times its size.
const MAX_VALUES: usize = 2_000_000;
/// What the readers here say when there are too many parts.
const TOO_MANY: &str = "too many parts";

/// A part of a JSON text, and the whole for places.
#[derive(Clone, Copy)]
pub(super) struct Json<'a> {
    whole: &'a str,
    part: &'a str,
}

impl<'a> Json<'a> {
    pub(super) fn new(whole: &'a str) -> Self {
        Self { whole, part: whole }
    }

    fn sub(&self, raw: &'a RawValue) -> Self {
        Self { whole: self.whole, part: raw.get() }
    }

    /// The first character that is no white space.
    pub(super) fn first(&self) -> Option<char> {
        self.part.trim_start().chars().next()
    }

    /// The parts of a list.
    pub(super) fn items(&self) -> Result<Vec<Self>, ImportError> {
        if self.first() != Some('[') {
            return Err(self.here(ImportFault::Shape("a list")));
        }
        let Items(items) = serde_json::from_str(self.part).map_err(|error| self.error(&error))?;
        Ok(items.into_iter().map(|raw| self.sub(raw)).collect())
    }

    /// The parts of an object, in their order.
    pub(super) fn entries(&self) -> Result<Vec<(Cow<'a, str>, Self)>, ImportError> {
        if self.first() != Some('{') {
            return Err(self.here(ImportFault::Shape("an object")));
        }
        let Entries(entries) =
            serde_json::from_str(self.part).map_err(|error| self.error(&error))?;
        Ok(entries.into_iter().map(|(name, raw)| (name, self.sub(raw))).collect())
    }

    /// The part as a value.
    pub(super) fn value(&self) -> Result<Value, ImportError> {
        let is_tree = matches!(self.first(), Some('[' | '{'));
        let commas = || self.part.bytes().filter(|byte| *byte == b',').count();
        if is_tree && self.part.len() > MAX_VALUES && commas() > MAX_VALUES {
            return Err(self.here(ImportFault::TooMany { limit: MAX_VALUES }));
        }
        serde_json::from_str(self.part).map_err(|error| self.error(&error))
    }

    /// An error at the part's beginning.
    pub(super) fn here(&self, fault: ImportFault) -> ImportError {
        ImportError::new(Place::of_byte(self.whole.as_bytes(), self.offset()), fault)
    }

    fn offset(&self) -> usize {
        let white = self.part.len() - self.part.trim_start().len();
        (self.part.as_ptr() as usize).saturating_sub(self.whole.as_ptr() as usize) + white
    }

    fn error(&self, error: &serde_json::Error) -> ImportError {
        let start = (self.part.as_ptr() as usize).saturating_sub(self.whole.as_ptr() as usize);
        let bytes = self.part.as_bytes();
        // serde_json counts lines from 1 and columns from 0 at a line's beginning.
        let line = bytes.split_inclusive(|byte| *byte == b'\n').take(error.line() - 1);
        let at = line.map(<[u8]>::len).sum::<usize>() + error.column().saturating_sub(1);
        let place = Place::of_byte(self.whole.as_bytes(), start + at.min(bytes.len()));
        let text = error.to_string();
        // Only syntax errors have texts that cannot quote a value.
        let fault = if text.starts_with("recursion limit") {
            ImportFault::TooDeep(MAX_DEPTH)
        } else if text.starts_with(TOO_MANY) {
            ImportFault::TooMany { limit: MAX_PARTS }
        } else if error.is_data() {
            ImportFault::Shape("another kind of value")
        } else {
            let end = text.find(" at line ").unwrap_or(text.len());
            ImportFault::Syntax(text.get(..end).unwrap_or_default().to_owned())
        };
        ImportError::new(place, fault)
    }
}

struct Items<'a>(Vec<&'a RawValue>);

impl<'de: 'a, 'a> Deserialize<'de> for Items<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(ItemsReader)
    }
}

struct ItemsReader;

impl<'de> Visitor<'de> for ItemsReader {
    type Value = Items<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Items<'de>, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = list.next_element()? {
            if items.len() == MAX_PARTS {
                return Err(serde::de::Error::custom(TOO_MANY));
            }
            items.push(item);
        }
        Ok(Items(items))
    }
}

struct Entries<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Entries<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(EntriesReader)
    }
}

struct EntriesReader;

impl<'de> Visitor<'de> for EntriesReader {
    type Value = Entries<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Entries<'de>, A::Error> {
        let mut entries = Vec::new();
        while let Some((Name(name), value)) = map.next_entry::<Name<'de>, &'de RawValue>()? {
            if entries.len() == MAX_PARTS {
                return Err(serde::de::Error::custom(TOO_MANY));
            }
            entries.push((name, value));
        }
        Ok(Entries(entries))
    }
}

/// A name, borrowed where it has no escapes.
struct Name<'a>(Cow<'a, str>);

impl<'de> Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Name<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a name")
            }
            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Name<'de>, E> {
                Ok(Name(Cow::Borrowed(text)))
            }
            fn visit_str<E>(self, text: &str) -> Result<Name<'de>, E> {
                Ok(Name(Cow::Owned(text.to_owned())))
            }
        }
        deserializer.deserialize_str(Reader)
    }
}
