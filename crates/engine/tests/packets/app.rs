//! An engine in folders of its own, and a broker that answers as a script says.

use std::net::Ipv4Addr;
use std::path::PathBuf;

use mqttscope_engine::{Engine, Folders, Ports, Start};
use mqttscope_model::{Profile, ProfileId, ProtocolVersion, Reconnect, Scheme, UserError};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

pub(crate) struct App {
    pub(crate) engine: Engine,
    pub(crate) profile: ProfileId,
    folder: TempDir,
}

impl App {
    /// With a profile for a broker on this port that connects once.
    pub(crate) async fn start(port: u16, version: ProtocolVersion) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let start = Start {
            folders: Folders::below(folder.path()),
            broker_executable: PathBuf::from("/nonexistent"),
            broker_ports: Ports { mqtt: 0, ws: 0 },
        };
        let engine = Engine::start(start).await.unwrap();
        let fresh = engine.call("profile_new", json!({})).await.unwrap();
        let mut profile: Profile = serde_json::from_value(fresh).unwrap();
        profile.name = "packets".to_owned();
        profile.endpoint.scheme = Scheme::Mqtt;
        profile.endpoint.host = "127.0.0.1".to_owned();
        profile.endpoint.port = port;
        profile.version = version;
        profile.user_name = "u".to_owned();
        profile.reconnect = Reconnect { enabled: false, ..profile.reconnect };
        let secrets = json!([{ "slot": "password", "value": "hunter2hunter2" }]);
        let args = json!({ "profile": profile, "secrets": secrets });
        engine.call("profile_save", args).await.unwrap();
        Self { engine, profile: profile.id, folder }
    }

    pub(crate) async fn call(&self, name: &str, mut args: Value) -> Value {
        args["profile"] = json!(self.profile);
        self.engine.call(name, args).await.unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    pub(crate) async fn refused(&self, name: &str, mut args: Value) -> UserError {
        args["profile"] = json!(self.profile);
        self.engine.call(name, args).await.expect_err(name)
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Connects and waits for the session's end or its connection.
    pub(crate) async fn connect(&self, state: &str) {
        let mut events = self.engine.events();
        self.call("session_connect", json!({})).await;
        loop {
            let sessions = self.engine.call("sessions_list", json!({})).await.unwrap();
            if sessions[0]["state"]["state"] == state {
                return;
            }
            events.next().await;
        }
    }

    /// The lines that a filter shows.
    pub(crate) async fn rows(&self, filter: Value) -> Vec<Value> {
        let from = json!({ "kind": "place", "place": 0 });
        let args = json!({ "filter": filter, "from": from, "count": 500 });
        self.call("packets_page", args).await["rows"].as_array().unwrap().clone()
    }

    /// Waits, as a window does, until a filter shows so many lines.
    pub(crate) async fn until(&self, filter: &Value, lines: usize) -> Vec<Value> {
        let mut events = self.engine.events();
        loop {
            let rows = self.rows(filter.clone()).await;
            if rows.len() >= lines {
                return rows;
            }
            events.next().await;
        }
    }

    /// Waits for the end of a job.
    pub(crate) async fn finished(&self, job: &Value) -> Value {
        let mut events = self.engine.events();
        loop {
            let jobs = self.engine.call("jobs_list", json!({})).await.unwrap();
            let found = jobs.as_array().unwrap().iter().find(|found| found["job"] == *job);
            let found = found.expect("the job is kept").clone();
            if found["state"] != "running" {
                return found;
            }
            events.next().await;
        }
    }
}

/// A broker that answers each read with the next piece, and each PINGREQ behind its script.
pub(crate) async fn broker(script: Vec<Vec<u8>>) -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut space = vec![0; 4096];
            for piece in &script {
                let read = stream.read(&mut space).await.unwrap_or_default();
                if read == 0 || stream.write_all(piece).await.is_err() {
                    break;
                }
            }
            while let Ok(1..) = stream.read(&mut space).await {}
        }
    });
    port
}

pub(crate) fn kinds(rows: &[Value]) -> Vec<&str> {
    rows.iter().map(|row| row["kind"].as_str().unwrap()).collect()
}
