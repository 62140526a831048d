//! SUBSCRIBE, UNSUBSCRIBE and their answers.

use mqttscope_model::{ReasonCode, topic};

use super::properties::{self, Place};
use super::reader::{Read, Reader};
use super::rules::{self, Rule};
use super::sink::{Sink, Value};
use super::{Gist, bit, reason};

const NO_FILTERS: Rule = Rule::new("[MQTT-3.8.3-2]", "[MQTT-3.8.3-3]");
const NO_FILTERS_TO_END: Rule = Rule::both("[MQTT-3.10.3-2]");
const OPTIONS: Rule = Rule::new("[MQTT-3.8.3-5]", "[MQTT-3-8.3-4]");
const QOS: Rule = Rule::new("MQTT 5.0, 3.8.3.1", "[MQTT-3-8.3-4]");
const RETAIN_HANDLING: Rule = Rule::both("MQTT 5.0, 3.8.3.1");
const NO_LOCAL: Rule = Rule::both("[MQTT-3.8.3-4]");

pub(super) fn subscribe<'a, S: Sink>(reader: &mut Reader<'a, S>, gist: &mut Gist<'a>) -> Read<()> {
    variable_header(reader, gist, Place::Subscribe)?;
    if reader.left() == 0 {
        reader.wrong(reader.at..reader.at, NO_FILTERS, "SUBSCRIBE asks for no Topic Filter.");
        return Ok(());
    }
    reader.part("Payload", |reader| {
        while reader.left() > 0 {
            reader.part("Subscription", |reader| {
                let filter = filter(reader, gist)?;
                options(reader, filter)
            })?;
        }
        Ok(())
    })
}

pub(super) fn unsubscribe<'a, S: Sink>(
    reader: &mut Reader<'a, S>,
    gist: &mut Gist<'a>,
) -> Read<()> {
    variable_header(reader, gist, Place::Unsubscribe)?;
    if reader.left() == 0 {
        let text = "UNSUBSCRIBE names no Topic Filter.";
        reader.wrong(reader.at..reader.at, NO_FILTERS_TO_END, text);
        return Ok(());
    }
    reader.part("Payload", |reader| {
        while reader.left() > 0 {
            filter(reader, gist)?;
        }
        Ok(())
    })
}

/// SUBACK and UNSUBACK.
pub(super) fn answer<'a, S: Sink>(
    reader: &mut Reader<'a, S>,
    gist: &mut Gist<'a>,
    place: Place,
) -> Read<()> {
    variable_header(reader, gist, place)?;
    if reader.left() == 0 {
        // Before 5.0 UNSUBACK has no payload (3.1.1, section 3.11.3).
        if reader.is_v5() || place == Place::Suback {
            let text = "The answer holds no Reason Code.";
            reader.wrong(reader.at..reader.at, rules::REMAINING_LENGTH, text);
        }
        return Ok(());
    }
    if !reader.is_v5() && place == Place::Unsuback {
        return Ok(());
    }
    let kind = gist.kind;
    reader.part("Payload", |reader| {
        while reader.left() > 0 {
            let code = if reader.is_v5() {
                reason(reader, kind, "Reason Code")?
            } else {
                return_code(reader)?
            };
            gist.reason.get_or_insert(code);
        }
        Ok(())
    })
}

/// A return code of SUBACK before 5.0.
fn return_code<S: Sink>(reader: &mut Reader<'_, S>) -> Read<ReasonCode> {
    let at = reader.at;
    let code = reader.byte("Return Code")?;
    let known = matches!(code, 0..=2 | 0x80);
    reader.sink.field("Return Code", at, at + 1, Value::Reason(code, known.then_some(code)));
    if !known {
        let text = format!("SUBACK has no Return Code 0x{code:02x}.");
        reader.wrong(at..at + 1, Rule::both("[MQTT-3.9.3-2]"), text);
    }
    Ok(ReasonCode(code))
}

fn variable_header<S: Sink>(
    reader: &mut Reader<'_, S>,
    gist: &mut Gist<'_>,
    place: Place,
) -> Read<()> {
    reader.part("Variable Header", |reader| {
        gist.packet_id = Some(reader.packet_id()?);
        if reader.is_v5() {
            properties::read(reader, place, "Properties")?;
        }
        Ok(())
    })
}

fn filter<'a, S: Sink>(reader: &mut Reader<'a, S>, gist: &mut Gist<'a>) -> Read<&'a [u8]> {
    let at = reader.at;
    let filter = reader.string("Topic Filter")?;
    gist.topic.get_or_insert(filter);
    // What is no UTF-8 has been told already.
    if let Ok(text) = std::str::from_utf8(filter)
        && let Err(error) = topic::check_filter(text)
    {
        let (rule, text) = worded(error);
        reader.wrong(at..reader.at, rule, text);
    }
    Ok(filter)
}

fn worded(error: topic::TopicError) -> (Rule, &'static str) {
    use topic::TopicError as E;
    match error {
        E::Empty | E::TooLong(_) => {
            (Rule::both("[MQTT-4.7.3-1]"), "A Topic Filter has at least one character.")
        }
        E::Null => (rules::NULL, "The Topic Filter holds the null character U+0000."),
        E::PlusNotAlone | E::WildcardInName(_) => (
            Rule::new("[MQTT-4.7.1-2]", "[MQTT-4.7.1-3]"),
            "+ must fill a whole level of the Topic Filter.",
        ),
        E::HashNotLast => (
            Rule::new("[MQTT-4.7.1-1]", "[MQTT-4.7.1-2]"),
            "# must fill the last level of the Topic Filter.",
        ),
        E::ShareIncomplete => (
            Rule::new("[MQTT-4.8.2-1]", "MQTT 5.0, 4.8.2"),
            "A shared subscription is $share/group/filter.",
        ),
    }
}

/// Subscription Options (5.0, section 3.8.3.1), or Requested QoS before.
fn options<S: Sink>(reader: &mut Reader<'_, S>, filter: &[u8]) -> Read<()> {
    let at = reader.at;
    let v5 = reader.is_v5();
    let name = if v5 { "Subscription Options" } else { "Requested QoS" };
    let byte = reader.byte(name)?;
    let bits = at..at + 1;
    let qos = byte & 3;
    if v5 {
        reader.sink.open(name, at, Value::Byte(byte));
        reader.sink.field("Maximum QoS", at, at + 1, Value::Number(qos.into()));
        reader.sink.field("No Local", at, at + 1, bit(byte & 4 != 0));
        reader.sink.field("Retain As Published", at, at + 1, bit(byte & 8 != 0));
        let handling = (byte >> 4) & 3;
        reader.sink.field("Retain Handling", at, at + 1, Value::Number(handling.into()));
        reader.sink.close(at + 1);
        if handling == 3 {
            reader.wrong(bits.clone(), RETAIN_HANDLING, "Retain Handling is 3.");
        }
        if byte & 4 != 0 && filter.starts_with(b"$share/") {
            let text = "No Local is set on a shared subscription.";
            reader.wrong(bits.clone(), NO_LOCAL, text);
        }
    } else {
        reader.sink.field(name, at, at + 1, Value::Number(qos.into()));
    }
    if qos == 3 {
        reader.wrong(bits.clone(), QOS, "The QoS that is asked for is 3.");
    }
    let reserved = match reader.version {
        mqttscope_model::ProtocolVersion::V5 => 0xc0,
        mqttscope_model::ProtocolVersion::V311 => 0xfc,
        mqttscope_model::ProtocolVersion::V31 => 0,
    };
    if byte & reserved != 0 {
        reader.wrong(bits, OPTIONS, "Reserved bits of the options are set.");
    }
    Ok(())
}
