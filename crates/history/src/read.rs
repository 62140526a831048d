//! Reading back, on connections of their own, while the writer writes.
//!
//! Rows are found by id, which the index gives for a place; OFFSET is never used. A preview is cut by
//! SQLite where the payload is small and read as an incremental BLOB where it is large, because
//! `substr` would read all of a 20 MB payload for 256 bytes. Reads are short, so the log can
//! be checkpointed. The gate in front of them closes for the moment in which a clear replaces the file.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use mqttscope_model::{Direction, MessageId, Outcome};
use rusqlite::{Connection, MAIN_DB, OptionalExtension, params};

use crate::index::Located;
use crate::leaves::Direct;
use crate::rows::{Row, StoredMessage};
use crate::{HistoryError, file, load, outcome};

/// Bytes of a payload that a row shows.
const PREVIEW: usize = 256;

/// Payloads above lie outside of their row's page.
const SMALL: u32 = 8_000;

/// Connections that are kept for the next read.
const IDLE: usize = 4;

enum Gate {
    Open,
    Closed,
}

/// The reading connections of a history.
pub(crate) struct Readers {
    path: PathBuf,
    gate: RwLock<Gate>,
    idle: Mutex<Vec<Connection>>,
    met_damage: AtomicBool,
    /// Closed after all connections, as [`Direct`] says: those here, and the writer's, who ends before the last handle
    /// on the history does.
    direct: Mutex<Way>,
}

/// The way to the file past SQLite.
enum Way {
    /// It has not been asked for.
    Unknown,
    None,
    Open(Arc<Direct>),
}

impl Readers {
    pub(crate) fn of(path: PathBuf) -> Self {
        let (gate, idle) = (RwLock::new(Gate::Open), Mutex::new(Vec::new()));
        let direct = Mutex::new(Way::Unknown);
        Self { path, gate, idle, met_damage: AtomicBool::new(false), direct }
    }

    /// The file itself, for somebody who is reading, and no longer than that.
    pub(crate) fn direct(&self) -> Option<Arc<Direct>> {
        let mut way = self.direct.lock().unwrap_or_else(PoisonError::into_inner);
        if matches!(*way, Way::Unknown) {
            *way = Direct::open(&self.path).map_or(Way::None, |direct| Way::Open(Arc::new(direct)));
        }
        match &*way {
            Way::Open(direct) => Some(Arc::clone(direct)),
            Way::Unknown | Way::None => None,
        }
    }

    /// Closes the file. For whoever has seen to it that nobody reads and nobody writes.
    pub(crate) fn let_go(&self) {
        *self.direct.lock().unwrap_or_else(PoisonError::into_inner) = Way::Unknown;
    }

    /// Whether somebody met a damaged page.
    pub(crate) fn met_damage(&self) -> bool {
        self.met_damage.load(Ordering::Acquire)
    }

    /// Reads while nobody replaces the file.
    pub(crate) fn read<T>(
        &self,
        read: impl FnOnce(&Connection) -> Result<T, HistoryError>,
    ) -> Result<T, HistoryError> {
        let gate = self.gate.read().unwrap_or_else(PoisonError::into_inner);
        if matches!(*gate, Gate::Closed) {
            return Err(HistoryError::Closed);
        }
        let connection = match self.idle().pop() {
            Some(connection) => connection,
            None => file::connect_reader(&self.path)?,
        };
        let result = read(&connection).inspect_err(|error| {
            if matches!(error, HistoryError::Damaged { .. }) {
                self.met_damage.store(true, Ordering::Release);
            }
        })?;
        // After an error the connection is not kept.
        let mut idle = self.idle();
        if idle.len() < IDLE {
            idle.push(connection);
        }
        Ok(result)
    }

    /// Does something while no reader has the file open. It closes the writer's connection, where there is one.
    pub(crate) fn closed_while<T>(&self, act: impl FnOnce() -> T) -> T {
        let gate = self.gate.write().unwrap_or_else(PoisonError::into_inner);
        self.idle().clear();
        let done = act();
        self.let_go();
        drop(gate);
        done
    }

    /// Ends all reading.
    pub(crate) fn close(&self) {
        *self.gate.write().unwrap_or_else(PoisonError::into_inner) = Gate::Closed;
        self.idle().clear();
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Connection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Locates rows near the end without the index: `count` from the place `first` on, of `total`.
pub(crate) fn newest(
    connection: &Connection,
    total: u64,
    first: u64,
    count: u32,
) -> Result<Vec<Located>, HistoryError> {
    let end = first.saturating_add(count.into()).min(total);
    let mut statement = connection.prepare_cached(
        "SELECT m.id, m.flags, length(m.payload), t.name
         FROM message m JOIN topic t ON t.id = m.topic_id ORDER BY m.id DESC LIMIT ?1 OFFSET ?2",
    )?;
    let (wanted, behind) = (end.saturating_sub(first), total - end);
    let mut rows = statement.query([wanted.cast_signed(), behind.cast_signed()])?;
    let mut found = Vec::new();
    let mut index = end;
    while let Some(row) = rows.next()? {
        let id: i64 = row.get(0)?;
        index = index.saturating_sub(1);
        found.push(Located {
            index,
            id: MessageId(id.cast_unsigned()),
            topic: row.get(3)?,
            length: row.get(2)?,
            flags: load::flags(id, row.get(1)?)?,
        });
    }
    found.reverse();
    Ok(found)
}

/// Reads the rows that the index located. A row that another program deleted meanwhile is left out.
pub(crate) fn rows(
    connection: &Connection,
    wanted: &[Located],
    last_of_earlier_runs: MessageId,
) -> Result<Vec<Row>, HistoryError> {
    let mut found = Vec::with_capacity(wanted.len());
    for run in wanted.chunk_by(|one, next| one.id.0 + 1 == next.id.0) {
        if let (Some(first), Some(last)) = (run.first(), run.last()) {
            read_run(connection, run, (first.id, last.id), last_of_earlier_runs, &mut found)?;
        }
    }
    Ok(found)
}

/// Reads rows with consecutive ids.
fn read_run(
    connection: &Connection,
    run: &[Located],
    (first, last): (MessageId, MessageId),
    last_of_earlier_runs: MessageId,
    found: &mut Vec<Row>,
) -> Result<(), HistoryError> {
    let mut statement = connection.prepare_cached(
        "SELECT m.id, m.ts,
           CASE WHEN length(m.payload) <= ?3 THEN substr(m.payload, 1, ?4) END,
           o.state, o.reason, o.code
         FROM message m LEFT JOIN outcome o ON o.id = m.id
         WHERE m.id BETWEEN ?1 AND ?2 ORDER BY m.id",
    )?;
    let range = params![first.0.cast_signed(), last.0.cast_signed(), SMALL, PREVIEW as i64];
    let mut rows = statement.query(range)?;
    while let Some(row) = rows.next()? {
        let id = MessageId(row.get::<_, i64>(0)?.cast_unsigned());
        let Some(at) = run.get((id.0 - first.0) as usize) else { continue };
        let preview = match row.get::<_, Option<Vec<u8>>>(2)? {
            Some(preview) => preview,
            None => beginning(connection, id)?,
        };
        let stored = outcome::from_row(row, 3)?;
        found.push(Row {
            index: at.index,
            id,
            time_us: row.get(1)?,
            direction: at.flags.direction(),
            topic: at.topic.clone(),
            qos: at.flags.qos(),
            retain: at.flags.retain(),
            dup: at.flags.dup(),
            size: u64::from(at.length),
            preview,
            outcome: shown_outcome(stored, at, last_of_earlier_runs),
        });
    }
    Ok(())
}

/// The first bytes of a large payload.
fn beginning(connection: &Connection, id: MessageId) -> Result<Vec<u8>, HistoryError> {
    let blob = connection.blob_open(MAIN_DB, "message", "payload", id.0.cast_signed(), true)?;
    let mut bytes = vec![0; PREVIEW.min(blob.len())];
    blob.read_at_exact(&mut bytes, 0)?;
    Ok(bytes)
}

pub(crate) fn shown_outcome(
    stored: Option<Outcome>,
    at: &Located,
    last_of_earlier_runs: MessageId,
) -> Option<Outcome> {
    match at.flags.direction() {
        Direction::Received => None,
        Direction::Sent => {
            Some(stored.unwrap_or_else(|| outcome::unanswered(at.id, last_of_earlier_runs)))
        }
    }
}

/// Reads what the row of a table does not show, except the payload.
pub(crate) fn message(
    connection: &Connection,
    at: &Located,
    last_of_earlier_runs: MessageId,
) -> Result<StoredMessage, HistoryError> {
    let mut statement = connection.prepare_cached(
        "SELECT m.ts, m.props, o.state, o.reason, o.code
         FROM message m LEFT JOIN outcome o ON o.id = m.id WHERE m.id = ?1",
    )?;
    let mut rows = statement.query([at.id.0.cast_signed()])?;
    let row = rows.next()?.ok_or(HistoryError::NotFound(at.id))?;
    let stored = outcome::from_row(row, 2)?;
    Ok(StoredMessage {
        index: at.index,
        id: at.id,
        time_us: row.get(0)?,
        direction: at.flags.direction(),
        topic: at.topic.clone(),
        qos: at.flags.qos(),
        retain: at.flags.retain(),
        dup: at.flags.dup(),
        size: u64::from(at.length),
        properties: row.get::<_, Option<Vec<u8>>>(1)?.unwrap_or_default(),
        outcome: shown_outcome(stored, at, last_of_earlier_runs),
    })
}

/// Reads a whole payload.
pub(crate) fn payload(connection: &Connection, id: MessageId) -> Result<Vec<u8>, HistoryError> {
    connection
        .prepare_cached("SELECT payload FROM message WHERE id = ?1")?
        .query_row([id.0.cast_signed()], |row| row.get(0))
        .optional()?
        .ok_or(HistoryError::NotFound(id))
}
