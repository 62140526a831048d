//! How fast a rule answers, because a circle through another program shows itself by nothing else.
//!
//! Such a circle brings each reply back as another request, with other bytes, for as long as both run, at the pace of the
//! broker. Requests that answers lead to look the same, so a rule is stopped only at a pace that nobody keeps up by hand and
//! few programs for long; it says why, and goes on when the rules are saved. The price: a slower circle turns on, and who
//! measures a broker with a rule of ours has half a minute for each run.

use std::time::Duration;

use tokio::time::Instant;

/// So many answers within [`SPAN`] make a busy span.
const BUSY: u32 = 1_000;

/// The span in which answers are counted.
const SPAN: Duration = Duration::from_secs(1);

/// So many busy spans in a row are too many.
const MOST: u32 = 30;

/// The answers of a rule.
#[derive(Debug)]
pub(super) struct Pace {
    /// When the current span began.
    since: Instant,
    count: u32,
    /// Busy spans in a row, without the current one.
    busy: u32,
}

impl Pace {
    pub(super) fn new() -> Self {
        Self { since: Instant::now(), count: 0, busy: 0 }
    }

    /// A request was answered. False: the pace has been kept up for too long.
    pub(super) fn answered(&mut self) -> bool {
        let past = self.since.elapsed();
        if past >= SPAN {
            // A rest between two spans breaks the row.
            let in_a_row = self.count >= BUSY && past < 2 * SPAN;
            self.busy = if in_a_row { self.busy + 1 } else { 0 };
            (self.since, self.count) = (Instant::now(), 0);
        }
        self.count += 1;
        self.busy < MOST
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Answers so many requests in each of so many seconds; whether all were allowed.
    async fn answers(pace: &mut Pace, in_each: u32, seconds: u32) -> bool {
        for _ in 0..seconds {
            for _ in 0..in_each {
                if !pace.answered() {
                    return false;
                }
            }
            tokio::time::sleep(SPAN).await;
        }
        true
    }

    #[tokio::test(start_paused = true)]
    async fn a_pace_that_is_kept_up_for_half_a_minute_is_too_much() {
        let mut pace = Pace::new();
        assert!(answers(&mut pace, BUSY, MOST).await);
        assert!(!pace.answered());
    }

    #[tokio::test(start_paused = true)]
    async fn a_slower_pace_or_one_with_rests_goes_on_for_ever() {
        let mut pace = Pace::new();
        assert!(answers(&mut pace, BUSY - 1, 10 * MOST).await);
        for _ in 0..10 {
            assert!(answers(&mut pace, BUSY, MOST - 1).await);
            tokio::time::sleep(SPAN).await;
        }
    }
}
