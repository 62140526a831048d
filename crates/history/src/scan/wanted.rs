//! What a scan is to read: all that lies between two ids, or what the index picked.

use std::ops::Range;

/// Messages that are read by two threads, each with a connection of its own; starting a thread costs as much as
/// reading a few hundred.
const FOR_ONE: u64 = 4_096;

/// A message that the index lets through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Candidate {
    pub(super) id: u64,
    /// What is looked for stands in its Topic Name.
    pub(super) in_topic: bool,
}

/// What is to be read.
#[derive(Clone, Debug)]
pub(super) enum Wanted<'a> {
    /// All that is there in a range.
    All(Range<u64>),
    /// These, rising.
    These(&'a [Candidate]),
}

impl<'a> Wanted<'a> {
    pub(super) fn is_empty(&self) -> bool {
        match self {
            Self::All(range) => range.is_empty(),
            Self::These(candidates) => candidates.is_empty(),
        }
    }

    /// The ids that it may be about.
    pub(super) fn span(&self) -> Range<u64> {
        match self {
            Self::All(range) => range.clone(),
            Self::These([first, .., last]) => first.id..last.id + 1,
            Self::These([only]) => only.id..only.id + 1,
            Self::These([]) => 0..0,
        }
    }

    /// What of it lies in a range.
    pub(super) fn within(&self, ids: &Range<u64>) -> Self {
        match self {
            Self::All(range) => Self::All(range.start.max(ids.start)..range.end.min(ids.end)),
            Self::These(candidates) => {
                let until = |end: u64| candidates.partition_point(|candidate| candidate.id < end);
                Self::These(candidates.get(until(ids.start)..until(ids.end)).unwrap_or_default())
            }
        }
    }

    /// Each, whether it is there or not.
    pub(super) fn all(&self) -> Vec<Candidate> {
        match self {
            Self::All(range) => range.clone().map(|id| Candidate { id, in_topic: false }).collect(),
            Self::These(candidates) => candidates.to_vec(),
        }
    }

    /// Whether what is looked for stands in some Topic Name already.
    pub(super) fn any_in_topic(&self) -> bool {
        match self {
            Self::All(_) => false,
            Self::These(candidates) => candidates.iter().any(|candidate| candidate.in_topic),
        }
    }

    /// Two parts of it, where it is large.
    pub(super) fn halves(&self) -> Option<(Self, Self)> {
        match self {
            Self::All(range) if range.end.saturating_sub(range.start) >= FOR_ONE => {
                let middle = range.start + (range.end - range.start) / 2;
                Some((Self::All(range.start..middle), Self::All(middle..range.end)))
            }
            Self::These(candidates) if candidates.len() as u64 >= FOR_ONE => {
                let (one, other) = candidates.split_at(candidates.len() / 2);
                Some((Self::These(one), Self::These(other)))
            }
            _ => None,
        }
    }

    pub(super) fn cursor(&self) -> Cursor<'a> {
        match self {
            Self::All(range) => Cursor::All(range.clone()),
            Self::These(candidates) => Cursor::These(candidates),
        }
    }
}

/// Goes along with ids that rise.
pub(super) enum Cursor<'a> {
    All(Range<u64>),
    These(&'a [Candidate]),
}

impl Cursor<'_> {
    /// The candidate of this id. Those before that were not there, because another program deleted them, are passed over.
    pub(super) fn next(&mut self, id: u64) -> Option<Candidate> {
        match self {
            Self::All(range) => range.contains(&id).then_some(Candidate { id, in_topic: false }),
            Self::These(candidates) => loop {
                let (first, rest) = candidates.split_first()?;
                if first.id > id {
                    return None;
                }
                *candidates = rest;
                if first.id == id {
                    return Some(*first);
                }
            },
        }
    }
}
