//! Those who receive: each a process, whose CPU time the operating system counts.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use acceptance::bench::{Outcome, children_cpu, node, run_again, with_packages};

use super::{TOPIC, ours, parts};

/// What one run cost.
pub(crate) struct Run {
    pub(crate) cpu: Duration,
    /// Of that, the thread that writes the history.
    pub(crate) writer: Option<Duration>,
    /// Messages that did not arrive, and that came in another order; none where not counted.
    pub(crate) lost: Option<u64>,
    pub(crate) out_of_order: Option<u64>,
}

/// A program that subscribes and takes all messages.
pub(crate) enum Subscriber {
    /// Our engine with its history. What it is measured with besides a version has its place here too.
    Ours {
        name: &'static str,
        version: &'static str,
        /// Packets are taken down for the timeline, as they are unless it is switched off.
        taped: bool,
    },
    /// A part of ours: [`parts::SOCKET`], or the session of a version.
    Part {
        name: &'static str,
        part: &'static str,
    },
    MosquittoSub,
    MqttJs {
        name: &'static str,
        version: &'static str,
        folder: PathBuf,
    },
}

/// Ours with the part that it is made of, for the profile.
pub(crate) const OURS: [(&str, &str, &str); 2] = [
    ("mqttscope", "session that keeps nothing", "3.1.1"),
    ("mqttscope (MQTT 5.0)", "session that keeps nothing (MQTT 5.0)", "5.0"),
];

/// MQTT.js beside the one of ours that speaks the same version.
pub(crate) const MQTT_JS: [(&str, &str, &str); 2] =
    [("MQTT.js", "mqttscope", "3.1.1"), ("MQTT.js (MQTT 5.0)", "mqttscope (MQTT 5.0)", "5.0")];

/// Ours with the timeline of packets switched off, beside the one with it, for what the timeline costs.
pub(crate) const UNTAPED: [(&str, &str, &str); 2] = [
    ("mqttscope without packets", "mqttscope", "3.1.1"),
    ("mqttscope without packets (MQTT 5.0)", "mqttscope (MQTT 5.0)", "5.0"),
];

/// The part of both that only reads.
pub(crate) const READER: &str = "socket only";

pub(crate) const MOSQUITTO_SUB: &str = "mosquitto_sub";

/// All subscribers; installs MQTT.js below `target/bench` where it is not there yet.
pub(crate) fn all() -> Outcome<Vec<Subscriber>> {
    let mut all = vec![Subscriber::Part { name: READER, part: parts::SOCKET }];
    for (name, session, version) in OURS {
        all.push(Subscriber::Part { name: session, part: version });
        all.push(Subscriber::Ours { name, version, taped: true });
    }
    for (name, _, version) in UNTAPED {
        all.push(Subscriber::Ours { name, version, taped: false });
    }
    all.push(Subscriber::MosquittoSub);
    let folder = with_packages("mqtt-js", &["mqtt@5"])?;
    for (name, _, version) in MQTT_JS {
        all.push(Subscriber::MqttJs { name, version, folder: folder.clone() });
    }
    Ok(all)
}

impl Subscriber {
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Ours { name, .. } | Self::Part { name, .. } | Self::MqttJs { name, .. } => name,
            Self::MosquittoSub => MOSQUITTO_SUB,
        }
    }

    pub(crate) fn run(&self, port: u16, qos: u8, messages: u64) -> Outcome<Run> {
        let (port, qos, count) = (port.to_string(), qos.to_string(), messages.to_string());
        match self {
            Self::Ours { version, taped, .. } => {
                let packets = if *taped { ours::PACKETS } else { ours::NO_PACKETS };
                let words = [ours::ARGUMENT, &port, &qos, &count, version, packets];
                ours::read(&run_again(&words)?)
            }
            Self::Part { part, .. } => {
                ours::read(&run_again(&[parts::ARGUMENT, part, &port, &qos, &count])?)
            }
            Self::MosquittoSub => {
                let words = ["-h", "127.0.0.1", "-p", &port, "-q", &qos, "-t", TOPIC, "-C", &count];
                measure(Command::new("mosquitto_sub").args(words))
            }
            Self::MqttJs { folder, version, .. } => {
                let mut node = node(folder, "receive.cjs", include_str!("receive.cjs"))?;
                measure(node.args([&port, &qos, TOPIC, &count, version]))
            }
        }
    }
}

fn measure(command: &mut Command) -> Outcome<Run> {
    let before = children_cpu().ok_or("the system tells no CPU time")?;
    let status = command.stdout(Stdio::null()).status()?;
    if !status.success() {
        return Err(format!("{command:?} ended with {status}").into());
    }
    let cpu = children_cpu().ok_or("the system tells no CPU time")? - before;
    Ok(Run { cpu, writer: None, lost: None, out_of_order: None })
}
