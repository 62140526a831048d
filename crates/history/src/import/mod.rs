//! Our own JSON Lines as messages of a history.
//!
//! A history is in the order of time: its index finds a time by halving, and a raised time would be a lie. So an
//! import keeps every time, and brings messages only behind those that are there: into a history without messages, or
//! where all of them are older. Old messages for a history that already has newer ones belong into one of their
//! own; renumbering what is there would break every id that somebody holds. A file whose lines are not in order
//! is brought in in order.
//!
//! The file is read twice. The first time each line is judged, so that a fault in the last one is told with its place
//! and nothing was brought in; the second time messages are appended. Between both lies 16 bytes a message. A
//! disk that fills up, or somebody who cancels, can still end it half way: then a history that was empty is empty again.

mod line;

use std::future::Future;
use std::io::{BufRead, Read, Seek, SeekFrom};
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::Thread;

use mqttscope_model::{Message, MessageId, Outcome, TransferProgress, TransferStage, Transferred};

use crate::job::Job;
use crate::{History, HistoryError, MAX_BOOKMARKS, TransferError};
use line::{Read as Found, Taken};

/// The longest line in bytes: the largest payload as Base64, its properties and topic.
pub(crate) const LONGEST_LINE: u64 = 400 << 20;

/// How far ahead of the clock a message may be: further ones would give their time to all that come after.
const AHEAD_US: i64 = 86_400 * 1_000_000;

/// Messages between two words about the progress.
const TELL_EVERY: u64 = 1_000;

impl History {
    /// Brings the messages of a file of JSON Lines into this history, in the order of their times. They get new ids;
    /// all else stays, except that a sent message that was still pending counts as failed (`request.lost`), since its
    /// answer will not come here. Bookmarks are made last, with the time of now. `now_us` is the time in microseconds since the Unix epoch. Blocks; call it on a
    /// blocking thread.
    ///
    /// # Errors
    /// [`TransferError::Line`], [`TransferError::LineTooLong`], [`TransferError::Version`], [`TransferError::NotRead`]:
    /// nothing was brought in. [`TransferError::OutOfTime`] where a message is older than the history's last, or
    /// more than a day ahead of `now_us`. [`TransferError::Cancelled`], [`TransferError::Stopped`]: a history that was empty
    /// is empty again, another keeps what came until then.
    pub fn import_lines(
        &self,
        file: impl BufRead + Seek,
        now_us: i64,
        job: &Job,
    ) -> Result<Transferred, TransferError> {
        let mut source = Source::new(file)?;
        let shared = self.shared();
        let places = source.check(now_us, shared.bookmarks().len(), job)?;
        let given = shared.inbox.last_given();
        if shared.index().total() == 0 {
            shared.inbox.begin_anew_after(given);
        }
        let last_time_us = shared.inbox.last_time_us();
        if let Some(first) = places.first().filter(|first| first.time_us < last_time_us) {
            source.go_to(first)?;
            source.next()?;
            return Err(source.out_of_time(first.time_us));
        }
        let was_empty = shared.index().total() == 0 && self.pressure().queued_messages == 0;
        let mut bring = Bring::into(self, job);
        let brought = bring.all(&mut source, &places);
        if brought.is_err() && was_empty && bring.first.is_some() {
            self.clear()?;
        }
        brought?;
        Ok(Transferred { messages: bring.messages, bytes: source.size, first: bring.first })
    }
}

/// Where a message stands in the file.
#[derive(Clone, Copy)]
struct Place {
    time_us: i64,
    offset: u64,
}

/// The file, line by line.
struct Source<R> {
    file: R,
    size: u64,
    /// Where the next line begins.
    offset: u64,
    /// The number of the line that was read last, from 1; 0 where lines were leapt over.
    number: u64,
    line: Vec<u8>,
}

impl<R: BufRead + Seek> Source<R> {
    fn new(mut file: R) -> Result<Self, TransferError> {
        let size = file.seek(SeekFrom::End(0)).map_err(TransferError::NotRead)?;
        file.rewind().map_err(TransferError::NotRead)?;
        Ok(Self { file, size, offset: 0, number: 0, line: Vec::new() })
    }

    /// Reads all lines once: where each message is, in the order of their times. `bookmarks` are there already.
    fn check(
        &mut self,
        now_us: i64,
        mut bookmarks: usize,
        job: &Job,
    ) -> Result<Vec<Place>, TransferError> {
        let mut places = Vec::new();
        let mut progress = TransferProgress {
            stage: TransferStage::Checking,
            total: self.size,
            ..TransferProgress::default()
        };
        loop {
            if self.number.is_multiple_of(TELL_EVERY) || self.line.len() > 1 << 20 {
                job.check()?;
                (progress.done, progress.bytes) = (self.offset, self.offset);
                progress.messages = places.len() as u64;
                job.tell(progress);
            }
            let offset = self.offset;
            match self.next()? {
                None => break,
                Some(Found::Nothing) => {}
                Some(Found::Message(taken)) => {
                    let time_us = taken.message.time_us;
                    if time_us > now_us.saturating_add(AHEAD_US) {
                        let reason = "it lies in the future";
                        let line = self.number;
                        return Err(TransferError::OutOfTime { line, time_us, reason });
                    }
                    bookmarks += usize::from(taken.note.is_some());
                    if bookmarks > MAX_BOOKMARKS {
                        return Err(HistoryError::TooManyBookmarks { limit: MAX_BOOKMARKS }.into());
                    }
                    places.push(Place { time_us, offset });
                }
            }
        }
        // Those of the same time stay in the order of their lines.
        if !places.is_sorted_by_key(|place| place.time_us) {
            places.sort_by_key(|place| place.time_us);
        }
        Ok(places)
    }

    fn go_to(&mut self, place: &Place) -> Result<(), TransferError> {
        if self.offset != place.offset {
            self.file.seek(SeekFrom::Start(place.offset)).map_err(TransferError::NotRead)?;
            self.offset = place.offset;
            self.number = 0;
        }
        Ok(())
    }

    /// The next line; none at the end.
    fn next(&mut self) -> Result<Option<Found>, TransferError> {
        self.line.clear();
        // One long line does not stay in memory for all that follow.
        self.line.shrink_to(1 << 20);
        let mut limited = (&mut self.file).take(LONGEST_LINE + 1);
        let read = limited.read_until(b'\n', &mut self.line).map_err(TransferError::NotRead)?;
        if read == 0 {
            return Ok(None);
        }
        let is_first = self.offset == 0;
        self.offset += read as u64;
        self.number += 1;
        if read as u64 > LONGEST_LINE {
            return Err(TransferError::LineTooLong { line: self.number, limit: LONGEST_LINE });
        }
        let line = self.line.strip_suffix(b"\n").unwrap_or(&self.line);
        let mark = "\u{feff}".as_bytes();
        let line = if is_first { line.strip_prefix(mark).unwrap_or(line) } else { line };
        line::read(line, self.number).map(Some)
    }

    fn out_of_time(&self, time_us: i64) -> TransferError {
        let reason = "the history has newer messages";
        TransferError::OutOfTime { line: self.number, time_us, reason }
    }
}

/// Messages on their way into a history.
struct Bring<'a> {
    history: &'a History,
    job: &'a Job,
    first: Option<MessageId>,
    last: Option<MessageId>,
    messages: u64,
    /// Bookmarks, which are made when their messages are on disk.
    notes: Vec<(MessageId, String)>,
}

impl<'a> Bring<'a> {
    fn into(history: &'a History, job: &'a Job) -> Self {
        Self { history, job, first: None, last: None, messages: 0, notes: Vec::new() }
    }

    fn all<R: BufRead + Seek>(
        &mut self,
        source: &mut Source<R>,
        places: &[Place],
    ) -> Result<(), TransferError> {
        let total = source.size;
        let mut progress = TransferProgress { total, ..TransferProgress::default() };
        let hold = self.history.hold();
        source.file.rewind().map_err(TransferError::NotRead)?;
        (source.offset, source.number) = (0, 0);
        let mut read = 0;
        for (index, place) in places.iter().enumerate() {
            if self.messages.is_multiple_of(TELL_EVERY) {
                self.job.check()?;
                progress = TransferProgress { done: read, bytes: read, ..progress };
                progress.messages = self.messages;
                self.job.tell(progress);
            }
            source.go_to(place)?;
            let Some(Found::Message(taken)) = message_of(source)? else {
                // Somebody shortened the file since it was checked.
                let reason = "the file was changed while it was read".to_owned();
                return Err(TransferError::Line { line: source.number, column: 0, reason });
            };
            read += source.line.len() as u64;
            let time_us = taken.message.time_us;
            if time_us != place.time_us || !self.append(taken)? {
                tracing::debug!(index, "an imported message came too late");
                return Err(source.out_of_time(time_us));
            }
            if *hold.borrow() {
                let mut hold = hold.clone();
                self.wait(async move { hold.wait_for(|high| !high).await.is_ok() })?;
            }
        }
        if let Some(last) = self.last {
            let mut committed = self.history.committed();
            self.wait(async move { committed.wait_for(|id| *id >= last.0).await.is_ok() })?;
        }
        self.mark()?;
        progress = TransferProgress { done: total, bytes: total, ..progress };
        self.job.tell(TransferProgress { messages: self.messages, ..progress });
        Ok(())
    }

    /// False where a newer message came in between.
    fn append(&mut self, taken: Taken) -> Result<bool, TransferError> {
        let Taken { message, outcome, note } = taken;
        let Some(id) = self.history.shared().inbox.append_in_time(message)? else {
            return Ok(false);
        };
        if let Some(outcome) = outcome {
            self.history.set_outcome(id, outcome);
        }
        self.notes.extend(note.map(|note| (id, note)));
        self.first.get_or_insert(id);
        self.last = Some(id);
        self.messages += 1;
        Ok(true)
    }

    /// Makes the bookmarks.
    fn mark(&mut self) -> Result<(), TransferError> {
        for (id, note) in self.notes.drain(..) {
            self.job.check()?;
            match self.history.set_bookmark(id, &note) {
                // The limits were quicker.
                Err(HistoryError::NotFound(_)) => {}
                done => done?,
            }
        }
        Ok(())
    }

    /// Waits for the writer, for as long as it can write and nobody cancels.
    fn wait(&self, until: impl Future<Output = bool>) -> Result<(), TransferError> {
        let mut fault = self.history.fault();
        block_on(async {
            tokio::select! {
                open = until => open.then_some(()).ok_or(HistoryError::Closed.into()),
                found = fault.wait_for(Option::is_some) => {
                    let found = found.ok().and_then(|found| found.clone());
                    Err(found.map_or(HistoryError::Closed.into(), |found| {
                        TransferError::Stopped(Box::new(found))
                    }))
                }
                () = self.job.cancelled() => Err(TransferError::Cancelled),
            }
        })
    }
}

/// The next message, over headers and empty lines.
fn message_of<R: BufRead + Seek>(source: &mut Source<R>) -> Result<Option<Found>, TransferError> {
    loop {
        match source.next()? {
            Some(Found::Nothing) => {}
            other => return Ok(other),
        }
    }
}

/// Waits on this thread, which may or may not belong to a runtime.
fn block_on<T>(future: impl Future<Output = T>) -> T {
    struct Unpark(Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
    let mut context = Context::from_waker(&waker);
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut context) {
            Poll::Ready(done) => return done,
            Poll::Pending => std::thread::park(),
        }
    }
}

/// What becomes of a sent message of which the file says nothing, or that nobody will answer any more.
fn settled(outcome: Option<Outcome>) -> Outcome {
    match outcome {
        // Nobody knows any more whether it was answered; it was sent.
        None => Outcome::Sent,
        Some(Outcome::Pending) => Outcome::Failed { code: mqttscope_model::ErrorCode::RequestLost },
        Some(known) => known,
    }
}

/// A message that was read, with what became of it.
fn taken(message: Message, outcome: Option<Outcome>, note: Option<String>) -> Taken {
    let sent = message.direction == mqttscope_model::Direction::Sent;
    Taken { message, outcome: sent.then(|| settled(outcome)), note }
}
