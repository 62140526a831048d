//! What every row shows without its payload, in memory: 13 bytes a row, in columns.
//!
//! The table in the window asks for rows by their place, filters will ask for topics and times;
//! neither may walk the file, and OFFSET would. So a committed row leaves its time, topic number,
//! size and flags here, in blocks of 65,536 rows whose ids follow each other. The price is 13 MB
//! for a million rows, and reading the blocks back when the file is opened.

mod block;
mod names;
mod packed;
mod removals;

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

use mqttscope_model::{Direction, MessageId};

use self::block::Block;
pub(crate) use self::block::strike;
use self::names::Names;
pub(crate) use self::packed::{About, Packed};
pub(crate) use self::removals::{Gone, Removals};
use crate::filter::Cheap;
use crate::flags::Flags;

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

/// Rows that are to go: ids in rising ranges, of which the index holds so many and so much.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Going {
    pub(crate) ranges: Vec<Range<u64>>,
    pub(crate) rows: u64,
    /// Bytes of payload.
    pub(crate) bytes: u64,
}

/// How much an index holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Outline {
    pub(crate) total: u64,
    pub(crate) received: u64,
    pub(crate) sent: u64,
    /// Bytes of all payloads.
    pub(crate) payload_bytes: u64,
    pub(crate) first_id: Option<MessageId>,
    pub(crate) last_id: Option<MessageId>,
}

/// How much may go at once.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Portion {
    pub(crate) rows: u64,
    pub(crate) bytes: u64,
}

/// The index of a history: exactly the committed rows.
#[derive(Default)]
pub(crate) struct Index {
    blocks: Vec<Block>,
    names: Names,
    received: u64,
    sent: u64,
    payload_bytes: u64,
    removals: Removals,
}

impl Index {
    /// Gives Topic Names their numbers.
    pub(crate) fn learn(&mut self, topics: impl IntoIterator<Item = (u32, Arc<str>)>) {
        for (number, name) in topics {
            self.names.learn(number, name);
        }
    }

    /// Topics without rows lost their numbers.
    pub(crate) fn forget(&mut self, topics: &[u32]) {
        for number in topics {
            self.names.forget(*number);
        }
    }

    /// Adds a row behind the last. Ids rise and times do not go back.
    pub(crate) fn push(&mut self, entry: &Entry) {
        match entry.flags.direction() {
            Direction::Received => self.received += 1,
            Direction::Sent => self.sent += 1,
        }
        self.payload_bytes += u64::from(entry.length);
        self.names.add_row(entry.topic);
        if self.blocks.last_mut().is_some_and(|last| last.push(entry)) {
            return;
        }
        let mut block = Block::begin(self.total(), entry);
        block.push(entry);
        self.blocks.push(block);
    }

    /// Takes rows out; the places behind them move up. Gives the topics of which no row is left.
    pub(crate) fn remove(&mut self, ranges: &[Range<u64>]) -> Vec<u32> {
        let (Some(first), Some(last)) = (ranges.first(), ranges.last()) else { return Vec::new() };
        let mut orphans = Vec::new();
        let from = self.blocks.partition_point(|block| block.end_id() <= first.start);
        let Self { blocks, names, received, sent, payload_bytes, .. } = self;
        let touched = blocks.iter_mut().skip(from).take_while(|block| block.first_id() < last.end);
        for block in touched {
            let after = ranges.partition_point(|range| range.end <= block.first_id());
            block.remove(ranges.get(after..).unwrap_or_default(), |row| {
                match row.direction {
                    Direction::Received => *received -= 1,
                    Direction::Sent => *sent -= 1,
                }
                *payload_bytes -= u64::from(row.length);
                if names.drop_row(row.topic) {
                    orphans.push(row.topic);
                }
            });
        }
        self.blocks.retain(|block| block.len() > 0);
        let mut first_index = 0;
        for block in &mut self.blocks {
            block.first_index = first_index;
            first_index = block.end_index();
        }
        if self.blocks.capacity() > 2 * self.blocks.len() + 64 {
            self.blocks.shrink_to_fit();
        }
        self.removals.add(ranges);
        orphans
    }

    /// Takes everything out, topics included, and gives how many rows that were.
    pub(crate) fn clear(&mut self) -> u64 {
        let total = self.total();
        let end = self.last_id().map_or(0, |id| id.0 + 1);
        let mut removals = std::mem::take(&mut self.removals);
        let mut names = std::mem::take(&mut self.names);
        removals.add(std::slice::from_ref(&(0..end)));
        names.clear();
        *self = Self { removals, names, ..Self::default() };
        total
    }

    /// What left the index so far.
    pub(crate) fn removals(&self) -> &Removals {
        &self.removals
    }

    /// The oldest rows, a portion at most and only such as lie before a place, without the spared.
    pub(crate) fn oldest(&self, portion: Portion, before: u64, spared: &BTreeSet<u64>) -> Going {
        let mut going = Going::default();
        for block in &self.blocks {
            for offset in 0..block.len() {
                let full = going.rows >= portion.rows || going.bytes >= portion.bytes;
                if full || block.first_index + offset as u64 >= before {
                    return going;
                }
                let id = block.id(offset);
                if !spared.contains(&id) {
                    going.add(id, block.length(offset));
                }
            }
        }
        going
    }

    /// Those of the ids, which rise, that are there: a portion at most. The second value is how many ids were looked at.
    pub(crate) fn among(&self, ids: &[u64], portion: Portion) -> (Going, usize) {
        let mut going = Going::default();
        for (looked_at, id) in ids.iter().enumerate() {
            if going.rows >= portion.rows || going.bytes >= portion.bytes {
                return (going, looked_at);
            }
            if let Some((block, offset)) = self.seek(*id) {
                going.add(*id, block.length(offset));
            }
        }
        (going, ids.len())
    }

    /// How many rows there are.
    pub(crate) fn total(&self) -> u64 {
        self.blocks.last().map_or(0, Block::end_index)
    }

    /// How much there is.
    pub(crate) fn outline(&self) -> Outline {
        Outline {
            total: self.total(),
            received: self.received,
            sent: self.sent,
            payload_bytes: self.payload_bytes,
            first_id: self.first_id(),
            last_id: self.last_id(),
        }
    }

    /// How many rows have a topic.
    pub(crate) fn rows_of_topic(&self, number: u32) -> u32 {
        self.names.rows(number)
    }

    /// Topics that have a number and no row.
    pub(crate) fn orphans(&self) -> Vec<u32> {
        self.names.orphans()
    }

    /// The id of the first row.
    pub(crate) fn first_id(&self) -> Option<MessageId> {
        self.blocks.first().map(|block| MessageId(block.first_id()))
    }

    /// The id of the last row.
    pub(crate) fn last_id(&self) -> Option<MessageId> {
        self.blocks.last().map(|block| MessageId(block.end_id() - 1))
    }

    fn seek(&self, id: u64) -> Option<(&Block, usize)> {
        let after = self.blocks.partition_point(|block| block.first_id() <= id);
        let block = self.blocks.get(after.checked_sub(1)?)?;
        let offset = block.offset(id);
        (offset < block.len() && block.id(offset) == id).then_some((block, offset))
    }

    /// The place of a message.
    pub(crate) fn position(&self, id: MessageId) -> Option<u64> {
        self.seek(id.0).map(|(block, offset)| block.first_index + offset as u64)
    }

    /// The bytes of a message's payload.
    pub(crate) fn length(&self, id: MessageId) -> Option<u32> {
        self.seek(id.0).map(|(block, offset)| block.length(offset))
    }

    /// The place of the first row that is not older than a time, to the millisecond; the total
    /// where all are older.
    pub(crate) fn at_or_after(&self, time_us: i64) -> u64 {
        let after = self.blocks.partition_point(|block| block.first_time_us < time_us);
        let Some(block) = after.checked_sub(1).and_then(|before| self.blocks.get(before)) else {
            return 0;
        };
        block.first_index + block.offset_at(time_us) as u64
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
        let after = self.blocks.partition_point(|block| block.first_id() < id.0);
        let Some(block) = after.checked_sub(1).and_then(|at| self.blocks.get(at)) else { return 0 };
        block.first_index + block.offset(id.0) as u64
    }

    /// The last row before a message that has its topic; `None` where there is no such message.
    pub(crate) fn previous_on_topic(&self, id: MessageId) -> Option<Option<MessageId>> {
        let (block, mut until) = self.seek(id.0)?;
        let (topic, _, _) = block.row(until)?;
        if self.names.rows(topic) < 2 {
            return Some(None);
        }
        let after = self.blocks.partition_point(|block| block.first_id() <= id.0);
        for block in self.blocks.get(..after).unwrap_or_default().iter().rev() {
            if let Some(offset) = block.last_on(topic, until) {
                return Some(Some(MessageId(block.id(offset))));
            }
            until = usize::MAX;
        }
        Some(None)
    }

    /// How many numbers topics have, vacant ones included.
    pub(crate) fn topic_numbers(&self) -> usize {
        self.names.names().len()
    }

    /// The topics with numbers in a range, counted from 0, that rows have, and how many: the highest number first.
    pub(crate) fn topics(&self, range: Range<usize>) -> impl Iterator<Item = (&Arc<str>, u32)> {
        self.names.used(range)
    }

    /// Adds the ids in `range` that pass, rising.
    pub(crate) fn pick(&self, cheap: &mut Cheap, range: Range<u64>, picked: &mut Vec<u64>) {
        cheap.renew(self.names.reassigned());
        let from = self.blocks.partition_point(|block| block.end_id() <= range.start);
        let blocks = self.blocks.get(from..).unwrap_or_default();
        for block in blocks.iter().take_while(|block| block.first_id() < range.end) {
            block.pick(cheap, &range, self.names.names(), picked);
        }
    }

    fn locate(&self, block: &Block, offset: usize) -> Option<Located> {
        let (topic, length, flags) = block.row(offset)?;
        Some(Located {
            index: block.first_index + offset as u64,
            id: MessageId(block.id(offset)),
            topic: self.names.get(topic)?,
            length,
            flags,
        })
    }
}

impl Going {
    fn add(&mut self, id: u64, length: u32) {
        self.rows += 1;
        self.bytes += u64::from(length);
        match self.ranges.last_mut() {
            Some(last) if last.end == id => last.end += 1,
            _ => self.ranges.push(id..id + 1),
        }
    }
}

#[cfg(test)]
mod tests;
