//! The writer's thread: the only one that changes the file.
//!
//! It takes what is queued, commits it, and only then publishes it: index first, then the watch
//! channels. When a commit fails it says so (`fault`), keeps everything, and tries again after a
//! pause that grows; room on the disk, or a clear, lets it go on. The price of one thread is that
//! a checkpoint holds up the next batch; the queue in front of it is what that is for.

use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use mqttscope_model::{MessageId, UserError};

use crate::batch::{Backlog, ClearRequest};
use crate::handle::Shared;
use crate::inbox::{Orders, Patience};
use crate::store::{Committed, Store};
use crate::topics::Topics;
use crate::{Cleared, HistoryError, file};

/// The first and the longest pause after a commit that failed.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(3);

/// The thread's own state.
pub(crate) struct Writer {
    shared: Arc<Shared>,
    path: PathBuf,
    /// Keeps other processes from writing for as long as this thread runs.
    _lock: File,
    /// `None` between a failure that lost the connection and the next attempt.
    store: Option<Store>,
    backlog: Backlog,
    /// Messages below were cleared; what becomes of them is of no interest any more.
    first_kept: MessageId,
    pause: Option<Duration>,
}

impl Writer {
    pub(crate) fn new(
        shared: Arc<Shared>,
        path: PathBuf,
        lock: File,
        store: Store,
        next_id: MessageId,
    ) -> Self {
        let backlog = Backlog::before(next_id);
        let first_kept = MessageId(1);
        Self { shared, path, _lock: lock, store: Some(store), backlog, first_kept, pause: None }
    }

    /// Works until the history is closed and all is written, or cannot be.
    ///
    /// # Errors
    /// [`HistoryError::NotFlushed`] where messages were left at the end.
    pub(crate) fn run(mut self) -> Result<(), HistoryError> {
        loop {
            let patience = self.pause.map_or(Patience::Endless, Patience::Retry);
            let Orders { clears, closing } = self.shared.inbox.take(&mut self.backlog, patience);
            for request in clears {
                self.clear(request);
            }
            let written = self.write_all();
            if let Err(error) = written {
                self.stumble(&error);
                if closing {
                    let messages = self.backlog.messages.len() as u64;
                    return Err(HistoryError::NotFlushed { messages, cause: Box::new(error) });
                }
            } else if closing {
                return Ok(());
            }
        }
    }

    fn write_all(&mut self) -> Result<(), HistoryError> {
        while !self.backlog.is_empty() {
            let mut store = match self.store.take() {
                Some(store) => store,
                None => Store::reopened(file::connect(&self.path, self.backlog.first_id)?),
            };
            let attempt = store.write(&self.backlog, self.first_kept);
            // A full disk leaves the connection as good as it was; after anything else it is
            // made anew.
            if matches!(attempt, Ok(_) | Err(HistoryError::DiskFull)) {
                self.store = Some(store);
            }
            self.publish(attempt?);
            self.recover();
        }
        Ok(())
    }

    fn publish(&mut self, committed: Committed) {
        let count = committed.entries.len();
        let last = committed.entries.last().map(|entry| entry.id);
        {
            let mut index = self.shared.index_mut();
            index.learn(committed.topics);
            for entry in &committed.entries {
                index.push(entry);
            }
        }
        self.shared.inbox.settled(self.backlog.messages.iter().take(count));
        self.backlog.messages.drain(..count);
        self.backlog.first_id.0 += count as u64;
        self.backlog.outcomes.drain(..committed.outcomes);
        if let Some(last) = last {
            self.shared.committed.send_replace(last.0);
        }
        self.shared.revise();
    }

    fn stumble(&mut self, error: &HistoryError) {
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
        if let Err(error) = file::replace(&self.path, first_kept) {
            if !self.path.exists() {
                // The old file had to make room, and even that was not enough for a new one.
                std::mem::take(&mut *self.shared.index_mut());
                self.shared.revise();
            }
            return Err(error);
        }
        self.store = file::connect(&self.path, first_kept)
            .map(|connection| Store::new(connection, Topics::default()))
            .ok();
        let cleared = std::mem::take(&mut *self.shared.index_mut());
        Ok((before.saturating_sub(file::bytes_on_disk(&self.path)), cleared.total()))
    }
}

#[cfg(test)]
mod tests {
    use mqttscope_model::{Direction, Message, QoS};

    use super::*;
    use crate::load;

    fn message(number: u64) -> Message {
        Message {
            time_us: 0,
            direction: Direction::Received,
            topic: format!("t/{number}"),
            qos: QoS::AtMostOnce,
            retain: false,
            dup: false,
            payload: vec![7; 1000],
            properties: Vec::new(),
        }
    }

    /// A writer whose thread is the test, over a file that may grow to this many pages.
    fn writer_over(path: &std::path::Path, pages: u32) -> Writer {
        let lock = file::lock(path).unwrap();
        let connection = file::connect(path, MessageId(1)).unwrap();
        connection.pragma_update(None, "max_page_count", pages).unwrap();
        let shared = Shared::over(path, crate::index::Index::default(), MessageId(1), 0);
        let store = Store::new(connection, Topics::default());
        Writer::new(Arc::new(shared), path.to_owned(), lock, store, MessageId(1))
    }

    #[test]
    fn what_did_not_fit_is_kept_and_written_when_there_is_room() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("h");
        let mut writer = writer_over(&path, 300);
        for number in 1..=5_000 {
            writer.shared.inbox.append(message(number)).unwrap();
        }
        let _orders = writer.shared.inbox.take(&mut writer.backlog, Patience::Endless);
        for attempt in 1..=3 {
            let error = writer.write_all().unwrap_err();
            assert!(matches!(error, HistoryError::DiskFull), "{attempt}: {error}");
            writer.stumble(&error);
        }
        let committed = *writer.shared.committed.borrow();
        assert!(committed < 5_000);
        assert_eq!(writer.backlog.first_id.0, committed + 1);
        assert_eq!(writer.shared.inbox.pressure().queued_messages, 5_000 - committed);
        assert!(writer.shared.fault.borrow().is_some());

        let store = writer.store.as_ref().unwrap();
        store.connection().pragma_update(None, "max_page_count", 100_000).unwrap();
        writer.write_all().unwrap();
        assert_eq!(*writer.shared.fault.borrow(), None);
        assert_eq!(*writer.shared.committed.borrow(), 5_000);
        assert_eq!(writer.shared.inbox.pressure().queued_messages, 0);
        drop(writer);
        let loaded = load::load(&file::connect(&path, MessageId(1)).unwrap()).unwrap();
        assert_eq!(loaded.index.total(), 5_000);
        for row in loaded.index.slice(0, 5_000) {
            assert_eq!((row.id.0, &*row.topic), (row.index + 1, &*format!("t/{}", row.index + 1)));
        }
    }

    #[test]
    fn a_commit_that_happened_though_it_failed_is_not_repeated() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("h");
        let mut writer = writer_over(&path, 100_000);
        for number in 1..=10 {
            writer.shared.inbox.append(message(number)).unwrap();
        }
        let _orders = writer.shared.inbox.take(&mut writer.backlog, Patience::Endless);
        // Committed behind the writer's back, which loses its connection.
        let mut store = writer.store.take().unwrap();
        store.write(&writer.backlog, MessageId(1)).unwrap();
        drop(store);
        writer.write_all().unwrap();
        assert_eq!(*writer.shared.committed.borrow(), 10);
        drop(writer);
        let loaded = load::load(&file::connect(&path, MessageId(1)).unwrap()).unwrap();
        assert_eq!((loaded.index.total(), loaded.next_id), (10, MessageId(11)));
    }
}
