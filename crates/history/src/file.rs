//! The file of a history: its schema, who may open it, and what happens to a damaged one.
//!
//! A file is only ever ours (format 3, or an earlier one that is brought to 3 in a transaction), new (empty), newer (reported,
//! not touched) or damaged (set aside under a name that says so, and a new one begun). Clearing replaces the file instead of
//! deleting rows: it is as quick for ten gigabytes as for ten rows, gives the space back at once
//! and works on a full disk. The price is a careful order of renames, below.

use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use mqttscope_model::MessageId;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, MAIN_DB, OpenFlags};

use crate::HistoryError;
use crate::stored::{FORMAT_3, PROOF_3};

/// `PRAGMA user_version` of the files that this program writes.
const FORMAT: i64 = 3;

/// How long a connection waits for another one (a checkpoint, another program that reads).
const BUSY: Duration = Duration::from_secs(5);

/// The pragmas that must come before the first table.
const BEFORE_SCHEMA: &str =
    "PRAGMA page_size=8192; PRAGMA auto_vacuum=INCREMENTAL; PRAGMA journal_mode=WAL;";

const SCHEMA: &str = "
CREATE TABLE topic(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE message(id INTEGER PRIMARY KEY,
  ts INTEGER NOT NULL,
  topic_id INTEGER NOT NULL, flags INTEGER NOT NULL,
  payload BLOB NOT NULL, props BLOB) STRICT;
CREATE TABLE outcome(id INTEGER PRIMARY KEY, state TEXT NOT NULL, reason INTEGER, code TEXT) STRICT;
CREATE TABLE counter(name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT;
CREATE VIEW message_v AS SELECT m.*, t.name AS topic FROM message m JOIN topic t ON t.id = m.topic_id;
";

/// What format 2 has and format 1 had not. `id` is that of the message, `made_us` the time of the mark.
const FORMAT_2: &str = "
CREATE TABLE bookmark(id INTEGER PRIMARY KEY, made_us INTEGER NOT NULL, note TEXT NOT NULL) STRICT;
PRAGMA user_version=2;
";

/// Reading one column of each table proves that the schema is ours.
const PROOF_1: &str = "SELECT m.id, m.ts, m.topic_id, m.flags, m.payload, m.props, t.name, o.state,
  o.reason, o.code, c.value FROM message m, topic t, outcome o, counter c";

const PROOF_2: &str = "SELECT id, made_us, note FROM bookmark";

/// The path with something behind its last name.
fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// The write-ahead log and its shared memory.
fn companions(path: &Path) -> [PathBuf; 2] {
    [beside(path, "-wal"), beside(path, "-shm")]
}

/// Whether `other` is the history `path` or lies beside it under a name that it may take.
pub(crate) fn is_of(path: &Path, other: &Path) -> bool {
    let folder = |path: &Path| {
        let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
        std::fs::canonicalize(parent.unwrap_or(Path::new("."))).ok()
    };
    let (Some(own), Some(name)) = (path.file_name(), other.file_name()) else { return false };
    let name = name.as_encoded_bytes().to_ascii_lowercase();
    name.starts_with(&own.as_encoded_bytes().to_ascii_lowercase())
        && folder(path).is_some_and(|own| folder(other) == Some(own))
}

pub(crate) fn not_writable(path: &Path) -> impl FnOnce(io::Error) -> HistoryError + '_ {
    move |source| match source.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => HistoryError::DiskFull,
        _ => HistoryError::NotWritable { path: path.to_owned(), source },
    }
}

/// The file of the lock.
pub(crate) fn lock_of(path: &Path) -> PathBuf {
    beside(path, ".lock")
}

/// Opens the file for its writer, and makes it where there is none: ids then begin at `first_id`.
///
/// # Errors
/// [`HistoryError::Damaged`] where it is no history, [`HistoryError::Newer`] where it is one of
/// tomorrow's; neither is changed.
pub(crate) fn connect(path: &Path, first_id: MessageId) -> Result<Connection, HistoryError> {
    let mut connection = Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_CREATE
            | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    connection.busy_timeout(BUSY)?;
    keep_log_on_close(&connection)?;
    // The triggers do for other programs what this one does itself.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false)?;
    let version: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    if connection.is_readonly(MAIN_DB)? {
        return Err(not_writable(path)(io::ErrorKind::PermissionDenied.into()));
    }
    match version {
        FORMAT => {}
        0 => create(&mut connection, first_id)?,
        1 => upgrade(&mut connection, PROOF_1, &[FORMAT_2, FORMAT_3])?,
        2 => upgrade(&mut connection, PROOF_1, &[FORMAT_3])?,
        newer if newer > FORMAT => {
            return Err(HistoryError::Newer { path: path.to_owned(), version: newer });
        }
        other => return Err(HistoryError::damaged(format!("its format is {other}"))),
    }
    for proof in [PROOF_1, PROOF_2, PROOF_3] {
        prove(&connection, proof)?;
    }
    connection.execute_batch(
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA wal_autocheckpoint=2000;
         PRAGMA journal_size_limit=16777216;",
    )?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false)?;
    Ok(connection)
}

fn prove(connection: &Connection, proof: &str) -> Result<(), HistoryError> {
    match connection.prepare(proof) {
        Ok(_) => Ok(()),
        Err(error) => Err(match HistoryError::from(error) {
            HistoryError::Sqlite(cause) => HistoryError::damaged(cause.to_string()),
            other => other,
        }),
    }
}

/// Brings a file of an earlier format to the present one, or leaves it as it is.
fn upgrade(connection: &mut Connection, proof: &str, steps: &[&str]) -> Result<(), HistoryError> {
    prove(connection, proof)?;
    let transaction = connection.transaction()?;
    for step in steps {
        transaction.execute_batch(step)?;
    }
    transaction.commit()?;
    Ok(())
}

/// Closing then changes nothing in the file: it is another's, damaged, or about to go.
pub(crate) fn keep_log_on_close(connection: &Connection) -> Result<(), HistoryError> {
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    Ok(())
}

fn create(connection: &mut Connection, first_id: MessageId) -> Result<(), HistoryError> {
    let objects: i64 =
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    if objects != 0 {
        return Err(HistoryError::damaged("its tables are not those of a history"));
    }
    connection.execute_batch(BEFORE_SCHEMA)?;
    let transaction = connection.transaction()?;
    transaction.execute_batch(SCHEMA)?;
    transaction.execute_batch(FORMAT_2)?;
    transaction.execute_batch(FORMAT_3)?;
    transaction.execute(
        "INSERT INTO counter(name, value) VALUES ('first_id', ?1)",
        [i64::try_from(first_id.0).unwrap_or(i64::MAX)],
    )?;
    transaction.commit()?;
    Ok(())
}

/// Opens another connection that only reads.
pub(crate) fn connect_reader(path: &Path) -> Result<Connection, HistoryError> {
    // READ_WRITE, since a reader of a WAL file takes part in its shared memory.
    let connection = Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    connection.busy_timeout(BUSY)?;
    connection.execute_batch("PRAGMA query_only=ON")?;
    Ok(connection)
}

/// Bytes of the history on disk, its write-ahead log included.
pub(crate) fn bytes_on_disk(path: &Path) -> u64 {
    let (file, log) = sizes(path);
    file + log
}

/// Bytes of the file, and of its write-ahead log.
pub(crate) fn sizes(path: &Path) -> (u64, u64) {
    let size = |file: &Path| std::fs::metadata(file).map_or(0, |about| about.len());
    let [log, _] = companions(path);
    (size(path), size(&log))
}

/// Renames a damaged history to `<name>.damaged-<time>`, its log likewise.
///
/// # Errors
/// [`HistoryError::NotSetAside`]; then nothing was renamed.
pub(crate) fn set_aside(path: &Path, now: SystemTime) -> Result<PathBuf, HistoryError> {
    let aside = free_name(path, "damaged", now);
    let failed = |source| HistoryError::NotSetAside { path: path.to_owned(), source };
    std::fs::rename(path, &aside).map_err(failed)?;
    for (from, to) in companions(path).iter().zip(companions(&aside)) {
        if from.exists() {
            std::fs::rename(from, to).map_err(failed)?;
        }
    }
    Ok(aside)
}

/// A name beside a history that nobody has: `<name>.<why>-<time>`.
pub(crate) fn free_name(path: &Path, why: &str, now: SystemTime) -> PathBuf {
    let stamp = stamp(now);
    (1_u32..)
        .map(|n| if n == 1 { String::new() } else { format!("-{n}") })
        .map(|again| beside(path, &format!(".{why}-{stamp}{again}")))
        .find(|name| !name.exists())
        .unwrap_or_else(|| beside(path, &format!(".{why}")))
}

/// A time as `20261121T015000Z`.
fn stamp(now: SystemTime) -> String {
    let seconds = now.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let (mut day, second) = (seconds / 86_400, seconds % 86_400);
    let mut year = 1970;
    let leap = |year: u64| {
        year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
    };
    while day >= 365 + u64::from(leap(year)) {
        day -= 365 + u64::from(leap(year));
        year += 1;
    }
    let mut month = 1;
    for length in [31, 28 + u64::from(leap(year)), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] {
        if day < length {
            break;
        }
        day -= length;
        month += 1;
    }
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    format!("{year:04}{month:02}{:02}T{hour:02}{minute:02}{second:02}Z", day + 1)
}

/// Puts an empty history in the place of the old one, whose connections must all be closed.
///
/// The order survives a kill at any point: until the old file is renamed it counts, from then on
/// the new one does, and [`finish_replacing`] carries the rest out. A write-ahead log must never lie
/// beside a file that it does not belong to.
///
/// # Errors
/// Nothing is lost or changed on an error, except where there was no room for even an empty file:
/// then the old one goes first, since that is what makes room.
pub(crate) fn replace(path: &Path, first_id: MessageId) -> Result<(), HistoryError> {
    let new = beside(path, ".new");
    remove(&new)?;
    match connect(&new, first_id) {
        Ok(connection) => drop(connection),
        Err(HistoryError::DiskFull) => {
            remove(&new)?;
            remove(path)?;
            return connect(path, first_id).map(drop);
        }
        Err(other) => return Err(other),
    }
    if path.exists() {
        let old = beside(path, ".cleared");
        std::fs::rename(path, &old).map_err(not_writable(path))?;
    }
    finish_replacing(path)
}

/// Has a file written that [`finish_replacing`] will put in the place of a history that is gone.
///
/// # Errors
/// Those of `write`, and of the folder; nothing is left then.
pub(crate) fn save_anew(
    path: &Path,
    write: impl FnOnce(&Path) -> Result<(), HistoryError>,
) -> Result<(), HistoryError> {
    let part = beside(path, ".part");
    remove(&part)?;
    if let Err(error) = write(&part) {
        remove(&part)?;
        return Err(error);
    }
    std::fs::rename(&part, beside(path, ".new")).map_err(not_writable(path))
}

/// Ends what a killed process left of [`replace`].
///
/// # Errors
/// [`HistoryError::NotWritable`].
pub(crate) fn finish_replacing(path: &Path) -> Result<(), HistoryError> {
    let new = beside(path, ".new");
    if path.exists() {
        remove(&new)?;
    } else if new.exists() {
        remove(path)?;
        std::fs::rename(&new, path).map_err(not_writable(path))?;
    }
    remove(&beside(path, ".cleared"))
}

/// Removes a database, its log first, where they are there.
fn remove(path: &Path) -> Result<(), HistoryError> {
    for file in companions(path).iter().map(PathBuf::as_path).chain([path]) {
        match std::fs::remove_file(file) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(not_writable(file)(error));
            }
            _ => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_stamp(seconds: u64, expect: &str) {
        assert_eq!(stamp(UNIX_EPOCH + Duration::from_secs(seconds)), expect);
    }

    #[test]
    fn stamps_are_utc_dates() {
        check_stamp(0, "19700101T000000Z");
        check_stamp(951_782_399, "20000228T235959Z");
        check_stamp(951_782_400, "20000229T000000Z");
        check_stamp(1_795_225_800, "20261121T015000Z");
        check_stamp(4_107_542_399, "21000228T235959Z");
        check_stamp(4_107_542_400, "21000301T000000Z");
    }

    fn first_id(path: &Path) -> i64 {
        let connection = connect(path, MessageId(999)).unwrap();
        connection.query_row("SELECT value FROM counter", [], |row| row.get(0)).unwrap()
    }

    #[test]
    fn a_clear_that_was_killed_before_the_rename_did_not_happen() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("h");
        drop(connect(&path, MessageId(1)).unwrap());
        drop(connect(&beside(&path, ".new"), MessageId(50)).unwrap());
        finish_replacing(&path).unwrap();
        assert_eq!(first_id(&path), 1);
        assert!(!beside(&path, ".new").exists());
    }

    #[test]
    fn a_clear_that_was_killed_after_the_rename_is_carried_out() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("h");
        let old = connect(&path, MessageId(1)).unwrap();
        keep_log_on_close(&old).unwrap();
        drop(old);
        drop(connect(&beside(&path, ".new"), MessageId(50)).unwrap());
        std::fs::rename(&path, beside(&path, ".cleared")).unwrap();
        assert!(beside(&path, "-wal").exists(), "the old log is the danger");
        finish_replacing(&path).unwrap();
        assert_eq!(first_id(&path), 50);
        assert!(!beside(&path, ".cleared").exists());
    }
}
