//! The properties of MQTT 5.0 that questions ask for (section 2.2.2.2); the others are read and passed over.

use crate::packet::Malformed;
use crate::reading::Reader;

const MESSAGE_EXPIRY: u8 = 0x02;
const SUBSCRIPTION_IDENTIFIER: u8 = 0x0B;
const SESSION_EXPIRY: u8 = 0x11;
const ASSIGNED_CLIENT_ID: u8 = 0x12;
const WILL_DELAY: u8 = 0x18;
const REASON_STRING: u8 = 0x1F;
const TOPIC_ALIAS_MAXIMUM: u8 = 0x22;
const TOPIC_ALIAS: u8 = 0x23;
const MAXIMUM_QOS: u8 = 0x24;
const RETAIN_AVAILABLE: u8 = 0x25;
const MAXIMUM_PACKET_SIZE: u8 = 0x27;
const WILDCARD_AVAILABLE: u8 = 0x28;
const SUBSCRIPTION_IDENTIFIERS_AVAILABLE: u8 = 0x29;
const SHARED_AVAILABLE: u8 = 0x2A;

#[derive(Clone, Debug, PartialEq, Eq)]
enum Value {
    Byte(u8),
    Two(u16),
    Four(u32),
    Variable(u32),
    Text(String),
}

/// Properties in the order in which they stand.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Properties(Vec<(u8, Value)>);

impl Properties {
    pub(crate) fn message_expiry(&mut self, seconds: u32) {
        self.0.push((MESSAGE_EXPIRY, Value::Four(seconds)));
    }

    pub(crate) fn session_expiry(&mut self, seconds: u32) {
        self.0.push((SESSION_EXPIRY, Value::Four(seconds)));
    }

    pub(crate) fn will_delay(&mut self, seconds: u32) {
        self.0.push((WILL_DELAY, Value::Four(seconds)));
    }

    pub(crate) fn topic_alias(&mut self, alias: u16) {
        self.0.push((TOPIC_ALIAS, Value::Two(alias)));
    }

    pub(crate) fn subscription_identifier(&mut self, identifier: u32) {
        self.0.push((SUBSCRIPTION_IDENTIFIER, Value::Variable(identifier)));
    }

    /// Seconds that are left of a message.
    pub(crate) fn expires_in(&self) -> Option<u32> {
        self.number(MESSAGE_EXPIRY)
    }

    /// The Session Expiry Interval that the broker set.
    pub(crate) fn expiry_of_session(&self) -> Option<u32> {
        self.number(SESSION_EXPIRY)
    }

    pub(crate) fn subscription_identifiers(&self) -> Vec<u32> {
        let own = self.0.iter().filter(|(id, _)| *id == SUBSCRIPTION_IDENTIFIER);
        own.filter_map(|(_, value)| value.number()).collect()
    }

    pub(crate) fn assigned_client_id(&self) -> Option<&str> {
        self.text(ASSIGNED_CLIENT_ID)
    }

    pub(crate) fn reason_string(&self) -> Option<&str> {
        self.text(REASON_STRING)
    }

    pub(crate) fn topic_alias_maximum(&self) -> Option<u16> {
        self.number(TOPIC_ALIAS_MAXIMUM).and_then(|value| value.try_into().ok())
    }

    pub(crate) fn maximum_qos(&self) -> Option<u8> {
        self.number(MAXIMUM_QOS).and_then(|value| value.try_into().ok())
    }

    pub(crate) fn maximum_packet_size(&self) -> Option<u32> {
        self.number(MAXIMUM_PACKET_SIZE)
    }

    pub(crate) fn retain_available(&self) -> Option<bool> {
        self.flag(RETAIN_AVAILABLE)
    }

    pub(crate) fn wildcard_available(&self) -> Option<bool> {
        self.flag(WILDCARD_AVAILABLE)
    }

    pub(crate) fn subscription_identifiers_available(&self) -> Option<bool> {
        self.flag(SUBSCRIPTION_IDENTIFIERS_AVAILABLE)
    }

    pub(crate) fn shared_available(&self) -> Option<bool> {
        self.flag(SHARED_AVAILABLE)
    }

    fn value(&self, wanted: u8) -> Option<&Value> {
        self.0.iter().find(|(id, _)| *id == wanted).map(|(_, value)| value)
    }

    fn number(&self, id: u8) -> Option<u32> {
        self.value(id).and_then(Value::number)
    }

    fn flag(&self, id: u8) -> Option<bool> {
        self.number(id).map(|value| value != 0)
    }

    fn text(&self, id: u8) -> Option<&str> {
        match self.value(id)? {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Writes them with their length in front.
    pub(crate) fn write(&self, into: &mut Vec<u8>) {
        let mut body = Vec::new();
        for (id, value) in &self.0 {
            body.push(*id);
            match value {
                Value::Byte(value) => body.push(*value),
                Value::Two(value) => body.extend(value.to_be_bytes()),
                Value::Four(value) => body.extend(value.to_be_bytes()),
                Value::Variable(value) => write_variable(&mut body, *value),
                Value::Text(text) => {
                    body.extend(u16::try_from(text.len()).unwrap_or(u16::MAX).to_be_bytes());
                    body.extend(text.bytes().take(usize::from(u16::MAX)));
                }
            }
        }
        write_variable(into, u32::try_from(body.len()).unwrap_or(u32::MAX));
        into.extend(body);
    }

    /// Reads all that `bytes` hold.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader(bytes);
        let mut found = Vec::new();
        while !reader.0.is_empty() {
            let id = reader.byte()?;
            found.push((id, read_value(id, &mut reader)?));
        }
        Ok(Self(found))
    }
}

impl Value {
    fn number(&self) -> Option<u32> {
        match self {
            Self::Byte(value) => Some((*value).into()),
            Self::Two(value) => Some((*value).into()),
            Self::Four(value) | Self::Variable(value) => Some(*value),
            Self::Text(_) => None,
        }
    }
}

/// A property's value in the shape that the specification gives its identifier.
fn read_value(id: u8, reader: &mut Reader<'_>) -> Result<Value, Malformed> {
    Ok(match id {
        0x01 | 0x17 | 0x19 | 0x24 | 0x25 | 0x28 | 0x29 | 0x2A => Value::Byte(reader.byte()?),
        0x13 | 0x21 | 0x22 | 0x23 => Value::Two(reader.two()?),
        0x02 | 0x11 | 0x18 | 0x27 => Value::Four(reader.four()?),
        0x0B => Value::Variable(reader.variable()?),
        0x03 | 0x08 | 0x12 | 0x15 | 0x1A | 0x1C | 0x1F => Value::Text(reader.text()?),
        // Binary Data and User Properties are no question's.
        0x09 | 0x16 => {
            reader.data()?;
            Value::Text(String::new())
        }
        0x26 => {
            reader.data()?;
            reader.data()?;
            Value::Text(String::new())
        }
        _ => return Err(Malformed),
    })
}

/// A Variable Byte Integer (section 1.5.5).
pub(crate) fn write_variable(into: &mut Vec<u8>, mut value: u32) {
    loop {
        let low = u8::try_from(value & 0x7F).unwrap_or_default();
        value >>= 7;
        if value == 0 {
            return into.push(low);
        }
        into.push(low | 0x80);
    }
}
