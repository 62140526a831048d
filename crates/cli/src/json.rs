//! The report as one JSON document.

use mqttscope_diagnosis::{Cause, CauseCode, DiagnosisOptions, Fix, Report, Verdict};
use mqttscope_model::check::Problem;
use mqttscope_model::{ConnectStage, Facts, PastConnection, UserError};
use serde::Serialize;

use crate::text::{self, Mark};

/// What is printed. Fields are added and never renamed.
#[derive(Serialize)]
struct Document<'a> {
    verdict: Option<Verdict>,
    /// Where it failed.
    stage: Option<ConnectStage>,
    /// The likeliest cause's stable name.
    code: Option<CauseCode>,
    /// It in one sentence.
    cause: Option<&'a str>,
    fixes: &'a [Fix],
    stages: Vec<Stage<'a>>,
    /// All causes that fit, the likeliest first; with a good verdict what was noticed nevertheless.
    causes: &'a [Cause],
    address: String,
    options: DiagnosisOptions,
    problems: &'a [Problem],
    error: Option<&'a UserError>,
    began_ms: Option<i64>,
    facts: Option<&'a Facts>,
    past: &'a [PastConnection],
}

#[derive(Serialize)]
struct Stage<'a> {
    stage: ConnectStage,
    verdict: &'static str,
    ms: Option<f64>,
    evidence: &'a str,
}

/// The document, over several lines.
pub(crate) fn document(report: &Report) -> String {
    let diagnosis = report.diagnosis.as_ref();
    let account = report.account.as_ref();
    let causes = diagnosis.map(|diagnosis| diagnosis.causes.as_slice()).unwrap_or_default();
    let failed = diagnosis.is_some_and(|diagnosis| diagnosis.verdict == Verdict::Failed);
    let first = causes.first().filter(|_| failed);
    let document = Document {
        verdict: diagnosis.map(|diagnosis| diagnosis.verdict),
        stage: diagnosis.and_then(|diagnosis| diagnosis.stage),
        code: first.map(|cause| cause.code),
        cause: first.map(|cause| cause.message.as_str()),
        fixes: diagnosis.map(|diagnosis| diagnosis.fixes.as_slice()).unwrap_or_default(),
        stages: text::stages(report).into_iter().map(Stage::from).collect(),
        causes,
        address: report.endpoint.to_string(),
        options: report.options,
        problems: &report.problems,
        error: account.and_then(|account| account.attempt.error.as_ref()),
        began_ms: account.map(|account| account.began_ms),
        facts: account.map(|account| &account.facts),
        past: account.map(|account| account.past.as_slice()).unwrap_or_default(),
    };
    serde_json::to_string_pretty(&document).unwrap_or_default()
}

impl<'a> From<text::Stage<'a>> for Stage<'a> {
    fn from(stage: text::Stage<'a>) -> Self {
        let verdict = match stage.mark {
            Mark::Running => "running",
            Mark::Passed => "passed",
            Mark::Failed => "failed",
            Mark::Cancelled => "cancelled",
            Mark::Skipped => "skipped",
        };
        Self { stage: stage.stage, verdict, ms: stage.ms, evidence: stage.evidence }
    }
}
