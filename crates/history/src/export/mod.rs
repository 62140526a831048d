//! Messages as a file: JSON Lines, which comes back exactly, and CSV for spreadsheets.
//!
//! Messages are read in slices from the oldest on and written while they are read; not more than one payload is in
//! memory, whatever the export's size. What is taken is settled when it begins: all that the filter lets through
//! up to the last committed message (or an earlier one), so what arrives meanwhile is not in it. A
//! message that is cleared meanwhile is not either. The price of the slices is that the file is no snapshot of outcomes:
//! each is as it was when its message was written.
//!
//! There is no format for replaying of its own: JSON Lines has the times in microseconds and every byte, so
//! whoever wants to play a recording reads that.

mod csv;
mod lines;
mod target;

use std::io::{self, Write};
use std::ops::Range;
use std::path::Path;

use mqttscope_model::{
    Direction, ExportRequest, MessageFormat, MessageId, Outcome, QoS, TransferProgress,
    TransferStage, Transferred,
};
use rusqlite::{Connection, params};

use crate::filter::Compiled;
use crate::index::Located;
use crate::job::Job;
use crate::read::shown_outcome;
use crate::{History, HistoryError, TransferError, outcome};

/// The JSON Lines that this program writes, and the newest that it reads.
pub(crate) use lines::{FORMAT, VERSION};
pub use target::write_file;

/// Ids that are picked at once, and bytes of payload that are written before the file is let go of: a clear waits
/// for a reader, and so does the write-ahead log.
const SLICE: u64 = 4_096;
const SLICE_BYTES: u64 = 8 << 20;

/// Rows of a run that are read although they need not be, where that is cheaper than another query.
const GAP: u64 = 8;

/// A message with everything; the payload where SQLite has it.
struct Whole<'a> {
    id: MessageId,
    time_us: i64,
    direction: Direction,
    topic: &'a str,
    qos: QoS,
    retain: bool,
    dup: bool,
    outcome: Option<Outcome>,
    properties: &'a [u8],
    payload: &'a [u8],
    /// Of its bookmark, where it has one; it may be empty.
    note: Option<&'a str>,
}

/// A format that messages are written in, one after the other.
trait Form {
    fn begin(&mut self, out: &mut dyn Write) -> io::Result<()>;
    fn message(&mut self, out: &mut dyn Write, message: &Whole<'_>) -> io::Result<()>;
}

impl History {
    /// Writes messages to the file `path`, which is there when all of them are written and not before: until then
    /// they lie in `<path>.part`, which is removed on any failure. A file that was there is replaced.
    /// Blocks; call it on a blocking thread.
    ///
    /// # Errors
    /// [`TransferError::Cancelled`], [`TransferError::NoRoom`], [`TransferError::NotWritten`],
    /// [`TransferError::OwnFile`], or what the history or the filter has against it.
    pub fn export_file(
        &self,
        request: &ExportRequest,
        path: &Path,
        job: &Job,
    ) -> Result<Transferred, TransferError> {
        if self.owns(path) {
            return Err(TransferError::OwnFile { path: path.to_owned() });
        }
        let mut target = target::Target::create(path)?;
        let done = self.export(request, &mut target, job, path)?;
        job.check()?;
        target.finish()?;
        Ok(done)
    }

    /// Writes messages to a stream, such as a terminal's output.
    ///
    /// # Errors
    /// Those of [`History::export_file`]; what was written then ends anywhere.
    pub fn export_to(
        &self,
        request: &ExportRequest,
        out: &mut dyn Write,
        job: &Job,
    ) -> Result<Transferred, TransferError> {
        self.export(request, out, job, Path::new(""))
    }

    fn export(
        &self,
        request: &ExportRequest,
        out: &mut dyn Write,
        job: &Job,
        path: &Path,
    ) -> Result<Transferred, TransferError> {
        let format: Box<dyn Form> = match request.format {
            MessageFormat::JsonLines => Box::new(lines::Lines),
            MessageFormat::Csv { byte_order_mark, formulas } => {
                Box::new(csv::Csv::new(byte_order_mark, formulas))
            }
        };
        let last = self.border().0.min(request.last.map_or(u64::MAX, |last| last.0));
        let total = self.shared().index().count_before(MessageId(last + 1));
        let run = Run {
            history: self,
            filter: Compiled::new(&request.filter)?,
            format,
            out: Counted { out, bytes: 0 },
            job,
            path,
            progress: TransferProgress {
                stage: TransferStage::Moving,
                total,
                ..TransferProgress::default()
            },
        };
        run.all(last)
    }
}

/// An export under way.
struct Run<'a> {
    history: &'a History,
    filter: Compiled,
    format: Box<dyn Form>,
    out: Counted<'a>,
    job: &'a Job,
    path: &'a Path,
    progress: TransferProgress,
}

impl Run<'_> {
    fn all(mut self, last: u64) -> Result<Transferred, TransferError> {
        self.job.tell(self.progress);
        self.format.begin(&mut self.out).map_err(|error| self.failed(error))?;
        let mut next = 1;
        loop {
            self.job.check()?;
            let (first, _) = self.history.shared().bounds();
            next = first.0.max(next);
            if next > last {
                break;
            }
            next = self.slice(next..(next + SLICE).min(last + 1))?;
            let done = self.history.shared().index().count_before(MessageId(next));
            self.progress.done = done.min(self.progress.total);
            self.progress.bytes = self.out.bytes;
            self.job.tell(self.progress);
        }
        self.out.flush().map_err(|error| self.failed(error))?;
        self.progress =
            TransferProgress { done: self.progress.total, bytes: self.out.bytes, ..self.progress };
        self.job.tell(self.progress);
        let messages = self.progress.messages;
        Ok(Transferred { messages, bytes: self.out.bytes, first: None })
    }

    fn failed(&self, source: io::Error) -> TransferError {
        TransferError::writing(self.path, source)
    }

    /// Writes what passes of a range of ids; the id to go on with.
    fn slice(&mut self, range: Range<u64>) -> Result<u64, TransferError> {
        let mut candidates = Vec::new();
        let found: Vec<Located> = {
            let index = self.history.shared().index();
            index.pick(&mut self.filter.cheap, range.clone(), &mut candidates);
            candidates.iter().filter_map(|id| index.find(MessageId(*id))).collect()
        };
        let (mut bytes, mut fits) = (0, 0);
        for one in &found {
            fits += 1;
            bytes += u64::from(one.length);
            if bytes >= SLICE_BYTES {
                break;
            }
        }
        let (now, later) = found.split_at(fits);
        let mut failed = None;
        self.history.shared().readers.read(|connection| {
            for run in now.chunk_by(|one, next| next.id.0 - one.id.0 <= GAP) {
                match self.rows(connection, run) {
                    Ok(()) => {}
                    Err(TransferError::History(error)) => return Err(error),
                    Err(other) => {
                        failed = Some(other);
                        break;
                    }
                }
            }
            Ok(())
        })?;
        match failed {
            Some(error) => Err(error),
            None => Ok(later.first().map_or(range.end, |next| next.id.0)),
        }
    }

    fn rows(&mut self, connection: &Connection, run: &[Located]) -> Result<(), TransferError> {
        let (Some(first), Some(last)) = (run.first(), run.last()) else { return Ok(()) };
        let mut statement = connection.prepare_cached(READ).map_err(HistoryError::from)?;
        let ids = params![first.id.0.cast_signed(), last.id.0.cast_signed()];
        let mut rows = statement.query(ids).map_err(HistoryError::from)?;
        let mut wanted = run.iter().peekable();
        while let Some(row) = rows.next().map_err(HistoryError::from)? {
            let id: i64 = row.get(0).map_err(HistoryError::from)?;
            let id = MessageId(id.cast_unsigned());
            while wanted.next_if(|next| next.id < id).is_some() {}
            if let Some(located) = wanted.next_if(|next| next.id == id) {
                self.row(row, located)?;
            }
        }
        Ok(())
    }

    fn row(&mut self, row: &rusqlite::Row<'_>, at: &Located) -> Result<(), TransferError> {
        let (time_us, payload, properties) = columns(row)?;
        let content = self.filter.content.as_ref();
        if content.is_some_and(|content| !content.passes(payload, properties)) {
            return Ok(());
        }
        let stored = outcome::from_row(row, 4)?;
        let bookmark = self.history.bookmark(at.id);
        let whole = Whole {
            id: at.id,
            time_us,
            direction: at.flags.direction(),
            topic: &at.topic,
            qos: at.flags.qos(),
            retain: at.flags.retain(),
            dup: at.flags.dup(),
            outcome: shown_outcome(stored, at, self.history.last_of_earlier_runs()),
            properties,
            payload,
            note: bookmark.as_ref().map(|bookmark| bookmark.note.as_str()),
        };
        self.format.message(&mut self.out, &whole).map_err(|error| self.failed(error))?;
        self.progress.messages += 1;
        Ok(())
    }
}

const READ: &str = "SELECT m.id, m.ts, m.payload, m.props, o.state, o.reason, o.code
  FROM message m LEFT JOIN outcome o ON o.id = m.id
  WHERE m.id BETWEEN ?1 AND ?2 ORDER BY m.id";

fn columns<'a>(row: &'a rusqlite::Row<'_>) -> Result<(i64, &'a [u8], &'a [u8]), HistoryError> {
    let payload = row.get_ref(2)?.as_blob().map_err(rusqlite::Error::from)?;
    let properties = row.get_ref(3)?.as_blob_or_null().map_err(rusqlite::Error::from)?;
    Ok((row.get(1)?, payload, properties.unwrap_or_default()))
}

/// Counts what goes through.
struct Counted<'a> {
    out: &'a mut dyn Write,
    bytes: u64,
}

impl Write for Counted<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes)?;
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
