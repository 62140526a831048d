//! The table on the screen and the JSON under `target/bench/`.

use std::collections::BTreeMap;
use std::error::Error;
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::MESSAGES;
use crate::broker::Sent;
use crate::subscribers::Run;

/// All runs, by QoS and subscriber.
#[derive(Default)]
pub(crate) struct Report(BTreeMap<(u8, &'static str), Vec<Figures>>);

struct Figures {
    per_second: f64,
    cpu_us: f64,
    lost: Option<u64>,
    out_of_order: Option<u64>,
}

/// The folder of bench results.
pub(crate) fn folder() -> PathBuf {
    match std::env::var_os("MQTTSCOPE_BENCH_FOLDER") {
        Some(folder) => folder.into(),
        None => std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/bench"),
    }
}

impl Report {
    pub(crate) fn add(&mut self, who: &'static str, qos: u8, run: Run, sent: Sent) {
        let messages = MESSAGES as f64;
        self.0.entry((qos, who)).or_default().push(Figures {
            per_second: messages / sent.took.as_secs_f64(),
            cpu_us: run.cpu.as_secs_f64() * 1e6 / messages,
            lost: run.lost,
            out_of_order: run.out_of_order,
        });
    }

    pub(crate) fn print(&self) {
        println!(
            "{:<22} {:>3} {:>12} {:>15} {:>6} {:>13}",
            "who", "QoS", "messages/s", "CPU µs/message", "lost", "out of order"
        );
        for ((qos, who), runs) in &self.0 {
            let count =
                |value: Option<u64>| value.map_or("-".to_owned(), |value| value.to_string());
            println!(
                "{who:<22} {qos:>3} {:>12.0} {:>15.2} {:>6} {:>13}",
                median(runs, |run| run.per_second),
                median(runs, |run| run.cpu_us),
                count(most(runs, |run| run.lost)),
                count(most(runs, |run| run.out_of_order)),
            );
        }
    }

    pub(crate) fn write(&self) -> Result<(), Box<dyn Error>> {
        let mut figures = Vec::new();
        for ((qos, who), runs) in &self.0 {
            let cpu = median(runs, |run| run.cpu_us);
            figures.push(figure(
                who,
                *qos,
                "messages per second",
                median(runs, |run| run.per_second),
                "1/s",
            ));
            let mut cost = figure(who, *qos, "CPU per message", cpu, "µs");
            if let (true, Some(others)) =
                (who.starts_with("mqttscope"), self.0.get(&(*qos, "mosquitto_sub")))
            {
                let limit = median(others, |run| run.cpu_us);
                cost["limit"] = json!(limit);
                cost["holds"] = json!(cpu <= limit);
            }
            figures.push(cost);
            for (what, value) in [
                ("lost messages", most(runs, |run| run.lost)),
                ("messages out of order", most(runs, |run| run.out_of_order)),
            ] {
                if let Some(value) = value {
                    let mut figure = figure(who, *qos, what, value as f64, "messages");
                    figure["limit"] = json!(0);
                    figure["holds"] = json!(value == 0);
                    figures.push(figure);
                }
            }
        }
        let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
        let load: Option<f64> = load.split(' ').next().and_then(|load| load.parse().ok());
        let cores = std::thread::available_parallelism()?.get();
        let bench = json!({ "bench": "receive", "machine": { "cores": cores, "load": load }, "figures": figures });
        let path = folder().join("receive.json");
        std::fs::create_dir_all(folder())?;
        std::fs::write(&path, serde_json::to_vec_pretty(&bench)?)?;
        println!("written to target/bench/receive.json");
        Ok(())
    }
}

fn figure(who: &str, qos: u8, what: &str, value: f64, unit: &str) -> Value {
    json!({ "who": who, "what": format!("{what}, QoS {qos}"), "value": value, "unit": unit })
}

fn median(runs: &[Figures], value: impl Fn(&Figures) -> f64) -> f64 {
    let mut values: Vec<f64> = runs.iter().map(value).collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}

fn most(runs: &[Figures], value: impl Fn(&Figures) -> Option<u64>) -> Option<u64> {
    runs.iter().filter_map(value).max()
}
