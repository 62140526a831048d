//! Packets that are in order, of each kind and version.

use mqttscope_model::{Direction, ProtocolVersion};

use Direction::{Received, Sent};
use ProtocolVersion::{V5, V31, V311};

/// Each with the direction in which it may go.
pub fn samples() -> Vec<(ProtocolVersion, Direction, Vec<u8>)> {
    let all: &[(ProtocolVersion, Direction, &[u8])] = &[
        (V31, Sent, b"\x10\x0f\0\x06MQIsdp\x03\x02\0\x3c\0\x01a"),
        (V311, Sent, b"\x10\x0d\0\x04MQTT\x04\x02\0\x3c\0\x01a"),
        (V311, Sent, b"\x10\x1b\0\x04MQTT\x04\xee\0\x3c\0\x01a\0\x01w\0\x02\x01\x02\0\x01u\0\x02pw"),
        (
            V5,
            Sent,
            b"\x10\x28\0\x04MQTT\x05\xce\0\x3c\x08\x11\0\0\0\x0a\x21\0\x01\0\x01a\x05\x18\0\0\0\x01\0\x01w\0\x01m\0\x01u\0\x01p",
        ),
        (V311, Received, b"\x20\x02\x01\0"),
        (V311, Received, b"\x20\x02\0\x05"),
        (V5, Received, b"\x20\x03\0\0\0"),
        (V5, Received, b"\x20\x02\0\x01"),
        (V5, Received, b"\x20\x0d\x01\0\x0a\x24\x01\x25\0\x26\0\x01a\0\0"),
        (V311, Received, b"\x30\x03\0\x01a"),
        (V311, Received, b"\x3b\x07\0\x01a\0\x01hi"),
        (V5, Received, b"\x30\x06\0\x01a\0hi"),
        (
            V5,
            Received,
            b"\x35\x1f\0\x01a\0\x07\x17\x01\x01\x02\0\0\0\x05\x0b\x81\x01\x0b\x02\x23\0\x01\x26\0\x01k\0\x02vvxy",
        ),
        (V5, Sent, b"\x30\x06\0\0\x03\x23\0\x01"),
        (V311, Sent, b"\x40\x02\0\x01"),
        (V5, Received, b"\x40\x02\0\x01"),
        (V5, Received, b"\x50\x03\0\x01\x10"),
        (V5, Sent, b"\x62\x04\0\x01\x92\0"),
        (V5, Received, b"\x70\x09\0\x01\0\x05\x1f\0\x02ok"),
        (V311, Sent, b"\x82\x06\0\x01\0\x01#\x02"),
        (V5, Sent, b"\x82\x0d\0\x01\x02\x0b\x05\0\x01#\x2e\0\x01a\0"),
        (V311, Received, b"\x90\x04\0\x01\x02\x80"),
        (V5, Received, b"\x90\x05\0\x01\0\0\x87"),
        (V311, Sent, b"\xa2\x08\0\x01\0\x01#\0\x01a"),
        (V5, Sent, b"\xa2\x06\0\x01\0\0\x01#"),
        (V311, Received, b"\xb0\x02\0\x01"),
        (V5, Received, b"\xb0\x04\0\x01\0\x11"),
        (V311, Sent, b"\xc0\0"),
        (V5, Received, b"\xd0\0"),
        (V311, Sent, b"\xe0\0"),
        (V5, Sent, b"\xe0\0"),
        (V5, Received, b"\xe0\x01\x8e"),
        (V5, Sent, b"\xe0\x07\x04\x05\x11\0\0\0\0"),
        (V5, Received, b"\xf0\x0a\x18\x08\x15\0\x01m\x16\0\x01d"),
        (V5, Sent, b"\xf0\0"),
    ];
    all.iter().map(|(version, direction, bytes)| (*version, *direction, bytes.to_vec())).collect()
}
