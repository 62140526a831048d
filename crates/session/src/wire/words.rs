//! Words that were not asked for: with Request Problem Information 0 a broker may put Reason String and User Properties into
//! PUBLISH, CONNACK and DISCONNECT alone `[MQTT-3.1.2-29]`, and a client ends the connection over any others.
//!
//! The library does not look. The wire therefore reads such packets whole where 0 was asked for, and nowhere else.

use super::told::{Form, properties};

const PUBACK: u8 = 4;
const PUBCOMP: u8 = 7;
const SUBACK: u8 = 9;
const UNSUBACK: u8 = 11;
const AUTH: u8 = 15;

/// What is broken, as the connection's end tells it.
pub(super) const UNASKED: &str =
    "a Reason String or User Property although Request Problem Information is 0 [MQTT-3.1.2-29]";

/// Whether a packet of this type may have no words.
pub(super) fn are_unasked_in(kind: u8) -> bool {
    matches!(kind, PUBACK..=PUBCOMP | SUBACK | UNSUBACK | AUTH)
}

/// Whether there are words in such a packet: its first byte and its body, without Remaining Length.
pub(super) fn has_words(packet: &[u8]) -> bool {
    let Some((first, body)) = packet.split_first() else { return false };
    let before = match first >> 4 {
        // Packet Identifier and Reason Code.
        PUBACK..=PUBCOMP => 3,
        // Packet Identifier.
        SUBACK | UNSUBACK => 2,
        // Reason Code.
        _ => 1,
    };
    let list = body.get(before..).unwrap_or_default();
    properties(list).any(|said| said.form != Form::Unreadable && matches!(said.id, 0x1f | 0x26))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_behind_what_each_packet_has_before_its_properties() {
        let said = b"\x05\x1f\x00\x02no";
        let before: [&[u8]; 7] = [
            b"\x40\x00\x07\x87",
            b"\x50\x00\x07\x87",
            b"\x62\x00\x07\x92",
            b"\x70\x00\x07\x92",
            b"\x90\x00\x07",
            b"\xb0\x00\x07",
            b"\xf0\x18",
        ];
        for before in before {
            assert!(are_unasked_in(before[0] >> 4));
            assert!(has_words(&[before, said].concat()), "{before:02x?}");
            assert!(has_words(&[before, b"\x07\x26\x00\x01a\x00\x01b"].concat()), "{before:02x?}");
            assert!(!has_words(&[before, b"\x00"].concat()), "{before:02x?}");
            assert!(!has_words(before), "{before:02x?}");
        }
        assert!(!has_words(b"\xf0\x18\x07\x15\x00\x01M\x16\x00\x00"));
        for kind in [2, 3, 13, 14] {
            assert!(!are_unasked_in(kind));
        }
    }
}
