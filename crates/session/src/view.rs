//! The session as the window sees it: one snapshot, told at once when something changes and ten times a second
//! at most while only counters do.

use std::time::Duration;

use mqttscope_model::{ProfileId, SessionSnapshot, SessionState, Traffic, UserError};
use tokio::sync::watch;

/// How often counters are told.
pub(crate) const TICK: Duration = Duration::from_millis(100);

/// Ticks in the second that a rate is of.
const WINDOW: usize = 10;

/// The snapshot and its watchers.
pub(crate) struct View {
    out: watch::Sender<SessionSnapshot>,
    snapshot: SessionSnapshot,
    /// Messages counted in each of the last ticks: received, sent. The last is the current one.
    counted: [(u32, u32); WINDOW],
    stale: bool,
}

impl View {
    pub(crate) fn new(profile: ProfileId) -> (Self, watch::Receiver<SessionSnapshot>) {
        let snapshot = SessionSnapshot {
            profile,
            state: SessionState::Disconnected,
            last_attempt: None,
            subscriptions: Vec::new(),
            traffic: Traffic::default(),
        };
        let (out, watched) = watch::channel(snapshot.clone());
        (Self { out, snapshot, counted: [(0, 0); WINDOW], stale: false }, watched)
    }

    /// Changes something that is told at once.
    pub(crate) fn change(&mut self, change: impl FnOnce(&mut SessionSnapshot)) {
        change(&mut self.snapshot);
        self.tell();
    }

    /// What ended the last connection, as it is shown now.
    pub(crate) fn cause(&self) -> Option<&UserError> {
        match &self.snapshot.state {
            SessionState::Waiting { error, .. } | SessionState::Failed { error } => Some(error),
            _ => None,
        }
    }

    /// Goes into another state.
    pub(crate) fn state(&mut self, state: SessionState) {
        self.change(|snapshot| snapshot.state = state);
    }

    /// Counts a message that came with a payload of `bytes`, and whether it is kept.
    pub(crate) fn received(&mut self, bytes: u64, kept: bool) {
        let traffic = &mut self.snapshot.traffic;
        traffic.received += 1;
        traffic.bytes_received += bytes;
        traffic.not_recorded += u64::from(!kept);
        self.counted[WINDOW - 1].0 += 1;
        self.stale = true;
    }

    /// Counts a message that went out.
    pub(crate) fn sent(&mut self) {
        self.snapshot.traffic.sent += 1;
        self.counted[WINDOW - 1].1 += 1;
        self.stale = true;
    }

    /// Counts the payload of a message that went out and came to its end.
    pub(crate) fn went(&mut self, bytes: u64) {
        self.snapshot.traffic.bytes_sent += bytes;
        self.stale = true;
    }

    /// Notes how far the store is behind.
    pub(crate) fn store(&mut self, queued: u32, held_back: bool) {
        let traffic = &mut self.snapshot.traffic;
        self.stale |= traffic.queued != queued || traffic.held_back != held_back;
        traffic.queued = queued;
        traffic.held_back = held_back;
    }

    /// Whether there is anything that the next tick has to tell.
    pub(crate) fn wants_tick(&self) -> bool {
        let traffic = &self.snapshot.traffic;
        self.stale
            || traffic.received_per_second > 0
            || traffic.sent_per_second > 0
            || traffic.queued > 0
    }

    /// A tenth of a second has passed.
    pub(crate) fn tick(&mut self) {
        let sum = |get: fn(&(u32, u32)) -> u32| self.counted.iter().map(get).sum();
        let (received, sent) = (sum(|counted| counted.0), sum(|counted| counted.1));
        self.counted.rotate_left(1);
        self.counted[WINDOW - 1] = (0, 0);
        let traffic = &mut self.snapshot.traffic;
        let rates = (traffic.received_per_second, traffic.sent_per_second);
        (traffic.received_per_second, traffic.sent_per_second) = (received, sent);
        if self.stale || rates != (received, sent) {
            self.tell();
        }
    }

    fn tell(&mut self) {
        self.stale = false;
        self.out.send_replace(self.snapshot.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view() -> (View, watch::Receiver<SessionSnapshot>) {
        View::new(ProfileId::new("p").unwrap())
    }

    #[test]
    fn counters_are_told_with_the_tick_and_states_at_once() {
        let (mut view, mut watched) = view();
        view.received(3, true);
        assert!(!watched.has_changed().unwrap());
        assert!(view.wants_tick());
        view.tick();
        assert_eq!(watched.borrow_and_update().traffic.received, 1);
        view.state(SessionState::Disconnected);
        assert!(watched.has_changed().unwrap());
    }

    #[test]
    fn a_rate_is_what_came_in_the_last_second_and_falls_to_nothing() {
        let (mut view, watched) = view();
        for _ in 0..5 {
            view.received(3, true);
            view.sent();
            view.tick();
        }
        assert_eq!(watched.borrow().traffic.received_per_second, 5);
        assert_eq!(watched.borrow().traffic.sent_per_second, 5);
        for _ in 0..10 {
            view.tick();
        }
        assert_eq!(watched.borrow().traffic.received_per_second, 0);
        assert!(!view.wants_tick());
    }
}
