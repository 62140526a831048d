//! Each cause is met for real: a server in this process misbehaves, and the dial must say how.

mod answers;
mod inspect;
mod keys;
mod pins;
mod probes;
mod proxy;
mod settings;
mod streams;
mod support;
mod tcp;
mod tls;
mod websocket;
