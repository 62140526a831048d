//! A recorder in memory, whose commits and pressure the test decides.

use std::sync::{Arc, Mutex};

use mqttscope_model::{Direction, ErrorCode, Message, MessageId, Outcome, UserError};
use mqttscope_session::Recorder;
use tokio::sync::watch;

use super::LONG;

#[derive(Debug, Default)]
pub struct Recorded {
    pub messages: Vec<Message>,
    pub outcomes: Vec<(MessageId, Outcome)>,
    pub broken: bool,
    /// A person has stopped the recording.
    pub stopped: bool,
}

impl Recorded {
    pub fn received(&self) -> Vec<&Message> {
        self.messages.iter().filter(|m| m.direction == Direction::Received).collect()
    }

    pub fn payloads(&self) -> Vec<String> {
        let text = |m: &&Message| String::from_utf8_lossy(&m.payload).into_owned();
        self.received().iter().map(text).collect()
    }

    pub fn outcome(&self, id: MessageId) -> Option<&Outcome> {
        self.outcomes.iter().find(|(of, _)| *of == id).map(|(_, outcome)| outcome)
    }
}

#[derive(Debug)]
pub struct Memory {
    recorded: Mutex<Recorded>,
    changed: watch::Sender<()>,
    committed: watch::Sender<u64>,
    hold: watch::Sender<bool>,
    commits: bool,
}

impl Memory {
    fn new(commits: bool) -> Arc<Self> {
        Arc::new(Self {
            recorded: Mutex::default(),
            changed: watch::Sender::new(()),
            committed: watch::Sender::new(0),
            hold: watch::Sender::new(false),
            commits,
        })
    }

    /// Commits every message at once.
    pub fn committing() -> Arc<Self> {
        Self::new(true)
    }

    /// Commits what the test says.
    pub fn on_demand() -> Arc<Self> {
        Self::new(false)
    }

    pub fn commit(&self, id: u64) {
        self.committed.send_replace(id);
    }

    pub fn set_hold(&self, hold: bool) {
        self.hold.send_replace(hold);
    }

    /// Begins or stops to keep messages.
    pub fn keep(&self, keep: bool) {
        self.recorded.lock().unwrap().stopped = !keep;
    }

    pub fn break_down(&self) {
        self.recorded.lock().unwrap().broken = true;
    }

    pub fn look<T>(&self, look: impl FnOnce(&Recorded) -> T) -> T {
        look(&self.recorded.lock().unwrap())
    }

    /// Waits until what is recorded fits.
    pub async fn until(&self, fits: impl Fn(&Recorded) -> bool) {
        let mut changed = self.changed.subscribe();
        let waiting = changed.wait_for(|()| fits(&self.recorded.lock().unwrap()));
        if tokio::time::timeout(LONG, waiting).await.is_err() {
            panic!("only this is recorded: {}", self.look(|r| format!("{:.2000?}", Brief(r))));
        }
    }

    pub async fn until_received(&self, count: usize) {
        self.until(|recorded| recorded.received().len() >= count).await;
    }

    pub async fn outcome(&self, id: MessageId) -> Outcome {
        self.until(|recorded| recorded.outcome(id).is_some()).await;
        self.look(|recorded| recorded.outcome(id).unwrap().clone())
    }
}

struct Brief<'a>(&'a Recorded);

impl std::fmt::Debug for Brief<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let last: Vec<_> = self.0.messages.iter().rev().take(5).map(|m| &m.topic).collect();
        write!(f, "{} messages, last {last:?}, {:?}", self.0.messages.len(), self.0.outcomes)
    }
}

impl Recorder for Memory {
    fn record(&self, message: Message) -> Result<Option<MessageId>, UserError> {
        let mut recorded = self.recorded.lock().unwrap();
        if recorded.broken {
            return Err(UserError::new(ErrorCode::HistoryFailed, "broken by the test"));
        }
        if recorded.stopped {
            return Ok(None);
        }
        recorded.messages.push(message);
        let id = recorded.messages.len() as u64;
        drop(recorded);
        if self.commits {
            self.committed.send_replace(id);
        }
        self.changed.send_replace(());
        Ok(Some(MessageId(id)))
    }

    fn outcome(&self, id: MessageId, outcome: Outcome) {
        self.recorded.lock().unwrap().outcomes.push((id, outcome));
        self.changed.send_replace(());
    }

    fn committed(&self) -> watch::Receiver<u64> {
        self.committed.subscribe()
    }

    fn hold(&self) -> watch::Receiver<bool> {
        self.hold.subscribe()
    }
}
