//! A broker that does what a test says, byte for byte.
//!
//! It parses nothing but the borders of packets, so it can misbehave in every way that a stream of bytes allows.

use std::time::Duration;

use mqttscope_model::ProtocolVersion;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

/// How long a broker waits for what must come.
const PATIENCE: Duration = Duration::from_secs(20);

/// A listener on a port of its own.
pub struct Scripted {
    listener: TcpListener,
}

impl Scripted {
    pub async fn start() -> Self {
        Self { listener: TcpListener::bind("127.0.0.1:0").await.unwrap() }
    }

    pub fn port(&self) -> u16 {
        self.listener.local_addr().unwrap().port()
    }

    /// The next client.
    pub async fn accept(&self) -> Peer {
        let (stream, _) =
            timeout(PATIENCE, self.listener.accept()).await.expect("no client").unwrap();
        stream.set_nodelay(true).unwrap();
        Peer { stream }
    }

    /// The next client, with its CONNECT read and answered with yes.
    pub async fn welcome(&self, version: ProtocolVersion) -> Peer {
        let mut peer = self.accept().await;
        peer.expect(CONNECT).await;
        peer.send(&connack(version, false, 0, &[])).await;
        peer
    }
}

pub const CONNECT: u8 = 0x10;
pub const PUBLISH: u8 = 0x30;
pub const PUBACK: u8 = 0x40;
pub const PUBREC: u8 = 0x50;
pub const PUBREL: u8 = 0x62;
pub const PUBCOMP: u8 = 0x70;
pub const SUBSCRIBE: u8 = 0x80;
pub const UNSUBSCRIBE: u8 = 0xa0;
pub const PINGREQ: u8 = 0xc0;
pub const DISCONNECT: u8 = 0xe0;
pub const AUTH: u8 = 0xf0;

/// A packet that a client sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packet {
    pub first: u8,
    pub body: Vec<u8>,
}

impl Packet {
    /// The Packet Identifier at the body's beginning.
    pub fn id(&self) -> u16 {
        u16::from_be_bytes([self.body[0], self.body[1]])
    }

    /// The Packet Identifier of a PUBLISH of QoS 1 or 2.
    pub fn publish_id(&self) -> u16 {
        let topic = usize::from(u16::from_be_bytes([self.body[0], self.body[1]]));
        u16::from_be_bytes([self.body[2 + topic], self.body[3 + topic]])
    }
}

/// A client's connection, seen from the broker.
pub struct Peer {
    stream: TcpStream,
}

impl Peer {
    pub async fn send(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).await.unwrap();
    }

    /// The next packet of any kind; none at the end of the stream.
    pub async fn next(&mut self) -> Option<Packet> {
        timeout(PATIENCE, self.read()).await.expect("no packet came")
    }

    /// The next packet, which must be of this kind.
    pub async fn expect(&mut self, kind: u8) -> Packet {
        let packet = self.next().await.expect("the client closed the connection");
        assert_eq!(packet.first & 0xf0, kind, "{packet:02x?}");
        packet
    }

    /// Whether anything lies ready or comes within this time.
    pub async fn comes_within(&mut self, limit: Duration) -> bool {
        matches!(timeout(limit, self.stream.peek(&mut [0])).await, Ok(Ok(1)))
    }

    /// Waits for the end of the stream and gives the packets that came before it.
    pub async fn rest(&mut self) -> Vec<Packet> {
        let mut rest = Vec::new();
        while let Some(packet) = self.next().await {
            rest.push(packet);
        }
        rest
    }

    /// Stops sending, and leaves the other direction open.
    pub async fn finish(&mut self) {
        self.stream.shutdown().await.unwrap();
    }

    /// Breaks the connection off with a reset.
    pub fn reset(self) {
        self.stream.set_zero_linger().unwrap();
    }

    async fn read(&mut self) -> Option<Packet> {
        let first = self.stream.read_u8().await.ok()?;
        let (mut len, mut shift) = (0, 0);
        loop {
            let byte = self.stream.read_u8().await.ok()?;
            len |= usize::from(byte & 0x7f) << shift;
            shift += 7;
            if byte & 0x80 == 0 {
                break;
            }
        }
        let mut body = vec![0; len];
        self.stream.read_exact(&mut body).await.ok()?;
        Some(Packet { first, body })
    }
}

/// A packet.
pub fn packet(first: u8, body: &[u8]) -> Vec<u8> {
    let mut packet = vec![first];
    packet.extend(varint(body.len()));
    packet.extend_from_slice(body);
    packet
}

/// A Variable Byte Integer.
pub fn varint(mut value: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let low = u8::try_from(value & 0x7f).unwrap();
        value >>= 7;
        bytes.push(if value > 0 { low | 0x80 } else { low });
        if value == 0 {
            return bytes;
        }
    }
}

/// CONNACK; `properties` without their length, which only MQTT 5 has.
pub fn connack(version: ProtocolVersion, present: bool, code: u8, properties: &[u8]) -> Vec<u8> {
    packet(0x20, &with(version, &[u8::from(present), code], properties))
}

/// PUBLISH without properties. `id` is used with QoS 1 and 2.
pub fn publish(version: ProtocolVersion, topic: &str, qos: u8, id: u16, payload: &[u8]) -> Vec<u8> {
    let mut head = u16::try_from(topic.len()).unwrap().to_be_bytes().to_vec();
    head.extend_from_slice(topic.as_bytes());
    if qos > 0 {
        head.extend_from_slice(&id.to_be_bytes());
    }
    let mut body = with(version, &head, &[]);
    body.extend_from_slice(payload);
    packet(PUBLISH | qos << 1, &body)
}

/// PUBACK, PUBREC, PUBREL (0x62), PUBCOMP with success.
pub fn ack(first: u8, id: u16) -> Vec<u8> {
    packet(first, &id.to_be_bytes())
}

/// SUBACK or UNSUBACK.
pub fn suback(version: ProtocolVersion, first: u8, id: u16, codes: &[u8]) -> Vec<u8> {
    let mut body = with(version, &id.to_be_bytes(), &[]);
    body.extend_from_slice(codes);
    packet(first, &body)
}

fn with(version: ProtocolVersion, head: &[u8], properties: &[u8]) -> Vec<u8> {
    let mut body = head.to_vec();
    if version == ProtocolVersion::V5 {
        body.extend(varint(properties.len()));
        body.extend_from_slice(properties);
    }
    body
}
