//! One transaction: a batch of messages, then what became of earlier ones.
//!
//! Nothing leaves the backlog here: the caller does that after the commit, so an error costs only the attempt.

use std::ops::Range;
use std::sync::Arc;
use std::time::{Duration, Instant};

use mqttscope_model::{MessageId, Removed};
use rusqlite::{Connection, Transaction, params};

use crate::batch::Backlog;
use crate::bookmarks::{self, Change};
use crate::inbox::BATCH_ROWS;
use crate::index::{About, Entry, Going, Packed};
use crate::pages::Pages;
use crate::topics::Topics;
use crate::{HistoryError, insert, load, outcome, stored};

/// Topics without messages that lose their number in one transaction.
pub(crate) const ORPHANS: usize = 512;

/// What a transaction does besides writing the backlog. All of it may be repeated: an attempt that failed may
/// have been committed all the same.
pub(crate) struct Plan {
    /// Messages below were cleared.
    pub(crate) first_kept: MessageId,
    /// Messages that go.
    pub(crate) going: Going,
    /// What the limits will have removed then, where it is they that remove.
    pub(crate) removed: Option<Removed>,
    /// Topics without a message, [`ORPHANS`] at most.
    pub(crate) orphans: Vec<u32>,
    /// How many topics were looked at for that.
    pub(crate) orphans_seen: usize,
    /// A block of the index that is not stored as it is.
    pub(crate) block: Option<Packed>,
}

/// What a transaction committed: the first rows of the backlog, for the index.
pub(crate) struct Committed {
    pub(crate) entries: Vec<Entry>,
    pub(crate) outcomes: usize,
    pub(crate) topics: Vec<(u32, Arc<str>)>,
    /// Topics that lost their number.
    pub(crate) forgotten: Vec<u32>,
    pub(crate) orphans_seen: usize,
    pub(crate) going: Going,
    /// The block that was stored.
    pub(crate) block: Option<About>,
    pub(crate) removed: Option<Removed>,
    /// How long the removal took.
    pub(crate) took: Duration,
    pub(crate) pages: Pages,
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
    /// What SQLite calls the file's version as long as nobody else writes to it. None once an attempt failed: then the
    /// index may hold what the file does not, and is not stored any more.
    version: Option<i64>,
    /// How many pages the log has before it is emptied, as [`Store::keep_log_at`] set it.
    log_pages: Option<u32>,
}

impl Store {
    /// A store over a file whose topics are told before anything is written.
    ///
    /// # Errors
    /// What SQLite says.
    pub(crate) fn new(connection: Connection) -> Result<Self, HistoryError> {
        let version = Some(version(&connection)?);
        let (topics, written) = (Topics::default(), MessageId(0));
        Ok(Self { connection, topics, written, doubtful: false, version, log_pages: None })
    }

    /// A store over a file that was opened anew.
    pub(crate) fn reopened(connection: Connection) -> Self {
        let (topics, written) = (Topics::default(), MessageId(0));
        Self { connection, topics, written, doubtful: true, version: None, log_pages: None }
    }

    /// These are the topics of the file.
    pub(crate) fn know(&mut self, topics: Topics) {
        self.topics = topics;
    }

    /// Whether the index has what the file has, as far as anybody can tell, so that blocks of it may be stored.
    pub(crate) fn may_store_blocks(&self) -> bool {
        self.version.is_some() && version(&self.connection).ok() == self.version
    }

    /// Stores a block of the index by itself.
    ///
    /// # Errors
    /// Nothing changed.
    pub(crate) fn store_block(&self, block: &Packed) -> Result<(), HistoryError> {
        stored::write(&self.connection, block)
    }

    /// Has the next opening read all rows.
    ///
    /// # Errors
    /// What SQLite says.
    pub(crate) fn suspect(&self) -> Result<(), HistoryError> {
        stored::suspect(&self.connection)
    }

    pub(crate) fn connection(&self) -> &Connection {
        &self.connection
    }

    /// Whether free pages can be given back in slices; not in a file that an older program began.
    ///
    /// # Errors
    /// What SQLite says.
    pub(crate) fn gives_back_in_slices(&self) -> Result<bool, HistoryError> {
        let mode: i64 = self.connection.query_row("PRAGMA auto_vacuum", [], |row| row.get(0))?;
        Ok(mode == 2)
    }

    /// Gives at most so many free pages back to the disk.
    ///
    /// # Errors
    /// Nothing changed.
    pub(crate) fn give_back(&self, pages: u32) -> Result<Pages, HistoryError> {
        // Each step gives one page back.
        let mut statement =
            self.connection.prepare(&format!("PRAGMA incremental_vacuum({pages})"))?;
        let mut steps = statement.query([])?;
        while steps.next()?.is_some() {}
        drop(steps);
        Pages::of(&self.connection)
    }

    /// Rewrites the file without free pages, and so that from now on they can be given back in slices.
    ///
    /// # Errors
    /// Nothing changed.
    pub(crate) fn rewrite(&self) -> Result<Pages, HistoryError> {
        self.connection.execute_batch("PRAGMA auto_vacuum=INCREMENTAL; VACUUM")?;
        Pages::of(&self.connection)
    }

    /// The log is emptied into the file after so many pages, and keeps no more on the disk. Does nothing where that is known.
    ///
    /// # Errors
    /// What SQLite says.
    pub(crate) fn keep_log_at(&mut self, pages: u32, page_size: u64) -> Result<(), HistoryError> {
        if self.log_pages != Some(pages) {
            let bytes = u64::from(pages) * page_size;
            self.connection.execute_batch(&format!(
                "PRAGMA wal_autocheckpoint={pages}; PRAGMA journal_size_limit={bytes}"
            ))?;
            self.log_pages = Some(pages);
        }
        Ok(())
    }

    /// Empties the log into the file where nobody reads, so that the disk sees how large it is now.
    pub(crate) fn empty_log(&self) -> Result<(), HistoryError> {
        self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
        Ok(())
    }

    /// Changes a bookmark.
    ///
    /// # Errors
    /// Nothing changed.
    pub(crate) fn bookmark(&self, change: &Change) -> Result<(), HistoryError> {
        bookmarks::store(&self.connection, change)
    }

    /// Writes at most 2,000 rows, or as many as 10 ms allow, does what else is planned, and commits.
    ///
    /// # Errors
    /// Nothing was written, as far as SQLite knows.
    pub(crate) fn write(
        &mut self,
        backlog: &Backlog,
        mut plan: Plan,
    ) -> Result<Committed, HistoryError> {
        if self.doubtful {
            // What the index says of topics may be older than the file.
            plan.orphans.clear();
            plan.orphans_seen = 0;
            self.topics = Topics::anew(load::topic_names(&self.connection)?);
            self.written = load::last_id(&self.connection)?;
            self.doubtful = false;
        }
        match self.transact(backlog, plan) {
            Ok(committed) => Ok(Committed { topics: self.topics.commit(), ..committed }),
            Err(error) => {
                self.doubtful = true;
                self.version = None;
                Err(error)
            }
        }
    }

    fn transact(&mut self, backlog: &Backlog, mut plan: Plan) -> Result<Committed, HistoryError> {
        let transaction = self.connection.transaction()?;
        forget_topics(&transaction, &mut self.topics, &mut plan.orphans)?;
        let entries = insert::messages(&transaction, &mut self.topics, backlog, self.written)?;
        let mut outcomes = 0;
        // An outcome may belong to the last message here, so it has to wait for that.
        if entries.len() == backlog.messages.len() {
            outcomes = backlog.outcomes.len().min(BATCH_ROWS);
            insert_outcomes(&transaction, backlog, outcomes, plan.first_kept)?;
        }
        if let Some(block) = &plan.block {
            stored::write(&transaction, block)?;
        }
        let began = Instant::now();
        remove(&transaction, &plan)?;
        let took = began.elapsed();
        let pages = Pages::of(&transaction)?;
        transaction.commit()?;
        let Plan { going, removed, orphans: forgotten, orphans_seen, block, .. } = plan;
        let (topics, block) = (Vec::new(), block.map(|block| block.about));
        Ok(Committed {
            entries,
            outcomes,
            topics,
            forgotten,
            orphans_seen,
            going,
            block,
            removed,
            took,
            pages,
        })
    }
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
        "INSERT OR REPLACE INTO outcome(id, state, reason, code)
         SELECT ?1, ?2, ?3, ?4 WHERE EXISTS (SELECT 1 FROM message WHERE id = ?1)",
    )?;
    for (id, outcome) in backlog.outcomes.iter().take(count) {
        // The message may have been cleared, or removed by the limits, while it was on its way.
        let Some(columns) = outcome::columns(outcome).filter(|_| *id >= first_kept) else {
            continue;
        };
        insert.execute(params![id.0.cast_signed(), columns.state, columns.reason, columns.code])?;
    }
    Ok(())
}

/// Takes their numbers from topics, and leaves those in the list that had one.
fn forget_topics(
    transaction: &Transaction<'_>,
    topics: &mut Topics,
    orphans: &mut Vec<u32>,
) -> Result<(), HistoryError> {
    if orphans.is_empty() {
        return Ok(());
    }
    let mut delete = transaction.prepare_cached("DELETE FROM topic WHERE id = ?1")?;
    orphans.retain(|number| topics.forget(*number));
    for number in orphans {
        delete.execute([*number])?;
    }
    Ok(())
}

/// Removes messages with all that belongs to them, and counts them.
fn remove(transaction: &Transaction<'_>, plan: &Plan) -> Result<(), HistoryError> {
    let ranges = &plan.going.ranges;
    let (Some(first), Some(last)) = (ranges.first(), ranges.last()) else { return Ok(()) };
    stored::forget(transaction, first.start, last.end)?;
    for table in ["message", "outcome", "bookmark"] {
        let sql = format!("DELETE FROM {table} WHERE id BETWEEN ?1 AND ?2");
        let mut delete = transaction.prepare_cached(&sql)?;
        for Range { start, end } in ranges {
            delete.execute([start.cast_signed(), (end - 1).cast_signed()])?;
        }
    }
    // Numbers are never used again, not even where the last message went.
    transaction
        .prepare_cached("UPDATE counter SET value = max(value, ?1) WHERE name = 'first_id'")?
        .execute([last.end.cast_signed()])?;
    let Some(removed) = plan.removed else { return Ok(()) };
    let mut count = transaction.prepare_cached(
        "INSERT INTO counter(name, value) VALUES (?1, ?2)
         ON CONFLICT(name) DO UPDATE SET value = excluded.value",
    )?;
    count.execute(params!["removed_messages", removed.messages.cast_signed()])?;
    count.execute(params!["removed_bytes", removed.bytes.cast_signed()])?;
    if let Some(since_us) = removed.since_us {
        count.execute(params!["removed_since_us", since_us])?;
    }
    Ok(())
}

/// Changes when another connection changed the file.
fn version(connection: &Connection) -> Result<i64, HistoryError> {
    Ok(connection.prepare_cached("PRAGMA data_version")?.query_row([], |row| row.get(0))?)
}
