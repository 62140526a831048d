//! What time it is for the retention by age.
//!
//! A clock that is set wrong for a moment must not cost a night's messages, so a step of the clock is believed only
//! after it has stood for a while: until then nothing is old. A step is told from the passing of time by a second
//! clock that nobody sets. The price is that age removes nothing for ten minutes after a step (waking from sleep
//! looks like one), and that a clock that stays wrong for longer is believed.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// How long a time stands before it is believed: after a step, and after opening.
const AFTER_STEP: Duration = Duration::from_secs(600);
const AFTER_OPENING: Duration = Duration::from_secs(60);

/// Clocks that differ by less from one look to the next were not set, but corrected.
const DRIFT: i64 = 60_000_000;

/// One look at both clocks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moment {
    /// Microseconds since the Unix epoch.
    pub(crate) wall_us: i64,
    pub(crate) steady: Instant,
}

impl Moment {
    pub(crate) fn of(wall: SystemTime, steady: Instant) -> Self {
        let since = wall.duration_since(UNIX_EPOCH).unwrap_or_default();
        Self { wall_us: i64::try_from(since.as_micros()).unwrap_or(i64::MAX), steady }
    }
}

/// A clock that does not believe in steps at once.
#[derive(Debug)]
pub(crate) struct AgeClock {
    last: Option<Moment>,
    /// From then on the time is believed.
    believed_from: Option<Instant>,
}

impl AgeClock {
    pub(crate) fn new() -> Self {
        Self { last: None, believed_from: None }
    }

    /// The time, where it can be believed.
    pub(crate) fn look(&mut self, now: Moment) -> Option<i64> {
        match self.last {
            None => self.believed_from = now.steady.checked_add(AFTER_OPENING),
            Some(last) => {
                let passed = now.steady.saturating_duration_since(last.steady).as_micros();
                let expect = last.wall_us.saturating_add(i64::try_from(passed).unwrap_or(i64::MAX));
                if now.wall_us.saturating_sub(expect).saturating_abs() > DRIFT {
                    self.believed_from = now.steady.checked_add(AFTER_STEP);
                }
            }
        }
        self.last = Some(now);
        self.believed_from.is_some_and(|from| now.steady >= from).then_some(now.wall_us)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: u64 = 60;
    const HOUR: i64 = 3_600_000_000;

    #[test]
    fn a_step_is_believed_only_after_it_has_stood() {
        let began = Instant::now();
        let start = 1_795_225_800_000_000;
        let mut clock = AgeClock::new();
        // Minutes that passed, how far the clock is wrong, whether it is believed.
        let looks = [
            (0, 0, false),
            (1, 0, true),
            (2, 0, true),
            (3, HOUR, false),
            (4, 0, false),
            (13, 0, false),
            (14, 0, true),
            (15, -HOUR, false),
            (24, -HOUR, false),
            (25, -HOUR, true),
            // Nobody looked for a day, and the clock was corrected by half a minute.
            (1465, -HOUR + 30_000_000, true),
        ];
        for (minutes, wrong, believed) in looks {
            let wall_us = start + minutes * 60_000_000 + wrong;
            let steady = began + Duration::from_secs(minutes as u64 * MINUTE);
            let told = clock.look(Moment { wall_us, steady });
            assert_eq!(told, believed.then_some(wall_us), "after {minutes} minutes");
        }
    }
}
