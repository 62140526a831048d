//! The WebSocket stage (RFC 6455) and the byte stream that comes out of it.

mod answer;
mod handshake;
mod options;
mod refusal;
mod stream;

pub(crate) use handshake::{Request, handshake, request};
pub use options::WebSocketOptions;
#[cfg(test)]
pub(crate) use stream::WebSocketBytes;
