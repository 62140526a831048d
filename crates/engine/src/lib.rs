//! The application without a window.
//!
//! [`Engine`] owns everything that lives as long as the application: profiles, secrets, sessions,
//! histories, settings and the local broker. A window (or a test) talks to it through one door:
//! [`Engine::call`] with a command's name and arguments, [`Engine::payload`] for raw bytes, and
//! [`Engine::events`] for what changes. Deliberately absent: any knowledge of Tauri.

mod allocator;
pub mod api;
mod commands;
mod comparing;
mod diagnoses;
mod diagnosis;
mod engine;
mod events;
mod exchange;
mod files;
mod folders;
mod histories;
mod import;
mod importing;
mod imports;
mod jobs;
mod local;
mod packets;
mod placing;
mod presets;
mod probes;
mod publishing;
mod reading;
mod recorder;
mod replying;
mod requests;
mod saving;
mod sessions;
mod settings;
mod shapes;
mod sides;
mod subscribing;
mod table;
mod tree;
mod typescript;
mod undo;
mod views;

pub use engine::{Engine, Start};
pub use events::Events;
pub use folders::Folders;
pub use mqttscope_broker::{Ports, is_broker_process, run_broker_process};
pub use typescript::bindings;
