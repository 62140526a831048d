//! The door between window and engine: three Tauri commands.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use mqttscope_engine::Engine;
use mqttscope_engine::api::EventBatch;
use mqttscope_model::{MessageId, ProfileId, UserError};
use serde_json::Value;
use serde_json::value::RawValue;
use tauri::async_runtime::JoinHandle;
use tauri::ipc::{Channel, Response};
use tauri::{State, Webview};

/// The engine, or why there is none, and the event stream of each window.
#[derive(Clone)]
pub(crate) struct Door(Arc<Inner>);

struct Inner {
    engine: Result<Engine, UserError>,
    streams: Mutex<HashMap<String, JoinHandle<()>>>,
}

impl Door {
    pub(crate) fn new(engine: Result<Engine, UserError>) -> Self {
        Self(Arc::new(Inner { engine, streams: Mutex::default() }))
    }

    /// The engine, or the error that every command then answers with.
    pub(crate) fn engine(&self) -> Result<&Engine, UserError> {
        self.0.engine.as_ref().map_err(Clone::clone)
    }

    /// A window that loads anew brings a new channel; its old stream ends.
    fn replace_stream(&self, window: &str, stream: JoinHandle<()>) {
        let mut streams = self.0.streams.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(old) = streams.insert(window.to_owned(), stream) {
            old.abort();
        }
    }
}

/// Runs a command of the engine's table.
#[tauri::command]
pub(crate) async fn engine(
    door: State<'_, Door>,
    name: String,
    args: Value,
) -> Result<Box<RawValue>, UserError> {
    door.engine()?.answer(&name, args).await
}

/// The payload of a message as raw bytes, which no JSON could carry cheaply.
#[tauri::command]
pub(crate) async fn payload(
    door: State<'_, Door>,
    profile: ProfileId,
    id: MessageId,
) -> Result<Response, UserError> {
    door.engine()?.payload(profile, id).await.map(Response::new)
}

/// Sends event batches to the window until it goes away.
#[tauri::command]
pub(crate) async fn events(
    door: State<'_, Door>,
    webview: Webview,
    channel: Channel<EventBatch>,
) -> Result<(), UserError> {
    let mut events = door.engine()?.events();
    let stream = tauri::async_runtime::spawn(async move {
        loop {
            let batch = events.next().await;
            if channel.send(batch).is_err() {
                return;
            }
        }
    });
    door.replace_stream(webview.label(), stream);
    Ok(())
}
