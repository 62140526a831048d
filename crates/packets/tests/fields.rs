//! The fields of a packet make it up, byte by byte; whatever comes, the decoder ends without a panic; and secrets are hidden.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod common;

use common::samples;
use mqttscope_model::{Direction, PacketField, ProtocolVersion};
use mqttscope_packets::End;
use mqttscope_packets::decode::{Context, decode, mask};
use proptest::prelude::*;

fn context(version: ProtocolVersion, direction: Direction) -> Context {
    Context { version, direction, end: End::Whole }
}

/// The fields that a field holds, without those that these hold.
fn held(fields: &[PacketField], depth: u8) -> Vec<&PacketField> {
    let mut held = Vec::new();
    for field in fields {
        if field.depth < depth {
            break;
        }
        if field.depth == depth {
            held.push(field);
        }
    }
    held
}

/// Fields at one depth lie side by side from `at` to `end`, or are bits of the one byte there.
fn tile(fields: &[&PacketField], at: u64, end: u64) -> Result<(), String> {
    if end - at == 1 && fields.iter().all(|field| (field.at, field.len) == (at, 1)) {
        return Ok(());
    }
    let mut next = at;
    let mut last_bits = None;
    for field in fields {
        if last_bits == Some((field.at, field.len)) {
            continue;
        }
        if field.at != next {
            return Err(format!("{} begins at {}, not {next}", field.name, field.at));
        }
        last_bits = (field.len == 1).then_some((field.at, field.len));
        next = field.at + field.len;
    }
    if next == end { Ok(()) } else { Err(format!("the fields end at {next}, not {end}")) }
}

fn make_up(fields: &[PacketField], len: usize) -> Result<(), String> {
    tile(&held(fields, 0), 0, len as u64)?;
    for (index, field) in fields.iter().enumerate() {
        let below = held(&fields[index + 1..], field.depth + 1);
        if !below.is_empty() {
            tile(&below, field.at, field.at + field.len)
                .map_err(|error| format!("in {}: {error}", field.name))?;
        }
    }
    Ok(())
}

#[test]
fn every_kind_of_packet_is_made_up_of_its_fields() {
    for (version, direction, bytes) in samples() {
        let decoded = decode(&bytes, context(version, direction));
        assert_eq!(decoded.gist.fault, None, "{version:?} {bytes:02x?}");
        if let Err(error) = make_up(&decoded.fields, bytes.len()) {
            panic!("{version:?} {bytes:02x?}: {error}\n{:#?}", decoded.fields);
        }
    }
}

#[test]
fn passwords_and_authentication_data_are_hidden_in_fields_and_bytes() {
    let v5 =
        b"\x10\x23\0\x04MQTT\x05\xc2\0\x3c\x0a\x15\0\x01m\x16\0\x03abc\0\x01c\0\x01u\0\x06secret";
    let v311 = b"\x10\x18\0\x04MQTT\x04\xc2\0\x3c\0\x01c\0\x01u\0\x06secret";
    for (version, packet) in [(ProtocolVersion::V5, &v5[..]), (ProtocolVersion::V311, v311)] {
        let decoded = decode(packet, context(version, Direction::Sent));
        assert_eq!(decoded.gist.fault, None);
        assert!(!format!("{:?}", decoded.fields).contains("secret"));
        assert!(decoded.fields.iter().any(|field| field.name == "Password" && field.masked));
        let mut bytes = packet.to_vec();
        mask(&mut bytes, &decoded.secrets);
        assert_eq!(bytes.len(), packet.len());
        let text = String::from_utf8_lossy(&bytes);
        assert!(text.ends_with("******") && !text.contains("abc"), "{text}");
    }
}

#[test]
fn a_connect_that_breaks_off_or_is_malformed_still_hides_its_secrets() {
    let whole = b"\x10\x18\0\x04MQTT\x04\xc2\0\x3c\0\x01c\0\x01u\0\x06secret";
    for end in [End::Broken, End::Coming, End::Unseen] {
        for len in 0..whole.len() {
            let context =
                Context { version: ProtocolVersion::V311, direction: Direction::Sent, end };
            let mut bytes = whole[..len].to_vec();
            let secrets = decode(&bytes, context).secrets;
            mask(&mut bytes, &secrets);
            assert!(!bytes.windows(2).any(|part| part == b"se"), "{len} bytes");
        }
    }
    let mut wrong = whole.to_vec();
    wrong[9] |= 4;
    let decoded = decode(&wrong, context(ProtocolVersion::V311, Direction::Sent));
    let (fields, secrets) = (format!("{:?}", decoded.fields), decoded.secrets);
    mask(&mut wrong, &secrets);
    assert!(!fields.contains("cret"));
    assert!(!String::from_utf8_lossy(&wrong).contains("secret"));
}

#[test]
fn a_packet_of_very_many_properties_is_cut_short() {
    let user = b"\x26\0\0\0\0";
    let count = 100_000;
    let mut body = b"\0\x01a".to_vec();
    let mut len = user.len() * count;
    while len > 0 {
        let low = (len & 0x7f) as u8;
        len >>= 7;
        body.push(if len > 0 { low | 0x80 } else { low });
    }
    body.extend(user.repeat(count));
    let mut bytes = vec![0x30];
    let mut len = body.len();
    while len > 0 {
        let low = (len & 0x7f) as u8;
        len >>= 7;
        bytes.push(if len > 0 { low | 0x80 } else { low });
    }
    bytes.extend(body);
    let decoded = decode(&bytes, context(ProtocolVersion::V5, Direction::Received));
    assert_eq!(decoded.gist.fault, None);
    assert_eq!(decoded.fields.len(), 10_001);
    assert!(decoded.fields[10_000].value.starts_with('+'));
}

fn versions() -> impl Strategy<Value = ProtocolVersion> {
    prop_oneof![Just(ProtocolVersion::V31), Just(ProtocolVersion::V311), Just(ProtocolVersion::V5)]
}

fn directions() -> impl Strategy<Value = Direction> {
    prop_oneof![Just(Direction::Received), Just(Direction::Sent)]
}

fn ends() -> impl Strategy<Value = End> {
    prop_oneof![Just(End::Whole), Just(End::Coming), Just(End::Broken), Just(End::Unseen)]
}

/// What holds for any bytes: fields lie within the packet and within their holders, and without a fault they make it up.
fn holds(bytes: &[u8], context: Context) -> Result<(), TestCaseError> {
    let decoded = decode(bytes, context);
    let len = bytes.len() as u64;
    for field in &decoded.fields {
        prop_assert!(field.at + field.len <= len, "{field:?} of {len}");
    }
    let mut holders: Vec<&PacketField> = Vec::new();
    for field in &decoded.fields {
        holders.truncate(field.depth.into());
        if let Some(holder) = holders.last() {
            prop_assert!(field.at >= holder.at && field.at + field.len <= holder.at + holder.len);
        }
        holders.push(field);
    }
    if decoded.gist.fault.is_none() && context.end == End::Whole && bytes.len() > 1 {
        let made = make_up(&decoded.fields, bytes.len());
        let told = decoded.fields.iter().find(|field| field.name == "Remaining Length");
        let rest = told.map_or(0, |told| told.at + told.len + told.value.parse::<u64>().unwrap());
        if rest == len {
            prop_assert!(made.is_ok(), "{made:?}");
        }
    }
    if let Some(fault) = decoded.gist.fault {
        prop_assert!(fault.at + fault.len <= len.max(2), "{fault:?} of {len}");
    }
    Ok(())
}

proptest! {
    #[test]
    fn any_bytes_are_decoded(
        bytes in prop::collection::vec(any::<u8>(), 0..200),
        version in versions(), direction in directions(), end in ends(),
    ) {
        holds(&bytes, Context { version, direction, end })?;
    }

    #[test]
    fn packets_with_wrong_bytes_are_decoded(
        which in any::<prop::sample::Index>(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        cut in any::<prop::sample::Index>(),
        end in ends(),
    ) {
        let (version, direction, mut bytes) = which.get(&samples()).clone();
        for (place, byte) in changes {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        if end != End::Whole {
            bytes.truncate(cut.index(bytes.len() + 1));
        }
        holds(&bytes, Context { version, direction, end })?;
    }
}
