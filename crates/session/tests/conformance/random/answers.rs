//! What a broker may answer: the codes of each answer, and its bytes.

use mqttscope_model::ProtocolVersion;

use crate::support::scripted::{PUBACK, PUBCOMP, PUBREC, packet, suback};

/// Codes that each answer may have in MQTT 5; the four of SUBACK before it come first.
const OF_PUBLISH: [u8; 9] = [0, 0x10, 0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99];
const OF_PUBCOMP: [u8; 2] = [0, 0x92];
const OF_SUBACK: [u8; 12] = [0, 1, 2, 0x80, 0x83, 0x87, 0x8f, 0x91, 0x97, 0x9e, 0xa1, 0xa2];
const OF_UNSUBACK: [u8; 7] = [0, 0x11, 0x80, 0x83, 0x87, 0x8f, 0x91];
pub const OF_DISCONNECT: [u8; 27] = [
    0x00, 0x80, 0x81, 0x82, 0x83, 0x87, 0x89, 0x8b, 0x8d, 0x8e, 0x8f, 0x90, 0x93, 0x94, 0x95, 0x96,
    0x97, 0x98, 0x99, 0x9a, 0x9b, 0x9c, 0x9d, 0x9e, 0x9f, 0xa0, 0xa2,
];

/// An answer that a packet waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    Puback(u16),
    Pubrec(u16),
    Pubcomp(u16),
    Suback(u16, usize),
    Unsuback(u16, usize),
    Pong,
}

impl Answer {
    /// An answer, and whether it refuses.
    pub fn bytes(self, version: ProtocolVersion, code: u8) -> (Vec<u8>, bool) {
        let v5 = version == ProtocolVersion::V5;
        let pick = |codes: &[u8]| pick(codes, code);
        let ack = |first, id: u16, codes: &[u8]| {
            // A code of 0 may be left out in MQTT 5, and there is none before it.
            let code = if v5 { pick(codes) } else { 0 };
            let [high, low] = id.to_be_bytes();
            let bytes =
                if code == 0 { short(first, id) } else { packet(first, &[high, low, code]) };
            (bytes, code >= 0x80)
        };
        let codes = |codes: &[u8], count| vec![pick(codes); count];
        match self {
            Self::Pong => (b"\xd0\x00".to_vec(), false),
            Self::Puback(id) => ack(PUBACK, id, &OF_PUBLISH),
            Self::Pubrec(id) => ack(PUBREC, id, &OF_PUBLISH),
            Self::Pubcomp(id) => ack(PUBCOMP, id, &OF_PUBCOMP),
            Self::Suback(id, count) => {
                // 3.1 has no code for a refusal.
                let all = match version {
                    ProtocolVersion::V31 => &OF_SUBACK[..3],
                    ProtocolVersion::V311 => &OF_SUBACK[..4],
                    ProtocolVersion::V5 => &OF_SUBACK[..],
                };
                (suback(version, 0x90, id, &codes(all, count)), false)
            }
            Self::Unsuback(id, count) => {
                let count = if v5 { count } else { 0 };
                (suback(version, 0xb0, id, &codes(&OF_UNSUBACK, count)), false)
            }
        }
    }
}

/// One of the codes.
pub fn pick(codes: &[u8], which: u8) -> u8 {
    codes[usize::from(which) % codes.len()]
}

/// An acknowledgement without a Reason Code.
pub fn short(first: u8, id: u16) -> Vec<u8> {
    packet(first, &id.to_be_bytes())
}
