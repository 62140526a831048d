//! The queue between those who append and the writer's thread.
//!
//! One short lock gives a message its id and its place; the writer takes everything that waits
//! by swapping the queue, so a message costs no channel operation and no allocation of its own.
//! The queue never refuses and never drops: above 6,400 messages or 32 MiB it says so, and the
//! reader of the socket stops until half of that is left. The price is that an appender that
//! does not listen can fill the memory.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use mqttscope_model::{Message, MessageId, Outcome, QoS};
use tokio::sync::watch;

use crate::HistoryError;
use crate::batch::{Backlog, ClearRequest, Request};

/// The largest payload in bytes: the largest Remaining Length of an MQTT packet is
/// 268,435,455 (MQTT 5, 1.5.5), and the payload is a part of that.
pub const MAX_PAYLOAD: usize = 268_435_455;

const HIGH_MESSAGES: u64 = 6_400;
const HIGH_BYTES: u64 = 32 << 20;

/// What a queued message weighs besides its topic, payload and properties.
const MESSAGE_OVERHEAD: u64 = 128;

/// Rows that are written at once; reaching them ends the wait for more.
pub(crate) const BATCH_ROWS: usize = 2_000;

/// How long the writer lets messages gather for which nobody waits (QoS 0). It saves most of the
/// commits at high rates, and stays far below the 33 ms at which a window learns of changes.
const GATHER: Duration = Duration::from_millis(3);

/// How much waits for the disk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pressure {
    /// Messages appended and not committed yet.
    pub queued_messages: u64,
    /// Their size in memory, in bytes, about.
    pub queued_bytes: u64,
    high: bool,
}

impl Pressure {
    /// Whether reading from the socket must stop. True above 6,400 messages or 32 MiB, false
    /// again when half of both limits is left.
    pub fn is_high(&self) -> bool {
        self.high
    }

    fn settle(&mut self) {
        let over = |share: u64| {
            self.queued_messages > HIGH_MESSAGES / share || self.queued_bytes > HIGH_BYTES / share
        };
        self.high = if self.high { over(2) } else { over(1) };
    }
}

/// What the writer's thread waits for, so that appending wakes it only where that helps.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Waiting {
    No,
    ForWork,
    ForMore,
}

struct State {
    messages: VecDeque<Message>,
    outcomes: VecDeque<(MessageId, Outcome)>,
    clears: Vec<ClearRequest>,
    requests: Vec<Request>,
    next_id: u64,
    last_time_us: i64,
    pressure: Pressure,
    /// Somebody waits for the commit: a QoS 1 or 2 message is to be acknowledged.
    urgent: bool,
    waiting: Waiting,
    closing: bool,
}

/// How long the writer is ready to wait for something to do.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Patience {
    /// Until there is something.
    Endless,
    /// Until there is something, or messages may have grown too old.
    Until(Duration),
    /// Not at all: there is work of its own.
    None,
    /// At most this long, and not disturbed by new messages: the disk is full.
    Retry(Duration),
}

/// What the writer was asked besides writing.
pub(crate) struct Orders {
    pub(crate) clears: Vec<ClearRequest>,
    pub(crate) requests: Vec<Request>,
    pub(crate) closing: bool,
}

/// The queue. Appenders and the writer's thread share it.
pub(crate) struct Inbox {
    state: Mutex<State>,
    arrived: Condvar,
    hold: watch::Sender<bool>,
}

impl Inbox {
    pub(crate) fn new(next_id: u64, last_time_us: i64) -> Self {
        let state = State {
            messages: VecDeque::new(),
            outcomes: VecDeque::new(),
            clears: Vec::new(),
            requests: Vec::new(),
            next_id,
            last_time_us,
            pressure: Pressure::default(),
            urgent: false,
            waiting: Waiting::No,
            closing: false,
        };
        Self { state: Mutex::new(state), arrived: Condvar::new(), hold: watch::Sender::new(false) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives the message its id and its time, and queues it.
    pub(crate) fn append(&self, message: Message) -> Result<MessageId, HistoryError> {
        self.append_if(message, |_| true).and_then(|given| given.ok_or(HistoryError::Closed))
    }

    /// As [`Inbox::append`], but a message that is older than the last is not taken, instead of being given
    /// another time. None where it was not.
    pub(crate) fn append_in_time(
        &self,
        message: Message,
    ) -> Result<Option<MessageId>, HistoryError> {
        let time_us = message.time_us;
        self.append_if(message, |last_time_us| last_time_us <= time_us)
    }

    /// A history of which nothing is left has no last time either, unless something came after the message
    /// `last`, when it was seen to be empty.
    pub(crate) fn begin_anew_after(&self, last: MessageId) {
        let mut state = self.state();
        if state.next_id == last.0 + 1 && state.pressure.queued_messages == 0 {
            state.last_time_us = i64::MIN;
        }
    }

    /// The time of the last message, committed or not.
    pub(crate) fn last_time_us(&self) -> i64 {
        self.state().last_time_us
    }

    fn append_if(
        &self,
        mut message: Message,
        may_follow: impl FnOnce(i64) -> bool,
    ) -> Result<Option<MessageId>, HistoryError> {
        let size = message.payload.len();
        if size > MAX_PAYLOAD {
            return Err(HistoryError::TooLarge { size, limit: MAX_PAYLOAD });
        }
        let weight = weight(&message);
        let mut state = self.state();
        if state.closing {
            return Err(HistoryError::Closed);
        }
        if !may_follow(state.last_time_us) {
            return Ok(None);
        }
        let id = MessageId(state.next_id);
        state.next_id += 1;
        state.last_time_us = state.last_time_us.max(message.time_us);
        message.time_us = state.last_time_us;
        state.urgent |= message.qos != QoS::AtMostOnce;
        state.messages.push_back(message);
        state.pressure.queued_messages += 1;
        state.pressure.queued_bytes += weight;
        self.settle(&mut state);
        let wake = match state.waiting {
            Waiting::No => false,
            Waiting::ForWork => true,
            Waiting::ForMore => state.urgent || state.messages.len() >= BATCH_ROWS,
        };
        self.release(state, wake);
        Ok(Some(id))
    }

    /// Queues what became of a message. Ignored once the history is closed.
    pub(crate) fn set_outcome(&self, id: MessageId, outcome: Outcome) {
        let mut state = self.state();
        if state.closing || id.0 >= state.next_id {
            return;
        }
        state.outcomes.push_back((id, outcome));
        let wake = state.waiting == Waiting::ForWork;
        self.release(state, wake);
    }

    /// Asks for everything appended until now to be cleared.
    pub(crate) fn clear(&self, reply: crate::batch::ClearReply) -> Result<(), HistoryError> {
        let mut state = self.state();
        if state.closing {
            return Err(HistoryError::Closed);
        }
        let request = ClearRequest { first_kept: MessageId(state.next_id), reply };
        state.clears.push(request);
        self.release(state, true);
        Ok(())
    }

    /// Asks for something that is done after what was appended until now.
    pub(crate) fn ask(&self, request: Request) -> Result<(), HistoryError> {
        let mut state = self.state();
        if state.closing {
            return Err(HistoryError::Closed);
        }
        state.requests.push(request);
        self.release(state, true);
        Ok(())
    }

    /// Takes no more messages; the writer ends when it has written what is there.
    pub(crate) fn close(&self) {
        let mut state = self.state();
        state.closing = true;
        self.release(state, true);
    }

    fn release(&self, mut state: MutexGuard<'_, State>, wake: bool) {
        if wake {
            state.waiting = Waiting::No;
            drop(state);
            self.arrived.notify_one();
        }
    }

    /// Waits for something to do and moves all that is queued to the end of the backlog.
    pub(crate) fn take(&self, backlog: &mut Backlog, patience: Patience) -> Orders {
        let mut state = self.state();
        match patience {
            Patience::Retry(pause) => {
                let calm = |state: &mut State| {
                    state.clears.is_empty() && state.requests.is_empty() && !state.closing
                };
                state.waiting = Waiting::No;
                state = self.wait(state, pause, calm);
            }
            Patience::None => {}
            Patience::Endless | Patience::Until(_) => {
                if let Patience::Until(longest) = patience {
                    let idle = |state: &mut State| {
                        state.waiting = Waiting::ForWork;
                        state.is_idle()
                    };
                    state = self.wait(state, longest, idle);
                } else {
                    while state.is_idle() {
                        state.waiting = Waiting::ForWork;
                        state = self.arrived.wait(state).unwrap_or_else(PoisonError::into_inner);
                    }
                }
                if !state.is_idle() && state.may_gather() {
                    state.waiting = Waiting::ForMore;
                    state = self.wait(state, GATHER, |state| state.may_gather());
                }
            }
        }
        state.waiting = Waiting::No;
        state.urgent = false;
        let state = &mut *state;
        let first_new = MessageId(state.next_id - state.messages.len() as u64);
        backlog.take(first_new, &mut state.messages, &mut state.outcomes);
        Orders {
            clears: std::mem::take(&mut state.clears),
            requests: std::mem::take(&mut state.requests),
            closing: state.closing,
        }
    }

    fn wait<'a>(
        &self,
        state: MutexGuard<'a, State>,
        longest: Duration,
        still: impl FnMut(&mut State) -> bool,
    ) -> MutexGuard<'a, State> {
        let waited = self.arrived.wait_timeout_while(state, longest, still);
        waited.unwrap_or_else(PoisonError::into_inner).0
    }

    /// Messages left the backlog: they are on disk, or cleared.
    pub(crate) fn settled<'a>(&self, messages: impl Iterator<Item = &'a Message>) {
        let (count, bytes) = messages.fold((0, 0), |(n, sum), m| (n + 1, sum + weight(m)));
        let mut state = self.state();
        let pressure = &mut state.pressure;
        pressure.queued_messages = pressure.queued_messages.saturating_sub(count);
        pressure.queued_bytes = pressure.queued_bytes.saturating_sub(bytes);
        self.settle(&mut state);
    }

    fn settle(&self, state: &mut State) {
        let before = state.pressure.high;
        state.pressure.settle();
        // Told under the lock, so that the last word is the right one.
        if state.pressure.high != before {
            self.hold.send_replace(state.pressure.high);
        }
    }

    pub(crate) fn pressure(&self) -> Pressure {
        self.state().pressure
    }

    pub(crate) fn hold(&self) -> watch::Receiver<bool> {
        self.hold.subscribe()
    }

    /// The id that was given last.
    pub(crate) fn last_given(&self) -> MessageId {
        MessageId(self.state().next_id - 1)
    }
}

impl State {
    fn is_idle(&self) -> bool {
        self.messages.is_empty()
            && self.outcomes.is_empty()
            && self.clears.is_empty()
            && self.requests.is_empty()
            && !self.closing
    }

    fn may_gather(&self) -> bool {
        !self.urgent
            && !self.closing
            && self.clears.is_empty()
            && self.requests.is_empty()
            && self.messages.len() < BATCH_ROWS
            && !self.pressure.high
    }
}

fn weight(message: &Message) -> u64 {
    let bytes = message.topic.len() + message.payload.len() + message.properties.len();
    bytes as u64 + MESSAGE_OVERHEAD
}
