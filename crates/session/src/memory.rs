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

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use mqttscope_model::{Endpoint, MessageId, PastConnection, ProtocolVersion};

use crate::Options;
use crate::client::Checkpoints;

/// A profile's session state. Clones share it; keep one for each profile.
#[derive(Clone, Debug, Default)]
pub struct SessionMemory {
    pub(crate) checkpoints: Checkpoints,
    pub(crate) past: Past,
    pub(crate) arrived: Arrived,
}

/// Messages of QoS 2 that came and whose PUBREL has not been answered, with the number under which each is recorded.
///
/// The library remembers those that were answered with PUBREC. One that was recorded and lost its connection before that
/// comes again, and is the same message `[MQTT-4.3.3-10]`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Arrived(Arc<Mutex<HashMap<u16, Option<MessageId>>>>);

impl Arrived {
    /// Under what the message of this Packet Identifier is recorded (none: it is not kept), where it came before.
    pub(crate) fn get(&self, packet: u16) -> Option<Option<MessageId>> {
        self.all().get(&packet).copied()
    }

    pub(crate) fn add(&self, packet: u16, id: Option<MessageId>) {
        self.all().insert(packet, id);
    }

    /// PUBCOMP went out.
    pub(crate) fn remove(&self, packet: u16) {
        self.all().remove(&packet);
    }

    /// The broker knows of none of them any more.
    pub(crate) fn clear(&self) {
        self.all().clear();
    }

    pub(crate) fn count(&self) -> usize {
        self.all().len()
    }

    fn all(&self) -> MutexGuard<'_, HashMap<u16, Option<MessageId>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
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
