//! Blocks of the index in the file, so that opening it need not read every row.
//!
//! A block is written in the transaction after the one that filled it, and what is not full when the history is closed. In
//! whatever transaction rows are removed the blocks that have them go too, so what is there agrees with the rows, also
//! after a kill. Other programs do not know that: triggers do it for them, which this one's own connections
//! switch off. What was never stored is read from the rows. Where a damaged page was met, the file is marked as
//! suspect, and the next opening trusts no block and reads all rows.

use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::HistoryError;
use crate::index::{About, Packed};

/// What format 3 has and format 2 had not. `first_id` to `last_id` have `count` messages; the columns are those of
/// `index::packed`.
pub(crate) const FORMAT_3: &str = "
CREATE TABLE index_block(first_id INTEGER PRIMARY KEY, last_id INTEGER NOT NULL,
  count INTEGER NOT NULL, first_us INTEGER NOT NULL, sent INTEGER NOT NULL,
  payload_bytes INTEGER NOT NULL, sum INTEGER NOT NULL, columns BLOB NOT NULL) STRICT;
CREATE TRIGGER message_inserted AFTER INSERT ON message BEGIN
  DELETE FROM index_block WHERE new.id BETWEEN first_id AND last_id; END;
CREATE TRIGGER message_deleted AFTER DELETE ON message BEGIN
  DELETE FROM index_block WHERE old.id BETWEEN first_id AND last_id; END;
CREATE TRIGGER message_updated AFTER UPDATE ON message BEGIN
  DELETE FROM index_block
    WHERE old.id BETWEEN first_id AND last_id OR new.id BETWEEN first_id AND last_id; END;
CREATE TRIGGER topic_deleted AFTER DELETE ON topic BEGIN DELETE FROM index_block; END;
CREATE TRIGGER topic_updated AFTER UPDATE ON topic BEGIN DELETE FROM index_block; END;
PRAGMA user_version=3;
";

/// Reading each column proves that the table is ours.
pub(crate) const PROOF_3: &str = "SELECT first_id, last_id, count, first_us, sent, payload_bytes,
  sum, columns FROM index_block";

const SUSPECT: &str = "suspect";

/// What the stored blocks say of themselves, in the order of their rows. Empty where they contradict each other.
///
/// # Errors
/// [`HistoryError::Damaged`], or what SQLite says.
pub(crate) fn directory(connection: &Connection) -> Result<Vec<About>, HistoryError> {
    // Columns behind the BLOB would be read through it.
    let mut statement = connection.prepare(
        "SELECT first_id, last_id, count, first_us, sent, payload_bytes, sum
         FROM index_block ORDER BY first_id",
    )?;
    let found: rusqlite::Result<Vec<About>> = statement.query_map([], about)?.collect();
    let found = found?;
    let in_order = found.is_sorted_by(|one, next| {
        one.last_id < next.first_id && one.first_time_us <= next.first_time_us
    });
    let sound = |about: &About| {
        let span = about.last_id.checked_sub(about.first_id).map(|span| span + 1);
        let ids = 1..i64::MAX.cast_unsigned();
        ids.contains(&about.first_id)
            && ids.contains(&about.last_id)
            && span.is_some_and(|span| (1..=span).contains(&about.rows))
    };
    Ok(if in_order && found.iter().all(sound) { found } else { Vec::new() })
}

fn about(row: &Row<'_>) -> rusqlite::Result<About> {
    let number = |at| Ok::<_, rusqlite::Error>(row.get::<_, i64>(at)?.cast_unsigned());
    Ok(About {
        first_id: number(0)?,
        last_id: number(1)?,
        rows: number(2)?,
        first_time_us: row.get(3)?,
        sent: number(4)?,
        payload_bytes: number(5)?,
        sum: number(6)?,
    })
}

/// Whether every message is in a block.
///
/// # Errors
/// What SQLite says.
pub(crate) fn cover_all(
    connection: &Connection,
    directory: &[About],
) -> Result<bool, HistoryError> {
    let mut next =
        connection.prepare_cached("SELECT id FROM message WHERE id > ?1 ORDER BY id LIMIT 1")?;
    let mut next = |after: i64| next.query_row([after], |row| row.get::<_, i64>(0)).optional();
    let mut before = None::<u64>;
    for about in directory {
        let follows = before.is_some_and(|before| before + 1 == about.first_id);
        let after = before.map_or(i64::MIN, u64::cast_signed);
        if !follows && next(after)? != Some(about.first_id.cast_signed()) {
            return Ok(false);
        }
        before = Some(about.last_id);
    }
    Ok(next(before.map_or(i64::MIN, u64::cast_signed))?.is_none())
}

/// Does something with the columns of a block.
///
/// # Errors
/// [`HistoryError::Damaged`], or what SQLite says.
pub(crate) fn with_columns<T>(
    connection: &Connection,
    about: &About,
    act: impl FnOnce(&[u8]) -> T,
) -> Result<T, HistoryError> {
    let mut statement =
        connection.prepare_cached("SELECT columns FROM index_block WHERE first_id = ?1")?;
    let mut rows = statement.query([about.first_id.cast_signed()])?;
    let row = rows.next()?;
    let columns = row.map(|row| row.get_ref(0)).transpose()?;
    let columns = columns.map(|columns| columns.as_blob().map_err(rusqlite::Error::from));
    Ok(act(columns.transpose()?.unwrap_or_default()))
}

/// Writes a block in the place of whatever had messages of it.
///
/// # Errors
/// What SQLite says.
pub(crate) fn write(connection: &Connection, block: &Packed) -> Result<(), HistoryError> {
    let About { first_id, last_id, rows, first_time_us, sent, payload_bytes, sum } = block.about;
    forget(connection, first_id, last_id + 1)?;
    connection
        .prepare_cached(
            "INSERT OR REPLACE INTO index_block VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?
        .execute(params![
            first_id.cast_signed(),
            last_id.cast_signed(),
            rows.cast_signed(),
            first_time_us,
            sent.cast_signed(),
            payload_bytes.cast_signed(),
            sum.cast_signed(),
            block.columns,
        ])?;
    Ok(())
}

/// Removes the blocks that have messages from `first` on and before `end`.
///
/// # Errors
/// What SQLite says.
pub(crate) fn forget(connection: &Connection, first: u64, end: u64) -> Result<(), HistoryError> {
    connection
        .prepare_cached("DELETE FROM index_block WHERE first_id < ?2 AND last_id >= ?1")?
        .execute([first.cast_signed(), end.cast_signed()])?;
    Ok(())
}

/// From now on, over restarts, no block is trusted until all rows were read.
///
/// # Errors
/// What SQLite says.
pub(crate) fn suspect(connection: &Connection) -> Result<(), HistoryError> {
    connection.execute("INSERT OR REPLACE INTO counter(name, value) VALUES (?1, 1)", [SUSPECT])?;
    Ok(())
}

/// Whether damage was met in the file.
///
/// # Errors
/// What SQLite says.
pub(crate) fn is_suspect(connection: &Connection) -> Result<bool, HistoryError> {
    let sql = "SELECT 1 FROM counter WHERE name = ?1";
    Ok(connection.query_row(sql, [SUSPECT], |_| Ok(())).optional()?.is_some())
}

/// All rows were read: the file is trusted again, without the blocks that it had.
///
/// # Errors
/// [`HistoryError::Damaged`] where the damage is in the blocks, or what SQLite says.
pub(crate) fn trust(connection: &mut Connection) -> Result<(), HistoryError> {
    let transaction = connection.transaction()?;
    transaction.execute("DELETE FROM index_block", [])?;
    transaction.execute("DELETE FROM counter WHERE name = ?1", [SUSPECT])?;
    transaction.commit()?;
    Ok(())
}
