//! Leaves from the file itself, many at a time.
//!
//! By way of SQLite (`sqlite_dbpage`) a page costs about twice what it costs to read. Only a checkpoint writes to the file of a database with a
//! log: pages that stand in the log, and none that is newer than what somebody who reads still sees. So as long as a
//! transaction reads, a page that does not stand in the log is in the file what the transaction sees, and stays it. Which
//! pages stand in the log is told by the log, whose form SQLite promises to keep; it is read after the transaction began.
//!
//! The price is a handle on the file beside SQLite's own. On Unix, closing any handle of a file ends all of the process's
//! locks on it, so this one is closed only when no connection is left ([`crate::read::Readers`]). Elsewhere it is not used.

use std::collections::HashSet;
use std::fs::{File, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

/// Bytes in front of the log, and in front of each page in it.
const LOG_HEADER: usize = 32;
const FRAME_HEADER: usize = 24;

/// A log that was not written to for so long shows by its time when it is written to again.
const SETTLED: Duration = Duration::from_secs(1);

/// What tells a file from any other: device and number.
type Identity = (u64, u64);

/// The file of a history beside SQLite.
#[derive(Debug)]
pub(crate) struct Direct {
    file: File,
    path: PathBuf,
    log: PathBuf,
    identity: Identity,
    known: Mutex<Option<Known>>,
}

/// Which pages stood in a log of this time and size.
#[derive(Debug)]
struct Known {
    written: SystemTime,
    length: u64,
    pages: Arc<HashSet<u32>>,
}

/// What may be read of the file while a transaction reads.
pub(crate) struct Steady<'a> {
    file: &'a File,
    page_size: usize,
    logged: Arc<HashSet<u32>>,
}

impl Direct {
    /// The file at a path; `None` where it cannot be used.
    pub(crate) fn open(path: &Path) -> Option<Self> {
        // Before it is opened, because it could not be closed.
        identity(&std::fs::metadata(path).ok()?)?;
        let file = File::open(path).ok()?;
        let identity = file.metadata().ok().as_ref().and_then(identity).unwrap_or_default();
        let mut log = path.as_os_str().to_owned();
        log.push("-wal");
        let (path, log) = (path.to_owned(), log.into());
        Some(Self { file, path, log, identity, known: Mutex::new(None) })
    }

    /// What a transaction that began before may read here; `None` where that is not certain.
    pub(crate) fn steady(&self, page_size: usize) -> Option<Steady<'_>> {
        let there = std::fs::metadata(&self.path).ok().as_ref().and_then(identity);
        if there != Some(self.identity) {
            return None;
        }
        let logged = self.logged(page_size).ok()?;
        Some(Steady { file: &self.file, page_size, logged })
    }

    /// All pages of which the log has a version, also one that is over or not yet committed.
    fn logged(&self, page_size: usize) -> io::Result<Arc<HashSet<u32>>> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let log = File::open(&self.log)?;
        let about = log.metadata()?;
        let (written, length) = (about.modified()?, about.len());
        if let Some(known) = &*known
            && (known.written, known.length) == (written, length)
        {
            return Ok(Arc::clone(&known.pages));
        }
        let pages = Arc::new(pages_in(&log, length, page_size)?);
        let settled = SystemTime::now().duration_since(written).is_ok_and(|since| since > SETTLED);
        *known = settled.then(|| Known { written, length, pages: Arc::clone(&pages) });
        Ok(pages)
    }
}

fn pages_in(log: &File, length: u64, page_size: usize) -> io::Result<HashSet<u32>> {
    let mut pages = HashSet::new();
    let mut header = [0; LOG_HEADER];
    if length < header.len() as u64 {
        return Ok(pages);
    }
    read_at(log, &mut header, 0)?;
    if field(&header, 8).map(|size| size as usize) != Some(page_size) {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let mut frame = [0; FRAME_HEADER];
    let step = page_size + FRAME_HEADER;
    for at in (LOG_HEADER as u64..).step_by(step) {
        if at + FRAME_HEADER as u64 > length {
            break;
        }
        read_at(log, &mut frame, at)?;
        // What lies behind the last page is of an earlier round and has other salts.
        if frame.get(8..16) != header.get(16..24) {
            break;
        }
        pages.extend(field(&frame, 0));
    }
    Ok(pages)
}

fn field(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(*bytes.get(at..)?.first_chunk()?))
}

impl Steady<'_> {
    pub(super) fn has(&self, page: u32) -> bool {
        !self.logged.contains(&page)
    }

    /// Reads whole pages, the first of which has this number.
    ///
    /// # Errors
    /// What the system says; also where the file ends before.
    pub(super) fn read(&self, first: u32, into: &mut [u8]) -> io::Result<()> {
        let before = u64::from(first).checked_sub(1).ok_or(io::ErrorKind::InvalidInput)?;
        read_at(self.file, into, before * self.page_size as u64)
    }
}

#[cfg(unix)]
fn identity(about: &Metadata) -> Option<Identity> {
    use std::os::unix::fs::MetadataExt as _;
    Some((about.dev(), about.ino()))
}

#[cfg(not(unix))]
fn identity(_: &Metadata) -> Option<Identity> {
    None
}

#[cfg(unix)]
fn read_at(file: &File, into: &mut [u8], at: u64) -> io::Result<()> {
    use std::os::unix::fs::FileExt as _;
    file.read_exact_at(into, at)
}

#[cfg(not(unix))]
fn read_at(_: &File, _: &mut [u8], _: u64) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}
