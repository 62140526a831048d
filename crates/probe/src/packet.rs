//! The bytes of MQTT 3.1, 3.1.1 and 5.0, as far as a probe sends and reads them.
//!
//! The session's library keeps its user from sending what a broker may refuse, gives Client Identifiers rules of its own,
//! and hides an acknowledgement's Reason Code. A probe must try just that, and say what came in answer. The price is this
//! codec: what goes out is built here byte for byte, and what comes is read with the same few rules.

use mqttscope_model::ProtocolVersion;
use mqttscope_packets::borders::{Parsed, header};

use crate::property::{Properties, write_variable};
use crate::reading::Reader;

/// What CONNECT says.
#[derive(Clone, Debug)]
pub(crate) struct Connect {
    pub(crate) client_id: String,
    pub(crate) clean: bool,
    /// Seconds; with 5.0 only.
    pub(crate) session_expiry: u32,
    pub(crate) will: Option<Will>,
}

/// A Will Message with a delay in seconds.
#[derive(Clone, Debug)]
pub(crate) struct Will {
    pub(crate) topic: String,
    pub(crate) delay: u32,
}

/// User name and password, as CONNECT carries them.
#[derive(Clone, Default)]
pub(crate) struct Credentials {
    pub(crate) user: Option<String>,
    pub(crate) password: Option<mqttscope_model::Secret>,
}

/// A PUBLISH, either way.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Publish {
    pub(crate) topic: String,
    pub(crate) payload: Vec<u8>,
    pub(crate) qos: u8,
    pub(crate) retain: bool,
    /// 0 with QoS 0.
    pub(crate) packet_id: u16,
    pub(crate) properties: Properties,
}

/// What a broker sends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Packet {
    Connack {
        session_present: bool,
        reason: u8,
        properties: Properties,
    },
    Publish(Publish),
    /// PUBACK, PUBREC, PUBREL and PUBCOMP, told apart by the packet's type.
    Acknowledgement {
        kind: u8,
        packet_id: u16,
        reason: u8,
    },
    Suback {
        packet_id: u16,
        reasons: Vec<u8>,
    },
    Pingresp,
    Disconnect {
        reason: u8,
        properties: Properties,
    },
    /// One that no question waits for.
    Other(u8),
}

pub(crate) const PUBACK: u8 = 4;
pub(crate) const PUBREC: u8 = 5;
pub(crate) const PUBREL: u8 = 6;
pub(crate) const PUBCOMP: u8 = 7;

pub(crate) fn connect(
    version: ProtocolVersion,
    connect: &Connect,
    keep_alive: u16,
    credentials: &Credentials,
) -> Vec<u8> {
    let (name, level) = match version {
        ProtocolVersion::V31 => ("MQIsdp", 3),
        ProtocolVersion::V311 => ("MQTT", 4),
        ProtocolVersion::V5 => ("MQTT", 5),
    };
    let Connect { client_id, clean, session_expiry, will } = connect;
    let Credentials { user, password } = credentials;
    let flags = u8::from(*clean) << 1
        | u8::from(will.is_some()) << 2
        | u8::from(password.is_some()) << 6
        | u8::from(user.is_some()) << 7;
    let mut body = Vec::new();
    text(&mut body, name.as_bytes());
    body.extend([level, flags]);
    body.extend(keep_alive.to_be_bytes());
    if version == ProtocolVersion::V5 {
        let mut properties = Properties::default();
        if *session_expiry > 0 {
            properties.session_expiry(*session_expiry);
        }
        properties.write(&mut body);
    }
    text(&mut body, client_id.as_bytes());
    if let Some(Will { topic, delay }) = will {
        if version == ProtocolVersion::V5 {
            let mut properties = Properties::default();
            properties.will_delay(*delay);
            properties.write(&mut body);
        }
        text(&mut body, topic.as_bytes());
        text(&mut body, b"will");
    }
    if let Some(user) = user {
        text(&mut body, user.as_bytes());
    }
    if let Some(password) = password {
        text(&mut body, password.expose().as_bytes());
    }
    framed(0x10, &body)
}

pub(crate) fn publish(version: ProtocolVersion, publish: &Publish) -> Vec<u8> {
    let Publish { topic, payload, qos, retain, packet_id, properties } = publish;
    let mut body = Vec::with_capacity(topic.len() + payload.len() + 16);
    text(&mut body, topic.as_bytes());
    if *qos > 0 {
        body.extend(packet_id.to_be_bytes());
    }
    if version == ProtocolVersion::V5 {
        properties.write(&mut body);
    }
    body.extend(payload);
    framed(0x30 | qos << 1 | u8::from(*retain), &body)
}

pub(crate) fn subscribe(
    version: ProtocolVersion,
    packet_id: u16,
    filters: &[&str],
    qos: u8,
    identifier: Option<u32>,
) -> Vec<u8> {
    let mut body = packet_id.to_be_bytes().to_vec();
    if version == ProtocolVersion::V5 {
        let mut properties = Properties::default();
        if let Some(identifier) = identifier {
            properties.subscription_identifier(identifier);
        }
        properties.write(&mut body);
    }
    for filter in filters {
        text(&mut body, filter.as_bytes());
        body.push(qos);
    }
    framed(0x82, &body)
}

/// PUBACK, PUBREC, PUBREL or PUBCOMP with success, which is the same in all versions.
pub(crate) fn acknowledgement(kind: u8, packet_id: u16) -> Vec<u8> {
    // PUBREL alone has a flag set [MQTT-3.6.1-1].
    let flags = if kind == PUBREL { 2 } else { 0 };
    framed(kind << 4 | flags, &packet_id.to_be_bytes())
}

pub(crate) const PINGREQ: [u8; 2] = [0xC0, 0];

/// DISCONNECT, normally.
pub(crate) const DISCONNECT: [u8; 2] = [0xE0, 0];

fn text(body: &mut Vec<u8>, text: &[u8]) {
    // Longer texts are not asked for: names are cut where they are made.
    let length = u16::try_from(text.len()).unwrap_or(u16::MAX);
    body.extend(length.to_be_bytes());
    body.extend(text.iter().take(usize::from(length)));
}

fn framed(first: u8, body: &[u8]) -> Vec<u8> {
    let mut packet = Vec::with_capacity(body.len() + 5);
    packet.push(first);
    write_variable(&mut packet, u32::try_from(body.len()).unwrap_or(u32::MAX));
    packet.extend(body);
    packet
}

/// What a broker sent is no packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("what came is not MQTT")]
pub(crate) struct Malformed;

/// How many bytes the packet at the beginning of `bytes` has; none where its header is not whole yet.
pub(crate) fn length(bytes: &[u8]) -> Result<Option<usize>, Malformed> {
    match header(bytes) {
        Parsed::Whole(header) => Ok(Some(header.len + header.remaining)),
        Parsed::Incomplete => Ok(None),
        Parsed::Malformed => Err(Malformed),
    }
}

/// Reads one whole packet.
pub(crate) fn read(version: ProtocolVersion, bytes: &[u8]) -> Result<Packet, Malformed> {
    let v5 = version == ProtocolVersion::V5;
    let mut all = Reader(bytes);
    let first = all.byte()?;
    all.variable()?;
    let mut body = all;
    Ok(match first >> 4 {
        2 => Packet::Connack {
            session_present: body.byte()? & 1 == 1,
            reason: body.byte()?,
            properties: body.properties_where(v5)?,
        },
        3 => {
            let topic = body.text()?;
            let qos = first >> 1 & 3;
            let packet_id = if qos > 0 { body.two()? } else { 0 };
            let properties = body.properties_where(v5)?;
            let payload = body.0.to_vec();
            Packet::Publish(Publish {
                topic,
                payload,
                qos,
                retain: first & 1 == 1,
                packet_id,
                properties,
            })
        }
        kind @ PUBACK..=PUBCOMP => {
            let packet_id = body.two()?;
            let reason = if body.0.is_empty() { 0 } else { body.byte()? };
            Packet::Acknowledgement { kind, packet_id, reason }
        }
        9 => {
            let packet_id = body.two()?;
            body.properties_where(v5)?;
            Packet::Suback { packet_id, reasons: body.0.to_vec() }
        }
        13 => Packet::Pingresp,
        14 => {
            let reason = if body.0.is_empty() { 0 } else { body.byte()? };
            let properties = body.properties_where(v5 && !body.0.is_empty())?;
            Packet::Disconnect { reason, properties }
        }
        kind => Packet::Other(kind),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connect_is_built_as_each_version_says() {
        let plain = Connect { client_id: "a".into(), clean: true, session_expiry: 0, will: None };
        let none = Credentials::default();
        let built = |version| connect(version, &plain, 60, &none);
        assert_eq!(built(ProtocolVersion::V31), b"\x10\x0f\x00\x06MQIsdp\x03\x02\x00\x3c\x00\x01a");
        assert_eq!(built(ProtocolVersion::V311), b"\x10\x0d\x00\x04MQTT\x04\x02\x00\x3c\x00\x01a");
        assert_eq!(
            built(ProtocolVersion::V5),
            b"\x10\x0e\x00\x04MQTT\x05\x02\x00\x3c\x00\x00\x01a"
        );
    }

    #[test]
    fn connect_has_will_expiry_user_and_password_in_their_order() {
        let full = Connect {
            client_id: "a".into(),
            clean: false,
            session_expiry: 5,
            will: Some(Will { topic: "w".into(), delay: 2 }),
        };
        let credentials = Credentials {
            user: Some("u".into()),
            password: Some(mqttscope_model::Secret::new("p")),
        };
        let built = connect(ProtocolVersion::V5, &full, 0, &credentials);
        let expect = b"\x10\x2c\x00\x04MQTT\x05\xc4\x00\x00\x05\x11\x00\x00\x00\x05\x00\x01a\
            \x05\x18\x00\x00\x00\x02\x00\x01w\x00\x04will\x00\x01u\x00\x01p";
        assert_eq!(&built[2..], &expect[2..]);
        assert_eq!(usize::from(built[1]), built.len() - 2);
    }

    #[test]
    fn a_publish_is_read_as_it_was_built() {
        for version in [ProtocolVersion::V311, ProtocolVersion::V5] {
            let mut sent = Publish {
                topic: "t/1".into(),
                payload: vec![7; 300],
                qos: 2,
                retain: true,
                packet_id: 9,
                properties: Properties::default(),
            };
            if version == ProtocolVersion::V5 {
                sent.properties.message_expiry(60);
                sent.properties.topic_alias(3);
            }
            let bytes = publish(version, &sent);
            assert_eq!(length(&bytes).unwrap(), Some(bytes.len()));
            assert_eq!(length(&bytes[..2]).unwrap(), None);
            assert_eq!(read(version, &bytes).unwrap(), Packet::Publish(sent));
        }
    }

    proptest::proptest! {
        #[test]
        fn nothing_that_a_broker_sends_makes_it_panic(bytes: Vec<u8>) {
            for version in [ProtocolVersion::V31, ProtocolVersion::V311, ProtocolVersion::V5] {
                let _whatever = (length(&bytes), read(version, &bytes));
            }
        }
    }
}
