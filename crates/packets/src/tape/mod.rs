//! The tape: the raw bytes of a session's connections, bounded, taken down by the wire with as little work as possible.
//!
//! The wire gives each read and each write once. Only the fixed headers are followed, so that each packet has a number
//! and a place; everything else is read from the bytes when somebody looks. A reader copies out a little under the lock
//! and decodes after it, so that the wire never waits for long. The price: what is shown is decoded again each time.
//!
//! A connection follows its borders although the tape is off, which costs some nanoseconds a packet: switched on again,
//! it goes on with the next packet.

mod follow;
mod ring;

use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use mqttscope_model::{Direction, ProtocolVersion};
use tokio::sync::Notify;

use follow::Follow;
use ring::Ring;

/// How many bytes of a packet are kept; of a larger one the rest is only counted.
pub const KEPT: usize = 1024 * 1024;

/// Bytes that are copied out under one lock, about 20 us.
const BATCH_BYTES: usize = 64 * 1024;
/// Packets that are copied out under one lock.
const BATCH: usize = 1024;

/// How much of a packet there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// All of it came.
    Whole,
    /// It is still coming.
    Coming,
    /// The connection ended within it.
    Broken,
    /// The rest went by while the tape was off.
    Unseen,
}

/// A packet that was copied out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packet {
    /// Its number, from 1.
    pub number: u64,
    /// Its connection, from 1.
    pub connection: u32,
    /// What that connection speaks.
    pub version: ProtocolVersion,
    /// Microseconds since the Unix epoch when its first byte was read or written.
    pub time_us: i64,
    /// Which way it went.
    pub direction: Direction,
    /// All bytes that came of it.
    pub size: u64,
    /// How many of those are kept.
    pub kept: u64,
    /// How much of it there is.
    pub end: End,
    /// Where its bytes lie in what they were copied to.
    pub bytes: Range<usize>,
}

/// Packets that were copied out with their bytes.
#[derive(Debug, Default)]
pub struct Batch {
    /// In the order in which they were asked for.
    pub packets: Vec<Packet>,
    /// How many of the numbers that were given it deals with.
    pub taken: usize,
    bytes: Vec<u8>,
}

impl Batch {
    /// A packet's bytes.
    pub fn bytes(&self, packet: &Packet) -> &[u8] {
        self.bytes.get(packet.bytes.clone()).unwrap_or_default()
    }

    /// The packets, each with its bytes.
    pub fn iter(&self) -> impl Iterator<Item = (&Packet, &[u8])> {
        self.packets.iter().map(|packet| (packet, self.bytes(packet)))
    }
}

/// What a tape holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Holds {
    /// The oldest packet.
    pub first: u64,
    /// The number of the next packet.
    pub next: u64,
    /// Bytes in memory.
    pub memory: u64,
    /// Bytes that may be taken.
    pub limit: u64,
    /// Packets that made room for newer ones.
    pub forgotten: u64,
}

/// The bytes of one profile's connections.
#[derive(Debug)]
pub struct Tape {
    ring: Mutex<Ring>,
    on: AtomicBool,
    changed: Notify,
}

impl Tape {
    /// An empty tape that is on. It takes at most `limit` bytes, and that much only when there is that much to keep.
    pub fn new(limit: usize) -> Self {
        Self {
            ring: Mutex::new(Ring::new(limit)),
            on: AtomicBool::new(true),
            changed: Notify::new(),
        }
    }

    /// Whether packets are taken down.
    pub fn is_on(&self) -> bool {
        self.on.load(Ordering::Acquire)
    }

    /// Begins or stops to take packets down.
    pub fn switch(&self, on: bool) {
        let mut ring = self.ring();
        if self.on.swap(on, Ordering::AcqRel) != on {
            ring.look_away();
        }
        drop(ring);
        self.changed.notify_one();
    }

    /// Changes how many bytes it may take; the oldest packets go at once where it is too many.
    pub fn limit(&self, bytes: usize) {
        self.ring().limit = bytes;
        while !self.ring().make_room() {}
        self.changed.notify_one();
    }

    /// Forgets all packets. Numbers go on.
    pub fn clear(&self) {
        self.ring().clear();
        self.changed.notify_one();
    }

    /// What it holds.
    pub fn holds(&self) -> Holds {
        let ring = self.ring();
        let (first, next) = ring.range();
        Holds {
            first,
            next,
            memory: ring.memory() as u64,
            limit: ring.limit as u64,
            forgotten: ring.forgotten,
        }
    }

    /// Waits until something came or went since the last call returned. For one waiter.
    pub async fn changed(&self) {
        self.changed.notified().await;
    }

    /// Begins a connection. What the one before had not written wholly counts as broken off.
    pub fn connect(self: &Arc<Self>, version: ProtocolVersion) -> Head {
        let connection = self.ring().connect(version);
        Head {
            tape: Arc::clone(self),
            connection,
            received: Follow::default(),
            sent: Follow::default(),
        }
    }

    /// Copies out packets in the order that is given, at most `most` bytes of each, and only so many that the wire need
    /// not wait: at least one where there is one. What is not kept is left out.
    ///
    /// Before them come those of `again` that have come to their end, seen at the same moment.
    pub fn copy(&self, again: &[u64], numbers: impl Iterator<Item = (u64, usize)>) -> Batch {
        let mut batch = Batch::default();
        let ring = self.ring();
        let ended = again.iter().filter(|number| ring.end_of(**number) != Some(End::Coming));
        for number in ended {
            batch.packets.extend(ring.copy(*number, KEPT, &mut batch.bytes));
        }
        for (number, most) in numbers {
            if batch.taken >= BATCH || batch.bytes.len() >= BATCH_BYTES {
                break;
            }
            batch.taken += 1;
            batch.packets.extend(ring.copy(number, most, &mut batch.bytes));
        }
        batch
    }

    /// Copies out one packet.
    pub fn packet(&self, number: u64) -> Option<(Packet, Vec<u8>)> {
        let mut bytes = Vec::new();
        let packet = self.ring().copy(number, KEPT, &mut bytes)?;
        Some((packet, bytes))
    }

    /// When packets came or went; none for those that are not kept.
    pub fn times(&self, numbers: &[u64]) -> Vec<Option<i64>> {
        let ring = self.ring();
        numbers.iter().map(|number| ring.time(*number)).collect()
    }

    fn ring(&self) -> MutexGuard<'_, Ring> {
        self.ring.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One connection's end of the tape, held by its wire. Dropping it ends the connection on the tape.
#[derive(Debug)]
pub struct Head {
    tape: Arc<Tape>,
    connection: u32,
    received: Follow,
    sent: Follow,
}

impl Head {
    /// Takes down bytes that were just read or written. Each byte of the connection is to be given once, in its order.
    pub fn take(&mut self, direction: Direction, bytes: &[u8]) {
        if bytes.is_empty() {
            return;
        }
        let follow = if direction == Direction::Sent { &mut self.sent } else { &mut self.received };
        if !self.tape.is_on() {
            let mut at = 0;
            while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
                at += follow.next(rest).len;
            }
            return;
        }
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let time_us = i64::try_from(now.as_micros()).unwrap_or(i64::MAX);
        self.tape.ring().append(self.connection, direction, bytes, time_us, follow);
        self.tape.changed.notify_one();
    }
}

impl Drop for Head {
    fn drop(&mut self) {
        self.tape.ring().end_connection(self.connection);
        self.tape.changed.notify_one();
    }
}
