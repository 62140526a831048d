//! A block of the index: at most 65,536 rows in columns.
//!
//! As long as ids follow each other a block holds the first only. Where rows were taken out of its middle, or ids
//! leave a gap, it lists them, for four bytes a row more; what goes from its front costs nothing.

use std::ops::Range;
use std::sync::Arc;

use mqttscope_model::Direction;

use super::Entry;
use crate::filter::Cheap;
use crate::flags::Flags;

/// Rows a block holds at most.
pub(super) const BLOCK_ROWS: usize = 65_536;

/// Rows that are compared with a topic at once.
const STRIP: usize = 512;

/// The ids of a block's rows.
pub(super) enum Ids {
    /// They follow each other from here.
    From(u64),
    /// They lie so far above the base.
    Above(u64, Vec<u32>),
}

/// Rows with rising ids and times within 49 days.
pub(super) struct Block {
    pub(super) first_index: u64,
    pub(super) ids: Ids,
    /// Not later than any row's time; the first row's as long as that is there.
    pub(super) first_time_us: i64,
    /// Whole milliseconds since `first_time_us`.
    pub(super) time_ms: Vec<u32>,
    pub(super) topic: Vec<u32>,
    pub(super) length: Vec<u32>,
    pub(super) flags: Vec<Flags>,
    /// Whether the file has it as it is.
    pub(super) stored: bool,
}

/// What a row counts for.
#[derive(Clone, Copy)]
pub(super) struct Weighed {
    pub(super) topic: u32,
    pub(super) length: u32,
    pub(super) direction: Direction,
}

impl Block {
    pub(super) fn begin(first_index: u64, entry: &Entry) -> Self {
        Self {
            first_index,
            ids: Ids::From(entry.id.0),
            first_time_us: entry.time_us,
            time_ms: Vec::new(),
            topic: Vec::new(),
            length: Vec::new(),
            flags: Vec::new(),
            stored: false,
        }
    }

    pub(super) fn is_full(&self) -> bool {
        self.len() == BLOCK_ROWS
    }

    /// The time of the last row, to the millisecond below.
    pub(super) fn last_time_us(&self) -> i64 {
        let last_ms = self.time_ms.last().copied().map_or(0, i64::from);
        self.first_time_us.saturating_add(last_ms * 1_000)
    }

    pub(super) fn len(&self) -> usize {
        self.flags.len()
    }

    pub(super) fn end_index(&self) -> u64 {
        self.first_index + self.len() as u64
    }

    pub(super) fn first_id(&self) -> u64 {
        self.id(0)
    }

    /// One more than the last id.
    pub(super) fn end_id(&self) -> u64 {
        self.len().checked_sub(1).map_or_else(|| self.first_id(), |last| self.id(last) + 1)
    }

    /// The id of a row that is there.
    pub(super) fn id(&self, offset: usize) -> u64 {
        match &self.ids {
            Ids::From(first) => first + offset as u64,
            Ids::Above(base, above) => base + above.get(offset).copied().map_or(0, u64::from),
        }
    }

    /// Where the first row is that is not before an id.
    pub(super) fn offset(&self, id: u64) -> usize {
        match &self.ids {
            Ids::From(first) => id.saturating_sub(*first).min(self.len() as u64) as usize,
            Ids::Above(base, above) => above.partition_point(|far| base + u64::from(*far) < id),
        }
    }

    /// Where the first row is whose time is not before `time_us`, to the millisecond.
    pub(super) fn offset_at(&self, time_us: i64) -> usize {
        let wanted = time_us.saturating_sub(self.first_time_us) / 1000;
        self.time_ms.partition_point(|ms| i64::from(*ms) < wanted)
    }

    pub(super) fn row(&self, offset: usize) -> Option<(u32, u32, Flags)> {
        Some((*self.topic.get(offset)?, *self.length.get(offset)?, *self.flags.get(offset)?))
    }

    /// The last row that has a topic, among the first `until`.
    pub(super) fn last_on(&self, topic: u32, until: usize) -> Option<usize> {
        let mut end = until.min(self.len());
        for strip in self.topic.get(..end)?.rchunks(STRIP) {
            end -= strip.len();
            // Without a way out in its middle the loop compares many rows at once.
            if strip.iter().fold(false, |found, here| found | (*here == topic)) {
                return Some(end + strip.iter().rposition(|here| *here == topic)?);
            }
        }
        None
    }

    pub(super) fn length(&self, offset: usize) -> u32 {
        self.length.get(offset).copied().unwrap_or_default()
    }

    pub(super) fn pick(
        &self,
        cheap: &mut Cheap,
        range: &Range<u64>,
        topics: &[Arc<str>],
        picked: &mut Vec<u64>,
    ) {
        let base_ms = self.first_time_us.div_euclid(1_000);
        let last_ms = base_ms + self.time_ms.last().copied().map_or(0, i64::from);
        // The times here are whole milliseconds since a time that is none: one more on either side.
        if cheap.misses(base_ms - 1, last_ms + 1) {
            return;
        }
        let (from, until) = (self.offset(range.start), self.offset(range.end));
        let rows = self.time_ms.iter().zip(&self.topic).zip(&self.length).zip(&self.flags);
        for (offset, (((time_ms, topic), length), flags)) in rows.enumerate().take(until).skip(from)
        {
            let time_us = self.first_time_us + i64::from(*time_ms) * 1_000;
            if cheap.passes(time_us.div_euclid(1_000), *topic, *length, *flags, topics) {
                picked.push(self.id(offset));
            }
        }
    }

    /// Whether the entry was taken; not where the block is full, or ids or times are too far apart.
    pub(super) fn push(&mut self, entry: &Entry) -> bool {
        let since = entry.time_us.saturating_sub(self.first_time_us) / 1000;
        let Ok(time_ms) = u32::try_from(since) else { return false };
        if self.len() >= BLOCK_ROWS || !self.push_id(entry.id.0) {
            return false;
        }
        self.time_ms.push(time_ms);
        self.topic.push(entry.topic);
        self.length.push(entry.length);
        self.flags.push(entry.flags);
        self.stored = false;
        true
    }

    fn push_id(&mut self, id: u64) -> bool {
        let len = self.len();
        if let Ids::From(first) = self.ids {
            if id == first + len as u64 {
                return true;
            }
            if u32::try_from(id.saturating_sub(first)).is_err() {
                return false;
            }
            self.ids = Ids::Above(first, (0..).take(len).collect());
        }
        let Ids::Above(base, above) = &mut self.ids else { return false };
        let Ok(far) = u32::try_from(id.saturating_sub(*base)) else { return false };
        above.push(far);
        true
    }

    /// Takes out the rows with ids in the ranges, which rise, and tells each.
    pub(super) fn remove(&mut self, ranges: &[Range<u64>], mut gone: impl FnMut(Weighed)) {
        let spans: Vec<Range<usize>> = ranges
            .iter()
            .map(|range| self.offset(range.start)..self.offset(range.end))
            .filter(|span| !span.is_empty())
            .collect();
        for offset in spans.iter().cloned().flatten() {
            if let Some((topic, length, flags)) = self.row(offset) {
                gone(Weighed { topic, length, direction: flags.direction() });
            }
        }
        match spans.as_slice() {
            [] => return,
            [only] if only.start == 0 => self.drop_front(only.end),
            spans => self.drop_among(spans),
        }
        self.stored = false;
        if self.flags.capacity() > 2 * self.len() {
            self.shrink();
        }
    }

    fn drop_front(&mut self, count: usize) {
        match &mut self.ids {
            Ids::From(first) => *first += count as u64,
            Ids::Above(_, above) => drop(above.drain(..count)),
        }
        self.time_ms.drain(..count);
        self.topic.drain(..count);
        self.length.drain(..count);
        self.flags.drain(..count);
    }

    fn drop_among(&mut self, spans: &[Range<usize>]) {
        if let Ids::From(first) = self.ids {
            self.ids = Ids::Above(first, (0..).take(self.len()).collect());
        }
        if let Ids::Above(_, above) = &mut self.ids {
            strike(above, spans);
        }
        strike(&mut self.time_ms, spans);
        strike(&mut self.topic, spans);
        strike(&mut self.length, spans);
        strike(&mut self.flags, spans);
    }

    fn shrink(&mut self) {
        if let Ids::Above(_, above) = &mut self.ids {
            above.shrink_to_fit();
        }
        self.time_ms.shrink_to_fit();
        self.topic.shrink_to_fit();
        self.length.shrink_to_fit();
        self.flags.shrink_to_fit();
    }
}

/// Removes the spans, which rise and do not meet, in one pass.
pub(crate) fn strike<T>(column: &mut Vec<T>, spans: &[Range<usize>]) {
    let mut spans = spans.iter().peekable();
    let mut at = 0;
    column.retain(|_| {
        let here = at;
        at += 1;
        while spans.next_if(|span| span.end <= here).is_some() {}
        spans.peek().is_none_or(|span| here < span.start)
    });
}
