//! One step of a search: which messages of a range of ids pass a filter.
//!
//! The index answers first; what only the file knows is read for the rows that are left, in runs where they lie
//! together and one by one where they are few. Payloads are looked at where SQLite has them, without a copy.

use std::ops::Range;

use rusqlite::{Connection, params};

use crate::HistoryError;
use crate::filter::{Compiled, Content};
use crate::handle::Shared;

/// Rows of a run that are read although they need not be, where that is cheaper than another query.
const GAP: u64 = 8;

/// The ids in `range` that pass, rising.
pub(crate) fn matches(
    shared: &Shared,
    filter: &mut Compiled,
    range: Range<u64>,
) -> Result<Vec<u64>, HistoryError> {
    let mut candidates = Vec::new();
    shared.index().pick(&mut filter.cheap, range, &mut candidates);
    let Some(content) = &filter.content else { return Ok(candidates) };
    if candidates.is_empty() {
        return Ok(candidates);
    }
    shared.readers.read(|connection| {
        let mut passed = Vec::new();
        for run in candidates.chunk_by(|one, next| next - one <= GAP) {
            read_run(connection, content, run, &mut passed)?;
        }
        Ok(passed)
    })
}

fn read_run(
    connection: &Connection,
    content: &Content,
    run: &[u64],
    passed: &mut Vec<u64>,
) -> Result<(), HistoryError> {
    let (Some(first), Some(last)) = (run.first(), run.last()) else { return Ok(()) };
    let sql = if content.wants_properties() {
        "SELECT id, payload, props FROM message WHERE id BETWEEN ?1 AND ?2 ORDER BY id"
    } else {
        "SELECT id, payload, NULL FROM message WHERE id BETWEEN ?1 AND ?2 ORDER BY id"
    };
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(params![first.cast_signed(), last.cast_signed()])?;
    let mut wanted = run.iter().copied().peekable();
    while let Some(row) = rows.next()? {
        let id = row.get::<_, i64>(0)?.cast_unsigned();
        // A candidate that another program deleted meanwhile is passed over.
        while wanted.next_if(|next| *next < id).is_some() {}
        if wanted.next_if_eq(&id).is_none() {
            continue;
        }
        let payload = row.get_ref(1)?.as_blob().map_err(rusqlite::Error::from)?;
        let encoded = row.get_ref(2)?.as_blob_or_null().map_err(rusqlite::Error::from)?;
        if content.passes(payload, encoded.unwrap_or_default()) {
            passed.push(id);
        }
    }
    Ok(())
}
