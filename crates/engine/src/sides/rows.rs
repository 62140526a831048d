//! The rows of a comparison, sorted by time and number, in blocks that know how many they have of each kind.
//!
//! A row is stored in 56 bytes: ids, times, the kind and the topic, which it shares with the history. All else is read
//! from the histories for the rows of a page. A row changes its kind where it lies, and a place among the rows of
//! some kinds is found by adding up what two thousand blocks say of themselves, so no list by kind has to be kept. At most
//! the limit is kept; the oldest verdicts go first, a block's at once, and what waits stays.

use std::collections::VecDeque;
use std::num::NonZeroU64;
use std::sync::Arc;

use mqttscope_model::MessageId;

use super::pairing::{Change, Message, RowKey, Side, Verdict};
use crate::api::{SidesCounts, SidesDifference, SidesFrom, SidesKind};

/// Rows of a block at most.
const BLOCK: usize = 512;

const KINDS: usize = 6;

/// A row as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Stored {
    /// When the first of both was recorded.
    time_us: i64,
    number: u64,
    topic: Arc<str>,
    left: Option<NonZeroU64>,
    right: Option<NonZeroU64>,
    /// How much later the second one was recorded: an hour at most.
    apart_us: u32,
    /// The first of both is the right one.
    right_is_first: bool,
    kind: SidesKind,
    difference: Option<SidesDifference>,
}

impl Stored {
    fn begin(key: RowKey, side: Side, message: Message) -> Self {
        let id = NonZeroU64::new(message.id.0);
        let (left, right) = match side {
            Side::Left => (id, None),
            Side::Right => (None, id),
        };
        Self {
            time_us: key.time_us,
            number: key.number,
            topic: message.topic,
            left,
            right,
            apart_us: 0,
            right_is_first: side == Side::Right,
            kind: SidesKind::Waiting,
            difference: None,
        }
    }

    pub(super) fn key(&self) -> RowKey {
        RowKey { time_us: self.time_us, number: self.number }
    }

    pub(super) fn topic(&self) -> &Arc<str> {
        &self.topic
    }

    pub(super) fn kind(&self) -> SidesKind {
        self.kind
    }

    pub(super) fn difference(&self) -> Option<SidesDifference> {
        self.difference
    }

    /// The message of a side, and when it was recorded.
    pub(super) fn message(&self, side: Side) -> Option<(MessageId, i64)> {
        let (id, is_first) = match side {
            Side::Left => (self.left, !self.right_is_first),
            Side::Right => (self.right, self.right_is_first),
        };
        let later = if is_first { 0 } else { i64::from(self.apart_us) };
        Some((MessageId(id?.get()), self.time_us.saturating_add(later)))
    }

    /// With the message of the other side, which takes the row's time back where it is the older one.
    fn with(mut self, side: Side, id: Option<NonZeroU64>, time_us: i64, verdict: Verdict) -> Self {
        match side {
            Side::Left => self.left = id,
            Side::Right => self.right = id,
        }
        self.apart_us = u32::try_from(time_us.abs_diff(self.time_us)).unwrap_or(u32::MAX);
        if time_us < self.time_us {
            (self.time_us, self.right_is_first) = (time_us, side == Side::Right);
        }
        (self.kind, self.difference) = match verdict {
            Verdict::Same => (SidesKind::Same, None),
            Verdict::Late => (SidesKind::Late, None),
            Verdict::Payload => (SidesKind::Different, Some(SidesDifference::Payload)),
            Verdict::Properties => (SidesKind::Different, Some(SidesDifference::Properties)),
        };
        self
    }
}

#[derive(Debug, Default)]
struct Block {
    /// Rising.
    rows: Vec<Stored>,
    counts: [u32; KINDS],
}

/// All rows.
#[derive(Debug)]
pub(super) struct Rows {
    /// None of them empty.
    blocks: VecDeque<Block>,
    counts: [u64; KINDS],
    limit: u64,
    let_go: u64,
}

/// Some rows of the kinds that were asked for.
#[derive(Debug)]
pub(super) struct Piece {
    /// The place of the first.
    pub(super) first: u64,
    pub(super) total: u64,
    pub(super) anchor: Option<u64>,
    pub(super) rows: Vec<Stored>,
}

impl Rows {
    pub(super) fn new(limit: u64) -> Self {
        Self { blocks: VecDeque::new(), counts: [0; KINDS], limit, let_go: 0 }
    }

    pub(super) fn counts(&self) -> SidesCounts {
        let [same, late, different, missing_left, missing_right, waiting] = self.counts;
        SidesCounts { same, late, different, missing_left, missing_right, waiting }
    }

    pub(super) fn let_go(&self) -> u64 {
        self.let_go
    }

    pub(super) fn apply(&mut self, change: Change) {
        match change {
            Change::Begun { row, side, message } => {
                self.insert(Stored::begin(row, side, message));
            }
            Change::Joined { row, side, message, verdict } => {
                let id = NonZeroU64::new(message.id.0);
                self.replace(row, |found| found.with(side, id, message.time_us, verdict));
            }
            Change::Merged { one, other, verdict } => {
                let (older, newer) = (one.min(other), one.max(other));
                let Some(taken) = self.take(newer) else { return };
                let side = if taken.left.is_some() { Side::Left } else { Side::Right };
                let id = taken.left.or(taken.right);
                self.replace(older, |found| found.with(side, id, taken.time_us, verdict));
            }
            Change::Missing { row } => self.replace(row, |mut found| {
                let on_the_right = found.left.is_none();
                found.kind =
                    if on_the_right { SidesKind::MissingLeft } else { SidesKind::MissingRight };
                found
            }),
        }
        self.keep_to_the_limit();
    }

    /// A piece of the rows of some kinds.
    pub(super) fn piece(&self, kinds: &[SidesKind], from: SidesFrom, count: u32) -> Piece {
        let mut wanted = [false; KINDS];
        for kind in kinds {
            if let Some(wanted) = wanted.get_mut(place(*kind)) {
                *wanted = true;
            }
        }
        let total = chosen(&self.counts, wanted).sum();
        let (first, anchor) = match from {
            SidesFrom::Place { place } => (place.min(total), None),
            SidesFrom::End => (total.saturating_sub(count.into()), None),
            SidesFrom::Row { time_us, number, before } => {
                let anchor = self.before(RowKey { time_us, number }, wanted);
                (anchor.saturating_sub(before.into()), Some(anchor))
            }
        };
        Piece { first, total, anchor, rows: self.some(wanted, first, count) }
    }

    fn some(&self, wanted: [bool; KINDS], first: u64, count: u32) -> Vec<Stored> {
        let (mut skip, count) = (first, count as usize);
        let mut rows = Vec::with_capacity(count.min(BLOCK));
        for block in &self.blocks {
            let here: u64 = chosen(&block.counts, wanted).map(u64::from).sum();
            if skip >= here {
                skip -= here;
                continue;
            }
            let of_kind = block.rows.iter().filter(|row| is(row.kind, wanted));
            rows.extend(of_kind.skip(skip as usize).take(count - rows.len()).cloned());
            skip = 0;
            if rows.len() == count {
                break;
            }
        }
        rows
    }

    /// How many rows of these kinds lie before a row.
    fn before(&self, key: RowKey, wanted: [bool; KINDS]) -> u64 {
        let at = self.block_of(key);
        let whole = self.blocks.iter().take(at);
        let whole: u64 =
            whole.map(|block| chosen(&block.counts, wanted).map(u64::from).sum::<u64>()).sum();
        let part = self.blocks.get(at).map_or(0, |block| {
            let before = block.rows.iter().take_while(|row| row.key() < key);
            before.filter(|row| is(row.kind, wanted)).count()
        });
        whole + part as u64
    }

    /// The block that has a row, or would have it.
    fn block_of(&self, key: RowKey) -> usize {
        let begins = |block: &Block| block.rows.first().is_some_and(|row| row.key() <= key);
        self.blocks.partition_point(begins).saturating_sub(1)
    }

    fn insert(&mut self, row: Stored) {
        let at = self.block_of(row.key());
        let is_last = at + 1 >= self.blocks.len();
        let full = self.blocks.get(at).is_none_or(|block| block.rows.len() >= BLOCK);
        let at = if full { self.make_room(at, is_last, row.key()) } else { at };
        if let (Some(block), Some(count)) =
            (self.blocks.get_mut(at), self.counts.get_mut(place(row.kind)))
        {
            *count += 1;
            block.insert(row);
        }
    }

    /// Gives a full block a neighbour: an empty one where the row comes behind all others, else its second half.
    fn make_room(&mut self, at: usize, is_last: bool, key: RowKey) -> usize {
        let Some(block) = self.blocks.get_mut(at) else {
            self.blocks.push_back(Block::empty());
            return 0;
        };
        let behind_all = is_last && block.rows.last().is_some_and(|last| last.key() < key);
        let next = if behind_all { Block::empty() } else { block.halve() };
        let goes_behind = next.rows.first().is_none_or(|first| first.key() <= key);
        self.blocks.insert(at + 1, next);
        if goes_behind { at + 1 } else { at }
    }

    fn take(&mut self, key: RowKey) -> Option<Stored> {
        let at = self.block_of(key);
        let block = self.blocks.get_mut(at)?;
        let offset = block.rows.binary_search_by_key(&key, Stored::key).ok()?;
        let row = block.rows.remove(offset);
        block.count(row.kind, false);
        if block.rows.is_empty() {
            self.blocks.remove(at);
        }
        if let Some(count) = self.counts.get_mut(place(row.kind)) {
            *count -= 1;
        }
        Some(row)
    }

    /// Changes a row; where it lies as long as its time stays.
    fn replace(&mut self, key: RowKey, change: impl FnOnce(Stored) -> Stored) {
        let at = self.block_of(key);
        let Some(block) = self.blocks.get_mut(at) else { return };
        let Ok(offset) = block.rows.binary_search_by_key(&key, Stored::key) else { return };
        let Some(row) = block.rows.get_mut(offset) else { return };
        let (before, changed) = (row.kind, change(row.clone()));
        if changed.key() != key {
            self.take(key);
            self.insert(changed);
            return;
        }
        let after = changed.kind;
        *row = changed;
        block.count(before, false);
        block.count(after, true);
        if let Some(count) = self.counts.get_mut(place(before)) {
            *count -= 1;
        }
        if let Some(count) = self.counts.get_mut(place(after)) {
            *count += 1;
        }
    }

    fn keep_to_the_limit(&mut self) {
        let waiting = place(SidesKind::Waiting);
        while self.counts.iter().sum::<u64>() > self.limit {
            let has_verdicts = |block: &Block| {
                let waits = block.counts.get(waiting).copied().unwrap_or_default();
                block.rows.len() > waits as usize
            };
            // Less than the limit waits, so there is one.
            let Some(at) = self.blocks.iter().position(has_verdicts) else { return };
            let Some(block) = self.blocks.get_mut(at) else { return };
            for (kind, (all, here)) in self.counts.iter_mut().zip(&mut block.counts).enumerate() {
                if kind != waiting {
                    *all -= u64::from(*here);
                    self.let_go += u64::from(*here);
                    *here = 0;
                }
            }
            block.rows.retain(|row| row.kind == SidesKind::Waiting);
            if block.rows.is_empty() {
                self.blocks.remove(at);
            }
        }
    }
}

impl Block {
    fn empty() -> Self {
        Self { rows: Vec::with_capacity(BLOCK), counts: [0; KINDS] }
    }

    fn insert(&mut self, row: Stored) {
        self.count(row.kind, true);
        let offset = self.rows.partition_point(|before| before.key() < row.key());
        self.rows.insert(offset, row);
    }

    fn count(&mut self, kind: SidesKind, comes: bool) {
        if let Some(count) = self.counts.get_mut(place(kind)) {
            *count = if comes { *count + 1 } else { *count - 1 };
        }
    }

    /// Takes the second half out.
    fn halve(&mut self) -> Self {
        let mut half = Self::empty();
        half.rows.extend(self.rows.drain(self.rows.len() / 2..));
        self.counts = [0; KINDS];
        for block in [&mut *self, &mut half] {
            for kind in block.rows.iter().map(|row| row.kind).collect::<Vec<_>>() {
                block.count(kind, true);
            }
        }
        half
    }
}

fn place(kind: SidesKind) -> usize {
    match kind {
        SidesKind::Same => 0,
        SidesKind::Late => 1,
        SidesKind::Different => 2,
        SidesKind::MissingLeft => 3,
        SidesKind::MissingRight => 4,
        SidesKind::Waiting => 5,
    }
}

fn is(kind: SidesKind, wanted: [bool; KINDS]) -> bool {
    wanted.get(place(kind)).copied().unwrap_or_default()
}

fn chosen<T: Copy>(counts: &[T; KINDS], wanted: [bool; KINDS]) -> impl Iterator<Item = T> {
    counts.iter().zip(wanted).filter_map(|(count, wanted)| wanted.then_some(*count))
}

#[cfg(test)]
mod tests;
