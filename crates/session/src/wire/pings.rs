//! Pings that are under way, and how long each took.

use std::collections::VecDeque;
use std::time::Instant;

/// The pings of a connection. The clock is read once for each PINGREQ and once for its answer.
#[derive(Debug, Default)]
pub(super) struct Pings {
    /// When those went out that were not answered, oldest first.
    out: VecDeque<Instant>,
    /// Those that were answered in the broker's place, whose answers are still to come.
    stood_in: u32,
}

impl Pings {
    /// So many went out just now.
    pub(super) fn went(&mut self, count: u32) {
        for _ in 0..count {
            self.out.push_back(Instant::now());
        }
    }

    /// Whether the library waits for an answer.
    pub(super) fn waits(&self) -> bool {
        !self.out.is_empty()
    }

    /// The library got an answer that is not the broker's, which says nothing about the time.
    pub(super) fn stand_in(&mut self) {
        self.out.pop_front();
        self.stood_in += 1;
    }

    /// An answer came: the round trip in microseconds, where it is known.
    pub(super) fn came(&mut self) -> Option<u64> {
        if self.stood_in > 0 {
            self.stood_in -= 1;
            return None;
        }
        let took = self.out.pop_front()?.elapsed();
        Some(u64::try_from(took.as_micros()).unwrap_or(u64::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_belongs_to_its_own_ping_although_another_stood_in_for_it() {
        let mut pings = Pings::default();
        assert_eq!(pings.came(), None, "nobody asked");
        pings.went(1);
        assert!(pings.waits());
        pings.stand_in();
        assert!(!pings.waits());
        pings.went(1);
        assert_eq!(pings.came(), None);
        assert!(pings.waits());
        assert!(pings.came().is_some());
    }
}
