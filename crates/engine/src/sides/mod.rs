//! Two brokers side by side: what came on one session, compared with what came on another.
//!
//! A comparison is of two histories, not of two sessions: what is recorded can be compared as well as what comes, and a
//! session goes on as if nobody looked. The rule is in [`pairing`], what is kept of its verdicts in [`rows`], and
//! the thread that feeds it in [`reading`]. A window that was reloaded forgets what it had open, so only the last
//! few are kept, as with views.

mod clock;
mod pairing;
mod print;
mod reading;
mod rows;

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use mqttscope_history::{History, HistoryError, Row};
use mqttscope_model::{ErrorCode, MessageId, ProfileId, ProtocolVersion, UserError, ViewFilter};

use self::pairing::{Patience, Side};
use self::reading::Comparison;
use self::rows::Stored;
use crate::Engine;
use crate::api::{
    SidesContent, SidesFrom, SidesId, SidesKind, SidesMessage, SidesOpened, SidesOptions,
    SidesPage, SidesPair, SidesRow, SidesState,
};
use crate::engine::blocking;
use crate::events::Subject;

/// How many comparisons are kept: a window shows one.
const KEPT: usize = 4;

/// The most rows that one page holds.
const MAX_ROWS: u32 = 500;

/// The longest that a message is waited for, in milliseconds.
const MAX_WAIT_MS: u32 = 3_600_000;

/// A comparison that somebody looks at.
#[derive(Debug)]
struct Open {
    pair: SidesPair,
    left: History,
    right: History,
    comparison: Comparison,
}

/// The open comparisons.
#[derive(Debug, Default)]
pub(crate) struct Comparisons(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    last: u32,
    open: BTreeMap<SidesId, Arc<Open>>,
}

impl Comparisons {
    /// How far a comparison is; none where it is closed.
    pub(crate) fn state(&self, id: SidesId) -> Option<SidesState> {
        let open = self.lock().open.get(&id).cloned()?;
        Some(open.comparison.state())
    }

    /// Closes all comparisons of a profile. Blocks until their threads have ended.
    pub(crate) fn close_all_of(&self, profile: &ProfileId) {
        let mut kept = self.lock();
        let is_of = |open: &Open| open.pair.left == *profile || open.pair.right == *profile;
        let closed: Vec<_> = kept.open.extract_if(.., |_, open| is_of(open)).collect();
        drop(kept);
        drop(closed);
    }

    fn get(&self, id: SidesId) -> Result<Arc<Open>, UserError> {
        self.lock().open.get(&id).cloned().ok_or_else(gone)
    }

    /// The name of the next one, and those that are kept no longer, to be dropped where blocking is allowed.
    fn next(&self) -> (SidesId, Vec<Arc<Open>>) {
        let mut kept = self.lock();
        let mut old = Vec::new();
        while kept.open.len() >= KEPT {
            old.extend(kept.open.pop_first().map(|(_, open)| open));
        }
        kept.last += 1;
        (SidesId(kept.last), old)
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Engine {
    pub(crate) async fn sides_open(
        &self,
        pair: SidesPair,
        options: SidesOptions,
    ) -> Result<SidesOpened, UserError> {
        let (filter, patience) = what_is_asked(&pair, options)?;
        let version = |id| Ok::<_, UserError>(self.profiles.get(id)?.version);
        let versions = [version(&pair.left)?, version(&pair.right)?];
        let properties = versions == [ProtocolVersion::V5; 2];
        let (left, right) = (self.history(&pair.left).await?, self.history(&pair.right).await?);
        let (sides, old) = self.comparisons.next();
        let listeners = Arc::downgrade(&self.listeners);
        let changed = move || {
            if let Some(listeners) = listeners.upgrade() {
                listeners.mark(&Subject::Sides(sides));
            }
        };
        let open = blocking(move || {
            drop(old);
            let trails = (left.trail(&filter)?, right.trail(&filter)?);
            let comparison = Comparison::begin(trails.0, trails.1, patience, properties, changed)
                .map_err(no_thread)?;
            Ok::<_, UserError>(Open { pair, left, right, comparison })
        })
        .await??;
        let state = open.comparison.state();
        self.comparisons.lock().open.insert(sides, Arc::new(open));
        Ok(SidesOpened { sides, state })
    }

    pub(crate) async fn sides_state(&self, sides: SidesId) -> Result<SidesState, UserError> {
        self.comparisons.state(sides).ok_or_else(gone)
    }

    pub(crate) async fn sides_page(
        &self,
        sides: SidesId,
        kinds: Vec<SidesKind>,
        from: SidesFrom,
        count: u32,
    ) -> Result<SidesPage, UserError> {
        let open = self.comparisons.get(sides)?;
        blocking(move || open.page(&kinds, from, count.min(MAX_ROWS))).await?
    }

    pub(crate) async fn sides_close(&self, sides: SidesId) -> Result<(), UserError> {
        let open = self.comparisons.lock().open.remove(&sides);
        let Some(open) = open else { return Ok(()) };
        blocking(move || drop(open)).await
    }
}

impl Open {
    /// Reads a page. Blocks.
    fn page(
        &self,
        kinds: &[SidesKind],
        from: SidesFrom,
        count: u32,
    ) -> Result<SidesPage, UserError> {
        let piece = self.comparison.rows().piece(kinds, from, count);
        let left = messages(&self.left, Side::Left, &piece.rows)?;
        let right = messages(&self.right, Side::Right, &piece.rows)?;
        let rows = (piece.first..).zip(&piece.rows).map(|(index, row)| SidesRow {
            index,
            number: row.key().number,
            time_us: row.key().time_us,
            kind: row.kind(),
            difference: row.difference(),
            topic: row.topic().as_ref().to_owned(),
            left: message(row, Side::Left, &left),
            right: message(row, Side::Right, &right),
        });
        Ok(SidesPage {
            first: piece.first,
            total: piece.total,
            anchor: piece.anchor,
            rows: rows.collect(),
        })
    }
}

/// The messages that a side has in some rows, as far as they are still there.
fn messages(
    history: &History,
    side: Side,
    rows: &[Stored],
) -> Result<HashMap<MessageId, Row>, UserError> {
    let ids: Vec<MessageId> =
        rows.iter().filter_map(|row| row.message(side)).map(|(id, _)| id).collect();
    let found = history.rows_by_id(&ids).map_err(|error| match error {
        HistoryError::Closed => gone(),
        other => other.into(),
    })?;
    Ok(found.into_iter().map(|row| (row.id, row)).collect())
}

fn message(row: &Stored, side: Side, found: &HashMap<MessageId, Row>) -> Option<SidesMessage> {
    let (id, time_us) = row.message(side)?;
    let content = found.get(&id).map(|found| SidesContent {
        qos: found.qos,
        retain: found.retain,
        size: found.size,
        preview: mqttscope_payload::preview(&found.preview, found.size),
    });
    Some(SidesMessage { id, time_us, content })
}

/// The filter with its beginning, and the times.
fn what_is_asked(
    pair: &SidesPair,
    options: SidesOptions,
) -> Result<(ViewFilter, Patience), UserError> {
    let SidesOptions { mut filter, since_us, late_ms, wait_ms } = options;
    if pair.left == pair.right {
        let message = "A profile cannot be compared with itself.";
        return Err(UserError::new(ErrorCode::SidesSameProfile, message)
            .hint("Choose another profile for one of the two sides."));
    }
    if wait_ms == 0 || wait_ms < late_ms || wait_ms > MAX_WAIT_MS {
        let message = format!("{wait_ms} ms to wait do not fit to {late_ms} ms that are late.");
        return Err(UserError::new(ErrorCode::SidesTimes, message)
            .hint("Wait between 1 millisecond and 1 hour for a message, and at least as long as it takes to count as late.")
            .detail("late_ms", late_ms)
            .detail("wait_ms", wait_ms));
    }
    filter.from_us = filter.from_us.max(since_us);
    let micros = |ms| i64::from(ms) * 1_000;
    Ok((filter, Patience { late_us: micros(late_ms), wait_us: micros(wait_ms) }))
}

fn no_thread(error: std::io::Error) -> UserError {
    let message = format!("The comparison has no thread: {error}");
    UserError::new(ErrorCode::Internal, message)
}

fn gone() -> UserError {
    UserError::new(ErrorCode::SidesGone, "This comparison is not open any more.")
        .hint("Start the comparison again.")
}
