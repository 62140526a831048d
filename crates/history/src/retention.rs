//! The limits of a history: what they remove, and what they spare.
//!
//! The oldest messages go first, a portion with each commit of new ones, so that recording never waits for a large
//! deletion; a portion shrinks where the disk is slow, but never below twice what came with it. Bytes are counted as pages in use, which is what the disk
//! gives; freed pages are used again by what comes, and the file is cut only where the limit was lowered. Because
//! deletion begins a little below the limit and goes on for a little longer, it is not done for every message.
//!
//! Bookmarked messages are spared, since a person asked for them: the newest of them, up to an eighth of the limits and
//! 10,000. Age alone never removes one of these. Those beyond go like any other message, and their notes with them.

use std::collections::BTreeSet;
use std::time::Duration;

use mqttscope_model::{Removed, Retention, Usage};
use tokio::sync::watch;

use crate::batch::Request;
use crate::bookmarks::Bookmarks;
use crate::index::{Going, Index, Portion};
use crate::pages::Pages;
use crate::{History, HistoryError};

/// The part of the bytes that is left to the write-ahead log, which keeps about this size.
const LOG_SHARE: u64 = 16;
const LOG_BYTES: u64 = 16 << 20;

/// Pages after which the log is emptied: at most, and however low the limit is.
const LOG_PAGES: std::ops::RangeInclusive<u64> = 64..=2_000;

/// Deletion goes on until this part of the limit is free.
const SLACK_SHARE: u64 = 64;

/// Bookmarks that are spared, and their part of each limit.
const SPARED: usize = 10_000;
const SPARED_SHARE: u64 = 8;

/// A portion takes about this long.
const PORTION_TIME: Duration = Duration::from_millis(4);

/// Rows of the smallest and the largest portion, and bytes of payload of any.
const PORTION_ROWS: std::ops::RangeInclusive<u64> = 64..=8_192;
const PORTION_BYTES: u64 = 4 << 20;

/// The limits with what is known of how they are held.
#[derive(Debug)]
pub(crate) struct Keeper {
    limits: Retention,
    /// Deletion by bytes has begun and has not reached its end.
    deleting: bool,
    rows: u64,
    /// What the last transaction wrote.
    written: Portion,
}

impl Keeper {
    /// Keeps everything until it is told otherwise.
    pub(crate) fn new() -> Self {
        Self {
            limits: Retention::EVERYTHING,
            deleting: false,
            rows: 1_024,
            written: Portion { rows: 0, bytes: 0 },
        }
    }

    pub(crate) fn set(&mut self, limits: Retention) {
        self.limits = limits;
        self.deleting = false;
    }

    /// Whether time alone makes messages go.
    pub(crate) fn minds_age(&self) -> bool {
        self.limits.max_age_s.is_some()
    }

    /// How much may go at once.
    pub(crate) fn portion(&self) -> Portion {
        Portion {
            rows: self.rows.max(2 * self.written.rows),
            bytes: PORTION_BYTES.max(2 * self.written.bytes),
        }
    }

    /// A transaction wrote so much; no less than that must be able to go with the next.
    pub(crate) fn wrote(&mut self, written: Portion) {
        self.written = written;
    }

    /// A portion took this long; the next is made to fit.
    pub(crate) fn took(&mut self, rows: u64, time: Duration) {
        if time > PORTION_TIME {
            self.rows = (self.rows / 2).max(*PORTION_ROWS.start());
        } else if time < PORTION_TIME / 4 && rows >= self.rows {
            self.rows = (self.rows * 2).min(*PORTION_ROWS.end());
        }
    }

    /// The messages that are to go next. `now_us` is the time, where it can be believed.
    pub(crate) fn next(
        &mut self,
        index: &Index,
        bookmarks: &Bookmarks,
        pages: Pages,
        now_us: Option<i64>,
    ) -> Going {
        let (excess, old) = (self.too_many(index), self.too_old(index, now_us));
        let portion = self.portion();
        if self.too_large(pages) {
            // No more than must go, as far as payloads tell, or than what comes needs.
            let surplus = self.surplus(pages).max(2 * self.written.bytes).max(1);
            let portion = Portion { bytes: portion.bytes.min(surplus), ..portion };
            index.oldest(portion, index.total(), &self.spared(index, bookmarks))
        } else if excess > 0 {
            let portion = Portion { rows: portion.rows.min(excess), ..portion };
            index.oldest(portion, index.total(), &self.spared(index, bookmarks))
        } else if old > 0 {
            index.oldest(portion, old, &self.spared(index, bookmarks))
        } else {
            Going::default()
        }
    }

    fn too_many(&self, index: &Index) -> u64 {
        self.limits.max_messages.map_or(0, |most| index.total().saturating_sub(most))
    }

    fn too_old(&self, index: &Index, now_us: Option<i64>) -> u64 {
        let age_us = self.limits.max_age_s.map(|age| age.saturating_mul(1_000_000));
        match (now_us, age_us) {
            (Some(now), Some(age)) => index.at_or_after(now.saturating_sub_unsigned(age)),
            _ => 0,
        }
    }

    fn too_large(&mut self, pages: Pages) -> bool {
        let Some(limit) = self.file_bytes() else { return false };
        let used = pages.used_bytes();
        self.deleting =
            if self.deleting { used > limit - limit / SLACK_SHARE } else { used > limit };
        self.deleting
    }

    /// Bytes in use above what deletion by bytes leaves.
    fn surplus(&self, pages: Pages) -> u64 {
        let kept = self.file_bytes().map_or(u64::MAX, |most| most - most / SLACK_SHARE);
        pages.used_bytes().saturating_sub(kept)
    }

    /// Bytes that the file itself may have.
    fn file_bytes(&self) -> Option<u64> {
        self.limits.max_bytes.map(|most| most - (most / LOG_SHARE).min(LOG_BYTES))
    }

    /// Pages after which the log is to be emptied, so that it stays within its part.
    pub(crate) fn log_pages(&self, page_size: u64) -> u32 {
        let part = self.limits.max_bytes.map_or(u64::MAX, |most| most / LOG_SHARE);
        let pages = part / page_size.max(1);
        u32::try_from(pages.clamp(*LOG_PAGES.start(), *LOG_PAGES.end())).unwrap_or_default()
    }

    /// Whether the file is larger than it may be although pages in it are free.
    pub(crate) fn wants_cut(&self, pages: Pages) -> bool {
        pages.free > 0
            // Not already where pages wait for the next messages: those would only be taken again.
            && self.limits.max_bytes.is_some_and(|most| pages.bytes() > most)
    }

    /// The bookmarked messages that stay.
    fn spared(&self, index: &Index, bookmarks: &Bookmarks) -> BTreeSet<u64> {
        let share = |limit: Option<u64>| limit.map_or(u64::MAX, |limit| limit / SPARED_SHARE);
        let most = usize::try_from(share(self.limits.max_messages)).unwrap_or(SPARED).min(SPARED);
        let mut room = share(self.limits.max_bytes);
        let mut spared = BTreeSet::new();
        for bookmark in bookmarks.newest_first().take(most) {
            let bytes = index.length(bookmark.id).map_or(0, u64::from);
            match room.checked_sub(bytes) {
                Some(left) => room = left,
                None => break,
            }
            spared.insert(bookmark.id.0);
        }
        spared
    }
}

impl History {
    /// Sets the limits and begins to hold them; until this is called for the first time nothing is removed. The oldest messages
    /// go first, in portions while recording goes on; the newest bookmarked messages are spared, up to an eighth of
    /// each limit. With `max_bytes` file and log stay near it, some hundredths above at a steady rate, except for payloads,
    /// or what comes at once, larger than a sixteenth of it, and for readers that keep the log from being emptied.
    ///
    /// # Errors
    /// [`HistoryError::Closed`].
    pub fn set_retention(&self, limits: Retention) -> Result<(), HistoryError> {
        self.shared().inbox.ask(Request::Retention(limits))
    }

    /// What the limits have removed, also in earlier runs. Counts from 0 after a clear.
    pub fn removed(&self) -> watch::Receiver<Removed> {
        self.shared().removed.subscribe()
    }

    /// What the history takes.
    pub fn usage(&self) -> Usage {
        let (file_bytes, log_bytes) = crate::file::sizes(self.path());
        let outline = self.shared().outline();
        let (messages, payload_bytes) = (outline.total, outline.payload_bytes);
        let free_bytes = self.shared().pages().free_bytes().min(file_bytes);
        Usage { messages, payload_bytes, file_bytes, free_bytes, log_bytes }
    }
}

#[cfg(test)]
mod tests {
    use mqttscope_model::{Bookmark, MessageId};

    use super::*;
    use crate::flags::Flags;
    use crate::index::Entry;

    #[test]
    fn age_takes_what_is_older_and_nothing_while_the_time_is_not_believed() {
        let mut index = Index::default();
        index.learn([(1, "t".into())]);
        for id in 1..=10 {
            let (time_us, flags) = (id as i64 * 1_000_000, Flags::from_bits(0).unwrap());
            index.push(&Entry { id: MessageId(id), time_us, topic: 1, length: 1, flags });
        }
        let marked = Bookmark { id: MessageId(2), note: String::new(), made_us: 0 };
        let bookmarks = Bookmarks::of([marked]);
        let mut keeper = Keeper::new();
        keeper.set(Retention { max_age_s: Some(5), ..Retention::EVERYTHING });
        let next = |keeper: &mut Keeper, now_us| {
            keeper.next(&index, &bookmarks, Pages::default(), now_us).ranges
        };
        assert_eq!(next(&mut keeper, None), []);
        assert_eq!(next(&mut keeper, Some(6_000_000)), []);
        assert_eq!(next(&mut keeper, Some(9_000_000)), [1..2, 3..4]);
    }
}
