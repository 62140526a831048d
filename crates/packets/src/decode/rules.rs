//! What a packet breaks, and in which version's words.

use std::borrow::Cow;

use mqttscope_model::{PacketFault, ProtocolVersion};

/// A rule as the two generations of the specification number it. 3.1 has no numbers; its faults are told by 3.1.1's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rule {
    v5: &'static str,
    v311: &'static str,
}

impl Rule {
    pub(crate) const fn new(v5: &'static str, v311: &'static str) -> Self {
        Self { v5, v311 }
    }

    /// With one number in both.
    pub(crate) const fn both(rule: &'static str) -> Self {
        Self { v5: rule, v311: rule }
    }

    pub(crate) fn of(self, version: ProtocolVersion) -> &'static str {
        if version == ProtocolVersion::V5 { self.v5 } else { self.v311 }
    }
}

/// A fault with its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) at: usize,
    /// 0 where bytes are missing.
    pub(crate) len: usize,
    pub(crate) rule: Rule,
    pub(crate) text: Cow<'static, str>,
}

impl Fault {
    pub(crate) fn told(self, version: ProtocolVersion) -> PacketFault {
        PacketFault {
            at: self.at as u64,
            len: self.len as u64,
            rule: self.rule.of(version).to_owned(),
            text: self.text.into_owned(),
        }
    }
}

pub(crate) const FLAGS: Rule = Rule::new("[MQTT-2.1.3-1]", "[MQTT-2.2.2-1]");
pub(crate) const TYPES: Rule = Rule::new("MQTT 5.0, 2.1.2", "MQTT 3.1.1, 2.2.1");
pub(crate) const REMAINING_LENGTH: Rule = Rule::new("MQTT 5.0, 2.1.4", "MQTT 3.1.1, 2.2.3");
pub(crate) const VARIABLE_INTEGER: Rule = Rule::new("MQTT 5.0, 1.5.5", "MQTT 3.1.1, 2.2.3");
pub(crate) const SHORTEST_INTEGER: Rule = Rule::both("[MQTT-1.5.5-1]");
pub(crate) const UTF8: Rule = Rule::new("[MQTT-1.5.4-1]", "[MQTT-1.5.3-1]");
pub(crate) const NULL: Rule = Rule::new("[MQTT-1.5.4-2]", "[MQTT-1.5.3-2]");
pub(crate) const PACKET_ID: Rule = Rule::new("[MQTT-2.2.1-3]", "[MQTT-2.3.1-1]");
pub(crate) const PROPERTIES: Rule = Rule::both("MQTT 5.0, 2.2.2.2");
