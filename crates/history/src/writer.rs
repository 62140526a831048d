//! The writer's thread: the only one that changes the file.
//!
//! It takes what is queued, commits it, and only then publishes it: index first, then the watch
//! channels. When a commit fails it says so (`fault`), keeps everything, and tries again after a
//! pause that grows; room on the disk, or a clear, lets it go on. The price of one thread is that
//! a checkpoint holds up the next batch; the queue in front of it is what that is for.

mod blocks;

use std::collections::VecDeque;
use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use mqttscope_model::{MessageId, Removed, UserError};

use crate::age::{AgeClock, Moment};
use crate::batch::{Backlog, ClearRequest, Request};
use crate::bookmarks::{Bookmarks, Change, MAX_BOOKMARKS};
use crate::handle::Shared;
use crate::inbox::{Orders, Patience};
use crate::index::{Going, Portion};
use crate::load::Rows;
use crate::pages::Pages;
use crate::presence::Presence;
use crate::retention::Keeper;
use crate::store::{Committed, ORPHANS, Plan, Store};
use crate::upkeep::Running;
use crate::{Cleared, HistoryError, file};

/// The first and the longest pause after a commit that failed.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(3);

/// The thread's own state.
pub(crate) struct Writer {
    pub(crate) shared: Arc<Shared>,
    pub(crate) path: PathBuf,
    /// Has the lock that keeps other processes from writing for as long as this thread runs.
    pub(crate) presence: Presence,
    /// `None` between a failure that lost the connection and the next attempt.
    pub(crate) store: Option<Store>,
    backlog: Backlog,
    /// Messages below were cleared; what becomes of them is of no interest any more.
    first_kept: MessageId,
    pause: Option<Duration>,
    pub(crate) clock: Clock,
    ages: AgeClock,
    pub(crate) keeper: Keeper,
    pub(crate) pages: Pages,
    /// Topics of which no message may be left.
    orphans: Vec<u32>,
    pub(crate) upkeep: VecDeque<Running>,
    /// A transaction met a damaged page.
    met_damage: bool,
}

/// The time of day.
pub(crate) type Clock = Box<dyn Fn() -> SystemTime + Send>;

/// How often the age of messages is looked at while nothing comes.
const AGE_LOOKS: Duration = Duration::from_secs(30);

impl Writer {
    pub(crate) fn new(
        shared: Arc<Shared>,
        path: PathBuf,
        lock: File,
        store: Store,
        next_id: MessageId,
        clock: Clock,
    ) -> Self {
        Self {
            pages: shared.pages(),
            shared,
            presence: Presence::of(&path, lock),
            path,
            store: Some(store),
            backlog: Backlog::before(next_id),
            first_kept: MessageId(1),
            pause: None,
            clock,
            ages: AgeClock::new(),
            keeper: Keeper::new(),
            orphans: Vec::new(),
            upkeep: VecDeque::new(),
            met_damage: false,
        }
    }

    /// Works until the history is closed and all is written, or cannot be.
    ///
    /// # Errors
    /// [`HistoryError::NotFlushed`] where messages were left at the end.
    pub(crate) fn run(mut self, rows: Rows) -> Result<(), HistoryError> {
        if let Err(error) = self.take_over(rows) {
            return Err(self.give_up(error));
        }
        let ended = self.work();
        self.store_blocks();
        self.leave();
        ended
    }

    fn work(&mut self) -> Result<(), HistoryError> {
        let mut busy = false;
        loop {
            let patience = self.patience(busy);
            let orders = self.shared.inbox.take(&mut self.backlog, patience);
            let Orders { clears, requests, closing } = orders;
            for request in clears {
                self.clear(request);
            }
            let written = self.write_all();
            let asked = !requests.is_empty();
            for request in requests {
                self.answer(request);
            }
            busy = match &written {
                Ok(more) if !closing => self.do_upkeep() || *more || asked,
                _ => false,
            };
            if let Err(error) = written {
                self.stumble(&error);
                if closing {
                    let messages = self.backlog.messages.len() as u64;
                    return Err(HistoryError::NotFlushed { messages, cause: Box::new(error) });
                }
            } else if closing {
                return self.hold_on().map_err(|error| self.lost(error));
            }
        }
    }

    fn patience(&self, busy: bool) -> Patience {
        match self.pause {
            Some(pause) => Patience::Retry(pause),
            None if busy => Patience::None,
            None if self.keeper.minds_age() => Patience::Until(AGE_LOOKS),
            None => Patience::Endless,
        }
    }

    /// Writes the backlog; with each commit, and once without, what must go goes. True where more must go.
    fn write_all(&mut self) -> Result<bool, HistoryError> {
        let mut wrote = false;
        loop {
            let plan = self.plan();
            let removes = !plan.going.ranges.is_empty() || plan.orphans_seen > 0;
            if self.backlog.is_empty() && (wrote || !removes) {
                return Ok(removes);
            }
            self.hold_on()?;
            self.write_once(plan)?;
            wrote = true;
        }
    }

    /// One transaction.
    pub(crate) fn write_once(&mut self, plan: Plan) -> Result<(), HistoryError> {
        let mut store = match self.store.take() {
            Some(store) => store,
            None => self.reopen()?,
        };
        let attempt = store.write(&self.backlog, plan);
        // A full disk leaves the connection as good as it was; after anything else it is
        // made anew.
        if matches!(attempt, Ok(_) | Err(HistoryError::DiskFull)) {
            self.store = Some(store);
        }
        self.publish(attempt?);
        self.recover();
        Ok(())
    }

    /// What the next transaction is to do besides writing. After one that failed that is nothing as long as there is
    /// something to write, since messages must not wait for room that only a deletion wants.
    fn plan(&mut self) -> Plan {
        let now = Moment::of((self.clock)(), Instant::now());
        let now_us = self.ages.look(now);
        if self.pause.is_some() && !self.backlog.is_empty() {
            return self.bare_plan();
        }
        let going = {
            let index = self.shared.index();
            self.keeper.next(&index, &self.shared.bookmarks(), self.pages, now_us)
        };
        let mut removed = *self.shared.removed.borrow();
        removed.messages += going.rows;
        removed.bytes += going.bytes;
        removed.since_us = removed.since_us.or(Some(now.wall_us));
        let removed = (going.rows > 0).then_some(removed);
        let seen = self.orphans.len().saturating_sub(ORPHANS);
        let last = self.orphans.get(seen..).unwrap_or_default();
        let orphans = {
            let index = self.shared.index();
            last.iter().copied().filter(|number| index.rows_of_topic(*number) == 0).collect()
        };
        let may_store = self.store.as_ref().is_some_and(Store::may_store_blocks);
        let block = may_store.then(|| self.shared.index().full_unstored()).flatten();
        Plan { going, removed, orphans, orphans_seen: last.len(), block, ..self.bare_plan() }
    }

    /// A plan that only writes.
    pub(crate) fn bare_plan(&self) -> Plan {
        let first_kept = self.first_kept;
        Plan {
            first_kept,
            going: Going::default(),
            removed: None,
            orphans: Vec::new(),
            orphans_seen: 0,
            block: None,
        }
    }

    fn answer(&mut self, request: Request) {
        match request {
            Request::Retention(limits) => self.keeper.set(limits),
            Request::Upkeep(running) => self.upkeep.push_back(running),
            Request::Bookmark { change, reply } => {
                let done = self.bookmark(change);
                // Whoever asked may have gone; it is on disk all the same.
                let _gone = reply.send(done);
            }
        }
    }

    fn bookmark(&mut self, mut change: Change) -> Result<bool, HistoryError> {
        if let Change::Set { id, made_us, .. } = &mut change {
            let bookmarks = self.shared.bookmarks();
            self.shared.index().position(*id).ok_or(HistoryError::NotFound(*id))?;
            if bookmarks.len() >= MAX_BOOKMARKS && !bookmarks.has(*id) {
                return Err(HistoryError::TooManyBookmarks { limit: MAX_BOOKMARKS });
            }
            *made_us = Moment::of((self.clock)(), Instant::now()).wall_us;
        }
        self.hold_on()?;
        self.store()?.bookmark(&change)?;
        let was_there = self.shared.bookmarks_mut().apply(change);
        self.shared.revise();
        Ok(was_there)
    }

    /// The store, opened anew where it was lost.
    pub(crate) fn store(&mut self) -> Result<&mut Store, HistoryError> {
        let store = match self.store.take() {
            Some(store) => store,
            None => self.reopen()?,
        };
        Ok(self.store.insert(store))
    }

    /// The file, opened anew.
    pub(crate) fn reopen(&mut self) -> Result<Store, HistoryError> {
        let connection = file::connect(&self.path, self.backlog.first_id)?;
        self.presence.renew(&self.path);
        Ok(Store::reopened(connection))
    }

    fn publish(&mut self, committed: Committed) {
        let count = committed.entries.len();
        let last = committed.entries.last().map(|entry| entry.id);
        let ranges = &committed.going.ranges;
        self.orphans.truncate(self.orphans.len().saturating_sub(committed.orphans_seen));
        // Counted before they go, so that whoever sees them gone finds them counted, and their marks gone with them.
        if let Some(removed) = committed.removed {
            self.shared.removed.send_replace(removed);
        }
        if !ranges.is_empty() {
            self.shared.bookmarks_mut().remove(ranges);
        }
        {
            let mut index = self.shared.index_mut();
            // Before rows are removed from it.
            if let Some(block) = &committed.block {
                index.stored(block);
            }
            index.forget(&committed.forgotten);
            index.learn(committed.topics);
            for entry in &committed.entries {
                index.push(entry);
            }
            if !ranges.is_empty() {
                self.orphans.extend(index.remove(ranges));
            }
        }
        if !ranges.is_empty() {
            self.keeper.took(committed.going.rows, committed.took);
        }
        let bytes = committed.entries.iter().map(|entry| u64::from(entry.length)).sum();
        self.keeper.wrote(Portion { rows: count as u64, bytes });
        self.measured(committed.pages);
        self.shared.inbox.settled(self.backlog.messages.iter().take(count));
        self.backlog.messages.drain(..count);
        self.backlog.first_id.0 += count as u64;
        self.backlog.outcomes.drain(..committed.outcomes);
        if let Some(last) = last {
            self.shared.committed.send_replace(last.0);
        }
        self.shared.revise();
    }

    /// The file is so large now.
    pub(crate) fn measured(&mut self, pages: Pages) {
        self.pages = pages;
        self.shared.set_pages(pages);
    }

    pub(crate) fn stumble(&mut self, error: &HistoryError) {
        self.met_damage |= matches!(error, HistoryError::Damaged { .. });
        let shown = error.to_user_error().detail("path", self.path.display());
        self.pause = Some(self.pause.map_or(FIRST_PAUSE, |last| (last * 2).min(LONGEST_PAUSE)));
        self.fault(Some(shown));
    }

    fn recover(&mut self) {
        if self.pause.take().is_some() {
            self.fault(None);
        }
    }

    fn fault(&self, fault: Option<UserError>) {
        self.shared.fault.send_if_modified(|told| {
            let changed = *told != fault;
            if changed {
                if let Some(fault) = &fault {
                    tracing::warn!(path = %self.path.display(), %fault, "history stopped");
                } else {
                    tracing::info!(path = %self.path.display(), "history goes on");
                }
                *told = fault;
            }
            changed
        });
    }

    /// Carries a clear out and answers it.
    fn clear(&mut self, request: ClearRequest) {
        let shared = Arc::clone(&self.shared);
        let done = shared.readers.closed_while(|| self.replace_file(request.first_kept));
        let done = done.map(|(bytes, committed)| {
            let inbox = &self.shared.inbox;
            let waiting =
                self.backlog.forget_before(request.first_kept, |leaving| inbox.settled(leaving));
            self.first_kept = request.first_kept;
            let told = request.first_kept.0.saturating_sub(1);
            self.shared.committed.send_if_modified(|last| {
                let moves = *last < told;
                *last = told.max(*last);
                moves
            });
            self.shared.revise();
            self.recover();
            Cleared { messages: committed + waiting, bytes }
        });
        // Whoever asked may have gone; the history is cleared all the same.
        let _gone = request.reply.send(done);
    }

    /// The bytes freed and the messages that were on disk.
    fn replace_file(&mut self, first_kept: MessageId) -> Result<(u64, u64), HistoryError> {
        let before = file::bytes_on_disk(&self.path);
        if let Some(store) = self.store.take() {
            file::keep_log_on_close(store.connection())?;
        }
        // The room of a file that somebody has open is not given back.
        self.shared.readers.let_go();
        if let Err(error) = file::replace(&self.path, first_kept) {
            if !self.path.exists() {
                // The old file had to make room, and even that was not enough for a new one.
                self.forget_all();
                self.shared.revise();
            }
            return Err(error);
        }
        self.store = file::connect(&self.path, first_kept).and_then(Store::new).ok();
        self.presence.renew(&self.path);
        let cleared = self.forget_all();
        Ok((before.saturating_sub(file::bytes_on_disk(&self.path)), cleared))
    }

    /// The file is empty; gives how many messages it had.
    pub(crate) fn forget_all(&mut self) -> u64 {
        self.orphans.clear();
        *self.shared.bookmarks_mut() = Bookmarks::default();
        self.shared.removed.send_replace(Removed::default());
        self.measured(Pages::default());
        self.shared.index_mut().clear()
    }
}

#[cfg(test)]
mod tests;
