//! What the specification demands of a client, tried against brokers that keep to it and brokers that do not; and the table in
//! `docs/conformance.md`, held against the tests that it names.
//!
//! A program of its own beside `session`: the same support, other questions. The price is that one more program is linked.

#[cfg(test)]
#[path = "../session/support/mod.rs"]
#[allow(dead_code, reason = "the tests of `session` use the rest")]
mod support;

#[cfg(test)]
mod delivery;
#[cfg(test)]
mod random;
#[cfg(test)]
mod strictness;
#[cfg(test)]
mod table;
