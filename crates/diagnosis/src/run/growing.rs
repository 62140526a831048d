//! The report as it grows: the session's account with the stages that only a diagnosis has.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use mqttscope_model::check::Problem;
use mqttscope_model::{
    Account, Attempt, ConnectStage, Facts, PastConnection, SchemeTry, StageRecord, StageVerdict,
    SubscribeFacts, TcpFacts, UserError,
};
use tokio::sync::watch;

use crate::{Diagnosis, Report};

/// Who writes the report.
pub(super) struct Growing {
    out: watch::Sender<Report>,
    /// The session's account; none before there is a session and after it has said what counts.
    session: Option<watch::Receiver<Option<Account>>>,
    /// What it said last.
    account: Option<Account>,
    began: Instant,
    own: Own,
}

/// What the session does not know of.
#[derive(Default)]
struct Own {
    past: Vec<PastConnection>,
    stages: Vec<StageRecord>,
    subscribe: Option<SubscribeFacts>,
    other_schemes: Vec<SchemeTry>,
    tcp: Option<TcpFacts>,
    error: Option<UserError>,
}

impl Growing {
    pub(super) fn new(
        report: Report,
        past: Vec<PastConnection>,
    ) -> (Self, watch::Receiver<Report>) {
        let (out, watched) = watch::channel(report);
        let began = Instant::now();
        let own = Own { past, ..Own::default() };
        (Self { out, session: None, account: None, began, own }, watched)
    }

    /// An attempt begins; its account is followed from now on.
    pub(super) fn follow(&mut self, account: watch::Receiver<Option<Account>>) {
        self.began = Instant::now();
        self.session = Some(account);
        self.tell();
    }

    /// What the session does from now on counts no more: its end is our own wish.
    pub(super) fn leave(&mut self) {
        self.tell();
        self.session = None;
    }

    /// It ended before there was a session.
    pub(super) fn never_began(&mut self, error: &UserError) {
        self.account = Some(unbegun_account(error));
        self.tell();
    }

    /// A stage begins that only a diagnosis has.
    pub(super) fn begin(&mut self, stage: ConnectStage) {
        self.own.stages.push(StageRecord {
            stage,
            verdict: StageVerdict::Running,
            began_us: micros(self.began.elapsed()),
            took_us: 0,
            evidence: String::new(),
        });
        self.tell();
    }

    /// It ends.
    pub(super) fn end(&mut self, verdict: StageVerdict, evidence: impl Into<String>) {
        let now = micros(self.began.elapsed());
        if let Some(record) = self.own.stages.last_mut()
            && record.verdict == StageVerdict::Running
        {
            record.verdict = verdict;
            record.took_us = now.saturating_sub(record.began_us);
            record.evidence = evidence.into();
        }
        self.tell();
    }

    /// The stage ends with an error that the session does not name itself.
    pub(super) fn fail(&mut self, error: UserError, evidence: impl Into<String>) {
        self.own.error = Some(error);
        self.end(StageVerdict::Failed, evidence);
    }

    pub(super) fn subscribe(&mut self, facts: SubscribeFacts) {
        self.own.subscribe = Some(facts);
    }

    pub(super) fn other_schemes(&mut self, tries: Vec<SchemeTry>) {
        self.own.other_schemes = tries;
        self.tell();
    }

    pub(super) fn every_address(&mut self, facts: TcpFacts) {
        self.own.tcp = Some(facts);
        self.tell();
    }

    /// Something odd that only a look into files shows.
    pub(super) fn problems(&mut self, more: Vec<Problem>) {
        if !more.is_empty() {
            self.out.send_modify(|report| report.problems.extend(more));
        }
    }

    /// The account so far.
    pub(super) fn account(&mut self) -> Option<Account> {
        self.tell();
        self.out.borrow().account.clone()
    }

    /// What it came to; nothing changes any more.
    pub(super) fn judge(&mut self, diagnosis: Diagnosis) {
        self.out.send_modify(|report| report.diagnosis = Some(diagnosis));
    }

    /// Does `work` and passes on what the session tells meanwhile.
    pub(super) async fn meanwhile<T>(&mut self, work: impl Future<Output = T>) -> T {
        tokio::pin!(work);
        loop {
            let Some(session) = &mut self.session else { return work.await };
            tokio::select! {
                done = &mut work => {
                    self.tell();
                    return done;
                }
                changed = session.changed() => match changed {
                    Ok(()) => self.tell(),
                    Err(_ended) => self.session = None,
                },
            }
        }
    }

    fn tell(&mut self) {
        if let Some(session) = &mut self.session {
            self.account.clone_from(&session.borrow_and_update());
        }
        let Some(account) = &self.account else { return };
        let account = merged(account.clone(), &self.own);
        self.out.send_if_modified(|report| {
            let changed = report.account.as_ref() != Some(&account);
            report.account = Some(account);
            changed
        });
    }
}

/// The account of a wish to connect that came to nothing before there was a session: a setting that cannot be used, or
/// a secret that cannot be had.
pub fn unbegun_account(error: &UserError) -> Account {
    let evidence = error.details.get("evidence").or_else(|| error.details.get("reason"));
    let record = StageRecord {
        stage: ConnectStage::Settings,
        verdict: StageVerdict::Failed,
        began_us: 0,
        took_us: 0,
        evidence: evidence.cloned().unwrap_or_default(),
    };
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Account {
        attempt: Attempt { number: 1, stages: vec![record], error: Some(error.clone()) },
        began_ms: i64::try_from(now.as_millis()).unwrap_or(i64::MAX),
        facts: Facts::default(),
        past: Vec::new(),
    }
}

/// Puts both together. What the session takes for a connection that did not stay is here known better: it ended in a stage of ours.
fn merged(mut account: Account, own: &Own) -> Account {
    let stages = &mut account.attempt.stages;
    if !own.stages.is_empty() {
        stages.retain(|record| record.stage <= ConnectStage::Mqtt);
        stages.extend(own.stages.iter().cloned());
    }
    account.past.splice(0..0, own.past.iter().cloned());
    if account.attempt.error.is_none() {
        account.attempt.error.clone_from(&own.error);
    }
    account.facts.subscribe.clone_from(&own.subscribe);
    account.facts.other_schemes.clone_from(&own.other_schemes);
    if own.tcp.is_some() {
        account.facts.tcp.clone_from(&own.tcp);
    }
    account
}

fn micros(span: Duration) -> u64 {
    u64::try_from(span.as_micros()).unwrap_or(u64::MAX)
}
