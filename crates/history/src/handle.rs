//! The handle on a history: what the rest of the program sees of it.
//!
//! A handle is an `Arc`; the writer's thread ends, and the file is closed, with [`History::close`] or
//! with the last handle. Reading blocks the calling thread for a fraction of a millisecond (a
//! large payload: longer), so asynchronous callers read on a blocking thread; appending and the
//! watch channels may be used anywhere.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant, SystemTime};

use mqttscope_model::{ErrorCode, Message, MessageId, Outcome, UserError};
use tokio::sync::watch;

use crate::batch::Request;
use crate::index::Located;
use crate::load::{self, Loaded};
use crate::pages::Pages;
use crate::read;
use crate::rows::{Page, Row, StoredMessage};
pub(crate) use crate::shared::Shared;
use crate::store::Store;
use crate::writer::Writer;
use crate::{Cleared, HistoryError, Opened, Pressure, Stats, file, lock};

/// Rows from the end that are read without the index.
const AMONG_NEWEST: u32 = 1_000;

/// How long a page is read again where messages were removed meanwhile: the index knows of it as soon as the writer has
/// the processor again. Beyond that, another program has removed rows, and what is there is shown.
const PATIENCE: Duration = Duration::from_millis(500);

/// How long it is waited between two looks.
const LOOK: Duration = Duration::from_micros(200);

/// The recorded messages of a profile. Cloning gives another handle on the same history.
#[derive(Clone)]
pub struct History {
    inner: Arc<Inner>,
}

struct Inner {
    shared: Arc<Shared>,
    path: PathBuf,
    /// Sent messages up to here without an answer will never get one.
    last_of_earlier_runs: MessageId,
    writer: Mutex<Option<JoinHandle<Result<(), HistoryError>>>>,
}

impl History {
    /// Opens the history in the file `path`, or makes it, folders included. A damaged file is renamed
    /// to `<name>.damaged-<time>` and a new one begun; `clock` gives that time. Takes a millisecond where it was closed
    /// well, however many messages there are, and less than a tenth of a second for a million after a kill.
    ///
    /// # Errors
    /// [`HistoryError::InUse`] where it is open already, [`HistoryError::Newer`] where a newer
    /// program wrote it (it is not touched), [`HistoryError::NotWritable`],
    /// [`HistoryError::NotOpened`] or [`HistoryError::DiskFull`] where the folder does not let it be.
    pub fn open(
        path: &Path,
        clock: impl Fn() -> SystemTime + Send + 'static,
    ) -> Result<Opened, HistoryError> {
        let lock = lock::lock(path)?;
        file::finish_replacing(path)?;
        let (found, set_aside) = match open_file(path) {
            Err(HistoryError::Damaged { reason }) => {
                let aside = file::set_aside(path, clock())?;
                tracing::warn!(aside = %aside.display(), reason, "damaged history set aside");
                (open_file(path), Some(aside))
            }
            other => (other, None),
        };
        let (connection, loaded) = found.map_err(|error| error.while_opening(path))?;
        let next_id = loaded.next_id;
        let (shared, rows) = Shared::over(path, loaded, Pages::of(&connection)?);
        let shared = Arc::new(shared);
        let store = Store::new(connection)?;
        let (writers, clock) = (Arc::clone(&shared), Box::new(clock));
        let writer = Writer::new(writers, path.to_owned(), lock, store, next_id, clock);
        let end = EndOfWriter(Arc::clone(&shared));
        let thread = std::thread::Builder::new().name("history".to_owned()).spawn(move || {
            let _end = end;
            writer.run(rows)
        });
        let thread = thread.map_err(HistoryError::Thread)?;
        shared.is_written_by(thread.thread().clone());
        let inner = Inner {
            shared,
            path: path.to_owned(),
            last_of_earlier_runs: MessageId(next_id.0 - 1),
            writer: Mutex::new(Some(thread)),
        };
        Ok(Opened { history: Self { inner: Arc::new(inner) }, set_aside })
    }

    /// Queues a message for the disk and gives its id: dense, rising, never used twice. Its time
    /// is raised to that of the message before where it lies earlier. Never blocks and never drops;
    /// whoever appends watches [`History::hold`].
    ///
    /// # Errors
    /// [`HistoryError::TooLarge`], [`HistoryError::Closed`]; the message was not taken.
    pub fn append(&self, message: Message) -> Result<MessageId, HistoryError> {
        self.shared().inbox.append(message)
    }

    /// Queues what became of a sent message. Later outcomes replace earlier ones; those of unknown or
    /// cleared messages, and [`Outcome::Pending`], which every sent message is anyway, are ignored.
    pub fn set_outcome(&self, id: MessageId, outcome: Outcome) {
        self.shared().inbox.set_outcome(id, outcome);
    }

    /// The highest id such that it and all before are committed (or were cleared).
    pub fn committed(&self) -> watch::Receiver<u64> {
        self.shared().committed.subscribe()
    }

    /// A number that grows whenever rows, outcomes or a clear became visible.
    pub fn revision(&self) -> watch::Receiver<u64> {
        self.shared().revision()
    }

    /// Why nothing is being stored at the moment. All that was appended is kept, and tried again.
    pub fn fault(&self) -> watch::Receiver<Option<UserError>> {
        self.shared().fault.subscribe()
    }

    /// How much waits for the disk.
    pub fn pressure(&self) -> Pressure {
        self.shared().inbox.pressure()
    }

    /// Whether the pressure is high: then the socket must not be read.
    pub fn hold(&self) -> watch::Receiver<bool> {
        self.shared().inbox.hold()
    }

    /// At most `count` rows from the place `first` on. Blocks for a read.
    ///
    /// # Errors
    /// [`HistoryError::Closed`], or what the file does not let be read.
    pub fn page(&self, first: u64, count: u32) -> Result<Page, HistoryError> {
        if !self.shared().is_whole()
            && let Some(page) = self.page_of_newest(first, count)?
        {
            return Ok(page);
        }
        self.shared().readers.read(|connection| {
            let begun = Instant::now();
            loop {
                // Inside the gate, so that no clear comes between index and file.
                let (total, wanted) = {
                    let index = self.shared().index();
                    (index.total(), index.slice(first, count))
                };
                let rows = read::rows(connection, &wanted, self.inner.last_of_earlier_runs)?;
                if rows.len() == wanted.len() || begun.elapsed() > PATIENCE {
                    return Ok(Page { first, total, rows });
                }
                std::thread::sleep(LOOK);
            }
        })
    }

    /// A page of the newest rows while the index is being read; none where it is whole by now or would answer sooner.
    fn page_of_newest(&self, first: u64, count: u32) -> Result<Option<Page>, HistoryError> {
        let shared = self.shared();
        let total = shared.outline().total;
        if count > AMONG_NEWEST || total.saturating_sub(first) > AMONG_NEWEST.into() {
            return Ok(None);
        }
        let rows = shared.readers.read(|connection| {
            let wanted = read::newest(connection, total, first, count)?;
            read::rows(connection, &wanted, self.inner.last_of_earlier_runs)
        })?;
        // Nothing was written before the index was whole, so what was read is what there is.
        Ok((!shared.is_whole()).then_some(Page { first, total, rows }))
    }

    /// A committed message without its payload. Blocks for a read.
    ///
    /// # Errors
    /// [`HistoryError::NotFound`], [`HistoryError::Closed`], or what the file does not let be read.
    pub fn message(&self, id: MessageId) -> Result<StoredMessage, HistoryError> {
        self.shared().readers.read(|connection| {
            let found = {
                let index = self.shared().index();
                index.position(id).and_then(|position| index.slice(position, 1).pop())
            };
            let located = found.ok_or(HistoryError::NotFound(id))?;
            read::message(connection, &located, self.inner.last_of_earlier_runs)
        })
    }

    /// The payload of a committed message, byte for byte. Blocks for a read.
    ///
    /// # Errors
    /// [`HistoryError::NotFound`], [`HistoryError::Closed`], or what the file does not let be read.
    pub fn payload(&self, id: MessageId) -> Result<Vec<u8>, HistoryError> {
        self.shared().readers.read(|connection| read::payload(connection, id))
    }

    /// The place of the first message that is not older than a time (to the millisecond), or the
    /// number of messages where all are older.
    pub fn index_at(&self, time_us: i64) -> u64 {
        self.shared().index().at_or_after(time_us)
    }

    /// The place of the first message that is not before an id, or the number of messages where all are.
    pub fn place(&self, id: MessageId) -> u64 {
        let outline = self.shared().outline();
        match outline.last_id {
            Some(last) if id <= last => self.shared().index().count_before(id),
            // What is behind all is known while the index is still being read.
            _ => outline.total,
        }
    }

    /// How large the history is.
    pub fn stats(&self) -> Stats {
        let bytes_on_disk = file::bytes_on_disk(&self.inner.path);
        let removed = *self.shared().removed.borrow();
        let outline = self.shared().outline();
        Stats {
            messages: outline.total,
            received: outline.received,
            sent: outline.sent,
            first_id: outline.first_id,
            last_id: outline.last_id,
            bytes_on_disk,
            removed,
        }
    }

    /// The id that was given last, committed or not; 0 before the first.
    pub fn last_given(&self) -> MessageId {
        self.shared().inbox.last_given()
    }

    /// Removes everything that was appended until now and gives the space back. Ids go on where
    /// they were, also after a restart. Blocks until it is done.
    ///
    /// # Errors
    /// [`HistoryError::Closed`], or what the folder does not let be done; then nothing was removed.
    pub fn clear(&self) -> Result<Cleared, HistoryError> {
        let (reply, answer) = sync_channel(1);
        self.shared().inbox.clear(reply)?;
        answer.recv().map_err(|_| HistoryError::Closed)?
    }

    /// Asks the writer for something and waits for the answer.
    pub(crate) fn ask<T>(
        &self,
        request: impl FnOnce(SyncSender<Result<T, HistoryError>>) -> Request,
    ) -> Result<T, HistoryError> {
        let (reply, answer) = sync_channel(1);
        self.shared().inbox.ask(request(reply))?;
        answer.recv().map_err(|_| HistoryError::Closed)?
    }

    pub(crate) fn path(&self) -> &Path {
        &self.inner.path
    }

    /// Writes what is queued, closes the file and ends the thread. Blocks until it is done. All
    /// handles are closed with it; closing twice does nothing.
    ///
    /// # Errors
    /// [`HistoryError::NotFlushed`] where the last attempt to write failed too.
    pub fn close(&self) -> Result<(), HistoryError> {
        self.inner.close()
    }

    /// Rows by their ids, counted from the place `first`. What is not there any more is left out.
    pub(crate) fn rows_of(&self, ids: &[MessageId], first: u64) -> Result<Vec<Row>, HistoryError> {
        self.shared().readers.read(|connection| {
            let wanted: Vec<_> = {
                let index = self.shared().index();
                let places = ids.iter().zip(first..);
                places
                    .filter_map(|(id, place)| Some(Located { index: place, ..index.find(*id)? }))
                    .collect()
            };
            read::rows(connection, &wanted, self.inner.last_of_earlier_runs)
        })
    }

    /// The id that was committed last, and how many rows there are up to it.
    pub(crate) fn border(&self) -> (u64, u64) {
        let outline = self.shared().outline();
        (outline.last_id.map_or(0, |id| id.0), outline.total)
    }

    /// Whether a path leads to one of the history's own files, or may.
    pub fn owns(&self, path: &Path) -> bool {
        file::is_of(&self.inner.path, path)
    }

    pub(crate) fn last_of_earlier_runs(&self) -> MessageId {
        self.inner.last_of_earlier_runs
    }

    pub(crate) fn shared(&self) -> &Arc<Shared> {
        &self.inner.shared
    }
}

impl std::fmt::Debug for History {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("History").field("path", &self.inner.path).finish_non_exhaustive()
    }
}

impl Inner {
    fn close(&self) -> Result<(), HistoryError> {
        self.shared.inbox.close();
        self.shared.readers.close();
        self.shared.hurry();
        let writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner).take();
        match writer.map(JoinHandle::join) {
            Some(Ok(flushed)) => flushed,
            // It panicked: what it had is lost, and `fault` said so.
            Some(Err(_)) => Err(HistoryError::Closed),
            None => Ok(()),
        }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        if let Err(error) = self.close() {
            tracing::error!(path = %self.path.display(), %error, "history lost messages");
        }
    }
}

/// Whatever ends the writer, nobody may go on appending to a queue that nobody empties.
struct EndOfWriter(Arc<Shared>);

impl Drop for EndOfWriter {
    fn drop(&mut self) {
        self.0.inbox.close();
        self.0.set_whole();
        if std::thread::panicking() {
            let shown = UserError::new(ErrorCode::Internal, "The history's writer ended.");
            self.0.fault.send_replace(Some(shown));
        }
    }
}

fn open_file(path: &Path) -> Result<(rusqlite::Connection, Loaded), HistoryError> {
    let mut connection = file::connect(path, MessageId(1))?;
    match load::load(&mut connection) {
        Ok(loaded) => Ok((connection, loaded)),
        Err(error) => {
            // What is about to be set aside stays exactly as it was found.
            file::keep_log_on_close(&connection)?;
            Err(error)
        }
    }
}
