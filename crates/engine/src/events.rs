//! What changes, told to the windows.
//!
//! Producers only mark a subject as changed; a window takes the set of marked subjects at most
//! thirty times a second and reads each subject's state then. So the cost of telling depends on the
//! number of subjects, never on the message rate, and there is no queue that could overflow. The
//! price: a window sees the latest state of a subject, not every state between.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use mqttscope_diagnosis::DiagnosisId;
use mqttscope_exchange::ImportId;
use mqttscope_model::{ProbeId, ProfileId, RequestId};
use tokio::sync::Notify;
use tokio::time::Instant;

use crate::Engine;
use crate::api::{Event, EventBatch, FindId, JobId, SidesId, ViewId};

/// The shortest time between two batches: thirty a second.
const INTERVAL: Duration = Duration::from_millis(33);

/// Something that changes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Subject {
    /// The list of profiles. First, so that a window knows a profile before it hears of its session.
    Profiles,
    /// An import that runs.
    Import(ImportId),
    /// A diagnosis that runs, or is just over.
    Diagnosis(DiagnosisId),
    /// The settings.
    Settings,
    /// The local broker.
    Broker,
    /// A profile's session.
    Session(ProfileId),
    /// A profile's history.
    History(ProfileId),
    /// A view of a history.
    View(ViewId),
    /// A search within a history.
    Find(FindId),
    /// Long work on a history.
    Job(JobId),
    /// A request that waits, or was answered.
    Request(RequestId),
    /// What a profile's rules have answered.
    Replies(ProfileId),
    /// A session's timeline of packets.
    Packets(ProfileId),
    /// A probe that runs, or is just over.
    Probe(ProbeId),
    /// A comparison of two brokers.
    Sides(SidesId),
}

/// All who listen.
#[derive(Debug, Default)]
pub(crate) struct Listeners(Mutex<Vec<Weak<Marked>>>);

#[derive(Debug, Default)]
struct Marked {
    subjects: Mutex<BTreeSet<Subject>>,
    changed: Notify,
}

impl Listeners {
    /// Marks a subject as changed for everyone who listens.
    pub(crate) fn mark(&self, subject: &Subject) {
        let mut listeners = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        listeners.retain(|listener| {
            let Some(listener) = listener.upgrade() else { return false };
            let mut subjects = listener.subjects.lock().unwrap_or_else(PoisonError::into_inner);
            if subjects.insert(subject.clone()) {
                listener.changed.notify_one();
            }
            true
        });
    }

    fn add(&self) -> Arc<Marked> {
        let marked = Arc::new(Marked::default());
        let mut listeners = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        listeners.push(Arc::downgrade(&marked));
        marked
    }
}

/// One listener's stream of event batches.
#[derive(Debug)]
pub struct Events {
    engine: Engine,
    marked: Arc<Marked>,
    number: u64,
    earliest: Instant,
}

impl Events {
    pub(crate) fn new(engine: Engine) -> Self {
        let marked = engine.listeners().add();
        Self { engine, marked, number: 0, earliest: Instant::now() }
    }

    /// Waits for a change and gives the new state of all that changed. Never returns an empty batch
    /// and never more than thirty a second.
    pub async fn next(&mut self) -> EventBatch {
        loop {
            self.marked.changed.notified().await;
            tokio::time::sleep_until(self.earliest).await;
            self.earliest = Instant::now() + INTERVAL;
            let subjects = std::mem::take(
                &mut *self.marked.subjects.lock().unwrap_or_else(PoisonError::into_inner),
            );
            let events: Vec<Event> =
                subjects.iter().filter_map(|subject| self.engine.state_of(subject)).collect();
            if !events.is_empty() {
                self.number += 1;
                return EventBatch { number: self.number, events };
            }
        }
    }
}
