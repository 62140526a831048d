//! What receiving costs: ours, which stores everything, beside two that store nothing.
//!
//! A fake broker in this process sends 1,000,000 PUBLISH packets of 64 bytes to one subscriber at a
//! time: our engine with its history on (this executable again, as a child), `mosquitto_sub` into
//! the void, and MQTT.js with an empty handler, in the same version. Each is a process of its own, so that its CPU time is
//! the operating system's figure and not a guess. The subscribers take turns, and the median of the
//! rounds counts, because the machine is shared. Ours then reads its history back and counts what is
//! lost or out of order.
//!
//! Where our time goes is told by two parts of ours that take turns with the rest: one that only reads the socket (and
//! answers, at QoS 1), and a session whose recorder keeps nothing. What a part takes more than the part before is what it
//! adds. The thread that writes the history is counted by the operating system. No profiler is needed, so the profile can be
//! had on any Linux.
//!
//! Ours takes down its packets for the timeline as it does in a window. It runs without that too, and must not take 15 %
//! more with it.
//!
//! `--quick` sends 100,000 packets, once.

mod ours;
mod parts;
mod report;
mod subscribers;

/// Bytes of each payload; the first eight are the message's number.
pub(crate) const PAYLOAD: usize = 64;

/// The Topic Name of every message.
pub(crate) const TOPIC: &str = "bench/receive";

/// Messages in one run, and how often each subscriber runs.
const WORK: (u64, usize) = (1_000_000, 5);
const QUICK: (u64, usize) = (100_000, 1);

pub(crate) fn bench() -> acceptance::bench::Outcome<()> {
    use acceptance::bench::{Arguments, Broker, Report};

    let arguments = Arguments::of_process();
    if let Some(rest) = arguments.after(ours::ARGUMENT) {
        return ours::receive(rest);
    }
    if let Some(rest) = arguments.after(parts::ARGUMENT) {
        return parts::receive(rest);
    }
    let mut report = Report::new("receive", &arguments);
    let (messages, rounds) = if arguments.quick() { QUICK } else { WORK };
    let mut runs = report::Runs::new(messages);
    for qos in [0, 1] {
        for round in 1..=rounds {
            for subscriber in subscribers::all()? {
                eprintln!("QoS {qos}, round {round} of {rounds}: {}", subscriber.name());
                let broker = Broker::listen(flood(messages, qos))?;
                let run = subscriber.run(broker.port(), qos, messages)?;
                let sent = broker.finish()?;
                runs.add(&subscriber, qos, run, sent);
            }
        }
    }
    runs.put_into(&mut report);
    report.print();
    report.write()
}

fn flood(messages: u64, qos: u8) -> acceptance::bench::Flood {
    use std::io::Write as _;

    acceptance::bench::Flood {
        messages,
        qos,
        pace: None,
        topic: Box::new(|_, topic| {
            topic.clear();
            topic.extend_from_slice(TOPIC.as_bytes());
        }),
        payload: Box::new(|number, payload| {
            payload.clear();
            _ = write!(payload, "{number:08}");
            payload.resize(PAYLOAD, b'.');
        }),
    }
}
