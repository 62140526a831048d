//! Topic Names by their numbers, with how many rows have each.
//!
//! A topic of which no row is left loses its number in the end, and another gets it, so that a broker that makes up
//! topics for ever does not fill the memory. Whoever remembers something of a number must therefore forget it
//! when numbers were given again; `reassigned` counts that.

use std::ops::Range;
use std::sync::Arc;

/// The topics of an index.
#[derive(Default)]
pub(super) struct Names {
    names: Vec<Arc<str>>,
    rows: Vec<u32>,
    reassigned: u64,
}

impl Names {
    pub(super) fn names(&self) -> &[Arc<str>] {
        &self.names
    }

    /// How often a number got another topic.
    pub(super) fn reassigned(&self) -> u64 {
        self.reassigned
    }

    /// Gives a topic its number, from 1.
    pub(super) fn learn(&mut self, number: u32, name: Arc<str>) {
        let Some(at) = (number as usize).checked_sub(1) else { return };
        if at >= self.names.len() {
            self.names.resize_with(at + 1, || Arc::from(""));
            self.rows.resize(at + 1, 0);
        } else if self.names.get(at) != Some(&name) {
            self.reassigned += 1;
        }
        if let Some(slot) = self.names.get_mut(at) {
            *slot = name;
        }
    }

    /// A topic has no row any more and lost its number.
    pub(super) fn forget(&mut self, number: u32) {
        if let Some(slot) = (number as usize).checked_sub(1).and_then(|at| self.names.get_mut(at)) {
            *slot = Arc::from("");
            self.reassigned += 1;
        }
    }

    /// Forgets all.
    pub(super) fn clear(&mut self) {
        *self = Self { reassigned: self.reassigned + 1, ..Self::default() };
    }

    pub(super) fn get(&self, number: u32) -> Option<Arc<str>> {
        self.names.get((number as usize).checked_sub(1)?).cloned()
    }

    /// How many rows have the topic.
    pub(super) fn rows(&self, number: u32) -> u32 {
        (number as usize).checked_sub(1).and_then(|at| self.rows.get(at)).copied().unwrap_or(0)
    }

    pub(super) fn add_row(&mut self, number: u32) {
        if let Some(rows) = (number as usize).checked_sub(1).and_then(|at| self.rows.get_mut(at)) {
            *rows = rows.saturating_add(1);
        }
    }

    /// True where it was the topic's last row.
    pub(super) fn drop_row(&mut self, number: u32) -> bool {
        let Some(rows) = (number as usize).checked_sub(1).and_then(|at| self.rows.get_mut(at))
        else {
            return false;
        };
        *rows = rows.saturating_sub(1);
        *rows == 0
    }

    /// The topics at places in a range that have rows, the last first.
    pub(super) fn used(&self, range: Range<usize>) -> impl Iterator<Item = (&Arc<str>, u32)> {
        let names = self.names.get(range.clone()).unwrap_or_default();
        let rows = self.rows.get(range).unwrap_or_default();
        names.iter().zip(rows.iter().copied()).rev().filter(|(_, rows)| *rows > 0)
    }

    /// The numbers of topics without a row.
    pub(super) fn orphans(&self) -> Vec<u32> {
        let numbers = self.rows.iter().zip(1..);
        numbers.filter(|(rows, _)| **rows == 0).map(|(_, number)| number).collect()
    }
}
