//! Packets as lines and with all that they say.

use mqttscope_model::{Bytes, PacketDetail, PacketExchange, PacketKind, PacketRow, QoS};

use super::index::{ENOUGH, Index, TOPIC, topic_of};
use crate::decode::{self, Gist};
use crate::tape::{KEPT, Packet, Tape};

/// Bytes of a packet that are shown.
const SHOWN: usize = 64 * 1024;
/// Bytes of a topic that are shown in a line.
const LONGEST: usize = 1024;

/// The lines of packets, without those that are gone.
pub(super) fn rows(index: &Index, tape: &Tape, numbers: &[u64]) -> Vec<PacketRow> {
    let mut rows = Vec::with_capacity(numbers.len());
    let mut rest = numbers;
    while !rest.is_empty() {
        let wanted = rest.iter().map(|number| {
            let faulty = index.note(*number).is_some_and(|note| note.is_faulty());
            (*number, if faulty { KEPT } else { ENOUGH })
        });
        let batch = tape.copy(&[], wanted);
        for (packet, bytes) in batch.iter() {
            let gist = decode::gist(bytes, packet.into());
            if is_enough(index, packet, &gist) {
                rows.push(row(index, tape, packet, gist));
            } else {
                let more = tape.copy(&[], std::iter::once((packet.number, TOPIC)));
                rows.extend(more.iter().map(|(packet, bytes)| {
                    row(index, tape, packet, decode::gist(bytes, packet.into()))
                }));
            }
        }
        rest = rest.get(batch.taken.max(1)..).unwrap_or_default();
    }
    rows
}

/// Whether the bytes that were copied out say what a line shows.
fn is_enough(index: &Index, packet: &Packet, gist: &Gist<'_>) -> bool {
    if packet.bytes.len() as u64 >= packet.kept {
        return true;
    }
    let is_named = || index.note(packet.number).is_some_and(|note| note.alias > 0);
    let has_id = || gist.qos == Some(QoS::AtMostOnce) || gist.packet_id.is_some();
    gist.kind == PacketKind::Publish && (gist.topic.is_some() || is_named()) && has_id()
}

/// The line of a packet.
pub(super) fn row(index: &Index, tape: &Tape, packet: &Packet, gist: Gist<'_>) -> PacketRow {
    let named = match (gist.topic, index.note(packet.number)) {
        (None, Some(note)) if note.alias > 0 => {
            topic_of(tape, packet.number - u64::from(note.alias))
        }
        _ => None,
    };
    let topic = gist.topic.or(named.as_deref());
    PacketRow {
        number: packet.number,
        connection: packet.connection,
        time_us: packet.time_us,
        direction: packet.direction,
        kind: gist.kind,
        packet_id: gist.packet_id,
        size: packet.size,
        dup: gist.dup,
        qos: gist.qos,
        retain: gist.retain,
        topic: topic.map(shortened),
        reason: gist.reason,
        fault: gist.fault,
        exchange: exchange(index, tape, packet.number),
    }
}

fn shortened(topic: &[u8]) -> String {
    let text = String::from_utf8_lossy(topic);
    if text.len() <= LONGEST {
        return text.into_owned();
    }
    let mut short = text.get(..text.floor_char_boundary(LONGEST)).unwrap_or_default().to_owned();
    short.push('\u{2026}');
    short
}

fn exchange(index: &Index, tape: &Tape, number: u64) -> Option<PacketExchange> {
    let members = index.members(number);
    let (first, last) = (*members.first()?, *members.last()?);
    let complete = index.note(last).is_some_and(|note| note.closes());
    let round_trip_us = match tape.times(&[first, last]).as_slice() {
        [Some(from), Some(to)] if complete => u64::try_from(to - from).ok(),
        _ => None,
    };
    let packets = u32::try_from(members.len()).unwrap_or(u32::MAX);
    Some(PacketExchange { first, packets, complete, round_trip_us })
}

/// A packet with its fields; secrets are masked.
pub(super) fn detail(index: &Index, tape: &Tape, number: u64) -> Option<PacketDetail> {
    let (packet, mut bytes) = tape.packet(number)?;
    let decoded = decode::decode(&bytes, (&packet).into());
    let (fields, secrets) = (decoded.fields, decoded.secrets);
    let row = row(index, tape, &packet, decoded.gist);
    decode::mask(&mut bytes, &secrets);
    bytes.truncate(SHOWN);
    Some(PacketDetail { row, fields, bytes: Bytes(bytes), kept: packet.kept })
}
