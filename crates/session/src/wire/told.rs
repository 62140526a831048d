//! What a broker says beside a reason: the properties of CONNACK and DISCONNECT, as they lie in the packet.
//!
//! The library reads them and keeps them to itself when the answer is a refusal, and forgets those that it does not know.

use mqttscope_packets::borders::varint;

/// A property as it lies in the packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Raw<'a> {
    /// Its identifier (MQTT 5.0, table 2-4).
    pub(crate) id: u8,
    /// How its value is to be read.
    pub(crate) form: Form,
    /// Its value without a length in front; all that is left of the list where the form is [`Form::Unreadable`].
    pub(crate) value: &'a [u8],
    /// The name of a User Property.
    pub(crate) name: &'a [u8],
}

/// The form of a value (MQTT 5.0, section 1.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// A whole number, the highest byte first.
    Number,
    /// A Variable Byte Integer.
    Variable,
    /// A string.
    Text,
    /// Bytes.
    Binary,
    /// A string with its name.
    Pair,
    /// No property that is known, or one that breaks off.
    Unreadable,
}

/// The properties of a list that begins with its length (MQTT 5.0, sections 3.2.2.3 and 3.14.2.2), in order. What
/// cannot be read ends the list.
pub(crate) fn properties(bytes: &[u8]) -> impl Iterator<Item = Raw<'_>> {
    let mut rest = match varint(bytes) {
        Some(Ok((len, skip))) => {
            let list = bytes.get(skip..).unwrap_or_default();
            list.get(..len).unwrap_or(list)
        }
        _ => &[],
    };
    std::iter::from_fn(move || {
        let (&id, after) = rest.split_first()?;
        let unreadable = Raw { id, form: Form::Unreadable, value: after, name: &[] };
        let (property, left) = property(id, after).unwrap_or((unreadable, &[]));
        rest = left;
        Some(property)
    })
}

/// A property and what follows it.
fn property(id: u8, bytes: &[u8]) -> Option<(Raw<'_>, &[u8])> {
    let (form, name, (value, rest)) = match id {
        0x01 | 0x17 | 0x19 | 0x24 | 0x25 | 0x28 | 0x29 | 0x2a => number(bytes, 1)?,
        0x13 | 0x21..=0x23 => number(bytes, 2)?,
        0x02 | 0x11 | 0x18 | 0x27 => number(bytes, 4)?,
        0x03 | 0x08 | 0x12 | 0x15 | 0x1a | 0x1c | 0x1f => {
            (Form::Text, &[] as &[u8], string(bytes)?)
        }
        0x09 | 0x16 => (Form::Binary, &[] as &[u8], string(bytes)?),
        0x0b => {
            let (_, len) = varint(bytes)?.ok()?;
            (Form::Variable, &[] as &[u8], bytes.split_at_checked(len)?)
        }
        0x26 => {
            let (name, rest) = string(bytes)?;
            (Form::Pair, name, string(rest)?)
        }
        _ => return None,
    };
    Some((Raw { id, form, value, name }, rest))
}

type Split<'a> = (&'a [u8], &'a [u8]);

fn number(bytes: &[u8], len: usize) -> Option<(Form, &[u8], Split<'_>)> {
    Some((Form::Number, &[], bytes.split_at_checked(len)?))
}

fn string(bytes: &[u8]) -> Option<Split<'_>> {
    let (len, rest) = bytes.split_first_chunk::<2>()?;
    rest.split_at_checked(usize::from(u16::from_be_bytes(*len)))
}

/// The properties that hold words, and those of enhanced authentication.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Told {
    /// Reason String.
    pub(crate) reason: Option<String>,
    /// Server Reference.
    pub(crate) server: Option<String>,
    /// Authentication Method.
    pub(crate) method: Option<String>,
    /// Authentication Data.
    pub(crate) data: Option<Vec<u8>>,
}

/// The words in a list of properties that begins with its length.
pub(crate) fn told(bytes: &[u8]) -> Told {
    let mut told = Told::default();
    for Raw { id, form, value, .. } in properties(bytes) {
        match (id, form) {
            (_, Form::Unreadable) => {}
            (0x1f, _) => told.reason = text(value),
            (0x1c, _) => told.server = text(value),
            (0x15, _) => told.method = text(value),
            (0x16, _) => told.data = Some(value.to_vec()),
            _ => {}
        }
    }
    told
}

fn text(bytes: &[u8]) -> Option<String> {
    String::from_utf8(bytes.to_vec()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_among_other_properties() {
        let mut list = vec![0x24, 1, 0x21, 0, 20, 0x27, 0, 0, 1, 0];
        list.extend(b"\x26\x00\x01k\x00\x01v");
        list.extend(b"\x1f\x00\x02no\x1c\x00\x05other\x15\x00\x01M\x16\x00\x01d");
        list.insert(0, u8::try_from(list.len()).unwrap());
        let words = |text: &str| Some(text.to_owned());
        let (reason, server, method) = (words("no"), words("other"), words("M"));
        assert_eq!(told(&list), Told { reason, server, method, data: Some(b"d".to_vec()) });
    }

    #[test]
    fn a_list_that_breaks_off_gives_what_could_be_read() {
        let reason = Some("no".to_owned());
        let broken = told(b"\x0a\x1f\x00\x02no\x1c\x00\x09o");
        assert_eq!(broken, Told { reason, ..Told::default() });
        assert_eq!(told(b""), Told::default());
    }

    #[test]
    fn an_unknown_property_ends_the_list_and_keeps_its_bytes() {
        let list: Vec<_> = properties(b"\x06\x24\x01\x7f\x01\x02\x03").collect();
        let last = Raw { id: 0x7f, form: Form::Unreadable, value: &[1, 2, 3], name: &[] };
        assert_eq!((list.len(), list[1]), (2, last));
    }
}
