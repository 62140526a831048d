//! Sentences: every detail that one uses is there, and the window's English is the same.

use std::collections::BTreeMap;

use super::table::rows;
use crate::words::{causes, fixes};
use crate::{CauseCode, FixCode};

/// The names in braces.
fn placeholders(template: &str) -> Vec<&str> {
    template
        .split('{')
        .skip(1)
        .filter_map(|rest| rest.split_once('}'))
        .map(|(name, _)| name)
        .collect()
}

#[test]
fn every_sentence_has_the_details_that_it_uses() {
    for (given, _, _) in rows() {
        let said = given.judged();
        for cause in &said.causes {
            let mut wanted = placeholders(causes::cause(cause.code));
            if !cause.told_apart.is_empty() {
                wanted.extend(causes::apart(cause.code).map(placeholders).unwrap_or_default());
            }
            for name in wanted {
                assert!(cause.details.contains_key(name), "{} lacks {name}", cause.code.as_str());
            }
            assert!(cause.message.ends_with('.'), "{}", cause.message);
        }
        for fix in &said.fixes {
            let template = fixes::by_hand(fix.code).filter(|_| fix.changes.is_empty());
            for name in placeholders(template.unwrap_or_else(|| fixes::fix(fix.code))) {
                assert!(fix.details.contains_key(name), "{} lacks {name}", fix.code.as_str());
            }
        }
    }
}

#[test]
fn where_several_causes_are_named_each_says_what_tells_it_apart() {
    for (given, _, _) in rows() {
        let said = given.judged();
        let several = said.causes.len() > 1;
        for cause in &said.causes {
            assert_eq!(several, !cause.told_apart.is_empty(), "{}", cause.code.as_str());
        }
    }
}

#[test]
fn the_windows_english_has_the_same_sentences() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../ui/messages/en.json");
    let text = std::fs::read_to_string(file).unwrap();
    let words: BTreeMap<String, serde_json::Value> = serde_json::from_str(&text).unwrap();
    let mut expect = BTreeMap::new();
    for code in CauseCode::ALL {
        let key = format!("cause_{}", code.as_str().replace('.', "_"));
        expect.extend(causes::apart(*code).map(|words| (format!("{key}_apart"), words)));
        expect.insert(key, causes::cause(*code));
    }
    for code in FixCode::ALL {
        let key = format!("fix_{}", code.as_str());
        expect.extend(fixes::by_hand(*code).map(|words| (format!("{key}_by_hand"), words)));
        expect.insert(key, fixes::fix(*code));
    }
    for (key, sentence) in expect {
        assert_eq!(words.get(&key).and_then(|word| word.as_str()), Some(sentence), "{key}");
    }
}
