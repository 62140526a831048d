//! The lock that keeps a second writer out, in whatever process.
//!
//! It lies in a file of its own, because closing any handle of the history's own file would end SQLite's locks on it.

use std::fs::{File, TryLockError};
use std::path::Path;
use std::time::{Duration, Instant};

use crate::HistoryError;
use crate::file::{lock_of, not_writable};

/// How long the lock may still be held by somebody who is just ending. That may be a child process that was forked from
/// this one and has not begun its own program yet: until then it has all locks that this one had.
const PATIENCE: Duration = Duration::from_millis(500);

/// How often it is tried meanwhile.
const INTERVAL: Duration = Duration::from_millis(20);

/// Makes the folder and takes the lock. It ends with the returned file.
///
/// # Errors
/// [`HistoryError::InUse`], [`HistoryError::NotWritable`].
pub(crate) fn lock(path: &Path) -> Result<File, HistoryError> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(not_writable(folder))?;
    }
    let name = lock_of(path);
    let file = File::options().create(true).truncate(false).write(true).open(&name);
    let file = file.map_err(not_writable(&name))?;
    match claim(&file) {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(HistoryError::InUse { path: path.to_owned() }),
        Err(TryLockError::Error(source)) => Err(not_writable(&name)(source)),
    }
}

/// Locks a file against all others who claim it, until it is closed. Waits half a second for somebody who is just ending.
///
/// # Errors
/// [`TryLockError::WouldBlock`] where somebody else has it.
pub fn claim(file: &File) -> Result<(), TryLockError> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        match file.try_lock() {
            Err(TryLockError::WouldBlock) if Instant::now() < deadline => {
                std::thread::sleep(INTERVAL);
            }
            settled => return settled,
        }
    }
}
