//! Those who receive: each a process, whose CPU time the operating system counts.

use std::error::Error;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use nix::sys::resource::{UsageWho, getrusage};

use crate::broker::TOPIC;
use crate::{MESSAGES, ours};

/// What one run cost.
pub(crate) struct Run {
    pub(crate) cpu: Duration,
    /// Messages that did not arrive, and that came in another order; none where not counted.
    pub(crate) lost: Option<u64>,
    pub(crate) out_of_order: Option<u64>,
}

/// A program that subscribes and takes all messages.
pub(crate) enum Subscriber {
    /// Our engine with its history, over a version of MQTT.
    Ours {
        version: &'static str,
    },
    MosquittoSub,
    MqttJs {
        folder: PathBuf,
    },
}

/// All subscribers; installs MQTT.js below `target/bench` where it is not there yet.
pub(crate) fn all() -> Result<Vec<Subscriber>, Box<dyn Error>> {
    Ok(vec![
        Subscriber::Ours { version: "3.1.1" },
        Subscriber::Ours { version: "5.0" },
        Subscriber::MosquittoSub,
        Subscriber::MqttJs { folder: install_mqtt_js()? },
    ])
}

impl Subscriber {
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Ours { version: "5.0" } => "mqttscope (MQTT 5.0)",
            Self::Ours { .. } => "mqttscope",
            Self::MosquittoSub => "mosquitto_sub",
            Self::MqttJs { .. } => "MQTT.js",
        }
    }

    pub(crate) fn run(&self, port: u16, qos: u8) -> Result<Run, Box<dyn Error>> {
        let (port, qos, count) = (port.to_string(), qos.to_string(), MESSAGES.to_string());
        match self {
            Self::Ours { version } => {
                let output = Command::new(std::env::current_exe()?)
                    .args([ours::ARGUMENT, &port, &qos, version])
                    .stderr(Stdio::inherit())
                    .output()?;
                ours::read(&output.stdout)
            }
            Self::MosquittoSub => measure(Command::new("mosquitto_sub").args([
                "-h",
                "127.0.0.1",
                "-p",
                &port,
                "-q",
                &qos,
                "-t",
                TOPIC,
                "-C",
                &count,
            ])),
            Self::MqttJs { folder } => measure(Command::new("node").current_dir(folder).args([
                "receive.cjs",
                &port,
                &qos,
                TOPIC,
                &count,
            ])),
        }
    }
}

fn measure(command: &mut Command) -> Result<Run, Box<dyn Error>> {
    let before = cpu(UsageWho::RUSAGE_CHILDREN)?;
    let status = command.stdout(Stdio::null()).status()?;
    if !status.success() {
        return Err(format!("{command:?} ended with {status}").into());
    }
    let cpu = cpu(UsageWho::RUSAGE_CHILDREN)? - before;
    Ok(Run { cpu, lost: None, out_of_order: None })
}

/// User and system time together.
pub(crate) fn cpu(who: UsageWho) -> Result<Duration, Box<dyn Error>> {
    let usage = getrusage(who)?;
    let micros = |time: nix::sys::time::TimeVal| {
        u64::try_from(time.tv_sec() * 1_000_000 + time.tv_usec()).unwrap_or_default()
    };
    Ok(Duration::from_micros(micros(usage.user_time()) + micros(usage.system_time())))
}

fn install_mqtt_js() -> Result<PathBuf, Box<dyn Error>> {
    let folder = crate::report::folder().join("mqtt-js");
    if !folder.join("node_modules/mqtt").is_dir() {
        std::fs::create_dir_all(&folder)?;
        std::fs::write(folder.join("package.json"), r#"{ "private": true }"#)?;
        let status = Command::new("npm")
            .args(["install", "--no-audit", "--no-fund", "mqtt@5"])
            .current_dir(&folder)
            .status()?;
        if !status.success() {
            return Err("npm could not install mqtt".into());
        }
    }
    std::fs::write(folder.join("receive.cjs"), include_str!("receive.cjs"))?;
    Ok(folder)
}
