//! What a view of a history shows: conditions that all must hold.
//!
//! A condition that is empty lets everything through, so the default is the whole history. Conditions on what
//! the index knows (topic, direction, flags, time, size) cost next to nothing; those on payload and properties
//! read the messages.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{Direction, MessageId, QoS};

/// The conditions of a view.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, TS)]
#[serde(default, deny_unknown_fields)]
pub struct ViewFilter {
    /// Topic Filters, one of which the topic must match; none lets all through.
    pub topics: Vec<String>,
    /// Topic Filters none of which the topic may match.
    pub without_topics: Vec<String>,
    /// Received or sent.
    pub direction: Option<Direction>,
    /// The QoS must be one of these; none lets all through.
    pub qos: Vec<QoS>,
    /// The RETAIN flag.
    pub retain: Option<bool>,
    /// The DUP flag.
    pub dup: Option<bool>,
    /// Not older: microseconds since the Unix epoch.
    pub from_us: Option<i64>,
    /// Older than: microseconds since the Unix epoch.
    pub until_us: Option<i64>,
    /// The smallest payload in bytes.
    pub min_size: Option<u32>,
    /// The largest payload in bytes.
    pub max_size: Option<u32>,
    /// What the payload must hold.
    pub payload: Vec<PayloadTest>,
    /// User Properties that must be there.
    pub user_properties: Vec<UserPropertyTest>,
    /// The Content Type must hold this, in any case of letters; empty lets all through.
    pub content_type: String,
}

/// A condition on the payload.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum PayloadTest {
    /// It holds this text, as UTF-8.
    Text {
        /// The text.
        text: String,
        /// Whether upper and lower case differ.
        case_sensitive: bool,
    },
    /// A regular expression (Rust's syntax, linear time) matches somewhere in its bytes.
    Regex {
        /// The expression.
        pattern: String,
        /// Whether upper and lower case differ.
        case_sensitive: bool,
    },
    /// It is JSON, and a value at a path (RFC 9535) compares so.
    Json {
        /// The path: `$.temp`, `$.values[*].t`.
        path: String,
        /// How it compares.
        comparison: Comparison,
        /// With what: a JSON value, or text where it is none. Unused with [`Comparison::Exists`].
        value: String,
    },
}

/// How a JSON value compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Comparison {
    /// There is such a value.
    Exists,
    /// Equal.
    Equal,
    /// Not equal.
    NotEqual,
    /// Less: numbers, or texts in the order of their code points.
    Less,
    /// Less or equal.
    AtMost,
    /// Greater.
    Greater,
    /// Greater or equal.
    AtLeast,
    /// A text that holds the other one.
    Contains,
}

/// A condition on User Properties.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(default, deny_unknown_fields)]
pub struct UserPropertyTest {
    /// The name; empty takes any.
    pub name: String,
    /// A text that the value holds; empty takes any.
    pub value: String,
}

/// What is looked for within a view, which stays as it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct FindRequest {
    /// What the payload must hold.
    pub test: PayloadTest,
    /// Whether a message is found by its Topic Name too; [`PayloadTest::Json`] never is.
    #[serde(default)]
    pub topics: bool,
}

/// Which way to go from a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Towards {
    /// To the messages before it.
    Older,
    /// To the messages after it.
    Newer,
}

/// Where something was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct FoundAt {
    /// The message.
    pub id: MessageId,
    /// Its place in the view, counted from the oldest of its messages found so far.
    pub place: u64,
}

/// Where on a scrollbar there are matches.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct FindMarks {
    /// How many matches lie in each part of the view, the oldest first. All parts are of the same length, to a message.
    pub counts: Vec<u32>,
    /// Matches in all.
    pub found: u64,
    /// Messages of the view at that moment.
    pub total: u64,
    /// All that was there has been looked at; what comes is still followed.
    pub complete: bool,
}

impl ViewFilter {
    /// Whether it lets everything through.
    pub fn is_everything(&self) -> bool {
        *self == Self::default()
    }

    /// Whether the index alone can answer it.
    pub fn needs_no_content(&self) -> bool {
        self.payload.is_empty() && self.user_properties.is_empty() && self.content_type.is_empty()
    }
}
