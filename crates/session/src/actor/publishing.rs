//! Messages to the broker: what is checked before one is recorded, and its outcome afterwards.

use mqttscope_model::{
    ConnackInfo, Direction, Message, MessageId, Outcome, ProtocolVersion, Publish, QoS, UserError,
    topic,
};

use super::Actor;
use super::connection::Live;
use crate::SessionError;
use crate::client::{Tracked, now_us};
use crate::error::Limit;
use crate::handle::PublishRequest;

/// The largest Remaining Length (MQTT 5.0, section 1.5.5).
const LARGEST_REMAINING: u64 = 268_435_455;

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
        let PublishRequest { publish, reply } = request;
        let _caller_may_be_gone = reply.send(self.try_publish(publish, live));
    }

    fn try_publish(
        &mut self,
        publish: Publish,
        live: Option<&Live>,
    ) -> Result<Option<MessageId>, UserError> {
        topic::check_name(&publish.topic).map_err(SessionError::TopicName)?;
        let live = live.ok_or(SessionError::NotConnected)?;
        check(&publish, self.options.version, &live.connack)?;
        let id = self.recorder.record(Message {
            time_us: now_us(),
            direction: Direction::Sent,
            topic: publish.topic.clone(),
            qos: publish.qos,
            retain: publish.retain,
            dup: false,
            payload: publish.payload.0.clone(),
            properties: Vec::new(),
        })?;
        if let Some(id) = id {
            self.pressure.recorded(id, false);
        }
        self.published += 1;
        let tracked = Tracked { number: self.published, id, bytes: publish.payload.0.len() };
        self.last.publish(tracked.number, &publish);
        match (live.requests.publish(tracked, publish), id) {
            (Ok(outcome), _) => {
                self.outgoing_bytes += tracked.bytes;
                self.outcomes.push(outcome);
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
        self.last.settled(tracked.number, &outcome);
        if !matches!(outcome, Outcome::Failed { .. }) {
            self.view.went(tracked.bytes as u64);
        }
        if let Some(id) = tracked.id {
            self.recorder.outcome(id, outcome);
        }
    }
}

/// What the library would end the connection for, or the broker.
fn check(
    publish: &Publish,
    version: ProtocolVersion,
    connack: &ConnackInfo,
) -> Result<(), SessionError> {
    SessionError::check_qos(publish.qos, connack.maximum_qos)?;
    if publish.retain && connack.retain_available == Some(false) {
        return Err(SessionError::RetainNotSupported);
    }
    let size = packet_size(publish, version);
    let largest = LARGEST_REMAINING + 5;
    let (limit, whose) = match connack.maximum_packet_size.map(u64::from) {
        Some(limit) if limit < largest => (limit, Limit::Broker),
        _ => (largest, Limit::Protocol),
    };
    if size > limit { Err(SessionError::TooLarge { size, limit, whose }) } else { Ok(()) }
}

/// The size of a PUBLISH without properties (section 3.3).
fn packet_size(publish: &Publish, version: ProtocolVersion) -> u64 {
    let identifier = if publish.qos == QoS::AtMostOnce { 0 } else { 2 };
    let properties = u64::from(version == ProtocolVersion::V5);
    let (topic, payload) = (publish.topic.len() as u64, publish.payload.0.len() as u64);
    let remaining = 2 + topic + identifier + properties + payload;
    let length = match remaining {
        0..=127 => 1,
        128..=16_383 => 2,
        16_384..=2_097_151 => 3,
        _ => 4,
    };
    1 + length + remaining
}

#[cfg(test)]
mod tests {
    use super::*;

    fn publish(payload: usize, qos: QoS) -> Publish {
        let payload = mqttscope_model::Bytes(vec![0; payload]);
        Publish { topic: "t".to_owned(), payload, qos, retain: false, properties: Vec::new() }
    }

    #[test]
    fn sizes_are_those_on_the_wire() {
        let cases = [
            (0, QoS::AtMostOnce, ProtocolVersion::V311, 5),
            (0, QoS::AtLeastOnce, ProtocolVersion::V5, 8),
            (124, QoS::AtMostOnce, ProtocolVersion::V311, 129),
            (125, QoS::AtMostOnce, ProtocolVersion::V311, 131),
        ];
        for (payload, qos, version, size) in cases {
            assert_eq!(packet_size(&publish(payload, qos), version), size);
        }
    }

    #[test]
    fn the_brokers_limits_are_kept() {
        let connack = ConnackInfo {
            maximum_qos: Some(1),
            retain_available: Some(false),
            maximum_packet_size: Some(100),
            ..ConnackInfo::default()
        };
        let check = |publish: &Publish| check(publish, ProtocolVersion::V5, &connack);
        assert_eq!(check(&publish(10, QoS::AtLeastOnce)), Ok(()));
        let high = check(&publish(10, QoS::ExactlyOnce));
        assert_eq!(high, Err(SessionError::QoSNotSupported(1)));
        let retained = Publish { retain: true, ..publish(10, QoS::AtMostOnce) };
        assert_eq!(check(&retained), Err(SessionError::RetainNotSupported));
        let large = check(&publish(95, QoS::AtMostOnce));
        let expected = SessionError::TooLarge { size: 101, limit: 100, whose: Limit::Broker };
        assert_eq!(large, Err(expected));
    }
}
