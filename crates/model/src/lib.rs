//! The nouns of MQTTScope: what a profile, a session, a message and an error are.
//!
//! No code here performs I/O, knows the time or draws a random number, so every rule in this
//! crate is a function of its arguments. The types that cross the door to the window carry their
//! TypeScript shape (`ts_rs::TS`); the words are those of the MQTT specification.

pub mod address;
pub mod broker;
pub mod bytes;
pub mod check;
pub mod connect;
pub mod endpoint;
pub mod error;
pub mod message;
pub mod profile;
pub mod properties;
pub mod qos;
pub mod reason;
pub mod secret;
pub mod session;
pub mod topic;
pub mod version;

pub use broker::{BrokerClient, BrokerState};
pub use bytes::Bytes;
pub use connect::{Attempt, ConnackInfo, ConnectStage, StageRecord, StageVerdict, TlsInfo};
pub use endpoint::{Endpoint, Scheme};
pub use error::{ErrorCode, UserError};
pub use message::{Direction, Message, MessageId, Outcome, Publish};
pub use profile::{
    ClientCertificate, Profile, ProfileId, Reconnect, Subscription, TlsRoots, TlsSettings, Will,
};
pub use qos::QoS;
pub use reason::ReasonCode;
pub use secret::{Secret, SecretName};
pub use session::{FilterState, SessionSnapshot, SessionState, SubscriptionState, Traffic};
pub use version::ProtocolVersion;
