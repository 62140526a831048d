//! CONNECT, CONNACK, DISCONNECT and AUTH.

use mqttscope_model::{ProtocolVersion, ReasonCode};

use super::codes::of_return_code;
use super::properties::{self, Place};
use super::reader::{Read, Reader};
use super::rules::Rule;
use super::sink::{Sink, Value};
use super::{Gist, bit, reason};

const PROTOCOL_NAME: Rule = Rule::both("[MQTT-3.1.2-1]");
const PROTOCOL_LEVEL: Rule = Rule::both("[MQTT-3.1.2-2]");
const RESERVED: Rule = Rule::both("[MQTT-3.1.2-3]");
const WILL_QOS_WITHOUT: Rule = Rule::new("[MQTT-3.1.2-11]", "[MQTT-3.1.2-13]");
const WILL_QOS: Rule = Rule::new("[MQTT-3.1.2-12]", "[MQTT-3.1.2-14]");
const WILL_RETAIN_WITHOUT: Rule = Rule::new("[MQTT-3.1.2-13]", "[MQTT-3.1.2-15]");
const PASSWORD_WITHOUT: Rule = Rule::both("[MQTT-3.1.2-22]");
const WILL_TOPIC: Rule = Rule::new("[MQTT-3.3.2-2]", "[MQTT-4.7.1-1]");
const ACKNOWLEDGE_FLAGS: Rule = Rule::new("[MQTT-3.2.2-1]", "MQTT 3.1.1, 3.2.2.1");
const SESSION_PRESENT: Rule = Rule::new("[MQTT-3.2.2-6]", "[MQTT-3.2.2-4]");
const RETURN_CODE: Rule = Rule::both("MQTT 3.1.1, 3.2.2.3");

pub(super) fn connect<S: Sink>(reader: &mut Reader<'_, S>) -> Read<()> {
    let flags = reader.part("Variable Header", |reader| {
        protocol(reader)?;
        let flags = connect_flags(reader)?;
        reader.number("Keep Alive")?;
        if reader.is_v5() {
            properties::read(reader, Place::Connect, "Properties")?;
        }
        Ok(flags)
    })?;
    reader.secretive = Some(reader.at);
    reader.part("Payload", |reader| payload(reader, flags))
}

fn protocol<S: Sink>(reader: &mut Reader<'_, S>) -> Read<()> {
    let at = reader.at;
    let name = reader.string("Protocol Name")?;
    let (wanted, level): (&[u8], u8) = match reader.version {
        ProtocolVersion::V31 => (b"MQIsdp", 3),
        ProtocolVersion::V311 => (b"MQTT", 4),
        ProtocolVersion::V5 => (b"MQTT", 5),
    };
    if name != wanted {
        let text = format!("The Protocol Name is not {}.", String::from_utf8_lossy(wanted));
        reader.wrong(at..reader.at, PROTOCOL_NAME, text);
    }
    let at = reader.at;
    let word = if reader.is_v5() { "Protocol Version" } else { "Protocol Level" };
    let told = reader.byte(word)?;
    reader.sink.field(word, at, at + 1, Value::Number(told.into()));
    if told != level {
        reader.wrong(at..at + 1, PROTOCOL_LEVEL, format!("The {word} is {told}, not {level}."));
    }
    Ok(())
}

fn connect_flags<S: Sink>(reader: &mut Reader<'_, S>) -> Read<u8> {
    let at = reader.at;
    let flags = reader.byte("Connect Flags")?;
    let (will, qos, retain) = (flags & 4 != 0, (flags >> 3) & 3, flags & 0x20 != 0);
    let clean = if reader.is_v5() { "Clean Start" } else { "Clean Session" };
    reader.sink.open("Connect Flags", at, Value::Byte(flags));
    for (name, set) in [
        ("User Name Flag", flags & 0x80 != 0),
        ("Password Flag", flags & 0x40 != 0),
        ("Will Retain", retain),
    ] {
        reader.sink.field(name, at, at + 1, bit(set));
    }
    reader.sink.field("Will QoS", at, at + 1, Value::Number(qos.into()));
    for (name, set) in [("Will Flag", will), (clean, flags & 2 != 0), ("Reserved", flags & 1 != 0)]
    {
        reader.sink.field(name, at, at + 1, bit(set));
    }
    reader.sink.close(at + 1);
    let numbered = reader.version != ProtocolVersion::V31;
    for (wrong, rule, text) in [
        (flags & 1 != 0 && numbered, RESERVED, "The reserved Connect Flag is set."),
        (!will && qos != 0 && numbered, WILL_QOS_WITHOUT, "Will QoS is set without a Will."),
        (will && qos == 3, WILL_QOS, "Will QoS is 3."),
        (!will && retain && numbered, WILL_RETAIN_WITHOUT, "Will Retain is set without a Will."),
        (
            flags & 0xc0 == 0x40 && !reader.is_v5(),
            PASSWORD_WITHOUT,
            "A Password without a User Name.",
        ),
    ] {
        if wrong {
            reader.wrong(at..at + 1, rule, text);
        }
    }
    Ok(flags)
}

fn payload<S: Sink>(reader: &mut Reader<'_, S>, flags: u8) -> Read<()> {
    reader.string("Client Identifier")?;
    if flags & 4 != 0 {
        if reader.is_v5() {
            properties::read(reader, Place::Will, "Will Properties")?;
        }
        let at = reader.at;
        let topic = reader.string("Will Topic")?;
        if topic.iter().any(|byte| matches!(byte, b'+' | b'#')) {
            reader.wrong(at..reader.at, WILL_TOPIC, "The Will Topic holds a wildcard.");
        }
        let name = if reader.is_v5() { "Will Payload" } else { "Will Message" };
        reader.data(name, false)?;
    }
    // 3.1 lets a client leave these off although the flags say that they are there.
    let may_lack = reader.version == ProtocolVersion::V31;
    if flags & 0x80 != 0 && !(may_lack && reader.left() == 0) {
        reader.string("User Name")?;
    }
    if flags & 0x40 != 0 && !(may_lack && reader.left() == 0) {
        reader.data("Password", true)?;
    }
    Ok(())
}

pub(super) fn connack<S: Sink>(reader: &mut Reader<'_, S>, gist: &mut Gist<'_>) -> Read<()> {
    let kind = gist.kind;
    reader.part("Variable Header", |reader| {
        let at = reader.at;
        let flags = reader.byte("Connect Acknowledge Flags")?;
        reader.sink.open("Connect Acknowledge Flags", at, Value::Byte(flags));
        let numbered = reader.version != ProtocolVersion::V31;
        if numbered {
            reader.sink.field("Session Present", at, at + 1, bit(flags & 1 != 0));
        }
        reader.sink.close(at + 1);
        if flags & 0xfe != 0 && numbered {
            let text = "Reserved bits of the Connect Acknowledge Flags are set.";
            reader.wrong(at..at + 1, ACKNOWLEDGE_FLAGS, text);
        }
        // So answers a broker that knows no 5.0.
        let older = reader.left() == 1 && reader.bytes.get(reader.at) != Some(&0);
        let code = if reader.is_v5() && !older {
            reason(reader, kind, "Reason Code")?
        } else {
            return_code(reader)?
        };
        gist.reason = Some(code);
        if flags & 1 != 0 && code != ReasonCode::SUCCESS && numbered {
            let text = "Session Present is set although the connection is refused.";
            reader.wrong(at..at + 1, SESSION_PRESENT, text);
        }
        if reader.is_v5() && !older {
            properties::read(reader, Place::Connack, "Properties")?;
        }
        Ok(())
    })
}

/// A return code before 5.0.
fn return_code<S: Sink>(reader: &mut Reader<'_, S>) -> Read<ReasonCode> {
    let at = reader.at;
    let code = reader.byte("Connect Return code")?;
    let words = of_return_code(code);
    reader.sink.field("Connect Return code", at, at + 1, Value::Reason(code, words));
    if words.is_none() {
        let text = format!("CONNACK has no Return Code {code}.");
        reader.wrong(at..at + 1, RETURN_CODE, text);
    }
    Ok(ReasonCode(words.unwrap_or(code)))
}

/// DISCONNECT and AUTH. Without a Reason Code it is 0; without a Property Length there are no properties
/// (sections 3.14.2 and 3.15.2).
pub(super) fn ending<S: Sink>(
    reader: &mut Reader<'_, S>,
    gist: &mut Gist<'_>,
    place: Place,
) -> Read<()> {
    if !reader.is_v5() || reader.left() == 0 {
        return Ok(());
    }
    let kind = gist.kind;
    reader.part("Variable Header", |reader| {
        let name = if place == Place::Auth {
            "Authenticate Reason Code"
        } else {
            "Disconnect Reason Code"
        };
        gist.reason = Some(reason(reader, kind, name)?);
        if reader.left() > 0 {
            properties::read(reader, place, "Properties")?;
        }
        Ok(())
    })
}
