//! Messages to the broker: what is checked before one is recorded, and its outcome afterwards.

use mqttscope_model::properties::encode;
use mqttscope_model::{
    ConnackInfo, Direction, Message, MessageId, Outcome, ProtocolVersion, Publish, QoS, UserError,
    topic,
};
use tokio::sync::oneshot;

use super::Actor;
use super::aliases::alias_of;
use super::connection::Live;
use crate::SessionError;
use crate::client::{Tracked, now_us};
use crate::handle::PublishRequest;
use crate::{properties, sizes};

/// The bytes of a Topic Alias, which the library adds on its own.
const ALIAS: u64 = 3;

/// Messages whose outcome is not known, at most; more wait in the mailbox.
const MOST_OUTGOING: usize = 4_096;

/// Their bytes, at most: one packet may exceed it.
const MOST_OUTGOING_BYTES: usize = 64 * 1024 * 1024;

impl Actor {
    /// Whether another message may be taken from the mailbox.
    pub(super) fn has_room(&self) -> bool {
        self.outcomes.len() < MOST_OUTGOING && self.outgoing_bytes < MOST_OUTGOING_BYTES
    }

    pub(super) fn publish(&mut self, request: PublishRequest, live: Option<&Live>) {
        let PublishRequest { publish, reply, outcome } = request;
        let _caller_may_be_gone = reply.send(self.try_publish(publish, outcome, live));
    }

    fn try_publish(
        &mut self,
        mut publish: Publish,
        watcher: Option<oneshot::Sender<Outcome>>,
        live: Option<&Live>,
    ) -> Result<Option<MessageId>, UserError> {
        let version = self.options.version;
        let alias = alias_of(&publish.properties).filter(|_| version == ProtocolVersion::V5);
        if !publish.topic.is_empty() || alias.is_none() {
            topic::check_name(&publish.topic).map_err(SessionError::TopicName)?;
        }
        let live = live.ok_or(SessionError::NotConnected)?;
        properties::sort(&mut publish.properties);
        let encoded = encode(&publish.properties);
        // Before MQTT 5, and with an alias beyond the maximum, the check that follows says so.
        let known = alias.filter(|alias| Some(*alias) <= live.connack.topic_alias_maximum);
        let topic = self.name(&mut publish, known)?;
        let automatic = self.options.automatic_topic_alias && alias.is_none();
        let more = if automatic && live.connack.topic_alias_maximum > Some(0) { ALIAS } else { 0 };
        check(&publish, encoded.len() as u64 + more, version, &live.connack)?;
        let id = self.recorder.record(Message {
            time_us: now_us(),
            direction: Direction::Sent,
            topic: topic.clone(),
            qos: publish.qos,
            retain: publish.retain,
            dup: false,
            payload: publish.payload.0.clone(),
            properties: encoded,
        })?;
        if let Some(id) = id {
            self.pressure.recorded(id, false);
        }
        self.published += 1;
        let (bytes, qos) = (publish.payload.0.len(), publish.qos);
        let tracked = Tracked { number: self.published, id, bytes, qos };
        self.last.publish(tracked.number, &topic, &publish);
        if let Some(alias) = alias {
            self.set_alias(alias, topic);
        }
        match (live.requests.publish(tracked, publish), id) {
            (Ok(outcome), _) => {
                self.outgoing_bytes += tracked.bytes;
                self.unanswered += usize::from(has_answer(tracked));
                self.outcomes.push(outcome);
                if let Some(watcher) = watcher {
                    self.watchers.insert(tracked.number, watcher);
                }
            }
            (Err(error), Some(id)) => {
                let code = UserError::from(error).code;
                self.recorder.outcome(id, Outcome::Failed { code });
            }
            (Err(error), None) => return Err(error.into()),
        }
        Ok(id)
    }

    /// The outcome of a message is known.
    pub(super) fn settle(&mut self, tracked: Tracked, outcome: Outcome) {
        self.outgoing_bytes = self.outgoing_bytes.saturating_sub(tracked.bytes);
        self.unanswered = self.unanswered.saturating_sub(usize::from(has_answer(tracked)));
        self.view.touch();
        self.last.settled(tracked.number, &outcome);
        if !matches!(outcome, Outcome::Failed { .. }) {
            self.view.went(tracked.bytes as u64);
        }
        if !self.watchers.is_empty()
            && let Some(watcher) = self.watchers.remove(&tracked.number)
        {
            let _nobody_waits_any_more = watcher.send(outcome.clone());
        }
        if let Some(id) = tracked.id {
            self.recorder.outcome(id, outcome);
        }
    }
}

fn has_answer(tracked: Tracked) -> bool {
    tracked.qos != QoS::AtMostOnce
}

/// What the library would end the connection for, or the broker. `encoded`: the bytes of the properties.
fn check(
    publish: &Publish,
    encoded: u64,
    version: ProtocolVersion,
    connack: &ConnackInfo,
) -> Result<(), SessionError> {
    if version != ProtocolVersion::V5 && !publish.properties.is_empty() {
        return Err(SessionError::PropertiesNeed5(version));
    }
    properties::check(&publish.properties, &publish.payload.0)?;
    let maximum = connack.topic_alias_maximum.unwrap_or(0);
    if let Some(alias) = alias_of(&publish.properties).filter(|alias| *alias > maximum) {
        return Err(SessionError::AliasRefused { alias, maximum });
    }
    SessionError::check_qos(publish.qos, connack.maximum_qos)?;
    if publish.retain && connack.retain_available == Some(false) {
        return Err(SessionError::RetainNotSupported);
    }
    let (size, (limit, whose)) = (sizes::publish(publish, encoded, version), sizes::limit(connack));
    if size > limit { Err(SessionError::TooLarge { size, limit, whose }) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Limit;

    fn publish(payload: usize, qos: QoS) -> Publish {
        let payload = mqttscope_model::Bytes(vec![0; payload]);
        Publish { topic: "t".to_owned(), payload, qos, retain: false, properties: Vec::new() }
    }

    #[test]
    fn the_brokers_limits_are_kept() {
        let connack = ConnackInfo {
            maximum_qos: Some(1),
            retain_available: Some(false),
            maximum_packet_size: Some(100),
            ..ConnackInfo::default()
        };
        let check = |publish: &Publish| check(publish, 0, ProtocolVersion::V5, &connack);
        assert_eq!(check(&publish(10, QoS::AtLeastOnce)), Ok(()));
        let high = check(&publish(10, QoS::ExactlyOnce));
        assert_eq!(high, Err(SessionError::QoSNotSupported(1)));
        let retained = Publish { retain: true, ..publish(10, QoS::AtMostOnce) };
        assert_eq!(check(&retained), Err(SessionError::RetainNotSupported));
        let large = check(&publish(95, QoS::AtMostOnce));
        let expected = SessionError::TooLarge { size: 101, limit: 100, whose: Limit::Broker };
        assert_eq!(large, Err(expected));
        let properties =
            super::check(&publish(10, QoS::AtMostOnce), 85, ProtocolVersion::V5, &connack);
        let expected = SessionError::TooLarge { size: 101, limit: 100, whose: Limit::Broker };
        assert_eq!(properties, Err(expected));
    }
}
