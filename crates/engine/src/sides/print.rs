//! What of a message is compared, as two numbers, so that no payload has to be kept.
//!
//! SipHash-2-4 with 128 bits and a key that is drawn for each comparison: two payloads that were made to look equal
//! cannot be, since nobody knows the key, and by chance a million messages agree once in 10^27 comparisons.

use std::hash::Hasher as _;

use mqttscope_model::properties::{self, Property};
use siphasher::sip128::{Hasher128 as _, SipHasher24};

/// Makes the numbers of one comparison.
#[derive(Clone, Copy)]
pub(super) struct Prints {
    fresh: SipHasher24,
    properties: bool,
}

impl Prints {
    /// Whether `properties` are compared is told here; where they are not, all are equal.
    pub(super) fn new(properties: bool) -> Self {
        Self { fresh: SipHasher24::new_with_keys(rand::random(), rand::random()), properties }
    }

    /// Equal where Topic Name and payload are.
    pub(super) fn content(&self, topic: &str, payload: &[u8]) -> u128 {
        let mut hasher = self.fresh;
        hasher.write_u64(topic.len() as u64);
        hasher.write(topic.as_bytes());
        hasher.write(payload);
        hasher.finish128().into()
    }

    /// Equal where those properties are that a broker hands on unaltered (MQTT 5.0, section 3.3.2.3: Payload Format
    /// Indicator, Content Type, Response Topic, Correlation Data, and the User Properties in their order). The
    /// others are the broker's own, or count down on the way.
    pub(super) fn properties(&self, encoded: &[u8]) -> u64 {
        if !self.properties || encoded.is_empty() {
            return 0;
        }
        let Ok(mut listed) = properties::decode(encoded) else { return self.hash(encoded) };
        listed.retain(|property| place(property).is_some());
        if listed.is_empty() {
            return 0;
        }
        // Their order among each other says nothing; that of the User Properties does, and stays.
        listed.sort_by_key(place);
        self.hash(&properties::encode(&listed))
    }

    fn hash(&self, bytes: &[u8]) -> u64 {
        let mut hasher = self.fresh;
        hasher.write(bytes);
        hasher.finish128().h1
    }
}

impl std::fmt::Debug for Prints {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Prints").field("properties", &self.properties).finish_non_exhaustive()
    }
}

fn place(property: &Property) -> Option<u8> {
    match property {
        Property::PayloadFormatIndicator(_) => Some(0),
        Property::ContentType(_) => Some(1),
        Property::ResponseTopic(_) => Some(2),
        Property::CorrelationData(_) => Some(3),
        Property::UserProperty(..) => Some(4),
        Property::MessageExpiryInterval(_)
        | Property::SubscriptionIdentifier(_)
        | Property::TopicAlias(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn print(listed: &[Property]) -> u64 {
        static PRINTS: std::sync::LazyLock<Prints> = std::sync::LazyLock::new(|| Prints::new(true));
        PRINTS.properties(&properties::encode(listed))
    }

    #[test]
    fn topic_and_payload_are_told_apart_wherever_their_border_is() {
        let prints = Prints::new(true);
        assert_eq!(prints.content("a/b", b"1"), prints.content("a/b", b"1"));
        assert_ne!(prints.content("a/b", b"1"), prints.content("a/b1", b""));
        assert_ne!(prints.content("a/b", b"1"), prints.content("a/b", b"2"));
        assert_ne!(prints.content("a/b", b"1"), Prints::new(true).content("a/b", b"1"));
    }

    #[test]
    fn what_a_broker_hands_on_unaltered_is_compared_and_nothing_else() {
        use Property::*;
        let user = |name: &str| UserProperty(name.to_owned(), "v".to_owned());
        let kind = ContentType("text/plain".to_owned());
        assert_eq!(print(&[kind.clone(), user("a")]), print(&[user("a"), kind.clone()]));
        assert_ne!(print(&[user("a"), user("b")]), print(&[user("b"), user("a")]));
        assert_ne!(print(&[kind]), print(&[ResponseTopic("text/plain".to_owned())]));
        assert_ne!(print(&[CorrelationData("1".into())]), print(&[]));
        assert_ne!(print(&[PayloadFormatIndicator(1)]), print(&[]));
        let of_the_broker = [MessageExpiryInterval(9), SubscriptionIdentifier(3), TopicAlias(1)];
        assert_eq!(print(&of_the_broker), print(&[]));
    }

    #[test]
    fn properties_that_cannot_be_read_are_compared_as_bytes_and_not_at_all_where_there_are_none() {
        let prints = Prints::new(true);
        assert_ne!(prints.properties(&[0xFF, 1]), prints.properties(&[0xFF, 2]));
        let without = Prints::new(false);
        assert_eq!(without.properties(&[0xFF, 1]), without.properties(&[]));
    }
}
