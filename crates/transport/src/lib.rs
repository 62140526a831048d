//! Byte streams to brokers: the dialler.
//!
//! [`dial`] makes a stream in stages (name, TCP, proxy, TLS, WebSocket), each with its own time limit, its time and
//! one line of evidence, and fails with one cause out of [`DialCause`]. There is one dialler for normal use
//! and for diagnosis, so what the diagnosis says is what the connection met. Nothing here knows MQTT:
//! a stream is bytes in and bytes out.
//!
//! The price of telling causes apart is that this crate owns its certificate verifier, its name lookup
//! and its race over addresses, where one call into a library would return one line of text.

mod cause;
mod details;
mod dial;
mod error;
mod evidence;
mod name;
mod probe;
mod proxy;
mod spoken;
mod tcp;
mod tls;
mod websocket;
mod wording;

#[cfg(test)]
mod tests;

pub use dial::{
    ByteStream, DialEvent, DialOptions, Dialled, StageLimits, Stream, dial, dial_watched,
    explain_late_failure,
};
pub use error::{DialCause, DialError};
pub use probe::{Hello, try_every_address, try_scheme};
pub use proxy::ProxyOptions;
pub use spoken::{Spoken, show_bytes};
pub use tls::TlsOptions;
pub use websocket::WebSocketOptions;
