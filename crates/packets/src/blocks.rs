//! A queue in blocks: it grows without moving what it holds, and gives memory back a block at a time.
//!
//! A plain ring buffer that grows copies all it holds, while the wire waits. The price of blocks is that a range may lie
//! in two of them, so what is read is copied out.

use std::collections::VecDeque;

/// Items by their place, counted from the first that ever came, 0. Places rise for ever; items leave at the front.
#[derive(Debug)]
pub(crate) struct Blocks<T> {
    blocks: VecDeque<Vec<T>>,
    /// Items in a block: a power of two, so that a place is found without a division.
    per: usize,
    /// The place of the first item of the first block.
    begin: u64,
    end: u64,
    /// A block that is free: at a steady rate nothing is allocated.
    spare: Option<Vec<T>>,
}

impl<T: Copy> Blocks<T> {
    /// No items, and room for `per` in each block, or for as many as the next power of two says.
    pub(crate) fn new(per: usize) -> Self {
        let per = per.next_power_of_two();
        Self { blocks: VecDeque::new(), per, begin: 0, end: 0, spare: None }
    }

    /// The place of the next item.
    pub(crate) fn end(&self) -> u64 {
        self.end
    }

    /// How many items the blocks have room for.
    pub(crate) fn room(&self) -> usize {
        let last = self.blocks.back().map_or(0, Vec::capacity);
        self.blocks.len().saturating_sub(1) * self.per
            + last
            + self.spare.as_ref().map_or(0, Vec::capacity)
    }

    pub(crate) fn push(&mut self, item: T) {
        self.extend(&[item]);
    }

    pub(crate) fn extend(&mut self, mut items: &[T]) {
        while !items.is_empty() {
            let used = self.within(self.end);
            if used == 0 {
                // The first block grows as it is filled: most sessions say little.
                let whole = if self.blocks.is_empty() { 0 } else { self.per };
                let fresh = self.spare.take().unwrap_or_else(|| Vec::with_capacity(whole));
                self.blocks.push_back(fresh);
            }
            let (now, later) = items.split_at((self.per - used).min(items.len()));
            if let Some(block) = self.blocks.back_mut() {
                block.extend_from_slice(now);
            }
            self.end += now.len() as u64;
            items = later;
        }
    }

    pub(crate) fn get(&self, place: u64) -> Option<&T> {
        self.blocks.get(self.block(place)?)?.get(self.within(place))
    }

    pub(crate) fn get_mut(&mut self, place: u64) -> Option<&mut T> {
        let (block, within) = (self.block(place)?, self.within(place));
        self.blocks.get_mut(block)?.get_mut(within)
    }

    /// Appends `len` items from `place` on to `out`; fewer where they are not there.
    pub(crate) fn copy(&self, mut place: u64, len: usize, out: &mut Vec<T>) {
        let end = self.end.min(place.saturating_add(len as u64));
        while place < end {
            let within = self.within(place);
            let Some(block) = self.block(place).and_then(|at| self.blocks.get(at)) else { return };
            let wanted = usize::try_from(end - place).unwrap_or(usize::MAX);
            let until = block.len().min(within.saturating_add(wanted));
            let Some(part) = block.get(within..until).filter(|part| !part.is_empty()) else {
                return;
            };
            out.extend_from_slice(part);
            place += part.len() as u64;
        }
    }

    /// Gives back the blocks that lie before `place`.
    pub(crate) fn forget(&mut self, place: u64) {
        while self.begin + self.per as u64 <= place
            && let Some(mut block) = self.blocks.pop_front()
        {
            self.begin += self.per as u64;
            block.clear();
            self.spare.get_or_insert(block);
        }
    }

    /// Lets go of the block that is kept for later.
    pub(crate) fn shrink(&mut self) {
        self.spare = None;
    }

    fn block(&self, place: u64) -> Option<usize> {
        usize::try_from(place.checked_sub(self.begin)? >> self.per.trailing_zeros()).ok()
    }

    fn within(&self, place: u64) -> usize {
        usize::try_from(place & (self.per as u64 - 1)).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_keep_their_places_while_old_blocks_go() {
        let mut blocks = Blocks::new(4);
        for item in 0_u64..10 {
            blocks.push(item);
        }
        blocks.forget(7);
        assert_eq!((blocks.get(3), blocks.get(4), blocks.get(9)), (None, Some(&4), Some(&9)));
        let mut out = Vec::new();
        blocks.copy(5, 20, &mut out);
        assert_eq!(out, [5, 6, 7, 8, 9]);
        blocks.extend(&[10, 11]);
        blocks.forget(12);
        assert_eq!((blocks.end(), blocks.get(11)), (12, None));
        blocks.push(12);
        assert_eq!(blocks.get(12), Some(&12));
    }
}
