//! Messages of QoS 1 and 2 on their way, both ways, and what came of going on with a session that the broker had kept.
//!
//! A broker that sends more at once than our Receive Maximum allows is not left: mosquitto does so with whatever has waited
//! for a session, and DISCONNECT with Receive Maximum exceeded would come before the acknowledgements, so that the same
//! messages came again and again and none was ever done with. All of it is taken, and how much there was at once is told.

use mqttscope_model::{InFlight, Message, MessageId, ProtocolVersion};
use tokio::time::{Duration, Instant};

use super::Actor;
use super::connection::Connection;
use crate::client::{Ack, Received, Window};

/// After a CONNACK with Session Present, messages count for so long as those that came first.
pub(super) const FIRST: Duration = Duration::from_secs(1);

impl Actor {
    /// The library's side has moved on.
    pub(super) fn moved(&mut self, window: Window) {
        if self.window != window {
            self.window = window;
            self.view.touch();
        }
    }

    /// As the window sees it.
    pub(super) fn in_flight(&self) -> InFlight {
        let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        let sent = u32::from(self.window.sent);
        InFlight {
            sent,
            sent_limit: self.window.limit.into(),
            sent_waiting: count(self.unanswered).saturating_sub(sent),
            received: count(self.received_in_flight()),
            received_limit: self.receive_maximum().into(),
            received_most: count(self.most_received),
        }
    }

    fn received_in_flight(&self) -> usize {
        self.acks.once() + self.memory.arrived.count()
    }

    /// How many messages of QoS 1 and 2 the broker may have on their way to us (MQTT 5.0, section 3.1.2.11.3). Before
    /// MQTT 5 there are Packet Identifiers for as many.
    fn receive_maximum(&self) -> u16 {
        match self.options.version {
            ProtocolVersion::V5 => self.options.properties.receive_maximum.unwrap_or(u16::MAX),
            ProtocolVersion::V31 | ProtocolVersion::V311 => u16::MAX,
        }
    }

    /// The number of a message of QoS 2 that came before and comes again, because its PUBREC was lost. Where DUP is not set
    /// it is taken for another one, so that nothing is lost to a broker that uses an identifier too early.
    pub(super) fn known(&self, received: &Received) -> Option<Option<MessageId>> {
        match received.ack {
            Some(Ack::Recorded(packet)) if received.message.dup => self.memory.arrived.get(packet),
            _ => None,
        }
    }

    /// A message came that is to be acknowledged, and is recorded under `id`.
    pub(super) fn owe(&mut self, id: Option<MessageId>, ack: Ack) {
        if let Ack::Recorded(packet) = ack {
            self.memory.arrived.add(packet, id);
        }
        self.acks.add(id, ack);
        self.most_received = self.most_received.max(self.received_in_flight());
    }

    /// Counts a message for what came first on a connection that goes on with a session.
    pub(super) fn resumed_with(&mut self, message: &Message, connection: &mut Connection) {
        let Some(until) = connection.first_until else { return };
        if connection.read > until {
            connection.first_until = None;
        } else if !message.retain {
            self.view.resumed(|resumed| resumed.received_first += 1);
        }
    }

    /// The broker sent PUBLISH packets again, as the wire has counted.
    pub(super) fn came_again(&mut self, connection: &Connection) {
        let again = std::mem::take(&mut connection.shared.facts().again);
        if again > 0 {
            self.view.resumed(|resumed| resumed.received_again += again);
        }
    }

    /// A connection is there: what it goes on with.
    pub(super) fn go_on(
        &mut self,
        session_present: bool,
        sent_again: u32,
        connection: &mut Connection,
    ) {
        self.aliases.clear();
        self.most_received = 0;
        if !session_present {
            self.memory.arrived.clear();
        }
        connection.first_until = session_present.then(|| Instant::now() + FIRST);
        self.view.resumes(session_present.then_some(sent_again));
    }
}
