//! The last PUBLISH or SUBSCRIBE of a connection: some brokers close instead of refusing, and then it is what they
//! did not like.
//!
//! Noted for each message, so it costs a copy of the topic into memory that is there already.

use std::time::Instant;

use mqttscope_model::{LastSent, Outcome, Publish, QoS, SentPacket, Subscription};

use super::requests::Answer;
use super::subscriptions::Token;

/// What was handed to the library last.
#[derive(Debug, Default)]
pub(super) struct Last {
    topic: String,
    sent: Option<Sent>,
    /// Messages that the library has not put into the stream.
    queued: u32,
    /// The Packet Identifier of the message that went into the stream last.
    packet: u16,
}

#[derive(Clone, Copy, Debug)]
struct Sent {
    of: Request,
    qos: QoS,
    retain: bool,
    at: Instant,
    answered: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Request {
    /// With the message's number among those of the session.
    Publish(u64),
    Subscribe(Token),
}

impl Last {
    /// Another connection begins.
    pub(super) fn clear(&mut self) {
        self.sent = None;
        self.queued = 0;
    }

    /// A message goes out.
    pub(super) fn publish(&mut self, number: u64, topic: &str, publish: &Publish) {
        self.queued = self.queued.saturating_add(1);
        self.note(Request::Publish(number), topic, publish.qos, publish.retain);
    }

    /// A message went into the stream, with this Packet Identifier.
    pub(super) fn sent(&mut self, packet: u16) {
        self.queued = self.queued.saturating_sub(1);
        self.packet = packet;
    }

    /// PUBREC came: an answer, long before the outcome is known.
    pub(super) fn recorded(&mut self, packet: u16) {
        if let Some(sent) = &mut self.sent
            && matches!(sent.of, Request::Publish(_))
            && (self.queued, self.packet) == (0, packet)
        {
            sent.answered = true;
        }
    }

    /// SUBSCRIBE goes out.
    pub(super) fn subscribe(&mut self, token: Token, first: &Subscription) {
        self.note(Request::Subscribe(token), &first.filter, first.qos, false);
    }

    fn note(&mut self, of: Request, topic: &str, qos: QoS, retain: bool) {
        self.topic.clear();
        self.topic.push_str(topic);
        self.sent = Some(Sent { of, qos, retain, at: Instant::now(), answered: false });
    }

    /// The outcome of a message is known.
    pub(super) fn settled(&mut self, number: u64, outcome: &Outcome) {
        let answered = matches!(
            outcome,
            Outcome::Acknowledged { .. } | Outcome::Completed { .. } | Outcome::Refused { .. }
        );
        self.answer(Request::Publish(number), answered);
    }

    /// An answer came, or will not come any more.
    pub(super) fn answered(&mut self, answer: &Answer) {
        if let Answer::Subscribed { token, answers: Some(_), .. } = answer {
            self.answer(Request::Subscribe(*token), true);
        }
    }

    fn answer(&mut self, of: Request, answered: bool) {
        if let Some(sent) = &mut self.sent
            && sent.of == of
        {
            sent.answered |= answered;
        }
    }

    /// As it is told of a connection that ended just now.
    pub(super) fn told(&self) -> Option<LastSent> {
        let sent = self.sent?;
        let packet = match sent.of {
            Request::Publish(_) => SentPacket::Publish,
            Request::Subscribe(_) => SentPacket::Subscribe,
        };
        Some(LastSent {
            packet,
            topic: self.topic.clone(),
            qos: sent.qos,
            retain: sent.retain,
            before_end_ms: u64::try_from(sent.at.elapsed().as_millis()).unwrap_or(u64::MAX),
            answered: sent.answered,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_answer_to_the_last_request_counts() {
        let mut last = Last::default();
        let publish = Publish {
            topic: "t".to_owned(),
            payload: mqttscope_model::Bytes(Vec::new()),
            qos: QoS::AtLeastOnce,
            retain: true,
            properties: Vec::new(),
        };
        let yes = Outcome::Acknowledged { reason: mqttscope_model::ReasonCode::SUCCESS };
        last.publish(1, "t", &publish);
        last.publish(2, "t", &publish);
        last.settled(1, &yes);
        assert!(!last.told().unwrap().answered);
        last.settled(2, &Outcome::Sent);
        assert!(!last.told().unwrap().answered, "QoS 0 has no answer");
        last.settled(2, &yes);
        let told = last.told().unwrap();
        assert!(told.answered && told.retain && told.topic == "t");
        last.clear();
        assert_eq!(last.told(), None);
    }
}
