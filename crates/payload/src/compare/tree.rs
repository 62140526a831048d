//! JSON as a tree over its text: every value knows its bytes.
//!
//! Made only from text that was found valid, so it need not tell what is wrong. Values are told apart by a hash of
//! what they are (order of members aside, spelling of numbers and strings included), so that two large arrays
//! are compared without walking both for each pair.

use std::borrow::Cow;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::Range;

use super::{JSON_DEPTH, JSON_VALUES};

/// A value.
pub(super) struct Node<'a> {
    pub(super) bytes: Range<usize>,
    pub(super) hash: u64,
    pub(super) kind: Kind<'a>,
}

/// What a value is.
pub(super) enum Kind<'a> {
    Object(Vec<(Cow<'a, str>, Node<'a>)>),
    Array(Vec<Node<'a>>),
    String,
    Number,
    Word,
}

/// Why there is no tree.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum NoTree {
    TooLarge,
    TooDeep,
}

/// The tree of a text that is valid JSON.
pub(super) fn parse(text: &str) -> Result<Node<'_>, NoTree> {
    let mut parser = Parser { text, at: 0, values: 0 };
    parser.value(0)
}

/// A string of JSON as it is meant; as it is written where that is no text (half of a surrogate pair).
pub(super) fn string(written: &str) -> Cow<'_, str> {
    let inner = written.get(1..written.len().saturating_sub(1)).unwrap_or_default();
    if inner.contains('\\') {
        serde_json::from_str(written).map_or(Cow::Borrowed(inner), Cow::Owned)
    } else {
        Cow::Borrowed(inner)
    }
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    values: usize,
}

impl<'a> Parser<'a> {
    fn peek(&mut self) -> u8 {
        let bytes = self.text.as_bytes();
        while bytes.get(self.at).is_some_and(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
        bytes.get(self.at).copied().unwrap_or_default()
    }

    fn value(&mut self, depth: usize) -> Result<Node<'a>, NoTree> {
        if depth > JSON_DEPTH {
            return Err(NoTree::TooDeep);
        }
        self.values += 1;
        if self.values > JSON_VALUES {
            return Err(NoTree::TooLarge);
        }
        let first = self.peek();
        let begin = self.at;
        let kind = match first {
            b'{' => Kind::Object(self.members(depth)?),
            b'[' => Kind::Array(self.elements(depth)?),
            b'"' => {
                self.skip_string();
                Kind::String
            }
            b'-' | b'0'..=b'9' => {
                self.skip_plain();
                Kind::Number
            }
            _ => {
                self.skip_plain();
                Kind::Word
            }
        };
        let bytes = begin..self.at;
        let hash = hash(&kind, self.text.get(bytes.clone()).unwrap_or_default());
        Ok(Node { bytes, hash, kind })
    }

    fn members(&mut self, depth: usize) -> Result<Vec<(Cow<'a, str>, Node<'a>)>, NoTree> {
        let mut members = Vec::new();
        self.at += 1;
        while self.peek() == b'"' {
            let begin = self.at;
            self.skip_string();
            let name = string(self.text.get(begin..self.at).unwrap_or_default());
            self.peek();
            self.at += 1;
            members.push((name, self.value(depth + 1)?));
            if self.peek() == b',' {
                self.at += 1;
            }
        }
        self.at += 1;
        Ok(members)
    }

    fn elements(&mut self, depth: usize) -> Result<Vec<Node<'a>>, NoTree> {
        let mut elements = Vec::new();
        self.at += 1;
        while !matches!(self.peek(), b']' | 0) {
            elements.push(self.value(depth + 1)?);
            if self.peek() == b',' {
                self.at += 1;
            }
        }
        self.at += 1;
        Ok(elements)
    }

    fn skip_string(&mut self) {
        let bytes = self.text.as_bytes();
        self.at += 1;
        while let Some(byte) = bytes.get(self.at) {
            self.at += 1;
            match byte {
                b'"' => return,
                b'\\' => self.at += 1,
                _ => {}
            }
        }
    }

    fn skip_plain(&mut self) {
        let bytes = self.text.as_bytes();
        let belongs =
            |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.');
        while bytes.get(self.at).is_some_and(belongs) {
            self.at += 1;
        }
    }
}

fn hash(kind: &Kind<'_>, written: &str) -> u64 {
    let one = |value: &dyn Fn(&mut DefaultHasher)| {
        let mut hasher = DefaultHasher::new();
        value(&mut hasher);
        hasher.finish()
    };
    match kind {
        Kind::Object(members) => {
            // A sum, so that the order does not matter.
            let of = |(name, node): &(Cow<'_, str>, Node<'_>)| {
                one(&|hasher| (name, node.hash).hash(hasher))
            };
            let sum = members.iter().map(of).fold(0, u64::wrapping_add);
            one(&|hasher| (1_u8, members.len(), sum).hash(hasher))
        }
        Kind::Array(elements) => one(&|hasher| {
            2_u8.hash(hasher);
            elements.iter().for_each(|element| element.hash.hash(hasher));
        }),
        Kind::String | Kind::Number | Kind::Word => one(&|hasher| (3_u8, written).hash(hasher)),
    }
}
