//! The time of a comparison: it never goes back and never stands still.
//!
//! Messages are stamped by the machine's clock, which may be set. A verdict that waits for a time must come, and must not
//! come before its message has had its time: so this time goes on with the processor's steady clock, and is
//! raised by the machine's and by every message that is read. After the machine's clock was set back it runs ahead, and
//! messages that are stamped then count from when they are read ([`super::pairing`]).

use std::time::{Instant, SystemTime};

/// Microseconds since the Unix epoch, at least.
#[derive(Debug)]
pub(super) struct Clock {
    time_us: i64,
    at: Instant,
}

impl Clock {
    pub(super) fn new() -> Self {
        Self { time_us: i64::MIN, at: Instant::now() }
    }

    pub(super) fn now_us(&mut self) -> i64 {
        let at = Instant::now();
        let passed = micros(at.duration_since(self.at).as_micros());
        self.at = at;
        let machine = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        let machine = micros(machine.unwrap_or_default().as_micros());
        self.time_us = self.time_us.saturating_add(passed).max(machine);
        self.time_us
    }

    /// A message was read that was stamped with this time.
    pub(super) fn raise(&mut self, time_us: i64) {
        self.time_us = self.time_us.max(time_us);
    }
}

fn micros(micros: u128) -> i64 {
    i64::try_from(micros).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_goes_on_from_a_message_of_the_future() {
        let mut clock = Clock::new();
        let future = clock.now_us() + 3_600_000_000;
        clock.raise(future);
        clock.raise(0);
        let one = clock.now_us();
        assert!(one >= future);
        while clock.now_us() == one {
            std::thread::yield_now();
        }
        assert!(clock.now_us() > one);
    }
}
