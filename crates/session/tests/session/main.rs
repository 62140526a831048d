//! Sessions against a scripted broker and against mosquitto.

mod support;

// mod acknowledging;
mod connecting;
// mod ending;
// mod library_settings;
// mod publishing;
// mod reconnecting;
// mod refusals;
// mod subscribing;
