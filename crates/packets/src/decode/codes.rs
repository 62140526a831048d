//! Which Reason Codes a packet may have.

use mqttscope_model::PacketKind;

use super::rules::Rule;

/// Whether a packet of 5.0 may have this code, and the rule that says so.
pub(crate) fn allowed(kind: PacketKind, code: u8) -> (bool, Rule) {
    use PacketKind as K;
    let (yes, rule) = match kind {
        K::Connack => (
            matches!(code, 0 | 0x80..=0x8a | 0x8c | 0x90 | 0x95 | 0x97 | 0x99..=0x9d | 0x9f),
            "[MQTT-3.2.2-8]",
        ),
        K::Puback => (is_answer(code), "[MQTT-3.4.2-1]"),
        K::Pubrec => (is_answer(code), "[MQTT-3.5.2-1]"),
        K::Pubrel => (matches!(code, 0 | 0x92), "[MQTT-3.6.2-1]"),
        K::Pubcomp => (matches!(code, 0 | 0x92), "[MQTT-3.7.2-1]"),
        K::Suback => (
            matches!(code, 0..=2 | 0x80 | 0x83 | 0x87 | 0x8f | 0x91 | 0x97 | 0x9e | 0xa1 | 0xa2),
            "[MQTT-3.9.3-2]",
        ),
        K::Unsuback => {
            (matches!(code, 0 | 0x11 | 0x80 | 0x83 | 0x87 | 0x8f | 0x91), "[MQTT-3.11.3-2]")
        }
        K::Disconnect => (
            matches!(
                code,
                0 | 0x04 | 0x80..=0x83 | 0x87 | 0x89 | 0x8b | 0x8d..=0x90 | 0x93..=0xa2
            ),
            "[MQTT-3.14.2-1]",
        ),
        _ => (matches!(code, 0 | 0x18 | 0x19), "[MQTT-3.15.2-1]"),
    };
    (yes, Rule::both(rule))
}

fn is_answer(code: u8) -> bool {
    matches!(code, 0 | 0x10 | 0x80 | 0x83 | 0x87 | 0x90 | 0x91 | 0x97 | 0x99)
}

/// The Reason Code of 5.0 that has the words of a return code of 3.1 and 3.1.1's CONNACK.
pub(crate) fn of_return_code(code: u8) -> Option<u8> {
    Some(match code {
        0 => 0,
        1 => 0x84,
        2 => 0x85,
        3 => 0x88,
        4 => 0x86,
        5 => 0x87,
        _ => return None,
    })
}
