//! What a profile asks and answers, and what the recorder overhears for it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use mqttscope_model::{
    Direction, ErrorCode, Message, MessageId, Outcome, ProfileId, ProtocolVersion, ReasonCode,
    RequestId, RequestRecord, UserError,
};
use tokio::time::{sleep_until, timeout_at};

use super::book::{Book, Heard};
use super::loans::Loans;
use crate::events::{Listeners, Subject};
use crate::replying::Replying;

/// How long after its time-out an answer is still looked for.
const LATE: Duration = Duration::from_secs(60);

/// The requests of one profile, and its rules that answer. It outlives the profile's sessions.
#[derive(Debug)]
pub(crate) struct Talk {
    profile: ProfileId,
    listeners: Arc<Listeners>,
    /// Whether any message may concern a request or a rule: all that a message costs while nobody waits.
    listens: AtomicBool,
    book: Mutex<Book>,
    replying: Replying,
    loans: Loans,
    /// Of the session that began last.
    version: Mutex<Option<ProtocolVersion>>,
}

/// A message that concerns requests, before it is recorded.
#[derive(Debug)]
pub(crate) struct Overheard(Heard);

impl Talk {
    pub(super) fn new(profile: ProfileId, listeners: Arc<Listeners>) -> Self {
        Self {
            profile,
            listeners,
            listens: AtomicBool::new(false),
            book: Mutex::default(),
            replying: Replying::default(),
            loans: Loans::default(),
            version: Mutex::default(),
        }
    }

    pub(crate) fn profile(&self) -> &ProfileId {
        &self.profile
    }

    /// The rules of the profile.
    pub(crate) fn replying(&self) -> &Replying {
        &self.replying
    }

    pub(crate) fn loans(&self) -> &Loans {
        &self.loans
    }

    /// The version of MQTT of the session that began last.
    pub(crate) fn version(&self) -> Option<ProtocolVersion> {
        *self.version.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn begins(&self, version: ProtocolVersion) {
        *self.version.lock().unwrap_or_else(PoisonError::into_inner) = Some(version);
    }

    /// Whether a message concerns anybody, before it is recorded. Does not block: the lock is held for look-ups only.
    pub(crate) fn overhear(&self, message: &Message) -> Option<Overheard> {
        if !self.listens.load(Ordering::Acquire) {
            return None;
        }
        if self.replying.take(message) {
            self.mark_replies();
        }
        let book = self.book();
        let heard = match message.direction {
            Direction::Sent => book.hears_sent(message),
            Direction::Received => book.hears_received(message),
        };
        heard.map(Overheard)
    }

    /// It was recorded, or is not kept.
    pub(crate) fn tell(&self, overheard: Overheard, message: Option<MessageId>) {
        let changed = self.change(|book| book.tell(overheard.0, message));
        for id in changed {
            self.mark(id);
        }
    }

    /// What became of a request on its way to the broker.
    pub(super) fn outcome(&self, id: RequestId, outcome: &Outcome) {
        // One that was given up may have arrived all the same: the time-out tells.
        if let Outcome::Refused { reason } = outcome {
            self.fail(id, refused(*reason));
        }
    }

    pub(super) fn add(&self, record: RequestRecord, size: usize) {
        let id = record.id;
        self.change(|book| book.add(record, size));
        self.mark(id);
    }

    pub(super) fn get(&self, id: RequestId) -> Option<RequestRecord> {
        self.book().get(id).cloned()
    }

    pub(super) fn list(&self) -> Vec<RequestRecord> {
        self.book().list()
    }

    /// The request is handed to the session next. False: it is not wanted any more.
    pub(super) fn sending(&self, id: RequestId) -> bool {
        self.change(|book| book.sending(id))
    }

    pub(super) fn fail(&self, id: RequestId, error: UserError) {
        if self.change(|book| book.fail(id, error)) {
            self.mark(id);
        }
    }

    pub(super) fn cancel(&self, id: RequestId) {
        if self.change(|book| book.cancel(id)) {
            self.mark(id);
        }
    }

    /// The profile is gone, and nobody can be told any more.
    pub(super) fn end(&self) {
        self.change(Book::cancel_all);
    }

    /// Waits as long as an answer to a request that was sent may count: one that was answered collects further answers
    /// until its time-out, one that was not may be answered late.
    pub(super) async fn wait(&self, id: RequestId) {
        let (deadline, over) = {
            let book = self.book();
            (book.deadline(id), book.over(id))
        };
        if let (Some(deadline), Some(over)) = (deadline, over)
            && timeout_at(deadline, over.notified()).await.is_err()
            && self.change(|book| book.time_out(id))
        {
            self.mark(id);
            tokio::select! {
                () = sleep_until(deadline + LATE) => {}
                () = over.notified() => {}
            }
        }
        self.change(|book| book.close(id));
    }

    fn change<T>(&self, change: impl FnOnce(&mut Book) -> T) -> T {
        let mut book = self.book();
        let result = change(&mut book);
        self.listens.store(book.listens() || self.replying.answers(), Ordering::Release);
        result
    }

    /// Other rules are in force.
    pub(crate) fn refresh(&self) {
        self.change(|_| ());
    }

    /// There is something to tell of the rules.
    pub(crate) fn mark_replies(&self) {
        self.listeners.mark(&Subject::Replies(self.profile.clone()));
    }

    fn mark(&self, id: RequestId) {
        self.listeners.mark(&Subject::Request(id));
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn refused(reason: ReasonCode) -> UserError {
    let text = format!("The broker refuses the request: {reason}.");
    UserError::new(ErrorCode::RequestRefused, text)
        .hint("Check that this client may publish to the topic.")
        .detail("reason", reason)
}

/// Microseconds since the Unix epoch.
pub(crate) fn now_us() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
}
