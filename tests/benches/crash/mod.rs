//! Fifty kills at random moments, under 20,000 messages a second at QoS 1.
//!
//! The victim is this executable again: a headless engine whose session outlives its connection, at a real mosquitto. What
//! is done to it, and what is read afterwards, is in `acceptance::bench::crash`, which a test of three kills uses too.
//!
//! `--quick` kills five times; `--kills <n>`, `--pace <messages a second>`, `--seed <n>` and `--311` change the plan.

use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use acceptance::bench::crash::{Plan, Remains, run, victim};
use acceptance::bench::{Arguments, Child, Figure, Outcome, Report, median, percentile};

/// The argument that makes this executable the victim.
const VICTIM: &str = "--victim";

const KILLS: u32 = 50;
const PACE: u64 = 20_000;

/// The longest life: from the start of the process, so that some end before they have opened anything.
const LIFE: Duration = Duration::from_millis(2_500);

pub(crate) fn bench() -> Outcome<()> {
    let arguments = Arguments::of_process();
    if let Some([folder, port, version]) = arguments.after(VICTIM) {
        return victim(Path::new(folder), port.parse()?, version);
    }
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
    let plan = Plan {
        kills: arguments.number("--kills", if arguments.quick() { 5 } else { KILLS })?,
        life: LIFE,
        pace: arguments.number("--pace", PACE)?,
        version: if arguments.has("--311") { "3.1.1" } else { "5.0" },
        seed: arguments.number("--seed", now)?,
    };
    let mut report = Report::new("crash", &arguments);
    eprintln!("{} kills of a session of MQTT {}, seed {}", plan.kills, plan.version, plan.seed);
    let remains = run(&plan, |folder, port| {
        let folder = folder.to_string_lossy();
        Child::again(&[VICTIM, &folder, &port.to_string(), plan.version])
    })?;
    figures(&mut report, &plan, &remains);
    report.attach("seed", plan.seed);
    report.attach("version", plan.version);
    report.print();
    report.write()
}

fn figures(report: &mut Report, plan: &Plan, remains: &Remains) {
    let mut count = |what: &str, value: u64, wanted: Option<u64>| {
        let figure = Figure::ours(what, value as f64, "");
        report.add(match wanted {
            Some(wanted) => figure.exactly(wanted as f64),
            None => figure,
        });
    };
    count("kills", plan.kills.into(), None);
    count("of those, before the history was open", remains.before_open, None);
    count("of those, before it was connected", remains.before_connected, None);
    count("messages that the broker acknowledged", remains.published, None);
    count("of those, lost", remains.lost, Some(0));
    count("damaged histories", remains.damaged, Some(0));
    count("faults that SQLite finds in the file", (remains.verdict != "ok").into(), Some(0));
    count("rows twice", remains.duplicates, None);
    count("rows twice without DUP", remains.unmarked_duplicates, Some(0));
    count("messages out of order", remains.out_of_order, Some(0));
    let paced = Figure::ours("paced", remains.pace, "1/s");
    report.add(paced.at_least(0.95 * plan.pace as f64));
    for (what, times) in [
        ("start to newest rows", &remains.opened_ms),
        ("start to connected", &remains.connected_ms),
    ] {
        let all = || times.iter().copied();
        report.add(Figure::ours(format!("{what}, p50"), median(all()), "ms"));
        report.add(Figure::ours(format!("{what}, most"), percentile(all(), 1.0), "ms"));
    }
}
