//! English sentences for the command line and the log.
//!
//! A sentence is a template with named details in braces, the same text as in the window's English catalogue. So a cause
//! or fix has exactly the details that its words need, whoever words it; the price is that a sentence cannot
//! adapt its grammar, and that a detail which may be missing is written as a dash.

use std::collections::BTreeMap;

pub(crate) mod causes;
pub(crate) mod fixes;

/// What stands where nothing is known or nothing was sent.
pub(crate) const NONE: &str = "–";

/// `template` with the details in the place of their names.
pub(crate) fn filled(template: &str, details: &BTreeMap<String, String>) -> String {
    let (mut done, mut rest) = (String::new(), template);
    while let Some((before, after)) = rest.split_once('{') {
        done.push_str(before);
        let Some((name, tail)) = after.split_once('}') else { break };
        done.push_str(details.get(name).map_or(NONE, String::as_str));
        rest = tail;
    }
    done.push_str(rest);
    done
}
