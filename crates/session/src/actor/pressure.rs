//! How far the store is behind the socket: what waits, how long it waited, how long reading has rested.
//!
//! The wait is sampled, so a message costs a comparison and no clock: at most one of the messages that were read together,
//! and one in a millisecond, is remembered until its commit. The price is a longest wait that may be a millisecond short.

use std::collections::VecDeque;
use std::time::Duration;

use mqttscope_model::MessageId;
use tokio::time::Instant;

/// How far apart two samples are at least.
const APART: Duration = Duration::from_millis(1);

/// Samples that wait for their commit, at most. When there are more, the oldest tell enough.
const SAMPLES: usize = 256;

/// What the session knows of its store.
#[derive(Debug, Default)]
pub(super) struct Pressure {
    /// The number that was recorded last.
    recorded: u64,
    /// When the messages that are taken now were read, where one of them is to be remembered.
    due: Option<Instant>,
    /// When the last sample was read.
    last: Option<Instant>,
    /// Messages that wait for their commit, and when they were read.
    waiting: VecDeque<(u64, Instant)>,
    /// Since when reading rests.
    rests: Option<Instant>,
    /// How long it rested before that.
    rested: Duration,
}

impl Pressure {
    /// Messages were read from the socket together.
    pub(super) fn read(&mut self, now: Instant) {
        let apart = self.last.is_none_or(|last| now.duration_since(last) >= APART);
        self.due = (apart && self.waiting.len() < SAMPLES).then_some(now);
    }

    /// A message was handed to the store; one that was received is measured, one that is sent is not.
    pub(super) fn recorded(&mut self, MessageId(id): MessageId, received: bool) {
        self.recorded = self.recorded.max(id);
        if received && let Some(read) = self.due.take() {
            self.last = Some(read);
            self.waiting.push_back((id, read));
        }
    }

    /// Whether the next commit tells something.
    pub(super) fn waits(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// Everything up to a number is committed. Gives the longest wait of those that waited for it.
    pub(super) fn committed(&mut self, committed: u64, now: Instant) -> Option<Duration> {
        let (_, longest) = *self.waiting.front().filter(|(id, _)| *id <= committed)?;
        let over = self.waiting.partition_point(|(id, _)| *id <= committed);
        self.waiting.drain(..over);
        Some(now.duration_since(longest))
    }

    /// How many messages wait for their commit.
    pub(super) fn queued(&self, committed: u64) -> u32 {
        u32::try_from(self.recorded.saturating_sub(committed)).unwrap_or(u32::MAX)
    }

    /// How long the message has waited by now that waits longest.
    pub(super) fn oldest(&self, now: Instant) -> Option<Duration> {
        self.waiting.front().map(|(_, read)| now.duration_since(*read))
    }

    /// Reading rests from now on, or goes on, or there is nothing to read from.
    pub(super) fn rest(&mut self, rests: bool, now: Instant) {
        match (self.rests, rests) {
            (None, true) => self.rests = Some(now),
            (Some(since), false) => {
                self.rested += now.duration_since(since);
                self.rests = None;
            }
            _ => {}
        }
    }

    /// How long reading has rested in all.
    pub(super) fn rested(&self, now: Instant) -> Duration {
        self.rested + self.rests.map_or(Duration::ZERO, |since| now.duration_since(since))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    #[test]
    fn the_wait_is_that_of_the_message_that_waited_longest() {
        let (mut pressure, begin) = (Pressure::default(), Instant::now());
        for (id, at) in [(1, 0), (2, 5), (3, 9)] {
            pressure.read(begin + ms(at));
            pressure.recorded(MessageId(id), true);
        }
        assert_eq!(pressure.queued(0), 3);
        assert_eq!(pressure.oldest(begin + ms(10)), Some(ms(10)));
        assert_eq!(pressure.committed(2, begin + ms(12)), Some(ms(12)));
        assert_eq!(pressure.queued(2), 1);
        assert_eq!(pressure.committed(2, begin + ms(13)), None);
        assert_eq!(pressure.committed(3, begin + ms(14)), Some(ms(5)));
        assert!(!pressure.waits());
        assert_eq!(pressure.oldest(begin + ms(20)), None);
    }

    #[test]
    fn what_is_remembered_is_bounded_in_number_and_in_time() {
        let (mut pressure, begin) = (Pressure::default(), Instant::now());
        for id in 1..=1_000 {
            pressure.read(begin);
            pressure.recorded(MessageId(id), true);
        }
        assert_eq!(pressure.waiting.len(), 1, "one in a millisecond");
        for id in 1..=1_000 {
            pressure.read(begin + ms(2 * id));
            pressure.recorded(MessageId(1_000 + id), true);
        }
        assert_eq!(pressure.waiting.len(), SAMPLES);
        assert_eq!(pressure.committed(9_999, begin + ms(2_000)), Some(ms(2_000)));
    }

    #[test]
    fn what_is_sent_waits_for_the_store_and_is_not_measured() {
        let (mut pressure, begin) = (Pressure::default(), Instant::now());
        pressure.read(begin);
        pressure.recorded(MessageId(7), false);
        assert_eq!((pressure.queued(5), pressure.waits()), (2, false));
    }

    #[test]
    fn rests_add_up() {
        let (mut pressure, begin) = (Pressure::default(), Instant::now());
        pressure.rest(false, begin);
        pressure.rest(true, begin + ms(10));
        pressure.rest(true, begin + ms(15));
        assert_eq!(pressure.rested(begin + ms(20)), ms(10));
        pressure.rest(false, begin + ms(30));
        assert_eq!(pressure.rested(begin + ms(90)), ms(20));
        pressure.rest(true, begin + ms(100));
        assert_eq!(pressure.rested(begin + ms(105)), ms(25));
    }
}
