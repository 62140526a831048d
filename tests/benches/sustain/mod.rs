//! 100,000 messages a second for a minute, stored all.
//!
//! A broker in this process sends at that pace over a loopback socket; the headless engine, a child, stores under a profile
//! as a user would save it. Every 2 ms the child asks its history how far it is, as a window may; afterwards the file is
//! read with SQLite alone. Since every row has the time at which it was read from the socket, both together give, without
//! a line in the engine: how long each message waited for the disk (to 2 ms, never too short), and how many waited
//! at each moment, so how long the queue was full. What broker and child take of the processor is told, because
//! both share it. A Node program, as one would write it (npm `mqtt`, `better-sqlite3`, a transaction for what has gathered),
//! stores at the same pace for a shorter time.
//!
//! `--quick` takes 3 s; `--pace <messages a second>` and `--seconds <n>` change the work, and then the report's name.

mod ours;
mod theirs;

use acceptance::bench::{
    Arguments, Broker, Figure, Flood, Outcome, Report, Sent, run_again, stamp,
};
use serde_json::Value;

/// Bytes of each payload.
const PAYLOAD: usize = 64;

/// What the issue asks for.
const PACE: u64 = 100_000;
const SECONDS: u64 = 60;
const FULL_MS: f64 = 100.0;

/// Where the machine reaches this part of the pace, it was paced.
const PACED: f64 = 0.99;

pub(crate) fn bench() -> Outcome<()> {
    let arguments = Arguments::of_process();
    if let Some(rest) = arguments.after(ours::ARGUMENT) {
        return ours::receive(rest);
    }
    let pace = arguments.number("--pace", PACE)?;
    let seconds = arguments.number("--seconds", if arguments.quick() { 3 } else { SECONDS })?;
    let mut report = Report::new("sustain", &arguments);
    let (messages, theirs) = (pace * seconds, pace * seconds.min(10));
    eprintln!("mqttscope: {messages} messages at {pace} a second");
    let (sent, run) = paced(messages, pace, |port| {
        run_again(&[ours::ARGUMENT, &port.to_string(), &messages.to_string()])
    })?;
    ours::figures(&mut report, messages, pace, sent, &run)?;
    eprintln!("Node with better-sqlite3: {theirs} messages at {pace} a second");
    match theirs::receive(theirs, pace) {
        Ok((sent, run)) => theirs::figures(&mut report, theirs, pace, sent, &run)?,
        // It is not ours, and npm may have no network.
        Err(error) => eprintln!("Node was not measured: {error}"),
    }
    report.print();
    report.write()
}

/// Sends at a pace to whoever `receive` starts.
fn paced<T>(
    messages: u64,
    pace: u64,
    receive: impl FnOnce(u16) -> Outcome<T>,
) -> Outcome<(Sent, T)> {
    let broker = Broker::listen(Flood {
        messages,
        qos: 0,
        pace: Some(pace),
        topic: Box::new(|_, topic| {
            topic.clear();
            topic.extend_from_slice(b"bench/sustain");
        }),
        payload: Box::new(|number, payload| stamp(number, PAYLOAD, payload)),
    })?;
    let run = receive(broker.port())?;
    Ok((broker.finish()?, run))
}

/// What is told of both: the pace, and who took how much of the processor.
fn common(report: &mut Report, who: &str, messages: u64, pace: u64, sent: Sent, cpu: Option<f64>) {
    let reached = messages as f64 / sent.took.as_secs_f64();
    let figure = Figure::of(who, "paced", reached, "1/s").with("asked", pace);
    report.add(figure.at_least(PACED * pace as f64));
    let seconds = sent.took.as_secs_f64();
    if let Some(cpu) = cpu {
        report.add(Figure::of(who, "CPU meanwhile", cpu / seconds * 100.0, "%"));
        report.add(Figure::of(who, "CPU per message", cpu * 1e6 / messages as f64, "µs"));
    }
    if let Some(cpu) = sent.cpu {
        let part = cpu.as_secs_f64() / seconds * 100.0;
        report.add(Figure::of("fake broker", format!("CPU while {who} received"), part, "%"));
    }
    let waited = sent.longest_wait.as_secs_f64() * 1e3;
    report.add(Figure::of(who, "longest wait of the broker for the connection", waited, "ms"));
}

/// A number of what a child said.
fn number(run: &Value, name: &str) -> Outcome<f64> {
    Ok(run[name].as_f64().ok_or_else(|| format!("{name} is missing"))?)
}
