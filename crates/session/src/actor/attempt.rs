//! The staged account of one attempt, as it grows.

use std::time::{Duration, Instant};

use mqttscope_model::{Attempt, ConnectStage, StageRecord, StageVerdict, UserError};
use mqttscope_transport::DialEvent;

/// An attempt under way.
pub(super) struct Account {
    pub(super) attempt: Attempt,
    started: Instant,
    stage_started: Instant,
}

impl Account {
    pub(super) fn new(number: u32) -> Self {
        let now = Instant::now();
        let attempt = Attempt { number, stages: Vec::new(), error: None };
        Self { attempt, started: now, stage_started: now }
    }

    /// The stage that is under way, or was last.
    pub(super) fn stage(&self) -> ConnectStage {
        self.attempt.stages.last().map_or(ConnectStage::Settings, |record| record.stage)
    }

    /// How long the attempt takes so far.
    pub(super) fn took(&self) -> Duration {
        self.started.elapsed()
    }

    pub(super) fn dial(&mut self, event: DialEvent) {
        match event {
            DialEvent::Started(stage) => self.begin(stage),
            DialEvent::Passed { took, evidence, .. } => {
                self.end(StageVerdict::Passed, took, evidence);
            }
        }
    }

    pub(super) fn begin(&mut self, stage: ConnectStage) {
        self.stage_started = Instant::now();
        self.attempt.stages.push(StageRecord {
            stage,
            verdict: StageVerdict::Running,
            began_us: micros(self.started.elapsed()),
            took_us: 0,
            evidence: String::new(),
        });
    }

    /// CONNACK said yes.
    pub(super) fn connected(&mut self, evidence: String) {
        self.end(StageVerdict::Passed, self.stage_started.elapsed(), evidence);
    }

    /// The attempt ends where it is. `stage` is where the cause was met, if that is known.
    pub(super) fn failed(&mut self, stage: Option<ConnectStage>, error: &UserError) {
        if let Some(stage) = stage
            && (self.attempt.stages.is_empty() || self.stage() != stage)
        {
            self.begin(stage);
        }
        // What was seen on the wire; where the broker answered, its own reason is what was seen.
        let seen = error.details.get("evidence").or_else(|| error.details.get("reason"));
        let evidence = seen.cloned().unwrap_or_default();
        self.end(StageVerdict::Failed, self.stage_started.elapsed(), evidence);
        self.attempt.error = Some(error.clone());
    }

    pub(super) fn cancelled(&mut self) {
        self.end(StageVerdict::Cancelled, self.stage_started.elapsed(), String::new());
    }

    fn end(&mut self, verdict: StageVerdict, took: Duration, evidence: String) {
        if let Some(record) = self.attempt.stages.last_mut()
            && record.verdict == StageVerdict::Running
        {
            record.verdict = verdict;
            record.took_us = micros(took);
            record.evidence = evidence;
        }
    }
}

fn micros(span: Duration) -> u64 {
    u64::try_from(span.as_micros()).unwrap_or(u64::MAX)
}
