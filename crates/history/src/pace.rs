//! How much a search looks at in one step.
//!
//! A step ends before a person would notice, and before the write-ahead log has grown for want of a moment in which nobody reads.
//! How many messages that are depends on what is asked of them: a text is found twenty times as fast as a place in a
//! JSON document. So the first step is small, which also brings the first rows soon, and each tells how large the next is.

use std::ops::RangeInclusive;
use std::time::Duration;

/// Ids in a step that reads the index only.
const OF_INDEX: u64 = 262_144;

/// Ids in the first step that reads messages, and in any.
const FIRST: u64 = 16_384;
const OF_MESSAGES: RangeInclusive<u64> = 4_096..=131_072;

/// A step that takes less is too small, one that takes more is too large.
const FITS: RangeInclusive<Duration> = Duration::from_millis(8)..=Duration::from_millis(30);

/// How many ids the next step of a search has.
#[derive(Clone, Debug)]
pub(crate) struct Pace {
    ids: u64,
    bounds: RangeInclusive<u64>,
}

impl Pace {
    pub(crate) fn begin(reads_messages: bool) -> Self {
        if reads_messages {
            Self { ids: FIRST, bounds: OF_MESSAGES }
        } else {
            Self { ids: OF_INDEX, bounds: OF_INDEX..=OF_INDEX }
        }
    }

    pub(crate) fn ids(&self) -> u64 {
        self.ids
    }

    /// Takes into account how long a step of that size took.
    pub(crate) fn took(&mut self, time: Duration) {
        if time < *FITS.start() {
            self.ids *= 2;
        } else if time > *FITS.end() {
            self.ids /= 2;
        }
        self.ids = self.ids.clamp(*self.bounds.start(), *self.bounds.end());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_become_as_large_as_they_may_take_long() {
        let mut pace = Pace::begin(true);
        let mut after = |ms| {
            pace.took(Duration::from_millis(ms));
            pace.ids()
        };
        assert_eq!([1, 10, 1, 1, 1].map(&mut after), [32_768, 32_768, 65_536, 131_072, 131_072]);
        assert_eq!([100; 6].map(after), [65_536, 32_768, 16_384, 8_192, 4_096, 4_096]);
    }
}
