//! An engine in folders of its own with messages that were brought in, driven by its commands.

use std::fmt::Write as _;
use std::path::PathBuf;

use mqttscope_engine::{Engine, Folders, Ports, Start};
use mqttscope_model::{Profile, ProfileId, UserError};
use serde_json::{Value, json};
use tempfile::TempDir;

/// When the first message of [`App::fill`] was recorded, in microseconds since the Unix epoch.
pub(crate) const BEGIN_US: u64 = 1_700_000_000_000_000;

pub(crate) struct App {
    pub(crate) engine: Engine,
    pub(crate) profile: ProfileId,
    folder: TempDir,
}

impl App {
    pub(crate) async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let start = Start {
            folders: Folders::below(folder.path()),
            broker_executable: PathBuf::from("/nonexistent"),
            broker_ports: Ports { mqtt: 0, ws: 0 },
        };
        let engine = Engine::start(start).await.unwrap();
        let profile = new_profile(&engine, "plant").await;
        Self { engine, profile, folder }
    }

    pub(crate) async fn call(&self, name: &str, args: Value) -> Value {
        self.engine.call(name, args).await.unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    pub(crate) async fn refused(&self, name: &str, args: Value) -> UserError {
        self.engine.call(name, args).await.expect_err(name)
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) async fn new_profile(&self, name: &str) -> ProfileId {
        new_profile(&self.engine, name).await
    }

    /// Brings in so many messages, a second apart: topics `t/0` to `t/9` in turn, payloads `{"n":0}` and on.
    pub(crate) async fn fill(&self, messages: u64) {
        let mut lines = String::new();
        for n in 0..messages {
            let line = json!({
                "time_us": BEGIN_US + n * 1_000_000, "direction": "received",
                "topic": format!("t/{}", n % 10), "payload": format!("{{\"n\":{n}}}"),
            });
            writeln!(lines, "{line}").unwrap();
        }
        let path = self.file("messages.jsonl");
        std::fs::write(&path, lines).unwrap();
        let job = self.finished_import(&self.profile, &path).await;
        assert_eq!(job["state"], "done", "{job}");
    }

    pub(crate) async fn finished_import(&self, to: &ProfileId, path: &std::path::Path) -> Value {
        let job = self.call("history_import", json!({ "profile": to, "path": path })).await;
        self.finished(&job).await
    }

    /// Waits for the end of a job, as a window does: by events.
    pub(crate) async fn finished(&self, job: &Value) -> Value {
        let mut events = self.engine.events();
        loop {
            let jobs = self.call("jobs_list", json!({})).await;
            let found = jobs.as_array().unwrap().iter().find(|found| found["job"] == *job);
            let found = found.expect("the job is kept").clone();
            if found["state"] != "running" {
                return found;
            }
            events.next().await;
        }
    }

    /// Waits until a view has looked at everything.
    pub(crate) async fn complete(&self, view: &Value) -> Value {
        let mut events = self.engine.events();
        loop {
            let state = self.call("view_state", json!({ "view": view })).await;
            if state["complete"] == true {
                return state;
            }
            events.next().await;
        }
    }

    /// A page of the profile's history or of a view.
    pub(crate) async fn page(&self, view: &Value, from: Value, count: u32) -> Value {
        let profile = &self.profile;
        let args = json!({ "profile": profile, "view": view, "from": from, "count": count });
        self.call("history_page", args).await
    }

    pub(crate) async fn open(&self, filter: Value) -> Value {
        let args = json!({ "profile": self.profile, "filter": filter });
        self.call("view_open", args).await["view"].clone()
    }
}

async fn new_profile(engine: &Engine, name: &str) -> ProfileId {
    let fresh = engine.call("profile_new", json!({})).await.unwrap();
    let mut profile: Profile = serde_json::from_value(fresh).unwrap();
    profile.name = name.to_owned();
    profile.endpoint.host = "broker.example".to_owned();
    profile.retention.max_bytes = None;
    let args = json!({ "profile": profile, "secrets": [] });
    engine.call("profile_save", args).await.unwrap();
    profile.id
}

/// The numbers of a page's rows.
pub(crate) fn ids(page: &Value) -> Vec<u64> {
    page["rows"].as_array().unwrap().iter().map(|row| row["id"].as_u64().unwrap()).collect()
}
