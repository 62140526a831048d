//! The requests of one profile: which wait, what answered them, how they ended.
//!
//! With 5.0 an answer is told by its topic and its Correlation Data, so that any number of answers finds its request, in
//! time or late. 3.1 and 3.1.1 have no such thing: the first message that comes to the Response Topic after the request is
//! the answer of the oldest request that still waits there. Retained messages were there before anybody asked and do not
//! count then. The price of that: two requests at once on one Response Topic can be told apart by nothing but their order.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use mqttscope_model::properties::{self, Property};
use mqttscope_model::{
    Bytes, Message, MessageId, RequestAnswer, RequestId, RequestRecord, RequestState, UserError,
};
use tokio::sync::Notify;
use tokio::time::Instant;

/// The last requests that are kept.
const KEPT: usize = 200;

/// The first answers of a request that are kept: one that answers for ever must not fill the memory.
const ANSWERS: usize = 200;

/// The requests of a profile, the oldest first.
#[derive(Debug, Default)]
pub(super) struct Book {
    entries: VecDeque<Entry>,
    /// Who listens, by Response Topic, the oldest first.
    listeners: HashMap<String, Vec<RequestId>>,
    /// Those that were handed to the session and are not on their way yet.
    sending: Vec<RequestId>,
}

#[derive(Debug)]
struct Entry {
    record: RequestRecord,
    /// Bytes of its payload.
    size: usize,
    /// When it was handed to the connection.
    sent: Option<Instant>,
    over: Arc<Notify>,
}

/// A message that concerns requests. Which number it has is known only when it was recorded.
#[derive(Debug)]
pub(super) struct Heard {
    who: Vec<RequestId>,
    what: What,
    at: Instant,
    time_us: i64,
    size: u64,
}

#[derive(Debug, Clone, Copy)]
enum What {
    Request,
    Answer,
}

impl Book {
    /// Writes a request down. The oldest that is over makes room.
    pub(super) fn add(&mut self, record: RequestRecord, size: usize) {
        while self.entries.len() >= KEPT {
            let Some(over) = self.entries.iter().position(|entry| !self.is_open(entry)) else {
                break;
            };
            self.entries.remove(over);
        }
        self.entries.push_back(Entry { record, size, sent: None, over: Arc::default() });
    }

    pub(super) fn get(&self, id: RequestId) -> Option<&RequestRecord> {
        self.entry(id).map(|entry| &entry.record)
    }

    /// The newest first.
    pub(super) fn list(&self) -> Vec<RequestRecord> {
        self.entries.iter().rev().map(|entry| entry.record.clone()).collect()
    }

    /// Whether any message may concern a request.
    pub(super) fn listens(&self) -> bool {
        !self.listeners.is_empty()
    }

    /// Wakes who waits for the end of a request.
    pub(super) fn over(&self, id: RequestId) -> Option<Arc<Notify>> {
        self.entry(id).map(|entry| Arc::clone(&entry.over))
    }

    /// The request is handed to the session next. False: it is not wanted any more.
    pub(super) fn sending(&mut self, id: RequestId) -> bool {
        let Some(entry) = find(&mut self.entries, id) else { return false };
        if entry.record.state != RequestState::Subscribing {
            return false;
        }
        self.sending.push(id);
        self.listeners.entry(entry.record.response_topic.clone()).or_default().push(id);
        true
    }

    /// Until when the first answer is waited for; none where the request is not on its way.
    pub(super) fn deadline(&self, id: RequestId) -> Option<Instant> {
        let entry = self.entry(id)?;
        Some(entry.sent? + Duration::from_millis(entry.record.timeout_ms.into()))
    }

    /// Whether a message that goes is a request of ours.
    pub(super) fn hears_sent(&self, message: &Message) -> Option<Heard> {
        let mine = |id: &&RequestId| {
            self.entry(**id).is_some_and(|entry| {
                entry.record.topic == message.topic
                    && entry.size == message.payload.len()
                    && (entry.record.correlation.0.is_empty()
                        || correlation(&message.properties).as_ref()
                            == Some(&entry.record.correlation))
            })
        };
        let id = *self.sending.iter().find(mine)?;
        Some(Heard::new(vec![id], What::Request, message))
    }

    /// Whose answer a message is that came.
    pub(super) fn hears_received(&self, message: &Message) -> Option<Heard> {
        let listeners = self.listeners.get(&message.topic)?;
        let mut correlated = None;
        let mut by_topic: Option<(bool, RequestId)> = None;
        let mut who = Vec::new();
        for entry in listeners.iter().filter_map(|id| self.entry(*id)) {
            let record = &entry.record;
            if entry.sent.is_none() {
                continue;
            }
            if record.correlation.0.is_empty() {
                let late = record.state != RequestState::Waiting;
                let free = record.answers.is_empty() && !message.retain;
                if free && by_topic.is_none_or(|(other, _)| other && !late) {
                    by_topic = Some((late, record.id));
                }
            } else {
                let came = correlated.get_or_insert_with(|| correlation(&message.properties));
                if came.as_ref() == Some(&record.correlation) {
                    who.push(record.id);
                }
            }
        }
        who.extend(by_topic.map(|(_, id)| id));
        (!who.is_empty()).then(|| Heard::new(who, What::Answer, message))
    }

    /// A message that concerns requests was recorded, or is not kept. Tells which requests changed.
    pub(super) fn tell(&mut self, heard: Heard, message: Option<MessageId>) -> Vec<RequestId> {
        for id in &heard.who {
            let Some(entry) = find(&mut self.entries, *id) else { continue };
            match heard.what {
                What::Request => {
                    self.sending.retain(|other| other != id);
                    entry.sent = Some(heard.at);
                    entry.record.time_us = heard.time_us;
                    entry.record.message = message;
                    if entry.record.state == RequestState::Subscribing {
                        entry.record.state = RequestState::Waiting;
                    }
                }
                What::Answer => answered(entry, &heard, message),
            }
        }
        heard.who
    }

    /// The request was not sent, or is refused. False where it is over already.
    pub(super) fn fail(&mut self, id: RequestId, error: UserError) -> bool {
        self.end(id, RequestState::Failed { error })
    }

    /// Nobody waits for the answers any longer. False where it is over already.
    pub(super) fn cancel(&mut self, id: RequestId) -> bool {
        self.end(id, RequestState::Cancelled)
    }

    /// Ends all that wait.
    pub(super) fn cancel_all(&mut self) {
        let all: Vec<RequestId> = self.entries.iter().map(|entry| entry.record.id).collect();
        for id in all {
            self.cancel(id);
        }
    }

    /// The time for the first answer is over. True: none came.
    pub(super) fn time_out(&mut self, id: RequestId) -> bool {
        let Some(entry) = find(&mut self.entries, id) else { return false };
        if entry.record.state != RequestState::Waiting {
            return false;
        }
        entry.record.state = RequestState::TimedOut;
        true
    }

    /// Answers to the request are not looked for any longer.
    pub(super) fn close(&mut self, id: RequestId) {
        self.sending.retain(|other| *other != id);
        self.listeners.retain(|_, listeners| {
            listeners.retain(|other| *other != id);
            !listeners.is_empty()
        });
    }

    fn end(&mut self, id: RequestId, state: RequestState) -> bool {
        let Some(entry) = find(&mut self.entries, id) else { return false };
        entry.over.notify_one();
        let open = matches!(entry.record.state, RequestState::Subscribing | RequestState::Waiting);
        if open {
            entry.record.state = state;
        }
        self.close(id);
        open
    }

    fn entry(&self, id: RequestId) -> Option<&Entry> {
        self.entries.iter().rev().find(|entry| entry.record.id == id)
    }

    fn is_open(&self, entry: &Entry) -> bool {
        entry.record.state == RequestState::Subscribing
            || self.listeners.values().flatten().any(|id| *id == entry.record.id)
    }
}

impl Heard {
    fn new(who: Vec<RequestId>, what: What, message: &Message) -> Self {
        let size = message.payload.len() as u64;
        Self { who, what, at: Instant::now(), time_us: message.time_us, size }
    }
}

fn find(entries: &mut VecDeque<Entry>, id: RequestId) -> Option<&mut Entry> {
    entries.iter_mut().rev().find(|entry| entry.record.id == id)
}

fn answered(entry: &mut Entry, heard: &Heard, message: Option<MessageId>) {
    let Some(sent) = entry.sent else { return };
    let took = heard.at.saturating_duration_since(sent).as_micros();
    let answer = RequestAnswer {
        message,
        time_us: heard.time_us,
        took_us: u64::try_from(took).unwrap_or(u64::MAX),
        size: heard.size,
    };
    if entry.record.answers.len() < ANSWERS {
        entry.record.answers.push(answer);
    }
    if entry.record.state == RequestState::Waiting {
        entry.record.state = RequestState::Answered;
    }
    if entry.record.correlation.0.is_empty() {
        // By topic alone there is one answer, and it was this one.
        entry.over.notify_one();
    }
}

/// The Correlation Data among properties in their wire encoding.
fn correlation(encoded: &[u8]) -> Option<Bytes> {
    properties::decode(encoded).ok()?.into_iter().find_map(|property| match property {
        Property::CorrelationData(bytes) => Some(bytes),
        _ => None,
    })
}
