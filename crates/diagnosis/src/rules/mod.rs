//! From evidence to causes and fixes.
//!
//! One rule a group of error codes: the code says where it ended, the facts of all stages say why. A rule answers
//! the causes that the evidence allows, the likeliest first; what no rule knows is [`CauseCode::Unknown`] and
//! shows what was seen. Nothing is asked here, of a network or of a clock: the account is all there is, so that a report
//! that somebody sends can be judged again.

mod certificate;
mod connack;
mod lost;
mod mqtt;
mod network;
mod over_time;
mod port;
mod proxy;
mod redirect;
mod settings;
mod subscribe;
mod tls;
mod websocket;

use std::collections::BTreeMap;

use mqttscope_model::{Account, ConnectStage, ErrorCode, Facts, Profile, StageVerdict, UserError};

use crate::fixes::Fixes;
use crate::words::{NONE, causes, filled};
use crate::{Cause, CauseCode, Diagnosis, Fix, FixCode, Verdict};

/// Judges an attempt that is over.
///
/// With an attempt that failed there is at least one cause and one fix. With one that stands, causes are what was noticed
/// nevertheless: a refused subscription, earlier connections that ended one like the other. An attempt that is still
/// under way is judged like one that stands.
pub fn diagnose(profile: &Profile, account: &Account) -> Diagnosis {
    let attempt = &account.attempt;
    // Where two stages failed, as when a subscription ends the connection, the earlier one is to blame.
    let of = |verdict| attempt.stages.iter().filter(move |record| record.verdict == verdict);
    let failed = of(StageVerdict::Failed).map(|record| record.stage).min();
    let cancelled = of(StageVerdict::Cancelled).map(|record| record.stage).min();
    let none = UserError::new(ErrorCode::Internal, "");
    let fixes = Fixes::new(profile, account);
    let error = attempt.error.as_ref().unwrap_or(&none);
    if error.code == ErrorCode::Cancelled || (attempt.error.is_none() && cancelled.is_some()) {
        let stage = cancelled.or(failed);
        return Diagnosis {
            verdict: Verdict::Cancelled,
            stage,
            causes: Vec::new(),
            fixes: Vec::new(),
        };
    }
    let is_failed = attempt.error.is_some() || failed.is_some();
    let last = attempt.stages.last().map(|record| record.stage);
    let stage = failed.or(last).filter(|_| is_failed).map(|stage| blamed(stage, error.code));
    let case = Case { profile, account, facts: &account.facts, error, stage, fixes };
    let found = if is_failed { case.causes() } else { case.noticed() };
    let verdict = if is_failed { Verdict::Failed } else { Verdict::Ok };
    told(verdict, stage, found)
}

/// TLS 1.3 judges the client certificate after the handshake, in place of what the next stage waits for: TLS is to blame.
fn blamed(stage: ConnectStage, code: ErrorCode) -> ConnectStage {
    let late = matches!(stage, ConnectStage::WebSocket | ConnectStage::Mqtt);
    if late && code.as_str().starts_with("tls.") { ConnectStage::Tls } else { stage }
}

/// All that a rule looks at.
pub(crate) struct Case<'a> {
    pub(crate) profile: &'a Profile,
    pub(crate) account: &'a Account,
    pub(crate) facts: &'a Facts,
    pub(crate) error: &'a UserError,
    /// Where it ended.
    pub(crate) stage: Option<ConnectStage>,
    pub(crate) fixes: Fixes<'a>,
}

/// A cause with what can be done about it.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    pub(crate) code: CauseCode,
    details: BTreeMap<String, String>,
    fixes: Vec<Fix>,
}

impl Found {
    /// Adds a named fact; an empty one is written as a dash.
    pub(crate) fn with(mut self, name: &str, value: impl ToString) -> Self {
        let value = value.to_string();
        let value = if value.is_empty() { NONE.to_owned() } else { value };
        self.details.insert(name.to_owned(), value);
        self
    }

    /// Adds a fix, where it changes something.
    pub(crate) fn fix(mut self, fix: Option<Fix>) -> Self {
        self.fixes.extend(fix);
        self
    }

    /// Adds several, in their order.
    pub(crate) fn fixes(mut self, fixes: impl IntoIterator<Item = Option<Fix>>) -> Self {
        self.fixes.extend(fixes.into_iter().flatten());
        self
    }
}

impl Case<'_> {
    fn causes(&self) -> Vec<Found> {
        let mut found = settings::causes(self);
        let rules = [
            network::causes,
            proxy::causes,
            certificate::causes,
            tls::causes,
            websocket::causes,
            subscribe::causes,
            lost::causes,
            connack::causes,
            mqtt::causes,
        ];
        for rule in rules {
            if !found.is_empty() {
                return found;
            }
            found = rule(self);
        }
        if found.is_empty() { vec![self.unknown()] } else { found }
    }

    /// What a connection that stands shows nevertheless.
    fn noticed(&self) -> Vec<Found> {
        let mut found = subscribe::noticed(self);
        found.extend(over_time::patterns(self));
        found
    }

    fn unknown(&self) -> Found {
        let evidence = match self.detail("evidence") {
            "" => self.last_evidence(),
            evidence => evidence.to_owned(),
        };
        let message = self.error.message.trim_end_matches('.');
        let seen: Vec<&str> = [message, &evidence].into_iter().filter(|s| !s.is_empty()).collect();
        let seen = if seen.is_empty() { NONE.to_owned() } else { seen.join("; ") };
        self.found(CauseCode::Unknown)
            .with("evidence", seen)
            .with("error", self.error.code.as_str())
            .fix(self.fixes.advice(FixCode::ReadBrokerLog))
    }

    fn last_evidence(&self) -> String {
        let failed = self.account.attempt.stages.iter().rev();
        let failed = failed.into_iter().find(|record| record.verdict == StageVerdict::Failed);
        failed.map(|record| record.evidence.clone()).unwrap_or_default()
    }

    /// A cause with what all causes may speak of.
    pub(crate) fn found(&self, code: CauseCode) -> Found {
        let endpoint = &self.profile.endpoint;
        let mut details = BTreeMap::new();
        let mut add = |name: &str, value: String| details.insert(name.to_owned(), value);
        add("host", endpoint.host.clone());
        add("port", endpoint.port.to_string());
        add("scheme", endpoint.scheme.as_str().to_owned());
        if endpoint.scheme.is_websocket() {
            add("path", shown_path(&endpoint.path).to_owned());
        }
        Found { code, details, fixes: Vec::new() }
    }

    /// A cause that the error's own sentence belongs to.
    pub(crate) fn found_for_reason(&self, code: CauseCode) -> Found {
        let reason = match self.detail("reason") {
            "" => self.error.message.trim_end_matches('.'),
            reason => reason.trim_end_matches('.'),
        };
        self.found(code).with("reason", reason)
    }

    /// A cause whose reason is an error that the window has words for.
    pub(crate) fn found_for_error(&self, code: CauseCode) -> Found {
        self.found_for_reason(code).with("error", self.error.code.as_str())
    }

    /// A named fact of the error; empty where it has none of this name.
    pub(crate) fn detail(&self, name: &str) -> &str {
        self.error.details.get(name).map(String::as_str).unwrap_or_default()
    }

    /// Seconds since the Unix epoch at which the attempt began, by this machine's clock.
    pub(crate) fn now_s(&self) -> i64 {
        self.account.began_ms.div_euclid(1000)
    }
}

/// A path without its query, which often carries a token.
pub(crate) fn shown_path(path: &str) -> &str {
    path.split(['?', '#']).next().unwrap_or_default()
}

/// Seconds since the Unix epoch as `2026-11-21 10:00 UTC`; empty for a time that no calendar has.
pub(crate) fn day(seconds: i64) -> String {
    let time = jiff::Timestamp::from_second(seconds).ok();
    time.map(|time| time.strftime("%Y-%m-%d %H:%M UTC").to_string()).unwrap_or_default()
}

/// Puts what was found into words.
fn told(verdict: Verdict, stage: Option<ConnectStage>, found: Vec<Found>) -> Diagnosis {
    let several = found.len() > 1;
    let (mut all, mut lists) = (Vec::new(), Vec::new());
    for Found { code, details, fixes: its } in found {
        let apart = causes::apart(code).filter(|_| several);
        all.push(Cause {
            code,
            message: filled(causes::cause(code), &details),
            told_apart: apart.map(|template| filled(template, &details)).unwrap_or_default(),
            details,
        });
        lists.push(its.into_iter());
    }
    Diagnosis { verdict, stage, causes: all, fixes: in_turn(lists) }
}

/// The best fix of each cause before the second best of any; what two causes share once.
fn in_turn(mut lists: Vec<std::vec::IntoIter<Fix>>) -> Vec<Fix> {
    let mut fixes = Vec::<Fix>::new();
    loop {
        let round: Vec<Fix> = lists.iter_mut().filter_map(Iterator::next).collect();
        if round.is_empty() {
            return fixes;
        }
        for fix in round {
            if !fixes.contains(&fix) {
                fixes.push(fix);
            }
        }
    }
}
