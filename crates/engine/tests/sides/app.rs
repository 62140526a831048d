//! An engine in folders of its own with two profiles, whose messages are brought in from files.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use mqttscope_engine::{Engine, Folders, Ports, Start};
use mqttscope_model::{Profile, ProfileId, ProtocolVersion, UserError};
use serde_json::{Value, json};
use tempfile::TempDir;

/// Longer than anything here takes on a busy machine.
const LONG: Duration = Duration::from_secs(60);

pub(crate) struct App {
    pub(crate) engine: Engine,
    pub(crate) left: ProfileId,
    pub(crate) right: ProfileId,
    folder: TempDir,
}

impl App {
    pub(crate) async fn start() -> Self {
        Self::of(ProtocolVersion::V5, ProtocolVersion::V5).await
    }

    pub(crate) async fn of(left: ProtocolVersion, right: ProtocolVersion) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let start = Start {
            folders: Folders::below(folder.path()),
            broker_executable: PathBuf::from("/nonexistent"),
            broker_ports: Ports { mqtt: 0, ws: 0 },
        };
        let engine = Engine::start(start).await.unwrap();
        let left = new_profile(&engine, "left", left).await;
        let right = new_profile(&engine, "right", right).await;
        Self { engine, left, right, folder }
    }

    pub(crate) async fn call(&self, name: &str, args: Value) -> Value {
        self.engine.call(name, args).await.unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    pub(crate) async fn refused(&self, name: &str, args: Value) -> UserError {
        self.engine.call(name, args).await.expect_err(name)
    }

    /// Brings received messages into a history: lines without what all of them have.
    pub(crate) async fn bring(&self, to: &ProfileId, messages: &[Value]) {
        let mut lines = String::new();
        for message in messages {
            let mut line = message.clone();
            line["direction"] = json!("received");
            writeln!(lines, "{line}").unwrap();
        }
        let path = self.folder.path().join("messages.jsonl");
        std::fs::write(&path, lines).unwrap();
        let job = self.call("history_import", json!({ "profile": to, "path": path })).await;
        let mut events = self.engine.events();
        loop {
            let jobs = self.call("jobs_list", json!({})).await;
            let found = jobs.as_array().unwrap().iter().find(|found| found["job"] == job);
            let found = found.expect("the job is kept").clone();
            if found["state"] != "running" {
                assert_eq!(found["state"], "done", "{found}");
                return;
            }
            events.next().await;
        }
    }

    /// Limits a history to so many messages and waits until no more are left.
    pub(crate) async fn limit(&self, profile: &ProfileId, messages: u64) {
        let retention = json!({ "max_bytes": null, "max_messages": messages, "max_age_s": null });
        let mut events = self.engine.events();
        self.call("history_limit", json!({ "profile": profile, "retention": retention })).await;
        loop {
            let usage = self.call("history_usage", json!({ "profile": profile })).await;
            if usage["usage"]["messages"].as_u64().unwrap() <= messages {
                return;
            }
            events.next().await;
        }
    }

    /// What `sides_open` takes to compare both profiles.
    pub(crate) fn asked(&self, options: Value) -> Value {
        let mut all = json!({ "filter": {}, "since_us": null, "late_ms": 500, "wait_ms": 5_000 });
        for (name, value) in options.as_object().unwrap() {
            all[name] = value.clone();
        }
        json!({ "pair": { "left": self.left, "right": self.right }, "options": all })
    }

    /// Opens a comparison of both profiles.
    pub(crate) async fn open(&self, options: Value) -> Value {
        self.call("sides_open", self.asked(options)).await["sides"].clone()
    }

    /// Waits for a state as a window does: by events.
    pub(crate) async fn until(&self, sides: &Value, is: impl Fn(&Value) -> bool) -> Value {
        let mut events = self.engine.events();
        let mut last = Value::Null;
        let waiting = async {
            loop {
                last = self.call("sides_state", json!({ "sides": sides })).await;
                if is(&last) {
                    return;
                }
                events.next().await;
            }
        };
        let done = tokio::time::timeout(LONG, waiting).await;
        assert!(done.is_ok(), "waited too long: {last}");
        last
    }

    /// Waits until so many messages were compared and none waits.
    pub(crate) async fn decided(&self, sides: &Value, compared: u64) -> Value {
        self.until(sides, |state| state["compared"] == compared && state["counts"]["waiting"] == 0)
            .await
    }

    pub(crate) async fn page(
        &self,
        sides: &Value,
        kinds: &[&str],
        from: Value,
        count: u32,
    ) -> Value {
        let args = json!({ "sides": sides, "kinds": kinds, "from": from, "count": count });
        self.call("sides_page", args).await
    }

    /// All rows of some kinds.
    pub(crate) async fn rows(&self, sides: &Value, kinds: &[&str]) -> Vec<Value> {
        let page = self.page(sides, kinds, json!({ "kind": "place", "place": 0 }), 500).await;
        page["rows"].as_array().unwrap().clone()
    }
}

pub(crate) const ALL: [&str; 6] =
    ["same", "late", "different", "missing_left", "missing_right", "waiting"];

/// A message as a line.
pub(crate) fn message(time_us: u64, topic: &str, payload: &str) -> Value {
    json!({ "time_us": time_us, "topic": topic, "payload": payload })
}

pub(crate) fn now_us() -> u64 {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    u64::try_from(now.as_micros()).unwrap()
}

async fn new_profile(engine: &Engine, name: &str, version: ProtocolVersion) -> ProfileId {
    let fresh = engine.call("profile_new", json!({})).await.unwrap();
    let mut profile: Profile = serde_json::from_value(fresh).unwrap();
    profile.name = name.to_owned();
    profile.endpoint.host = "broker.example".to_owned();
    profile.version = version;
    profile.retention.max_bytes = None;
    let args = json!({ "profile": profile, "secrets": [] });
    engine.call("profile_save", args).await.unwrap();
    profile.id
}
