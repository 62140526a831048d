//! Messages into their table, many with one statement.
//!
//! A statement costs about as much to begin and to end as it costs to insert a row, and one that goes on keeps its place at
//! the end of the table. So a full batch goes in rows of 64. Only the first row of a transaction says its number: SQLite
//! counts on from there, and then neither searches for the place of a row nor copies pages for the case that a statement
//! fails in its midst (a row is refused alone, and the transaction with it). The price: four prepared statements instead of
//! one, and a look whether anything lies behind the first row, where numbers would be others.

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

/// Inserts a row with its number.
const NUMBERED: &str =
    "INSERT INTO message(ts, topic_id, flags, payload, props, id) VALUES (?,?,?,?,?,?)";

/// Columns besides the number.
const COLUMNS: usize = 5;

/// The statements of [`SIZES`], whose rows SQLite numbers.
static COUNTED: LazyLock<[String; SIZES.len()]> = LazyLock::new(|| {
    SIZES.map(|size| {
        let rows = vec!["(?,?,?,?,?)"; size].join(",");
        format!("INSERT OR FAIL INTO message(ts, topic_id, flags, payload, props) VALUES {rows}")
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
    let mut table = Table { transaction, written, counts: false };
    let mut entries = Vec::with_capacity(backlog.messages.len().min(BATCH_ROWS));
    let (mut inserted, mut waiting) = (0, 0);
    for (message, number) in backlog.messages.iter().zip(backlog.first_id.0..).take(BATCH_ROWS) {
        entries.push(entry(transaction, topics, message, MessageId(number))?);
        waiting += message.payload.len();
        if entries.len() - inserted >= WAITING_ROWS || waiting >= WAITING_BYTES {
            table.insert(backlog, &entries, inserted)?;
            (inserted, waiting) = (entries.len(), 0);
            if began.elapsed() >= LONGEST {
                break;
            }
        }
    }
    table.insert(backlog, &entries, inserted)?;
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

/// The table of messages in one transaction.
struct Table<'a> {
    transaction: &'a Transaction<'a>,
    /// Messages up to here are in it already.
    written: MessageId,
    /// The last row is the one before the next.
    counts: bool,
}

impl Table<'_> {
    /// Inserts the entries from `first` on that are not written yet.
    fn insert(
        &mut self,
        backlog: &Backlog,
        entries: &[Entry],
        first: usize,
    ) -> Result<(), HistoryError> {
        let first = first.max(entries.partition_point(|entry| entry.id <= self.written));
        let entries = entries.get(first..).unwrap_or_default();
        let mut left = entries.iter().zip(backlog.messages.range(first..));
        while !self.counts
            && let Some((entry, message)) = left.next()
        {
            self.counts = self.ends_before(entry.id)?;
            let mut insert = self.transaction.prepare_cached(NUMBERED)?;
            bind(&mut insert, 1, message, entry)?;
            insert.raw_bind_parameter(1 + COLUMNS, entry.id.0.cast_signed())?;
            insert.raw_execute()?;
        }
        for (size, sql) in SIZES.into_iter().zip(&*COUNTED) {
            while left.len() >= size {
                let mut insert = self.transaction.prepare_cached(sql)?;
                for (row, (entry, message)) in left.by_ref().take(size).enumerate() {
                    bind(&mut insert, 1 + row * COLUMNS, message, entry)?;
                }
                insert.raw_execute()?;
            }
        }
        Ok(())
    }

    /// Whether no message has this number or a higher one: then those behind it get the numbers that they are to have.
    fn ends_before(&self, id: MessageId) -> Result<bool, HistoryError> {
        let sql = "SELECT NOT EXISTS (SELECT 1 FROM message WHERE id >= ?1)";
        let mut ask = self.transaction.prepare_cached(sql)?;
        Ok(ask.query_row([id.0.cast_signed()], |row| row.get(0))?)
    }
}

/// Binds what is not the number of a row to the parameters from `first` on.
fn bind(
    insert: &mut Statement<'_>,
    first: usize,
    message: &Message,
    entry: &Entry,
) -> Result<(), HistoryError> {
    insert.raw_bind_parameter(first, entry.time_us)?;
    insert.raw_bind_parameter(first + 1, entry.topic)?;
    insert.raw_bind_parameter(first + 2, entry.flags.bits())?;
    insert.raw_bind_parameter(first + 3, message.payload.as_slice())?;
    // What is not bound is NULL.
    if !message.properties.is_empty() {
        insert.raw_bind_parameter(first + 4, message.properties.as_slice())?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use mqttscope_model::{Direction, QoS};
    use rusqlite::Connection;

    use super::*;
    use crate::file;

    fn backlog(first: u64, count: usize) -> Backlog {
        let message = Message {
            time_us: 1,
            direction: Direction::Received,
            topic: "a".into(),
            qos: QoS::AtMostOnce,
            retain: false,
            dup: false,
            payload: b"x".to_vec(),
            properties: Vec::new(),
        };
        let mut backlog = Backlog::before(MessageId(first));
        backlog.messages.extend(vec![message; count]);
        backlog
    }

    fn insert(connection: &mut Connection, backlog: &Backlog, written: u64) -> Vec<u64> {
        let transaction = connection.transaction().unwrap();
        let mut topics = Topics::default();
        transaction.execute("DELETE FROM topic", []).unwrap();
        let entries = messages(&transaction, &mut topics, backlog, MessageId(written)).unwrap();
        transaction.commit().unwrap();
        entries.iter().map(|entry| entry.id.0).collect()
    }

    fn ids(connection: &Connection) -> Vec<u64> {
        let mut ask = connection.prepare("SELECT id FROM message ORDER BY id").unwrap();
        let ids = ask.query_map([], |row| row.get::<_, i64>(0)).unwrap();
        ids.map(|id| id.unwrap().cast_unsigned()).collect()
    }

    #[test]
    fn rows_have_their_numbers_whatever_lies_before_and_behind_them() {
        let folder = tempfile::tempdir().unwrap();
        let mut connection = file::connect(&folder.path().join("h"), MessageId(1)).unwrap();
        let told = insert(&mut connection, &backlog(10, 150), 0);
        assert_eq!(told, Vec::from_iter(10..160));
        assert_eq!(ids(&connection), told);

        // A commit that was taken for a failure had written up to 169.
        insert(&mut connection, &backlog(160, 10), 0);
        let told = insert(&mut connection, &backlog(160, 100), 169);
        assert_eq!(told, Vec::from_iter(160..260));
        assert_eq!(ids(&connection), Vec::from_iter(10..260));

        // Another program wrote far behind the last.
        let far =
            "INSERT INTO message(id, ts, topic_id, flags, payload) VALUES (900, 1, 1, 0, x'')";
        connection.execute(far, []).unwrap();
        insert(&mut connection, &backlog(300, 80), 0);
        assert_eq!(ids(&connection), Vec::from_iter((10..260).chain(300..380).chain([900])));

        // The last rows were removed, and their numbers are not given again.
        connection.execute("DELETE FROM message WHERE id > 200", []).unwrap();
        insert(&mut connection, &backlog(901, 70), 0);
        assert_eq!(ids(&connection), Vec::from_iter((10..=200).chain(901..971)));
    }
}
