//! A profile as something to paste elsewhere: a command line, an address, code. Never with a secret: each is read from an
//! environment variable that the result names.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::found::Note;

/// What a profile is copied as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum CopyTarget {
    /// A `mosquitto_sub` command line.
    MosquittoSub,
    /// A `mosquitto_pub` command line.
    MosquittoPub,
    /// MQTTX's JSON.
    MqttxJson,
    /// An address.
    Url,
    /// Python with paho-mqtt 2.
    Python,
    /// JavaScript with MQTT.js 5.
    Javascript,
    /// Rust with rumqttc.
    Rust,
    /// Go with paho.golang.
    Go,
    /// Java with the HiveMQ client.
    Java,
    /// C# with MQTTnet.
    Csharp,
}

/// How the text is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "they say what they are")]
pub enum Language {
    Shell,
    Json,
    Text,
    Python,
    Javascript,
    Rust,
    Go,
    Java,
    Csharp,
}

/// What was copied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct Copied {
    /// The text.
    pub text: String,
    /// How it is shown.
    pub language: Language,
    /// The environment variables that it reads secrets from.
    pub needs: Vec<Needed>,
    /// What of the profile is not in it, and why.
    pub notes: Vec<Note>,
}

/// An environment variable that must be set first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct Needed {
    /// Its name.
    pub variable: String,
    /// The secret that it stands for.
    pub slot: mqttscope_model::SecretSlot,
}
