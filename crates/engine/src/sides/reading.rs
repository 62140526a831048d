//! A comparison at work: one thread reads both histories from the oldest message on and feeds the pairing.
//!
//! The past is merged by the messages' times, a piece of each side at a time, so memory does not grow with it and the
//! first rows are there at once. What comes is followed in the same way: a message may be fed when the other side
//! has been read up to its time, and a verdict falls when both have. While a side is read that is the time of its last
//! message; at its end it is the time at which its last number was given, once that number has been read, less
//! [`SETTLING`], because a message is stamped a moment before it has a number. So a history that cannot be written or read
//! holds the verdicts back, and nothing is called missing that only waits for the disk.
//!
//! It costs a thread, which at the end of both histories wakes for what is new, forty times a second at most, and when a
//! verdict is due. The rows are locked for a piece at a time, about two milliseconds.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use mqttscope_history::{HistoryError, Trail, ViewProgress};
use mqttscope_model::UserError;
use tokio::sync::{Notify, watch};

use super::clock::Clock;
use super::pairing::{Message, Pairing, Patience, Side};
use super::print::Prints;
use super::rows::Rows;
use crate::api::SidesState;

/// From the stamp of a message to its number it takes less, in microseconds; else it is fed a little out of order.
const SETTLING: i64 = 50_000;

/// A side that has so few read messages ahead is read further.
const FEW: usize = 2_048;

/// Rows that are kept, and messages that may wait for their likes: at most half of them, so that verdicts are seen.
const KEPT: u64 = 1_000_000;
const WAITING: usize = 500_000;

/// The shortest time between two looks at what is new, and between two looks where a verdict is held back.
const TICK: Duration = Duration::from_millis(25);
const HELD: Duration = Duration::from_millis(250);

/// A comparison of two histories. It goes on until it is dropped, which blocks for a moment.
#[derive(Debug)]
pub(super) struct Comparison {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug)]
struct Shared {
    rows: Mutex<Rows>,
    told: Mutex<Told>,
    stop: AtomicBool,
    stopped: Notify,
}

#[derive(Debug, PartialEq)]
struct Told {
    compared: u64,
    behind: u64,
    properties: bool,
    left: ViewProgress,
    right: ViewProgress,
    fault: Option<UserError>,
}

impl Comparison {
    /// Begins it; `changed` is called when there is something new to tell.
    ///
    /// # Errors
    /// The thread cannot be started.
    pub(super) fn begin(
        left: Trail,
        right: Trail,
        patience: Patience,
        properties: bool,
        changed: impl Fn() + Send + 'static,
    ) -> std::io::Result<Self> {
        let told = Told {
            compared: 0,
            behind: 0,
            properties,
            left: left.progress(),
            right: right.progress(),
            fault: None,
        };
        let shared = Arc::new(Shared {
            rows: Mutex::new(Rows::new(KEPT)),
            told: Mutex::new(told),
            stop: AtomicBool::new(false),
            stopped: Notify::new(),
        });
        let reading = Reading {
            shared: Arc::clone(&shared),
            left: Source::of(left),
            right: Source::of(right),
            pairing: Pairing::new(patience, WAITING),
            prints: Prints::new(properties),
            clock: Clock::new(),
            compared: 0,
            rows_changed: false,
        };
        let thread = std::thread::Builder::new().name("sides".to_owned());
        let thread = thread.spawn(move || reading.run(changed))?;
        Ok(Self { shared, thread: Some(thread) })
    }

    pub(super) fn rows(&self) -> MutexGuard<'_, Rows> {
        self.shared.rows()
    }

    pub(super) fn state(&self) -> SidesState {
        let (counts, let_go) = {
            let rows = self.rows();
            (rows.counts(), rows.let_go())
        };
        let told = self.shared.told.lock().unwrap_or_else(PoisonError::into_inner);
        SidesState {
            compared: told.compared,
            behind: told.behind,
            counts,
            let_go,
            properties: told.properties,
            left: Some(told.left.clone().into()),
            right: Some(told.right.clone().into()),
            fault: told.fault.clone(),
        }
    }
}

impl Drop for Comparison {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::Release);
        self.shared.stopped.notify_one();
        if let Some(thread) = self.thread.take() {
            let _a_panicked_one_is_over_too = thread.join();
        }
    }
}

impl Shared {
    fn rows(&self) -> MutexGuard<'_, Rows> {
        self.rows.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn stops(&self) -> bool {
        self.stop.load(Ordering::Acquire)
    }
}

/// One of both histories.
struct Source {
    trail: Trail,
    revision: watch::Receiver<u64>,
    /// Read and not fed.
    ahead: VecDeque<Message>,
    /// The last number that was given, and a time before: all older messages have it or a lower one.
    mark: Option<(u64, i64)>,
    /// All messages up to this time have been read.
    known_us: i64,
}

impl Source {
    fn of(trail: Trail) -> Self {
        let mut revision = trail.history().revision();
        revision.mark_unchanged();
        Self { trail, revision, ahead: VecDeque::new(), mark: None, known_us: i64::MIN }
    }

    /// Reads on where little is ahead. True where there may be more.
    fn read(&mut self, prints: &Prints, clock: &mut Clock) -> Result<bool, HistoryError> {
        let (given, now_us) = *self.mark.get_or_insert_with(|| {
            (self.trail.history().last_given().0, clock.now_us() - SETTLING)
        });
        if self.ahead.len() >= FEW {
            return Ok(true);
        }
        let ahead = &mut self.ahead;
        let before = ahead.len();
        let more = self.trail.step(|content| {
            ahead.push_back(Message {
                id: content.id,
                time_us: content.time_us,
                topic: Arc::clone(content.topic),
                content: prints.content(content.topic, content.payload),
                properties: prints.properties(content.properties),
            });
        })?;
        if let Some(last) = self.ahead.back().filter(|_| self.ahead.len() > before) {
            clock.raise(last.time_us);
            // One more may have the same.
            self.known_us = self.known_us.max(last.time_us.saturating_sub(1));
        }
        if self.trail.reached().0 >= given {
            self.mark = None;
            self.known_us = self.known_us.max(now_us);
        }
        Ok(more)
    }

    /// All messages up to this time have been fed, or will never come.
    fn fed_us(&self) -> i64 {
        let ahead = self.ahead.front().map(|next| next.time_us.saturating_sub(1));
        ahead.map_or(self.known_us, |ahead| ahead.min(self.known_us))
    }

    /// It has not been read to its end.
    fn is_held_back(&self) -> bool {
        self.mark.is_some()
    }
}

/// The thread's own state.
struct Reading {
    shared: Arc<Shared>,
    left: Source,
    right: Source,
    pairing: Pairing,
    prints: Prints,
    clock: Clock,
    compared: u64,
    /// Rows changed since it was told.
    rows_changed: bool,
}

impl Reading {
    fn run(mut self, changed: impl Fn()) {
        let waiting = tokio::runtime::Builder::new_current_thread().enable_time().build();
        let Ok(waiting) = waiting else {
            tracing::error!("a comparison cannot wait for what is new");
            return;
        };
        while !self.shared.stops() {
            let began = Instant::now();
            let (more, fault) = match self.step() {
                Ok(more) => (more, None),
                Err(HistoryError::Closed) => return,
                Err(error) => (false, Some(error.into())),
            };
            let failed = fault.is_some();
            if self.tell(fault) {
                changed();
            }
            if !more && !waiting.block_on(self.news(began, failed)) {
                return;
            }
        }
    }

    /// Reads a piece of both sides and feeds what may be fed. False where nothing more is there to be read.
    fn step(&mut self) -> Result<bool, HistoryError> {
        let left = self.left.read(&self.prints, &mut self.clock);
        let right = self.right.read(&self.prints, &mut self.clock);
        // What one side has is compared also where the other cannot be read.
        let more = left.is_ok() && right.is_ok();
        self.feed();
        let (left, right) = (left?, right?);
        Ok(more && (left || right))
    }

    fn feed(&mut self) {
        let mut changes = Vec::new();
        while let Some(side) = self.next_side() {
            let source = match side {
                Side::Left => &mut self.left,
                Side::Right => &mut self.right,
            };
            let Some(message) = source.ahead.pop_front() else { break };
            self.pairing.feed(side, message, &mut changes);
            self.compared += 1;
        }
        let passed = self.left.fed_us().min(self.right.fed_us());
        self.pairing.pass(passed, &mut changes);
        if !changes.is_empty() {
            self.rows_changed = true;
            let mut rows = self.shared.rows();
            changes.into_iter().for_each(|change| rows.apply(change));
        }
    }

    /// Whose message is the next one; none where the other side might still have an older one.
    fn next_side(&self) -> Option<Side> {
        let next = |source: &Source| source.ahead.front().map(|next| next.time_us);
        match (next(&self.left), next(&self.right)) {
            (Some(left), Some(right)) => Some(if left <= right { Side::Left } else { Side::Right }),
            (Some(left), None) => (left <= self.right.known_us).then_some(Side::Left),
            (None, Some(right)) => (right <= self.left.known_us).then_some(Side::Right),
            (None, None) => None,
        }
    }

    /// Says how far it is; whether that is news.
    fn tell(&mut self, fault: Option<UserError>) -> bool {
        let behind = |source: &Source| source.trail.ahead() + source.ahead.len() as u64;
        let mut told = self.shared.told.lock().unwrap_or_else(PoisonError::into_inner);
        let next = Told {
            compared: self.compared,
            behind: behind(&self.left) + behind(&self.right),
            properties: told.properties,
            left: self.left.trail.progress(),
            right: self.right.trail.progress(),
            fault,
        };
        let is_news = std::mem::take(&mut self.rows_changed) || *told != next;
        *told = next;
        is_news
    }

    /// Waits until a history changes, a message may be fed, a verdict is due or nobody wants it any more. False for
    /// the last, and where a history ended.
    async fn news(&mut self, began: Instant, failed: bool) -> bool {
        let tick = began + TICK;
        let wake = (!failed).then(|| self.wake(tick)).flatten();
        let due = async {
            match wake {
                Some(wake) => tokio::time::sleep_until(wake.into()).await,
                None => std::future::pending().await,
            }
        };
        let goes_on = tokio::select! {
            changed = self.left.revision.changed() => changed.is_ok(),
            changed = self.right.revision.changed() => changed.is_ok(),
            () = self.shared.stopped.notified() => false,
            () = due => true,
        };
        if !goes_on {
            return false;
        }
        tokio::select! {
            () = tokio::time::sleep_until(tick.into()) => true,
            () = self.shared.stopped.notified() => false,
        }
    }

    /// When something can be done though nothing new comes.
    fn wake(&mut self, tick: Instant) -> Option<Instant> {
        if !self.left.ahead.is_empty() || !self.right.ahead.is_empty() {
            return Some(tick + TICK);
        }
        let due = self.pairing.next_due_us()?.saturating_add(SETTLING);
        let left = due.saturating_sub(self.clock.now_us());
        if left <= 0 && (self.left.is_held_back() || self.right.is_held_back()) {
            return Some(tick + HELD);
        }
        Some(Instant::now() + Duration::from_micros(left.max(0).unsigned_abs()))
    }
}

#[cfg(test)]
mod tests;
