//! The application without its window: an engine in folders of its own, driven by its commands.

use std::path::{Path, PathBuf};

use mqttscope_engine::{Engine, Folders, Ports, Start};
use mqttscope_model::{
    Bytes, Endpoint, Profile, ProtocolVersion, Publish, QoS, SecretSlot, UserError,
};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::wait;

/// An engine for one test. It answers like the one behind the window, because it is the same.
pub struct App {
    engine: Engine,
    folder: TempDir,
}

impl App {
    /// An application that was never started before.
    pub async fn start() -> Self {
        Self::start_in(new_folder(), crate::window::application()).await
    }

    /// Like [`Self::start`], for a bench: the built-in broker, whose program need not be built then, cannot be started.
    pub async fn without_broker() -> Self {
        Self::start_in(new_folder(), PathBuf::new()).await
    }

    async fn start_in(folder: TempDir, broker_executable: PathBuf) -> Self {
        let start = Start {
            folders: Folders::below(folder.path()),
            broker_executable,
            broker_ports: Ports { mqtt: 0, ws: 0 },
        };
        let engine = Engine::start(start).await.expect("the engine starts");
        Self { engine, folder }
    }

    /// Ends the application and starts it again in the same folders.
    pub async fn restart(self) -> Self {
        self.restart_after(|_| ()).await
    }

    /// Like [`Self::restart`]; `between` may change files while the application does not run.
    pub async fn restart_after(self, between: impl FnOnce(&Path)) -> Self {
        let Self { engine, folder } = self;
        engine.stop().await;
        drop(engine);
        between(folder.path());
        Self::start_in(folder, crate::window::application()).await
    }

    /// Where the application's files lie.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Runs a command that must succeed.
    pub async fn call(&self, name: &str, args: Value) -> Value {
        self.engine.call(name, args).await.unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// Runs a command, whatever comes of it.
    pub async fn try_call(&self, name: &str, args: Value) -> Result<Value, UserError> {
        self.engine.call(name, args).await
    }

    /// Runs a command that must fail, and gives its error.
    pub async fn refused(&self, name: &str, args: Value) -> UserError {
        match self.engine.call(name, args).await {
            Ok(value) => panic!("{name} did not fail: {value}"),
            Err(error) => error,
        }
    }

    /// The payload of a message.
    pub async fn payload(&self, profile: &Profile, id: u64) -> Vec<u8> {
        let id = mqttscope_model::MessageId(id);
        self.engine.payload(profile.id.clone(), id).await.expect("the payload can be read")
    }

    /// A saved profile for a broker, changed by `edit` first.
    pub async fn profile(
        &self,
        endpoint: Endpoint,
        version: ProtocolVersion,
        edit: impl FnOnce(&mut Profile),
    ) -> Profile {
        let mut profile: Profile = read(self.call("profile_new", json!({})).await);
        profile.name = format!("{endpoint} {version}");
        profile.endpoint = endpoint;
        profile.version = version;
        edit(&mut profile);
        self.save(&profile, &[]).await
    }

    /// Saves a profile with secrets: places and their new values.
    pub async fn save(&self, profile: &Profile, secrets: &[(SecretSlot, &str)]) -> Profile {
        let edit = |(slot, value): &(SecretSlot, &str)| json!({ "slot": slot, "value": value });
        let secrets: Vec<Value> = secrets.iter().map(edit).collect();
        read(self.call("profile_save", json!({ "profile": profile, "secrets": secrets })).await)
    }

    /// Connects and waits for the CONNACK.
    pub async fn connect(&self, profile: &Profile) {
        self.call("session_connect", json!({ "profile": profile.id })).await;
        self.wait_for_state(profile, "connected").await;
    }

    /// Disconnects and waits until that is shown.
    pub async fn disconnect(&self, profile: &Profile) {
        self.call("session_disconnect", json!({ "profile": profile.id })).await;
        self.wait_for_state(profile, "disconnected").await;
    }

    /// The session of a profile as the window sees it.
    pub async fn session(&self, profile: &Profile) -> Value {
        let sessions = self.call("sessions_list", json!({})).await;
        let found = sessions.as_array().and_then(|sessions| {
            sessions.iter().find(|session| session["profile"] == json!(profile.id))
        });
        found.cloned().unwrap_or_else(|| panic!("no session of {}", profile.name))
    }

    /// Waits for a state of the session, and gives it with its facts.
    pub async fn wait_for_state(&self, profile: &Profile, state: &str) -> Value {
        wait::until(&format!("{} to be {state}", profile.name), async || {
            let session = self.session(profile).await;
            if session["state"]["state"] == state {
                Ok(session["state"].clone())
            } else {
                Err(session)
            }
        })
        .await
    }

    /// Subscribes, and gives the broker's answer for the filter.
    pub async fn subscribe(&self, profile: &Profile, filter: &str, qos: QoS) -> Value {
        let subscriptions = json!([{ "filter": filter, "qos": qos }]);
        let answers = self
            .call(
                "session_subscribe",
                json!({ "profile": profile.id, "subscriptions": subscriptions }),
            )
            .await;
        answers[0].clone()
    }

    /// Publishes, and gives the number of the message.
    pub async fn publish(&self, profile: &Profile, topic: &str, payload: &[u8], qos: QoS) -> u64 {
        let payload = Bytes(payload.to_vec());
        let publish =
            Publish { topic: topic.into(), payload, qos, retain: false, properties: Vec::new() };
        let id = self
            .call("session_publish", json!({ "profile": profile.id, "publish": publish }))
            .await;
        id.as_u64().expect("a message has a number")
    }

    /// Waits until the history has `count` messages, and gives them as rows (at most 500).
    pub async fn wait_for_rows(&self, profile: &Profile, count: usize) -> Vec<Value> {
        let from = json!({ "kind": "place", "place": 0 });
        let page = json!({ "profile": profile.id, "view": null, "from": from, "count": 500 });
        wait::until(&format!("{count} messages"), async || {
            let answer = self.call("history_page", page.clone()).await;
            let rows = answer["rows"].as_array().cloned().unwrap_or_default();
            if rows.len() >= count { Ok(rows) } else { Err(format!("{} messages", rows.len())) }
        })
        .await
    }

    /// Waits until the outcome of a sent message is `state`, and gives it with its facts.
    pub async fn wait_for_outcome(&self, profile: &Profile, id: u64, state: &str) -> Value {
        wait::until(&format!("message {id} to be {state}"), async || {
            let arguments = json!({ "profile": profile.id, "id": id });
            match self.engine.call("history_message", arguments).await {
                Ok(message) if message["row"]["outcome"]["state"] == state => {
                    Ok(message["row"]["outcome"].clone())
                }
                Ok(message) => Err(message.to_string()),
                Err(error) => Err(error.to_string()),
            }
        })
        .await
    }

    /// Ends the application.
    pub async fn stop(self) {
        self.engine.stop().await;
    }
}

fn new_folder() -> TempDir {
    TempDir::with_prefix("mqttscope-app-").expect("a folder")
}

fn read<T: serde::de::DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value).expect("the engine gives what the model defines")
}
