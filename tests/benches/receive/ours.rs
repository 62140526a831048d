//! Our engine as the subscriber: the whole application but its window, history on.

use std::error::Error;
use std::time::Duration;

use mqttscope_engine::api::Event;
use mqttscope_engine::{Engine, Folders, Ports, Start};
use nix::sys::resource::UsageWho;
use serde_json::{Value, json};

use crate::broker::TOPIC;
use crate::subscribers::{Run, cpu};
use crate::{MESSAGES, PAYLOAD};

/// The argument that makes this executable the subscriber.
pub(crate) const ARGUMENT: &str = "--subscriber";

/// Receives everything, stores it, reads it back, and prints what it cost as one line of JSON.
pub(crate) fn receive(arguments: &[String]) -> Result<(), Box<dyn Error>> {
    let [port, qos, version] = arguments else {
        return Err("port, QoS and version expected".into());
    };
    let (port, qos): (u16, u8) = (port.parse()?, qos.parse()?);
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(async {
        let root = tempfile::tempdir()?;
        let engine = Engine::start(Start {
            folders: Folders::below(root.path()),
            broker_executable: std::env::current_exe()?,
            broker_ports: Ports::default(),
        })
        .await?;
        let profile = profile(&engine, port, qos, version).await?;
        let mut events = engine.events();
        let before = cpu(UsageWho::RUSAGE_SELF)?;
        engine.call("session_connect", json!({ "profile": profile })).await?;
        let stored = |event: &Event| matches!(event, Event::History { stats, .. } if stats.messages >= MESSAGES);
        while !events.next().await.events.iter().any(stored) {}
        let cpu = cpu(UsageWho::RUSAGE_SELF)? - before;
        // At QoS 1 the last acknowledgements follow the last commit; DISCONNECT follows them.
        engine.call("session_disconnect", json!({ "profile": profile })).await?;
        let (lost, out_of_order) = verify(&engine, &profile).await?;
        engine.stop().await;
        println!(
            "{}",
            json!({ "cpu_us": cpu.as_micros(), "lost": lost, "out_of_order": out_of_order })
        );
        Ok(())
    })
}

/// Reads what [`receive`] printed.
pub(crate) fn read(stdout: &[u8]) -> Result<Run, Box<dyn Error>> {
    let value: Value = serde_json::from_slice(stdout)?;
    let number = |name: &str| value[name].as_u64().ok_or_else(|| format!("{name} is missing"));
    Ok(Run {
        cpu: Duration::from_micros(number("cpu_us")?),
        lost: Some(number("lost")?),
        out_of_order: Some(number("out_of_order")?),
    })
}

async fn profile(
    engine: &Engine,
    port: u16,
    qos: u8,
    version: &str,
) -> Result<Value, Box<dyn Error>> {
    let mut profile = engine.call("profile_new", json!({})).await?;
    profile["name"] = json!("bench");
    profile["endpoint"]["host"] = json!("127.0.0.1");
    profile["endpoint"]["port"] = json!(port);
    profile["version"] = json!(version);
    profile["subscriptions"] = json!([{ "filter": TOPIC, "qos": qos }]);
    let saved = json!({ "profile": profile, "secrets": [] });
    Ok(engine.call("profile_save", saved).await?["id"].clone())
}

/// Messages lost and out of order, by the numbers in their payloads.
async fn verify(engine: &Engine, profile: &Value) -> Result<(u64, u64), Box<dyn Error>> {
    let (mut seen, mut out_of_order, mut expected) = (0, 0, 0);
    while seen < MESSAGES {
        let arguments = json!({ "profile": profile, "first": seen, "count": 500 });
        let page = engine.call("history_page", arguments).await?;
        let rows = page["rows"].as_array().ok_or("a page has rows")?;
        if rows.is_empty() {
            break;
        }
        for row in rows {
            let preview = row["preview"].as_str().ok_or("a row has a preview")?;
            let number: u64 =
                preview.get(..8).ok_or("a payload begins with its number")?.parse()?;
            if number != expected || preview.len() != PAYLOAD {
                out_of_order += 1;
            }
            expected = number + 1;
            seen += 1;
        }
    }
    Ok((MESSAGES - seen.min(MESSAGES), out_of_order))
}
