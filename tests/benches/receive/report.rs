//! What the runs come to, and where our time goes.

use std::collections::BTreeMap;

use acceptance::bench::{Figure, Report, Sent, median};
use serde_json::{Value, json};

use super::subscribers::{MOSQUITTO_SUB, MQTT_JS, OURS, READER, Run, Subscriber, UNTAPED};

/// All runs, by QoS and subscriber.
pub(crate) struct Runs {
    messages: f64,
    all: BTreeMap<(u8, &'static str), Vec<Once>>,
}

struct Once {
    per_second: f64,
    cpu_us: f64,
    writer_us: Option<f64>,
    lost: Option<u64>,
    out_of_order: Option<u64>,
}

impl Runs {
    pub(crate) fn new(messages: u64) -> Self {
        Self { messages: messages as f64, all: BTreeMap::new() }
    }

    pub(crate) fn add(&mut self, who: &Subscriber, qos: u8, run: Run, sent: Sent) {
        let messages = self.messages;
        self.all.entry((qos, who.name())).or_default().push(Once {
            per_second: messages / sent.took.as_secs_f64(),
            cpu_us: run.cpu.as_secs_f64() * 1e6 / messages,
            writer_us: run.writer.map(|writer| writer.as_secs_f64() * 1e6 / messages),
            lost: run.lost,
            out_of_order: run.out_of_order,
        });
    }

    fn cpu(&self, qos: u8, who: &str) -> Option<f64> {
        let (_, runs) = self.all.iter().find(|((q, name), _)| (*q, *name) == (qos, who))?;
        Some(median(runs.iter().map(|run| run.cpu_us)))
    }

    pub(crate) fn put_into(&self, report: &mut Report) {
        for ((qos, who), runs) in &self.all {
            let per_second = median(runs.iter().map(|run| run.per_second));
            report.add(Figure::of(
                *who,
                format!("messages per second, QoS {qos}"),
                per_second,
                "1/s",
            ));
            let cpu = median(runs.iter().map(|run| run.cpu_us));
            let rounds: Vec<f64> = runs.iter().map(|run| run.cpu_us).collect();
            let cost = Figure::of(*who, format!("CPU per message, QoS {qos}"), cpu, "µs")
                .with("rounds", json!(rounds));
            if !OURS.iter().any(|(name, ..)| name == who) {
                report.add(cost);
                continue;
            }
            report.add(match self.cpu(*qos, MOSQUITTO_SUB) {
                Some(limit) => cost.at_most(limit),
                None => cost,
            });
            let theirs = MQTT_JS.iter().find(|(_, ours, _)| ours == who);
            if let Some(theirs) = theirs.and_then(|(theirs, ..)| self.cpu(*qos, theirs)) {
                let what = format!("CPU per message by that of MQTT.js, QoS {qos}");
                report.add(Figure::of(*who, what, cpu / theirs, "times").at_most(0.5));
            }
            type Count = fn(&Once) -> Option<u64>;
            let counts: [(&str, Count); 2] = [
                ("lost messages", |run| run.lost),
                ("messages out of order", |run| run.out_of_order),
            ];
            for (what, of) in counts {
                if let Some(most) = runs.iter().filter_map(of).max() {
                    let what = format!("{what}, QoS {qos}");
                    report.add(Figure::of(*who, what, most as f64, "messages").exactly(0.0));
                }
            }
        }
        for qos in [0, 1] {
            self.packets(qos, report);
        }
        let profiles: Vec<Value> =
            [0, 1].iter().flat_map(|qos| self.profiles(*qos, report)).collect();
        report.attach("profile", profiles);
    }

    /// What taking packets down costs. Whatever else the machine does only adds to a run, and is as large as this cost: so
    /// the least of all rounds are compared.
    fn packets(&self, qos: u8, report: &mut Report) {
        let least = |who: &str| {
            let runs = self.all.iter().find(|((q, name), _)| (*q, *name) == (qos, who))?.1;
            runs.iter().map(|run| run.cpu_us).min_by(f64::total_cmp)
        };
        for (off, on, _) in UNTAPED {
            if let (Some(without), Some(with)) = (least(off), least(on)) {
                let what = format!("CPU per message by that without packets, QoS {qos}");
                report.add(Figure::of(on, what, with / without, "times").at_most(1.15));
            }
        }
    }

    /// Where the time of each of ours goes: each part less the one before it.
    fn profiles(&self, qos: u8, report: &mut Report) -> Vec<Value> {
        let mut profiles = Vec::new();
        for (who, session, _) in OURS {
            let (Some(all), Some(session), Some(socket)) =
                (self.cpu(qos, who), self.cpu(qos, session), self.cpu(qos, READER))
            else {
                continue;
            };
            let writers = self.all.get(&(qos, who)).into_iter().flatten();
            let writer = median(writers.filter_map(|run| run.writer_us));
            let answers = if qos > 0 { ", answers" } else { "" };
            let parts = [
                (format!("socket{answers}"), socket),
                ("packets, MQTT library, session".to_owned(), session - socket),
                ("queue, telling of it, and waking".to_owned(), all - session - writer),
                ("writer: SQLite, index".to_owned(), writer),
            ];
            for (what, value) in &parts {
                let what = format!("of which {what}, QoS {qos}");
                report.add(Figure::of(who, what, *value, "µs"));
            }
            let parts: Vec<Value> =
                parts.iter().map(|(what, us)| json!({ "what": what, "us": us })).collect();
            profiles.push(json!({ "who": who, "qos": qos, "all_us": all, "parts": parts }));
        }
        profiles
    }
}
