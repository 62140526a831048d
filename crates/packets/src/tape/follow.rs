//! Which bytes of a stream belong to which packet.

use crate::borders::{Borders, Parsed};

/// The next bytes of a stream that belong to one packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Piece {
    /// The packet begins with them.
    pub(super) begins: bool,
    /// How many; at least one where there is one.
    pub(super) len: usize,
    /// The packet ends with them.
    pub(super) ends: bool,
}

/// Follows one direction of a connection. Behind a Remaining Length that never ends there are no borders: all that follows
/// is one packet.
#[derive(Debug, Default)]
pub(super) struct Follow {
    borders: Borders,
    lost: bool,
}

impl Follow {
    /// The packet's part of `bytes`, which count as gone.
    pub(super) fn next(&mut self, bytes: &[u8]) -> Piece {
        if self.lost {
            return Piece { begins: false, len: bytes.len(), ends: false };
        }
        if self.borders.left() > 0 {
            let len = self.borders.body(bytes.len());
            return Piece { begins: false, len, ends: self.borders.left() == 0 };
        }
        let begins = self.borders.is_border();
        match self.borders.peek(bytes) {
            Parsed::Whole(header) => {
                let head = self.borders.begin(header);
                let len = head + self.borders.body(bytes.len().saturating_sub(head));
                Piece { begins, len, ends: self.borders.left() == 0 }
            }
            Parsed::Incomplete => {
                self.borders.keep(bytes);
                Piece { begins, len: bytes.len(), ends: false }
            }
            Parsed::Malformed => {
                self.lost = true;
                Piece { begins, len: bytes.len(), ends: false }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The packets' sizes in a stream that comes in pieces of `step` bytes.
    fn sizes(stream: &[u8], step: usize) -> Vec<usize> {
        let (mut follow, mut sizes) = (Follow::default(), Vec::new());
        for mut part in stream.chunks(step) {
            while !part.is_empty() {
                let piece = follow.next(part);
                assert!(piece.len > 0);
                if piece.begins {
                    sizes.push(0);
                }
                *sizes.last_mut().unwrap() += piece.len;
                part = &part[piece.len..];
            }
        }
        sizes
    }

    #[test]
    fn packets_are_told_apart_however_the_stream_is_cut() {
        let mut stream = vec![0x20, 2, 0, 0, 0xd0, 0, 0x30, 0x82, 0x01];
        stream.extend([7; 130]);
        stream.extend([0xd0, 0]);
        for step in 1..=stream.len() {
            assert_eq!(sizes(&stream, step), [4, 2, 133, 2], "in pieces of {step}");
        }
    }

    #[test]
    fn behind_a_length_that_never_ends_all_is_one_packet() {
        let stream = [0xd0, 0, 0x30, 0xff, 0xff, 0xff, 0xff, 1, 0xd0, 0, 0xd0, 0];
        for step in 1..=stream.len() {
            assert_eq!(sizes(&stream, step), [2, 10], "in pieces of {step}");
        }
    }
}
