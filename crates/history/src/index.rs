//! What every row shows without its payload, in memory: 13 bytes a row, in columns.
//!
//! The table in the window asks for rows by their place, filters will ask for topics and times;
//! neither may walk the file, and OFFSET would. So a committed row leaves its time, topic number,
//! size and flags here, in blocks of 65,536 rows whose ids follow each other. The price is 13 MB
//! for a million rows and a scan of the file when it is opened.

use std::ops::Range;
use std::sync::Arc;

use mqttscope_model::{Direction, MessageId};

use crate::filter::Cheap;
use crate::flags::Flags;

/// Rows a block holds at most.
const BLOCK_ROWS: usize = 65_536;

/// What the index keeps of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) id: MessageId,
    pub(crate) time_us: i64,
    pub(crate) topic: u32,
    pub(crate) length: u32,
    pub(crate) flags: Flags,
}

/// A row found by its place. Its exact time is in the file.
#[derive(Clone, Debug)]
pub(crate) struct Located {
    pub(crate) index: u64,
    pub(crate) id: MessageId,
    pub(crate) topic: Arc<str>,
    pub(crate) length: u32,
    pub(crate) flags: Flags,
}

/// Rows with consecutive ids and times within 49 days.
struct Block {
    first_index: u64,
    first_id: u64,
    first_time_us: i64,
    /// Whole milliseconds since `first_time_us`.
    time_ms: Vec<u32>,
    topic: Vec<u32>,
    length: Vec<u32>,
    flags: Vec<Flags>,
}

impl Block {
    fn begin(first_index: u64, entry: &Entry) -> Self {
        Self {
            first_index,
            first_id: entry.id.0,
            first_time_us: entry.time_us,
            time_ms: Vec::new(),
            topic: Vec::new(),
            length: Vec::new(),
            flags: Vec::new(),
        }
    }

    fn len(&self) -> usize {
        self.flags.len()
    }

    fn end_index(&self) -> u64 {
        self.first_index + self.len() as u64
    }

    fn end_id(&self) -> u64 {
        self.first_id + self.len() as u64
    }

    fn pick(
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
        let from = range.start.saturating_sub(self.first_id) as usize;
        let until = range.end.saturating_sub(self.first_id).min(self.len() as u64) as usize;
        let rows = self.time_ms.iter().zip(&self.topic).zip(&self.length).zip(&self.flags);
        for (offset, (((time_ms, topic), length), flags)) in rows.enumerate().take(until).skip(from)
        {
            let time_us = self.first_time_us + i64::from(*time_ms) * 1_000;
            if cheap.passes(time_us.div_euclid(1_000), *topic, *length, *flags, topics) {
                picked.push(self.first_id + offset as u64);
            }
        }
    }

    /// Whether the entry was taken; not where the block is full, or ids or times leave a gap.
    fn push(&mut self, entry: &Entry) -> bool {
        let follows = entry.id.0 == self.first_id + self.len() as u64;
        let since = entry.time_us.saturating_sub(self.first_time_us) / 1000;
        let Ok(time_ms) = u32::try_from(since) else { return false };
        if !follows || self.len() >= BLOCK_ROWS {
            return false;
        }
        self.time_ms.push(time_ms);
        self.topic.push(entry.topic);
        self.length.push(entry.length);
        self.flags.push(entry.flags);
        true
    }
}

/// The index of a history: exactly the committed rows.
#[derive(Default)]
pub(crate) struct Index {
    blocks: Vec<Block>,
    topics: Vec<Arc<str>>,
    received: u64,
    sent: u64,
}

impl Index {
    /// An index without rows over these topics, numbered from 1.
    pub(crate) fn over(topics: Vec<Arc<str>>) -> Self {
        Self { topics, ..Self::default() }
    }

    /// Adds Topic Names; their numbers follow those that are there.
    pub(crate) fn learn(&mut self, topics: Vec<Arc<str>>) {
        self.topics.extend(topics);
    }

    /// Adds a row behind the last. Ids rise and times do not go back.
    pub(crate) fn push(&mut self, entry: &Entry) {
        match entry.flags.direction() {
            Direction::Received => self.received += 1,
            Direction::Sent => self.sent += 1,
        }
        if self.blocks.last_mut().is_some_and(|last| last.push(entry)) {
            return;
        }
        let mut block = Block::begin(self.total(), entry);
        block.push(entry);
        self.blocks.push(block);
    }

    /// How many rows there are.
    pub(crate) fn total(&self) -> u64 {
        self.blocks.last().map_or(0, Block::end_index)
    }

    pub(crate) fn received(&self) -> u64 {
        self.received
    }

    pub(crate) fn sent(&self) -> u64 {
        self.sent
    }

    /// How many topics have a number.
    pub(crate) fn topic_count(&self) -> usize {
        self.topics.len()
    }

    /// The id of the first row.
    pub(crate) fn first_id(&self) -> Option<MessageId> {
        self.blocks.first().map(|block| MessageId(block.first_id))
    }

    /// The id of the last row.
    pub(crate) fn last_id(&self) -> Option<MessageId> {
        let last = self.blocks.last()?;
        Some(MessageId(last.first_id + (last.len() as u64).checked_sub(1)?))
    }

    /// The place of a message.
    pub(crate) fn position(&self, id: MessageId) -> Option<u64> {
        let after = self.blocks.partition_point(|block| block.first_id <= id.0);
        let block = self.blocks.get(after.checked_sub(1)?)?;
        let offset = id.0 - block.first_id;
        (offset < block.len() as u64).then(|| block.first_index + offset)
    }

    /// The place of the first row that is not older than a time, to the millisecond; the total
    /// where all are older.
    pub(crate) fn at_or_after(&self, time_us: i64) -> u64 {
        let after = self.blocks.partition_point(|block| block.first_time_us < time_us);
        let Some(block) = after.checked_sub(1).and_then(|before| self.blocks.get(before)) else {
            return 0;
        };
        let wanted = time_us.saturating_sub(block.first_time_us) / 1000;
        let offset = block.time_ms.partition_point(|ms| i64::from(*ms) < wanted);
        block.first_index + offset as u64
    }

    /// At most `count` rows from the place `first` on, in order.
    pub(crate) fn slice(&self, first: u64, count: u32) -> Vec<Located> {
        let end = first.saturating_add(u64::from(count)).min(self.total());
        let mut found = Vec::with_capacity(end.saturating_sub(first) as usize);
        let mut at = self.blocks.partition_point(|block| block.end_index() <= first);
        let mut index = first;
        while index < end {
            let Some(block) = self.blocks.get(at) else { break };
            let from = (index - block.first_index) as usize;
            let until = ((end - block.first_index) as usize).min(block.len());
            found.extend((from..until).filter_map(|offset| self.locate(block, offset)));
            index = block.first_index + until as u64;
            at += 1;
        }
        found
    }

    /// A row by its id.
    pub(crate) fn find(&self, id: MessageId) -> Option<Located> {
        self.slice(self.position(id)?, 1).pop()
    }

    /// How many rows have an id below this one.
    pub(crate) fn count_before(&self, id: MessageId) -> u64 {
        let after = self.blocks.partition_point(|block| block.first_id < id.0);
        let Some(block) = after.checked_sub(1).and_then(|at| self.blocks.get(at)) else { return 0 };
        block.first_index + (id.0 - block.first_id).min(block.len() as u64)
    }

    /// Adds the ids in `range` that pass, rising.
    pub(crate) fn pick(&self, cheap: &mut Cheap, range: Range<u64>, picked: &mut Vec<u64>) {
        let from = self.blocks.partition_point(|block| block.end_id() <= range.start);
        let blocks = self.blocks.get(from..).unwrap_or_default();
        for block in blocks.iter().take_while(|block| block.first_id < range.end) {
            block.pick(cheap, &range, &self.topics, picked);
        }
    }

    fn locate(&self, block: &Block, offset: usize) -> Option<Located> {
        let topic = (*block.topic.get(offset)? as usize).checked_sub(1)?;
        Some(Located {
            index: block.first_index + offset as u64,
            id: MessageId(block.first_id + offset as u64),
            topic: Arc::clone(self.topics.get(topic)?),
            length: *block.length.get(offset)?,
            flags: *block.flags.get(offset)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn index_of(rows: impl IntoIterator<Item = (u64, i64)>) -> Index {
        let mut index = Index::over(vec!["t".into()]);
        for (id, time_us) in rows {
            let flags = Flags::from_bits(i64::from(id % 2 == 0)).unwrap();
            index.push(&Entry { id: MessageId(id), time_us, topic: 1, length: id as u32, flags });
        }
        index
    }

    fn ids(rows: &[Located]) -> Vec<u64> {
        rows.iter().map(|row| row.id.0).collect()
    }

    #[test]
    fn rows_are_found_by_place_and_by_id_across_blocks() {
        let count = 2 * BLOCK_ROWS as u64 + 10;
        let index = index_of((0..count).map(|n| (n + 7, n as i64)));
        assert_eq!(index.total(), count);
        assert_eq!(index.blocks.len(), 3);
        let edge = BLOCK_ROWS as u64;
        assert_eq!(ids(&index.slice(edge - 2, 4)), [edge + 5, edge + 6, edge + 7, edge + 8]);
        assert_eq!(ids(&index.slice(count - 1, 500)), [count + 6]);
        assert!(index.slice(count, 10).is_empty());
        assert!(index.slice(u64::MAX, 10).is_empty());
        assert_eq!(index.position(MessageId(6)), None);
        assert_eq!(index.position(MessageId(7)), Some(0));
        assert_eq!(index.position(MessageId(edge + 7)), Some(edge));
        assert_eq!(index.position(MessageId(count + 7)), None);
        assert_eq!(
            (index.first_id(), index.last_id()),
            (Some(MessageId(7)), Some(MessageId(count + 6)))
        );
        assert_eq!(index.received() + index.sent(), count);
    }

    #[test]
    fn gaps_in_the_ids_leave_no_gap_in_the_places() {
        let index = index_of([(3, 0), (4, 1), (10, 2), (11, 3), (40, 4)]);
        assert_eq!(ids(&index.slice(0, 9)), [3, 4, 10, 11, 40]);
        assert_eq!(ids(&index.slice(1, 3)), [4, 10, 11]);
        let places: Vec<_> = index.slice(0, 9).iter().map(|row| row.index).collect();
        assert_eq!(places, [0, 1, 2, 3, 4]);
        assert_eq!(index.position(MessageId(5)), None);
        assert_eq!(index.position(MessageId(11)), Some(3));
    }

    #[test]
    fn a_time_leads_to_the_first_row_that_is_not_older() {
        let day = 86_400_000_000;
        let index = index_of([(1, 0), (2, 5_000), (3, 5_000), (4, 60 * day), (5, 61 * day)]);
        assert_eq!(index.at_or_after(-1), 0);
        assert_eq!(index.at_or_after(5_000), 1);
        assert_eq!(index.at_or_after(day), 3);
        assert_eq!(index.at_or_after(61 * day), 4);
        assert_eq!(index.at_or_after(62 * day), 5);
    }

    #[test]
    fn an_empty_index_has_no_rows() {
        let index = Index::default();
        assert_eq!((index.total(), index.first_id(), index.last_id()), (0, None, None));
        assert!(index.slice(0, 10).is_empty());
        assert_eq!(index.at_or_after(0), 0);
    }
}
