//! Reading a file into the index when it is opened.
//!
//! One scan in the order of the ids, without payloads: SQLite takes `length(payload)` of a BLOB from
//! the row's header and leaves overflow pages alone, so a 20 MB message costs as much as a small
//! one. The scan touches every page of the table itself, which is also how damage is found.

use std::sync::Arc;

use mqttscope_model::{MessageId, Removed};
use rusqlite::{Connection, OptionalExtension};

use crate::HistoryError;
use crate::bookmarks::{self, Bookmarks};
use crate::flags::Flags;
use crate::index::{Entry, Index};
use crate::topics::Topics;

/// What a file holds.
pub(crate) struct Loaded {
    pub(crate) index: Index,
    pub(crate) topics: Topics,
    /// The id of the next message.
    pub(crate) next_id: MessageId,
    /// The time of the last message; no later one gets an earlier.
    pub(crate) last_time_us: i64,
    pub(crate) bookmarks: Bookmarks,
    /// What the limits removed so far.
    pub(crate) removed: Removed,
}

/// More topics than this have no place in memory, so no number is higher.
const MOST_TOPICS: usize = 100_000_000;

/// Reads all but the payloads.
///
/// # Errors
/// [`HistoryError::Damaged`] where the rows are not such as this program writes.
pub(crate) fn load(connection: &Connection) -> Result<Loaded, HistoryError> {
    let names = topic_names(connection)?;
    let mut index = Index::default();
    index.learn((1..).zip(&names).filter_map(|(number, name)| Some((number, name.clone()?))));
    let mut statement = connection
        .prepare("SELECT id, ts, topic_id, flags, length(payload) FROM message ORDER BY id")?;
    let mut rows = statement.query([])?;
    let mut last_time_us = i64::MIN;
    while let Some(row) = rows.next()? {
        let entry = entry(row, &names)?;
        last_time_us = last_time_us.max(entry.time_us);
        // Only another program can have written a time that goes back; the index does not bear it.
        index.push(&Entry { time_us: last_time_us, ..entry });
    }
    let first_id = first_id(connection)?;
    let next_id = index.last_id().map_or(first_id, |last| first_id.max(MessageId(last.0 + 1)));
    Ok(Loaded {
        index,
        topics: Topics::of(names),
        next_id,
        last_time_us,
        bookmarks: Bookmarks::of(bookmarks::load(connection)?),
        removed: removed(connection)?,
    })
}

fn entry(row: &rusqlite::Row<'_>, topics: &[Option<Arc<str>>]) -> Result<Entry, HistoryError> {
    let id: i64 = row.get(0)?;
    let topic: u32 = row.get(2)?;
    if id < 1 || id == i64::MAX {
        return Err(HistoryError::damaged(format!("a message has the number {id}")));
    }
    let name = (topic as usize).checked_sub(1).and_then(|at| topics.get(at));
    if name.is_none_or(Option::is_none) {
        return Err(HistoryError::damaged(format!("message {id} has the unknown topic {topic}")));
    }
    let bits: i64 = row.get(3)?;
    let flags = Flags::from_bits(bits)
        .ok_or_else(|| HistoryError::damaged(format!("message {id} has the flags {bits}")))?;
    Ok(Entry {
        id: MessageId(id.cast_unsigned()),
        time_us: row.get(1)?,
        topic,
        length: row.get(4)?,
        flags,
    })
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

fn removed(connection: &Connection) -> Result<Removed, HistoryError> {
    let counter = |name: &str| -> Result<Option<i64>, HistoryError> {
        let sql = "SELECT value FROM counter WHERE name = ?1";
        Ok(connection.query_row(sql, [name], |row| row.get(0)).optional()?)
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
