//! Files of packets: every packet with its bytes, secrets only where they are asked for, and blocks as pcapng wants them.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "the functions around the tests are tests too"
)]

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use mqttscope_model::{
    Direction, PacketExport, PacketFilter, PacketFormat, PacketKind, ProtocolVersion,
};
use mqttscope_packets::{Export, Tape, Timeline};
use serde_json::Value;

const CONNECT: &[u8] = b"\x10\x18\0\x04MQTT\x04\xc2\0\x3c\0\x01c\0\x01u\0\x06secret";

fn timeline() -> Arc<Timeline> {
    let tape = Arc::new(Tape::new(8 * 1024 * 1024));
    let mut head = tape.connect(ProtocolVersion::V311);
    head.take(Direction::Sent, CONNECT);
    head.take(Direction::Received, b"\x20\x02\0\0");
    head.take(Direction::Received, b"\x30\x06\0\x01a\xff\xfe\xfd");
    head.take(Direction::Sent, b"\x30\xff\xff\xff\xff");
    Arc::new(Timeline::new(tape))
}

fn written(
    timeline: &Arc<Timeline>,
    filter: PacketFilter,
    format: PacketFormat,
    secrets: bool,
) -> Vec<u8> {
    let mut export = Export::new(Arc::clone(timeline), &PacketExport { filter, format, secrets });
    let mut out = Vec::new();
    while export.step(&mut out).unwrap() {}
    assert_eq!((export.done(), export.written()), (export.total(), export.total()));
    out
}

fn lines(timeline: &Arc<Timeline>, filter: PacketFilter, secrets: bool) -> Vec<Value> {
    let text = written(timeline, filter, PacketFormat::JsonLines, secrets);
    let text = String::from_utf8(text).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn a_line_holds_a_packet_with_time_direction_fields_and_bytes() {
    let timeline = timeline();
    let lines = lines(&timeline, PacketFilter::default(), false);
    assert_eq!(lines.len(), 4);
    let publish = &lines[2];
    assert_eq!((&publish["kind"], &publish["direction"]), (&"PUBLISH".into(), &"received".into()));
    assert_eq!(publish["bytes"], STANDARD.encode(b"\x30\x06\0\x01a\xff\xfe\xfd"));
    assert!(publish["time_us"].as_i64().unwrap() > 0);
    let fields = publish["fields"].as_array().unwrap();
    let topic = fields.iter().find(|field| field["name"] == "Topic Name").unwrap();
    assert_eq!((&topic["value"], &topic["at"], &topic["len"]), (&"a".into(), &2.into(), &3.into()));
    assert_eq!(lines[3]["fault"]["rule"], "MQTT 3.1.1, 2.2.3");
}

#[test]
fn secrets_are_written_only_where_they_are_asked_for() {
    let timeline = timeline();
    for format in [PacketFormat::JsonLines, PacketFormat::Pcapng] {
        let hidden = written(&timeline, PacketFilter::default(), format, false);
        let base64 = STANDARD.encode(CONNECT);
        let shown = |bytes: &[u8]| {
            let text = String::from_utf8_lossy(bytes).into_owned();
            text.contains("secret") || text.contains(&base64)
        };
        assert!(!shown(&hidden), "{format:?}");
        assert!(shown(&written(&timeline, PacketFilter::default(), format, true)), "{format:?}");
    }
    let revealed = lines(&timeline, PacketFilter::default(), true);
    let fields = revealed[0]["fields"].as_array().unwrap();
    let password = fields.iter().find(|field| field["name"] == "Password").unwrap();
    assert_eq!((&password["value"], &password["masked"]), (&"secret".into(), &false.into()));
}

#[test]
fn only_what_the_filter_lets_through_is_written() {
    let timeline = timeline();
    let filter =
        PacketFilter { kinds: vec![PacketKind::Connack], grouped: true, ..PacketFilter::default() };
    let lines = lines(&timeline, filter, false);
    assert_eq!(lines.len(), 1);
    assert_eq!(lines[0]["exchange"]["packets"], 2);
}

/// The lengths of the blocks by their types.
fn blocks(mut file: &[u8]) -> Vec<(u32, usize)> {
    let mut blocks = Vec::new();
    while !file.is_empty() {
        let kind = u32::from_le_bytes(file[..4].try_into().unwrap());
        let len = u32::from_le_bytes(file[4..8].try_into().unwrap()) as usize;
        assert_eq!(file[4..8], file[len - 4..len]);
        assert!(len.is_multiple_of(4));
        blocks.push((kind, len));
        file = &file[len..];
    }
    blocks
}

#[test]
fn a_capture_has_a_section_an_interface_and_a_handshake_before_the_packets() {
    let file = written(&timeline(), PacketFilter::default(), PacketFormat::Pcapng, false);
    let blocks = blocks(&file);
    let kinds: Vec<u32> = blocks.iter().map(|(kind, _)| *kind).collect();
    assert_eq!(kinds, [0x0a0d_0d0a, 1, 6, 6, 6, 6, 6, 6, 6]);
    assert_eq!((blocks[0].1, blocks[2].1, blocks[6].1), (28, 72, 76));
}
