//! What the window shows of the built-in local broker.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::UserError;

/// The local broker's state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum BrokerState {
    /// Not running.
    Stopped,
    /// The process was started and has not said yet that it listens.
    Starting,
    /// Serving clients.
    Running {
        /// The port of mqtt on 127.0.0.1.
        mqtt_port: u16,
        /// The port of ws on 127.0.0.1, path `/mqtt`.
        ws_port: u16,
        /// Who is connected.
        clients: Vec<BrokerClient>,
    },
    /// It could not start, or ended by itself.
    Failed {
        /// Why.
        error: UserError,
    },
}

/// A client of the local broker.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct BrokerClient {
    /// Its Client Identifier.
    pub client_id: String,
    /// Its version of MQTT as text: `3.1`, `3.1.1` or `5.0`.
    pub version: String,
    /// Its address and port.
    pub address: String,
}
