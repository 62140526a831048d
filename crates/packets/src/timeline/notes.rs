//! What is remembered of each packet: 16 bytes, for filters and exchanges.

use mqttscope_model::{Direction, PacketKind};

/// A packet in short. Distances are told in packets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Note {
    /// Back to the first packet of its exchange.
    pub(super) back: u32,
    /// On to the next packet of its exchange; 0 for the last.
    pub(super) next: u32,
    /// Back to the packet that set its Topic Alias; 0 where it has a name of its own.
    pub(super) alias: u32,
    pub(super) packet_id: u16,
    pub(super) kind: PacketKind,
    flags: u8,
}

const SENT: u8 = 1;
const FAULT: u8 = 2;
const MEMBER: u8 = 4;
const CLOSES: u8 = 8;

impl Note {
    pub(super) fn new(kind: PacketKind, direction: Direction, packet_id: Option<u16>) -> Self {
        let flags = if direction == Direction::Sent { SENT } else { 0 };
        let packet_id = packet_id.unwrap_or_default();
        Self { back: 0, next: 0, alias: 0, packet_id, kind, flags }
    }

    pub(super) fn direction(&self) -> Direction {
        if self.flags & SENT != 0 { Direction::Sent } else { Direction::Received }
    }

    pub(super) fn is_faulty(&self) -> bool {
        self.flags & FAULT != 0
    }

    /// It belongs to an exchange, and be it alone in it.
    pub(super) fn is_member(&self) -> bool {
        self.flags & MEMBER != 0
    }

    /// It ends its exchange.
    pub(super) fn closes(&self) -> bool {
        self.flags & CLOSES != 0
    }

    pub(super) fn set_faulty(&mut self, faulty: bool) {
        self.flags = if faulty { self.flags | FAULT } else { self.flags & !FAULT };
    }

    pub(super) fn set_member(&mut self, closes: bool) {
        self.flags |= if closes { MEMBER | CLOSES } else { MEMBER };
    }
}
