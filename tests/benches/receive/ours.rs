//! Our engine as the subscriber: the whole application but its window, history on.

use std::path::Path;
use std::time::Duration;

use acceptance::bench::{Headless, Outcome, each, own_cpu, runtime, say, threads};
use mqttscope_engine::api::Event;
use serde_json::{Value, json};

use super::subscribers::Run;
use super::{PAYLOAD, TOPIC};

/// The argument that makes this executable the subscriber.
pub(crate) const ARGUMENT: &str = "--subscriber";

/// The arguments that say whether packets are taken down for the timeline.
pub(crate) const PACKETS: &str = "packets";
pub(crate) const NO_PACKETS: &str = "no-packets";

/// The thread that writes a history.
const WRITER: &str = "history";

/// Receives everything, stores it, reads it back, and says what it cost as one line of JSON.
pub(crate) fn receive(arguments: &[String]) -> Outcome<()> {
    let [port, qos, messages, version, packets] = arguments else {
        return Err("port, QoS, messages, version and packets expected".into());
    };
    let (port, qos, messages): (u16, u8, u64) = (port.parse()?, qos.parse()?, messages.parse()?);
    let folder = tempfile::tempdir()?;
    let (mut cost, file) = runtime()?.block_on(async {
        let app = Headless::start(folder.path()).await?;
        let named = |profile: &mut Value| profile["version"] = json!(version);
        let profile = app.profile(port, TOPIC, qos, named).await?;
        if packets == NO_PACKETS {
            app.call("packets_record", json!({ "profile": profile, "on": false })).await?;
        }
        let mut events = app.engine().events();
        let before = own_cpu().ok_or("the system tells no CPU time")?;
        app.connect(&profile).await?;
        let stored = |event: &Event| matches!(event, Event::History { stats, .. } if stats.messages >= messages);
        while !events.next().await.events.iter().any(stored) {}
        let cpu = own_cpu().ok_or("the system tells no CPU time")? - before;
        let writer = threads().get(WRITER).copied();
        // At QoS 1 the last acknowledgements follow the last commit; DISCONNECT follows them.
        app.call("session_disconnect", json!({ "profile": profile })).await?;
        let file = app.file(&profile);
        app.stop().await;
        let cost = json!({
            "cpu_us": cpu.as_micros(), "writer_us": writer.map(|writer| writer.as_micros()),
        });
        Outcome::Ok((cost, file))
    })?;
    let (lost, out_of_order) = verify(&file, messages)?;
    cost["lost"] = json!(lost);
    cost["out_of_order"] = json!(out_of_order);
    say(&cost)
}

/// Reads what a child of ours said.
pub(crate) fn read(said: &Value) -> Outcome<Run> {
    let micros = |name: &str| said[name].as_u64().map(Duration::from_micros);
    Ok(Run {
        cpu: micros("cpu_us").ok_or("the CPU time is missing")?,
        writer: micros("writer_us"),
        lost: said["lost"].as_u64(),
        out_of_order: said["out_of_order"].as_u64(),
    })
}

/// Messages lost and out of order, by the numbers in their payloads.
fn verify(file: &Path, messages: u64) -> Outcome<(u64, u64)> {
    let (mut seen, mut out_of_order, mut expected) = (0, 0, 0);
    each(file, |kept| {
        let number = kept.payload.get(..8).ok_or("a payload begins with its number")?;
        let number: u64 = std::str::from_utf8(number)?.parse()?;
        if number != expected || kept.payload.len() != PAYLOAD {
            out_of_order += 1;
        }
        expected = number + 1;
        seen += 1;
        Ok(())
    })?;
    Ok((messages - seen.min(messages), out_of_order))
}
