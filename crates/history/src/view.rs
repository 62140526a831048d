//! A view: the messages of a history that a filter lets through, found while they come.
//!
//! One thread looks at both ends. New messages go first, so that what arrives is there at once; between them
//! it walks backwards through what was there when the view began, newest first, a slice at a time, so that the first
//! rows of a long search can be used while it goes on. The border between both is one id, which is why there can be
//! neither a gap nor a message twice. A match costs four bytes; places are counted from the oldest match
//! found so far, so they move while older ones are found and are told from the end where they must not.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::thread::JoinHandle;
use std::time::Instant;

use mqttscope_model::{MessageId, UserError, ViewFilter};
use tokio::sync::watch;

use crate::filter::{Compiled, FilterError};
use crate::found::Found;
use crate::handle::Shared;
use crate::index::Gone;
use crate::pace::Pace;
use crate::rows::Page;
use crate::scan;
use crate::{History, HistoryError};

/// How far a view is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ViewProgress {
    /// Matches found so far.
    pub found: u64,
    /// Messages that were looked at.
    pub scanned: u64,
    /// Messages that were there when the view began and have not been looked at.
    pub remaining: u64,
    /// Everything that was there has been looked at; what comes is still followed.
    pub complete: bool,
    /// [`View::halt`] was called: what was there is not searched any further.
    pub halted: bool,
    /// The search stopped here: the file could not be read. It goes on with the next message.
    pub fault: Option<UserError>,
}

/// A view of a history. It is searched and followed until it is dropped.
#[derive(Debug)]
pub struct View {
    history: History,
    filter: ViewFilter,
    state: Arc<State>,
    progress: watch::Receiver<ViewProgress>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug)]
struct State {
    found: RwLock<Found>,
    stop: AtomicBool,
    halt: AtomicBool,
    /// Somebody asked for one or the other.
    asked: tokio::sync::Notify,
}

impl History {
    /// Begins a view. It searches on a thread of its own; rows can be asked for at once.
    ///
    /// # Errors
    /// A condition that cannot be asked.
    pub fn view(&self, filter: &ViewFilter) -> Result<View, FilterError> {
        Ok(self.view_of(filter, Compiled::new(filter)?))
    }

    /// Begins a view of what the compiled conditions let through; `filter` is remembered with it.
    pub(crate) fn view_of(&self, filter: &ViewFilter, compiled: Compiled) -> View {
        // The border is drawn before the search begins; whatever is committed later is new.
        let mut revision = self.revision();
        revision.mark_unchanged();
        let removals = self.shared().index().removals().count();
        let (base, total) = self.border();
        let found = RwLock::new(Found::from(base));
        let state = Arc::new(State {
            found,
            stop: AtomicBool::new(false),
            halt: AtomicBool::new(false),
            asked: tokio::sync::Notify::new(),
        });
        let progress = watch::Sender::new(ViewProgress {
            found: 0,
            scanned: 0,
            remaining: total,
            complete: total == 0,
            halted: false,
            fault: None,
        });
        let watched = progress.subscribe();
        let search = Search {
            shared: Arc::clone(self.shared()),
            state: Arc::clone(&state),
            pace: Pace::begin(compiled.reads_messages()),
            filter: compiled,
            revision,
            progress,
            below: base + 1,
            above: base,
            removals,
        };
        let thread = std::thread::Builder::new()
            .name("view".to_owned())
            .spawn(move || search.run())
            .inspect_err(|error| tracing::error!(%error, "a view has no thread"))
            .ok();
        let filter = filter.clone();
        View { history: self.clone(), filter, state, progress: watched, thread }
    }
}

impl View {
    /// How far it is; changes with each step and each new match.
    pub fn progress(&self) -> watch::Receiver<ViewProgress> {
        self.progress.clone()
    }

    /// At most `count` rows from the place `first` among those found so far, oldest first. Blocks for a read.
    ///
    /// # Errors
    /// [`HistoryError::Closed`], or what the file does not let be read.
    pub fn page(&self, first: u64, count: u32) -> Result<Page, HistoryError> {
        let (total, ids) = {
            let found = self.found();
            let end = first.saturating_add(count.into()).min(found.len());
            (found.len(), (first..end).filter_map(|place| found.at(place)).collect::<Vec<_>>())
        };
        let rows = self.history.rows_of(&ids, first)?;
        Ok(Page { first, total, rows })
    }

    /// Stops searching what was there when the view began. What was found stays, and what comes is still followed.
    pub fn halt(&self) {
        self.state.halt.store(true, Ordering::Release);
        self.state.asked.notify_one();
    }

    /// How many matches there are so far.
    pub fn len(&self) -> u64 {
        self.found().len()
    }

    /// Whether there is no match so far.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The place of the first match that is not before a message; the number of matches where all are.
    pub fn place(&self, id: MessageId) -> u64 {
        self.found().place(id)
    }

    /// The ids of all matches, which must have been looked for in all of the view's history.
    pub(crate) fn complete_ids(&self, history: &History) -> Result<Vec<u64>, HistoryError> {
        let is_its_own = Arc::ptr_eq(history.shared(), self.history.shared());
        if !is_its_own || !self.progress.borrow().complete {
            return Err(HistoryError::ViewIncomplete);
        }
        Ok(self.found().ids())
    }

    /// The match at a place, oldest first.
    pub(crate) fn id_at(&self, place: u64) -> Option<MessageId> {
        self.found().at(place)
    }

    /// Goes through all matches so far, oldest first.
    pub(crate) fn each(&self, mut act: impl FnMut(MessageId)) {
        let found = self.found();
        (0..found.len()).filter_map(|place| found.at(place)).for_each(&mut act);
    }

    pub(crate) fn filter(&self) -> &ViewFilter {
        &self.filter
    }

    pub(crate) fn history(&self) -> &History {
        &self.history
    }

    fn found(&self) -> std::sync::RwLockReadGuard<'_, Found> {
        self.state.found.read().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for View {
    fn drop(&mut self) {
        self.state.stop.store(true, Ordering::Release);
        self.state.asked.notify_one();
        if let Some(thread) = self.thread.take() {
            let _panicked_search_is_over_too = thread.join();
        }
    }
}

/// The thread's own state.
struct Search {
    shared: Arc<Shared>,
    state: Arc<State>,
    filter: Compiled,
    pace: Pace,
    revision: watch::Receiver<u64>,
    progress: watch::Sender<ViewProgress>,
    /// Ids from here up to the border were looked at.
    below: u64,
    /// Ids above the border up to here were looked at.
    above: u64,
    /// How many removals of the history are followed.
    removals: u64,
}

impl Search {
    fn run(mut self) {
        let Ok(waiting) = tokio::runtime::Builder::new_current_thread().build() else {
            tracing::error!("a view cannot wait for what is new");
            return;
        };
        while !self.state.stop.load(Ordering::Acquire) {
            match self.step() {
                Ok(true) => self.tell(None),
                Ok(false) => {
                    self.tell(None);
                    if !waiting.block_on(self.news()) {
                        return;
                    }
                }
                Err(HistoryError::Closed) => return,
                Err(error) => {
                    self.tell(Some(error.to_user_error()));
                    if !waiting.block_on(self.news()) {
                        return;
                    }
                }
            }
        }
    }

    /// Waits until the history changes or somebody asks for something. False where the history ended.
    async fn news(&mut self) -> bool {
        tokio::select! {
            changed = self.revision.changed() => changed.is_ok(),
            () = self.state.asked.notified() => true,
        }
    }

    /// Looks at what is new, else at a slice of what is old. False where nothing is left to look at.
    fn step(&mut self) -> Result<bool, HistoryError> {
        let slice = self.pace.ids();
        let (first, last) = self.shared.bounds();
        self.follow_removals();
        if self.above < last.0 {
            let end = last.0.min(self.above.saturating_add(slice));
            let ids = scan::matches(&self.shared, &mut self.filter, self.above + 1..end + 1)?;
            self.above = end;
            self.found(|found| found.add_newer(ids.into_iter()));
            return Ok(true);
        }
        if self.below > first.0 && !self.state.halt.load(Ordering::Acquire) {
            let began = Instant::now();
            let begin = first.0.max(self.below.saturating_sub(slice));
            let ids = scan::matches(&self.shared, &mut self.filter, begin..self.below)?;
            self.below = begin;
            self.pace.took(began.elapsed());
            self.found(|found| found.add_older(ids.into_iter().rev()));
            return Ok(true);
        }
        Ok(false)
    }

    /// Lets go of what left the history since the last step.
    fn follow_removals(&mut self) {
        let index = self.shared.index();
        let count = index.removals().count();
        if count == self.removals {
            return;
        }
        let gone = index.removals().since(self.removals);
        self.removals = count;
        match gone {
            Gone::Ranges(removals) => {
                drop(index);
                self.found(|found| removals.iter().for_each(|ranges| found.forget(ranges)));
            }
            Gone::Unknown => {
                self.found(|found| found.keep(|id| index.position(MessageId(id)).is_some()));
            }
        }
    }

    fn found(&self, change: impl FnOnce(&mut Found)) {
        change(&mut self.state.found.write().unwrap_or_else(PoisonError::into_inner));
    }

    fn tell(&self, fault: Option<UserError>) {
        let found = self.state.found.read().unwrap_or_else(PoisonError::into_inner).len();
        let (remaining, scanned) = {
            let index = self.shared.index();
            let remaining = index.count_before(MessageId(self.below));
            (remaining, index.count_before(MessageId(self.above + 1)) - remaining)
        };
        let complete = remaining == 0;
        let halted = !complete && self.state.halt.load(Ordering::Acquire);
        self.progress.send_if_modified(|told| {
            let next = ViewProgress { found, scanned, remaining, complete, halted, fault };
            let changed = *told != next;
            *told = next;
            changed
        });
    }
}
