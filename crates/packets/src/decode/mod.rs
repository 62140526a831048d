//! A Control Packet of MQTT 3.1, 3.1.1 or 5.0 into its fields, with the bytes of each, and the first rule that it breaks.
//!
//! Our own decoder, because the libraries throw away what they do not understand, and that is what a test client must
//! show. It reads on behind a fault where the lengths still tell where; the price is that a later field may be shown
//! although the packet is malformed. The index runs the same decoder on every packet without listing fields, so it must be
//! fast: nothing is allocated for a packet that is in order and holds no secret.
//!
//! The fields nest. Those at depth 0 lie side by side and make up the packet; those that a field holds make up
//! that field, but for bits, which all have the one byte that holds them. That is so for every packet without a fault.

mod codes;
mod connect;
mod properties;
mod publish;
mod reader;
mod rules;
mod sink;
mod subscribe;

use std::ops::Range;

use mqttscope_model::{
    Direction, PacketFault, PacketField, PacketKind, ProtocolVersion, QoS, ReasonCode,
};

use crate::tape::{End, Packet};
use properties::Place;
use reader::{Read, Reader};
use rules::{Fault, Rule};
use sink::{List, Nowhere, Sink, Value};

/// What must be known of a packet to read its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Context {
    /// What its connection speaks.
    pub version: ProtocolVersion,
    /// Which way it went.
    pub direction: Direction,
    /// How much of it there is.
    pub end: End,
}

impl From<&Packet> for Context {
    fn from(packet: &Packet) -> Self {
        // What is missing of a packet that is too large, or was copied out in part, is not missed.
        let whole = packet.bytes.len() as u64 >= packet.size;
        let end = if whole { packet.end } else { End::Unseen };
        Self { version: packet.version, direction: packet.direction, end }
    }
}

/// What a packet says, in short.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gist<'a> {
    /// Its type.
    pub kind: PacketKind,
    /// Its Packet Identifier.
    pub packet_id: Option<u16>,
    /// DUP of a PUBLISH.
    pub dup: bool,
    /// QoS of a PUBLISH.
    pub qos: Option<QoS>,
    /// RETAIN of a PUBLISH.
    pub retain: bool,
    /// The Topic Name, or the first Topic Filter, as its bytes are; none of a PUBLISH that leaves it to its Topic Alias.
    pub topic: Option<&'a [u8]>,
    /// The Topic Alias of a PUBLISH.
    pub topic_alias: Option<u16>,
    /// The (first) Reason Code; of a return code of 3.1 and 3.1.1's CONNACK the one of 5.0 that says the same.
    pub reason: Option<ReasonCode>,
    /// The first rule that it breaks.
    pub fault: Option<PacketFault>,
}

impl Gist<'_> {
    fn new(kind: PacketKind) -> Self {
        Self {
            kind,
            packet_id: None,
            dup: false,
            qos: None,
            retain: false,
            topic: None,
            topic_alias: None,
            reason: None,
            fault: None,
        }
    }
}

/// A packet with its fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decoded<'a> {
    /// What it says, in short.
    pub gist: Gist<'a>,
    /// Its fields in the order of their bytes, at most 10,000; the last one then says how many more there are.
    pub fields: Vec<PacketField>,
    /// The bytes that hold a Password or Authentication Data, or may hold them behind a fault.
    pub secrets: Vec<Range<usize>>,
}

/// What a packet says, in short. `bytes` begin with the packet's first and end with its last, or before.
pub fn gist(bytes: &[u8], context: Context) -> Gist<'_> {
    read(bytes, context, Nowhere).0
}

/// A packet's fields. Never fails: what cannot be read is told as the packet's fault.
pub fn decode(bytes: &[u8], context: Context) -> Decoded<'_> {
    listed(bytes, context, List::default())
}

/// A packet's fields with its secrets as they are, for an export that asks for them.
pub(crate) fn reveal(bytes: &[u8], context: Context) -> Decoded<'_> {
    listed(bytes, context, List::revealing())
}

fn listed(bytes: &[u8], context: Context, list: List) -> Decoded<'_> {
    let (gist, secrets, list) = read(bytes, context, list);
    Decoded { gist, fields: list.done(), secrets }
}

/// Overwrites bytes that are a secret with `*`.
pub fn mask(bytes: &mut [u8], secrets: &[Range<usize>]) {
    for secret in secrets {
        let end = secret.end.min(bytes.len());
        if let Some(hidden) = bytes.get_mut(secret.start.min(end)..end) {
            hidden.fill(b'*');
        }
    }
}

fn read<'a, S: Sink>(
    bytes: &'a [u8],
    context: Context,
    sink: S,
) -> (Gist<'a>, Vec<Range<usize>>, S) {
    let Context { version, direction, end } = context;
    let mut reader = Reader {
        bytes,
        at: 0,
        end: bytes.len().max(2),
        version,
        direction,
        missing: end,
        sink,
        fault: None,
        secrets: Vec::new(),
        secretive: None,
    };
    let first = bytes.first().copied().unwrap_or_default();
    let mut gist = Gist::new(kind(first, version));
    let result = fixed_header(&mut reader, &mut gist, first)
        .and_then(|()| body(&mut reader, &mut gist, first));
    if result.is_err() && gist.kind == PacketKind::Connect {
        reader.secrets.push(reader.at.min(bytes.len())..bytes.len());
    }
    // Flags or lengths that are wrong may make a Password look like something else.
    if let Some(begin) = reader.secretive.filter(|_| reader.fault.is_some()) {
        reader.secrets.push(begin..bytes.len());
        reader.sink.hide(begin);
    }
    gist.fault = reader.fault.take().map(|fault: Fault| fault.told(version));
    (gist, reader.secrets, reader.sink)
}

fn kind(first: u8, version: ProtocolVersion) -> PacketKind {
    use PacketKind as K;
    match first >> 4 {
        1 => K::Connect,
        2 => K::Connack,
        3 => K::Publish,
        4 => K::Puback,
        5 => K::Pubrec,
        6 => K::Pubrel,
        7 => K::Pubcomp,
        8 => K::Subscribe,
        9 => K::Suback,
        10 => K::Unsubscribe,
        11 => K::Unsuback,
        12 => K::Pingreq,
        13 => K::Pingresp,
        14 => K::Disconnect,
        15 if version == ProtocolVersion::V5 => K::Auth,
        _ => K::Unknown,
    }
}

/// The specification's name of a type.
pub fn name(kind: PacketKind) -> &'static str {
    use PacketKind as K;
    match kind {
        K::Connect => "CONNECT",
        K::Connack => "CONNACK",
        K::Publish => "PUBLISH",
        K::Puback => "PUBACK",
        K::Pubrec => "PUBREC",
        K::Pubrel => "PUBREL",
        K::Pubcomp => "PUBCOMP",
        K::Subscribe => "SUBSCRIBE",
        K::Suback => "SUBACK",
        K::Unsubscribe => "UNSUBSCRIBE",
        K::Unsuback => "UNSUBACK",
        K::Pingreq => "PINGREQ",
        K::Pingresp => "PINGRESP",
        K::Disconnect => "DISCONNECT",
        K::Auth => "AUTH",
        K::Unknown => "Reserved",
    }
}

fn fixed_header<S: Sink>(reader: &mut Reader<'_, S>, gist: &mut Gist<'_>, first: u8) -> Read<()> {
    reader.part("Fixed Header", |reader| {
        reader.byte("the Fixed Header")?;
        reader.sink.field("Control Packet Type", 0, 1, Value::Word(name(gist.kind)));
        if gist.kind == PacketKind::Publish {
            publish::flags(reader, gist, first);
        } else {
            reader.sink.field("Flags", 0, 1, Value::Byte(first & 0x0f));
            check_flags(reader, gist.kind, first & 0x0f);
        }
        let at = reader.at;
        let remaining = reader.variable("Remaining Length")?;
        reader.sink.field("Remaining Length", at, reader.at, Value::Number(remaining as u64));
        reader.end = reader.at + remaining;
        check_type(reader, gist.kind);
        Ok(())
    })
}

fn check_flags<S: Sink>(reader: &mut Reader<'_, S>, kind: PacketKind, flags: u8) {
    use PacketKind as K;
    let (wanted, rule) = match kind {
        K::Unknown => return,
        K::Pubrel => (2, Rule::both("[MQTT-3.6.1-1]")),
        K::Subscribe => (2, Rule::both("[MQTT-3.8.1-1]")),
        K::Unsubscribe => (2, Rule::both("[MQTT-3.10.1-1]")),
        K::Disconnect => (0, Rule::both("[MQTT-3.14.1-1]")),
        K::Auth => (0, Rule::both("[MQTT-3.15.1-1]")),
        _ => (0, rules::FLAGS),
    };
    // 3.1 lets these be sent again with DUP, and does not use the flags of the others.
    let free = match (reader.version, wanted) {
        (ProtocolVersion::V31, 0) => 0x0f,
        (ProtocolVersion::V31, _) => 0x08,
        _ => 0,
    };
    if flags & !free != wanted & !free {
        let text = format!("The flags of {} are {flags:04b}, not {wanted:04b}.", name(kind));
        reader.wrong(0..1, rule, text);
    }
}

/// Whether such a packet may go this way at all.
fn check_type<S: Sink>(reader: &mut Reader<'_, S>, kind: PacketKind) {
    use PacketKind as K;
    let sent = reader.direction == Direction::Sent;
    let wrong = match kind {
        K::Unknown => {
            reader.wrong(0..1, rules::TYPES, "This type of packet is reserved.");
            return;
        }
        K::Connect | K::Subscribe | K::Unsubscribe | K::Pingreq => !sent,
        K::Connack | K::Suback | K::Unsuback | K::Pingresp => sent,
        K::Disconnect => !sent && !reader.is_v5(),
        _ => false,
    };
    if wrong {
        let who = if sent { "client" } else { "broker" };
        reader.wrong(0..1, rules::TYPES, format!("A {who} must not send {}.", name(kind)));
    }
}

fn body<'a, S: Sink>(reader: &mut Reader<'a, S>, gist: &mut Gist<'a>, first: u8) -> Read<()> {
    use PacketKind as K;
    match gist.kind {
        K::Connect => connect::connect(reader)?,
        K::Connack => connect::connack(reader, gist)?,
        K::Publish => return publish::publish(reader, gist, first),
        K::Puback => publish::acknowledgement(reader, gist, Place::Puback)?,
        K::Pubrec => publish::acknowledgement(reader, gist, Place::Pubrec)?,
        K::Pubrel => publish::acknowledgement(reader, gist, Place::Pubrel)?,
        K::Pubcomp => publish::acknowledgement(reader, gist, Place::Pubcomp)?,
        K::Subscribe => subscribe::subscribe(reader, gist)?,
        K::Unsubscribe => subscribe::unsubscribe(reader, gist)?,
        K::Suback => subscribe::answer(reader, gist, Place::Suback)?,
        K::Unsuback => subscribe::answer(reader, gist, Place::Unsuback)?,
        K::Disconnect => connect::ending(reader, gist, Place::Disconnect)?,
        K::Auth => connect::ending(reader, gist, Place::Auth)?,
        K::Pingreq | K::Pingresp => {}
        K::Unknown => return rest(reader),
    }
    if reader.left() > 0 {
        let text = format!("Bytes follow behind the last field of {}.", name(gist.kind));
        let (at, end) = (reader.at, reader.end.min(reader.bytes.len()));
        reader.wrong(at..end.max(at), rules::REMAINING_LENGTH, text);
    }
    Ok(())
}

/// Bytes of which nothing is known.
fn rest<S: Sink>(reader: &mut Reader<'_, S>) -> Read<()> {
    let (at, end) = (reader.at, reader.end.min(reader.bytes.len()));
    let bytes = reader.bytes.get(at..end).unwrap_or_default();
    if !bytes.is_empty() {
        reader.sink.field("Payload", at, end, Value::Bytes(bytes));
    }
    reader.at = end;
    Ok(())
}

/// A Reason Code of 5.0 with its field.
fn reason<S: Sink>(
    reader: &mut Reader<'_, S>,
    kind: PacketKind,
    name: &'static str,
) -> Read<ReasonCode> {
    let at = reader.at;
    let code = reader.byte(name)?;
    let (allowed, rule) = codes::allowed(kind, code);
    let known = allowed || ReasonCode(code).name().is_some();
    reader.sink.field(name, at, at + 1, Value::Reason(code, known.then_some(code)));
    if !allowed {
        let text = format!("{} has no {name} 0x{code:02x}.", self::name(kind));
        reader.wrong(at..at + 1, rule, text);
    }
    Ok(ReasonCode(code))
}

/// The value of a bit.
fn bit(set: bool) -> Value<'static> {
    Value::Number(set.into())
}
