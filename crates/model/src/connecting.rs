//! What CONNECT says besides who and where: the properties of MQTT 5 and enhanced authentication.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::SecretName;

/// A User Property. Names may repeat, and the order counts (MQTT 5.0, section 3.1.2.11.8).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct UserProperty {
    /// The name.
    pub name: String,
    /// The value.
    pub value: String,
}

/// The properties of CONNECT that have no field of their own (MQTT 5.0, section 3.1.2.11); what is none is not sent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields, default)]
pub struct ConnectProperties {
    /// Receive Maximum: how many QoS 1 and 2 messages the broker may send at once; at least 1.
    pub receive_maximum: Option<u16>,
    /// Maximum Packet Size in bytes that the broker may send; at least 1.
    pub maximum_packet_size: Option<u32>,
    /// Topic Alias Maximum: how many aliases the broker may use.
    pub topic_alias_maximum: Option<u16>,
    /// Request Response Information.
    pub request_response_information: Option<bool>,
    /// Request Problem Information; without it the broker takes it for true.
    pub request_problem_information: Option<bool>,
    /// User Properties.
    pub user_properties: Vec<UserProperty>,
}

/// Enhanced authentication (MQTT 5.0, section 4.12).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "method", rename_all = "snake_case", deny_unknown_fields)]
pub enum Authentication {
    /// A SCRAM exchange with the profile's user name and password, which then do not travel in CONNECT's Password
    /// (RFC 5802, RFC 7677).
    Scram {
        /// The hash.
        hash: ScramHash,
    },
    /// Any other method: its data goes out with CONNECT, and a broker that asks further is not answered.
    Other {
        /// Authentication Method.
        name: String,
        /// The keychain's name of the Authentication Data, kept as Base64
        /// ([`crate::SecretSlot::AuthenticationData`]).
        data: Option<SecretName>,
    },
}

/// The hash of a SCRAM exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
pub enum ScramHash {
    /// SCRAM-SHA-1.
    #[serde(rename = "SHA-1")]
    Sha1,
    /// SCRAM-SHA-256.
    #[serde(rename = "SHA-256")]
    Sha256,
    /// SCRAM-SHA-512.
    #[serde(rename = "SHA-512")]
    Sha512,
}

impl ScramHash {
    /// The Authentication Method that goes over the wire.
    pub fn method(self) -> &'static str {
        match self {
            Self::Sha1 => "SCRAM-SHA-1",
            Self::Sha256 => "SCRAM-SHA-256",
            Self::Sha512 => "SCRAM-SHA-512",
        }
    }
}
