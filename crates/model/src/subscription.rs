//! A wanted subscription, with everything that SUBSCRIBE can say of it.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{Colour, QoS, UserProperty};

/// A wanted subscription. What MQTT 3.1 and 3.1.1 do not know is kept in the profile and not sent with them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct Subscription {
    /// The Topic Filter; with `$share/{ShareName}/` in front it is a shared subscription.
    pub filter: String,
    /// The highest QoS at which messages shall come.
    pub qos: QoS,
    /// What a person calls it; may be empty.
    #[serde(default)]
    pub name: String,
    /// A colour to tell its messages by.
    #[serde(default)]
    pub colour: Option<Colour>,
    /// Whether it is made. One that is off is remembered.
    #[serde(default = "on")]
    pub enabled: bool,
    /// No Local: what this client publishes does not come back. Not with a shared subscription `[MQTT-3.8.3-4]`.
    #[serde(default)]
    pub no_local: bool,
    /// Retain As Published: messages keep the RETAIN flag that they were published with.
    #[serde(default)]
    pub retain_as_published: bool,
    /// Retain Handling.
    #[serde(default)]
    pub retain_handling: RetainHandling,
    /// Subscription Identifier, 1 to 268,435,455.
    #[serde(default)]
    pub identifier: Option<u32>,
    /// User Properties of the SUBSCRIBE.
    #[serde(default)]
    pub user_properties: Vec<UserProperty>,
}

/// When the broker sends retained messages for a subscription (MQTT 5.0, section 3.8.3.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum RetainHandling {
    /// 0: whenever it is made.
    #[default]
    Send,
    /// 1: only where it was not there before.
    SendIfNew,
    /// 2: never.
    DoNotSend,
}

impl Subscription {
    /// A subscription that says nothing but filter and QoS.
    pub fn new(filter: impl Into<String>, qos: QoS) -> Self {
        Self {
            filter: filter.into(),
            qos,
            name: String::new(),
            colour: None,
            enabled: true,
            no_local: false,
            retain_as_published: false,
            retain_handling: RetainHandling::Send,
            identifier: None,
            user_properties: Vec::new(),
        }
    }
}

fn on() -> bool {
    true
}
