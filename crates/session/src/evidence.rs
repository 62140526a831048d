//! The facts of the MQTT stage: what was sent, what the broker said, how the stream ended.
//!
//! Pure functions of what the wire kept. An answer is read from its own bytes a second time, because the library forgets
//! most of a refusal; what it cannot read it would not tell at all. Nothing here holds a secret: of a user name and a
//! password only that they were sent, of Authentication Data only that it came.

use std::io::ErrorKind;

use mqttscope_model::{
    BrokerAnswer, Bytes, FirstBytes, MqttFacts, Named, ProtocolVersion, ReasonCode, StreamEnd,
};
use mqttscope_transport::Spoken;

use crate::Options;
use crate::client::Failure;
use crate::wire::{End, Facts, Form, Raw, properties};

/// What goes out with CONNECT.
pub(crate) fn sent(options: &Options) -> MqttFacts {
    MqttFacts {
        version: options.version,
        client_id: options.client_id.clone(),
        with_user_name: options.user_name.is_some(),
        with_password: options.password.is_some(),
        connack: None,
        offer: None,
        disconnect: None,
        end: None,
    }
}

/// What the broker said so far.
pub(crate) fn heard(mqtt: &mut MqttFacts, seen: &Facts, unread: Unread) {
    if mqtt.connack.is_none() {
        mqtt.connack = connack(&seen.connack, mqtt.version, unread);
    }
    mqtt.disconnect = disconnect(&seen.disconnect, mqtt.version, unread);
}

/// What becomes of bytes that cannot be read: within an authentication they may be part of its data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unread {
    Shown,
    Hidden,
}

impl Unread {
    /// As a connection with these options wants it.
    pub(crate) fn of(options: &Options) -> Self {
        if options.authentication.is_some() { Self::Hidden } else { Self::Shown }
    }
}

/// A CONNACK: its first byte and its body.
fn connack(packet: &[u8], version: ProtocolVersion, unread: Unread) -> Option<BrokerAnswer> {
    let reason = ReasonCode(*packet.get(2)?);
    // A broker that knows no MQTT 5 answers in the form and with the codes of 3.1.1.
    let v5 = version == ProtocolVersion::V5 && (packet.len() > 3 || reason.is_error());
    let name = if v5 { reason.name() } else { return_code(reason) };
    let list = packet.get(3..).filter(|_| v5).unwrap_or_default();
    Some(answer(reason, name, list, unread))
}

/// A DISCONNECT: its first byte and its body.
fn disconnect(packet: &[u8], version: ProtocolVersion, unread: Unread) -> Option<BrokerAnswer> {
    let v5 = version == ProtocolVersion::V5;
    packet.first()?;
    // Without a reason it is 0x00 (MQTT 5.0, section 3.14.2.1); before MQTT 5 there is none, nor may a broker send it.
    let reason = ReasonCode(packet.get(1).copied().filter(|_| v5).unwrap_or(0));
    let name = match reason {
        _ if !v5 => None,
        ReasonCode::SUCCESS => Some("Normal disconnection"),
        reason => reason.name(),
    };
    Some(answer(reason, name, packet.get(2..).filter(|_| v5).unwrap_or_default(), unread))
}

/// The names of CONNACK's Return Codes (MQTT 3.1.1, table 3.1).
fn return_code(code: ReasonCode) -> Option<&'static str> {
    Some(match code.0 {
        0 => "Connection Accepted",
        1 => "Connection Refused, unacceptable protocol version",
        2 => "Connection Refused, identifier rejected",
        3 => "Connection Refused, Server unavailable",
        4 => "Connection Refused, bad user name or password",
        5 => "Connection Refused, not authorized",
        _ => return None,
    })
}

fn answer(reason: ReasonCode, name: Option<&str>, list: &[u8], unread: Unread) -> BrokerAnswer {
    let authenticates = properties(list).any(|property| matches!(property.id, 0x15 | 0x16));
    let unread = if authenticates { Unread::Hidden } else { unread };
    let listed = |id: u8| {
        let mut found = properties(list).filter(|property| property.form != Form::Unreadable);
        found.find(|property| property.id == id).map(|property| text(property.value))
    };
    BrokerAnswer {
        reason,
        reason_name: name.map_or_else(|| format!("0x{:02X}", reason.0), str::to_owned),
        reason_string: listed(0x1f),
        server_reference: listed(0x1c),
        properties: properties(list).map(|property| named(property, unread)).collect(),
    }
}

/// A property in words.
fn named(property: Raw<'_>, unread: Unread) -> Named {
    let Raw { id, form, value, name } = property;
    let value = match form {
        _ if id == 0x16 => String::new(),
        Form::Unreadable if unread == Unread::Hidden => String::new(),
        Form::Number => {
            value.iter().fold(0_u32, |number, byte| number << 8 | u32::from(*byte)).to_string()
        }
        Form::Variable => {
            let low = value.iter().rev();
            low.fold(0_u32, |number, byte| number << 7 | u32::from(byte & 0x7f)).to_string()
        }
        Form::Text => text(value),
        Form::Pair => format!("{}={}", text(name), text(value)),
        Form::Binary | Form::Unreadable => hex(value),
    };
    Named { name: property_name(id).map_or_else(|| format!("0x{id:02X}"), str::to_owned), value }
}

/// The specification's name of a property (MQTT 5.0, table 2-4).
fn property_name(id: u8) -> Option<&'static str> {
    Some(match id {
        0x01 => "Payload Format Indicator",
        0x02 => "Message Expiry Interval",
        0x03 => "Content Type",
        0x08 => "Response Topic",
        0x09 => "Correlation Data",
        0x0b => "Subscription Identifier",
        0x11 => "Session Expiry Interval",
        0x12 => "Assigned Client Identifier",
        0x13 => "Server Keep Alive",
        0x15 => "Authentication Method",
        0x16 => "Authentication Data",
        0x17 => "Request Problem Information",
        0x18 => "Will Delay Interval",
        0x19 => "Request Response Information",
        0x1a => "Response Information",
        0x1c => "Server Reference",
        0x1f => "Reason String",
        0x21 => "Receive Maximum",
        0x22 => "Topic Alias Maximum",
        0x23 => "Topic Alias",
        0x24 => "Maximum QoS",
        0x25 => "Retain Available",
        0x26 => "User Property",
        0x27 => "Maximum Packet Size",
        0x28 => "Wildcard Subscription Available",
        0x29 => "Subscription Identifier Available",
        0x2a => "Shared Subscription Available",
        _ => return None,
    })
}

/// A string; one that is no UTF-8 is shown as its bytes.
fn text(bytes: &[u8]) -> String {
    std::str::from_utf8(bytes).map_or_else(|_| hex(bytes), str::to_owned)
}

fn hex(bytes: &[u8]) -> String {
    let digits: Vec<_> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    digits.join(" ")
}

/// How the stream ended: as the wire saw it, else what the library's word for it means.
pub(crate) fn stream_end(failure: &Failure, seen: &Facts) -> StreamEnd {
    match &seen.end {
        Some(End::Closed) => StreamEnd::Closed,
        Some(End::Tls(_)) => StreamEnd::Tls,
        Some(End::Silent) => StreamEnd::TimedOut,
        Some(End::Foreign) => StreamEnd::Foreign,
        Some(End::Broken { kind, .. }) => match kind {
            ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted | ErrorKind::BrokenPipe => {
                StreamEnd::Reset
            }
            ErrorKind::UnexpectedEof => StreamEnd::Closed,
            ErrorKind::TimedOut => StreamEnd::TimedOut,
            _ => StreamEnd::Failed,
        },
        None => match failure {
            // The broker's last word; it must close after it ([MQTT-3.2.2-7], [MQTT-3.14.4-1]).
            Failure::Refused | Failure::Disconnected | Failure::Closed => StreamEnd::Closed,
            Failure::TimedOut | Failure::KeepAlive => StreamEnd::TimedOut,
            Failure::Malformed(_) => StreamEnd::Foreign,
            Failure::Stream(_) => StreamEnd::Failed,
            Failure::Protocol(_)
            | Failure::TooLarge
            | Failure::Authentication(_)
            | Failure::Will(_)
            | Failure::Options(_)
            | Failure::Done => StreamEnd::Ours,
        },
    }
}

/// The bytes that say why, where what came was no MQTT, or nothing whole: the first ones, or, once the connection was
/// there, those that the faulty packet lies in. Not those of an authentication's packets: its data may be among them.
pub(crate) fn first_bytes(
    failure: &Failure,
    seen: &Facts,
    connected: bool,
    unread: Unread,
) -> Option<FirstBytes> {
    let malformed = matches!(failure, Failure::Malformed(_));
    let unanswered = seen.connack.is_empty() && seen.disconnect.is_empty();
    let bytes = match connected {
        true if malformed => &seen.last,
        false if malformed || unanswered => &seen.first,
        _ => return None,
    };
    if is_private(bytes, unread) {
        return None;
    }
    let spoken = Spoken::recognise(bytes)?;
    let spoken = Some(spoken).filter(|spoken| *spoken != Spoken::Unknown);
    let spoken = spoken.map(|spoken| spoken.name().to_owned());
    Some(FirstBytes { bytes: Bytes(bytes.clone()), spoken })
}

/// Whether these are the beginning of a packet that may carry Authentication Data.
pub(crate) fn is_private(bytes: &[u8], unread: Unread) -> bool {
    match bytes.first() {
        Some(0xf0) => true,
        Some(0x20 | 0xe0) => unread == Unread::Hidden,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const V311: ProtocolVersion = ProtocolVersion::V311;
    const V5: ProtocolVersion = ProtocolVersion::V5;

    fn with(code: u8, list: &[u8]) -> Vec<u8> {
        [&[0x20, 0, code, u8::try_from(list.len()).unwrap()], list].concat()
    }

    fn properties_of(list: &[u8]) -> Vec<(String, String)> {
        let answer = connack(&with(0, list), V5, Unread::Shown).unwrap();
        answer.properties.into_iter().map(|named| (named.name, named.value)).collect()
    }

    #[test]
    fn each_version_has_its_own_words_for_a_code() {
        let name =
            |packet: &[u8], version| connack(packet, version, Unread::Shown).unwrap().reason_name;
        assert_eq!(name(&[0x20, 0, 5], V311), "Connection Refused, not authorized");
        assert_eq!(name(&[0x20, 0, 0], V311), "Connection Accepted");
        assert_eq!(name(&[0x20, 0, 9], V311), "0x09");
        assert_eq!(name(&with(0x87, &[]), V5), "Not authorized");
        assert_eq!(name(&with(0xee, &[]), V5), "0xEE");
        let old = "Connection Refused, unacceptable protocol version";
        assert_eq!(name(&[0x20, 0, 1], V5), old, "a broker that knows no MQTT 5");
        assert_eq!(name(&[0x20, 0, 0x84], V5), "Unsupported Protocol Version");
        let bare = disconnect(&[0xe0], V5, Unread::Shown).unwrap();
        assert_eq!(bare.reason_name, "Normal disconnection");
        assert_eq!(connack(&[], V5, Unread::Shown), None);
        assert_eq!(disconnect(&[], V5, Unread::Shown), None);
    }

    #[test]
    fn what_cannot_be_read_is_shown_as_bytes_and_ends_the_list() {
        let list = properties_of(b"\x24\x01\x7f\x01\x02\x24\x00");
        let expected = [("Maximum QoS", "1"), ("0x7F", "01 02 24 00")];
        assert_eq!(list, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
        let cut = properties_of(b"\x1f\x00\x09soon");
        assert_eq!(cut, [("Reason String".to_owned(), "00 09 73 6f 6f 6e".to_owned())]);
        let foreign = properties_of(b"\x1f\x00\x02\xff\xfe");
        assert_eq!(foreign, [("Reason String".to_owned(), "ff fe".to_owned())]);
    }

    #[test]
    fn authentication_data_is_named_and_never_shown() {
        for list in [
            b"\x15\x00\x01M\x16\x00\x06s3cret".as_slice(),
            b"\x15\x00\x01M\x16\x00\x09s3cret",
            b"\x15\x00\x01M\x7f\x16\x00\x06s3cret",
        ] {
            let shown = format!("{:?}", properties_of(list));
            assert!(!shown.contains("s3cret") && !shown.contains("73 33"), "{shown}");
            assert_eq!(properties_of(list).len(), 2);
        }
        let hidden = disconnect(b"\xe0\x87\x07\x7f\x16\x00\x03abc", V5, Unread::Hidden).unwrap();
        assert_eq!(hidden.properties, [Named { name: "0x7F".to_owned(), value: String::new() }]);
    }

    #[test]
    fn a_stream_ends_as_the_wire_saw_it() {
        let broken = |kind| Facts {
            end: Some(End::Broken { kind, text: String::new() }),
            ..Facts::default()
        };
        let lost = Failure::Stream(String::new());
        let end = |kind| stream_end(&lost, &broken(kind));
        assert_eq!(end(ErrorKind::ConnectionReset), StreamEnd::Reset);
        assert_eq!(end(ErrorKind::TimedOut), StreamEnd::TimedOut);
        assert_eq!(end(ErrorKind::Other), StreamEnd::Failed);
        assert_eq!(stream_end(&Failure::KeepAlive, &Facts::default()), StreamEnd::TimedOut);
        assert_eq!(stream_end(&Failure::TooLarge, &Facts::default()), StreamEnd::Ours);
    }

    #[test]
    fn bytes_are_shown_where_no_answer_came_whole() {
        let seen = |first: &[u8]| Facts { first: first.to_vec(), ..Facts::default() };
        let shown =
            first_bytes(&Failure::Closed, &seen(b"SSH-2.0-x"), false, Unread::Shown).unwrap();
        assert_eq!((shown.bytes.0.len(), shown.spoken.as_deref()), (9, Some("SSH")));
        let odd =
            first_bytes(&Failure::Closed, &seen(&[0x99, 0x98]), false, Unread::Shown).unwrap();
        assert_eq!(odd.spoken, None);
        assert_eq!(first_bytes(&Failure::Closed, &seen(&[]), false, Unread::Shown), None);
        let answered = Facts { connack: vec![0x20, 0, 5], ..seen(&[0x20, 2, 0, 5]) };
        assert_eq!(first_bytes(&Failure::Refused, &answered, false, Unread::Shown), None);
        let auth = seen(b"\xf0\x09\x18\x00");
        assert_eq!(first_bytes(&Failure::Closed, &auth, false, Unread::Shown), None);
        let half = seen(b"\x20\x30\x00\x00");
        assert!(first_bytes(&Failure::Closed, &half, false, Unread::Shown).is_some());
        assert_eq!(first_bytes(&Failure::Closed, &half, false, Unread::Hidden), None);
    }
}
