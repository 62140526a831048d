//! Whether the history's file is still where it was.
//!
//! Unix lets a file be removed while it is open, and SQLite then writes on into nothing that anybody will ever find. So each
//! transaction is preceded by a look at the name, for a microsecond. A file that was removed is written anew from the
//! connection that still has it, so nothing is lost, neither what was shown nor what comes; the price is that recording waits for that, some
//! seconds a gigabyte. Where another file has taken the name nothing is overwritten: recording stops, says so, and
//! goes on when that file is gone. Who wants a history to be empty clears it. Windows does not let it come to this.

use std::fs::File;
use std::io;
use std::path::Path;

use rusqlite::Connection;

use crate::writer::Writer;
use crate::{HistoryError, file, lock};

/// What tells a file from any other that has its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Identity {
    device: u64,
    number: u64,
}

impl Identity {
    /// Of the file at a path; none where there is none.
    ///
    /// # Errors
    /// The folder cannot be looked into.
    pub(crate) fn of(path: &Path) -> Result<Option<Self>, HistoryError> {
        match std::fs::metadata(path) {
            Ok(about) => Ok(Some(Self::from(&about))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(HistoryError::NotWritable { path: path.to_owned(), source }),
        }
    }
}

#[cfg(unix)]
impl From<&std::fs::Metadata> for Identity {
    fn from(about: &std::fs::Metadata) -> Self {
        use std::os::unix::fs::MetadataExt as _;
        Self { device: about.dev(), number: about.ino() }
    }
}

#[cfg(not(unix))]
impl From<&std::fs::Metadata> for Identity {
    fn from(_: &std::fs::Metadata) -> Self {
        Self { device: 0, number: 0 }
    }
}

/// The files that must stay where they are: the history, and the lock that keeps others out.
#[derive(Debug)]
pub(crate) struct Presence {
    history: Option<Identity>,
    lock: File,
}

impl Presence {
    /// Of a history that was just opened.
    pub(crate) fn of(path: &Path, lock: File) -> Self {
        Self { history: Identity::of(path).ok().flatten(), lock }
    }

    /// The file was made anew by its writer.
    pub(crate) fn renew(&mut self, path: &Path) {
        self.history = Identity::of(path).ok().flatten();
    }

    /// Whether the file is there. An error where it is another.
    fn holds(&self, path: &Path) -> Result<bool, HistoryError> {
        match Identity::of(path)? {
            found if found == self.history => Ok(true),
            None => Ok(false),
            Some(_) => Err(HistoryError::Replaced { path: path.to_owned() }),
        }
    }

    /// Takes the lock again where its file went as well.
    fn lock_again(&mut self, path: &Path) -> Result<(), HistoryError> {
        let own = self.lock.metadata().ok().map(|about| Identity::from(&about));
        if Identity::of(&file::lock_of(path))? != own {
            self.lock = lock::lock(path)?;
        }
        Ok(())
    }
}

/// Writes all that a connection sees to another file.
fn save(connection: &Connection, path: &Path) -> Result<(), HistoryError> {
    let name = path.to_str().ok_or_else(|| HistoryError::Removed { path: path.to_owned() })?;
    connection.execute("VACUUM INTO ?1", [name])?;
    Ok(())
}

impl Writer {
    /// Sees to it that what is written stays: the file is where it was, or is again.
    ///
    /// # Errors
    /// [`HistoryError::Replaced`], [`HistoryError::Removed`], or why it cannot be written anew; then nothing may be written.
    pub(crate) fn hold_on(&mut self) -> Result<(), HistoryError> {
        if self.presence.holds(&self.path)? {
            return Ok(());
        }
        tracing::warn!(path = %self.path.display(), "the history's file was removed while it was open");
        self.presence.lock_again(&self.path)?;
        let Some(store) = &self.store else {
            // The connection was lost before: there is nothing to write anew from.
            self.presence.renew(&self.path);
            self.forget_all();
            self.shared.revise();
            return Err(HistoryError::Removed { path: self.path.clone() });
        };
        file::save_anew(&self.path, |name| save(store.connection(), name))?;
        self.take_anew()?;
        tracing::warn!(path = %self.path.display(), "it was written anew, nothing is lost");
        Ok(())
    }

    /// Goes over to the file that was written anew.
    fn take_anew(&mut self) -> Result<(), HistoryError> {
        let old = self.store.take();
        let shared = std::sync::Arc::clone(&self.shared);
        shared.readers.closed_while(|| {
            if let Some(old) = old {
                file::keep_log_on_close(old.connection())?;
            }
            file::finish_replacing(&self.path)
        })?;
        self.store = Some(self.reopen()?);
        Ok(())
    }

    /// The history is closed and its file is gone for good: how much that is.
    pub(crate) fn lost(&mut self, cause: HistoryError) -> HistoryError {
        self.stumble(&cause);
        let messages = self.shared.index().total();
        HistoryError::NotFlushed { messages, cause: Box::new(cause) }
    }

    /// At the end: where another file has the name, what is only in memory of the disk goes beside it.
    pub(crate) fn leave(&mut self) {
        let Err(HistoryError::Replaced { .. }) = self.presence.holds(&self.path) else { return };
        let Some(store) = &self.store else { return };
        let kept = file::free_name(&self.path, "kept", (self.clock)());
        match save(store.connection(), &kept) {
            Ok(()) => {
                tracing::warn!(path = %kept.display(), "a history whose place was taken is here")
            }
            Err(error) => tracing::error!(%error, "a history whose place was taken is lost"),
        }
    }
}
