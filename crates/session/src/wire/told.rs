//! What a broker says beside a reason: the properties of CONNACK and DISCONNECT that hold words, and
//! those of enhanced authentication.
//!
//! The library reads them and keeps them to itself when the answer is a refusal.

use super::packet::varint;

/// What was found.
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

/// The words in a list of properties that begins with its length (MQTT 5.0, sections 3.2.2.3 and
/// 3.14.2.2). What cannot be read ends the list.
pub(crate) fn told(bytes: &[u8]) -> Told {
    let mut told = Told::default();
    let Some(Ok((len, skip))) = varint(bytes) else {
        return told;
    };
    let mut rest = bytes.get(skip..).unwrap_or_default();
    rest = rest.get(..len).unwrap_or(rest);
    while let Some((&id, after)) = rest.split_first() {
        let Some((value, after)) = value(id, after) else {
            break;
        };
        match id {
            0x1f => told.reason = text(value),
            0x1c => told.server = text(value),
            0x15 => told.method = text(value),
            0x16 => told.data = Some(value.to_vec()),
            _ => {}
        }
        rest = after;
    }
    told
}

/// The value of a property and what follows it.
fn value(id: u8, bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    match id {
        0x24 | 0x25 | 0x28 | 0x29 | 0x2a => bytes.split_at_checked(1),
        0x13 | 0x21 | 0x22 => bytes.split_at_checked(2),
        0x11 | 0x27 => bytes.split_at_checked(4),
        0x12 | 0x15 | 0x16 | 0x1a | 0x1c | 0x1f => string(bytes),
        0x26 => {
            let (_name, rest) = string(bytes)?;
            string(rest)
        }
        _ => None,
    }
}

fn string(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (len, rest) = bytes.split_first_chunk::<2>()?;
    rest.split_at_checked(usize::from(u16::from_be_bytes(*len)))
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
}
