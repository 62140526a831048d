//! The whole application but its window, for a bench.

use std::path::{Path, PathBuf};
use std::time::Duration;

use mqttscope_engine::{Engine, Folders, Ports, Start};
use serde_json::{Value, json};
use tokio::runtime::{Builder, Runtime};

use super::Outcome;

/// An engine in a folder that the bench chooses. Unlike [`crate::App`] it may be killed and started again there.
pub struct Headless {
    engine: Engine,
    folder: PathBuf,
}

/// The runtime that a bench runs the engine on.
///
/// # Errors
/// There are no threads.
pub fn runtime() -> Outcome<Runtime> {
    Ok(Builder::new_multi_thread().worker_threads(2).enable_all().build()?)
}

impl Headless {
    /// Starts the engine in a folder.
    ///
    /// # Errors
    /// It does not start.
    pub async fn start(folder: &Path) -> Outcome<Self> {
        let start = Start {
            folders: Folders::below(folder),
            broker_executable: PathBuf::new(),
            broker_ports: Ports::default(),
        };
        Ok(Self { engine: Engine::start(start).await?, folder: folder.to_owned() })
    }

    /// The engine.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Runs a command.
    ///
    /// # Errors
    /// The command's.
    pub async fn call(&self, name: &str, arguments: Value) -> Outcome<Value> {
        let answer = self.engine.call(name, arguments).await;
        answer.map_err(|error| format!("{name}: {error}").into())
    }

    /// Saves a profile for a port of 127.0.0.1 that subscribes to `filter` and keeps everything, changed by `edit`
    /// first; gives its number.
    ///
    /// # Errors
    /// It is refused.
    pub async fn profile(
        &self,
        port: u16,
        filter: &str,
        qos: u8,
        edit: impl FnOnce(&mut Value),
    ) -> Outcome<String> {
        let mut profile = self.call("profile_new", json!({})).await?;
        profile["name"] = json!("bench");
        profile["endpoint"]["host"] = json!("127.0.0.1");
        profile["endpoint"]["port"] = json!(port);
        profile["subscriptions"] = json!([{ "filter": filter, "qos": qos }]);
        profile["retention"] = json!({ "max_bytes": null });
        edit(&mut profile);
        let saved = self.call("profile_save", json!({ "profile": profile, "secrets": [] })).await?;
        Ok(saved["id"].as_str().ok_or("a profile has an id")?.to_owned())
    }

    /// Begins to connect.
    ///
    /// # Errors
    /// The profile is not there.
    pub async fn connect(&self, profile: &str) -> Outcome<()> {
        self.call("session_connect", json!({ "profile": profile })).await.map(drop)
    }

    /// What a history holds.
    ///
    /// # Errors
    /// It cannot be opened.
    pub async fn stats(&self, profile: &str) -> Outcome<Value> {
        self.call("history_stats", json!({ "profile": profile })).await
    }

    /// The newest rows of a history, at most `count`, oldest first.
    ///
    /// # Errors
    /// They cannot be read.
    pub async fn newest(&self, profile: &str, count: u32) -> Outcome<Vec<Value>> {
        let page: Value = serde_json::from_str(&self.newest_as_sent(profile, count).await?)?;
        Ok(page["rows"].as_array().cloned().unwrap_or_default())
    }

    /// The same, as the page that a window is sent.
    ///
    /// # Errors
    /// They cannot be read.
    pub async fn newest_as_sent(&self, profile: &str, count: u32) -> Outcome<String> {
        let from = json!({ "kind": "end" });
        let page = json!({ "profile": profile, "view": null, "from": from, "count": count });
        let answer = self.engine.answer("history_page", page).await;
        Ok(answer.map_err(|error| format!("history_page: {error}"))?.get().to_owned())
    }

    /// Waits until a history holds so many messages; an error where nothing comes for half a minute.
    ///
    /// # Errors
    /// Nothing comes any more.
    pub async fn stored(&self, profile: &str, wanted: u64) -> Outcome<()> {
        let mut events = self.engine.events();
        let mut seen = 0;
        loop {
            let stats = self.stats(profile).await?;
            let messages = stats["messages"].as_u64().unwrap_or_default();
            if messages >= wanted {
                return Ok(());
            }
            seen = seen.max(messages);
            let more = tokio::time::timeout(Duration::from_secs(30), events.next()).await;
            more.map_err(|_| format!("{seen} of {wanted} messages, and no more come"))?;
        }
    }

    /// The file of a history.
    pub fn file(&self, profile: &str) -> PathBuf {
        self.folder.join("data").join("history").join(format!("{profile}.sqlite"))
    }

    /// Ends it as a window does.
    pub async fn stop(self) {
        self.engine.stop().await;
    }
}
