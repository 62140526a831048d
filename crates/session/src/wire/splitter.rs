//! Where what came must be cut, so that no batch holds a message and, after it, the connection's end.
//!
//! A cut is only made before a packet that could end the connection: anything but a well-formed PUBLISH, and only where
//! a PUBLISH lies before it in the same piece. A stream of messages is therefore never cut, nor is a stream
//! of acknowledgements.

use mqttscope_model::ProtocolVersion;
use mqttscope_model::properties::{self, Property};

use mqttscope_packets::borders::{Borders, Header, Parsed, varint};

use super::words;

const CONNACK: u8 = 2;
const PUBLISH: u8 = 3;
const PUBREL: u8 = 6;
const PINGRESP: u8 = 13;
const DISCONNECT: u8 = 14;

/// The flag of a PUBLISH that says that it was sent before.
const DUP: u8 = 0x08;

/// The largest CONNACK or DISCONNECT that is kept as evidence.
const KEPT: usize = 64 * 1024;

/// Packet Identifier not found.
const NOT_FOUND: u8 = 0x92;

/// What the session wants to know of a packet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Seen {
    /// Its first byte and its body.
    Connack(Vec<u8>),
    /// Its first byte and its body.
    Disconnect(Vec<u8>),
    Pong,
    /// A PUBREL says Packet Identifier not found, by the byte at this place among those that were cut off.
    NotFound(usize),
    /// A packet had words, and none were asked for.
    Words,
}

/// What is looked at in the current packet.
#[derive(Debug)]
enum Looked {
    /// All of it as far as it has come.
    Whole(Vec<u8>),
    /// The Reason Code of a PUBREL, which so many bytes of its body come before.
    Reason(usize),
}

/// Follows what comes.
#[derive(Debug)]
pub(super) struct Splitter {
    version: ProtocolVersion,
    borders: Borders,
    /// The current packet is a PUBLISH.
    in_publish: bool,
    looked: Option<Looked>,
    seen: Vec<Seen>,
    /// PUBLISH packets with DUP since they were asked for.
    again: u32,
    /// There are no borders any more: a header was malformed.
    lost: bool,
    /// No words were asked for.
    wants_no_words: bool,
}

impl Splitter {
    pub(super) fn new(version: ProtocolVersion) -> Self {
        Self {
            version,
            borders: Borders::default(),
            in_publish: false,
            looked: None,
            seen: Vec::new(),
            again: 0,
            lost: false,
            wants_no_words: false,
        }
    }

    /// Looks out for words from now on.
    pub(super) fn wants_no_words(&mut self) {
        self.wants_no_words = true;
    }

    /// Bytes that may be handed over before the next border; 0 at a border.
    pub(super) fn until_border(&self) -> usize {
        self.borders.until_border()
    }

    /// The packets seen whole since the last call.
    pub(super) fn take_seen(&mut self) -> std::vec::Drain<'_, Seen> {
        self.seen.drain(..)
    }

    /// How many PUBLISH packets with DUP came since the last call.
    pub(super) fn take_again(&mut self) -> u32 {
        std::mem::take(&mut self.again)
    }

    /// How many of the next bytes may go into one batch: at least one, where there is one. Those
    /// count as gone; the rest must be given again.
    pub(super) fn cut(&mut self, bytes: &[u8]) -> usize {
        let mut at = 0;
        let mut publish = self.in_publish && self.borders.left() > 0;
        while !self.lost && at < bytes.len() {
            let rest = bytes.get(at..).unwrap_or_default();
            if self.borders.left() > 0 {
                at += self.body(rest, at);
                continue;
            }
            let fresh = self.borders.is_border();
            match self.borders.peek(rest) {
                Parsed::Whole(header) => {
                    let body = rest.get(header.len..).unwrap_or_default();
                    if publish && fresh && !is_harmless(self.version, header, body) {
                        return at;
                    }
                    publish |= header.kind() == PUBLISH;
                    at += self.begin(header);
                }
                Parsed::Incomplete => {
                    self.borders.keep(rest);
                    return bytes.len();
                }
                Parsed::Malformed if publish && fresh => return at,
                Parsed::Malformed => self.lost = true,
            }
        }
        bytes.len()
    }

    fn begin(&mut self, header: Header) -> usize {
        self.in_publish = header.kind() == PUBLISH;
        self.again += u32::from(self.in_publish && header.first & DUP != 0);
        let used = self.borders.begin(header);
        if self.in_publish {
            return used;
        }
        match header.kind() {
            kind if self.is_kept(kind) && header.remaining <= KEPT => {
                self.looked = Some(Looked::Whole(vec![header.first]));
            }
            // Shorter ones, and those before MQTT 5, have no Reason Code (5.0, section 3.6.2.1).
            PUBREL if header.remaining > 2 && self.version == ProtocolVersion::V5 => {
                self.looked = Some(Looked::Reason(2));
            }
            _ => {}
        }
        if header.kind() == PINGRESP {
            self.seen.push(Seen::Pong);
        }
        if header.remaining == 0 {
            self.finish();
        }
        used
    }

    fn is_kept(&self, kind: u8) -> bool {
        matches!(kind, CONNACK | DISCONNECT) || (self.wants_no_words && words::are_unasked_in(kind))
    }

    /// `at` is where `rest` begins among what is cut.
    fn body(&mut self, rest: &[u8], at: usize) -> usize {
        let taken = self.borders.body(rest.len());
        let rest = rest.get(..taken).unwrap_or_default();
        match &mut self.looked {
            None => {}
            Some(Looked::Whole(kept)) => {
                let ahead = 3_usize.checked_sub(kept.len()).filter(|_| kept.first() == Some(&0x62));
                if let Some(ahead) = ahead.filter(|ahead| rest.get(*ahead) == Some(&NOT_FOUND)) {
                    self.seen.push(Seen::NotFound(at + ahead));
                }
                kept.extend_from_slice(rest);
                if self.borders.left() == 0 {
                    self.finish();
                }
            }
            Some(Looked::Reason(ahead)) => match rest.get(*ahead) {
                None => *ahead -= taken,
                Some(&code) => {
                    if code == NOT_FOUND {
                        self.seen.push(Seen::NotFound(at + *ahead));
                    }
                    self.looked = None;
                }
            },
        }
        taken
    }

    /// The packet that is kept is complete: its first byte and its body, without Remaining Length.
    fn finish(&mut self) {
        let Some(Looked::Whole(kept)) = self.looked.take() else { return };
        match kept.first().map(|first| first >> 4) {
            Some(CONNACK) => self.seen.push(Seen::Connack(kept)),
            Some(DISCONNECT) => self.seen.push(Seen::Disconnect(kept)),
            _ if words::has_words(&kept) => self.seen.push(Seen::Words),
            _ => {}
        }
    }
}

/// Whether a packet cannot end the connection: a PUBLISH without a fault. One whose beginning has not come yet is harmless,
/// because it will be the first to end in its own batch.
fn is_harmless(version: ProtocolVersion, header: Header, body: &[u8]) -> bool {
    let qos = (header.first >> 1) & 3;
    let dup = header.first & DUP != 0;
    if header.kind() != PUBLISH || qos == 3 || (qos == 0 && dup) || header.remaining < 2 {
        return false;
    }
    let Some((length, rest)) = body.split_first_chunk::<2>() else {
        return true;
    };
    let topic_len = usize::from(u16::from_be_bytes(*length));
    let id_len = if qos == 0 { 0 } else { 2 };
    let v5 = version == ProtocolVersion::V5;
    if 2 + topic_len + id_len + usize::from(v5) > header.remaining {
        return false;
    }
    let Some((topic, rest)) = rest.split_at_checked(topic_len) else {
        return true;
    };
    if !is_topic(topic) {
        return false;
    }
    let Some((id, rest)) = rest.split_at_checked(id_len) else {
        return true;
    };
    if id == [0, 0] {
        return false;
    }
    let room = header.remaining - 2 - topic_len - id_len;
    !v5 || are_properties(rest, room)
}

fn is_topic(topic: &[u8]) -> bool {
    let plain = |byte: &u8| !matches!(byte, 0 | b'+' | b'#');
    !topic.is_empty()
        && topic.iter().all(plain)
        && (topic.is_ascii() || std::str::from_utf8(topic).is_ok())
}

/// Whether the properties at the beginning of `bytes` are in order and fit into `room`. A Topic Alias never is: it may
/// be one that was never agreed on.
fn are_properties(bytes: &[u8], room: usize) -> bool {
    match varint(bytes) {
        None => bytes.len() < room,
        Some(Err(_)) => false,
        Some(Ok((0, _))) => true,
        Some(Ok((len, skip))) if skip + len <= room => match bytes.get(skip..skip + len) {
            None => true,
            Some(written) => properties::decode(written).is_ok_and(|list| {
                !list.iter().any(|property| matches!(property, Property::TopicAlias(_)))
            }),
        },
        Some(Ok(_)) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const V5: ProtocolVersion = ProtocolVersion::V5;
    const V311: ProtocolVersion = ProtocolVersion::V311;

    /// The pieces that a stream is cut into when it comes in reads of `read` bytes.
    fn pieces(version: ProtocolVersion, stream: &[u8], read: usize) -> Vec<Vec<u8>> {
        let mut splitter = Splitter::new(version);
        let mut pieces = Vec::new();
        for mut rest in stream.chunks(read) {
            while !rest.is_empty() {
                let cut = splitter.cut(rest);
                assert!(cut > 0, "a cut makes no progress");
                pieces.push(rest[..cut].to_vec());
                rest = &rest[cut..];
            }
        }
        assert_eq!(pieces.concat(), stream);
        pieces
    }

    fn publish(version: ProtocolVersion, payload: &[u8]) -> Vec<u8> {
        let mut body = b"\x00\x03a/b".to_vec();
        if version == V5 {
            body.push(0);
        }
        body.extend_from_slice(payload);
        [vec![0x30, u8::try_from(body.len()).unwrap()], body].concat()
    }

    #[test]
    fn messages_are_never_cut_apart() {
        for version in [V311, V5] {
            let stream = publish(version, b"hello").repeat(50);
            assert_eq!(pieces(version, &stream, stream.len()).len(), 1);
        }
    }

    #[test]
    fn whatever_may_end_the_connection_begins_a_piece_of_its_own() {
        let ends: [&[u8]; 9] = [
            b"\xe0\x00",                      // DISCONNECT
            b"\xe0\x02\x8b\x00",              // DISCONNECT with a reason
            b"\x40\x02\x00\x09",              // PUBACK that nobody waits for
            b"\x00\x00",                      // type 0
            b"\x36\x05\x00\x01a\x00\x01",     // QoS 3
            b"\x30\x05\x00\x09abc",           // a topic beyond the packet
            b"\x30\x04\x00\x01\xff\x00",      // a topic that is no UTF-8
            b"\x32\x06\x00\x01a\x00\x00\x00", // Packet Identifier 0
            b"\x30\xff\xff\xff\xff\x01",      // Remaining Length of five bytes
        ];
        for version in [V311, V5] {
            for end in ends {
                let messages = publish(version, b"one").repeat(3);
                let stream = [messages.as_slice(), end].concat();
                let cut = pieces(version, &stream, stream.len());
                assert_eq!(cut[0], messages, "{end:02x?}");
            }
        }
    }

    #[test]
    fn faulty_properties_begin_a_piece_of_their_own_and_good_ones_do_not() {
        let with = |properties: &[u8]| {
            let mut body = b"\x00\x01a".to_vec();
            body.push(u8::try_from(properties.len()).unwrap());
            body.extend_from_slice(properties);
            [vec![0x30, u8::try_from(body.len()).unwrap()], body].concat()
        };
        let good = with(b"\x01\x01\x02\x00\x00\x00\x05");
        assert_eq!(pieces(V5, &good.repeat(4), 1_000).len(), 1);
        for faulty in [with(b"\x7f\x00"), with(b"\x23\x00\x01"), with(b"\x03\x00\x09a")] {
            let stream = [good.as_slice(), &faulty].concat();
            assert_eq!(pieces(V5, &stream, 1_000).len(), 2, "{faulty:02x?}");
        }
    }

    #[test]
    fn acknowledgements_in_a_row_stay_together() {
        assert_eq!(pieces(V311, &b"\x40\x02\x00\x01".repeat(20), 1_000).len(), 1);
    }

    #[test]
    fn a_message_that_ends_in_a_later_read_is_cut_off_from_what_follows() {
        let message = publish(V311, &[7; 100]);
        let stream = [message.as_slice(), b"\xe0\x00"].concat();
        for read in 1..stream.len() {
            let mut ends = pieces(V311, &stream, read).into_iter().scan(0, |end, piece| {
                *end += piece.len();
                Some(*end)
            });
            // The first piece that ends the message does not end DISCONNECT too.
            let end = ends.find(|end| *end >= message.len()).unwrap();
            assert!(end < stream.len(), "in reads of {read}");
        }
    }

    #[test]
    fn answers_are_kept_whole_however_they_come() {
        let stream = b"\x20\x02\x01\x05\xd0\x00\xe0\x01\x8b";
        for read in 1..stream.len() {
            let mut splitter = Splitter::new(V311);
            for mut rest in stream.chunks(read) {
                while !rest.is_empty() {
                    let cut = splitter.cut(rest);
                    rest = &rest[cut..];
                }
            }
            let seen: Vec<_> = splitter.take_seen().collect();
            let expected =
                [Seen::Connack(vec![0x20, 1, 5]), Seen::Pong, Seen::Disconnect(vec![0xe0, 0x8b])];
            assert_eq!(seen, expected, "in reads of {read}");
        }
    }

    #[test]
    fn a_release_of_nothing_is_found_wherever_its_reason_lies() {
        let stream =
            b"\x62\x02\x00\x92\x62\x03\x00\x92\x00\x62\x04\x00\x07\x92\x00\x62\x03\x92\x92\x92";
        for read in 1..=stream.len() {
            let (mut splitter, mut begins, mut found) = (Splitter::new(V5), 0, Vec::new());
            splitter.wants_no_words = read % 2 == 0;
            for rest in stream.chunks(read) {
                assert_eq!(splitter.cut(rest), rest.len());
                found.extend(splitter.take_seen().map(|seen| match seen {
                    Seen::NotFound(at) => begins + at,
                    other => panic!("{other:?}"),
                }));
                begins += rest.len();
            }
            assert_eq!(found, [13, 19], "in reads of {read}");
        }
    }
}
