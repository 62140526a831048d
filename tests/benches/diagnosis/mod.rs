//! What is said of each fault of the catalogue: by us, by `mosquitto_sub -d`, and by MQTT.js; and what it costs a
//! connection that works to be watched.
//!
//! Each of the three meets the fault alone, made anew for it, with the same settings. The rule for "names the cause":
//! ours does where the cause's code is the expected one (first, or among those that are told apart where the evidence
//! fits two); another client does where its output of five seconds holds one of the words that the catalogue has for
//! the fault, which are chosen so that any wording that points there counts (`ENOTFOUND`, `expired`, `404`). Where a
//! client connects nevertheless, or has no such setting (mosquitto_sub no WebSocket, MQTT.js no proxy), the fault is
//! not counted for it. Arguments choose faults by a part of their names; `--connect` measures the cost alone.

mod connect;
mod mosquitto_sub;
mod mqtt_js;
mod ours;
mod record;
mod report;

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use acceptance::bench::Arguments;
use acceptance::faults::{Row, catalogue};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use report::{Line, Report};

/// How long another client may try.
pub(crate) const PATIENCE: Duration = Duration::from_secs(5);

/// How many faults are met at a time: they mostly wait.
const AT_ONCE: usize = 6;

/// What another client made of a fault.
pub(crate) enum Told {
    /// What it said, as it ended.
    Said(String),
    /// It connected: it does not have the fault.
    Connected,
    /// It has no such setting.
    NotComparable(&'static str),
}

pub(crate) fn bench() -> Result<(), Box<dyn Error>> {
    let arguments = Arguments::of_process();
    let words = arguments.words();
    let names: Vec<&String> = words.iter().filter(|word| !word.starts_with("--")).collect();
    let only_connect = words.iter().any(|word| word == "--connect");
    let chosen = |row: &Row| {
        !only_connect && (names.is_empty() || names.iter().any(|name| row.name.contains(*name)))
    };
    let rows: Vec<Row> = catalogue().into_iter().filter(chosen).collect();
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(async {
        let mut written = acceptance::bench::Report::new("diagnosis", &arguments);
        let mut report = Report::default();
        // First, while the machine is quiet.
        if names.is_empty() {
            report.costs = connect::measure().await?;
        }
        report.lines = meet_all(rows).await;
        report.print();
        // A part does not replace the whole.
        if names.is_empty() && !only_connect {
            report.put_into(&mut written);
            written.write()?;
        }
        Ok(())
    })
}

/// Meets all faults, some at a time; the lines come in the order of the catalogue.
async fn meet_all(rows: Vec<Row>) -> Vec<Line> {
    let places = Arc::new(Semaphore::new(AT_ONCE));
    let mut running = JoinSet::new();
    for (number, row) in rows.into_iter().enumerate() {
        let places = Arc::clone(&places);
        running.spawn(async move {
            let _place = places.acquire_owned().await;
            eprintln!("{}", row.name);
            (number, meet(row).await)
        });
    }
    let mut lines = running.join_all().await;
    lines.sort_by_key(|(number, _)| *number);
    lines.into_iter().map(|(_, line)| line).collect()
}

async fn meet(row: Row) -> Line {
    let ours = ours::meet(row).await;
    let fault = (row.make)().await;
    let mosquitto = mosquitto_sub::meet(&fault).await;
    let fault = (row.make)().await;
    let mqtt_js = mqtt_js::meet(&fault).await;
    Line { name: row.name, cause: fault.cause, words: fault.words, ours, mosquitto, mqtt_js }
}
