//! What lies in a history's file, read with SQLite alone.

use std::path::Path;

use rusqlite::{Connection, OpenFlags};

use super::Outcome;

/// The bit of DUP in `flags`.
const DUP: i64 = 16;

/// A message in the file.
#[derive(Clone, Copy, Debug)]
pub struct Kept<'a> {
    /// Its number.
    pub id: i64,
    /// Microseconds since 1970 when it was read from the connection.
    pub time_us: i64,
    /// Whether the broker marked it as sent before.
    pub dup: bool,
    /// Its payload.
    pub payload: &'a [u8],
}

fn open(file: &Path) -> Outcome<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    Ok(Connection::open_with_flags(file, flags)?)
}

/// Shows `visit` every message in the order of the numbers.
///
/// # Errors
/// The file cannot be read, or `visit` has one.
pub fn each(file: &Path, mut visit: impl FnMut(Kept<'_>) -> Outcome<()>) -> Outcome<()> {
    let connection = open(file)?;
    let mut all = connection.prepare("SELECT id, ts, flags, payload FROM message ORDER BY id")?;
    let mut rows = all.query([])?;
    while let Some(row) = rows.next()? {
        let flags: i64 = row.get(2)?;
        visit(Kept {
            id: row.get(0)?,
            time_us: row.get(1)?,
            dup: flags & DUP != 0,
            payload: row.get_ref(3)?.as_blob()?,
        })?;
    }
    Ok(())
}

/// How many messages there are.
///
/// # Errors
/// The file cannot be read.
pub fn rows(file: &Path) -> Outcome<u64> {
    number(file, "SELECT count(*) FROM message")
}

/// How many the limits have removed, by the history's own count.
///
/// # Errors
/// The file cannot be read.
pub fn removed(file: &Path) -> Outcome<u64> {
    number(file, "SELECT coalesce(max(value), 0) FROM counter WHERE name = 'removed_messages'")
}

fn number(file: &Path, sql: &str) -> Outcome<u64> {
    let number: i64 = open(file)?.query_row(sql, [], |row| row.get(0))?;
    Ok(u64::try_from(number)?)
}

/// What SQLite says of the whole file: `ok`, or what is wrong with it.
///
/// # Errors
/// It cannot be opened at all.
pub fn verdict(file: &Path) -> Outcome<String> {
    Ok(open(file)?.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?)
}
