//! A home with one profile in it, made by the engine itself before the window starts.

use std::path::PathBuf;
use std::time::SystemTime;

use acceptance::Home;
use acceptance::bench::{Outcome, fill};
use mqttscope_engine::{Engine, Folders, Ports, Start};
use mqttscope_history::History;
use serde_json::json;

/// A home whose only profile subscribes to everything at this port; gives the profile's id.
pub(crate) async fn with_profile(port: u16) -> Outcome<(Home, String)> {
    let home = Home::new();
    let folders = Folders {
        config: home.path().join("config/mqttscope"),
        data: home.path().join("data/mqttscope"),
    };
    let (broker_executable, broker_ports) = (PathBuf::new(), Ports::default());
    let engine = Engine::start(Start { folders, broker_executable, broker_ports }).await?;
    let mut profile = engine.call("profile_new", json!({})).await?;
    profile["name"] = json!("bench");
    profile["endpoint"]["host"] = json!("127.0.0.1");
    profile["endpoint"]["port"] = json!(port);
    profile["version"] = json!("3.1.1");
    profile["subscriptions"] = json!([{ "filter": "#", "qos": 0 }]);
    let saved = engine.call("profile_save", json!({ "profile": profile, "secrets": [] })).await?;
    engine.stop().await;
    let id = saved["id"].as_str().ok_or("a saved profile has an id")?;
    Ok((home, id.to_owned()))
}

/// A home whose profile has a history of so many messages; nobody listens at its port.
pub(crate) async fn with_history(messages: u64) -> Outcome<Home> {
    let (home, id) = with_profile(1).await?;
    let folder = home.path().join("data/mqttscope/history");
    std::fs::create_dir_all(&folder)?;
    let history = History::open(&folder.join(format!("{id}.sqlite")), SystemTime::now)?.history;
    fill(&history, 0..messages).await?;
    history.close()?;
    Ok(home)
}
