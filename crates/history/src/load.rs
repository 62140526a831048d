//! What a file holds, read when it is opened.
//!
//! Where the stored blocks of the index cover every message only what they say of themselves is read, so that opening takes
//! a millisecond however much there is; the writer's thread reads the rest. Else, after a kill for instance, blocks
//! and the rows that are in none of them are read at once. Such a scan goes in the order of the ids, without payloads:
//! SQLite takes `length(payload)` of a BLOB from the row's header and leaves overflow pages alone. The price is that a
//! damaged page in the middle of an old history is found by who reads it (`stored`).

use std::ops::RangeInclusive;
use std::sync::Arc;

use mqttscope_model::{MessageId, Removed};
use rusqlite::{Connection, OptionalExtension};

use crate::bookmarks::{self, Bookmarks};
use crate::flags::Flags;
use crate::index::{About, Entry, Index, Outline};
use crate::topics::Topics;
use crate::{HistoryError, stored};

/// What a file holds.
pub(crate) struct Loaded {
    pub(crate) outline: Outline,
    pub(crate) rows: Rows,
    /// The id of the next message.
    pub(crate) next_id: MessageId,
    /// The time of the last message; no later one gets an earlier.
    pub(crate) last_time_us: i64,
    pub(crate) bookmarks: Bookmarks,
    /// What the limits removed so far.
    pub(crate) removed: Removed,
}

/// How much is known of the messages.
pub(crate) enum Rows {
    /// All.
    Known(Box<Known>),
    /// That these blocks have all of them.
    Stored(Vec<About>),
}

/// All that the memory holds of messages.
#[derive(Default)]
pub(crate) struct Known {
    pub(crate) index: Index,
    pub(crate) topics: Topics,
}

/// More topics than this have no place in memory, so no number is higher.
const MOST_TOPICS: usize = 100_000_000;

/// Reads what must be known to answer for the newest messages, and all where that is not stored.
///
/// # Errors
/// [`HistoryError::Damaged`] where the rows are not such as this program writes.
pub(crate) fn load(connection: &mut Connection) -> Result<Loaded, HistoryError> {
    let suspect = stored::is_suspect(connection)?;
    let directory = if suspect { Vec::new() } else { stored::directory(connection)? };
    let rows = if !directory.is_empty() && stored::cover_all(connection, &directory)? {
        Rows::Stored(directory)
    } else {
        Rows::Known(Box::new(known(connection, &directory)?))
    };
    if suspect {
        match stored::trust(connection) {
            Err(error @ HistoryError::Damaged { .. }) => return Err(error),
            // On a full disk, for one; then it stays suspect.
            done => drop(done),
        }
    }
    let outline = match &rows {
        Rows::Known(known) => known.index.outline(),
        Rows::Stored(directory) => Outline::of(directory),
    };
    let last_time_us = match &rows {
        Rows::Known(known) => known.index.last_time_us(),
        Rows::Stored(_) => None,
    };
    let first_id = first_id(connection)?;
    Ok(Loaded {
        next_id: outline.last_id.map_or(first_id, |last| first_id.max(MessageId(last.0 + 1))),
        last_time_us: last_time(connection)?.max(last_time_us.unwrap_or(i64::MIN)),
        outline,
        rows,
        bookmarks: Bookmarks::of(bookmarks::load(connection)?),
        removed: removed(connection)?,
    })
}

/// Reads all that memory holds of messages: blocks, and what is in none of them from the rows.
///
/// # Errors
/// [`HistoryError::Damaged`] where the rows are not such as this program writes.
pub(crate) fn known(connection: &Connection, directory: &[About]) -> Result<Known, HistoryError> {
    let names = topic_names(connection)?;
    let known = match Reading::new(connection, &names).all(directory)? {
        Some(index) => Some(index),
        // Only another program can have written times that contradict the blocks.
        None => Reading::new(connection, &names).all(&[])?,
    };
    Ok(Known { index: known.unwrap_or_default(), topics: Topics::of(names) })
}

/// An index under construction.
struct Reading<'a> {
    connection: &'a Connection,
    names: &'a [Option<Arc<str>>],
    index: Index,
    last_time_us: i64,
}

impl<'a> Reading<'a> {
    fn new(connection: &'a Connection, names: &'a [Option<Arc<str>>]) -> Self {
        let mut index = Index::default();
        index.learn((1..).zip(names).filter_map(|(number, name)| Some((number, name.clone()?))));
        Self { connection, names, index, last_time_us: i64::MIN }
    }

    /// None where a block has earlier times than the rows before it.
    fn all(mut self, directory: &[About]) -> Result<Option<Index>, HistoryError> {
        let mut from = i64::MIN;
        for about in directory {
            let (first, last) = (about.first_id.cast_signed(), about.last_id.cast_signed());
            if from < first {
                self.scan(from..=first - 1)?;
            }
            if about.first_time_us < self.last_time_us {
                return Ok(None);
            }
            if self.block(about)? {
                self.last_time_us = self.index.last_time_us().unwrap_or(self.last_time_us);
            } else {
                tracing::warn!(first, last, "a stored block of the index is not used");
                self.scan(first..=last)?;
            }
            from = last + 1;
        }
        self.scan(from..=i64::MAX)?;
        Ok(Some(self.index))
    }

    fn block(&mut self, about: &About) -> Result<bool, HistoryError> {
        let (names, index) = (self.names, &mut self.index);
        let known = |topic: u32| name(names, topic).is_some();
        stored::with_columns(self.connection, about, |columns| index.unpack(about, columns, known))
    }

    fn scan(&mut self, ids: RangeInclusive<i64>) -> Result<(), HistoryError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT id, ts, topic_id, flags, length(payload) FROM message
             WHERE id BETWEEN ?1 AND ?2 ORDER BY id",
        )?;
        let mut rows = statement.query([ids.start(), ids.end()])?;
        while let Some(row) = rows.next()? {
            let entry = entry(row, self.names)?;
            self.last_time_us = self.last_time_us.max(entry.time_us);
            // Only another program can have written a time that goes back; the index does not bear it.
            self.index.push(&Entry { time_us: self.last_time_us, ..entry });
        }
        Ok(())
    }
}

fn name(names: &[Option<Arc<str>>], topic: u32) -> Option<&Arc<str>> {
    names.get((topic as usize).checked_sub(1)?)?.as_ref()
}

fn entry(row: &rusqlite::Row<'_>, topics: &[Option<Arc<str>>]) -> Result<Entry, HistoryError> {
    let id: i64 = row.get(0)?;
    let topic: u32 = row.get(2)?;
    if id < 1 || id == i64::MAX {
        return Err(HistoryError::damaged(format!("a message has the number {id}")));
    }
    if name(topics, topic).is_none() {
        return Err(HistoryError::damaged(format!("message {id} has the unknown topic {topic}")));
    }
    let bits: i64 = row.get(3)?;
    Ok(Entry {
        id: MessageId(id.cast_unsigned()),
        time_us: row.get(1)?,
        topic,
        length: row.get(4)?,
        flags: flags(id, bits)?,
    })
}

/// The flags of a message.
///
/// # Errors
/// [`HistoryError::Damaged`].
pub(crate) fn flags(id: i64, bits: i64) -> Result<Flags, HistoryError> {
    Flags::from_bits(bits)
        .ok_or_else(|| HistoryError::damaged(format!("message {id} has the flags {bits}")))
}

/// The Topic Names by their numbers from 1.
pub(crate) fn topic_names(connection: &Connection) -> Result<Vec<Option<Arc<str>>>, HistoryError> {
    let mut statement = connection.prepare("SELECT id, name FROM topic ORDER BY id")?;
    let mut rows = statement.query([])?;
    let mut names: Vec<Option<Arc<str>>> = Vec::new();
    while let Some(row) = rows.next()? {
        let id: i64 = row.get(0)?;
        let at = usize::try_from(id).ok().and_then(|number| number.checked_sub(1));
        let Some(at) = at.filter(|at| (names.len()..MOST_TOPICS).contains(at)) else {
            return Err(HistoryError::damaged(format!("a topic has the number {id}")));
        };
        names.resize(at, None);
        names.push(Some(row.get(1)?));
    }
    Ok(names)
}

/// The highest id in the file, 0 where there is none.
pub(crate) fn last_id(connection: &Connection) -> Result<MessageId, HistoryError> {
    let last: i64 =
        connection.query_row("SELECT coalesce(max(id), 0) FROM message", [], |row| row.get(0))?;
    Ok(MessageId(last.max(0).cast_unsigned()))
}

fn last_time(connection: &Connection) -> Result<i64, HistoryError> {
    let sql = "SELECT ts FROM message ORDER BY id DESC LIMIT 1";
    Ok(connection.query_row(sql, [], |row| row.get(0)).optional()?.unwrap_or(i64::MIN))
}

fn removed(connection: &Connection) -> Result<Removed, HistoryError> {
    let counter = |name: &str| -> Result<Option<i64>, HistoryError> {
        let sql = "SELECT value FROM counter WHERE name = ?1";
        Ok(connection.prepare_cached(sql)?.query_row([name], |row| row.get(0)).optional()?)
    };
    let count =
        |name: &str| Ok::<_, HistoryError>(counter(name)?.unwrap_or(0).max(0).cast_unsigned());
    Ok(Removed {
        messages: count("removed_messages")?,
        bytes: count("removed_bytes")?,
        since_us: counter("removed_since_us")?,
    })
}

fn first_id(connection: &Connection) -> Result<MessageId, HistoryError> {
    let stored: Option<i64> = connection
        .query_row("SELECT value FROM counter WHERE name = 'first_id'", [], |row| row.get(0))
        .optional()?;
    match stored {
        Some(id) if id > 0 => Ok(MessageId(id.cast_unsigned())),
        _ => Err(HistoryError::damaged("it does not say with which number it begins")),
    }
}
