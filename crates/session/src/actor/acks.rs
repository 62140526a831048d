//! Messages that came and are not acknowledged yet, in their order.

use std::collections::VecDeque;

use mqttscope_model::MessageId;

use crate::client::Ack;

/// Words of 64 Packet Identifiers.
const WORDS: usize = 1 << 10;

/// What waits for its commit.
pub(super) struct Acks {
    /// Each with the message that must be committed first; none where the message is not kept.
    waiting: VecDeque<(Option<MessageId>, Ack)>,
    /// The Packet Identifiers that wait. A broker that sends one twice gets one answer: the library ends the
    /// connection at the second.
    identifiers: Vec<u64>,
    /// How many of them are PUBACKs.
    once: usize,
}

impl Acks {
    pub(super) fn new() -> Self {
        Self { waiting: VecDeque::new(), identifiers: vec![0; WORDS], once: 0 }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// A message came, and was recorded under `id` or is not kept. What is not kept waits for no commit of its own but
    /// behind those that came before it: acknowledgements go out in the order of their messages `[MQTT-4.6.0-2]`.
    pub(super) fn add(&mut self, id: Option<MessageId>, ack: Ack) {
        let (word, bit) = place(ack);
        if let Some(word) = self.identifiers.get_mut(word)
            && *word & bit == 0
        {
            *word |= bit;
            self.waiting.push_back((id, ack));
            self.once += usize::from(is_puback(ack));
        }
    }

    /// Takes the next acknowledgement that may be sent.
    pub(super) fn next(&mut self, committed: u64) -> Option<Ack> {
        let (id, ack) = *self.waiting.front()?;
        if id.is_some_and(|MessageId(id)| id > committed) {
            return None;
        }
        self.waiting.pop_front();
        self.once -= usize::from(is_puback(ack));
        let (word, bit) = place(ack);
        if let Some(word) = self.identifiers.get_mut(word) {
            *word &= !bit;
        }
        Some(ack)
    }

    /// Messages of QoS 1 that wait.
    pub(super) fn once(&self) -> usize {
        self.once
    }

    /// The connection is gone, and what was not acknowledged comes again.
    pub(super) fn clear(&mut self) {
        self.waiting.clear();
        self.once = 0;
        self.identifiers.fill(0);
    }
}

fn is_puback(ack: Ack) -> bool {
    matches!(ack, Ack::Received(_))
}

fn place(ack: Ack) -> (usize, u64) {
    let (Ack::Received(id) | Ack::Recorded(id)) = ack;
    (usize::from(id >> 6), 1 << (id & 63))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_acknowledged_before_its_commit_and_all_in_order() {
        let mut acks = Acks::new();
        acks.add(Some(MessageId(5)), Ack::Received(7));
        acks.add(Some(MessageId(6)), Ack::Recorded(3));
        assert_eq!(acks.next(4), None);
        assert_eq!(acks.next(5), Some(Ack::Received(7)));
        assert_eq!(acks.next(5), None);
        assert_eq!(acks.next(9), Some(Ack::Recorded(3)));
        assert!(acks.is_empty());
    }

    #[test]
    fn an_identifier_that_comes_twice_is_answered_once() {
        let mut acks = Acks::new();
        acks.add(Some(MessageId(1)), Ack::Received(7));
        acks.add(Some(MessageId(2)), Ack::Received(7));
        assert_eq!(acks.next(2), Some(Ack::Received(7)));
        assert_eq!(acks.next(2), None);
        acks.add(Some(MessageId(3)), Ack::Received(7));
        assert_eq!(acks.next(3), Some(Ack::Received(7)));
    }
}
