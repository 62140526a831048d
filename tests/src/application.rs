//! The application without its window: an engine in a folder of its own, spoken to through its door
//! alone, as the window does.

use std::path::{Path, PathBuf};

use mqttscope_engine::{Engine, Folders, Ports, Start};
use mqttscope_model::{
    Bytes, Endpoint, MessageId, Outcome, Profile, ProfileId, Publish, QoS, SessionSnapshot,
    SessionState, Subscription, UserError,
};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::wait;

/// An engine with its folder, which is removed at the end.
#[derive(Debug)]
pub struct Application {
    engine: Engine,
    folder: TempDir,
}

impl Application {
    /// Starts in an empty folder.
    pub async fn start() -> Self {
        Self::start_in(TempDir::with_prefix("mqttscope-").expect("a folder")).await
    }

    async fn start_in(folder: TempDir) -> Self {
        let start = Start {
            folders: Folders::below(folder.path()),
            broker_executable: local_broker(),
            broker_ports: Ports { mqtt: 0, ws: 0 },
        };
        // Only one engine may use the folder, and the one before may still be letting go of it.
        let engine = wait::until("the engine to start", async || Engine::start(start.clone()).await);
        Self { engine: engine.await, folder }
    }

    /// Ends it in good order and starts it again in the same folder, after `meanwhile` had its way
    /// with the folder.
    pub async fn restart(self, meanwhile: impl FnOnce(&Path)) -> Self {
        self.engine.stop().await;
        let Self { engine, folder } = self;
        drop(engine);
        meanwhile(folder.path());
        Self::start_in(folder).await
    }

    /// The engine.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// The folder that holds everything.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The result of a command that must succeed.
    pub async fn ask<T: DeserializeOwned>(&self, name: &str, args: Value) -> T {
        let answer = self.engine.call(name, args).await;
        let answer = answer.unwrap_or_else(|error| panic!("{name}: {error}; {:?}", error.details));
        serde_json::from_value(answer).unwrap_or_else(|error| panic!("{name} answered: {error}"))
    }

    /// The error of a command that must fail.
    pub async fn refused(&self, name: &str, args: Value) -> UserError {
        match self.engine.call(name, args).await {
            Ok(answer) => panic!("{name} succeeded: {answer}"),
            Err(error) => error,
        }
    }

    /// Saves a profile for `endpoint`, changed by `change`.
    pub async fn profile(&self, endpoint: Endpoint, change: impl FnOnce(&mut Profile)) -> Profile {
        let mut profile: Profile = self.ask("profile_new", json!({})).await;
        profile.name = endpoint.to_string();
        profile.endpoint = endpoint;
        change(&mut profile);
        self.save(&profile, None).await
    }

    /// Saves a profile, with a password where one is given.
    pub async fn save(&self, profile: &Profile, password: Option<&str>) -> Profile {
        let password = password.map_or_else(
            || json!({ "change": "keep" }),
            |value| json!({ "change": "set", "value": value }),
        );
        self.ask("profile_save", json!({ "profile": profile, "password": password })).await
    }

    /// Connects and waits for the CONNACK.
    pub async fn connect(&self, profile: &ProfileId) -> SessionState {
        self.ask::<()>("session_connect", json!({ "profile": profile })).await;
        self.state(profile, "a CONNACK", |state| matches!(state, SessionState::Connected { .. }))
            .await
    }

    /// Connects where that must end in an error, and returns it.
    pub async fn fail_to_connect(&self, profile: &ProfileId) -> UserError {
        self.ask::<()>("session_connect", json!({ "profile": profile })).await;
        let over = |state: &SessionState| {
            matches!(state, SessionState::Failed { .. } | SessionState::Waiting { .. })
        };
        match self.state(profile, "the attempt to fail", over).await {
            SessionState::Failed { error } | SessionState::Waiting { error, .. } => error,
            other => panic!("{other:?}"),
        }
    }

    /// Ends the session.
    pub async fn disconnect(&self, profile: &ProfileId) {
        self.ask::<()>("session_disconnect", json!({ "profile": profile })).await;
    }

    /// What the window would show of a session.
    pub async fn snapshot(&self, profile: &ProfileId) -> SessionSnapshot {
        let all: Vec<SessionSnapshot> = self.ask("sessions_list", json!({})).await;
        all.into_iter().find(|one| one.profile == *profile).expect("every profile has a snapshot")
    }

    /// Waits for a state.
    pub async fn state(
        &self,
        profile: &ProfileId,
        what: &str,
        wanted: impl Fn(&SessionState) -> bool,
    ) -> SessionState {
        wait::until(what, async || {
            let state = self.snapshot(profile).await.state;
            if wanted(&state) { Ok(state) } else { Err(format!("{state:?}")) }
        })
        .await
    }

    /// Subscribes and returns what the broker answered for each filter, as JSON.
    pub async fn subscribe(&self, profile: &ProfileId, filter: &str, qos: QoS) -> Value {
        let wanted = Subscription { filter: filter.to_owned(), qos };
        self.ask("session_subscribe", json!({ "profile": profile, "subscriptions": [wanted] }))
            .await
    }

    /// Publishes without waiting for the broker's answer.
    pub async fn publish(
        &self,
        profile: &ProfileId,
        topic: &str,
        payload: &[u8],
        qos: QoS,
    ) -> MessageId {
        let payload = Bytes(payload.to_vec());
        let publish = Publish { topic: topic.to_owned(), payload, qos, retain: false };
        self.ask("session_publish", json!({ "profile": profile, "publish": publish })).await
    }

    /// Waits for the outcome of a sent message.
    pub async fn outcome(&self, profile: &ProfileId, id: MessageId) -> Outcome {
        wait::until("the outcome of a message", async || {
            let detail: Value =
                self.ask("history_message", json!({ "profile": profile, "id": id })).await;
            let outcome = serde_json::from_value(detail["row"]["outcome"].clone());
            match outcome.map_err(|error| error.to_string())? {
                Outcome::Pending => Err("it is pending".to_owned()),
                outcome => Ok(outcome),
            }
        })
        .await
    }

    /// Waits until the history holds `count` messages that `wanted` counts, and returns those rows.
    pub async fn rows(
        &self,
        profile: &ProfileId,
        count: usize,
        wanted: impl Fn(&Value) -> bool,
    ) -> Vec<Value> {
        wait::until(&format!("{count} messages in the history"), async || {
            let args = json!({ "profile": profile, "first": 0, "count": 500 });
            let page: Value = self.ask("history_page", args).await;
            let rows: Vec<Value> =
                page["rows"].as_array().into_iter().flatten().filter(|row| wanted(row)).cloned().collect();
            if rows.len() >= count { Ok(rows) } else { Err(format!("{} are there", rows.len())) }
        })
        .await
    }

    /// The payload of a message, byte for byte.
    pub async fn payload(&self, profile: &ProfileId, row: &Value) -> Vec<u8> {
        let id = MessageId(row["id"].as_u64().expect("a row has a number"));
        self.engine.payload(profile.clone(), id).await.expect("the payload is stored")
    }
}

/// Whether a row was received.
pub fn received(row: &Value) -> bool {
    row["direction"] == "received"
}

/// The local broker's own executable, built beside the tests.
fn local_broker() -> PathBuf {
    crate::window::build_folder()
        .join(format!("mqttscope-local-broker{}", std::env::consts::EXE_SUFFIX))
}
