//! One transaction: a batch of messages, then what became of earlier ones.
//!
//! All rows of a batch are written with one prepared statement. Nothing leaves the backlog here:
//! the caller does that after the commit, so an error costs only the attempt.

use std::sync::Arc;
use std::time::{Duration, Instant};

use mqttscope_model::{Message, MessageId};
use rusqlite::{CachedStatement, Connection, Transaction, params};

use crate::batch::Backlog;
use crate::flags::Flags;
use crate::inbox::BATCH_ROWS;
use crate::index::Entry;
use crate::topics::Topics;
use crate::{HistoryError, load, outcome};

/// A transaction is committed after this long, however many rows are left.
const LONGEST: Duration = Duration::from_millis(10);

/// Rows, and bytes of payload, between two looks at the clock.
const CLOCK_ROWS: usize = 64;
const CLOCK_BYTES: usize = 1 << 20;

/// What a transaction committed: the first rows of the backlog, for the index.
pub(crate) struct Committed {
    pub(crate) entries: Vec<Entry>,
    pub(crate) outcomes: usize,
    pub(crate) topics: Vec<Arc<str>>,
}

/// The writer's connection with what must agree with its file.
pub(crate) struct Store {
    connection: Connection,
    topics: Topics,
    /// Messages up to here are in the file. Above the backlog's first only after a commit that
    /// reported an error and happened all the same.
    written: MessageId,
    /// An attempt failed, so what the file holds must be looked up before the next.
    doubtful: bool,
}

impl Store {
    /// A store over a file of which all topics are known.
    pub(crate) fn new(connection: Connection, topics: Topics) -> Self {
        Self { connection, topics, written: MessageId(0), doubtful: false }
    }

    /// A store over a file that was opened anew.
    pub(crate) fn reopened(connection: Connection) -> Self {
        Self { doubtful: true, ..Self::new(connection, Topics::default()) }
    }

    pub(crate) fn connection(&self) -> &Connection {
        &self.connection
    }

    /// Writes at most 2,000 rows, or as many as 10 ms allow, and commits.
    ///
    /// # Errors
    /// Nothing was written, as far as SQLite knows.
    pub(crate) fn write(
        &mut self,
        backlog: &Backlog,
        first_kept: MessageId,
    ) -> Result<Committed, HistoryError> {
        if self.doubtful {
            self.topics = Topics::of(load::topic_names(&self.connection)?);
            self.written = load::last_id(&self.connection)?;
            self.doubtful = false;
        }
        match self.transact(backlog, first_kept) {
            Ok((entries, outcomes)) => {
                Ok(Committed { entries, outcomes, topics: self.topics.commit() })
            }
            Err(error) => {
                self.doubtful = true;
                Err(error)
            }
        }
    }

    fn transact(
        &mut self,
        backlog: &Backlog,
        first_kept: MessageId,
    ) -> Result<(Vec<Entry>, usize), HistoryError> {
        let transaction = self.connection.transaction()?;
        let entries = insert_messages(&transaction, &mut self.topics, backlog, self.written)?;
        let mut outcomes = 0;
        // An outcome may belong to the last message here, so it has to wait for that.
        if entries.len() == backlog.messages.len() {
            outcomes = backlog.outcomes.len().min(BATCH_ROWS);
            insert_outcomes(&transaction, backlog, outcomes, first_kept)?;
        }
        transaction.commit()?;
        Ok((entries, outcomes))
    }
}

fn insert_messages(
    transaction: &Transaction<'_>,
    topics: &mut Topics,
    backlog: &Backlog,
    written: MessageId,
) -> Result<Vec<Entry>, HistoryError> {
    let began = Instant::now();
    let mut insert = transaction.prepare_cached(
        "INSERT INTO message(id, ts, topic_id, flags, payload, props) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?;
    let mut entries = Vec::with_capacity(backlog.messages.len().min(BATCH_ROWS));
    let mut bytes = 0;
    for (message, number) in backlog.messages.iter().zip(backlog.first_id.0..).take(BATCH_ROWS) {
        let id = MessageId(number);
        let entry = entry(transaction, topics, message, id)?;
        if id > written {
            insert_message(&mut insert, message, &entry)?;
        }
        entries.push(entry);
        bytes += message.payload.len();
        if entries.len() % CLOCK_ROWS == 0 || bytes >= CLOCK_BYTES {
            bytes = 0;
            if began.elapsed() >= LONGEST {
                break;
            }
        }
    }
    Ok(entries)
}

fn entry(
    transaction: &Transaction<'_>,
    topics: &mut Topics,
    message: &Message,
    id: MessageId,
) -> Result<Entry, HistoryError> {
    let topic = match topics.number(&message.topic) {
        Some(number) => number,
        None => {
            let number = topics.next()?;
            transaction
                .prepare_cached("INSERT INTO topic(id, name) VALUES (?1, ?2)")?
                .execute(params![number, message.topic])?;
            topics.learn(&message.topic, number);
            number
        }
    };
    let length = u32::try_from(message.payload.len()).unwrap_or(u32::MAX);
    Ok(Entry { id, time_us: message.time_us, topic, length, flags: Flags::of(message) })
}

fn insert_message(
    insert: &mut CachedStatement<'_>,
    message: &Message,
    entry: &Entry,
) -> Result<(), HistoryError> {
    let properties = (!message.properties.is_empty()).then_some(message.properties.as_slice());
    insert.execute(params![
        entry.id.0.cast_signed(),
        entry.time_us,
        entry.topic,
        entry.flags.bits(),
        message.payload.as_slice(),
        properties
    ])?;
    Ok(())
}

fn insert_outcomes(
    transaction: &Transaction<'_>,
    backlog: &Backlog,
    count: usize,
    first_kept: MessageId,
) -> Result<(), HistoryError> {
    if count == 0 {
        return Ok(());
    }
    let mut insert = transaction.prepare_cached(
        "INSERT OR REPLACE INTO outcome(id, state, reason, code) VALUES (?1, ?2, ?3, ?4)",
    )?;
    for (id, outcome) in backlog.outcomes.iter().take(count) {
        // The message may have been cleared while it was on its way.
        let Some(columns) = outcome::columns(outcome).filter(|_| *id >= first_kept) else {
            continue;
        };
        insert.execute(params![id.0.cast_signed(), columns.state, columns.reason, columns.code])?;
    }
    Ok(())
}
