//! A block of the index as bytes, so that opening a history need not read every row.
//!
//! Columns follow each other, little-endian: times, topics, lengths, flags, and ids where they do not follow each other.
//! That is how they lie in memory, so reading back is a copy. A sum over the bytes tells whether they are
//! still what was written; the price is a row in another table for 65,536 messages, 13 bytes each.

use super::block::{Block, Ids};
use super::{Index, Outline};
use crate::flags::Flags;
use mqttscope_model::MessageId;

/// What a packed block says of its rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct About {
    pub(crate) first_id: u64,
    pub(crate) last_id: u64,
    pub(crate) rows: u64,
    /// The time that those of the rows are counted from.
    pub(crate) first_time_us: i64,
    pub(crate) sent: u64,
    /// Bytes of all payloads.
    pub(crate) payload_bytes: u64,
    /// Over all that is said here and the columns.
    pub(crate) sum: u64,
}

/// A block as bytes.
pub(crate) struct Packed {
    pub(crate) about: About,
    pub(crate) columns: Vec<u8>,
}

impl About {
    /// What `sum` must be for these columns. Tells what was changed from what was written; no protection against
    /// whoever means to.
    fn sum_over(&self, columns: &[u8]) -> u64 {
        let step =
            |sum: u64, word: u64| (sum ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29);
        let head = [self.first_id, self.last_id, self.rows, self.first_time_us.cast_unsigned()];
        let head = head.into_iter().chain([self.sent, self.payload_bytes]);
        let (words, rest) = columns.as_chunks::<8>();
        let words = words.iter().map(|word| u64::from_le_bytes(*word));
        let rest = rest.iter().copied().map(u64::from);
        head.chain(words).chain(rest).fold(columns.len() as u64, step)
    }
}

impl Block {
    fn pack(&self) -> Packed {
        let mut columns = Vec::with_capacity(self.len() * 17);
        for column in [&self.time_ms, &self.topic, &self.length] {
            columns.extend(column.iter().flat_map(|value| value.to_le_bytes()));
        }
        columns.extend(self.flags.iter().map(|flags| flags.bits()));
        let first_id = self.first_id();
        if let Ids::Above(base, above) = &self.ids {
            let before = first_id - base;
            columns.extend(above.iter().flat_map(|far| {
                // Not less than the first.
                far.saturating_sub(u32::try_from(before).unwrap_or(u32::MAX)).to_le_bytes()
            }));
        }
        let sent = self.flags.iter().filter(|flags| flags.is_sent()).count() as u64;
        let mut about = About {
            first_id,
            last_id: self.end_id() - 1,
            rows: self.len() as u64,
            first_time_us: self.first_time_us,
            sent,
            payload_bytes: self.length.iter().copied().map(u64::from).sum(),
            sum: 0,
        };
        about.sum = about.sum_over(&columns);
        Packed { about, columns }
    }

    /// None where the columns are not those of the rows.
    fn unpack(about: &About, columns: &[u8]) -> Option<Self> {
        let rows = usize::try_from(about.rows).ok().filter(|rows| *rows > 0)?;
        if about.sum_over(columns) != about.sum {
            return None;
        }
        let (time_ms, rest) = numbers(columns, rows)?;
        let (topic, rest) = numbers(rest, rows)?;
        let (length, rest) = numbers(rest, rows)?;
        let (flags, rest) = rest.split_at_checked(rows)?;
        let flags: Option<Vec<Flags>> =
            flags.iter().map(|bits| Flags::from_bits(i64::from(*bits))).collect();
        let (ids, end) = if rest.is_empty() {
            (Ids::From(about.first_id), about.first_id.checked_add(about.rows)?)
        } else {
            let (above, rest) = numbers(rest, rows)?;
            let rising = above.is_sorted_by(|one, next| one < next) && above.first() == Some(&0);
            let end = about.first_id.checked_add(u64::from(*above.last()?))?.checked_add(1)?;
            (Ids::Above(about.first_id, above), (rising && rest.is_empty()).then_some(end)?)
        };
        let block = Self {
            first_index: 0,
            ids,
            first_time_us: about.first_time_us,
            time_ms,
            topic,
            length,
            flags: flags?,
            stored: true,
        };
        (end == about.last_id.checked_add(1)?).then_some(block)
    }
}

/// The column at the beginning, and what follows it.
fn numbers(bytes: &[u8], rows: usize) -> Option<(Vec<u32>, &[u8])> {
    let (column, rest) = bytes.split_at_checked(rows.checked_mul(4)?)?;
    let (numbers, _) = column.as_chunks::<4>();
    Some((numbers.iter().map(|number| u32::from_le_bytes(*number)).collect(), rest))
}

impl Outline {
    /// Of an index of these blocks.
    pub(crate) fn of(blocks: &[About]) -> Self {
        let sum = |part: fn(&About) -> u64| blocks.iter().map(part).fold(0, u64::saturating_add);
        Self {
            total: sum(|about| about.rows),
            received: sum(|about| about.rows.saturating_sub(about.sent)),
            sent: sum(|about| about.sent),
            payload_bytes: sum(|about| about.payload_bytes),
            first_id: blocks.first().map(|about| MessageId(about.first_id)),
            last_id: blocks.last().map(|about| MessageId(about.last_id)),
        }
    }
}

impl Index {
    /// Adds the rows of a packed block behind the last. False, and nothing changed, where the columns are not what was
    /// packed, do not fit behind what is there, or have a topic that `known` does not know.
    pub(crate) fn unpack(
        &mut self,
        about: &About,
        columns: &[u8],
        known: impl Fn(u32) -> bool,
    ) -> bool {
        let Some(mut block) = Block::unpack(about, columns) else { return false };
        let follows = self.last_id().is_none_or(|last| last.0 < about.first_id);
        if !follows || !block.topic.iter().all(|topic| known(*topic)) {
            return false;
        }
        block.first_index = self.total();
        for topic in &block.topic {
            self.names.add_row(*topic);
        }
        self.sent += about.sent;
        self.received += about.rows.saturating_sub(about.sent);
        self.payload_bytes += about.payload_bytes;
        self.blocks.push(block);
        true
    }

    /// The time of the last row, to the millisecond below.
    pub(crate) fn last_time_us(&self) -> Option<i64> {
        self.blocks.last().map(Block::last_time_us)
    }

    /// The oldest block that is full and not stored as it is.
    pub(crate) fn full_unstored(&self) -> Option<Packed> {
        self.blocks.iter().find(|block| !block.stored && block.is_full()).map(Block::pack)
    }

    /// The newest block that is not stored as it is.
    pub(crate) fn any_unstored(&self) -> Option<Packed> {
        self.blocks.iter().rev().find(|block| !block.stored).map(Block::pack)
    }

    /// The block with these rows was stored.
    pub(crate) fn stored(&mut self, about: &About) {
        let at = self.blocks.partition_point(|block| block.first_id() < about.first_id);
        let block = self.blocks.get_mut(at);
        let same = |block: &&mut Block| {
            block.first_id() == about.first_id && block.len() as u64 == about.rows
        };
        if let Some(block) = block.filter(same) {
            block.stored = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::Entry;

    fn index_of(ids: impl IntoIterator<Item = u64>) -> Index {
        let mut index = Index::default();
        index.learn([(1, "t".into()), (2, "u".into())]);
        for id in ids {
            let flags = Flags::from_bits((id % 3 == 0).into()).unwrap();
            let (topic, length) = (1 + (id % 2) as u32, id as u32);
            let time_us = id as i64 * 1_500;
            index.push(&Entry { id: MessageId(id), time_us, topic, length, flags });
        }
        index
    }

    #[track_caller]
    fn check_comes_back(index: &Index) {
        let mut again = Index::default();
        again.learn([(1, "t".into()), (2, "u".into())]);
        for block in &index.blocks {
            let Packed { about, columns } = block.pack();
            assert!(again.unpack(&about, &columns, |topic| topic <= 2));
        }
        assert_eq!(again.outline(), index.outline());
        assert_eq!((again.rows_of_topic(1), again.rows_of_topic(2)), {
            (index.rows_of_topic(1), index.rows_of_topic(2))
        });
        let rows = |index: &Index| -> Vec<_> {
            let rows = index.slice(0, u32::MAX).into_iter();
            rows.map(|row| (row.index, row.id, row.topic, row.length, row.flags)).collect()
        };
        assert_eq!(rows(&again), rows(index));
        let end = index.last_id().map_or(0, |id| id.0 as i64 * 1_500);
        for time_us in (0..=end).step_by(997) {
            assert_eq!(again.at_or_after(time_us), index.at_or_after(time_us));
        }
    }

    #[test]
    fn what_was_packed_comes_back() {
        check_comes_back(&index_of(7..9_000));
        check_comes_back(&index_of([3, 4, 9, 1_000]));
        let mut holes = index_of(1..2_000);
        holes.remove(&[1..3, 10..11, 500..700]);
        check_comes_back(&holes);
        let mut front = index_of(1..70_000);
        front.remove(std::slice::from_ref(&(1..600)));
        check_comes_back(&front);
    }

    #[test]
    fn what_was_changed_is_not_taken() {
        let block = index_of([3, 4, 9, 1_000]).blocks.remove(0);
        let Packed { about, columns } = block.pack();
        let known = |topic| topic <= 2;
        for at in 0..columns.len() {
            let mut changed = columns.clone();
            changed[at] ^= 1;
            assert!(!Index::default().unpack(&about, &changed, known), "{at}");
        }
        assert!(!Index::default().unpack(&about, &columns[1..], known));
        assert!(!Index::default().unpack(&About { rows: 3, ..about }, &columns, known));
        assert!(!Index::default().unpack(&About { last_id: 999, ..about }, &columns, known));
        assert!(!Index::default().unpack(&About { sent: 0, ..about }, &columns, known));
        assert!(!Index::default().unpack(&about, &columns, |topic| topic < 2));
        let mut later = index_of([3]);
        assert!(!later.unpack(&about, &columns, known));
        assert_eq!(later.total(), 1);
        assert!(Index::default().unpack(&about, &columns, known));
    }

    #[test]
    fn a_block_is_to_be_stored_until_it_was_and_again_when_it_changed() {
        let mut index = index_of(1..66_000);
        let full = index.full_unstored().unwrap();
        assert_eq!((full.about.first_id, full.about.last_id), (1, 65_536));
        index.stored(&full.about);
        assert!(index.full_unstored().is_none());
        let rest = index.any_unstored().unwrap();
        assert_eq!((rest.about.first_id, rest.about.last_id), (65_537, 65_999));
        index.stored(&rest.about);
        assert!(index.any_unstored().is_none());
        index.remove(std::slice::from_ref(&(1..2)));
        assert_eq!(index.any_unstored().unwrap().about.first_id, 2);
        index.stored(&full.about);
        assert_eq!(index.any_unstored().unwrap().about.first_id, 2, "that is another block now");
    }
}
