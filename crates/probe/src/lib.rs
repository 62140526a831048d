//! "What can this broker do?": questions that are put to a real broker, and what it shows.
//!
//! A CONNACK announces little and not always the truth, so each question is tried: over connections of its own, whose Client
//! Identifiers are derived from the profile's and never the profile's own, which would take the user's session over. All that
//! is published and subscribed to lies below one prefix with a random level. A module of [`questions`] says what is sent, what
//! is expected and how it is judged; [`Run`] puts them one after the other and cleans up.
//!
//! The price of real attempts is time (a Will Delay is waited for) and traffic, so nothing here starts by itself.

mod broker;
mod finding;
mod link;
mod names;
mod packet;
mod property;
mod questions;
mod reading;
mod run;

pub use run::{Case, Run};
