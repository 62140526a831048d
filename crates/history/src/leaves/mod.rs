//! The table's pages as they are: how a search comes to a million payloads without a million rows.
//!
//! SQLite's price is that of a row, a search's that of a byte. The payloads of a page lie one behind the other, so one look
//! at the page says that none of its forty rows holds a text. The pages come from SQLite's own pager, through its virtual
//! table `sqlite_dbpage` inside a transaction that reads, so they are those of one moment, with what is still in the log,
//! or past it from the file itself ([`direct`]). Their form is the one that SQLite promises to keep
//! (<https://sqlite.org/fileformat2.html>). What is not exactly as it is expected here (a row that continues on other pages, a
//! table that another program made, an SQLite without that virtual table) is read as rows instead; nothing is guessed.

mod cell;
mod direct;

use std::ops::Range;

use rusqlite::{CachedStatement, Connection, ErrorCode, OptionalExtension, Transaction};

pub(crate) use self::cell::Leaf;
pub(crate) use self::direct::{Direct, Steady};
use crate::HistoryError;

/// The table as the columns are expected in its rows.
const TABLE: &str = "CREATE TABLE message(id INTEGER PRIMARY KEY,
  ts INTEGER NOT NULL,
  topic_id INTEGER NOT NULL, flags INTEGER NOT NULL,
  payload BLOB NOT NULL, props BLOB) STRICT";

/// Deeper than any tree of SQLite's.
const DEEPEST: usize = 20;

/// Pages that are read at once where that is possible: as much as stays near the processor.
const AT_ONCE: usize = 16;

/// Where the first page says how many bytes at the end of each page are not used.
const RESERVED_AT: usize = 20;

/// The table of messages at one moment, as pages. What else the connection reads meanwhile is of that moment too.
pub(crate) struct Leaves<'c> {
    page: CachedStatement<'c>,
    root: u32,
    page_size: usize,
    reserved: usize,
    /// Declared last, so that it ends when nothing reads any more.
    _moment: Transaction<'c>,
}

/// A page of the tree, and the ids that its rows may have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Branch {
    page: u32,
    pub(crate) ids: Range<u64>,
}

impl<'c> Leaves<'c> {
    /// The table as it is now; `None` where its pages cannot be read or are not such as this program makes.
    ///
    /// # Errors
    /// What SQLite says.
    pub(crate) fn of(connection: &'c Connection) -> Result<Option<Self>, HistoryError> {
        let page = connection.prepare_cached("SELECT data FROM sqlite_dbpage WHERE pgno = ?1");
        let page = match page {
            Ok(page) => page,
            // This SQLite was compiled without it.
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::Unknown) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let moment = connection.unchecked_transaction()?;
        let root: Option<u32> = connection
            .prepare_cached(
                "SELECT rootpage FROM sqlite_schema WHERE name = 'message' AND sql = ?1",
            )?
            .query_row([TABLE], |row| row.get(0))
            .optional()?;
        let Some(root) = root else { return Ok(None) };
        let mut leaves = Self { page, root, page_size: 0, reserved: 0, _moment: moment };
        let about = leaves.read(1, |page| Some((page.len(), *page.get(RESERVED_AT)?)))?.flatten();
        let Some((page_size, reserved)) = about else { return Ok(None) };
        (leaves.page_size, leaves.reserved) = (page_size, reserved.into());
        Ok(Some(leaves))
    }

    /// What may be read of the file itself as long as this moment is held.
    pub(crate) fn steady<'d>(&self, direct: &'d Direct) -> Option<Steady<'d>> {
        direct.steady(self.page_size)
    }

    /// The pages whose rows may have these ids, rising; `None` where the tree is not understood.
    ///
    /// # Errors
    /// What SQLite says.
    pub(crate) fn over(&mut self, ids: &Range<u64>) -> Result<Option<Vec<Branch>>, HistoryError> {
        let mut level = vec![Branch { page: self.root, ids: 0..u64::MAX }];
        for _ in 0..DEEPEST {
            let mut below = Vec::new();
            for branch in &level {
                let reserved = self.reserved;
                let kind = self.read(branch.page, |page| {
                    if Leaf::of(page, reserved).is_some() {
                        return Some(Kind::Leaf);
                    }
                    children(page, branch, ids, &mut below).map(|()| Kind::Interior)
                })?;
                match kind.flatten() {
                    Some(Kind::Interior) => {}
                    // All leaves lie equally deep, so one look is enough.
                    Some(Kind::Leaf) if below.is_empty() => return Ok(Some(level)),
                    _ => return Ok(None),
                }
            }
            level = below;
        }
        Ok(None)
    }

    /// Looks at leaves, in their order; at `None` where a page is none.
    ///
    /// # Errors
    /// What SQLite says.
    pub(crate) fn each(
        &mut self,
        branches: &[Branch],
        steady: Option<&Steady<'_>>,
        mut look: impl FnMut(&Branch, Option<&Leaf<'_>>),
    ) -> Result<(), HistoryError> {
        let reserved = self.reserved;
        let mut buffer = Vec::new();
        let mut compared = false;
        for run in branches.chunk_by(|one, next| one.page.checked_add(1) == Some(next.page)) {
            for some in run.chunks(AT_ONCE) {
                buffer.resize(some.len() * self.page_size, 0);
                let mut read = some.first().zip(steady).is_some_and(|(first, steady)| {
                    some.iter().all(|branch| steady.has(branch.page))
                        && steady.read(first.page, &mut buffer).is_ok()
                });
                if let Some(first) = some.first().filter(|_| read && !compared) {
                    // Whoever exchanges files while they are open is noticed here.
                    let own = |page: &[u8]| buffer.get(..page.len()) == Some(page);
                    compared = self.read(first.page, own)? == Some(true);
                    read = compared;
                }
                if read {
                    for (branch, page) in some.iter().zip(buffer.chunks(self.page_size)) {
                        look(branch, Leaf::of(page, reserved).as_ref());
                    }
                    continue;
                }
                for branch in some {
                    let seen = |page: &[u8]| look(branch, Leaf::of(page, reserved).as_ref());
                    if self.read(branch.page, seen)?.is_none() {
                        look(branch, None);
                    }
                }
            }
        }
        Ok(())
    }

    fn read<T>(
        &mut self,
        number: u32,
        look: impl FnOnce(&[u8]) -> T,
    ) -> Result<Option<T>, HistoryError> {
        let mut rows = self.page.query([number])?;
        let Some(row) = rows.next()? else { return Ok(None) };
        Ok(Some(look(row.get_ref(0)?.as_blob().map_err(rusqlite::Error::from)?)))
    }
}

enum Kind {
    Interior,
    Leaf,
}

/// Adds the pages below an interior page whose rows may have these ids.
fn children(page: &[u8], of: &Branch, ids: &Range<u64>, into: &mut Vec<Branch>) -> Option<()> {
    const INTERIOR: u8 = 5;
    if page.first() != Some(&INTERIOR) {
        return None;
    }
    let mut start = of.ids.start;
    for at in cell::pointers(page, 12)? {
        let (child, rest) = page.get(at..)?.split_first_chunk()?;
        // A child has the ids up to its key.
        let end = cell::varint(rest)?.0.checked_add(1)?;
        if end < start {
            return None;
        }
        let branch = Branch { page: u32::from_be_bytes(*child), ids: start..end };
        if branch.overlaps(ids) {
            into.push(branch);
        }
        start = end;
    }
    let last = u32::from_be_bytes(*page.get(8..)?.first_chunk()?);
    let last = Branch { page: last, ids: start..of.ids.end };
    if last.overlaps(ids) {
        into.push(last);
    }
    Some(())
}

impl Branch {
    fn overlaps(&self, ids: &Range<u64>) -> bool {
        self.ids.start < ids.end && ids.start < self.ids.end
    }
}

#[cfg(test)]
mod tests;
