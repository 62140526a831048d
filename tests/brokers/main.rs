//! What the engine does with real brokers and with misbehaving ones; a module for each behaviour.

mod broker_restarts;
mod every_transport;
mod large_payloads;
mod local_broker;
mod broker_restarts;
mod client_certificate;
mod every_scheme_and_version;
mod files_survive;
mod large_payload;
mod local_broker;
mod misbehaving;
mod mosquitto_listens;
mod topics_that_cannot_be;
mod wrong_password;
mod publish_refusals;
mod refusals;
mod restart_of_ours;
mod scripted;
