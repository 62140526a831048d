//! Request and response over MQTT (MQTT 5.0, section 4.10): a request that waits for its answers, and rules that answer.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{Bytes, MessageId, Publish, QoS, UserError, UserProperty};

/// Names a request as long as the application runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(transparent)]
pub struct RequestId(pub u32);

/// A request to send.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct RequestToSend {
    /// The message. Response Topic and Correlation Data among its properties are replaced by those below.
    pub publish: Publish,
    /// Where the answer shall come. It is subscribed to while the request waits, unless it is already. With 3.1 and
    /// 3.1.1, which cannot tell it to the other side, the first message that comes there is the answer.
    pub response_topic: String,
    /// Correlation Data; none, or empty, makes up 16 bytes. Without meaning with 3.1 and 3.1.1.
    pub correlation: Option<Bytes>,
    /// How long to wait for the first answer, in milliseconds.
    pub timeout_ms: u32,
}

/// A request and its answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct RequestRecord {
    /// Its name.
    pub id: RequestId,
    /// Its Topic Name.
    pub topic: String,
    /// Where its answer comes.
    pub response_topic: String,
    /// Its Correlation Data; empty with 3.1 and 3.1.1.
    pub correlation: Bytes,
    /// The message, where it is kept.
    pub message: Option<MessageId>,
    /// Microseconds since the Unix epoch when it was handed to the connection, or asked for where it was not yet.
    pub time_us: i64,
    /// How long the first answer was, or is, waited for, in milliseconds.
    pub timeout_ms: u32,
    /// How it stands.
    pub state: RequestState,
    /// The first 200 answers in the order in which they came. Further ones are looked for until the time-out; where none came
    /// by then, for a minute more, and those are there too. With 3.1 and 3.1.1 there is one at most.
    pub answers: Vec<RequestAnswer>,
}

/// How a request stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum RequestState {
    /// The broker is asked for the Response Topic.
    Subscribing,
    /// It was sent; no answer came yet.
    Waiting,
    /// An answer came in time.
    Answered,
    /// None came in time.
    TimedOut,
    /// It was not sent.
    Failed {
        /// Why.
        error: UserError,
    },
    /// A person did not want to wait any longer.
    Cancelled,
}

/// An answer to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
pub struct RequestAnswer {
    /// The message, where it is kept.
    pub message: Option<MessageId>,
    /// Microseconds since the Unix epoch when it came.
    pub time_us: i64,
    /// Microseconds since the request was handed to the connection.
    pub took_us: u64,
    /// Bytes of its payload.
    pub size: u64,
}

/// A rule that answers requests.
///
/// Topic, payload, and the names and values of User Properties are templates: `{{topic}}`, `{{topic.2}}` (its second level), `{{payload}}`
/// (byte for byte), `{{payload.a.0}}` (of a JSON payload: keys, and places in arrays from 0; numbers as they were typed),
/// `{{user.name}}` (the first of that name), `{{response_topic}}`, `{{content_type}}`, `{{correlation}}` (in hex where it is no text and something stands
/// beside it), `{{count}}` (from 1), `{{time}}` (UTC, RFC 3339). `{{{{` stands for two braces.
///
/// Retained messages are no requests. The reply carries the Correlation Data of its request. With 3.1 and 3.1.1 it has no properties.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ReplyRule {
    /// Tells it from the profile's other rules.
    pub id: String,
    /// What a person calls it; may be empty.
    #[serde(default)]
    pub name: String,
    /// Whether it answers.
    pub enabled: bool,
    /// Requests come on this Topic Filter, which is subscribed to at `qos`.
    pub filter: String,
    /// The QoS of the subscription.
    pub qos: QoS,
    /// Where the reply goes; empty is the request's Response Topic, and a message without one is then no request.
    #[serde(default)]
    pub topic: String,
    /// The reply's payload.
    #[serde(default)]
    pub payload: String,
    /// The reply's QoS.
    pub reply_qos: QoS,
    /// Whether the broker shall retain the reply.
    #[serde(default)]
    pub retain: bool,
    /// The reply's Content Type; empty sends none.
    #[serde(default)]
    pub content_type: String,
    /// The reply's User Properties.
    #[serde(default)]
    pub user_properties: Vec<UserProperty>,
}

/// What a rule has done since the session began.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct ReplyState {
    /// Which rule.
    pub rule: String,
    /// Requests that were answered.
    pub answered: u64,
    /// Requests that could not be: a value was missing, the broker or the queue took no more.
    pub failed: u64,
    /// When it last answered, in microseconds since the Unix epoch.
    pub last_us: Option<i64>,
    /// Why it could not answer last, or answers no more.
    pub fault: Option<UserError>,
    /// It was stopped because more than 100 of its replies came back to it within a second, or because it answered 1,000
    /// requests a second for half a minute. Saving the rules starts it again.
    pub stopped: bool,
}
