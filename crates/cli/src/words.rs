//! The settings check in English: the words of the window.
//!
//! They stand in its catalogue and nowhere else, so the catalogue is built in. The price is 64 KB; a second
//! set of sentences would soon say something else.

use mqttscope_model::check::{Problem, ProblemCode};
use serde_json::Value;

const CATALOGUE: &str = include_str!("../../../ui/messages/en.json");

/// A problem as one sentence, with the rule's source where there is one.
pub(crate) fn problem(problem: &Problem) -> String {
    let sentence = match (&problem.reason, problem.code) {
        (Some(reason), ProblemCode::ProviderRule) => reason.en.clone(),
        _ => worded(problem),
    };
    match problem.source.as_str() {
        "" => sentence,
        source => format!("{sentence} [{source}]"),
    }
}

fn worded(problem: &Problem) -> String {
    let catalogue: Value = serde_json::from_str(CATALOGUE).unwrap_or_default();
    let code = format!("problem_{}", problem.code.as_str());
    let unit = if problem.field == "name" { "characters" } else { "bytes" };
    // Some are worded by their limit, or by the unit that it is in.
    let keys = [format!("{code}_{}", problem.limit), format!("{code}_{unit}"), code];
    let found = keys.iter().find_map(|key| catalogue.get(key).and_then(Value::as_str));
    let (low, high) = problem.limit.split_once("..").unwrap_or_default();
    match found {
        None => problem.code.as_str().to_owned(),
        Some(words) => {
            let words = words.replace("{limit}", &problem.limit);
            words.replace("{low}", low).replace("{high}", high)
        }
    }
}

#[cfg(test)]
mod tests {
    use mqttscope_model::check::Weight;

    use super::*;

    #[test]
    fn every_problem_has_words() {
        for &code in ProblemCode::ALL {
            let (limit, source) = ("1..9".to_owned(), String::new());
            let field = "endpoint.port".to_owned();
            let one = Problem { field, weight: Weight::Error, code, limit, source, reason: None };
            let words = problem(&one);
            assert_ne!(words, code.as_str());
            let reason = code == ProblemCode::ProviderRule;
            assert!(reason || !words.contains('{') || words.contains("{{"), "{words}");
        }
    }
}
