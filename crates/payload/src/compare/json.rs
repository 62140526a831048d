//! What differs between two JSON texts, value by value.
//!
//! Members are paired by name, whatever their order; of a name that stands twice the first with the first. Elements of
//! arrays are aligned, so that one that was put in front is one change and not a change of each. Numbers and
//! strings are told as they were sent: the same value in another spelling is a difference of notation.

use std::collections::HashMap;

use similar::{Algorithm, DiffOp, capture_diff_slices};

use super::path::{Step, write};
use super::tree::{Kind, NoTree, Node, parse, string};
use super::{
    JSON_LIMIT, JsonChange, JsonChangeKind, JsonDifference, JsonPiece, MAX_DIFFERENCES,
    NotCompared, Side, clip, common, number,
};
use crate::Document;

/// Elements of both arrays that are aligned; more are held against each other by their places.
const ALIGNED: usize = 4_000;

/// Compares two JSON texts.
///
/// # Errors
/// [`NotCompared`] where one of them is no JSON, or too large or too deep.
pub fn json(before: &[u8], after: &[u8]) -> Result<JsonDifference, NotCompared> {
    let texts = (text(before, Side::Before)?, text(after, Side::After)?);
    let (one, other) = (tree(texts.0, Side::Before)?, tree(texts.1, Side::After)?);
    let mut compare = Compare {
        before: texts.0,
        after: texts.1,
        steps: Vec::new(),
        told: JsonDifference::default(),
    };
    compare.values(&one, &other);
    Ok(compare.told)
}

fn text(bytes: &[u8], side: Side) -> Result<&str, NotCompared> {
    if bytes.len() > JSON_LIMIT {
        return Err(NotCompared::TooLarge { side });
    }
    match Document::new(bytes).json_fault() {
        Some(fault) => Err(NotCompared::NotJson { side, fault }),
        // Checked to be UTF-8 just now.
        None => Ok(std::str::from_utf8(bytes).unwrap_or_default()),
    }
}

fn tree(text: &str, side: Side) -> Result<Node<'_>, NotCompared> {
    parse(text).map_err(|why| match why {
        NoTree::TooLarge => NotCompared::TooLarge { side },
        NoTree::TooDeep => NotCompared::TooDeep { side },
    })
}

struct Compare<'a> {
    before: &'a str,
    after: &'a str,
    steps: Vec<Step<'a>>,
    told: JsonDifference,
}

impl<'a> Compare<'a> {
    fn values(&mut self, one: &'a Node<'a>, other: &'a Node<'a>) {
        if one.hash == other.hash {
            return;
        }
        match (&one.kind, &other.kind) {
            (Kind::Object(one), Kind::Object(other)) => self.members(one, other),
            (Kind::Array(one), Kind::Array(other)) => self.elements(one, other),
            _ => {
                let (was, is) = (written(self.before, one), written(self.after, other));
                let same = match (&one.kind, &other.kind) {
                    (Kind::Number, Kind::Number) => number::equal(was, is),
                    (Kind::String, Kind::String) => string(was) == string(is),
                    _ => false,
                };
                let kind = if same { JsonChangeKind::Notation } else { JsonChangeKind::Changed };
                self.tell(kind, Some(one), Some(other));
            }
        }
    }

    fn members(
        &mut self,
        one: &'a [(std::borrow::Cow<'a, str>, Node<'a>)],
        other: &'a [(std::borrow::Cow<'a, str>, Node<'a>)],
    ) {
        // The places of each name in the first, last to first, so that the first is taken first.
        let mut places: HashMap<&str, Vec<&'a Node<'a>>> = HashMap::new();
        for (name, node) in one.iter().rev() {
            places.entry(name).or_default().push(node);
        }
        let mut added = Vec::new();
        for (name, node) in other {
            match places.get_mut(&**name).and_then(Vec::pop) {
                Some(was) => self.within(Step::Member(name), |this| this.values(was, node)),
                None => added.push((name, node)),
            }
        }
        for (name, node) in one {
            let left = places.get_mut(&**name);
            if left.is_some_and(|left| left.pop_if(|last| std::ptr::eq(*last, node)).is_some()) {
                self.within(Step::Member(name), |this| {
                    this.tell(JsonChangeKind::Removed, Some(node), None);
                });
            }
        }
        for (name, node) in added {
            self.within(Step::Member(name), |this| {
                this.tell(JsonChangeKind::Added, None, Some(node));
            });
        }
    }

    fn elements(&mut self, one: &'a [Node<'a>], other: &'a [Node<'a>]) {
        let hashes = |nodes: &[Node<'_>]| nodes.iter().map(|node| node.hash).collect::<Vec<_>>();
        let (was, is) = (hashes(one), hashes(other));
        let (head, tail) = common(&was, &is);
        let middle = |hashes: &[u64]| hashes.len() - head - tail;
        let (old_len, new_len) = (middle(&was), middle(&is));
        let ops = if old_len + new_len <= ALIGNED {
            let old = was.get(head..head + old_len).unwrap_or_default();
            let new = is.get(head..head + new_len).unwrap_or_default();
            capture_diff_slices(Algorithm::Myers, old, new)
        } else {
            vec![DiffOp::Replace { old_index: 0, old_len, new_index: 0, new_len }]
        };
        for op in ops {
            if matches!(op, DiffOp::Equal { .. }) {
                continue;
            }
            let shift = |range: std::ops::Range<usize>| range.start + head..range.end + head;
            let (old, new) = (shift(op.old_range()), shift(op.new_range()));
            let (paired, removed) = (old.len().min(new.len()), old.len().saturating_sub(new.len()));
            for (at, (was, is)) in (new.start..)
                .zip(one.iter().skip(old.start).zip(other.iter().skip(new.start)).take(paired))
            {
                self.within(Step::Index(at), |this| this.values(was, is));
            }
            for (at, node) in one.iter().enumerate().skip(old.start + paired).take(removed) {
                self.within(Step::Index(at), |this| {
                    this.tell(JsonChangeKind::Removed, Some(node), None);
                });
            }
            for (at, node) in
                other.iter().enumerate().skip(new.start + paired).take(new.len() - paired)
            {
                self.within(Step::Index(at), |this| {
                    this.tell(JsonChangeKind::Added, None, Some(node));
                });
            }
        }
    }

    fn within(&mut self, step: Step<'a>, act: impl FnOnce(&mut Self)) {
        self.steps.push(step);
        act(self);
        self.steps.pop();
    }

    fn tell(&mut self, kind: JsonChangeKind, one: Option<&Node<'_>>, other: Option<&Node<'_>>) {
        if self.told.changes.len() >= MAX_DIFFERENCES {
            self.told.more += 1;
            return;
        }
        let before = one.map(|node| piece(self.before, node));
        let after = other.map(|node| piece(self.after, node));
        self.told.changes.push(JsonChange { path: write(&self.steps), kind, before, after });
    }
}

fn written<'a>(text: &'a str, node: &Node<'_>) -> &'a str {
    text.get(node.bytes.clone()).unwrap_or_default()
}

fn piece(text: &str, node: &Node<'_>) -> JsonPiece {
    let written = written(text, node);
    let (text, whole) = clip(written);
    let (offset, length) = (node.bytes.start as u64, written.len() as u64);
    JsonPiece { text: text.to_owned(), whole, offset, length }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(before: &str, after: &str, expect: &[&str]) {
        let found = json(before.as_bytes(), after.as_bytes()).unwrap();
        let value =
            |piece: &Option<JsonPiece>| piece.as_ref().map_or("", |piece| &piece.text).to_owned();
        let lines: Vec<String> = found
            .changes
            .iter()
            .map(|change| {
                let (was, is) = (value(&change.before), value(&change.after));
                match change.kind {
                    JsonChangeKind::Added => format!("+ {} {is}", change.path),
                    JsonChangeKind::Removed => format!("- {} {was}", change.path),
                    JsonChangeKind::Changed => format!("! {} {was} {is}", change.path),
                    JsonChangeKind::Notation => format!("~ {} {was} {is}", change.path),
                }
            })
            .collect();
        assert_eq!(lines, expect);
        for change in &found.changes {
            for (text, piece) in [(before, &change.before), (after, &change.after)] {
                let Some(piece) = piece else { continue };
                let (from, length) = (piece.offset as usize, piece.length as usize);
                assert_eq!(&text[from..from + length], piece.text);
            }
        }
    }

    #[test]
    fn members_are_paired_by_name() {
        check(r#"{"a":1,"b":[]}"#, r#"{ "b": [], "a": 1 }"#, &[]);
        check(
            r#"{"a":1,"gone":{"x":2},"c":true}"#,
            r#"{"c":false,"a":1,"new":null}"#,
            &["! $.c true false", r#"- $.gone {"x":2}"#, "+ $.new null"],
        );
        check(r#"{"a":1,"a":2}"#, r#"{"a":1,"a":3}"#, &["! $.a 2 3"]);
        check(r#"{"a":1,"a":2}"#, r#"{"a":1}"#, &["- $.a 2"]);
        check(r#"{"a":1}"#, r#"{"a":1,"a":1}"#, &["+ $.a 1"]);
        check(r#"{"a":{"b c":[1,2]}}"#, r#"{"a":{"b c":[1,9]}}"#, &["! $.a['b c'][1] 2 9"]);
        check("1", r#"{"a":1}"#, &[r#"! $ 1 {"a":1}"#]);
    }

    #[test]
    fn elements_are_aligned() {
        check("[1,2,3]", "[0,1,2,3]", &["+ $[0] 0"]);
        check("[1,2,3]", "[1,3]", &["- $[1] 2"]);
        check(r#"[{"t":1},{"t":2}]"#, r#"[{"t":1},{"t":5}]"#, &["! $[1].t 2 5"]);
        check("[1,2,3,4]", "[1,9,3]", &["! $[1] 2 9", "- $[3] 4"]);
    }

    #[test]
    fn the_same_value_in_another_spelling_is_notation() {
        check("[1.0,100]", "[1,1e2]", &["~ $[0] 1.0 1", "~ $[1] 100 1e2"]);
        check(r#"{"a":"A"}"#, r#"{"\u0061":"\u0041"}"#, &[r#"~ $.a "A" "\u0041""#]);
        check("9007199254740993", "9007199254740992", &["! $ 9007199254740993 9007199254740992"]);
    }

    #[test]
    fn what_cannot_be_compared_says_which_and_why() {
        let error = json(b"{}", b"{").unwrap_err();
        assert!(matches!(error, NotCompared::NotJson { side: Side::After, .. }), "{error}");
        let deep = "[".repeat(200) + &"]".repeat(200);
        let error = json(deep.as_bytes(), b"1").unwrap_err();
        assert_eq!(error, NotCompared::TooDeep { side: Side::Before });
        let many = format!("[{}1]", "1,".repeat(super::super::JSON_VALUES));
        let error = json(b"1", many.as_bytes()).unwrap_err();
        assert_eq!(error, NotCompared::TooLarge { side: Side::After });
    }

    #[test]
    fn many_changes_are_counted_and_long_values_cut() {
        let list = |add: u64| (0..20_000).map(|n| (n * 2 + add).to_string()).collect::<Vec<_>>();
        let (one, other) = (format!("[{}]", list(0).join(",")), format!("[{}]", list(1).join(",")));
        let found = json(one.as_bytes(), other.as_bytes()).unwrap();
        assert_eq!((found.changes.len(), found.more), (MAX_DIFFERENCES, 15_000));
        let long = format!("\"{}\"", "ä".repeat(5_000));
        let found = json(long.as_bytes(), b"1").unwrap();
        let piece = found.changes[0].before.as_ref().unwrap();
        assert_eq!((piece.text.chars().count(), piece.whole, piece.length), (2_048, false, 10_002));
    }

    fn value() -> impl Strategy<Value = serde_json::Value> {
        let leaf = prop_oneof![
            Just(serde_json::Value::Null),
            any::<i8>().prop_map(Into::into),
            "[a-c\\\\\"é]{0,3}".prop_map(serde_json::Value::String),
        ];
        leaf.prop_recursive(4, 40, 5, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(serde_json::Value::Array),
                prop::collection::vec(("[a-c'\\\\]{0,2}", inner), 0..5)
                    .prop_map(|members| serde_json::Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn equal_values_and_only_those_have_no_difference(one in value(), other in value()) {
            let found = json(one.to_string().as_bytes(), other.to_string().as_bytes()).unwrap();
            prop_assert_eq!(found.changes.is_empty(), one == other);
            let same = json(one.to_string().as_bytes(), format!("{one:#}").as_bytes()).unwrap();
            prop_assert_eq!(same, JsonDifference::default());
        }

        #[test]
        fn no_bytes_make_it_panic(one in prop::collection::vec(any::<u8>(), 0..40), other in "\\PC{0,40}") {
            let _ = json(&one, other.as_bytes());
            let _ = json(other.as_bytes(), &one);
        }
    }
}
