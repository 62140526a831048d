//! Why a filter cannot be used.

use mqttscope_model::topic::TopicError;
use mqttscope_model::{ErrorCode, UserError};

/// A condition that cannot be asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FilterError {
    /// A Topic Filter breaks a rule.
    #[error("the Topic Filter {filter:?} is not valid: {rule}")]
    TopicFilter {
        /// The filter.
        filter: String,
        /// The rule.
        rule: TopicError,
    },
    /// A regular expression is not valid, or would grow too large.
    #[error("the regular expression cannot be used: {reason}")]
    Regex {
        /// The expression.
        pattern: String,
        /// The engine's words, with the place.
        reason: String,
    },
    /// A path into JSON is not valid.
    #[error("the JSON path {path:?} is not valid: {reason}")]
    JsonPath {
        /// The path.
        path: String,
        /// The parser's words, with the place.
        reason: String,
    },
}

impl From<FilterError> for UserError {
    fn from(error: FilterError) -> Self {
        let text = error.to_string();
        let (field, value, reason) = match error {
            FilterError::TopicFilter { filter, rule } => {
                ("topics", filter, rule.as_str().to_owned())
            }
            FilterError::Regex { pattern, reason } => ("regex", pattern, reason),
            FilterError::JsonPath { path, reason } => ("json", path, reason),
        };
        Self::new(ErrorCode::FilterInvalid, format!("In this filter, {text}."))
            .hint("Mend the condition; the others are not judged until it is right.")
            .detail("field", field)
            .detail("value", value)
            .detail("reason", reason)
    }
}
