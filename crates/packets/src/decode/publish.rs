//! PUBLISH and its acknowledgements.

use mqttscope_model::{PacketKind, QoS};

use super::properties::{self, Place};
use super::reader::{Read, Reader, Stop};
use super::rules::Rule;
use super::sink::{Sink, Value};
use super::{Gist, bit, reason};
use crate::tape::End;

const QOS_3: Rule = Rule::both("[MQTT-3.3.1-4]");
const DUP: Rule = Rule::both("[MQTT-3.3.1-2]");
const WILDCARD: Rule = Rule::both("[MQTT-3.3.2-2]");
const EMPTY: Rule = Rule::new("MQTT 5.0, 3.3.2.1", "[MQTT-4.7.3-1]");

/// The flags of a PUBLISH.
pub(super) fn flags<S: Sink>(reader: &mut Reader<'_, S>, gist: &mut Gist<'_>, first: u8) {
    let qos = (first >> 1) & 3;
    gist.dup = first & 8 != 0;
    gist.qos = QoS::try_from(qos).ok();
    gist.retain = first & 1 != 0;
    reader.sink.field("DUP", 0, 1, bit(gist.dup));
    reader.sink.field("QoS", 0, 1, Value::Number(qos.into()));
    reader.sink.field("RETAIN", 0, 1, bit(gist.retain));
    if qos == 3 {
        reader.wrong(0..1, QOS_3, "Both QoS bits are set.");
    }
    // 3.1 says nothing of DUP with QoS 0.
    if qos == 0 && gist.dup && reader.version != mqttscope_model::ProtocolVersion::V31 {
        reader.wrong(0..1, DUP, "DUP is set although QoS is 0.");
    }
}

pub(super) fn publish<'a, S: Sink>(
    reader: &mut Reader<'a, S>,
    gist: &mut Gist<'a>,
    first: u8,
) -> Read<()> {
    reader.part("Variable Header", |reader| variable_header(reader, gist, first))?;
    let (at, have) = (reader.at, reader.bytes.len());
    let end = reader.end.min(have);
    let payload = reader.bytes.get(at..end).unwrap_or_default();
    if !payload.is_empty() {
        reader.sink.field("Payload", at, end, Value::Bytes(payload));
    }
    reader.at = end;
    if have < reader.end && reader.missing == End::Broken {
        return Err(reader.bytes_end("the payload"));
    }
    Ok(())
}

fn variable_header<'a, S: Sink>(
    reader: &mut Reader<'a, S>,
    gist: &mut Gist<'a>,
    first: u8,
) -> Read<()> {
    let at = reader.at;
    let topic = reader.string("Topic Name")?;
    let end = reader.at;
    if let Some(wildcard) = topic.iter().position(|byte| matches!(byte, b'+' | b'#')) {
        let at = at + 2 + wildcard;
        reader.wrong(at..at + 1, WILDCARD, "The Topic Name holds a wildcard.");
    }
    if !topic.is_empty() {
        gist.topic = Some(topic);
    }
    if first & 6 != 0 {
        gist.packet_id = Some(reader.packet_id()?);
    }
    if reader.is_v5() {
        let said = properties::read(reader, Place::Publish, "Properties")?;
        gist.topic_alias = said.topic_alias;
    }
    if topic.is_empty() && gist.topic_alias.is_none() {
        reader.wrong(at..end, EMPTY, "The Topic Name is empty.");
    }
    Ok(())
}

/// PUBACK, PUBREC, PUBREL and PUBCOMP.
pub(super) fn acknowledgement<S: Sink>(
    reader: &mut Reader<'_, S>,
    gist: &mut Gist<'_>,
    place: Place,
) -> Read<()> {
    let kind: PacketKind = gist.kind;
    reader.part("Variable Header", |reader| {
        gist.packet_id = Some(reader.packet_id()?);
        // Without a Reason Code it is 0; without a Property Length there are no properties (section 3.4.2).
        if reader.is_v5() && reader.left() > 0 {
            gist.reason = Some(reason(reader, kind, "Reason Code")?);
            if reader.left() > 0 {
                properties::read(reader, place, "Properties")?;
            }
        }
        Ok::<(), Stop>(())
    })
}
