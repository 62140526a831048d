//! MQTT 5 properties of a PUBLISH, kept in their wire encoding and read as a list.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A property of a PUBLISH (MQTT 5.0, section 3.3.2.3).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "name", content = "value", rename_all = "snake_case")]
pub enum Property {
    /// 0x01: 0 unspecified bytes, 1 UTF-8.
    PayloadFormatIndicator(u8),
    /// 0x02: seconds.
    MessageExpiryInterval(u32),
    /// 0x03.
    ContentType(String),
    /// 0x08.
    ResponseTopic(String),
    /// 0x09.
    CorrelationData(crate::Bytes),
    /// 0x0B: the subscription's identifier.
    SubscriptionIdentifier(u32),
    /// 0x23.
    TopicAlias(u16),
    /// 0x26: may come repeatedly, in order.
    UserProperty(String, String),
}
