//! The task that owns a session.
//!
//! It has three phases, one after the other: a connection (from the dial to its end), the wait before the next
//! attempt, and the rest until the user connects again. Requests are taken in each of them, so nobody ever waits for
//! an answer that does not come. Nothing blocks between two polls of the library, because its pings live there.

mod acks;
mod aliases;
mod closing;
mod connection;
mod counting;
mod ending;
mod flight;
mod last_sent;
mod ledger;
mod pressure;
mod publishing;
mod requests;
mod subscriptions;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use mqttscope_model::{Account, Outcome, SessionSnapshot, SessionState};
use tokio::sync::{Notify, mpsc, oneshot, watch};
use tokio::time::{Instant, Interval, MissedTickBehavior, interval, sleep_until};

use crate::client::{Client, OutcomeFuture, Requests, Window};
use crate::handle::{PublishRequest, Request};
use crate::policy::Series;
use crate::view::{Behind, TICK, View};
use crate::{Options, Recorder, SessionMemory};

use acks::Acks;
use aliases::Alias;
use last_sent::Last;
use ledger::Ledger;
use pressure::Pressure;
use requests::AnswerFuture;
use subscriptions::Subscriptions;

/// The owner of a session's state.
pub(crate) struct Actor {
    options: Arc<Options>,
    recorder: Arc<dyn Recorder>,
    memory: SessionMemory,
    mailbox: mpsc::Receiver<Request>,
    outbox: mpsc::Receiver<PublishRequest>,
    wake: Arc<Notify>,
    view: View,
    ledger: Ledger,
    /// The last request of the connection.
    last: Last,
    ticks: Interval,
    committed: watch::Receiver<u64>,
    hold: watch::Receiver<bool>,
    series: Series,
    subscriptions: Subscriptions,
    acks: Acks,
    /// The library's client between two connections, with what is still on its way.
    link: Option<(Client, Requests)>,
    outcomes: FuturesUnordered<OutcomeFuture>,
    /// Who wants to learn the outcome of a message, by its number.
    watchers: HashMap<u64, oneshot::Sender<Outcome>>,
    /// Messages handed to the library.
    published: u64,
    /// Bytes of the messages whose outcome is not known.
    outgoing_bytes: usize,
    /// Those of QoS 1 and 2 among them.
    unanswered: usize,
    /// What the library says of those that are on their way.
    window: Window,
    /// The most messages of QoS 1 and 2 that were on their way to us at once on this connection.
    most_received: usize,
    /// The Topic Aliases that were set by hand on this connection.
    aliases: HashMap<u16, Alias>,
    answers: FuturesUnordered<AnswerFuture>,
    /// An authentication over the running connection is under way.
    authenticates: bool,
    /// How far the store is behind.
    pressure: Pressure,
    /// A connection was lost since the user connected.
    was_lost: bool,
}

/// What a session shows of itself.
#[derive(Debug)]
pub(crate) struct Watched {
    pub(crate) snapshot: watch::Receiver<SessionSnapshot>,
    pub(crate) account: watch::Receiver<Option<Account>>,
}

/// What the task does next.
enum Next {
    Connect,
    Wait(Instant),
    Rest,
    End,
}

impl Actor {
    pub(crate) fn new(
        options: Options,
        recorder: Arc<dyn Recorder>,
        memory: SessionMemory,
        mailbox: mpsc::Receiver<Request>,
        outbox: mpsc::Receiver<PublishRequest>,
        wake: Arc<Notify>,
    ) -> (Self, Watched) {
        let (view, snapshot) = View::new(options.profile.clone(), options.connect_info());
        let (ledger, account) = Ledger::new(&options, memory.past.clone());
        let wanted = if options.subscribes { options.subscriptions.as_slice() } else { &[] };
        let mut ticks = interval(TICK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
        let actor = Self {
            subscriptions: Subscriptions::new(wanted),
            options: Arc::new(options),
            committed: recorder.committed(),
            hold: recorder.hold(),
            recorder,
            memory,
            mailbox,
            outbox,
            wake,
            view,
            ledger,
            last: Last::default(),
            ticks,
            series: Series::default(),
            acks: Acks::new(),
            link: None,
            outcomes: FuturesUnordered::new(),
            watchers: HashMap::new(),
            published: 0,
            outgoing_bytes: 0,
            unanswered: 0,
            window: Window::default(),
            most_received: 0,
            aliases: HashMap::new(),
            answers: FuturesUnordered::new(),
            authenticates: false,
            pressure: Pressure::default(),
            was_lost: false,
        };
        (actor, Watched { snapshot, account })
    }

    /// Runs until the handle is gone.
    pub(crate) async fn run(mut self) {
        self.show_subscriptions();
        let mut next = Next::Connect;
        loop {
            next = match next {
                Next::Connect => {
                    let next = self.connection().await;
                    self.pressure.rest(false, Instant::now());
                    self.show_store();
                    next
                }
                Next::Wait(until) => self.idle(Some(until)).await,
                Next::Rest => {
                    self.link = None;
                    self.was_lost = false;
                    self.idle(None).await
                }
                Next::End => break,
            };
        }
        self.link = None;
        while let Some((tracked, outcome)) = self.outcomes.next().await {
            self.settle(tracked, outcome);
        }
    }

    /// No connection: until the time for the next attempt, or until the user wants one.
    async fn idle(&mut self, until: Option<Instant>) -> Next {
        let far = Duration::from_secs(86_400);
        let wake_up = sleep_until(until.unwrap_or_else(|| Instant::now() + far));
        tokio::pin!(wake_up);
        loop {
            tokio::select! {
                () = &mut wake_up, if until.is_some() => return Next::Connect,
                () = self.wake.notified() => {
                    if until.is_none() {
                        self.series = Series::default();
                    }
                    return Next::Connect;
                }
                request = self.mailbox.recv() => match request {
                    None => return Next::End,
                    Some(Request::Disconnect(says, reply)) => {
                        let may = self.may_say(&says, None);
                        let ends = may.is_ok();
                        if ends {
                            self.view.state(SessionState::Disconnected);
                        }
                        let _caller_may_be_gone = reply.send(may);
                        if ends {
                            return Next::Rest;
                        }
                    }
                    Some(request) => self.request(request, None),
                },
                Some(publish) = self.outbox.recv() => self.publish(publish, None),
                Some((tracked, outcome)) = self.outcomes.next() => self.settle(tracked, outcome),
                Some(answer) = self.answers.next() => self.answered(answer),
                Ok(()) = self.committed.changed(), if self.pressure.waits() => self.stored(),
                _ = self.ticks.tick(), if self.view.wants_tick() => self.tick(),
            }
        }
    }

    fn tick(&mut self) {
        self.show_store();
        self.view.counters(|states| self.subscriptions.tick(states));
        self.view.in_flight(self.in_flight());
        self.view.tick();
    }

    /// Puts into the view how far the store is behind.
    fn show_store(&mut self) {
        let now = Instant::now();
        self.view.behind(&Behind {
            queued: self.pressure.queued(*self.committed.borrow()),
            held_back: *self.hold.borrow(),
            rested: self.pressure.rested(now),
            oldest: self.pressure.oldest(now),
        });
    }

    /// More is committed.
    fn stored(&mut self) {
        let committed = *self.committed.borrow_and_update();
        if let Some(wait) = self.pressure.committed(committed, Instant::now()) {
            self.view.stored(wait);
        }
    }

    fn show_subscriptions(&mut self) {
        let states = self.subscriptions.states();
        self.view.change(|snapshot| snapshot.subscriptions = states);
    }
}
