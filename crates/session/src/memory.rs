//! What outlives a connection: the protocol's session state and how earlier connections ended, in memory.
//!
//! With Clean Start off the broker may answer that it still has the session. The library takes that for an error
//! unless it has a checkpoint of its own (`[MQTT-3.2.2-4]`). The checkpoint is kept here for as long as the
//! application runs; after a restart an empty one stands in, which is right for a client that only acknowledges
//! what it has stored. The price: a message of QoS 2 that was on its way when the application ended may be stored twice.
//!
//! How connections ended is kept here too, because a pattern shows over several of them and a person who
//! presses Connect again begins another session. It counts for one client at one broker: with another address,
//! version or Client Identifier it begins anew, or a fault that was mended would go on being named.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use mqttscope_model::{Endpoint, PastConnection, ProtocolVersion};

use crate::Options;
use crate::client::Checkpoints;

/// A profile's session state. Clones share it; keep one for each profile.
#[derive(Clone, Debug, Default)]
pub struct SessionMemory {
    pub(crate) checkpoints: Checkpoints,
    pub(crate) past: Past,
}

/// The connections that were lost, oldest first.
#[derive(Clone, Debug, Default)]
pub(crate) struct Past(Arc<Mutex<Kept>>);

#[derive(Debug, Default)]
struct Kept {
    of: Option<Client>,
    connections: VecDeque<PastConnection>,
}

/// Whose connections they were. The identifier is the profile's, so that a placeholder in it does not make
/// each session another client.
#[derive(Debug, PartialEq, Eq)]
struct Client {
    endpoint: Endpoint,
    version: ProtocolVersion,
    client_id: String,
}

impl Past {
    /// Forgets what was another client's.
    pub(crate) fn begin(&self, options: &Options) {
        let client = Client {
            endpoint: options.endpoint.clone(),
            version: options.version,
            client_id: options.client_id_template.clone(),
        };
        let mut kept = self.kept();
        if kept.of.as_ref() != Some(&client) {
            *kept = Kept { of: Some(client), connections: VecDeque::new() };
        }
    }

    /// Adds a connection and drops the oldest where there are too many.
    pub(crate) fn add(&self, connection: PastConnection) {
        let mut kept = self.kept();
        kept.connections.push_back(connection);
        let more = kept.connections.len().saturating_sub(PastConnection::KEPT);
        kept.connections.drain(..more);
    }

    /// All of them.
    pub(crate) fn all(&self) -> Vec<PastConnection> {
        self.kept().connections.iter().cloned().collect()
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
