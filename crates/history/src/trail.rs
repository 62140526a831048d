//! A trail: the messages of a history that a filter lets through, oldest first, each once, with what they hold.
//!
//! A view goes newest first, because a person looks at the end, and knows of a message only that it is there. Who
//! compares two recordings must read both from the beginning, and every payload once. So the index picks a piece of ids, and
//! rows are read in runs, each payload where SQLite has it: not more than one is in memory. A step ends after so many
//! messages or bytes, because a clear and the write-ahead log wait for a reader. What came is followed by asking again.
//! The price is that a filter on payloads reads rows, not pages, and takes up to three times as long as a view.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;

use mqttscope_model::{MessageId, ViewFilter};
use rusqlite::{Connection, params};

use crate::filter::{Compiled, FilterError};
use crate::index::Located;
use crate::rows::Row;
use crate::{History, HistoryError, ViewProgress};

/// Ids that the index is asked about at once.
const SLICE: u64 = 65_536;

/// Messages, and bytes of payload, that are read in one step; a payload that is larger is a step of its own.
const STEP_ROWS: usize = 2_048;
const STEP_BYTES: u64 = 8 << 20;

/// Rows of a run that are read although they need not be, where that is cheaper than another query.
const GAP: u64 = 8;

/// A message with what it holds, where SQLite has it.
#[derive(Clone, Copy, Debug)]
pub struct Content<'a> {
    /// Its id.
    pub id: MessageId,
    /// Microseconds since the Unix epoch; never less than the message's before, but where a cleared history was filled
    /// with older ones.
    pub time_us: i64,
    /// The Topic Name.
    pub topic: &'a Arc<str>,
    /// The payload.
    pub payload: &'a [u8],
    /// MQTT 5 properties in their wire encoding without the length prefix; empty where none came.
    pub properties: &'a [u8],
}

/// A way through a history, from its oldest message on.
#[derive(Debug)]
pub struct Trail {
    history: History,
    filter: Compiled,
    /// The last id that was there when the trail began.
    border: u64,
    /// Ids below were picked.
    next: u64,
    /// What the index let through and has not been read, rising.
    picked: VecDeque<u64>,
    /// How many the index lets through up to the border that have not been read; none until the first step.
    counted: Option<u64>,
    found: u64,
}

impl History {
    /// A trail at its beginning. Nothing is read before the first step.
    ///
    /// # Errors
    /// A condition that cannot be asked.
    pub fn trail(&self, filter: &ViewFilter) -> Result<Trail, FilterError> {
        Ok(Trail {
            filter: Compiled::new(filter)?,
            border: self.border().0,
            history: self.clone(),
            next: 1,
            picked: VecDeque::new(),
            counted: None,
            found: 0,
        })
    }

    /// Messages by their ids, as rows of a table, in the order of the ids. What is not there any more is left out; the
    /// rows' `index` counts the ids. Blocks for a read.
    ///
    /// # Errors
    /// [`HistoryError::Closed`], or what the file does not let be read.
    pub fn rows_by_id(&self, ids: &[MessageId]) -> Result<Vec<Row>, HistoryError> {
        self.rows_of(ids, 0)
    }
}

impl Trail {
    /// Goes on, and shows those that pass: at most 2,048 messages and about 8 MiB of payload. False where there
    /// was nothing more to look at. Blocks for a read.
    ///
    /// # Errors
    /// [`HistoryError::Closed`], or what the file does not let be read. What was shown before is not shown again; the
    /// next step goes on with the message that could not be read.
    pub fn step(&mut self, mut each: impl FnMut(Content<'_>)) -> Result<bool, HistoryError> {
        self.count();
        if self.picked.is_empty() && !self.pick() {
            return Ok(false);
        }
        let (portion, last) = self.portion();
        let (filter, found) = (&self.filter, &mut self.found);
        let mut shown = None;
        let read = self.history.shared().readers.read(|connection| {
            for run in portion.chunk_by(|one, next| next.id.0 - one.id.0 <= GAP) {
                read_run(connection, run, |content| {
                    shown = Some(content.id.0);
                    let wanted = filter.content.as_ref();
                    if wanted
                        .is_none_or(|wanted| wanted.passes(content.payload, content.properties))
                    {
                        *found += 1;
                        each(content);
                    }
                })?;
            }
            Ok(())
        });
        self.leave_behind(if read.is_ok() { last } else { shown });
        read.map(|()| true)
    }

    /// All messages up to this one were looked at.
    pub fn reached(&self) -> MessageId {
        MessageId(self.picked.front().copied().unwrap_or(self.next).saturating_sub(1))
    }

    /// How many messages the index lets through that were not read. Before the first step none are known.
    pub fn ahead(&self) -> u64 {
        let picked = self.picked.len() as u64;
        if self.next > self.border { picked } else { self.counted.unwrap_or(0).max(picked) }
    }

    /// How far it is. It has neither been halted nor failed: who steps knows that.
    pub fn progress(&self) -> ViewProgress {
        let reached = self.reached().0;
        let index = self.history.shared().index();
        let scanned = index.count_before(MessageId(reached + 1));
        let remaining = index.count_before(MessageId(self.border + 1)).saturating_sub(scanned);
        ViewProgress {
            found: self.found,
            scanned,
            remaining,
            complete: remaining == 0,
            halted: false,
            fault: None,
        }
    }

    /// The history that it goes through.
    pub fn history(&self) -> &History {
        &self.history
    }

    /// Asks the index once how much there will be to read.
    fn count(&mut self) {
        if self.counted.is_some() {
            return;
        }
        let (mut count, mut from, mut picked) = (0, self.next, Vec::new());
        while from <= self.border {
            let end = from.saturating_add(SLICE).min(self.border + 1);
            self.history.shared().index().pick(&mut self.filter.cheap, from..end, &mut picked);
            count += picked.len() as u64;
            picked.clear();
            from = end;
        }
        self.counted = Some(count);
    }

    /// Lets the index pick among the next ids. False where there are none.
    fn pick(&mut self) -> bool {
        let shared = self.history.shared();
        let (first, last) = shared.bounds();
        self.next = self.next.max(first.0);
        if self.next > last.0 {
            return false;
        }
        let range: Range<u64> = self.next..self.next.saturating_add(SLICE).min(last.0 + 1);
        let mut picked = Vec::new();
        self.next = range.end;
        shared.index().pick(&mut self.filter.cheap, range, &mut picked);
        self.picked = picked.into();
        true
    }

    /// The next messages that are still there, and the last id up to which these are all.
    fn portion(&self) -> (Vec<Located>, Option<u64>) {
        let index = self.history.shared().index();
        let (mut portion, mut bytes, mut last) = (Vec::new(), 0, None);
        for id in self.picked.iter().take(STEP_ROWS) {
            if let Some(located) = index.find(MessageId(*id)) {
                bytes += u64::from(located.length);
                if bytes > STEP_BYTES && !portion.is_empty() {
                    break;
                }
                portion.push(located);
            }
            last = Some(*id);
        }
        (portion, last)
    }

    fn leave_behind(&mut self, last: Option<u64>) {
        let Some(last) = last else { return };
        let count = self.picked.partition_point(|id| *id <= last);
        self.picked.drain(..count);
        self.counted = self.counted.map(|counted| counted.saturating_sub(count as u64));
    }
}

fn read_run(
    connection: &Connection,
    run: &[Located],
    mut each: impl FnMut(Content<'_>),
) -> Result<(), HistoryError> {
    let (Some(first), Some(last)) = (run.first(), run.last()) else { return Ok(()) };
    let mut statement = connection.prepare_cached(
        "SELECT id, ts, payload, props FROM message WHERE id BETWEEN ?1 AND ?2 ORDER BY id",
    )?;
    let ids = params![first.id.0.cast_signed(), last.id.0.cast_signed()];
    let mut rows = statement.query(ids)?;
    let mut wanted = run.iter().peekable();
    while let Some(row) = rows.next()? {
        let id = MessageId(row.get::<_, i64>(0)?.cast_unsigned());
        while wanted.next_if(|next| next.id < id).is_some() {}
        let Some(located) = wanted.next_if(|next| next.id == id) else { continue };
        let properties = row.get_ref(3)?.as_blob_or_null().map_err(rusqlite::Error::from)?;
        each(Content {
            id,
            time_us: row.get(1)?,
            topic: &located.topic,
            payload: row.get_ref(2)?.as_blob().map_err(rusqlite::Error::from)?,
            properties: properties.unwrap_or_default(),
        });
    }
    Ok(())
}
