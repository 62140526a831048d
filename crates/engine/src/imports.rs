//! The imports of this run of the application: those that wait for a person's choice, and what takes the others back.
//!
//! All of it lives in memory. What was found may hold passwords in clear, so it must not outlive the window that shows
//! it: only the last few are kept, and an import that was run is forgotten but for its undo.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use mqttscope_exchange::{Found, ImportId};
use mqttscope_model::{ErrorCode, UserError};

use crate::api::ImportProgress;
use crate::undo::Undo;

/// How many previews are kept; a window shows one.
const MOST_OPEN: usize = 4;

/// What was found in a file or a text.
#[derive(Clone, Debug)]
pub(crate) struct Open {
    pub(crate) found: Arc<Found>,
    /// The file's name; empty for text.
    pub(crate) file: String,
}

/// How far an import is, and whether it shall end.
#[derive(Debug)]
pub(crate) struct Running {
    pub(crate) progress: ImportProgress,
    cancelled: Arc<AtomicBool>,
}

/// Asked between two steps of an import.
#[derive(Clone, Debug)]
pub(crate) struct Cancelled(Arc<AtomicBool>);

impl Cancelled {
    /// # Errors
    /// [`ErrorCode::Cancelled`] from the moment when a person cancelled.
    pub(crate) fn check(&self) -> Result<(), UserError> {
        if self.0.load(Ordering::Relaxed) {
            return Err(UserError::new(ErrorCode::Cancelled, "The import was cancelled."));
        }
        Ok(())
    }
}

#[derive(Debug, Default)]
pub(crate) struct Imports(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    last: u32,
    open: BTreeMap<ImportId, Open>,
    running: BTreeMap<ImportId, Running>,
    done: BTreeMap<ImportId, Undo>,
}

impl Imports {
    /// Keeps what was found, and forgets the oldest where there are too many.
    pub(crate) fn add(&self, found: Found, file: String) -> (ImportId, Open) {
        let mut kept = self.lock();
        kept.last += 1;
        let id = ImportId(kept.last);
        let open = Open { found: Arc::new(found), file };
        kept.open.insert(id, open.clone());
        while kept.open.len() > MOST_OPEN {
            kept.open.pop_first();
        }
        (id, open)
    }

    pub(crate) fn open(&self, id: ImportId) -> Result<Open, UserError> {
        self.lock().open.get(&id).cloned().ok_or_else(gone)
    }

    /// Puts what an unlocked import holds in its place, unless it was forgotten meanwhile.
    pub(crate) fn replace(&self, id: ImportId, found: Arc<Found>) {
        if let Some(open) = self.lock().open.get_mut(&id) {
            open.found = found;
        }
    }

    /// Begins to run an import. It stays open until it has worked.
    pub(crate) fn begin(&self, id: ImportId) -> Result<(Open, Cancelled), UserError> {
        let mut kept = self.lock();
        if kept.running.contains_key(&id) {
            return Err(gone());
        }
        let open = kept.open.get(&id).cloned().ok_or_else(gone)?;
        let cancelled = Arc::new(AtomicBool::new(false));
        let progress = ImportProgress { import: id, done: 0, total: 0 };
        kept.running.insert(id, Running { progress, cancelled: Arc::clone(&cancelled) });
        Ok((open, Cancelled(cancelled)))
    }

    /// Ends running; with an undo it has worked.
    pub(crate) fn end(&self, id: ImportId, undo: Option<Undo>) {
        let mut kept = self.lock();
        kept.running.remove(&id);
        if let Some(undo) = undo {
            kept.open.remove(&id);
            kept.done.insert(id, undo);
        }
    }

    /// Forgets an import, or tells it to end.
    pub(crate) fn cancel(&self, id: ImportId) {
        let mut kept = self.lock();
        match kept.running.get(&id) {
            Some(running) => running.cancelled.store(true, Ordering::Relaxed),
            None => _ = kept.open.remove(&id),
        }
    }

    pub(crate) fn set_progress(&self, progress: &ImportProgress) {
        if let Some(running) = self.lock().running.get_mut(&progress.import) {
            running.progress.clone_from(progress);
        }
    }

    /// How far an import is that runs.
    pub(crate) fn progress(&self, id: ImportId) -> Option<ImportProgress> {
        self.lock().running.get(&id).map(|running| running.progress.clone())
    }

    /// What takes an import back, so that nobody else does so at the same time.
    pub(crate) fn take_undo(&self, id: ImportId) -> Result<Undo, UserError> {
        self.lock().done.remove(&id).ok_or_else(gone)
    }

    /// It could not be taken back yet.
    pub(crate) fn keep_undo(&self, id: ImportId, undo: Undo) {
        self.lock().done.insert(id, undo);
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn gone() -> UserError {
    UserError::new(ErrorCode::ImportGone, "This import is not open any more.")
        .hint("Choose the file again.")
}
