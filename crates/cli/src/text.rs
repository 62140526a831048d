//! The report as text: each stage when it is over, and at the end what came of it.
//!
//! No colours: a mark and a word say the same to everybody, on every terminal and in a log.

use std::io::Write;

use mqttscope_diagnosis::{Cause, Diagnosis, Fix, FixCode, Report, Verdict};
use mqttscope_model::check::Weight;
use mqttscope_model::{ConnectStage, StageRecord, StageVerdict};

use crate::{clean, evidence, words};

/// How a stage ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mark {
    Running,
    Passed,
    Failed,
    Cancelled,
    Skipped,
}

/// A stage as it is shown.
pub(crate) struct Stage<'a> {
    pub(crate) stage: ConnectStage,
    pub(crate) mark: Mark,
    /// Milliseconds; none where it did not come so far.
    pub(crate) ms: Option<f64>,
    pub(crate) evidence: &'a str,
}

/// All stages of a diagnosis: those that were, and those that would have followed.
pub(crate) fn stages(report: &Report) -> Vec<Stage<'_>> {
    let account = report.account.as_ref();
    let records = account.map(|account| account.attempt.stages.as_slice()).unwrap_or_default();
    let mut stages: Vec<_> = records.iter().map(shown).collect();
    let last = stages.last().map(|stage| stage.stage);
    let scheme = report.endpoint.scheme;
    let follows = |stage: &ConnectStage| match stage {
        ConnectStage::Settings | ConnectStage::Proxy => false,
        ConnectStage::Tls => scheme.is_tls(),
        ConnectStage::WebSocket => scheme.is_websocket(),
        ConnectStage::Subscribe => report.options.subscribe,
        ConnectStage::Staying => report.options.stay,
        ConnectStage::Name | ConnectStage::Tcp | ConnectStage::Mqtt => true,
    };
    let missing = ConnectStage::ALL.into_iter().filter(|stage| Some(*stage) > last);
    stages.extend(missing.filter(follows).map(|stage| Stage {
        stage,
        mark: Mark::Skipped,
        ms: None,
        evidence: "",
    }));
    stages
}

fn shown(record: &StageRecord) -> Stage<'_> {
    let mark = match record.verdict {
        StageVerdict::Running => Mark::Running,
        StageVerdict::Passed => Mark::Passed,
        StageVerdict::Failed => Mark::Failed,
        StageVerdict::Cancelled => Mark::Cancelled,
    };
    #[expect(clippy::cast_precision_loss, reason = "no stage takes 285 years")]
    let ms = record.took_us as f64 / 1_000.0;
    Stage { stage: record.stage, mark, ms: Some(ms), evidence: &record.evidence }
}

/// Prints a report as it grows.
pub(crate) struct Printer<W> {
    out: W,
    /// The stages that are printed.
    printed: usize,
    begun: bool,
    /// It was said that staying takes its time.
    announced: bool,
}

impl<W: Write> Printer<W> {
    pub(crate) fn new(out: W) -> Self {
        Self { out, printed: 0, begun: false, announced: false }
    }

    /// Prints what is over since the last time.
    pub(crate) fn grown(&mut self, report: &Report) {
        if !self.begun {
            self.begun = true;
            self.line(&format!("{}\n", clean::line(&report.endpoint.to_string())));
        }
        let over = |stage: &Stage<'_>| !matches!(stage.mark, Mark::Running | Mark::Skipped);
        let stages = stages(report);
        for stage in stages.iter().skip(self.printed).take_while(|stage| over(stage)) {
            // All that is odd is known before the first stage is over.
            if self.printed == 0 {
                self.problems(report);
            }
            self.stage(stage);
        }
        let waits = |stage: &&Stage<'_>| {
            stage.mark == Mark::Running && stage.stage == ConnectStage::Staying
        };
        if !self.announced && stages.iter().any(|stage| waits(&stage)) {
            self.announced = true;
            self.line("  … two keep-alive cycles are waited for; Ctrl-C ends them");
        }
    }

    /// Prints the rest.
    pub(crate) fn over(&mut self, report: &Report) {
        self.grown(report);
        for stage in stages(report).iter().skip(self.printed) {
            self.stage(stage);
        }
        let seen = report.account.iter().flat_map(|account| evidence::lines(&account.facts));
        for (number, line) in seen.enumerate() {
            if number == 0 {
                self.line("\nWhat was seen:");
            }
            self.line(&clean::line(&format!("  {line}")));
        }
        match &report.diagnosis {
            None => self.line("\nINTERRUPTED"),
            Some(diagnosis) => self.judgement(diagnosis),
        }
    }

    fn problems(&mut self, report: &Report) {
        for problem in &report.problems {
            let weight = match problem.weight {
                Weight::Error => "error",
                Weight::Warning => "warning",
            };
            let words = words::problem(problem);
            self.line(&clean::line(&format!("  ! {weight:<9} {}: {words}", problem.field)));
        }
        if !report.problems.is_empty() {
            self.line("");
        }
    }

    fn stage(&mut self, stage: &Stage<'_>) {
        self.printed += 1;
        let (mark, word) = match stage.mark {
            Mark::Running => ('…', "running"),
            Mark::Passed => ('✓', "passed"),
            Mark::Failed => ('✗', "failed"),
            Mark::Cancelled => ('–', "cancelled"),
            Mark::Skipped => ('–', "skipped"),
        };
        let ms = stage.ms.map_or_else(String::new, |ms| format!("{ms:.1} ms"));
        let (name, evidence) = (name(stage.stage), clean::line(stage.evidence));
        let line = format!("  {mark} {word:<9} {name:<10} {ms:>11}  {evidence}");
        self.line(line.trim_end());
    }

    fn judgement(&mut self, diagnosis: &Diagnosis) {
        let Diagnosis { verdict, stage, causes, fixes } = diagnosis;
        match verdict {
            Verdict::Ok => self.line("\nOK: the broker can be used."),
            Verdict::Cancelled => return self.line("\nCANCELLED"),
            Verdict::Failed => match stage {
                Some(stage) => self.line(&format!("\nFAILED at {}", name(*stage))),
                None => self.line("\nFAILED"),
            },
        }
        if *verdict == Verdict::Failed && causes.len() > 1 {
            self.line("Several causes fit, the likeliest first:");
        } else if *verdict == Verdict::Ok && !causes.is_empty() {
            self.line("Noticed nevertheless:");
        }
        for cause in causes {
            self.cause(cause);
        }
        if !fixes.is_empty() {
            self.line("\nWhat to do:");
        }
        for (number, fix) in (1..).zip(fixes) {
            self.fix(number, fix);
        }
    }

    fn cause(&mut self, cause: &Cause) {
        let Cause { code, message, told_apart, .. } = cause;
        self.line(&clean::line(&format!("  {message} [{}]", code.as_str())));
        if !told_apart.is_empty() {
            self.line(&clean::line(&format!("    To tell: {told_apart}")));
        }
    }

    fn fix(&mut self, number: u32, fix: &Fix) {
        let how = if fix.code == FixCode::TryOtherSchemes { " (--full does it)" } else { "" };
        self.line(&clean::line(&format!("  {number}. {}{how}", fix.message)));
        for change in &fix.changes {
            let (before, after) = (&change.before, &change.after);
            self.line(&clean::line(&format!("       {}: {before} -> {after}", change.field)));
        }
    }

    fn line(&mut self, line: &str) {
        // Who reads it may have gone, which is no error of ours.
        _ = writeln!(self.out, "{line}");
    }
}

fn name(stage: ConnectStage) -> &'static str {
    match stage {
        ConnectStage::Settings => "Settings",
        ConnectStage::Name => "Name",
        ConnectStage::Tcp => "TCP",
        ConnectStage::Proxy => "Proxy",
        ConnectStage::Tls => "TLS",
        ConnectStage::WebSocket => "WebSocket",
        ConnectStage::Mqtt => "MQTT",
        ConnectStage::Subscribe => "Subscribe",
        ConnectStage::Staying => "Staying",
    }
}
