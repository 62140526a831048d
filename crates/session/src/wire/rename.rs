//! MQTT 3.1 from a library that speaks 3.1.1: another name and level in CONNECT.
//!
//! The two versions differ on the wire in nothing else that a client sends (3.1's section 3.1 against 3.1.1's). The
//! price is that the bytes of one packet are known here a second time.

use bytes::{BufMut as _, BytesMut};

use mqttscope_packets::borders::{Parsed, header};

/// Name and level of 3.1.1 as the library writes them.
const V311: &[u8] = b"\x00\x04MQTT\x04";
/// Name and level of 3.1.
const V31: &[u8] = b"\x00\x06MQIsdp\x03";

/// Rewrites the first packet of a connection, in however many pieces it comes.
#[derive(Debug, Default)]
pub(super) struct Rename {
    seen: Vec<u8>,
}

/// Whether the rewriting is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Renamed {
    /// More bytes are needed.
    NotYet,
    /// The bytes given from now on go out as they are.
    Done,
}

impl Rename {
    /// Takes the next bytes of the connection and puts into `out` what goes onto the wire instead.
    pub(super) fn feed(&mut self, bytes: &[u8], out: &mut BytesMut) -> Renamed {
        self.seen.extend_from_slice(bytes);
        let header = match header(&self.seen) {
            Parsed::Incomplete => return Renamed::NotYet,
            Parsed::Malformed => return self.as_it_is(out),
            Parsed::Whole(header) => header,
        };
        let body = self.seen.get(header.len..).unwrap_or_default();
        if body.len() < V311.len().min(header.remaining) {
            return Renamed::NotYet;
        }
        let Some(rest) = body.strip_prefix(V311) else {
            return self.as_it_is(out);
        };
        out.put_u8(header.first);
        put_varint(header.remaining - V311.len() + V31.len(), out);
        out.put_slice(V31);
        out.put_slice(rest);
        Renamed::Done
    }

    fn as_it_is(&self, out: &mut BytesMut) -> Renamed {
        out.put_slice(&self.seen);
        Renamed::Done
    }
}

fn put_varint(mut value: usize, out: &mut BytesMut) {
    loop {
        let low = u8::try_from(value & 0x7f).unwrap_or_default();
        value >>= 7;
        out.put_u8(if value > 0 { low | 0x80 } else { low });
        if value == 0 {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn renamed(connect: &[u8], piece: usize) -> Vec<u8> {
        let (mut rename, mut out, mut state) =
            (Rename::default(), BytesMut::new(), Renamed::NotYet);
        for part in connect.chunks(piece) {
            if state == Renamed::Done {
                out.put_slice(part);
            } else {
                state = rename.feed(part, &mut out);
            }
        }
        assert_eq!(state, Renamed::Done);
        out.to_vec()
    }

    #[test]
    fn connect_becomes_mqisdp_in_whatever_pieces_it_is_written() {
        let connect = b"\x10\x0e\x00\x04MQTT\x04\x02\x00\x3c\x00\x02id";
        let expected = b"\x10\x10\x00\x06MQIsdp\x03\x02\x00\x3c\x00\x02id";
        for piece in 1..=connect.len() {
            assert_eq!(renamed(connect, piece), expected, "in pieces of {piece}");
        }
    }

    #[test]
    fn remaining_length_may_grow_by_a_byte() {
        let mut connect = b"\x10\x7f\x00\x04MQTT\x04".to_vec();
        connect.extend([7; 120]);
        let mut expected = b"\x10\x81\x01\x00\x06MQIsdp\x03".to_vec();
        expected.extend([7; 120]);
        assert_eq!(renamed(&connect, 50), expected);
    }

    #[test]
    fn anything_else_goes_out_as_it_is() {
        assert_eq!(renamed(b"\xc0\x00", 1), b"\xc0\x00");
        assert_eq!(
            renamed(b"\x10\x09\x00\x04MQTT\x05\x02\x00", 3),
            b"\x10\x09\x00\x04MQTT\x05\x02\x00"
        );
    }
}
