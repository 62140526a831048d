//! Retained messages, in memory: the library keeps none by itself.
//!
//! A sorted map and the project's one matcher, scanned at each subscription. The library has a tree
//! for this, which is faster with very many topics; but it refuses names with `$` in a later level,
//! and its messages expire after the listener's interval. Here a message stays until it is
//! replaced or cleared, or until its own Message Expiry Interval is over. [MQTT-3.3.1-5] to
//! [MQTT-3.3.1-8], [MQTT-3.3.2-5].

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use mqttscope_model::topic;
use rmqtt::retain::RetainStorage;
use rmqtt::types::{Retain, TopicFilter, TopicName};

/// The retained messages, by Topic Name.
#[derive(Default)]
pub(crate) struct Retained {
    messages: Mutex<BTreeMap<String, Stored>>,
}

struct Stored {
    message: Retain,
    /// When it expires, for a message that does.
    until: Option<Instant>,
}

impl Stored {
    fn new(message: Retain, now: Instant) -> Self {
        let seconds = message.publish.properties.as_ref().and_then(|p| p.message_expiry_interval);
        let until = seconds.map(|s| now + Duration::from_secs(u64::from(s.get())));
        Self { message, until }
    }

    fn expired(&self, now: Instant) -> bool {
        self.until.is_some_and(|until| until <= now)
    }

    /// The message as it is to be sent now: its interval is what is left of it. [MQTT-3.3.2-6]
    fn at(&self, now: Instant) -> Retain {
        let mut message = self.message.clone();
        if let (Some(until), Some(properties)) =
            (self.until, message.publish.inner.properties.as_mut())
        {
            let left = until.saturating_duration_since(now).as_secs_f64().ceil() as u32;
            properties.message_expiry_interval = NonZeroU32::new(left);
        }
        message
    }
}

impl Retained {
    /// A panic while it was held leaves a map that is whole: each change is one call.
    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Stored>> {
        self.messages.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn put(&self, topic: &str, message: Retain, now: Instant) {
        let mut messages = self.lock();
        if message.publish.payload.is_empty() {
            messages.remove(topic);
        } else {
            messages.insert(topic.to_owned(), Stored::new(message, now));
        }
    }

    fn matching(&self, filter: &str, now: Instant) -> Vec<(TopicName, Retain)> {
        let mut messages = self.lock();
        messages.retain(|_, stored| !stored.expired(now));
        messages
            .iter()
            .filter(|(name, _)| topic::matches(filter, name))
            .map(|(name, stored)| (TopicName::from(name.as_str()), stored.at(now)))
            .collect()
    }
}

#[async_trait]
impl RetainStorage for Retained {
    fn enable(&self) -> bool {
        true
    }

    async fn set(
        &self,
        topic: &TopicName,
        retain: Retain,
        // The listener's interval where the message has none: retained messages do not expire
        // by the clock of a queue.
        _expiry_interval: Option<Duration>,
    ) -> rmqtt::Result<()> {
        self.put(topic, retain, Instant::now());
        Ok(())
    }

    async fn get(&self, filter: &TopicFilter) -> rmqtt::Result<Vec<(TopicName, Retain)>> {
        Ok(self.matching(filter, Instant::now()))
    }

    async fn count(&self) -> isize {
        isize::try_from(self.lock().len()).unwrap_or(isize::MAX)
    }

    async fn max(&self) -> isize {
        isize::MAX
    }
}

#[cfg(test)]
mod tests {
    use rmqtt::codec::types::Publish as Packet;
    use rmqtt::codec::v5::PublishProperties;
    use rmqtt::types::{ClientId, From as Origin, Id, QoS};

    use super::*;

    fn message(topic: &str, payload: &'static str, expiry: Option<u32>) -> Retain {
        let packet = Packet {
            dup: false,
            retain: true,
            qos: QoS::AtLeastOnce,
            topic: topic.into(),
            packet_id: None,
            payload: payload.into(),
            properties: Some(PublishProperties {
                message_expiry_interval: expiry.and_then(NonZeroU32::new),
                ..Default::default()
            }),
        };
        let from = Origin::from_custom(Id::from(1, ClientId::from_static("test")));
        Retain { msg_id: None, from, publish: packet.into() }
    }

    fn names(retained: &Retained, filter: &str, now: Instant) -> Vec<String> {
        let found = retained.matching(filter, now).into_iter();
        found.map(|(name, message)| format!("{name}={:?}", message.publish.payload)).collect()
    }

    #[test]
    fn the_last_message_of_a_topic_stays_until_an_empty_one_clears_it() {
        let (retained, now) = (Retained::default(), Instant::now());
        for (topic, payload) in [("a/b", "old"), ("a/b", "new"), ("a/c", "c"), ("$x/y", "y")] {
            retained.put(topic, message(topic, payload, None), now);
        }
        assert_eq!(names(&retained, "#", now), [r#"a/b=b"new""#, r#"a/c=b"c""#]);
        assert_eq!(names(&retained, "$x/+", now), [r#"$x/y=b"y""#]);

        retained.put("a/b", message("a/b", "", None), now);
        assert_eq!(names(&retained, "a/+", now), [r#"a/c=b"c""#]);
    }

    #[test]
    fn an_expiry_interval_runs_down_and_out() {
        let (retained, start) = (Retained::default(), Instant::now());
        retained.put("a", message("a", "x", Some(60)), start);

        let later = start + Duration::from_secs(20);
        let found = retained.matching("a", later);
        let left = found[0].1.publish.properties.as_ref().unwrap().message_expiry_interval;
        assert_eq!(left, NonZeroU32::new(40));
        assert!(names(&retained, "a", start + Duration::from_secs(60)).is_empty());
    }
}
