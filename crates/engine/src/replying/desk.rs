//! Where requests to a profile's rules wait until they are answered, and what became of them.
//!
//! The session's task only looks whether a filter matches and puts the message into a queue with an end; templates are
//! filled elsewhere, so that a rule costs the connection no more than a copy of the messages that it answers. What finds no
//! place is counted as failed and said, because holding the connection back for a rule would spoil what is measured.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use mqttscope_model::{
    Direction, ErrorCode, Message, ProtocolVersion, ReplyRule, ReplyState, UserError, topic,
};
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::pace::Pace;
use super::rule::{Compiled, no_response_topic};

/// Requests that wait, at most.
const WAITING: usize = 1_024;

/// Their bytes, at most; one may exceed it.
const WAITING_BYTES: usize = 64 * 1024 * 1024;

/// So many returns within [`SPAN`] stop a rule: at that rate what is remembered of its replies would not last.
const RETURNS: u32 = 100;

/// The span in which returns are counted.
const SPAN: Duration = Duration::from_secs(1);

/// The rules of a session, as they are since they were saved or the session began.
#[derive(Debug)]
pub(super) struct Rules {
    pub(super) version: ProtocolVersion,
    rules: Vec<Kept>,
    /// Others took their place: what waits is not answered any more.
    replaced: AtomicBool,
    /// Bytes of the requests that wait.
    bytes: AtomicUsize,
}

#[derive(Debug)]
struct Kept {
    /// None where it is off or cannot be read.
    compiled: Option<Compiled>,
    stopped: AtomicBool,
    told: Mutex<Told>,
}

#[derive(Debug)]
struct Told {
    state: ReplyState,
    /// Returns since then.
    returns: (Instant, u32),
    pace: Pace,
}

/// A request that waits for its answer.
#[derive(Debug)]
pub(super) struct Job {
    /// The place of the rule.
    pub(super) rule: usize,
    pub(super) message: Arc<Message>,
}

/// The rules that are in force, with the way to who answers.
#[derive(Debug, Default)]
pub(super) struct Desk(Mutex<Option<(Arc<Rules>, mpsc::Sender<Job>)>>);

impl Desk {
    /// Puts other rules into force; none without a session. Gives them with the requests to them as they come.
    pub(super) fn open(
        &self,
        rules: Vec<ReplyRule>,
        version: ProtocolVersion,
        before: &[ReplyState],
    ) -> (Arc<Rules>, mpsc::Receiver<Job>) {
        let (sender, jobs) = mpsc::channel(WAITING);
        let rules = Arc::new(Rules::new(rules, version, before));
        let mut open = self.lock();
        if let Some((old, _)) = open.replace((Arc::clone(&rules), sender)) {
            old.replaced.store(true, Ordering::Release);
        }
        (rules, jobs)
    }

    /// What the rules have done, in their order.
    pub(super) fn states(&self) -> Vec<ReplyState> {
        self.lock().as_ref().map(|(rules, _)| rules.states()).unwrap_or_default()
    }

    pub(super) fn answers(&self) -> bool {
        self.lock().as_ref().is_some_and(|(rules, _)| rules.answer())
    }

    /// Queues a message for the rules that it is a request to. True where one of them could not take it.
    pub(super) fn take(&self, message: &Message) -> bool {
        // What is retained was published before anybody answered; it would be answered at each connect.
        if message.direction != Direction::Received || message.retain {
            return false;
        }
        let open = self.lock();
        let Some((rules, jobs)) = open.as_ref() else { return false };
        let mut copy: Option<Arc<Message>> = None;
        let mut overflow = false;
        for (place, kept) in rules.rules.iter().enumerate() {
            let Some(compiled) = &kept.compiled else { continue };
            if kept.stopped.load(Ordering::Acquire)
                || !topic::matches(&compiled.rule.filter, &message.topic)
            {
                continue;
            }
            let size = message.payload.len();
            let waiting = rules.bytes.load(Ordering::Acquire);
            let fits = waiting == 0 || waiting.saturating_add(size) <= WAITING_BYTES;
            let queued = fits
                && jobs
                    .try_reserve()
                    .map(|place_in_queue| {
                        let message = copy.get_or_insert_with(|| Arc::new(message.clone()));
                        rules.bytes.fetch_add(size, Ordering::AcqRel);
                        place_in_queue.send(Job { rule: place, message: Arc::clone(message) });
                    })
                    .is_ok();
            if !queued {
                rules.failed(place, overloaded());
                overflow = true;
            }
        }
        overflow
    }

    fn lock(&self) -> MutexGuard<'_, Option<(Arc<Rules>, mpsc::Sender<Job>)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Rules {
    fn new(rules: Vec<ReplyRule>, version: ProtocolVersion, before: &[ReplyState]) -> Self {
        let rules = rules.into_iter().map(|rule| Kept::new(rule, version, before)).collect();
        Self { version, rules, replaced: AtomicBool::new(false), bytes: AtomicUsize::new(0) }
    }

    /// Whether any rule answers.
    fn answer(&self) -> bool {
        self.rules.iter().any(|kept| kept.compiled.is_some())
    }

    pub(super) fn are_replaced(&self) -> bool {
        self.replaced.load(Ordering::Acquire)
    }

    /// The rule at a place, unless it is stopped.
    pub(super) fn get(&self, place: usize) -> Option<&Compiled> {
        let kept = self.rules.get(place)?;
        kept.compiled.as_ref().filter(|_| !kept.stopped.load(Ordering::Acquire))
    }

    /// Those that answer, each with its place.
    pub(super) fn in_force(&self) -> impl Iterator<Item = (usize, &Compiled)> {
        (0..self.rules.len()).filter_map(|place| Some((place, self.get(place)?)))
    }

    /// A request waits no longer.
    pub(super) fn taken(&self, message: &Message) {
        self.bytes.fetch_sub(message.payload.len(), Ordering::AcqRel);
    }

    /// How many requests a rule has answered.
    pub(super) fn answered_so_far(&self, place: usize) -> u64 {
        self.rules.get(place).map_or(0, |kept| kept.told().state.answered)
    }

    pub(super) fn answered(&self, place: usize, at_us: i64) {
        let Some(kept) = self.rules.get(place) else { return };
        let mut told = kept.told();
        // A rule that was stopped keeps saying why.
        if told.state.stopped {
            return;
        }
        let stopped = !told.pace.answered();
        told.state.answered += 1;
        told.state.last_us = Some(at_us);
        told.state.fault = stopped.then(too_fast);
        told.state.stopped = stopped;
        kept.stopped.store(stopped, Ordering::Release);
    }

    pub(super) fn failed(&self, place: usize, error: UserError) {
        self.tell(place, |state| {
            state.failed += 1;
            state.fault = Some(error);
        });
    }

    /// A fault that no single request is to blame for.
    pub(super) fn faulty(&self, place: usize, error: UserError) {
        self.tell(place, |state| state.fault = Some(error));
    }

    /// What came of its own reply came to a rule, and was not answered.
    pub(super) fn returned(&self, place: usize) {
        let Some(kept) = self.rules.get(place) else { return };
        let mut told = kept.told();
        let (since, count) = told.returns;
        let (since, count) =
            if since.elapsed() < SPAN { (since, count + 1) } else { (Instant::now(), 1) };
        told.returns = (since, count);
        told.state.stopped = count > RETURNS;
        kept.stopped.store(told.state.stopped, Ordering::Release);
        told.state.fault = Some(looped(told.state.stopped));
    }

    pub(super) fn states(&self) -> Vec<ReplyState> {
        self.rules.iter().map(|kept| kept.told().state.clone()).collect()
    }

    fn tell(&self, place: usize, change: impl FnOnce(&mut ReplyState)) {
        if let Some(kept) = self.rules.get(place) {
            let mut told = kept.told();
            // A rule that was stopped keeps saying why.
            if !told.state.stopped {
                change(&mut told.state);
            }
        }
    }
}

impl Kept {
    fn new(rule: ReplyRule, version: ProtocolVersion, before: &[ReplyState]) -> Self {
        let before = before.iter().find(|state| state.rule == rule.id);
        let mut state = ReplyState {
            stopped: false,
            fault: None,
            ..before.cloned().unwrap_or_else(|| untouched(&rule.id))
        };
        let compiled = rule.enabled.then(|| audible(rule, version)).transpose();
        let compiled = compiled.map_err(|error| state.fault = Some(error)).unwrap_or_default();
        let told = Mutex::new(Told { state, returns: (Instant::now(), 0), pace: Pace::new() });
        Self { compiled, stopped: AtomicBool::new(false), told }
    }

    fn told(&self) -> MutexGuard<'_, Told> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A rule that can answer with this version of MQTT.
fn audible(rule: ReplyRule, version: ProtocolVersion) -> Result<Compiled, UserError> {
    let compiled = Compiled::new(rule)?;
    if compiled.is_mute(version) {
        let text = format!("MQTT {version} has no Response Topic, and the rule has no topic.");
        return Err(no_response_topic(&text, "version"));
    }
    Ok(compiled)
}

/// The state of a rule that has done nothing.
pub(super) fn untouched(rule: &str) -> ReplyState {
    ReplyState {
        rule: rule.to_owned(),
        answered: 0,
        failed: 0,
        last_us: None,
        fault: None,
        stopped: false,
    }
}

fn overloaded() -> UserError {
    UserError::new(
        ErrorCode::ReplyOverloaded,
        "Requests come faster than they can be answered; this one found no place.",
    )
    .detail("waiting", WAITING)
}

fn too_fast() -> UserError {
    UserError::new(
        ErrorCode::ReplyTooFast,
        "The rule answered 1,000 requests a second for half a minute; it was stopped.",
    )
    .hint("If its replies bring the requests back through another program, narrow its filter.")
}

fn looped(stopped: bool) -> UserError {
    let text = if stopped {
        "The rule's own replies came back to it as requests again and again; it was stopped."
    } else {
        "The rule's own reply came back to it as a request; it was not answered."
    };
    UserError::new(ErrorCode::ReplyLoop, text)
        .hint("Narrow its filter, or answer on a topic that the filter does not match.")
}
