//! What kind of broker a case has, and what the client asks of it.

use mqttscope_model::ProtocolVersion;
use proptest::prelude::*;

/// What kind of broker it is, and what the client asks of it.
#[derive(Clone, Copy, Debug)]
pub struct Manners {
    pub version: ProtocolVersion,
    pub clean_start: bool,
    /// Only MQTT 5 has one.
    pub receive_maximum: Option<u16>,
    /// How many Topic Aliases the client takes, and how many the broker does. Only MQTT 5 has them.
    pub aliases: (u16, u16),
    /// The client gives the broker's aliases on its own.
    pub automatic: bool,
    /// The Keep Alive is a second; with MQTT 5 it is the broker that says so.
    pub pings: bool,
}

impl Manners {
    /// The properties of CONNACK.
    pub fn says(&self) -> Vec<u8> {
        let mut list = Vec::new();
        let mut say = |id: u8, value: u16| list.extend([&[id][..], &value.to_be_bytes()].concat());
        if let Some(maximum) = self.receive_maximum {
            say(0x21, maximum);
        }
        if self.aliases.1 > 0 {
            say(0x22, self.aliases.1);
        }
        if self.pings {
            say(0x13, 1);
        }
        list
    }
}

/// Any of them.
pub fn manners() -> impl Strategy<Value = Manners> {
    let version = prop_oneof![
        2 => Just(ProtocolVersion::V31),
        4 => Just(ProtocolVersion::V311),
        6 => Just(ProtocolVersion::V5),
    ];
    let maximum = prop_oneof![Just(None), (1..5_u16).prop_map(Some)];
    let aliases = (0..3_u16, 0..3_u16);
    // Each of these waits takes a second.
    let pings = prop::bool::weighted(0.05);
    (version, prop::bool::weighted(0.2), maximum, aliases, any::<bool>(), pings).prop_map(
        |(version, clean_start, receive_maximum, aliases, automatic, pings)| {
            let aliases = if version == ProtocolVersion::V5 { aliases } else { (0, 0) };
            Manners { version, clean_start, receive_maximum, aliases, automatic, pings }
        },
    )
}
