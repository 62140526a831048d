//! What receiving costs: ours, which stores everything, beside two that store nothing.
//!
//! A fake broker in this process sends 1,000,000 PUBLISH packets of 64 bytes to one subscriber at a
//! time: our engine with its history on (this executable again, as a child), `mosquitto_sub` into
//! the void, and MQTT.js with an empty handler. Each is a process of its own, so that its CPU time is
//! the operating system's figure and not a guess. The subscribers take turns, and the median of the
//! rounds counts, because the machine is shared. Ours then reads its history back and counts what is
//! lost or out of order.

#[cfg(unix)]
mod broker;
#[cfg(unix)]
mod ours;
#[cfg(unix)]
mod report;
#[cfg(unix)]
mod subscribers;

/// Messages in one run.
#[cfg(unix)]
pub(crate) const MESSAGES: u64 = 1_000_000;

/// Bytes of each payload; the first eight are the message's number.
#[cfg(unix)]
pub(crate) const PAYLOAD: usize = 64;

/// How often each subscriber runs.
#[cfg(unix)]
const ROUNDS: usize = 3;

#[cfg(unix)]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().collect();
    if let Some(at) = arguments.iter().position(|argument| argument == ours::ARGUMENT) {
        return ours::receive(&arguments[at + 1..]);
    }
    let mut report = report::Report::default();
    for qos in [0, 1] {
        for round in 1..=ROUNDS {
            for subscriber in subscribers::all()? {
                eprintln!("QoS {qos}, round {round} of {ROUNDS}: {}", subscriber.name());
                let broker = broker::Broker::listen(qos)?;
                let run = subscriber.run(broker.port(), qos)?;
                let sent = broker.finish()?;
                report.add(subscriber.name(), qos, run, sent);
            }
        }
    }
    report.print();
    report.write()
}

#[cfg(not(unix))]
fn main() {
    eprintln!("This bench reads the CPU time of child processes, which it can do on Unix only.");
}
