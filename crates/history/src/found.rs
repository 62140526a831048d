//! What a view has found: ids on both sides of a border, four bytes each.

use std::ops::Range;

use mqttscope_model::MessageId;

use crate::index::strike;

/// Ids of matches on both sides of a border.
#[derive(Debug)]
pub(crate) struct Found {
    /// The border: the last id that was there when the view began.
    base: u64,
    /// How far below the border, rising: newest first.
    older: Vec<u32>,
    /// How far above the border, rising: oldest first.
    newer: Vec<u32>,
}

impl Found {
    /// Nothing yet.
    pub(crate) fn from(base: u64) -> Self {
        Self { base, older: Vec::new(), newer: Vec::new() }
    }

    pub(crate) fn len(&self) -> u64 {
        (self.older.len() + self.newer.len()) as u64
    }

    /// The id at a place, oldest first.
    pub(crate) fn at(&self, place: u64) -> Option<MessageId> {
        let place = usize::try_from(place).ok()?;
        match self.older.len().checked_sub(place + 1) {
            Some(below) => Some(MessageId(self.base - u64::from(*self.older.get(below)?))),
            None => {
                let above = self.newer.get(place - self.older.len())?;
                Some(MessageId(self.base + u64::from(*above)))
            }
        }
    }

    /// The place of the first match that is not before an id.
    pub(crate) fn place(&self, id: MessageId) -> u64 {
        if id.0 > self.base {
            let above = id.0 - self.base;
            let before = self.newer.partition_point(|found| u64::from(*found) < above);
            return (self.older.len() + before) as u64;
        }
        let below = self.base - id.0;
        let newer = self.older.partition_point(|found| u64::from(*found) <= below);
        (self.older.len() - newer) as u64
    }

    /// Adds matches below the border, newest first.
    pub(crate) fn add_older(&mut self, ids: impl Iterator<Item = u64>) {
        // 2^32 messages before the border are more than a file holds.
        self.older.extend(ids.filter_map(|id| u32::try_from(self.base - id).ok()));
    }

    /// Adds matches above the border, oldest first.
    pub(crate) fn add_newer(&mut self, ids: impl Iterator<Item = u64>) {
        self.newer.extend(ids.filter_map(|id| u32::try_from(id - self.base).ok()));
    }

    /// Forgets what left the history: ids in these ranges, which rise.
    pub(crate) fn forget(&mut self, ranges: &[Range<u64>]) {
        let all = self.older.len();
        let (mut older, mut newer) = (Vec::new(), Vec::new());
        for range in ranges {
            let from = self.place(MessageId(range.start)) as usize;
            let until = self.place(MessageId(range.end)) as usize;
            if from < until.min(all) {
                older.push(all - until.min(all)..all - from);
            }
            if from.max(all) < until {
                newer.push(from.max(all) - all..until - all);
            }
        }
        older.reverse();
        strike_off(&mut self.older, &older);
        strike_off(&mut self.newer, &newer);
    }

    /// Forgets what is not in the history, whenever it left.
    pub(crate) fn keep(&mut self, mut there: impl FnMut(u64) -> bool) {
        let base = self.base;
        self.older.retain(|below| there(base - u64::from(*below)));
        self.newer.retain(|above| there(base + u64::from(*above)));
    }

    pub(crate) fn ids(&self) -> Vec<u64> {
        let older = self.older.iter().rev().map(|below| self.base - u64::from(*below));
        older.chain(self.newer.iter().map(|above| self.base + u64::from(*above))).collect()
    }
}

/// Removes the spans, which rise, for the price of what lies behind the first of them.
fn strike_off(column: &mut Vec<u32>, spans: &[Range<usize>]) {
    match spans {
        [] => {}
        [only] => drop(column.drain(only.clone())),
        spans => strike(column, spans),
    }
    if column.capacity() > 4 * column.len() + 1_024 {
        column.shrink_to_fit();
    }
}
