//! pcapng for Wireshark (draft-ietf-opsawg-pcapng): packets as they would have looked on a network without TLS and WebSocket.
//!
//! There was such a network only with `mqtt://`, so all of it is made up: the addresses are those that documents use
//! (RFC 5737), the broker's port is always 1883, by which Wireshark knows MQTT. Each connection opens with a handshake;
//! sequence numbers follow the bytes. What the file must hold and the timeline does not is made up too and says so
//! in a comment: zeroes for the bytes of a very large packet that were not kept, and a CONNECT where MQTT 5.0 is spoken and the
//! true one is not written, without which Wireshark would read every packet as 3.1.1.

use std::collections::HashMap;
use std::io::{self, Write};

use mqttscope_model::{Direction, PacketKind, ProtocolVersion};

use super::{Form, Of};
use crate::borders::{Parsed, header};
use crate::decode::gist;
use crate::tape::End;

const CLIENT: [u8; 4] = [192, 0, 2, 1];
const BROKER: [u8; 4] = [192, 0, 2, 2];
const BROKER_PORT: u16 = 1883;
/// The first connection's client port; the next ones count on from there.
const CLIENT_PORT: u32 = 49_152;
/// Bytes of MQTT in a segment, so that an IP packet with its headers stays below 65,536.
const SEGMENT: usize = 32 * 1024;

const SYN: u8 = 0x02;
const PSH: u8 = 0x08;
const ACK: u8 = 0x10;

const SECTION: u32 = 0x0a0d_0d0a;
const INTERFACE: u32 = 1;
const PACKET: u32 = 6;
/// LINKTYPE_RAW: the packet begins with the IP header.
const RAW_IP: u16 = 101;
const COMMENT: u16 = 1;

/// The shortest CONNECT of 5.0.
const STANDS_IN: &[u8] = b"\x10\x0d\0\x04MQTT\x05\x02\0\0\0\0\0";

#[derive(Default)]
pub(super) struct Pcapng {
    flows: HashMap<u32, Flow>,
}

/// A connection: the next sequence number of either side.
#[derive(Clone, Copy, Default)]
struct Flow {
    port: u16,
    sent: u32,
    received: u32,
    /// Counts the IP packets.
    number: u16,
}

impl Form for Pcapng {
    fn begin(&mut self, out: &mut dyn Write) -> io::Result<()> {
        let mut section = Vec::new();
        section.extend(0x1a2b_3c4d_u32.to_le_bytes());
        section.extend(1_u16.to_le_bytes());
        section.extend(0_u16.to_le_bytes());
        section.extend((-1_i64).to_le_bytes());
        block(SECTION, &[&section], out)?;
        let mut interface = Vec::new();
        interface.extend(RAW_IP.to_le_bytes());
        interface.extend(0_u16.to_le_bytes());
        // As much of a packet as there is; times are in microseconds without an option that says otherwise.
        interface.extend(0_u32.to_le_bytes());
        block(INTERFACE, &[&interface], out)
    }

    fn packet(&mut self, of: &Of<'_>, out: &mut dyn Write) -> io::Result<()> {
        let (packet, time) = (of.packet, of.packet.time_us);
        let bytes = of.shown();
        if !self.flows.contains_key(&packet.connection) {
            let flow = self.handshake(packet.connection, time, out)?;
            let kind = gist(&bytes, packet.into()).kind;
            if packet.version == ProtocolVersion::V5 && kind != PacketKind::Connect {
                let comment = "Made up: the connection's own CONNECT is not in this file.";
                let flow = self.flows.entry(packet.connection).or_insert(flow);
                flow.write(Direction::Sent, STANDS_IN, time, comment, out)?;
            }
        }
        let Some(flow) = self.flows.get_mut(&packet.connection) else { return Ok(()) };
        let size = usize::try_from(packet.size).unwrap_or(usize::MAX);
        // What went by unseen came all the same: without it the next packet would seem to belong to this one.
        let whole = match header(&bytes) {
            Parsed::Whole(header) if packet.end == End::Unseen => header.len + header.remaining,
            _ => size,
        };
        let missing = whole.saturating_sub(bytes.len());
        let comment = if missing > 0 {
            format!("The last {missing} bytes were not kept; zeroes stand here instead.")
        } else {
            String::new()
        };
        flow.write(packet.direction, &bytes, time, &comment, out)?;
        let zeroes = [0; SEGMENT];
        let mut left = missing;
        while let Some(part) = zeroes.get(..left.min(SEGMENT)).filter(|part| !part.is_empty()) {
            flow.write(packet.direction, part, time, "Zeroes instead of what was not kept.", out)?;
            left -= part.len();
        }
        Ok(())
    }
}

impl Pcapng {
    /// Opens a connection.
    fn handshake(&mut self, connection: u32, time: i64, out: &mut dyn Write) -> io::Result<Flow> {
        let ports = u32::from(u16::MAX) - CLIENT_PORT + 1;
        let port = CLIENT_PORT + connection.wrapping_sub(1) % ports;
        let port = u16::try_from(port).unwrap_or(u16::MAX);
        let mut flow = Flow { port, ..Flow::default() };
        flow.segment(Direction::Sent, SYN, &[], time, "", out)?;
        flow.sent = 1;
        flow.segment(Direction::Received, SYN | ACK, &[], time, "", out)?;
        flow.received = 1;
        flow.segment(Direction::Sent, ACK, &[], time, "", out)?;
        self.flows.insert(connection, flow);
        Ok(flow)
    }
}

impl Flow {
    /// Writes bytes in as many segments as they need.
    fn write(
        &mut self,
        direction: Direction,
        bytes: &[u8],
        time: i64,
        comment: &str,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        for part in bytes.chunks(SEGMENT) {
            self.segment(direction, PSH | ACK, part, time, comment, out)?;
            let next = match direction {
                Direction::Sent => &mut self.sent,
                Direction::Received => &mut self.received,
            };
            *next = next.wrapping_add(u32::try_from(part.len()).unwrap_or_default());
        }
        Ok(())
    }

    fn segment(
        &mut self,
        direction: Direction,
        flags: u8,
        payload: &[u8],
        time: i64,
        comment: &str,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let sent = direction == Direction::Sent;
        let (from, to) = if sent { (CLIENT, BROKER) } else { (BROKER, CLIENT) };
        let (port, peer) = if sent { (self.port, BROKER_PORT) } else { (BROKER_PORT, self.port) };
        let (sequence, answered) =
            if sent { (self.sent, self.received) } else { (self.received, self.sent) };
        let acknowledged = if flags & ACK != 0 { answered } else { 0 };
        self.number = self.number.wrapping_add(1);
        let tcp = tcp((port, peer), sequence, acknowledged, flags);
        let sum = checksum(&[&pseudo(from, to, tcp.len() + payload.len()), &tcp, payload]);
        let (before, after) =
            (tcp.get(..16).unwrap_or_default(), tcp.get(18..).unwrap_or_default());
        let ip = ip(from, to, tcp.len() + payload.len(), self.number);
        let parts = [&ip[..], before, &sum.to_be_bytes(), after, payload];
        packet(&parts, time, comment, out)
    }
}

fn short(len: usize) -> [u8; 2] {
    u16::try_from(len).unwrap_or(u16::MAX).to_be_bytes()
}

fn tcp((port, peer): (u16, u16), sequence: u32, acknowledged: u32, flags: u8) -> Vec<u8> {
    let mut tcp = Vec::with_capacity(20);
    tcp.extend(port.to_be_bytes());
    tcp.extend(peer.to_be_bytes());
    tcp.extend(sequence.to_be_bytes());
    tcp.extend(acknowledged.to_be_bytes());
    // Five words of header, the largest window, no checksum yet.
    tcp.extend([0x50, flags, 0xff, 0xff, 0, 0, 0, 0]);
    tcp
}

fn ip(from: [u8; 4], to: [u8; 4], len: usize, number: u16) -> Vec<u8> {
    let mut ip = vec![0x45, 0];
    ip.extend(short(20 + len));
    ip.extend(number.to_be_bytes());
    // May not be divided; 64 hops; TCP.
    ip.extend([0x40, 0, 64, 6]);
    let sum = checksum(&[&ip, &from, &to]);
    ip.extend(sum.to_be_bytes());
    ip.extend(from);
    ip.extend(to);
    ip
}

/// What TCP's checksum counts of the IP header (RFC 9293, section 3.1).
fn pseudo(from: [u8; 4], to: [u8; 4], len: usize) -> Vec<u8> {
    let mut pseudo = Vec::with_capacity(12);
    pseudo.extend(from);
    pseudo.extend(to);
    pseudo.extend([0, 6]);
    pseudo.extend(short(len));
    pseudo
}

/// The internet checksum (RFC 1071). All parts but the last have an even length.
fn checksum(parts: &[&[u8]]) -> u16 {
    let mut sum = 0_u64;
    for part in parts {
        let (words, rest) = part.as_chunks::<2>();
        sum += words.iter().map(|word| u64::from(u16::from_be_bytes(*word))).sum::<u64>();
        sum += rest.first().map_or(0, |last| u64::from(*last) << 8);
    }
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    !u16::try_from(sum).unwrap_or_default()
}

/// An Enhanced Packet Block.
fn packet(parts: &[&[u8]], time: i64, comment: &str, out: &mut dyn Write) -> io::Result<()> {
    let len: usize = parts.iter().map(|part| part.len()).sum();
    let size = u32::try_from(len).unwrap_or(u32::MAX).to_le_bytes();
    let time = u64::try_from(time).unwrap_or_default();
    let mut head = Vec::with_capacity(20);
    head.extend(0_u32.to_le_bytes());
    head.extend(u32::try_from(time >> 32).unwrap_or_default().to_le_bytes());
    head.extend(u32::try_from(time & 0xffff_ffff).unwrap_or_default().to_le_bytes());
    head.extend(size);
    head.extend(size);
    let padding = [0; 3];
    let mut all: Vec<&[u8]> = vec![&head];
    all.extend(parts);
    all.push(padding.get(..len.next_multiple_of(4) - len).unwrap_or_default());
    let mut options = Vec::new();
    if !comment.is_empty() {
        options.extend(COMMENT.to_le_bytes());
        options.extend(u16::try_from(comment.len()).unwrap_or_default().to_le_bytes());
        options.extend(comment.as_bytes());
        options.resize(options.len().next_multiple_of(4), 0);
        options.extend([0; 4]);
    }
    all.push(&options);
    block(PACKET, &all, out)
}

/// A block: its type, its length, its body, its length again. The body's length is a multiple of four.
fn block(kind: u32, parts: &[&[u8]], out: &mut dyn Write) -> io::Result<()> {
    let len: usize = parts.iter().map(|part| part.len()).sum();
    let len = u32::try_from(len + 12).unwrap_or(u32::MAX).to_le_bytes();
    out.write_all(&kind.to_le_bytes())?;
    out.write_all(&len)?;
    for part in parts {
        out.write_all(part)?;
    }
    out.write_all(&len)
}
