//! The account of the current or last attempt, as it grows: its stages, what was seen, and how earlier
//! connections ended.
//!
//! It is written on every attempt, in place, so that being watched costs a few copies per stage and nothing per
//! message. Whoever looks at it should copy what it needs at once: the session's task waits while it is borrowed.

use std::time::{Duration, Instant};

use mqttscope_model::{
    Account, Attempt, ConnectStage, Facts, PastConnection, StageRecord, StageVerdict, UserError,
};
use tokio::sync::watch;

use crate::Options;
use crate::client::now_us;
use crate::memory::Past;

/// Who writes the account.
pub(super) struct Ledger {
    out: watch::Sender<Option<Account>>,
    past: Past,
    started: Instant,
    stage_started: Instant,
}

impl Ledger {
    pub(super) fn new(options: &Options, past: Past) -> (Self, watch::Receiver<Option<Account>>) {
        past.begin(options);
        let (out, watched) = watch::channel(None);
        let now = Instant::now();
        (Self { out, past, started: now, stage_started: now }, watched)
    }

    /// An attempt begins.
    pub(super) fn open(&mut self, number: u32) {
        self.started = Instant::now();
        self.stage_started = self.started;
        self.out.send_replace(Some(Account {
            attempt: Attempt { number, stages: Vec::new(), error: None },
            began_ms: now_us() / 1_000,
            facts: Facts::default(),
            past: self.past.all(),
        }));
    }

    /// The attempt so far.
    pub(super) fn attempt(&self) -> Option<Attempt> {
        self.out.borrow().as_ref().map(|account| account.attempt.clone())
    }

    /// The stage that is under way, or was last.
    pub(super) fn stage(&self) -> ConnectStage {
        let account = self.out.borrow();
        let last = account.as_ref().and_then(|account| account.attempt.stages.last());
        last.map_or(ConnectStage::Settings, |record| record.stage)
    }

    /// How long the attempt takes so far.
    pub(super) fn took(&self) -> Duration {
        self.started.elapsed()
    }

    /// A stage of the dial passed, and this was seen so far.
    pub(super) fn passed(&mut self, took: Duration, evidence: String, facts: Facts) {
        self.change(|account| {
            end(account, StageVerdict::Passed, took, evidence);
            account.facts = facts;
        });
    }

    pub(super) fn begin(&mut self, stage: ConnectStage) {
        self.stage_started = Instant::now();
        let began_us = micros(self.started.elapsed());
        self.change(|account| begin(account, stage, began_us));
    }

    /// CONNACK said yes.
    pub(super) fn connected(&mut self, evidence: String, note: impl FnOnce(&mut Facts)) {
        let took = self.stage_started.elapsed();
        self.change(|account| {
            end(account, StageVerdict::Passed, took, evidence);
            note(&mut account.facts);
        });
    }

    /// Notes what was seen.
    pub(super) fn note(&mut self, note: impl FnOnce(&mut Facts)) {
        self.change(|account| note(&mut account.facts));
    }

    /// The attempt ends where it is. `stage` is where the cause was met, if that is known.
    pub(super) fn failed(&mut self, stage: Option<ConnectStage>, error: &UserError) {
        if let Some(stage) = stage {
            let begun = self.out.borrow().as_ref().is_some_and(|a| !a.attempt.stages.is_empty());
            if !begun || self.stage() != stage {
                self.begin(stage);
            }
        }
        let took = self.stage_started.elapsed();
        self.change(|account| {
            end(account, StageVerdict::Failed, took, evidence_of(error));
            account.attempt.error = Some(error.clone());
        });
    }

    /// The connection that was there for `lasted` is gone, not by the user's wish.
    pub(super) fn lost(&mut self, lasted: Duration, error: &UserError) {
        let began_us = micros(self.started.elapsed().saturating_sub(lasted));
        self.change(|account| {
            begin(account, ConnectStage::Staying, began_us);
            end(account, StageVerdict::Failed, lasted, evidence_of(error));
            account.attempt.error = Some(error.clone());
        });
    }

    /// Keeps how a connection ended, for the accounts to come too.
    pub(super) fn keep(&mut self, connection: PastConnection) {
        self.past.add(connection);
        let past = self.past.all();
        self.change(|account| account.past = past);
    }

    pub(super) fn cancelled(&mut self) {
        let took = self.stage_started.elapsed();
        self.change(|account| end(account, StageVerdict::Cancelled, took, String::new()));
    }

    fn change(&mut self, change: impl FnOnce(&mut Account)) {
        self.out.send_modify(|account| {
            if let Some(account) = account {
                change(account);
            }
        });
    }
}

fn begin(account: &mut Account, stage: ConnectStage, began_us: u64) {
    account.attempt.stages.push(StageRecord {
        stage,
        verdict: StageVerdict::Running,
        began_us,
        took_us: 0,
        evidence: String::new(),
    });
}

fn end(account: &mut Account, verdict: StageVerdict, took: Duration, evidence: String) {
    if let Some(record) = account.attempt.stages.last_mut()
        && record.verdict == StageVerdict::Running
    {
        record.verdict = verdict;
        record.took_us = micros(took);
        record.evidence = evidence;
    }
}

/// What was seen on the wire; where the broker answered, its own reason is what was seen.
fn evidence_of(error: &UserError) -> String {
    let seen = error.details.get("evidence").or_else(|| error.details.get("reason"));
    seen.cloned().unwrap_or_default()
}

fn micros(span: Duration) -> u64 {
    u64::try_from(span.as_micros()).unwrap_or(u64::MAX)
}
