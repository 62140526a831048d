//! Long work on the file: removing the messages of a view, giving free space back.
//!
//! The writer does it in slices between its commits, so recording goes on and nothing that comes meanwhile is
//! touched. What a slice has done stays done when the rest is cancelled.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use mqttscope_model::UserError;
use rusqlite::InterruptHandle;
use tokio::sync::watch;

use crate::batch::Request;
use crate::pages::Pages;
use crate::store::Plan;
use crate::writer::Writer;
use crate::{History, HistoryError, View};

/// Bytes of a page in the files that this program makes.
const PAGE: u64 = 8_192;

/// Free pages that are given back at once.
const SLICE_PAGES: u32 = 256;

/// How far a job is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UpkeepProgress {
    /// Messages that were removed, or bytes that were given back.
    pub done: u64,
    /// How many that will be, as far as it is known.
    pub total: u64,
    /// Whether it goes on.
    pub state: UpkeepState,
}

/// Whether a job goes on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum UpkeepState {
    /// It does, or waits for its turn.
    #[default]
    Running,
    /// All is done.
    Done,
    /// It was cancelled, or the history was closed.
    Cancelled,
    /// It could not go on.
    Failed(UserError),
}

/// A job that the writer does. Dropping it does not end the job.
#[derive(Clone, Debug)]
pub struct Upkeep {
    progress: watch::Receiver<UpkeepProgress>,
    stop: Arc<Stop>,
}

impl Upkeep {
    /// How far it is; the last value is told when it ends.
    pub fn progress(&self) -> watch::Receiver<UpkeepProgress> {
        self.progress.clone()
    }

    /// Ends it soon. What was done stays done.
    pub fn cancel(&self) {
        self.stop.asked.store(true, Ordering::Release);
        if let Some(long) = &*self.stop.long() {
            long.interrupt();
        }
    }
}

/// How a job is told to end.
#[derive(Default)]
pub(crate) struct Stop {
    asked: AtomicBool,
    /// A statement that takes long runs on this connection.
    long: Mutex<Option<InterruptHandle>>,
}

impl Stop {
    pub(crate) fn is_asked(&self) -> bool {
        self.asked.load(Ordering::Acquire)
    }

    fn long(&self) -> std::sync::MutexGuard<'_, Option<InterruptHandle>> {
        self.long.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does something that a cancel interrupts.
    pub(crate) fn interrupting<T>(&self, handle: InterruptHandle, act: impl FnOnce() -> T) -> T {
        *self.long() = Some(handle);
        let done = act();
        *self.long() = None;
        done
    }
}

impl std::fmt::Debug for Stop {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Stop").field("asked", &self.asked).finish_non_exhaustive()
    }
}

/// What is to be done.
#[derive(Debug)]
pub(crate) enum Work {
    /// Removes these messages, of which so many were looked at.
    Remove { ids: Vec<u64>, looked_at: usize },
    /// Gives free pages back.
    Compact,
}

/// The writer's side of a job. Dropped before its end it counts as cancelled.
#[derive(Debug)]
pub(crate) struct Running {
    pub(crate) work: Work,
    pub(crate) stop: Arc<Stop>,
    progress: watch::Sender<UpkeepProgress>,
}

impl Running {
    /// So much more is done.
    pub(crate) fn advance(&self, by: u64) {
        self.progress.send_modify(|told| {
            told.done += by;
            told.total = told.total.max(told.done);
        });
    }

    fn done(&self) -> u64 {
        self.progress.borrow().done
    }

    /// It will be so much.
    pub(crate) fn expect(&self, total: u64) {
        self.progress.send_modify(|told| told.total = total);
    }

    pub(crate) fn end(&self, state: UpkeepState) {
        self.progress.send_modify(|told| {
            if told.state == UpkeepState::Running {
                told.state = state;
            }
        });
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.end(UpkeepState::Cancelled);
    }
}

impl History {
    /// Gives the free space of the file back to the disk, in slices while recording goes on. A file that an older
    /// program began is rewritten once in one go, during which recording waits and as much space again is needed.
    ///
    /// # Errors
    /// [`HistoryError::Closed`].
    pub fn compact(&self) -> Result<Upkeep, HistoryError> {
        self.begin(Work::Compact, 0)
    }

    /// Removes exactly the messages that a view shows, bookmarked ones too; what comes afterwards stays. The
    /// space is used again; [`History::compact`] gives it back to the disk.
    ///
    /// # Errors
    /// [`HistoryError::ViewIncomplete`] while older messages are still being searched, [`HistoryError::Closed`].
    pub fn clear_view(&self, view: &View) -> Result<Upkeep, HistoryError> {
        let ids = view.complete_ids(self)?;
        let total = ids.len() as u64;
        self.begin(Work::Remove { ids, looked_at: 0 }, total)
    }

    fn begin(&self, work: Work, total: u64) -> Result<Upkeep, HistoryError> {
        let stop = Arc::new(Stop::default());
        let progress = watch::Sender::new(UpkeepProgress { total, ..UpkeepProgress::default() });
        let upkeep = Upkeep { progress: progress.subscribe(), stop: Arc::clone(&stop) };
        self.shared().inbox.ask(Request::Upkeep(Running { work, stop, progress }))?;
        Ok(upkeep)
    }
}

impl Writer {
    /// One slice of what there is to do besides writing. True where there is more.
    pub(crate) fn do_upkeep(&mut self) -> bool {
        if let Some(store) = &mut self.store
            && let Err(error) = store.keep_log_at(self.keeper.log_pages(PAGE), PAGE)
        {
            tracing::warn!(%error, "the log keeps its size");
        }
        let Some(mut running) = self.upkeep.pop_front() else { return self.cut() };
        if running.stop.is_asked() {
            running.end(UpkeepState::Cancelled);
            return true;
        }
        let result = match &mut running.work {
            Work::Remove { .. } => self.remove_some(&mut running),
            Work::Compact => self.give_back_some(&running),
        };
        match result {
            Ok(true) => self.upkeep.push_front(running),
            Ok(false) => running.end(UpkeepState::Done),
            Err(_) if running.stop.is_asked() => running.end(UpkeepState::Cancelled),
            Err(error) => running.end(UpkeepState::Failed(error.to_user_error())),
        }
        true
    }

    /// True where messages are left to be looked at.
    fn remove_some(&mut self, running: &mut Running) -> Result<bool, HistoryError> {
        let Work::Remove { ids, looked_at } = &mut running.work else { return Ok(false) };
        let rest = ids.get(*looked_at..).unwrap_or_default();
        let (going, looked) = self.shared.index().among(rest, self.keeper.portion());
        *looked_at += looked;
        let more = *looked_at < ids.len();
        let rows = going.rows;
        if rows > 0 {
            self.write_once(Plan { going, ..self.bare_plan() })?;
        }
        running.advance(rows);
        Ok(more)
    }

    /// True where pages are left to be given back.
    fn give_back_some(&mut self, running: &Running) -> Result<bool, HistoryError> {
        let store = self.store()?;
        let before = Pages::of(store.connection())?;
        let in_slices = store.gives_back_in_slices()?;
        let after = if in_slices {
            running.expect(running.done() + before.free_bytes());
            store.give_back(SLICE_PAGES)?
        } else {
            let handle = store.connection().get_interrupt_handle();
            running.stop.interrupting(handle, || store.rewrite())?
        };
        running.advance(before.bytes().saturating_sub(after.bytes()));
        let more = in_slices && after.free > 0 && after.total < before.total;
        if !more {
            store.empty_log()?;
        }
        self.measured(after);
        self.shared.revise();
        Ok(more)
    }

    /// Gives pages back where the limit was lowered. True where there are more.
    fn cut(&mut self) -> bool {
        if !self.keeper.wants_cut(self.pages) {
            return false;
        }
        let cut = self.store().and_then(|store| match store.gives_back_in_slices()? {
            true => store.give_back(SLICE_PAGES),
            false => Pages::of(store.connection()),
        });
        match cut {
            Ok(pages) => {
                let less = pages.total < self.pages.total;
                self.measured(pages);
                let more = less && self.keeper.wants_cut(pages);
                if less && !more {
                    let emptied = self.store().and_then(|store| store.empty_log());
                    let _the_next_commit_does_it_else = emptied;
                }
                more
            }
            Err(error) => {
                // It is tried again with the next commit.
                tracing::warn!(%error, "free pages were not given back");
                false
            }
        }
    }
}
