//! Each rule that a packet can break is told with its bytes and its number, and the fields around it are shown all the same.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use mqttscope_model::{Direction, ProtocolVersion};
use mqttscope_packets::End;
use mqttscope_packets::decode::{Context, decode};

use Direction::{Received, Sent};
use ProtocolVersion::{V5, V31, V311};

type Case<'a> = (ProtocolVersion, Direction, &'a [u8], &'a str, (u64, u64));

fn check(cases: &[Case<'_>]) {
    for (version, direction, bytes, rule, place) in cases {
        let context = Context { version: *version, direction: *direction, end: End::Whole };
        let decoded = decode(bytes, context);
        let fault = decoded.gist.fault.unwrap_or_else(|| panic!("{bytes:02x?} has no fault"));
        assert_eq!(
            (fault.rule.as_str(), (fault.at, fault.len)),
            (*rule, *place),
            "{bytes:02x?}: {fault:?}"
        );
        assert!(!decoded.fields.is_empty());
    }
}

#[test]
fn fixed_headers() {
    check(&[
        (V5, Sent, b"\x80\x05\0\x01\0\0\x01", "[MQTT-3.8.1-1]", (0, 1)),
        (V311, Sent, b"\xc1\x00", "[MQTT-2.2.2-1]", (0, 1)),
        (V5, Received, b"\xd2\x00", "[MQTT-2.1.3-1]", (0, 1)),
        (V5, Sent, b"\x60\x02\0\x01", "[MQTT-3.6.1-1]", (0, 1)),
        (V5, Received, b"\x36\x05\0\x01a\0\x01", "[MQTT-3.3.1-4]", (0, 1)),
        (V311, Received, b"\x38\x03\0\x01a", "[MQTT-3.3.1-2]", (0, 1)),
        (V5, Received, b"\x30\xff\xff\xff\xff", "MQTT 5.0, 1.5.5", (1, 4)),
        (V311, Received, b"\x30\xff\xff\xff\xff", "MQTT 3.1.1, 2.2.3", (1, 4)),
        (V5, Received, b"\xd0\x80\x00", "[MQTT-1.5.5-1]", (1, 2)),
        (V5, Received, b"\x00\x00", "MQTT 5.0, 2.1.2", (0, 1)),
        (V311, Received, b"\xf0\x00", "MQTT 3.1.1, 2.2.1", (0, 1)),
        (V5, Received, b"\xc0\x00", "MQTT 5.0, 2.1.2", (0, 1)),
        (V311, Received, b"\xe0\x00", "MQTT 3.1.1, 2.2.1", (0, 1)),
        (V5, Received, b"\xd0\x01x", "MQTT 5.0, 2.1.4", (2, 1)),
    ]);
}

#[test]
fn publish() {
    check(&[
        (V311, Received, b"\x30\x03\0\x01+", "[MQTT-3.3.2-2]", (4, 1)),
        (V311, Received, b"\x30\x04\0\x02a\xff", "[MQTT-1.5.3-1]", (5, 1)),
        (V5, Received, b"\x30\x06\0\x03\xed\xa0\x80\0", "[MQTT-1.5.4-1]", (4, 3)),
        (V5, Received, b"\x30\x04\0\x01\0\0", "[MQTT-1.5.4-2]", (4, 1)),
        (V311, Received, b"\x32\x05\0\x01a\0\0", "[MQTT-2.3.1-1]", (5, 2)),
        (V311, Received, b"\x30\x02\0\0", "[MQTT-4.7.3-1]", (2, 2)),
        (V5, Received, b"\x30\x03\0\0\0", "MQTT 5.0, 3.3.2.1", (2, 2)),
        (V5, Received, b"\x30\x04\0\x09ab", "MQTT 5.0, 2.1.4", (6, 0)),
    ]);
}

#[test]
fn properties() {
    check(&[
        (V5, Received, b"\x30\x05\0\x01a\x01\x7f", "MQTT 5.0, 2.2.2.2", (6, 1)),
        (V5, Received, b"\x30\x09\0\x01a\x05\x11\0\0\0\x01", "MQTT 5.0, 2.2.2.2", (6, 1)),
        (V5, Received, b"\x30\x08\0\x01a\x04\x01\x01\x01\x01", "MQTT 5.0, 3.3.2.3", (8, 2)),
        (V5, Received, b"\x30\x06\0\x01a\x02\x01\x02", "MQTT 5.0, 3.3.2.3", (7, 1)),
        (V5, Received, b"\x30\x07\0\x01a\x03\x23\0\0", "[MQTT-3.3.2-8]", (7, 2)),
        (V5, Sent, b"\x30\x06\0\x01a\x02\x0b\x01", "[MQTT-3.3.4-6]", (6, 2)),
        (V5, Received, b"\x30\x08\0\x01a\x04\x08\0\x01#", "[MQTT-3.3.2-14]", (9, 1)),
        (V5, Received, b"\x30\x05\0\x01a\x05\x01", "MQTT 5.0, 2.2.2.2", (5, 1)),
        (V5, Received, b"\xe0\x07\0\x05\x11\0\0\0\x01", "[MQTT-3.14.2-2]", (4, 5)),
        (V5, Received, b"\x20\x06\0\0\x03\x21\0\0", "MQTT 5.0, 3.2.2.3", (6, 2)),
    ]);
}

#[test]
fn connecting() {
    check(&[
        (V311, Sent, b"\x10\x0d\0\x04MQTX\x04\x02\0\x3c\0\x01a", "[MQTT-3.1.2-1]", (2, 6)),
        (V311, Sent, b"\x10\x0d\0\x04MQTT\x05\x02\0\x3c\0\x01a", "[MQTT-3.1.2-2]", (8, 1)),
        (V311, Sent, b"\x10\x0d\0\x04MQTT\x04\x03\0\x3c\0\x01a", "[MQTT-3.1.2-3]", (9, 1)),
        (V311, Sent, b"\x10\x10\0\x04MQTT\x04\x42\0\x3c\0\x01a\0\x01p", "[MQTT-3.1.2-22]", (9, 1)),
        (V5, Received, b"\x20\x03\x02\0\0", "[MQTT-3.2.2-1]", (2, 1)),
        (V5, Received, b"\x20\x03\x01\x87\0", "[MQTT-3.2.2-6]", (2, 1)),
        (V5, Received, b"\x20\x03\0\x10\0", "[MQTT-3.2.2-8]", (3, 1)),
        (V311, Received, b"\x20\x02\0\x09", "MQTT 3.1.1, 3.2.2.3", (3, 1)),
        (V311, Received, b"\x20\x02\x01\x05", "[MQTT-3.2.2-4]", (2, 1)),
        (V5, Received, b"\xf0\x02\x55\0", "[MQTT-3.15.2-1]", (2, 1)),
    ]);
}

#[test]
fn subscribing_and_acknowledging() {
    check(&[
        (V5, Sent, b"\x82\x03\0\x01\0", "[MQTT-3.8.3-2]", (5, 0)),
        (V311, Sent, b"\x82\x02\0\x01", "[MQTT-3.8.3-3]", (4, 0)),
        (V311, Sent, b"\xa2\x02\0\x01", "[MQTT-3.10.3-2]", (4, 0)),
        (V311, Sent, b"\x82\x06\0\x01\0\x01a\x03", "[MQTT-3-8.3-4]", (7, 1)),
        (V5, Sent, b"\x82\x07\0\x01\0\0\x01a\x40", "[MQTT-3.8.3-5]", (8, 1)),
        (V5, Sent, b"\x82\x07\0\x01\0\0\x01a\x30", "MQTT 5.0, 3.8.3.1", (8, 1)),
        (V5, Sent, b"\x82\x0f\0\x01\0\0\x09$share/g/\x00", "[MQTT-4.8.2-1]", (5, 11)),
        (V311, Sent, b"\x82\x07\0\x01\0\x02#a\0", "[MQTT-4.7.1-2]", (4, 4)),
        (V311, Received, b"\x90\x03\0\x01\x55", "[MQTT-3.9.3-2]", (4, 1)),
        (V5, Received, b"\x40\x03\0\x01\x02", "[MQTT-3.4.2-1]", (4, 1)),
        (V5, Received, b"\x40\x02\0\0", "[MQTT-2.2.1-3]", (2, 2)),
        (V311, Received, b"\x40\x03\0\x01\0", "MQTT 3.1.1, 2.2.3", (4, 1)),
    ]);
}

#[test]
fn the_older_version_has_its_own_ways() {
    for (direction, bytes) in [
        (Sent, &b"\x10\x0f\0\x06MQIsdp\x03\x02\0\x3c\0\x01a"[..]),
        (Sent, b"\x8a\x06\0\x01\0\x01a\x01"),
        (Received, b"\x20\x02\x07\0"),
    ] {
        let context = Context { version: V31, direction, end: End::Whole };
        assert_eq!(decode(bytes, context).gist.fault, None, "{bytes:02x?}");
    }
}

#[test]
fn what_ends_within_a_packet_is_told_only_where_nothing_more_can_come() {
    let begun = b"\x32\x09\0\x01a\0\x01";
    for (end, faulty) in [(End::Broken, true), (End::Coming, false), (End::Unseen, false)] {
        let context = Context { version: V311, direction: Received, end };
        assert_eq!(decode(begun, context).gist.fault.is_some(), faulty, "{end:?}");
    }
}
