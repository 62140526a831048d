//! The timeline of a tape: pages, filters, exchanges, details.

mod exchange;
mod index;
mod lines;
mod notes;
mod page;
mod rows;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use mqttscope_model::{
    PacketDetail, PacketFilter, PacketFrom, PacketPage, PacketRow, PacketsState, PingTime,
};

use crate::decode::Gist;
use crate::tape::{Packet, Tape};
use index::Index;
pub(crate) use index::Picked;

/// Lines of a page at most.
const PAGE: u32 = 1_000;
/// Pings that are told at most.
const PINGS: usize = 1_000;

/// A tape with the index that is built when somebody looks. Its methods may take a while where much came since the last
/// time, and belong on a thread that may block; only [`Timeline::state`] returns at once.
#[derive(Debug)]
pub struct Timeline {
    tape: Arc<Tape>,
    index: Mutex<Index>,
    /// As of the last look.
    faults: AtomicU64,
}

impl Timeline {
    /// The timeline of a tape.
    pub fn new(tape: Arc<Tape>) -> Self {
        Self { tape, index: Mutex::new(Index::new()), faults: AtomicU64::new(0) }
    }

    /// The tape.
    pub fn tape(&self) -> &Arc<Tape> {
        &self.tape
    }

    /// What it holds. The faults are those that were known when somebody looked last.
    pub fn state(&self) -> PacketsState {
        let holds = self.tape.holds();
        PacketsState {
            on: self.tape.is_on(),
            packets: holds.next - holds.first,
            last: (holds.next > 1).then(|| holds.next - 1),
            bytes: holds.memory,
            limit: holds.limit,
            forgotten: holds.forgotten,
            faults: self.faults.load(Ordering::Relaxed),
        }
    }

    /// Reads what came since the last look.
    pub fn look(&self) {
        drop(self.caught_up());
    }

    /// A page of the lines that a filter shows, at most 1,000.
    pub fn page(&self, filter: &PacketFilter, from: PacketFrom, count: u32) -> PacketPage {
        let mut index = self.caught_up();
        let count = u64::from(count.min(PAGE));
        let cut = page::cut(&mut index, &self.tape, filter, from, count);
        let rows = rows::rows(&index, &self.tape, &cut.numbers);
        PacketPage { first: cut.first, total: cut.total, anchor: cut.anchor, rows }
    }

    /// A packet with its fields, or none where it is not kept. Secrets are masked.
    pub fn detail(&self, number: u64) -> Option<PacketDetail> {
        let index = self.caught_up();
        rows::detail(&index, &self.tape, number)
    }

    /// The latest pings, at most 1,000, oldest first.
    pub fn pings(&self) -> Vec<PingTime> {
        let index = self.caught_up();
        let skipped = index.pings.len().saturating_sub(PINGS);
        let pings = index.pings.iter().skip(skipped);
        pings.filter_map(|ping| self.ping(&index, *ping)).collect()
    }

    /// Forgets all packets. Numbers go on.
    pub fn clear(&self) {
        self.tape.clear();
        self.look();
    }

    /// The packets that a filter lets through; grouping does not matter.
    pub(crate) fn picked(&self, filter: &PacketFilter) -> Picked {
        self.caught_up().picked(&self.tape, filter)
    }

    /// The line of a packet that was copied out.
    pub(crate) fn row(&self, packet: &Packet, gist: Gist<'_>) -> PacketRow {
        rows::row(&self.index(), &self.tape, packet, gist)
    }

    fn ping(&self, index: &Index, ping: u64) -> Option<PingTime> {
        let members = index.members(ping);
        let pong = members.get(1).copied().unwrap_or_default();
        let times = self.tape.times(&[ping, pong]);
        let time_us = times.first().copied().flatten()?;
        let came = times.get(1).copied().flatten();
        let took_us = came.and_then(|came| u64::try_from(came - time_us).ok());
        Some(PingTime { time_us, took_us })
    }

    fn index(&self) -> MutexGuard<'_, Index> {
        self.index.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn caught_up(&self) -> MutexGuard<'_, Index> {
        let mut index = self.index();
        index.catch_up(&self.tape);
        self.faults.store(index.faults, Ordering::Relaxed);
        index
    }
}
