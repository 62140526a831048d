//! What the handles of a history and its writer's thread share.
//!
//! Opening a history that was closed well does not wait for its index: an outline says how much there is, the newest rows are
//! read from the file, and the writer's thread reads the index before it writes anything. Whoever asks for more than
//! the outline waits for it, without having to know. Until somebody does, that thread leaves the machine for a moment to what
//! is shown first: reading a million rows beside it made the first page a third slower on two cores.

use std::path::Path;
use std::sync::{Mutex, OnceLock, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::thread::Thread;
use std::time::Duration;

use mqttscope_model::{MessageId, Removed, UserError};
use tokio::sync::watch;

use crate::bookmarks::Bookmarks;
use crate::inbox::Inbox;
use crate::index::{Index, Outline};
use crate::load::{Loaded, Rows};
use crate::pages::Pages;
use crate::read::Readers;

/// How long the reading of the index waits for somebody who needs it. What is appended meanwhile is stored so much later.
const HEAD_START: Duration = Duration::from_millis(50);

/// The state of an open history.
pub(crate) struct Shared {
    pub(crate) inbox: Inbox,
    pub(crate) readers: Readers,
    index: RwLock<Index>,
    /// Set once the index has all rows. Until then nothing is written, and the outline holds.
    whole: OnceLock<()>,
    /// Whom [`Shared::hurry`] wakes.
    writer: OnceLock<Thread>,
    outline: Outline,
    bookmarks: RwLock<Bookmarks>,
    pages: Mutex<Pages>,
    pub(crate) removed: watch::Sender<Removed>,
    pub(crate) committed: watch::Sender<u64>,
    revision: watch::Sender<u64>,
    pub(crate) fault: watch::Sender<Option<UserError>>,
}

impl Shared {
    /// What a file holds, ready to be shared, and what the writer has yet to take over of it.
    pub(crate) fn over(path: &Path, loaded: Loaded, pages: Pages) -> (Self, Rows) {
        let Loaded { outline, mut rows, next_id, last_time_us, bookmarks, removed } = loaded;
        let whole = OnceLock::new();
        let mut index = Index::default();
        if let Rows::Known(known) = &mut rows {
            index = std::mem::take(&mut known.index);
            let _first = whole.set(());
        }
        let shared = Self {
            bookmarks: RwLock::new(bookmarks),
            pages: Mutex::new(pages),
            removed: watch::Sender::new(removed),
            inbox: Inbox::new(next_id.0, last_time_us),
            readers: Readers::of(path.to_owned()),
            index: RwLock::new(index),
            whole,
            writer: OnceLock::new(),
            outline,
            committed: watch::Sender::new(next_id.0 - 1),
            revision: watch::Sender::new(0),
            fault: watch::Sender::new(None),
        };
        (shared, rows)
    }

    /// The index, once it is whole.
    pub(crate) fn index(&self) -> RwLockReadGuard<'_, Index> {
        if !self.is_whole() {
            self.hurry();
            self.whole.wait();
        }
        self.index.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// The index of its writer, who makes it whole.
    pub(crate) fn index_mut(&self) -> RwLockWriteGuard<'_, Index> {
        self.index.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// This thread will make the index whole.
    pub(crate) fn is_written_by(&self, writer: Thread) {
        let _there_is_one = self.writer.set(writer);
    }

    /// Has the index read now.
    pub(crate) fn hurry(&self) {
        if let Some(writer) = self.writer.get() {
            writer.unpark();
        }
    }

    /// Waits in the writer's thread until somebody needs the index, and not for long.
    pub(crate) fn let_the_first_page_go_first(&self) {
        std::thread::park_timeout(HEAD_START);
    }

    /// Nobody waits for the index any more.
    pub(crate) fn set_whole(&self) {
        let _it_was_already = self.whole.set(());
    }

    pub(crate) fn is_whole(&self) -> bool {
        self.whole.get().is_some()
    }

    /// How much there is; waits for nothing.
    pub(crate) fn outline(&self) -> Outline {
        if self.is_whole() { self.index().outline() } else { self.outline }
    }

    pub(crate) fn bookmarks(&self) -> RwLockReadGuard<'_, Bookmarks> {
        self.bookmarks.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn bookmarks_mut(&self) -> RwLockWriteGuard<'_, Bookmarks> {
        self.bookmarks.write().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn pages(&self) -> Pages {
        *self.pages.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn set_pages(&self, pages: Pages) {
        *self.pages.lock().unwrap_or_else(PoisonError::into_inner) = pages;
    }

    /// The ids of the first and the last committed row; without rows nothing lies between them.
    pub(crate) fn bounds(&self) -> (MessageId, MessageId) {
        let index = self.index();
        let last = MessageId(*self.committed.borrow());
        (index.first_id().unwrap_or(MessageId(last.0 + 1)), last)
    }

    pub(crate) fn revise(&self) {
        self.revision.send_modify(|revision| *revision += 1);
    }

    pub(crate) fn revision(&self) -> watch::Receiver<u64> {
        self.revision.subscribe()
    }
}
