//! What the engine does with real brokers and with misbehaving ones; a module for each behaviour.

mod broker_restarts;
mod cancel_is_at_once;
mod client_certificate;
mod client_keys;
mod copy_as;
mod enhanced_authentication;
mod every_scheme_and_version;
mod files_survive;
mod flood;
mod killed_and_resumed;
mod large_payload;
mod local_broker;
mod misbehaving;
mod mosquitto_listens;
mod nobody_listens;
mod planted_secrets;
mod proxies;
mod publish_properties;
mod requests;
mod server_certificate;
mod several_at_once;
mod topics_that_cannot_be;
mod will_and_connect_properties;
mod wrong_password;
