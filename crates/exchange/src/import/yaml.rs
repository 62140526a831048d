//! YAML as values. Without anchors and aliases: no program writes them here, and they are how a small file becomes a
//! large one.

use super::value::Value;
use crate::error::{ImportError, ImportFault, Place};

const MAX_NODES: usize = 5_000_000;
const MAX_DEPTH: usize = 64;

pub(super) fn read(text: &str) -> Result<Value, ImportError> {
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_aliases: 0,
            max_anchors: 0,
            max_merge_keys: 0,
            max_documents: 1,
            max_depth: MAX_DEPTH,
            max_nodes: MAX_NODES,
            max_events: 3 * MAX_NODES,
            max_total_scalar_bytes: super::MAX_BYTES,
        },
        with_snippet: false,
    };
    serde_saphyr::from_str_with_options(text, options).map_err(|error| {
        let number = |number: u64| usize::try_from(number).unwrap_or(0);
        let place = error.location().map_or(Place::Whole, |at| Place::Line {
            line: number(at.line()),
            column: number(at.column()),
        });
        let text = error.without_snippet().to_string();
        let lower = text.to_ascii_lowercase();
        let fault = if lower.contains("alias") || lower.contains("anchor") {
            ImportFault::Expands
        } else if lower.contains("depth") {
            ImportFault::TooDeep(MAX_DEPTH)
        } else if lower.contains("budget") {
            ImportFault::TooMany { limit: MAX_NODES }
        } else {
            // Its texts may quote a value.
            ImportFault::Syntax("it is not well-formed YAML".to_owned())
        };
        ImportError::new(place, fault)
    })
}
