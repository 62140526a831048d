//! One step of a search: which messages of a range of ids pass a filter.
//!
//! The index answers first; what only the file knows is read for the rows that are left, from the pages of the table as
//! they are ([`crate::leaves`]): one look says that nothing in a page can pass, and payloads are tested where they lie,
//! without a copy. What cannot be read so is read as rows, in runs where they lie together. Two threads read halves of
//! a large step. The file is not mapped into memory: a file that somebody else cuts short would then end the
//! program instead of a read.

mod wanted;

use std::ops::Range;

use mqttscope_model::MessageId;
use rusqlite::{Connection, params};

use self::wanted::{Candidate, Wanted};
use crate::HistoryError;
use crate::filter::Compiled;
use crate::handle::Shared;
use crate::leaves::{Branch, Direct, Leaf, Leaves};

/// Rows of a run that are read although they need not be, where that is cheaper than another query.
const GAP: u64 = 8;

/// The ids in `range` that pass, rising.
pub(crate) fn matches(
    shared: &Shared,
    filter: &mut Compiled,
    range: Range<u64>,
) -> Result<Vec<u64>, HistoryError> {
    let in_topics = filter.needle.as_ref().is_some_and(|needle| needle.topics);
    if filter.reads_messages() && filter.cheap.lets_all_through() && !in_topics {
        let mut passed = read_by_two(shared, filter, Wanted::All(range))?;
        let index = shared.index();
        // What another program wrote is not part of the history.
        passed.retain(|id| index.position(MessageId(*id)).is_some());
        return Ok(passed);
    }
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
    read_by_two(shared, filter, Wanted::These(&candidates))
}

/// What passes, rising.
fn read_by_two(
    shared: &Shared,
    filter: &Compiled,
    wanted: Wanted<'_>,
) -> Result<Vec<u64>, HistoryError> {
    let Some((one, other)) = wanted.halves() else { return read(shared, filter, &wanted) };
    std::thread::scope(|scope| {
        let helper = std::thread::Builder::new().name("view".to_owned());
        let helper = helper.spawn_scoped(scope, || read(shared, filter, &other));
        let mut passed = read(shared, filter, &one)?;
        let rest = match helper.map(std::thread::ScopedJoinHandle::join) {
            Ok(Ok(rest)) => rest?,
            // No thread, or one that panicked: what it was to do is done here.
            Ok(Err(_)) | Err(_) => read(shared, filter, &other)?,
        };
        passed.extend(rest);
        Ok(passed)
    })
}

fn read(shared: &Shared, filter: &Compiled, wanted: &Wanted<'_>) -> Result<Vec<u64>, HistoryError> {
    shared.readers.read(|connection| match Leaves::of(connection)? {
        Some(leaves) => {
            let direct = shared.readers.direct();
            by_pages(connection, leaves, direct.as_deref(), filter, wanted)
        }
        None => by_rows(connection, filter, &wanted.all()),
    })
}

/// What passes, from pages where they can be understood.
fn by_pages(
    connection: &Connection,
    mut leaves: Leaves<'_>,
    direct: Option<&Direct>,
    filter: &Compiled,
    wanted: &Wanted<'_>,
) -> Result<Vec<u64>, HistoryError> {
    let Some(mut pages) = leaves.over(&wanted.span())? else {
        return by_rows(connection, filter, &wanted.all());
    };
    pages.retain(|page| !wanted.within(&page.ids).is_empty());
    let steady = direct.and_then(|direct| leaves.steady(direct));
    let mut found = Found::default();
    leaves.each(&pages, steady.as_ref(), |page: &Branch, leaf| {
        let here = wanted.within(&page.ids);
        if leaf.and_then(|leaf| look(leaf, filter, &here, &mut found)).is_none() {
            found.as_rows.extend(here.all());
        }
    })?;
    let Found { mut passed, mut as_rows, .. } = found;
    if !as_rows.is_empty() {
        as_rows.sort_unstable_by_key(|candidate| candidate.id);
        // From a page that is not understood to its end something may have been found already.
        as_rows.dedup();
        passed.extend(by_rows(connection, filter, &as_rows)?);
        passed.sort_unstable();
        passed.dedup();
    }
    Ok(passed)
}

#[derive(Default)]
struct Found {
    /// Rising.
    passed: Vec<u64>,
    /// What must be read as rows.
    as_rows: Vec<Candidate>,
    /// Ids go on from here.
    from: u64,
}

/// Looks at the rows of a page; `None` where one of them is not understood.
fn look(leaf: &Leaf<'_>, filter: &Compiled, wanted: &Wanted<'_>, found: &mut Found) -> Option<()> {
    let content = filter.content.as_ref();
    let needle = filter.needle.as_ref();
    let in_page = content.is_none_or(|content| content.may_be_in(leaf.bytes()));
    let needle_in_page = needle.is_none_or(|needle| needle.may_be_in(leaf.bytes()));
    if !(in_page && (needle_in_page || wanted.any_in_topic())) && leaf.has_all_of_its_rows() {
        return Some(());
    }
    let mut wanted = wanted.cursor();
    for cell in leaf.cells() {
        let cell = cell.filter(|cell| cell.id >= found.from)?;
        found.from = cell.id.saturating_add(1);
        let Some(candidate) = wanted.next(cell.id) else { continue };
        if cell.is_elsewhere() {
            found.as_rows.push(candidate);
            continue;
        }
        if !in_page || !(needle_in_page || candidate.in_topic) {
            continue;
        }
        match cell.content() {
            Some((payload, properties)) => {
                if passes(filter, candidate, payload, properties) {
                    found.passed.push(candidate.id);
                }
            }
            None => found.as_rows.push(candidate),
        }
    }
    Some(())
}

fn passes(filter: &Compiled, candidate: Candidate, payload: &[u8], properties: &[u8]) -> bool {
    let needle = filter.needle.as_ref();
    (candidate.in_topic || needle.is_none_or(|needle| needle.is_in_payload(payload)))
        && filter.content.as_ref().is_none_or(|content| content.passes(payload, properties))
}

/// What passes, from rows.
fn by_rows(
    connection: &Connection,
    filter: &Compiled,
    candidates: &[Candidate],
) -> Result<Vec<u64>, HistoryError> {
    let mut passed = Vec::new();
    for run in candidates.chunk_by(|one, next| next.id - one.id <= GAP) {
        read_run(connection, filter, run, &mut passed)?;
    }
    Ok(passed)
}

fn read_run(
    connection: &Connection,
    filter: &Compiled,
    run: &[Candidate],
    passed: &mut Vec<u64>,
) -> Result<(), HistoryError> {
    let (Some(first), Some(last)) = (run.first(), run.last()) else { return Ok(()) };
    let sql = if filter.content.as_ref().is_some_and(|content| content.wants_properties()) {
        "SELECT id, payload, props FROM message WHERE id BETWEEN ?1 AND ?2 ORDER BY id"
    } else {
        "SELECT id, payload, NULL FROM message WHERE id BETWEEN ?1 AND ?2 ORDER BY id"
    };
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(params![first.id.cast_signed(), last.id.cast_signed()])?;
    let mut wanted = Wanted::These(run).cursor();
    while let Some(row) = rows.next()? {
        let id = row.get::<_, i64>(0)?.cast_unsigned();
        let Some(candidate) = wanted.next(id) else { continue };
        let payload = row.get_ref(1)?.as_blob().map_err(rusqlite::Error::from)?;
        let properties = row.get_ref(2)?.as_blob_or_null().map_err(rusqlite::Error::from)?;
        if passes(filter, candidate, payload, properties.unwrap_or_default()) {
            passed.push(id);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
