//! A program of Node.js that stores what comes.

use acceptance::bench::{Child, Figure, Outcome, Report, Sent, node, with_packages};
use serde_json::Value;

use super::{common, number, paced};

const WHO: &str = "Node, better-sqlite3";

/// Receives at the pace, as far as it can.
pub(crate) fn receive(messages: u64, pace: u64) -> Outcome<(Sent, Value)> {
    let folder = with_packages("node-store", &["mqtt@5", "better-sqlite3@12"])?;
    let file = tempfile::tempdir()?;
    paced(messages, pace, |port| {
        let mut program = node(&folder, "store.cjs", include_str!("store.cjs"))?;
        let database = file.path().join("messages.sqlite");
        program.arg(port.to_string()).arg("bench/sustain").arg(messages.to_string()).arg(database);
        let mut child = Child::start(&mut program)?;
        let said = child.told()?;
        child.finish()?;
        Ok(said)
    })
}

/// Puts what it said into the report.
pub(crate) fn figures(
    report: &mut Report,
    messages: u64,
    pace: u64,
    sent: Sent,
    run: &Value,
) -> Outcome<()> {
    let took = number(run, "took_s")?;
    let cpu = number(run, "cpu_s")?;
    common(report, WHO, messages, pace, sent, None);
    report.add(Figure::of(WHO, "stored", messages as f64 / took, "1/s"));
    report.add(Figure::of(WHO, "CPU per message", cpu * 1e6 / messages as f64, "µs"));
    report.add(Figure::of(WHO, "lost", messages as f64 - number(run, "stored")?, "messages"));
    Ok(())
}
