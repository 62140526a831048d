//! One step of a search: which messages of a range of ids pass a filter.
//!
//! The index answers first; what only the file knows is read for the rows that are left, in runs where they lie
//! together and one by one where they are few. Payloads are looked at where SQLite has them, without a copy.
//! Two threads read halves of a large step, because it is SQLite's way to a row, not the comparison, that takes the time.
//! The file is not mapped into memory, which would save a tenth: a file that somebody else cuts short would then
//! end the program instead of a read.

use std::ops::Range;

use mqttscope_model::MessageId;
use rusqlite::{Connection, params};

use crate::HistoryError;
use crate::filter::Compiled;
use crate::handle::Shared;

/// Rows of a run that are read although they need not be, where that is cheaper than another query.
const GAP: u64 = 8;

/// Messages that are read by two threads, each with a connection of its own; starting a thread costs as much as
/// reading a few hundred.
const FOR_ONE: usize = 4_096;

/// A message that the index lets through.
#[derive(Clone, Copy)]
struct Candidate {
    id: u64,
    /// What is looked for stands in its Topic Name.
    in_topic: bool,
}

/// The ids in `range` that pass, rising.
pub(crate) fn matches(
    shared: &Shared,
    filter: &mut Compiled,
    range: Range<u64>,
) -> Result<Vec<u64>, HistoryError> {
    let mut picked = Vec::new();
    let candidates: Vec<Candidate> = {
        let index = shared.index();
        index.pick(&mut filter.cheap, range, &mut picked);
        if !filter.reads_messages() || picked.is_empty() {
            return Ok(picked);
        }
        let needle = filter.needle.as_ref().filter(|needle| needle.topics);
        let in_topic = |id: u64| {
            needle.is_some_and(|needle| {
                index.find(MessageId(id)).is_some_and(|found| needle.is_in_topic(&found.topic))
            })
        };
        picked.iter().map(|id| Candidate { id: *id, in_topic: in_topic(*id) }).collect()
    };
    let filter = &*filter;
    if candidates.len() < FOR_ONE {
        return read(shared, filter, &candidates);
    }
    let (one, other) = candidates.split_at(candidates.len() / 2);
    std::thread::scope(|scope| {
        let helper = std::thread::Builder::new().name("view".to_owned());
        let helper = helper.spawn_scoped(scope, || read(shared, filter, other));
        let mut passed = read(shared, filter, one)?;
        let rest = match helper.map(std::thread::ScopedJoinHandle::join) {
            Ok(Ok(rest)) => rest?,
            // No thread, or one that panicked: what it was to do is done here.
            Ok(Err(_)) | Err(_) => read(shared, filter, other)?,
        };
        passed.extend(rest);
        Ok(passed)
    })
}

/// The candidates whose messages pass, rising.
fn read(
    shared: &Shared,
    filter: &Compiled,
    candidates: &[Candidate],
) -> Result<Vec<u64>, HistoryError> {
    shared.readers.read(|connection| {
        let mut passed = Vec::new();
        for run in candidates.chunk_by(|one, next| next.id - one.id <= GAP) {
            read_run(connection, filter, run, &mut passed)?;
        }
        Ok(passed)
    })
}

fn read_run(
    connection: &Connection,
    filter: &Compiled,
    run: &[Candidate],
    passed: &mut Vec<u64>,
) -> Result<(), HistoryError> {
    let (Some(first), Some(last)) = (run.first(), run.last()) else { return Ok(()) };
    let content = filter.content.as_ref();
    let sql = if content.is_some_and(|content| content.wants_properties()) {
        "SELECT id, payload, props FROM message WHERE id BETWEEN ?1 AND ?2 ORDER BY id"
    } else {
        "SELECT id, payload, NULL FROM message WHERE id BETWEEN ?1 AND ?2 ORDER BY id"
    };
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(params![first.id.cast_signed(), last.id.cast_signed()])?;
    let mut wanted = run.iter().copied().peekable();
    while let Some(row) = rows.next()? {
        let id = row.get::<_, i64>(0)?.cast_unsigned();
        // A candidate that another program deleted meanwhile is passed over.
        while wanted.next_if(|next| next.id < id).is_some() {}
        let Some(candidate) = wanted.next_if(|next| next.id == id) else { continue };
        let payload = row.get_ref(1)?.as_blob().map_err(rusqlite::Error::from)?;
        let found = candidate.in_topic
            || filter.needle.as_ref().is_none_or(|needle| needle.is_in_payload(payload));
        if !found {
            continue;
        }
        let properties = row.get_ref(2)?.as_blob_or_null().map_err(rusqlite::Error::from)?;
        if content.is_none_or(|content| content.passes(payload, properties.unwrap_or_default())) {
            passed.push(id);
        }
    }
    Ok(())
}
