//! The local broker as a process: its life, and what its clients see. Clients are mosquitto's, and
//! for ws a bare WebSocket with a few MQTT packets written by hand.

#[cfg(test)]
mod clients;
#[cfg(test)]
mod lifetime;
#[cfg(test)]
mod messages;
#[cfg(test)]
mod support;
#[cfg(test)]
mod websocket;
