//! What an importer finds, whatever the format was.

use mqttscope_model::{Colour, Message, Profile, Secrets};
use serde::Serialize;
use ts_rs::TS;

/// A format that can be imported, recognised by its content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ImportFormat {
    /// Our own export, as JSON or YAML.
    Mqttscope,
    /// MQTTX: JSON or YAML.
    MqttxJson,
    /// MQTTX: XML.
    MqttxXml,
    /// MQTTX: CSV, of either age.
    MqttxCsv,
    /// MQTTX: Excel.
    MqttxExcel,
    /// MQTTX's own database.
    MqttxDatabase,
    /// MQTT Explorer's `settings.json`.
    MqttExplorer,
    /// An options file of mosquitto's clients.
    MosquittoOptions,
    /// A command line of mosquitto's clients.
    MosquittoCommand,
    /// One or more addresses.
    Url,
    /// HiveMQ CLI's `config.properties`.
    HivemqCli,
    /// MQTTAnalyzer's `.mqttbroker`.
    MqttAnalyzer,
    /// MQTT.fx's `mqttfx-config.xml`.
    MqttFx,
    /// mqtt-spy's configuration.
    MqttSpy,
}

/// What was found in a file or a text.
#[derive(Clone, Debug)]
pub struct Found {
    /// Which format it is in.
    pub format: ImportFormat,
    /// The profiles.
    pub profiles: Vec<FoundProfile>,
    /// Their folders; profiles that it does not name stand at the top.
    pub tree: Vec<FoundNode>,
    /// What concerns no profile alone.
    pub notes: Vec<Note>,
    /// Secrets that need a passphrase first, in the age format.
    pub locked: Option<Vec<u8>>,
}

/// A profile that was found.
#[derive(Clone, Debug)]
pub struct FoundProfile {
    /// The profile. Its identifier is the same each time the same source is read, so that a second import finds the
    /// first one's profiles.
    pub profile: Profile,
    /// Its secrets, in clear; the profile names none of them yet.
    pub secrets: Secrets,
    /// Messages that the source kept, oldest first.
    pub messages: Vec<Message>,
    /// What has no counterpart, and why.
    pub notes: Vec<Note>,
}

/// A folder or a profile in the source's order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FoundNode {
    /// A folder.
    Folder {
        /// Its name.
        name: String,
        /// Its colour.
        colour: Option<Colour>,
        /// What lies in it.
        children: Vec<FoundNode>,
    },
    /// The index of a profile.
    Profile(usize),
}

/// Something that a person should know before importing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct Note {
    /// Where, in the source's own terms: `subscriptions[2].nl`; empty where it is the whole.
    pub field: String,
    /// What stood there, shortened; never a secret.
    pub value: String,
    /// Why it is noted; the window's catalogues have a wording for each.
    pub code: NoteCode,
}

macro_rules! note_codes {
    ($($(#[doc = $doc:literal])+ $variant:ident = $code:literal,)+) => {
        /// Why something is noted. Words are never renamed or used for something else.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, TS)]
        pub enum NoteCode {
            $($(#[doc = $doc])+ #[serde(rename = $code)] $variant,)+
        }

        impl NoteCode {
            /// All codes.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The code as text.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $code,)+ }
            }
        }
    };
}

note_codes! {
    /// MQTTScope has no such setting.
    NoCounterpart = "no_counterpart",
    /// The value cannot be used and was left at its default.
    NotUsable = "not_usable",
    /// A subscription that was switched off is left out.
    SubscriptionOff = "subscription_off",
    /// It was made by the other program and is made anew here.
    Generated = "generated",
    /// A message cannot be read and is left out.
    MessageUnreadable = "message_unreadable",
    /// A file that the profile names is not on this machine.
    PathFromElsewhere = "path_from_elsewhere",
    /// A secret was left out.
    SecretLeftOut = "secret_left_out",
    /// A file named by the profile could not be read, so its path stays.
    FileNotEmbedded = "file_not_embedded",
    /// Messages are only brought into an empty history.
    MessagesNeedEmptyHistory = "messages_need_empty_history",
    /// A private key is embedded only where secrets are encrypted with a passphrase, so its path stays.
    KeyNeedsPassphrase = "key_needs_passphrase",
    /// The profile names a secret that no store holds.
    SecretMissing = "secret_missing",
}
