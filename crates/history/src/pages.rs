//! How large the file is for SQLite, which counts in pages: used ones, and free ones that the next messages take.

use rusqlite::Connection;

use crate::HistoryError;

/// How large the file is for SQLite, whose changes may still be in the log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Pages {
    pub(crate) total: u64,
    /// Pages that hold nothing.
    pub(crate) free: u64,
    /// Bytes of one.
    pub(crate) size: u64,
}

impl Pages {
    /// # Errors
    /// What SQLite says.
    pub(crate) fn of(connection: &Connection) -> Result<Self, HistoryError> {
        let ask = |sql: &str| -> Result<u64, HistoryError> {
            let number: i64 = connection.prepare_cached(sql)?.query_row([], |row| row.get(0))?;
            Ok(number.max(0).cast_unsigned())
        };
        Ok(Self {
            total: ask("PRAGMA page_count")?,
            free: ask("PRAGMA freelist_count")?,
            size: ask("PRAGMA page_size")?,
        })
    }

    pub(crate) fn bytes(self) -> u64 {
        self.total * self.size
    }

    pub(crate) fn free_bytes(self) -> u64 {
        self.free * self.size
    }

    pub(crate) fn used_bytes(self) -> u64 {
        self.bytes().saturating_sub(self.free_bytes())
    }
}
