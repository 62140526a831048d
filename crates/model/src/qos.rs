//! Quality of Service, the delivery guarantee of one PUBLISH or one subscription.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A Quality of Service level; the wire value 3 cannot be represented (`[MQTT-3.3.1-4]`).
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS,
)]
#[serde(into = "u8", try_from = "u8")]
#[ts(type = "0 | 1 | 2")]
pub enum QoS {
    /// Sent once, never acknowledged.
    #[default]
    AtMostOnce,
    /// Acknowledged with PUBACK, may arrive more than once.
    AtLeastOnce,
    /// The four-packet exchange: arrives exactly once.
    ExactlyOnce,
}

impl From<QoS> for u8 {
    fn from(qos: QoS) -> Self {
        match qos {
            QoS::AtMostOnce => 0,
            QoS::AtLeastOnce => 1,
            QoS::ExactlyOnce => 2,
        }
    }
}

/// The number is no Quality of Service level.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} is no QoS; allowed are 0, 1 and 2 [MQTT-3.3.1-4]")]
pub struct InvalidQoS(pub u8);

impl TryFrom<u8> for QoS {
    type Error = InvalidQoS;

    fn try_from(value: u8) -> Result<Self, InvalidQoS> {
        match value {
            0 => Ok(Self::AtMostOnce),
            1 => Ok(Self::AtLeastOnce),
            2 => Ok(Self::ExactlyOnce),
            other => Err(InvalidQoS(other)),
        }
    }
}
