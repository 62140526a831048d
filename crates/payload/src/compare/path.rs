//! Where a value stands in JSON, written so that a filter takes it (RFC 9535).

use std::fmt::Write as _;

/// A step from a value into it.
#[derive(Clone, Copy)]
pub(super) enum Step<'a> {
    Member(&'a str),
    Index(usize),
}

/// A path of these steps; `$` for none.
pub(super) fn write(steps: &[Step<'_>]) -> String {
    let mut path = "$".to_owned();
    for step in steps {
        match step {
            Step::Index(index) => {
                // Writing to a String cannot fail.
                let _ = write!(path, "[{index}]");
            }
            Step::Member(name) if is_short(name) => {
                path.push('.');
                path.push_str(name);
            }
            Step::Member(name) => {
                path.push_str("['");
                name.chars().for_each(|character| push(&mut path, character));
                path.push_str("']");
            }
        }
    }
    path
}

/// Whether a name may stand after a dot (RFC 9535, 2.5.1.1).
fn is_short(name: &str) -> bool {
    let first = |c: char| c.is_ascii_alphabetic() || c == '_' || !c.is_ascii();
    name.starts_with(first) && name.chars().all(|c| first(c) || c.is_ascii_digit())
}

fn push(path: &mut String, character: char) {
    match character {
        '\'' | '\\' => path.extend(['\\', character]),
        '\0'..='\u{1f}' => {
            let _ = write!(path, "\\u{:04x}", u32::from(character));
        }
        other => path.push(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_quoted_where_they_must_be() {
        let steps = [
            Step::Member("line"),
            Step::Index(2),
            Step::Member("ä1"),
            Step::Member("1a"),
            Step::Member("it's\n"),
            Step::Member(""),
        ];
        assert_eq!(write(&steps), r"$.line[2].ä1['1a']['it\'s\u000a']['']");
        assert_eq!(write(&[]), "$");
    }
}
