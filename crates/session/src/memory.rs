//! What outlives a connection: the protocol's session state, in memory.
//!
//! With Clean Start off the broker may answer that it still has the session. The library takes that for an error
//! unless it has a checkpoint of its own (`[MQTT-3.2.2-4]`). The checkpoint is kept here for as long as the
//! application runs; after a restart an empty one stands in, which is right for a client that only acknowledges
//! what it has stored. The price: a message of QoS 2 that was on its way when the application ended may be stored twice.

use crate::client::Checkpoints;

/// A profile's session state. Clones share it; keep one for each profile.
#[derive(Clone, Debug, Default)]
pub struct SessionMemory {
    pub(crate) checkpoints: Checkpoints,
}
