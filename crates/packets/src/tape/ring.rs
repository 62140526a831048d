//! What is kept: the bytes of each direction in blocks, and 24 bytes for each packet.

use std::collections::VecDeque;

use mqttscope_model::{Direction, ProtocolVersion};

use super::follow::{Follow, Piece};
use super::{End, KEPT, Packet};
use crate::blocks::Blocks;

/// Bytes in a block.
const BLOCK: usize = 64 * 1024;
/// Packets in a block.
const ENTRIES: usize = 4 * 1024;
/// What a packet takes beside its bytes: its entry here, and what [`crate::Timeline`] knows of it and puts into a list.
const BESIDE: usize = 56;
/// Packets that are forgotten under one lock; more than come with one read.
const AT_ONCE: usize = 64 * 1024;

#[derive(Clone, Copy, Debug)]
struct Entry {
    time_us: i64,
    /// Where its bytes begin in its direction.
    offset: u64,
    /// All that came of it.
    size: u32,
    sent: bool,
    end: End,
}

#[derive(Debug)]
struct Lane {
    bytes: Blocks<u8>,
    /// What `bytes` will end at once all that is noted is stored.
    end: u64,
    /// The packet that is still coming.
    open: Option<u64>,
}

#[derive(Debug)]
struct Connection {
    number: u32,
    /// Its first packet.
    first: u64,
    version: ProtocolVersion,
}

/// The packets of a tape. Numbers begin at 1.
#[derive(Debug)]
pub(super) struct Ring {
    entries: Blocks<Entry>,
    /// The oldest packet that is kept.
    first: u64,
    lanes: [Lane; 2],
    connections: VecDeque<Connection>,
    pub(super) limit: usize,
    pub(super) forgotten: u64,
    last_connection: u32,
}

impl Ring {
    pub(super) fn new(limit: usize) -> Self {
        let lane = || Lane { bytes: Blocks::new(BLOCK), end: 0, open: None };
        let mut entries = Blocks::new(ENTRIES);
        // There is no packet 0.
        entries.push(Entry { time_us: 0, offset: 0, size: 0, sent: false, end: End::Whole });
        Self {
            entries,
            first: 1,
            lanes: [lane(), lane()],
            connections: VecDeque::new(),
            limit,
            forgotten: 0,
            last_connection: 0,
        }
    }

    /// The oldest packet, and the number that the next one gets.
    pub(super) fn range(&self) -> (u64, u64) {
        (self.first, self.entries.end())
    }

    pub(super) fn memory(&self) -> usize {
        let packets = usize::try_from(self.entries.end() - self.first).unwrap_or(usize::MAX);
        let bytes: usize = self.lanes.iter().map(|lane| lane.bytes.room()).sum();
        bytes.saturating_add(packets.saturating_mul(BESIDE))
    }

    pub(super) fn connect(&mut self, version: ProtocolVersion) -> u32 {
        self.end_connection(self.last_connection);
        self.last_connection += 1;
        let (number, first) = (self.last_connection, self.entries.end());
        self.connections.push_back(Connection { number, first, version });
        number
    }

    /// What had not come wholly will not come any more.
    pub(super) fn end_connection(&mut self, number: u32) {
        if number == self.last_connection {
            self.close(End::Broken);
        }
    }

    /// Nobody looks at what is still to come of the packets that have begun.
    pub(super) fn look_away(&mut self) {
        self.close(End::Unseen);
    }

    fn close(&mut self, end: End) {
        for lane in &mut self.lanes {
            if let Some(entry) = lane.open.take().and_then(|open| self.entries.get_mut(open)) {
                entry.end = end;
            }
        }
    }

    pub(super) fn append(
        &mut self,
        connection: u32,
        direction: Direction,
        bytes: &[u8],
        time_us: i64,
        follow: &mut Follow,
    ) {
        let current = connection == self.last_connection;
        // What is stored goes in as few pieces as possible: [run, at) is noted and not stored yet.
        let (mut run, mut at) = (0, 0);
        while at < bytes.len() {
            let piece = follow.next(bytes.get(at..).unwrap_or_default());
            let kept = if current { self.note(direction, piece, time_us) } else { 0 };
            if kept < piece.len {
                self.store(direction, bytes.get(run..at + kept));
                run = at + piece.len;
            }
            at += piece.len;
        }
        self.store(direction, bytes.get(run..));
        let _the_next_goes_on = self.make_room();
    }

    fn store(&mut self, direction: Direction, bytes: Option<&[u8]>) {
        let [received, sent] = &mut self.lanes;
        let lane = if direction == Direction::Sent { sent } else { received };
        lane.bytes.extend(bytes.unwrap_or_default());
    }

    /// Takes note of a piece of a packet: how many of its bytes are to be stored.
    fn note(&mut self, direction: Direction, piece: Piece, time_us: i64) -> usize {
        let sent = direction == Direction::Sent;
        let [received_lane, sent_lane] = &mut self.lanes;
        let lane = if sent { sent_lane } else { received_lane };
        let end = if piece.ends { End::Whole } else { End::Coming };
        let kept = if piece.begins {
            let size = u32::try_from(piece.len).unwrap_or(u32::MAX);
            lane.open = (!piece.ends).then_some(self.entries.end());
            self.entries.push(Entry { time_us, offset: lane.end, size, sent, end });
            piece.len.min(KEPT)
        } else {
            let open = if piece.ends { lane.open.take() } else { lane.open };
            let kept = open.filter(|open| *open >= self.first);
            let Some(entry) = kept.and_then(|open| self.entries.get_mut(open)) else { return 0 };
            let room = KEPT.saturating_sub(entry.size as usize);
            entry.size = entry.size.saturating_add(u32::try_from(piece.len).unwrap_or(u32::MAX));
            entry.end = end;
            piece.len.min(room)
        };
        lane.end += kept as u64;
        kept
    }

    /// Forgets the oldest until the rest fits, about a millisecond's worth at most. Whether it does.
    pub(super) fn make_room(&mut self) -> bool {
        for _ in 0..AT_ONCE {
            if self.memory() <= self.limit || self.first + 1 >= self.entries.end() {
                return true;
            }
            self.forget_first();
            self.forgotten += 1;
        }
        false
    }

    fn forget_first(&mut self) {
        let Some(entry) = self.entries.get(self.first).copied() else { return };
        let [received, sent] = &mut self.lanes;
        let lane = if entry.sent { sent } else { received };
        lane.bytes.forget(entry.offset + kept(entry.size) as u64);
        self.first += 1;
        self.entries.forget(self.first);
        let (first, end) = (self.first, self.entries.end());
        let next = |connections: &VecDeque<Connection>| connections.get(1).map(|next| next.first);
        while next(&self.connections).is_some_and(|next| next <= first && next < end) {
            self.connections.pop_front();
        }
    }

    /// Forgets all.
    pub(super) fn clear(&mut self) {
        self.look_away();
        self.first = self.entries.end();
        self.entries.forget(self.first);
        self.entries.shrink();
        self.forgotten = 0;
        for lane in &mut self.lanes {
            lane.bytes.forget(lane.end);
            lane.bytes.shrink();
        }
        let older = self.connections.len().saturating_sub(1);
        self.connections.drain(..older);
    }

    /// When a packet that is kept came or went.
    pub(super) fn time(&self, number: u64) -> Option<i64> {
        self.entry(number).map(|entry| entry.time_us)
    }

    /// How much there is of a packet that is kept.
    pub(super) fn end_of(&self, number: u64) -> Option<End> {
        self.entry(number).map(|entry| entry.end)
    }

    fn entry(&self, number: u64) -> Option<&Entry> {
        self.entries.get(number).filter(|_| number >= self.first)
    }

    /// A packet with at most `most` of its bytes, which are appended to `bytes`.
    pub(super) fn copy(&self, number: u64, most: usize, bytes: &mut Vec<u8>) -> Option<Packet> {
        let entry = self.entry(number)?;
        let at = self.connections.partition_point(|connection| connection.first <= number);
        let connection = self.connections.get(at.checked_sub(1)?)?;
        let [received, sent] = &self.lanes;
        let lane = if entry.sent { sent } else { received };
        let begin = bytes.len();
        lane.bytes.copy(entry.offset, kept(entry.size).min(most), bytes);
        Some(Packet {
            number,
            connection: connection.number,
            version: connection.version,
            time_us: entry.time_us,
            direction: if entry.sent { Direction::Sent } else { Direction::Received },
            size: entry.size.into(),
            kept: kept(entry.size) as u64,
            end: entry.end,
            bytes: begin..bytes.len(),
        })
    }
}

/// How many bytes of a packet are kept.
fn kept(size: u32) -> usize {
    (size as usize).min(KEPT)
}
