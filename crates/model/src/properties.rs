//! MQTT 5 properties of a PUBLISH, kept in their wire encoding and read as a list.
//!
//! The history stores the bytes as they came, so a broker's odd choice of order or a property that
//! came twice is shown as it was; whether the packet broke a rule is for the session to say. The
//! price is that a list is decoded each time it is shown.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::Bytes;

/// A property of a PUBLISH (MQTT 5.0, section 3.3.2.3).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "name", content = "value", rename_all = "snake_case")]
pub enum Property {
    /// 0x01: 0 unspecified bytes, 1 UTF-8.
    PayloadFormatIndicator(u8),
    /// 0x02: seconds.
    MessageExpiryInterval(u32),
    /// 0x03.
    ContentType(String),
    /// 0x08.
    ResponseTopic(String),
    /// 0x09.
    CorrelationData(Bytes),
    /// 0x0B: the subscription's identifier, 1 to [`MAX_VARIABLE_INTEGER`].
    SubscriptionIdentifier(u32),
    /// 0x23.
    TopicAlias(u16),
    /// 0x26: may come repeatedly, in order.
    UserProperty(String, String),
}

/// The largest Variable Byte Integer (MQTT 5.0, section 1.5.5).
pub const MAX_VARIABLE_INTEGER: u32 = 268_435_455;

/// Why bytes are no list of a PUBLISH's properties. Positions count from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PropertyError {
    /// The bytes end inside a property.
    #[error("the properties end inside the property that begins at byte {at}")]
    Truncated {
        /// Where the property begins.
        at: usize,
    },
    /// An identifier that a PUBLISH does not have.
    #[error("0x{id:02X} at byte {at} is no property of a PUBLISH [MQTT 5.0, table 2-4]")]
    Unknown {
        /// The identifier.
        id: u8,
        /// Where it stands.
        at: usize,
    },
    /// A string that is not UTF-8.
    #[error("the property at byte {at} holds a string that is not UTF-8 [MQTT-1.5.4-1]")]
    NotUtf8 {
        /// Where the property begins.
        at: usize,
    },
    /// A Variable Byte Integer of more than four bytes.
    #[error("the property at byte {at} holds an integer of more than four bytes [MQTT 5.0, 1.5.5]")]
    IntegerTooLong {
        /// Where the property begins.
        at: usize,
    },
}

/// The wire encoding of `properties`, in their order, without the length in front.
///
/// What a PUBLISH carried always fits. A value that the wire cannot carry (a string or binary of
/// more than 65,535 bytes, an identifier above [`MAX_VARIABLE_INTEGER`]) is left out whole.
pub fn encode(properties: &[Property]) -> Vec<u8> {
    let mut out = Vec::new();
    for property in properties {
        let begin = out.len();
        if encode_one(&mut out, property).is_none() {
            out.truncate(begin);
        }
    }
    out
}

/// Reads the wire encoding, without the length in front, in its order.
///
/// # Errors
/// [`PropertyError`] names the first property that cannot be read.
pub fn decode(bytes: &[u8]) -> Result<Vec<Property>, PropertyError> {
    let mut reader = Reader { rest: bytes, total: bytes.len(), at: 0 };
    let mut properties = Vec::new();
    while !reader.rest.is_empty() {
        reader.at = reader.total - reader.rest.len();
        properties.push(decode_one(&mut reader)?);
    }
    Ok(properties)
}

fn encode_one(out: &mut Vec<u8>, property: &Property) -> Option<()> {
    match property {
        Property::PayloadFormatIndicator(value) => out.extend([0x01, *value]),
        Property::MessageExpiryInterval(value) => {
            out.push(0x02);
            out.extend(value.to_be_bytes());
        }
        Property::ContentType(value) => {
            out.push(0x03);
            put_binary(out, value.as_bytes())?;
        }
        Property::ResponseTopic(value) => {
            out.push(0x08);
            put_binary(out, value.as_bytes())?;
        }
        Property::CorrelationData(value) => {
            out.push(0x09);
            put_binary(out, &value.0)?;
        }
        Property::SubscriptionIdentifier(value) => {
            out.push(0x0b);
            put_variable_integer(out, *value)?;
        }
        Property::TopicAlias(value) => {
            out.push(0x23);
            out.extend(value.to_be_bytes());
        }
        Property::UserProperty(name, value) => {
            out.push(0x26);
            put_binary(out, name.as_bytes())?;
            put_binary(out, value.as_bytes())?;
        }
    }
    Some(())
}

fn put_binary(out: &mut Vec<u8>, bytes: &[u8]) -> Option<()> {
    out.extend(u16::try_from(bytes.len()).ok()?.to_be_bytes());
    out.extend(bytes);
    Some(())
}

fn put_variable_integer(out: &mut Vec<u8>, mut value: u32) -> Option<()> {
    if value > MAX_VARIABLE_INTEGER {
        return None;
    }
    loop {
        let [low, ..] = (value & 0x7f).to_le_bytes();
        value >>= 7;
        if value == 0 {
            out.push(low);
            return Some(());
        }
        out.push(low | 0x80);
    }
}

fn decode_one(reader: &mut Reader<'_>) -> Result<Property, PropertyError> {
    Ok(match reader.u8()? {
        0x01 => Property::PayloadFormatIndicator(reader.u8()?),
        0x02 => Property::MessageExpiryInterval(u32::from_be_bytes(reader.array()?)),
        0x03 => Property::ContentType(reader.string()?),
        0x08 => Property::ResponseTopic(reader.string()?),
        0x09 => Property::CorrelationData(Bytes(reader.binary()?.to_vec())),
        0x0b => Property::SubscriptionIdentifier(reader.variable_integer()?),
        0x23 => Property::TopicAlias(u16::from_be_bytes(reader.array()?)),
        0x26 => Property::UserProperty(reader.string()?, reader.string()?),
        id => return Err(PropertyError::Unknown { id, at: reader.at }),
    })
}

/// What is left to read, and where the property under way begins (for the errors).
struct Reader<'a> {
    rest: &'a [u8],
    total: usize,
    at: usize,
}

impl<'a> Reader<'a> {
    fn u8(&mut self) -> Result<u8, PropertyError> {
        self.array::<1>().map(|[byte]| byte)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], PropertyError> {
        let (head, rest) =
            self.rest.split_first_chunk().ok_or(PropertyError::Truncated { at: self.at })?;
        self.rest = rest;
        Ok(*head)
    }

    fn binary(&mut self) -> Result<&'a [u8], PropertyError> {
        let length = usize::from(u16::from_be_bytes(self.array()?));
        let (head, rest) =
            self.rest.split_at_checked(length).ok_or(PropertyError::Truncated { at: self.at })?;
        self.rest = rest;
        Ok(head)
    }

    fn string(&mut self) -> Result<String, PropertyError> {
        let bytes = self.binary()?;
        let text = std::str::from_utf8(bytes);
        text.map(str::to_owned).map_err(|_| PropertyError::NotUtf8 { at: self.at })
    }

    fn variable_integer(&mut self) -> Result<u32, PropertyError> {
        let mut value = 0;
        for shift in [0, 7, 14, 21] {
            let byte = self.u8()?;
            value |= u32::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(PropertyError::IntegerTooLong { at: self.at })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn text() -> impl Strategy<Value = String> {
        prop_oneof!["\\PC{0,40}", Just(String::new()), Just("x".repeat(65_535))]
    }

    fn property() -> impl Strategy<Value = Property> {
        prop_oneof![
            any::<u8>().prop_map(Property::PayloadFormatIndicator),
            any::<u32>().prop_map(Property::MessageExpiryInterval),
            text().prop_map(Property::ContentType),
            text().prop_map(Property::ResponseTopic),
            prop::collection::vec(any::<u8>(), 0..300)
                .prop_map(|bytes| Property::CorrelationData(Bytes(bytes))),
            (0..=MAX_VARIABLE_INTEGER).prop_map(Property::SubscriptionIdentifier),
            any::<u16>().prop_map(Property::TopicAlias),
            (text(), text()).prop_map(|(name, value)| Property::UserProperty(name, value)),
        ]
    }

    proptest! {
        #[test]
        fn every_list_survives_the_wire_in_its_order(
            list in prop::collection::vec(property(), 0..12)
        ) {
            prop_assert_eq!(decode(&encode(&list)), Ok(list));
        }

        #[test]
        fn no_bytes_make_decoding_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = decode(&bytes);
        }

        #[test]
        fn a_cut_list_is_never_read_as_the_whole(
            list in prop::collection::vec(property(), 1..4), cut in any::<prop::sample::Index>()
        ) {
            let bytes = encode(&list);
            let cut = cut.index(bytes.len());
            prop_assert_ne!(decode(&bytes[..cut]), Ok(list));
        }
    }

    #[test]
    fn the_encoding_is_that_of_the_specification() {
        let list = [
            Property::PayloadFormatIndicator(1),
            Property::MessageExpiryInterval(258),
            Property::SubscriptionIdentifier(128),
            Property::UserProperty("a".into(), "é".into()),
        ];
        let wire = b"\x01\x01\x02\x00\x00\x01\x02\x0b\x80\x01\x26\x00\x01a\x00\x02\xc3\xa9";
        assert_eq!(encode(&list), wire);
    }

    #[test]
    fn errors_name_the_property_that_cannot_be_read() {
        let cases: [(&[u8], PropertyError); 5] = [
            (b"\x01\x01\x7f", PropertyError::Unknown { id: 0x7f, at: 2 }),
            (b"\x01\x01\x03\x00\x05ab", PropertyError::Truncated { at: 2 }),
            (b"\x03\x00\x01\xff", PropertyError::NotUtf8 { at: 0 }),
            (b"\x0b\xff\xff\xff\xff\x01", PropertyError::IntegerTooLong { at: 0 }),
            (b"\x02\x00", PropertyError::Truncated { at: 0 }),
        ];
        for (bytes, expect) in cases {
            assert_eq!(decode(bytes), Err(expect));
        }
    }

    #[test]
    fn what_the_wire_cannot_carry_is_left_out_whole() {
        let list = [
            Property::ContentType("x".repeat(65_536)),
            Property::SubscriptionIdentifier(MAX_VARIABLE_INTEGER + 1),
            Property::TopicAlias(7),
        ];
        assert_eq!(decode(&encode(&list)), Ok(vec![Property::TopicAlias(7)]));
    }
}
