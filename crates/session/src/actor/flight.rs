//! Messages of QoS 1 and 2 on their way, both ways, and what came of going on with a session that the broker had kept.

use mqttscope_model::{
    DisconnectOptions, InFlight, Message, MessageId, ProtocolVersion, ReasonCode,
};
use tokio::time::{Duration, Instant};

use super::Actor;
use super::connection::Connection;
use crate::client::{Ack, Failure, Received, Window};

/// After a CONNACK with Session Present, messages count for so long as those that came first.
pub(super) const FIRST: Duration = Duration::from_secs(1);

/// Receive Maximum exceeded.
const EXCEEDED: ReasonCode = ReasonCode(0x93);

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
    pub(super) fn owe(&mut self, id: Option<MessageId>, ack: Ack, connection: &mut Connection) {
        if let Ack::Recorded(packet) = ack {
            self.memory.arrived.add(packet, id);
        }
        self.acks.add(id, ack);
        let is_ending = connection.breach.is_some() || connection.closing.is_some();
        if self.received_in_flight() > usize::from(self.receive_maximum()) && !is_ending {
            let text = "more messages on their way than our Receive Maximum [MQTT-3.3.4-9]";
            connection.breach = Some(Failure::Protocol(text.to_owned()));
            connection.requests.disconnect_now(&DisconnectOptions {
                reason: EXCEEDED,
                ..DisconnectOptions::default()
            });
        }
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
        if !session_present {
            self.memory.arrived.clear();
        }
        connection.first_until = session_present.then(|| Instant::now() + FIRST);
        self.view.resumes(session_present.then_some(sent_again));
    }
}
