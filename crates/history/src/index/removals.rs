//! What left the index, for those who follow it.
//!
//! A view keeps ids of its own and must let go of those that are gone. Looking all of them up after each removal
//! would cost more than the removal, so the last ones are kept as ranges; who comes too late for them is told so.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;

/// Removals that are kept: some seconds of continuous retention.
const KEPT: usize = 1_024;

/// The last removals, and how many there were.
#[derive(Default)]
pub(crate) struct Removals {
    count: u64,
    last: VecDeque<Arc<[Range<u64>]>>,
}

/// What was removed since somebody looked.
pub(crate) enum Gone {
    /// Rows with ids in these ranges, the earlier removals first.
    Ranges(Vec<Arc<[Range<u64>]>>),
    /// More than is kept here; every id must be looked up.
    Unknown,
}

impl Removals {
    pub(super) fn add(&mut self, ranges: &[Range<u64>]) {
        self.count += 1;
        if self.last.len() == KEPT {
            self.last.pop_front();
        }
        self.last.push_back(ranges.into());
    }

    /// How many there were; goes on over a clear.
    pub(crate) fn count(&self) -> u64 {
        self.count
    }

    /// Those since there were `seen`.
    pub(crate) fn since(&self, seen: u64) -> Gone {
        let new = self.count.saturating_sub(seen) as usize;
        match self.last.len().checked_sub(new) {
            Some(old) => Gone::Ranges(self.last.iter().skip(old).cloned().collect()),
            None => Gone::Unknown,
        }
    }
}
