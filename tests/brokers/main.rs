//! What the engine does with real brokers and with misbehaving ones; a module for each behaviour.

mod mosquitto_listens;
