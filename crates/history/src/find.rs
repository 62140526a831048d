//! Finding within a view, which stays as it is: the next match, the one before, and where all of them are.
//!
//! A find is a view of its own that asks the view's filter and the needle together. So all matches are known once it has
//! looked at everything, new ones are followed, and the marks of a scrollbar are two lists held against each
//! other. Until it has come to where a person stands, the next match is looked for from there directly, in
//! slices that grow, so that a near one is there at once. The price is four bytes a match and one more thread while it lives.

use std::sync::{Mutex, PoisonError};

use mqttscope_model::{
    FindMarks, FindRequest, FoundAt, MessageId, Towards, TransferProgress, TransferStage,
};
use tokio::sync::watch;

use crate::filter::Compiled;
use crate::job::Job;
use crate::{FilterError, TransferError, View, ViewProgress, scan};

/// Ids in the first slice of a search from a place, and in the largest.
const FIRST_SLICE: u64 = 256;
const LARGEST_SLICE: u64 = 16_384;

/// What was looked for in a view. It is searched and followed until it is dropped.
#[derive(Debug)]
pub struct Find {
    matches: View,
    /// The same conditions once more, for looking from a place.
    direct: Mutex<Compiled>,
}

impl View {
    /// Begins to look for something in this view. What it finds can be asked for at once.
    ///
    /// # Errors
    /// An expression or a path that is not valid.
    pub fn find(&self, request: &FindRequest) -> Result<Find, FilterError> {
        let compiled = || Compiled::finding(self.filter(), request);
        let direct = Mutex::new(compiled()?);
        Ok(Find { matches: self.history().view_of(self.filter(), compiled()?), direct })
    }

    /// The place of the first message of this view that is not older than a time (to the millisecond), or the number of
    /// its messages where all are older.
    pub fn index_at(&self, time_us: i64) -> u64 {
        let index = self.history().shared().index();
        let first = index.slice(index.at_or_after(time_us), 1).pop();
        drop(index);
        first.map_or_else(|| self.len(), |first| self.place(first.id))
    }
}

impl Find {
    /// How far it is, and how many matches there are so far.
    pub fn progress(&self) -> watch::Receiver<ViewProgress> {
        self.matches.progress()
    }

    /// How many matches there are so far.
    pub fn len(&self) -> u64 {
        self.matches.len()
    }

    /// Whether there is no match so far.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Which match a message is among those found so far, counted from the oldest, 0.
    pub fn number(&self, id: MessageId) -> Option<u64> {
        let place = self.matches.place(id);
        (self.matches.id_at(place) == Some(id)).then_some(place)
    }

    /// The nearest match on one side of a message, which itself does not count; `None` begins at the view's end. `view` is
    /// the one that this was made from. Blocks for as long as it takes to get there.
    ///
    /// # Errors
    /// [`TransferError::Cancelled`], or what the file does not let be read.
    pub fn next(
        &self,
        view: &View,
        from: Option<MessageId>,
        towards: Towards,
        job: &Job,
    ) -> Result<Option<FoundAt>, TransferError> {
        let (first, last) = view.history().shared().bounds();
        let from = from.map_or(
            match towards {
                Towards::Older => last.0.saturating_add(1),
                Towards::Newer => first.0.saturating_sub(1),
            },
            |from| from.0,
        );
        let found = match self.known(from, towards) {
            Some(known) => known,
            None => self.look(view, from, towards, job)?,
        };
        Ok(found.map(|id| FoundAt { id, place: view.place(id) }))
    }

    /// How the matches spread over the view, in so many parts.
    pub fn marks(&self, view: &View, parts: u32) -> FindMarks {
        let complete = self.matches.progress().borrow().complete;
        let total = view.len();
        let mut counts = vec![0_u32; parts as usize];
        let mut found = 0;
        self.matches.each(|id| {
            found += 1;
            let place = view.place(id).min(total.saturating_sub(1));
            let part = u128::from(place) * u128::from(parts) / u128::from(total.max(1));
            if let Some(count) = usize::try_from(part).ok().and_then(|part| counts.get_mut(part)) {
                *count = count.saturating_add(1);
            }
        });
        FindMarks { counts, found, total, complete }
    }

    /// The answer where the search has come past it already.
    fn known(&self, from: u64, towards: Towards) -> Option<Option<MessageId>> {
        if !self.matches.progress().borrow().complete {
            return None;
        }
        let found = match towards {
            Towards::Newer => {
                self.matches.id_at(self.matches.place(MessageId(from.saturating_add(1))))
            }
            Towards::Older => {
                let before = self.matches.place(MessageId(from)).checked_sub(1);
                before.and_then(|place| self.matches.id_at(place))
            }
        };
        Some(found)
    }

    /// Looks from a message on.
    fn look(
        &self,
        view: &View,
        from: u64,
        towards: Towards,
        job: &Job,
    ) -> Result<Option<MessageId>, TransferError> {
        let shared = view.history().shared();
        let mut direct = self.direct.lock().unwrap_or_else(PoisonError::into_inner);
        let (first, last) = shared.bounds();
        let (end, total) = match towards {
            Towards::Newer => (last.0 + 1, last.0.saturating_sub(from)),
            Towards::Older => (first.0, from.saturating_sub(first.0)),
        };
        let stage = TransferStage::Moving;
        let mut progress = TransferProgress { stage, total, ..TransferProgress::default() };
        let mut at = match towards {
            Towards::Newer => from.saturating_add(1).max(first.0),
            Towards::Older => from.min(last.0 + 1),
        };
        let mut slice = FIRST_SLICE;
        loop {
            job.check()?;
            job.tell(progress);
            let range = match towards {
                Towards::Newer => at..at.saturating_add(slice).min(end),
                Towards::Older => at.saturating_sub(slice).max(end)..at,
            };
            if range.is_empty() {
                return Ok(None);
            }
            let found = scan::matches(shared, &mut direct, range.clone())?;
            let (nearest, next) = match towards {
                Towards::Newer => (found.first(), range.end),
                Towards::Older => (found.last(), range.start),
            };
            if let Some(id) = nearest {
                return Ok(Some(MessageId(*id)));
            }
            at = next;
            progress.done += range.end - range.start;
            slice = (slice * 4).min(LARGEST_SLICE);
        }
    }
}
