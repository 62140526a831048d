//! What the acceptance tests stand on: real brokers, certificates, and the real window.
//!
//! Everything here is started by a test and ends with it: servers listen on free ports of
//! 127.0.0.1, files lie in a folder that is removed, processes are killed with all their children
//! when their owner is dropped. Nothing waits for a fixed time; [`wait`] watches a condition and
//! fails with what it last saw.

pub mod answering;
pub mod app;
pub mod bench;
pub mod certificates;
pub mod chat;
pub mod cli;
pub mod display;
pub mod faults;
pub mod home;
pub mod languages;
pub mod mosquitto;
pub mod nginx;
pub mod pointer;
pub mod ports;
pub mod process;
pub mod scripted;
pub mod wait;
pub mod window;

pub use answering::Answering;
pub use app::App;
pub use certificates::Certificates;
pub use home::Home;
pub use mosquitto::{ClientCertificates, Mosquitto};
pub use nginx::Nginx;
pub use window::Window;
