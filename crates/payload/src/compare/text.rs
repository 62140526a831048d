//! Which lines differ.
//!
//! Lines end with a line feed; a carriage return belongs to its line, so that a change of line ends is seen. Removed lines
//! stand before those that replace them; where there are equally many, each pair is marked where it differs,
//! which is what makes a difference in JSON of one long line visible.

use similar::{Algorithm, DiffOp, capture_diff_slices};

use super::{MAX_CHARACTERS, MAX_DIFFERENCES, TextDifference, TextRow, TextRowKind, clip, common};

/// Equal lines that are shown around those that differ.
const AROUND: usize = 3;

/// Lines of both that are aligned: it takes time with their number squared where nothing is equal.
const ALIGNED: usize = 10_000;

/// Compares two texts. What is not UTF-8 is compared as bytes and shown as U+FFFD.
pub fn text(before: &[u8], after: &[u8]) -> TextDifference {
    let (old, new) = (lines(before), lines(after));
    let (head, tail) = common(&old, &new);
    let (old_len, new_len) = (old.len() - head - tail, new.len() - head - tail);
    let coarse = old_len + new_len > ALIGNED;
    let mut ops = vec![DiffOp::Equal { old_index: 0, new_index: 0, len: head }];
    if coarse {
        ops.push(DiffOp::Replace { old_index: head, old_len, new_index: head, new_len });
    } else {
        let middle = |lines: &[&[u8]], length: usize| -> Vec<Vec<u8>> {
            lines.iter().skip(head).take(length).map(|line| line.to_vec()).collect()
        };
        let (old, new) = (middle(&old, old_len), middle(&new, new_len));
        ops.extend(capture_diff_slices(Algorithm::Myers, &old, &new).into_iter().map(
            |op| match op {
                DiffOp::Equal { old_index, new_index, len } => {
                    DiffOp::Equal { old_index: old_index + head, new_index: new_index + head, len }
                }
                other => DiffOp::Replace {
                    old_index: other.old_range().start + head,
                    old_len: other.old_range().len(),
                    new_index: other.new_range().start + head,
                    new_len: other.new_range().len(),
                },
            },
        ));
    }
    let (old_index, new_index) = (old.len() - tail, new.len() - tail);
    ops.push(DiffOp::Equal { old_index, new_index, len: tail });
    let mut rows =
        Rows { old: &old, new: &new, told: TextDifference { coarse, ..Default::default() } };
    let last = ops.len() - 1;
    for (number, op) in ops.iter().enumerate() {
        match op {
            DiffOp::Equal { old_index, new_index, len } => {
                let shown =
                    (if number == 0 { 0 } else { AROUND }, if number == last { 0 } else { AROUND });
                rows.same(*old_index, *new_index, *len, shown);
            }
            other => rows.replaced(other.old_range(), other.new_range()),
        }
    }
    if rows.told.rows.iter().all(|row| matches!(row.kind, TextRowKind::Same | TextRowKind::Skipped))
    {
        rows.told.rows.clear();
    }
    rows.told
}

fn lines(text: &[u8]) -> Vec<&[u8]> {
    text.split(|byte| *byte == b'\n').collect()
}

struct Rows<'a> {
    old: &'a [&'a [u8]],
    new: &'a [&'a [u8]],
    told: TextDifference,
}

impl Rows<'_> {
    /// Equal lines: a few after what was before, a few before what comes.
    fn same(&mut self, old: usize, new: usize, len: usize, (after, before): (usize, usize)) {
        let gap = len.saturating_sub(after + before);
        // A row that says that one line is skipped is no shorter than the line.
        let gap = if gap == 1 { 0 } else { gap };
        let first = if gap == 0 { len } else { after };
        for at in 0..first {
            self.line(TextRowKind::Same, Some(old + at), Some(new + at), None);
        }
        if gap > 0 {
            let lines = gap as u64;
            let (before, after) = (Some((old + first) as u64 + 1), Some((new + first) as u64 + 1));
            let (kind, text) = (TextRowKind::Skipped, String::new());
            self.push(TextRow { kind, before, after, text, marked: None, lines });
        }
        for at in first + gap..len {
            self.line(TextRowKind::Same, Some(old + at), Some(new + at), None);
        }
    }

    fn replaced(&mut self, old: std::ops::Range<usize>, new: std::ops::Range<usize>) {
        let pairs = old.len() == new.len();
        for at in old.clone() {
            let marked = pairs
                .then(|| marked(line(self.old, at), line(self.new, new.start + at - old.start)));
            self.line(TextRowKind::Removed, Some(at), None, marked);
        }
        for at in new.clone() {
            let marked = pairs
                .then(|| marked(line(self.new, at), line(self.old, old.start + at - new.start)));
            self.line(TextRowKind::Added, None, Some(at), marked);
        }
    }

    fn line(
        &mut self,
        kind: TextRowKind,
        old: Option<usize>,
        new: Option<usize>,
        marked: Option<(u32, u32)>,
    ) {
        let bytes = match (old, new) {
            (Some(old), _) => line(self.old, old),
            (None, Some(new)) => line(self.new, new),
            (None, None) => return,
        };
        let number = |at: usize| at as u64 + 1;
        let row = TextRow {
            kind,
            before: old.map(number),
            after: new.map(number),
            text: shown(bytes),
            marked,
            lines: 1,
        };
        self.push(row);
    }

    fn push(&mut self, row: TextRow) {
        if self.told.rows.len() < MAX_DIFFERENCES {
            self.told.rows.push(row);
        } else if matches!(row.kind, TextRowKind::Removed | TextRowKind::Added) {
            self.told.more += row.lines;
        }
    }
}

fn line<'a>(lines: &[&'a [u8]], at: usize) -> &'a [u8] {
    lines.get(at).copied().unwrap_or_default()
}

fn shown(line: &[u8]) -> String {
    // No character has more than four bytes.
    let beginning = line.get(..MAX_CHARACTERS * 4).unwrap_or(line);
    clip(&String::from_utf8_lossy(beginning)).0.to_owned()
}

/// The characters of a shown line that differ from another line.
fn marked(one: &[u8], other: &[u8]) -> (u32, u32) {
    let (one, other): (Vec<char>, Vec<char>) =
        (shown(one).chars().collect(), shown(other).chars().collect());
    let (head, tail) = common(&one, &other);
    let place = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    (place(head), place(one.len() - tail))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn drawn(found: &TextDifference) -> Vec<String> {
        let draw = |row: &TextRow| match row.kind {
            TextRowKind::Same => format!("  {}", row.text),
            TextRowKind::Skipped => format!("@ {}", row.lines),
            TextRowKind::Removed => format!("- {}", row.text),
            TextRowKind::Added => format!("+ {}", row.text),
        };
        found.rows.iter().map(draw).collect()
    }

    #[track_caller]
    fn check(before: &str, after: &str, expect: &[&str]) {
        assert_eq!(drawn(&text(before.as_bytes(), after.as_bytes())), expect);
    }

    #[test]
    fn lines_that_differ_stand_among_a_few_that_do_not() {
        check("a\nb", "a\nb", &[]);
        check(
            "1\n2\n3\n4\n5\n6\nx\n8",
            "1\n2\n3\n4\n5\n6\ny\n8",
            &["@ 3", "  4", "  5", "  6", "- x", "+ y", "  8"],
        );
        check("a", "a\n", &["  a", "+ "]);
        check("a\r\nb", "a\nb", &["- a\r", "+ a", "  b"]);
        check("a\nb\nc", "a\nc", &["  a", "- b", "  c"]);
    }

    #[test]
    fn a_changed_line_is_marked_where_it_differs() {
        let found = text("{\"ä\":1,\"b\":2}".as_bytes(), "{\"ä\":17,\"b\":2}".as_bytes());
        let marked: Vec<_> = found.rows.iter().map(|row| row.marked.unwrap()).collect();
        assert_eq!(marked, [(6, 6), (6, 7)]);
        assert_eq!(text(b"\xff", b"\xfe").rows.len(), 2, "bytes count, not how they are shown");
    }

    #[test]
    fn many_lines_with_nothing_in_common_are_told_coarsely() {
        let of = |letter: char| (0..6_000).map(|n| format!("{letter}{n}\n")).collect::<String>();
        let found = text(of('a').as_bytes(), of('b').as_bytes());
        assert!(found.coarse);
        assert_eq!((found.rows.len(), found.more), (MAX_DIFFERENCES, 12_000 - 5_000));
        let long = "x".repeat(10_000);
        let found = text(long.as_bytes(), b"");
        assert_eq!(found.rows[0].text.len(), MAX_CHARACTERS);
    }

    proptest! {
        #[test]
        fn all_lines_of_both_are_accounted_for(one in "[ab\n]{0,60}", other in "[ab\n]{0,60}") {
            let found = text(one.as_bytes(), other.as_bytes());
            prop_assert_eq!(found.rows.is_empty(), one == other);
            let count = |kind: &[TextRowKind]| -> u64 {
                found.rows.iter().filter(|row| kind.contains(&row.kind)).map(|row| row.lines).sum()
            };
            if one != other {
                use TextRowKind::{Added, Removed, Same, Skipped};
                prop_assert_eq!(count(&[Same, Skipped, Removed]), one.split('\n').count() as u64);
                prop_assert_eq!(count(&[Same, Skipped, Added]), other.split('\n').count() as u64);
            }
        }
    }
}
