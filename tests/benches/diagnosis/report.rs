//! The Markdown table on the screen and the JSON under `target/bench/`.

use acceptance::bench::{self, Figure};
use serde_json::{Value, json};

use super::Told;
use super::connect::Cost;
use super::ours::Ours;

/// One fault, and what was said of it.
pub(crate) struct Line {
    pub(crate) name: &'static str,
    /// The expected cause.
    pub(crate) cause: &'static str,
    /// By which words another client names it.
    pub(crate) words: &'static [&'static str],
    pub(crate) ours: Ours,
    pub(crate) mosquitto: Told,
    pub(crate) mqtt_js: Told,
}

/// All that the bench found.
#[derive(Default)]
pub(crate) struct Report {
    pub(crate) lines: Vec<Line>,
    pub(crate) costs: Vec<Cost>,
}

/// How many causes somebody named, of how many.
#[derive(Default)]
struct Score {
    named: usize,
    of: usize,
}

impl Line {
    /// Whether another client named the cause; none where that cannot be compared.
    fn named(&self, told: &Told) -> Option<bool> {
        let Told::Said(said) = told else { return None };
        let said = said.to_lowercase();
        (!self.words.is_empty()).then(|| self.words.iter().any(|word| said.contains(word)))
    }

    fn others(&self) -> [(&'static str, &Told); 2] {
        [("mosquitto_sub", &self.mosquitto), ("MQTT.js", &self.mqtt_js)]
    }
}

impl Report {
    fn scores(&self) -> Vec<(&'static str, Score)> {
        let ours = Score {
            named: self.lines.iter().filter(|line| line.ours.named).count(),
            of: self.lines.len(),
        };
        let mut scores = vec![("mqttscope", ours)];
        for index in 0..2 {
            let mut score = Score::default();
            for line in &self.lines {
                let (_, told) = line.others()[index];
                if let Some(named) = line.named(told) {
                    score.of += 1;
                    score.named += usize::from(named);
                }
            }
            scores.push((["mosquitto_sub", "MQTT.js"][index], score));
        }
        scores
    }

    /// Prints everything as Markdown.
    pub(crate) fn print(&self) {
        if !self.lines.is_empty() {
            println!("| fault | mqttscope | mosquitto_sub -d | MQTT.js |\n|---|---|---|---|");
        }
        for line in &self.lines {
            let own = &line.ours;
            let codes =
                if own.causes.is_empty() { "nothing".into() } else { own.causes.join(", ") };
            let wanted =
                if own.named { String::new() } else { format!(" (expected {})", line.cause) };
            let others = line.others().map(|(_, told)| match (told, line.named(told)) {
                (Told::Connected, _) => "– connects".to_owned(),
                (Told::NotComparable(why), _) => format!("– {why}"),
                (Told::Said(said), None) => format!("– {}", last_lines(said)),
                (Told::Said(said), Some(named)) => format!("{} {}", mark(named), last_lines(said)),
            });
            println!(
                "| {} | {} `{codes}`{wanted} {} | {} | {} |",
                line.name.replace('_', " "),
                mark(own.named),
                cell(&own.sentence),
                others[0],
                others[1],
            );
        }
        println!();
        for (who, Score { named, of }) in self.scores() {
            println!("{who} names {named} of {of} causes");
        }
        let mended = self.lines.iter().filter(|line| line.ours.mended).count();
        println!("mqttscope offers the expected fix first for {mended} of {}", self.lines.len());
        for cost in &self.costs {
            println!(
                "{}: connected after {} µs, of which the record {} µs ({:+.1} %); bare sockets {} µs ({:+.1} %)",
                cost.scheme.as_str(),
                cost.watched.as_micros(),
                cost.record.as_micros(),
                cost.percent(),
                cost.bare.as_micros(),
                cost.over_bare(),
            );
        }
    }

    /// Puts the figures into what is written to `target/bench/diagnosis.json`.
    pub(crate) fn put_into(&self, report: &mut bench::Report) {
        for (who, Score { named, of }) in self.scores() {
            let figure = Figure::of(who, "causes named", named as f64, "faults").with("of", of);
            report.add(if who == "mqttscope" { figure.at_least(of as f64) } else { figure });
        }
        for cost in &self.costs {
            let scheme = cost.scheme.as_str();
            let what = format!("the record's part of the connect time, {scheme}");
            let micros = |time: std::time::Duration| time.as_micros() as u64;
            let part = Figure::ours(what, cost.percent(), "%").at_most(5.0);
            let part = part.with("watched_us", micros(cost.watched));
            report.add(part.with("record_us", micros(cost.record)));
            let what = format!("connect time over bare sockets, {scheme}");
            let over = Figure::ours(what, cost.over_bare(), "%");
            report.add(over.with("bare_us", micros(cost.bare)));
        }
        let faults: Vec<Value> = self.lines.iter().map(as_json).collect();
        report.attach("faults", faults);
    }
}

fn as_json(line: &Line) -> Value {
    let others = line.others().map(|(who, told)| {
        let (said, why) = match told {
            Told::Said(said) => (Some(said), None),
            Told::Connected => (None, Some("connects")),
            Told::NotComparable(why) => (None, Some(*why)),
        };
        json!({ "who": who, "named": line.named(told), "said": said, "not_comparable": why })
    });
    json!({
        "fault": line.name, "cause": line.cause, "words": line.words,
        "mqttscope": { "named": line.ours.named, "causes": line.ours.causes,
            "sentence": line.ours.sentence, "fix": line.ours.fix, "fix_expected": line.ours.mended },
        "others": others,
    })
}

fn mark(named: bool) -> char {
    if named { '✓' } else { '✗' }
}

/// The end of an output, short enough for a table; what a client says again and again, once.
fn last_lines(said: &str) -> String {
    let mut lines: Vec<&str> = Vec::new();
    for line in said.lines().map(str::trim).filter(|line| !line.is_empty()) {
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    // MQTT.js repeats these for ever; they are shown where it says nothing else.
    let repeats = |line: &str| ["offline", "close", "reconnect", "end"].contains(&line);
    if lines.iter().any(|line| !repeats(line) && !line.starts_with('[')) {
        lines.retain(|line| !repeats(line));
    }
    let last = lines.len().saturating_sub(4);
    let text = cell(&lines[last..].join(" · "));
    let mut end = text.len().min(240);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    if end < text.len() { format!("{}…", &text[..end]) } else { text }
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}
