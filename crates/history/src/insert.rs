//! Messages into their table, many with one statement.
//!
//! A statement costs about as much to begin and to end as it costs to insert a row, and one that goes on keeps its place at
//! the end of the table. So a full batch goes in rows of 64; the price is three prepared statements instead of one.

use std::sync::LazyLock;
use std::time::{Duration, Instant};

use mqttscope_model::{Message, MessageId};
use rusqlite::{Statement, Transaction, params};

use crate::HistoryError;
use crate::batch::Backlog;
use crate::flags::Flags;
use crate::inbox::BATCH_ROWS;
use crate::index::Entry;
use crate::topics::Topics;

/// A transaction is committed after this long, however many rows are left.
const LONGEST: Duration = Duration::from_millis(10);

/// How many rows one statement inserts: as many as possible of the first, then of the next.
const SIZES: [usize; 3] = [64, 8, 1];

/// Rows, and bytes of payload, that may wait for their statement, which holds them a second time.
const WAITING_ROWS: usize = SIZES[0];
const WAITING_BYTES: usize = 1 << 20;

/// The statements of [`SIZES`].
static STATEMENTS: LazyLock<[String; SIZES.len()]> = LazyLock::new(|| {
    SIZES.map(|size| {
        let rows = vec!["(?,?,?,?,?,?)"; size].join(",");
        format!("INSERT INTO message(id, ts, topic_id, flags, payload, props) VALUES {rows}")
    })
});

/// Inserts the first messages of the backlog, [`BATCH_ROWS`] at most and as many as [`LONGEST`] allows; those up to `written`
/// are there already. What the index is to know of each.
///
/// # Errors
/// What SQLite says; the transaction is of no use any more.
pub(crate) fn messages(
    transaction: &Transaction<'_>,
    topics: &mut Topics,
    backlog: &Backlog,
    written: MessageId,
) -> Result<Vec<Entry>, HistoryError> {
    let began = Instant::now();
    let mut entries = Vec::with_capacity(backlog.messages.len().min(BATCH_ROWS));
    let (mut inserted, mut waiting) = (0, 0);
    for (message, number) in backlog.messages.iter().zip(backlog.first_id.0..).take(BATCH_ROWS) {
        entries.push(entry(transaction, topics, message, MessageId(number))?);
        waiting += message.payload.len();
        if entries.len() - inserted >= WAITING_ROWS || waiting >= WAITING_BYTES {
            rows(transaction, backlog, &entries, inserted, written)?;
            (inserted, waiting) = (entries.len(), 0);
            if began.elapsed() >= LONGEST {
                break;
            }
        }
    }
    rows(transaction, backlog, &entries, inserted, written)?;
    Ok(entries)
}

/// What the index is to know of a message, whose topic gets a number where it has none.
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

/// Inserts the entries from `first` on that are not written yet.
fn rows(
    transaction: &Transaction<'_>,
    backlog: &Backlog,
    entries: &[Entry],
    first: usize,
    written: MessageId,
) -> Result<(), HistoryError> {
    let first = first.max(entries.partition_point(|entry| entry.id <= written));
    let entries = entries.get(first..).unwrap_or_default();
    let mut left = entries.iter().zip(backlog.messages.range(first..));
    for (size, sql) in SIZES.into_iter().zip(&*STATEMENTS) {
        while left.len() >= size {
            let mut insert = transaction.prepare_cached(sql)?;
            let mut parameter = 1;
            for (entry, message) in left.by_ref().take(size) {
                bind(&mut insert, parameter, message, entry)?;
                parameter += 6;
            }
            insert.raw_execute()?;
        }
    }
    Ok(())
}

/// Binds a row to the six parameters from `first` on.
fn bind(
    insert: &mut Statement<'_>,
    first: usize,
    message: &Message,
    entry: &Entry,
) -> Result<(), HistoryError> {
    let properties = (!message.properties.is_empty()).then_some(message.properties.as_slice());
    insert.raw_bind_parameter(first, entry.id.0.cast_signed())?;
    insert.raw_bind_parameter(first + 1, entry.time_us)?;
    insert.raw_bind_parameter(first + 2, entry.topic)?;
    insert.raw_bind_parameter(first + 3, entry.flags.bits())?;
    insert.raw_bind_parameter(first + 4, message.payload.as_slice())?;
    insert.raw_bind_parameter(first + 5, properties)?;
    Ok(())
}
