//! The session as the window sees it: one snapshot, told at once when something changes and ten times a second
//! at most while only counters do.

use std::time::Duration;

use mqttscope_model::{
    ConnectInfo, InFlight, ProfileId, Resumed, SessionSnapshot, SessionState, SubscriptionState,
    Traffic, UserError,
};
use tokio::sync::watch;

/// How often counters are told.
pub(crate) const TICK: Duration = Duration::from_millis(100);

/// Ticks in the second that a rate is of.
const WINDOW: usize = 10;

/// What one tick saw.
#[derive(Clone, Copy, Debug, Default)]
struct Counted {
    received: u32,
    sent: u32,
    /// The longest wait for a commit in microseconds.
    wait_us: Option<u32>,
}

/// How far the store is behind.
pub(crate) struct Behind {
    /// Messages that wait for their commit.
    pub(crate) queued: u32,
    /// Reading rests.
    pub(crate) held_back: bool,
    /// How long it has rested in all.
    pub(crate) rested: Duration,
    /// How long a message has waited that waits still.
    pub(crate) oldest: Option<Duration>,
}

/// The snapshot and its watchers.
pub(crate) struct View {
    out: watch::Sender<SessionSnapshot>,
    snapshot: SessionSnapshot,
    /// The last ticks; the very last is the current one.
    counted: [Counted; WINDOW],
    stale: bool,
    /// What the next tick reckons has changed; telling something else meanwhile does not tell that.
    touched: bool,
}

impl View {
    pub(crate) fn new(
        profile: ProfileId,
        connect: ConnectInfo,
    ) -> (Self, watch::Receiver<SessionSnapshot>) {
        let snapshot = SessionSnapshot {
            profile,
            state: SessionState::Disconnected,
            connect: Some(connect),
            last_attempt: None,
            subscriptions: Vec::new(),
            traffic: Traffic::default(),
            in_flight: InFlight::default(),
            resumed: None,
        };
        let (out, watched) = watch::channel(snapshot.clone());
        let counted = [Counted::default(); WINDOW];
        (Self { out, snapshot, counted, stale: false, touched: false }, watched)
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
        self.counted[WINDOW - 1].received += 1;
        self.stale = true;
    }

    /// Changes counters of subscriptions; `count` says whether it did.
    pub(crate) fn counters(&mut self, count: impl FnOnce(&mut [SubscriptionState]) -> bool) {
        self.stale |= count(&mut self.snapshot.subscriptions);
    }

    /// Notes what is on its way.
    pub(crate) fn in_flight(&mut self, in_flight: InFlight) {
        self.stale |= self.snapshot.in_flight != in_flight;
        self.snapshot.in_flight = in_flight;
    }

    /// A connection goes on with a session that the broker kept, and so many packets go out again; or it does not.
    pub(crate) fn resumes(&mut self, sent_again: Option<u32>) {
        let resumed = sent_again.map(|sent_again| Resumed { sent_again, ..Resumed::default() });
        self.snapshot.resumed = resumed;
        self.stale = true;
    }

    /// Counts for what came of going on, where a connection does.
    pub(crate) fn resumed(&mut self, count: impl FnOnce(&mut Resumed)) {
        if let Some(resumed) = &mut self.snapshot.resumed {
            count(resumed);
            self.stale = true;
        }
    }

    /// Something has changed that the next tick reckons and tells.
    pub(crate) fn touch(&mut self) {
        self.touched = true;
    }

    /// Counts a message that went out.
    pub(crate) fn sent(&mut self) {
        self.snapshot.traffic.sent += 1;
        self.counted[WINDOW - 1].sent += 1;
        self.stale = true;
    }

    /// Counts the payload of a message that went out and came to its end.
    pub(crate) fn went(&mut self, bytes: u64) {
        self.snapshot.traffic.bytes_sent += bytes;
        self.stale = true;
    }

    /// Notes how far the store is behind.
    pub(crate) fn behind(&mut self, behind: &Behind) {
        let held_back_ms = u64::try_from(behind.rested.as_millis()).unwrap_or(u64::MAX);
        let shown = (behind.queued, behind.held_back, held_back_ms);
        let traffic = &mut self.snapshot.traffic;
        self.stale |= (traffic.queued, traffic.held_back, traffic.held_back_ms) != shown;
        (traffic.queued, traffic.held_back, traffic.held_back_ms) = shown;
        if let Some(oldest) = behind.oldest {
            self.stored(oldest);
        }
    }

    /// Notes how long a message waited for its commit.
    pub(crate) fn stored(&mut self, wait: Duration) {
        let wait_us = u32::try_from(wait.as_micros()).unwrap_or(u32::MAX);
        let longest = &mut self.counted[WINDOW - 1].wait_us;
        *longest = (*longest).max(Some(wait_us));
        self.stale = true;
    }

    /// Whether there is anything that the next tick has to tell.
    pub(crate) fn wants_tick(&self) -> bool {
        let traffic = &self.snapshot.traffic;
        self.stale
            || self.touched
            || traffic.received_per_second > 0
            || traffic.sent_per_second > 0
            || traffic.queued > 0
            || traffic.held_back
            || traffic.store_delay_us.is_some()
    }

    /// A tenth of a second has passed.
    pub(crate) fn tick(&mut self) {
        let sum = |get: fn(&Counted) -> u32| self.counted.iter().map(get).sum();
        let (received, sent) = (sum(|counted| counted.received), sum(|counted| counted.sent));
        let wait_us = self.counted.iter().filter_map(|counted| counted.wait_us).max();
        self.touched = false;
        self.counted.rotate_left(1);
        self.counted[WINDOW - 1] = Counted::default();
        let shown = (received, sent, wait_us);
        let traffic = &mut self.snapshot.traffic;
        self.stale |=
            shown != (traffic.received_per_second, traffic.sent_per_second, traffic.store_delay_us);
        (traffic.received_per_second, traffic.sent_per_second, traffic.store_delay_us) = shown;
        if self.stale {
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
        View::new(ProfileId::new("p").unwrap(), ConnectInfo::default())
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

    #[test]
    fn the_longest_wait_for_the_store_is_told_for_a_second() {
        let (mut view, watched) = view();
        view.stored(Duration::from_micros(900));
        view.stored(Duration::from_millis(2));
        view.tick();
        view.stored(Duration::from_micros(1_500));
        let mut told = Vec::new();
        while view.wants_tick() {
            view.tick();
            told.push(watched.borrow().traffic.store_delay_us);
        }
        let expected = [vec![Some(2_000); 9], vec![Some(1_500)], vec![None]].concat();
        assert_eq!(told, expected);
    }
}
