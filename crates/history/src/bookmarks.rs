//! Bookmarks: messages that a person wants to find again, with a note.
//!
//! They lie in a table of their own and, since there are few, in memory as well, so that a table can show and step
//! through them without a read. The limits of a history spare them, up to a bound (`retention`); what a
//! clear removes takes its bookmarks along.

use std::collections::BTreeMap;
use std::ops::Range;

use mqttscope_model::{Bookmark, MessageId};
use rusqlite::{Connection, params};

use crate::batch::Request;
use crate::{History, HistoryError};

/// Characters of a note.
pub const MAX_NOTE: usize = 10_000;

/// Bookmarks of a history.
pub const MAX_BOOKMARKS: usize = 100_000;

/// What shall become of a bookmark.
#[derive(Clone, Debug)]
pub(crate) enum Change {
    Set { id: MessageId, note: String, made_us: i64 },
    Remove(MessageId),
}

/// The bookmarks of a history, exactly as committed.
#[derive(Debug, Default)]
pub(crate) struct Bookmarks(BTreeMap<u64, Bookmark>);

impl Bookmarks {
    pub(crate) fn of(bookmarks: impl IntoIterator<Item = Bookmark>) -> Self {
        Self(bookmarks.into_iter().map(|bookmark| (bookmark.id.0, bookmark)).collect())
    }

    /// Those with the newest messages first.
    pub(crate) fn newest_first(&self) -> impl Iterator<Item = &Bookmark> {
        self.0.values().rev()
    }

    /// Takes out those of messages that are gone.
    pub(crate) fn remove(&mut self, ranges: &[Range<u64>]) -> bool {
        if self.0.is_empty() {
            return false;
        }
        let before = self.0.len();
        for range in ranges {
            let gone: Vec<u64> = self.0.range(range.clone()).map(|(id, _)| *id).collect();
            for id in gone {
                self.0.remove(&id);
            }
        }
        self.0.len() != before
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn has(&self, id: MessageId) -> bool {
        self.0.contains_key(&id.0)
    }

    /// What the file has taken, here as well. True where there was such a bookmark.
    pub(crate) fn apply(&mut self, change: Change) -> bool {
        match change {
            Change::Set { id, note, made_us } => {
                let mark =
                    self.0.entry(id.0).or_insert(Bookmark { id, note: String::new(), made_us });
                mark.note = note;
                true
            }
            Change::Remove(id) => self.0.remove(&id.0).is_some(),
        }
    }
}

/// Writes a change.
pub(crate) fn store(connection: &Connection, change: &Change) -> Result<(), HistoryError> {
    match change {
        Change::Set { id, note, made_us } => connection.execute(
            "INSERT INTO bookmark(id, made_us, note) VALUES (?1, ?2, ?3)
             ON CONFLICT(id) DO UPDATE SET note = excluded.note",
            params![id.0.cast_signed(), made_us, note],
        )?,
        Change::Remove(id) => {
            connection.execute("DELETE FROM bookmark WHERE id = ?1", [id.0.cast_signed()])?
        }
    };
    Ok(())
}

/// The bookmarks of a file.
pub(crate) fn load(connection: &Connection) -> Result<Vec<Bookmark>, HistoryError> {
    let mut statement = connection.prepare(
        "SELECT b.id, b.note, b.made_us FROM bookmark b JOIN message m ON m.id = b.id ORDER BY b.id",
    )?;
    let mut rows = statement.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let id = MessageId(row.get::<_, i64>(0)?.cast_unsigned());
        found.push(Bookmark { id, note: row.get(1)?, made_us: row.get(2)? });
    }
    Ok(found)
}

impl History {
    /// Marks a message, or changes the note of one that is marked. Blocks until it is on disk.
    ///
    /// # Errors
    /// [`HistoryError::NotFound`], [`HistoryError::NoteTooLong`], [`HistoryError::TooManyBookmarks`],
    /// [`HistoryError::Closed`], or what the disk does not let be written; then nothing changed.
    pub fn set_bookmark(&self, id: MessageId, note: &str) -> Result<(), HistoryError> {
        if note.chars().count() > MAX_NOTE {
            return Err(HistoryError::NoteTooLong { limit: MAX_NOTE });
        }
        let change = Change::Set { id, note: note.to_owned(), made_us: 0 };
        self.ask(|reply| Request::Bookmark { change, reply }).map(drop)
    }

    /// Takes the mark and the note from a message. False where it had none. Blocks until it is on disk.
    ///
    /// # Errors
    /// [`HistoryError::Closed`], or what the disk does not let be written; then nothing changed.
    pub fn remove_bookmark(&self, id: MessageId) -> Result<bool, HistoryError> {
        self.ask(|reply| Request::Bookmark { change: Change::Remove(id), reply })
    }

    /// All bookmarks, in the order of their messages.
    pub fn bookmarks(&self) -> Vec<Bookmark> {
        self.shared().bookmarks().0.values().cloned().collect()
    }

    /// The bookmark of a message.
    pub fn bookmark(&self, id: MessageId) -> Option<Bookmark> {
        self.shared().bookmarks().0.get(&id.0).cloned()
    }

    /// The first bookmark behind a message.
    pub fn next_bookmark(&self, after: MessageId) -> Option<Bookmark> {
        let bookmarks = self.shared().bookmarks();
        bookmarks.0.range(after.0.checked_add(1)?..).next().map(|(_, found)| found.clone())
    }

    /// The last bookmark before a message.
    pub fn previous_bookmark(&self, before: MessageId) -> Option<Bookmark> {
        self.shared().bookmarks().0.range(..before.0).next_back().map(|(_, found)| found.clone())
    }
}
