//! A Control Packet as the timeline shows it.
//!
//! A packet is kept as its bytes; everything here is read from them when it is asked for. So what is shown cannot
//! differ from what was on the wire, and a packet that breaks a rule is shown up to the byte that breaks it.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{Bytes, Direction, QoS, ReasonCode};

/// The type of a Control Packet (MQTT 5.0, table 2-1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "UPPERCASE")]
pub enum PacketKind {
    /// 1.
    Connect,
    /// 2.
    Connack,
    /// 3.
    Publish,
    /// 4.
    Puback,
    /// 5.
    Pubrec,
    /// 6.
    Pubrel,
    /// 7.
    Pubcomp,
    /// 8.
    Subscribe,
    /// 9.
    Suback,
    /// 10.
    Unsubscribe,
    /// 11.
    Unsuback,
    /// 12.
    Pingreq,
    /// 13.
    Pingresp,
    /// 14.
    Disconnect,
    /// 15; MQTT 5.0 only.
    Auth,
    /// Bytes that are no packet: a type that is reserved, or a Remaining Length that never ends.
    Unknown,
}

/// One line of the timeline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct PacketRow {
    /// Its number in the session's timeline: dense, rising over all connections, never used twice.
    pub number: u64,
    /// Which connection of the timeline it belongs to, from 1.
    pub connection: u32,
    /// Microseconds since the Unix epoch when its first byte was read from, or handed to, the stream.
    pub time_us: i64,
    /// Which way it went.
    pub direction: Direction,
    /// Its type.
    pub kind: PacketKind,
    /// Its Packet Identifier, where it has one.
    pub packet_id: Option<u16>,
    /// Its bytes on the wire, fixed header included; of one that broke off, those that came.
    pub size: u64,
    /// DUP of a PUBLISH.
    pub dup: bool,
    /// QoS of a PUBLISH.
    pub qos: Option<QoS>,
    /// RETAIN of a PUBLISH.
    pub retain: bool,
    /// The Topic Name of a PUBLISH, or the first Topic Filter of a SUBSCRIBE or UNSUBSCRIBE. A Topic Alias without a
    /// name is resolved where the packet that set it is still kept.
    pub topic: Option<String>,
    /// The Reason Code (of a SUBACK or UNSUBACK the first), where it has one.
    pub reason: Option<ReasonCode>,
    /// Where it breaks a rule.
    pub fault: Option<PacketFault>,
    /// The exchange that it belongs to, where it is QoS 1 or 2, a subscription or a ping.
    pub exchange: Option<PacketExchange>,
}

/// Packets that belong together: a PUBLISH with its acknowledgements, a request with its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
pub struct PacketExchange {
    /// The number of its first packet.
    pub first: u64,
    /// How many packets of it are there so far.
    pub packets: u32,
    /// It came to its end.
    pub complete: bool,
    /// From its first to its last packet in microseconds, once it is complete.
    pub round_trip_us: Option<u64>,
}

/// Where a packet breaks a rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct PacketFault {
    /// The byte at which it shows, counted from the packet's first, 0.
    pub at: u64,
    /// How many bytes are wrong; 0 where bytes are missing.
    pub len: u64,
    /// The rule, such as `[MQTT-1.5.4-1]`, or the section, such as `MQTT 5.0, 2.1.4`.
    pub rule: String,
    /// What is wrong, in English.
    pub text: String,
}

/// A field of a packet and where it lies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct PacketField {
    /// The specification's term, such as `Packet Identifier` or `Property Length`.
    pub name: String,
    /// Its value as text; empty where it only holds others, and where it is masked.
    pub value: String,
    /// The Reason Code that it is, for its words.
    pub reason: Option<ReasonCode>,
    /// The value is a secret and not shown.
    pub masked: bool,
    /// The first byte, counted from the packet's first, 0.
    pub at: u64,
    /// How many bytes.
    pub len: u64,
    /// How deep it lies: 0 is a part of the packet, 1 a field of it, and so on. A field follows the one that holds it.
    pub depth: u8,
}

/// A packet with all that it says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct PacketDetail {
    /// Its line.
    pub row: PacketRow,
    /// Its fields in the order of their bytes.
    pub fields: Vec<PacketField>,
    /// Its first 64 KiB; secrets are overwritten with `*`.
    pub bytes: Bytes,
    /// How many of its bytes are kept; the rest of a very large packet is not.
    pub kept: u64,
}

/// Which packets are shown. What is empty or none asks for nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields, default)]
pub struct PacketFilter {
    /// Only these types.
    pub kinds: Vec<PacketKind>,
    /// Only this way.
    pub direction: Option<Direction>,
    /// Only with this Packet Identifier.
    pub packet_id: Option<u16>,
    /// Only those whose topic holds this text.
    pub topic: String,
    /// Only those that break a rule.
    pub faults: bool,
    /// An exchange is one line, its first packet, unless it is open.
    pub grouped: bool,
    /// Exchanges that are open, by the number of their first packet.
    pub open: Vec<u64>,
}

/// Where a page of packets begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum PacketFrom {
    /// At a place, counted from the oldest line that is kept, 0.
    Place {
        /// The place.
        place: u64,
    },
    /// So that it ends with the newest.
    End,
    /// Some lines before a packet, or before the first one behind it where it is not there.
    Packet {
        /// The packet.
        number: u64,
        /// How many lines before it.
        before: u32,
    },
    /// Some lines before the first packet that is not older than a time. It is the first by number: where the clock was
    /// set back meanwhile, packets before it may bear a later time.
    Time {
        /// Microseconds since the Unix epoch.
        time_us: i64,
        /// How many lines before it.
        before: u32,
    },
}

/// Lines of the timeline.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, TS)]
pub struct PacketPage {
    /// The place of the first line.
    pub first: u64,
    /// Lines altogether.
    pub total: u64,
    /// The place of the packet that was asked for, where one was.
    pub anchor: Option<u64>,
    /// The lines.
    pub rows: Vec<PacketRow>,
}

/// What a session's timeline holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, TS)]
pub struct PacketsState {
    /// Packets are taken down.
    pub on: bool,
    /// Packets that are kept.
    pub packets: u64,
    /// The newest packet's number, where there is one.
    pub last: Option<u64>,
    /// Bytes that they take in memory.
    pub bytes: u64,
    /// Bytes that they may take.
    pub limit: u64,
    /// Packets that had to make room for newer ones.
    pub forgotten: u64,
    /// Packets among those kept that break a rule.
    pub faults: u64,
}

/// A ping that came back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
pub struct PingTime {
    /// Microseconds since the Unix epoch when PINGREQ was written.
    pub time_us: i64,
    /// Microseconds until PINGRESP; none where it has not come.
    pub took_us: Option<u64>,
}

/// A file of packets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum PacketFormat {
    /// A line of JSON for each packet, with its fields.
    JsonLines,
    /// For Wireshark: each packet in a TCP segment between made-up addresses.
    Pcapng,
}

/// What of the timeline is written to a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct PacketExport {
    /// Which packets; grouping does not matter.
    pub filter: PacketFilter,
    /// How.
    pub format: PacketFormat,
    /// Passwords and Authentication Data are written as they were, and not masked.
    pub secrets: bool,
}
