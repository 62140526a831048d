//! The shell: a window, and the door between it and the engine.
//!
//! This is the only code that names Tauri, and it decides nothing: it passes commands to the
//! engine, bytes and events back, and ends the engine when the window ends.

mod door;
#[cfg(target_os = "linux")]
mod painting;

use std::process::ExitCode;
use std::time::Duration;

use mqttscope_engine::{Engine, Folders, Ports, Start};
use mqttscope_model::{ErrorCode, UserError};
use tauri::RunEvent;

use crate::door::Door;

pub use mqttscope_engine::{is_broker_process, run_broker_process};

/// How long sessions and histories may take to end before the process ends anyway.
const END: Duration = Duration::from_secs(5);

/// Opens the window and returns when it is closed.
pub fn run() -> ExitCode {
    tracing_subscriber::fmt()
        .with_env_filter(
            tracing_subscriber::EnvFilter::try_from_default_env()
                .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("warn")),
        )
        .with_writer(std::io::stderr)
        .init();

    #[cfg(target_os = "linux")]
    painting::choose();

    // An engine that cannot start is told in the window: people who click an icon read no stderr.
    let door = Door::new(tauri::async_runtime::block_on(start()));
    let app = tauri::Builder::default()
        .plugin(tauri_plugin_dialog::init())
        .manage(door.clone())
        .invoke_handler(tauri::generate_handler![door::engine, door::payload, door::events])
        .build(tauri::generate_context!());
    match app {
        Ok(app) => {
            app.run(move |_, event| {
                if let RunEvent::Exit = event {
                    stop(&door);
                }
            });
            ExitCode::SUCCESS
        }
        Err(error) => {
            tracing::error!(%error, "the window could not be opened");
            ExitCode::FAILURE
        }
    }
}

async fn start() -> Result<Engine, UserError> {
    let folders = Folders::of_user().ok_or_else(|| {
        UserError::new(ErrorCode::FolderUnusable, "This user has no home folder.")
    })?;
    let broker_executable = std::env::current_exe().map_err(|error| {
        UserError::new(ErrorCode::Internal, format!("The executable's path is not known: {error}"))
    })?;
    Engine::start(Start { folders, broker_executable, broker_ports: Ports::default() }).await
}

fn stop(door: &Door) {
    let Ok(engine) = door.engine() else { return };
    let ended =
        tauri::async_runtime::block_on(async { tokio::time::timeout(END, engine.stop()).await });
    if ended.is_err() {
        tracing::warn!("sessions or histories did not end in time");
    }
}
