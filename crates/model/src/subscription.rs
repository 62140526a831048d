//! A wanted subscription, with everything that SUBSCRIBE can say of it.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{Colour, QoS, UserProperty, topic};

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

    /// Whether SUBSCRIBE says the same of both. Name and colour are ours alone.
    pub fn is_same_request(&self, other: &Self) -> bool {
        let looks = |of: &Self| Self { name: self.name.clone(), colour: self.colour, ..of.clone() };
        *self == looks(other)
    }

    /// Whether a message came through it, as far as can be told.
    ///
    /// `identifiers` are the message's Subscription Identifiers, none of them where it names none. A broker names the
    /// subscription of each message that has an identifier `[MQTT-3.3.4-3]`, so a message without any came through
    /// another one. None where that says nothing: before MQTT 5, or where no subscription fits what is named.
    pub fn brought(&self, topic: &str, identifiers: Option<&[u32]>) -> bool {
        let is_named = match (identifiers, self.identifier) {
            (None, _) => true,
            (Some(named), None) => named.is_empty(),
            (Some(named), Some(identifier)) => named.contains(&identifier),
        };
        self.enabled && is_named && topic::matches(&self.filter, topic)
    }

    /// Those that a message came through, in their order. See [`Subscription::brought`].
    pub fn that_brought<'a>(
        all: &'a [Self],
        topic: &str,
        identifiers: Option<&[u32]>,
    ) -> Vec<&'a Self> {
        let fit = |identifiers| {
            let fitting = all.iter().filter(|one| one.brought(topic, identifiers));
            fitting.collect::<Vec<_>>()
        };
        let named = fit(identifiers);
        if named.is_empty() && identifiers.is_some() { fit(None) } else { named }
    }
}

fn on() -> bool {
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subscription(filter: &str, identifier: Option<u32>) -> Subscription {
        Subscription { identifier, ..Subscription::new(filter, QoS::AtMostOnce) }
    }

    fn brought(all: &[Subscription], topic: &str, identifiers: Option<&[u32]>) -> Vec<String> {
        let found = Subscription::that_brought(all, topic, identifiers);
        found.into_iter().map(|one| one.filter.clone()).collect()
    }

    #[test]
    fn identifiers_tell_apart_what_overlaps() {
        let all = [
            subscription("a/#", Some(1)),
            subscription("a/+", None),
            subscription("$share/g/a/b", Some(2)),
            subscription("c", Some(1)),
        ];
        assert_eq!(brought(&all, "a/b", None), ["a/#", "a/+", "$share/g/a/b"], "before MQTT 5");
        assert_eq!(brought(&all, "a/b", Some(&[1])), ["a/#"], "one SUBSCRIBE has one identifier");
        assert_eq!(brought(&all, "a/b", Some(&[1, 2])), ["a/#", "$share/g/a/b"]);
        assert_eq!(brought(&all, "a/b", Some(&[])), ["a/+"]);
        assert_eq!(brought(&all, "c", Some(&[9])), ["c"], "the identifier was changed since");
        assert!(brought(&all, "d", Some(&[1])).is_empty());
    }

    #[test]
    fn one_that_is_off_brings_nothing() {
        let off = Subscription { enabled: false, ..subscription("#", None) };
        assert!(brought(&[off], "a", None).is_empty());
    }

    #[test]
    fn name_and_colour_are_no_part_of_the_request() {
        let one = subscription("a", None);
        let named = Subscription { name: "mine".to_owned(), ..one.clone() };
        assert!(one.is_same_request(&named));
        let other = Subscription { retain_handling: RetainHandling::DoNotSend, ..one.clone() };
        assert!(!one.is_same_request(&other));
    }
}
