//! Properties (MQTT 5.0, section 2.2.2 and table 2-4).

use mqttscope_model::Direction;

use super::reader::{Read, Reader, Stop};
use super::rules::{self, Rule};
use super::sink::{Sink, Value};

/// Where properties stand. The numbers are bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u16)]
pub(crate) enum Place {
    Connect = 1,
    Will = 1 << 1,
    Connack = 1 << 2,
    Publish = 1 << 3,
    Puback = 1 << 4,
    Pubrec = 1 << 5,
    Pubrel = 1 << 6,
    Pubcomp = 1 << 7,
    Subscribe = 1 << 8,
    Suback = 1 << 9,
    Unsubscribe = 1 << 10,
    Unsuback = 1 << 11,
    Disconnect = 1 << 12,
    Auth = 1 << 13,
}

impl Place {
    /// The section that lists the properties of this place.
    fn section(self) -> Rule {
        Rule::both(match self {
            Self::Connect => "MQTT 5.0, 3.1.2.11",
            Self::Will => "MQTT 5.0, 3.1.3.2",
            Self::Connack => "MQTT 5.0, 3.2.2.3",
            Self::Publish => "MQTT 5.0, 3.3.2.3",
            Self::Puback => "MQTT 5.0, 3.4.2.2",
            Self::Pubrec => "MQTT 5.0, 3.5.2.2",
            Self::Pubrel => "MQTT 5.0, 3.6.2.2",
            Self::Pubcomp => "MQTT 5.0, 3.7.2.2",
            Self::Subscribe => "MQTT 5.0, 3.8.2.1",
            Self::Suback => "MQTT 5.0, 3.9.2.1",
            Self::Unsubscribe => "MQTT 5.0, 3.10.2.1",
            Self::Unsuback => "MQTT 5.0, 3.11.2.1",
            Self::Disconnect => "MQTT 5.0, 3.14.2.2",
            Self::Auth => "MQTT 5.0, 3.15.2.2",
        })
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// 0 or 1.
    Flag,
    Two,
    Four,
    Variable,
    Text,
    Data,
    Pair,
}

struct Known {
    name: &'static str,
    kind: Kind,
    /// Bits of [`Place`].
    places: u16,
    /// 0 is not allowed.
    positive: bool,
}

const fn at(places: &[Place]) -> u16 {
    let (mut bits, mut rest) = (0, places);
    while let [place, later @ ..] = rest {
        bits |= *place as u16;
        rest = later;
    }
    bits
}

const MESSAGE: u16 = at(&[Place::Publish, Place::Will]);
const CONNACK: u16 = at(&[Place::Connack]);
const BOTH: u16 = at(&[Place::Connect, Place::Connack]);
const AUTH: u16 = BOTH | at(&[Place::Auth]);
const ANSWERS: u16 = at(&[
    Place::Connack,
    Place::Puback,
    Place::Pubrec,
    Place::Pubrel,
    Place::Pubcomp,
    Place::Suback,
    Place::Unsuback,
    Place::Disconnect,
    Place::Auth,
]);

const TOPIC_ALIAS: usize = 0x23;
const AUTHENTICATION_METHOD: usize = 0x15;
const AUTHENTICATION_DATA: usize = 0x16;
const USER_PROPERTY: usize = 0x26;
const SUBSCRIPTION_IDENTIFIER: usize = 0x0b;
const RESPONSE_TOPIC: usize = 0x08;
const SESSION_EXPIRY: usize = 0x11;

fn known(id: usize) -> Option<Known> {
    let disconnect = at(&[Place::Disconnect]);
    let (name, kind, places) = match id {
        0x01 => ("Payload Format Indicator", Kind::Flag, MESSAGE),
        0x02 => ("Message Expiry Interval", Kind::Four, MESSAGE),
        0x03 => ("Content Type", Kind::Text, MESSAGE),
        RESPONSE_TOPIC => ("Response Topic", Kind::Text, MESSAGE),
        0x09 => ("Correlation Data", Kind::Data, MESSAGE),
        SUBSCRIPTION_IDENTIFIER => {
            let places = at(&[Place::Publish, Place::Subscribe]);
            ("Subscription Identifier", Kind::Variable, places)
        }
        SESSION_EXPIRY => ("Session Expiry Interval", Kind::Four, BOTH | disconnect),
        0x12 => ("Assigned Client Identifier", Kind::Text, CONNACK),
        0x13 => ("Server Keep Alive", Kind::Two, CONNACK),
        AUTHENTICATION_METHOD => ("Authentication Method", Kind::Text, AUTH),
        AUTHENTICATION_DATA => ("Authentication Data", Kind::Data, AUTH),
        0x17 => ("Request Problem Information", Kind::Flag, at(&[Place::Connect])),
        0x18 => ("Will Delay Interval", Kind::Four, at(&[Place::Will])),
        0x19 => ("Request Response Information", Kind::Flag, at(&[Place::Connect])),
        0x1a => ("Response Information", Kind::Text, CONNACK),
        0x1c => ("Server Reference", Kind::Text, CONNACK | disconnect),
        0x1f => ("Reason String", Kind::Text, ANSWERS),
        0x21 => ("Receive Maximum", Kind::Two, BOTH),
        0x22 => ("Topic Alias Maximum", Kind::Two, BOTH),
        TOPIC_ALIAS => ("Topic Alias", Kind::Two, at(&[Place::Publish])),
        0x24 => ("Maximum QoS", Kind::Flag, CONNACK),
        0x25 => ("Retain Available", Kind::Flag, CONNACK),
        USER_PROPERTY => ("User Property", Kind::Pair, u16::MAX),
        0x27 => ("Maximum Packet Size", Kind::Four, BOTH),
        0x28 => ("Wildcard Subscription Available", Kind::Flag, CONNACK),
        0x29 => ("Subscription Identifier Available", Kind::Flag, CONNACK),
        0x2a => ("Shared Subscription Available", Kind::Flag, CONNACK),
        _ => return None,
    };
    let positive = matches!(id, SUBSCRIPTION_IDENTIFIER | 0x21 | TOPIC_ALIAS | 0x27);
    Some(Known { name, kind, places, positive })
}

/// What properties say that the rest of the decoder needs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Said {
    pub(crate) topic_alias: Option<u16>,
}

/// Reads Property Length and the properties. Where one cannot be read, reading goes on behind all of them.
pub(crate) fn read<S: Sink>(
    reader: &mut Reader<'_, S>,
    place: Place,
    name: &'static str,
) -> Read<Said> {
    reader.part(name, |reader| {
        let at = reader.at;
        let len = reader.variable("Property Length")?;
        reader.sink.field("Property Length", at, reader.at, Value::Number(len as u64));
        let (outer, begin) = (reader.end, reader.at);
        if begin + len > outer {
            let text = "Property Length goes beyond the packet.";
            reader.wrong(at..begin, rules::PROPERTIES, text);
        }
        reader.end = outer.min(begin + len);
        let (mut seen, mut said) = (0_u64, Said::default());
        let mut result = Ok(());
        while result.is_ok() && reader.left() > 0 {
            result = one(reader, place, &mut seen, &mut said);
        }
        let (end, have) = (reader.end, reader.bytes.len());
        reader.end = outer;
        if result.is_err() {
            if is_secretive(place) {
                reader.secrets.push(reader.at.min(have)..end.min(have));
            }
            if have < end {
                return Err(Stop);
            }
        }
        reader.at = end;
        if seen & (1 << AUTHENTICATION_DATA) != 0 && seen & (1 << AUTHENTICATION_METHOD) == 0 {
            let text = "Authentication Data without an Authentication Method.";
            reader.wrong(begin..end, place.section(), text);
        }
        Ok(said)
    })
}

/// Whether what cannot be read here may be a secret.
fn is_secretive(place: Place) -> bool {
    matches!(place, Place::Connect | Place::Connack | Place::Auth)
}

fn one<S: Sink>(
    reader: &mut Reader<'_, S>,
    place: Place,
    seen: &mut u64,
    said: &mut Said,
) -> Read<()> {
    let begin = reader.at;
    let id = reader.variable("a property's identifier")?;
    let Some(known) = known(id) else {
        let text = format!("0x{id:02x} is no property.");
        reader.wrong(begin..reader.at, rules::PROPERTIES, text);
        reader.at = begin;
        return Err(Stop);
    };
    let name = known.name;
    if known.places & place as u16 == 0 {
        let text = format!("{name} is not allowed here.");
        reader.wrong(begin..reader.at, rules::PROPERTIES, text);
    }
    let again = *seen & (1 << id) != 0;
    *seen |= 1 << id;
    let repeats = id == USER_PROPERTY || (id == SUBSCRIPTION_IDENTIFIER && place == Place::Publish);
    let from = reader.at;
    let read = read_value(reader, &known, id, begin)?;
    if again && !repeats {
        reader.wrong(begin..reader.at, place.section(), format!("{name} stands here twice."));
    }
    check(reader, place, (id, &known), read, begin..reader.at, from);
    if id == TOPIC_ALIAS {
        said.topic_alias = u16::try_from(read).ok();
    }
    Ok(())
}

/// Reads the value: the number that it is, or 0. The fields are told once the value is known, since the property's own
/// field comes first and holds it too.
fn read_value<S: Sink>(
    reader: &mut Reader<'_, S>,
    known: &Known,
    id: usize,
    begin: usize,
) -> Read<u64> {
    let (name, from) = (known.name, reader.at);
    let number = match known.kind {
        Kind::Flag => u64::from(reader.byte(name)?),
        Kind::Two => u64::from(reader.word(name)?),
        Kind::Four => {
            let bytes = reader.take(4, name)?;
            bytes.first_chunk().map_or(0, |bytes| u32::from_be_bytes(*bytes)).into()
        }
        Kind::Variable => reader.variable(name)? as u64,
        Kind::Text => {
            let text = reader.text(name)?;
            tell(reader, name, (begin, from), Value::Text(text));
            if id == RESPONSE_TOPIC
                && let Some(wildcard) = text.iter().position(|byte| matches!(byte, b'+' | b'#'))
            {
                let at = reader.at - text.len() + wildcard;
                let rule = Rule::both("[MQTT-3.3.2-14]");
                reader.wrong(at..at + 1, rule, "The Response Topic holds a wildcard.");
            }
            return Ok(0);
        }
        Kind::Data => {
            let bytes = reader.binary(name)?;
            let value = if id == AUTHENTICATION_DATA {
                reader.secrets.push(reader.at - bytes.len()..reader.at);
                Value::Secret(bytes)
            } else {
                Value::Bytes(bytes)
            };
            tell(reader, name, (begin, from), value);
            return Ok(0);
        }
        Kind::Pair => {
            let key = reader.text("the name of a User Property")?;
            let middle = reader.at;
            let value = reader.text("the value of a User Property")?;
            let end = reader.at;
            reader.sink.open(name, begin, Value::Text(key));
            reader.sink.field("Identifier", begin, from, Value::Byte(0x26));
            reader.sink.field("Name", from, middle, Value::Text(key));
            reader.sink.field("Value", middle, end, Value::Text(value));
            reader.sink.close(end);
            return Ok(0);
        }
    };
    tell(reader, name, (begin, from), Value::Number(number));
    Ok(number)
}

fn tell<S: Sink>(
    reader: &mut Reader<'_, S>,
    name: &'static str,
    (begin, from): (usize, usize),
    value: Value<'_>,
) {
    let id = reader.bytes.get(begin).copied().unwrap_or_default();
    reader.sink.open(name, begin, value);
    reader.sink.field("Identifier", begin, from, Value::Byte(id));
    reader.sink.field("Value", from, reader.at, value);
    reader.sink.close(reader.at);
}

/// What a property must not say.
fn check<S: Sink>(
    reader: &mut Reader<'_, S>,
    place: Place,
    (id, known): (usize, &Known),
    number: u64,
    whole: std::ops::Range<usize>,
    from: usize,
) {
    let name = known.name;
    let sent = reader.direction == Direction::Sent;
    if known.kind == Kind::Flag && number > 1 {
        reader.wrong(from..whole.end, place.section(), format!("{name} is {number}, not 0 or 1."));
    }
    if known.positive && number == 0 {
        let rule = if id == TOPIC_ALIAS { Rule::both("[MQTT-3.3.2-8]") } else { place.section() };
        reader.wrong(from..whole.end, rule, format!("{name} is 0."));
    }
    if id == SUBSCRIPTION_IDENTIFIER && place == Place::Publish && sent {
        let text = "A client must not send a Subscription Identifier with a PUBLISH.";
        reader.wrong(whole.clone(), Rule::both("[MQTT-3.3.4-6]"), text);
    }
    if id == SESSION_EXPIRY && place == Place::Disconnect && !sent {
        let text = "A broker must not send a Session Expiry Interval with a DISCONNECT.";
        reader.wrong(whole, Rule::both("[MQTT-3.14.2-2]"), text);
    }
}
