//! Each cause is met for real: a server in this process misbehaves, and the dial must say how.

mod inspect;
mod keys;
mod pins;
mod proxy;
mod settings;
mod streams;
mod support;
mod tcp;
mod tls;
mod websocket;
