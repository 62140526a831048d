//! An MQTT session over a dialled stream: one actor task each.
//!
//! A [`Session`] is a handle to a task that owns the connection: it dials, speaks MQTT through the library
//! that [`client`] alone names, hands every message to a [`Recorder`], acknowledges what the recorder has
//! committed, and makes the connection again when it is lost. Nothing else shares its state: requests
//! are messages to the task, and everything that the window shows comes out as one
//! [`SessionSnapshot`](mqttscope_model::SessionSnapshot).
//!
//! The library reads in large batches and forgets a batch that ends in an error. [`wire`] prevents the loss
//! by cutting what it hands over at the packets that may end a connection. The price is a second, small look at
//! each packet's header.

mod actor;
mod client;
mod dial;
mod error;
mod evidence;
mod handle;
mod memory;
mod options;
mod parting;
mod policy;
mod properties;
mod recorder;
mod scram;
mod sizes;
mod subscribing;
mod view;
mod wire;

pub use error::{Forbidden, SessionError};
pub use handle::Session;
pub use memory::SessionMemory;
pub use options::Options;
pub use parting::DisconnectRule;
pub use properties::PropertyRule;
pub use recorder::Recorder;
pub use subscribing::check as check_subscription;
