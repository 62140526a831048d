//! The borders of Control Packets in a stream of bytes (MQTT 5.0, section 2.1).

/// The longest fixed header: one byte and four of Remaining Length.
const LONGEST_HEADER: usize = 5;

/// The fixed header of a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// Type and flags.
    pub first: u8,
    /// Bytes that follow the header.
    pub remaining: usize,
    /// Bytes of the header itself.
    pub len: usize,
}

impl Header {
    /// The packet's type, 0 to 15.
    pub fn kind(self) -> u8 {
        self.first >> 4
    }
}

/// What the beginning of a packet says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parsed {
    /// All of the fixed header is there.
    Whole(Header),
    /// Bytes of it are still to come.
    Incomplete,
    /// Remaining Length has more than four bytes (`[MQTT-1.5.5-1]`).
    Malformed,
}

/// Reads a fixed header.
pub fn header(bytes: &[u8]) -> Parsed {
    let Some((&first, rest)) = bytes.split_first() else {
        return Parsed::Incomplete;
    };
    match varint(rest) {
        Some(Ok((remaining, len))) => Parsed::Whole(Header { first, remaining, len: len + 1 }),
        Some(Err(TooLong)) => Parsed::Malformed,
        None => Parsed::Incomplete,
    }
}

/// A Variable Byte Integer goes on after its fourth byte (`[MQTT-1.5.5-1]`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLong;

/// Reads a Variable Byte Integer: its value and length. None where bytes are missing.
///
/// # Errors
/// It has more than four bytes.
pub fn varint(bytes: &[u8]) -> Option<Result<(usize, usize), TooLong>> {
    let mut value = 0;
    for (index, byte) in bytes.iter().take(4).enumerate() {
        value |= usize::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            return Some(Ok((value, index + 1)));
        }
    }
    (bytes.len() >= 4).then_some(Err(TooLong))
}

/// Follows the borders through a stream that comes in pieces.
#[derive(Clone, Copy, Debug, Default)]
pub struct Borders {
    partial: [u8; LONGEST_HEADER],
    partial_len: usize,
    left: usize,
}

impl Borders {
    /// Bytes of the current packet that are still to come, after its header.
    pub fn left(&self) -> usize {
        self.left
    }

    /// Bytes that may come before the next border for certain: 0 at a border.
    pub fn until_border(&self) -> usize {
        if self.partial_len > 0 { 1 } else { self.left }
    }

    /// Whether the next byte belongs to a header of which nothing has come yet.
    pub fn is_border(&self) -> bool {
        self.left == 0 && self.partial_len == 0
    }

    /// Skips bytes of the packet's body; how many of `available` belong to it.
    pub fn body(&mut self, available: usize) -> usize {
        let taken = self.left.min(available);
        self.left -= taken;
        taken
    }

    /// Looks at a header that begins with what is kept of it and goes on in `bytes`. Nothing is changed.
    pub fn peek(&self, bytes: &[u8]) -> Parsed {
        if self.partial_len == 0 {
            return header(bytes);
        }
        let mut whole = self.partial;
        for (to, from) in whole.iter_mut().skip(self.partial_len).zip(bytes) {
            *to = *from;
        }
        let len = LONGEST_HEADER.min(self.partial_len + bytes.len());
        header(whole.get(..len).unwrap_or_default())
    }

    /// Takes a header that [`Borders::peek`] found: how many bytes of it were still to be read.
    pub fn begin(&mut self, header: Header) -> usize {
        let used = header.len - self.partial_len;
        self.partial_len = 0;
        self.left = header.remaining;
        used
    }

    /// Keeps the beginning of a header that is not complete.
    pub fn keep(&mut self, bytes: &[u8]) {
        for (to, from) in self.partial.iter_mut().skip(self.partial_len).zip(bytes) {
            *to = *from;
        }
        self.partial_len = LONGEST_HEADER.min(self.partial_len + bytes.len());
    }

    /// Follows `bytes` and counts the packets of this first byte that begin in them. Used for what is sent, which
    /// the library makes and which therefore is well formed.
    pub fn count(&mut self, mut bytes: &[u8], first: u8) -> u32 {
        let mut found = 0;
        while !bytes.is_empty() {
            let used = if self.left > 0 {
                self.body(bytes.len())
            } else {
                match self.peek(bytes) {
                    Parsed::Whole(header) => {
                        found += u32::from(header.first == first);
                        self.begin(header)
                    }
                    Parsed::Incomplete | Parsed::Malformed => {
                        self.keep(bytes);
                        bytes.len()
                    }
                }
            };
            bytes = bytes.get(used..).unwrap_or_default();
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_read_up_to_the_largest_remaining_length() {
        let whole = |first, remaining, len| Parsed::Whole(Header { first, remaining, len });
        assert_eq!(header(&[0x20, 2, 0, 0]), whole(0x20, 2, 2));
        assert_eq!(header(&[0x30, 0xff, 0xff, 0xff, 0x7f]), whole(0x30, 268_435_455, 5));
        assert_eq!(header(&[0x30, 0xff, 0xff]), Parsed::Incomplete);
        assert_eq!(header(&[0x30, 0xff, 0xff, 0xff, 0xff]), Parsed::Malformed);
        assert_eq!(header(&[]), Parsed::Incomplete);
    }

    #[test]
    fn packets_are_counted_however_the_bytes_are_cut() {
        let mut bytes = vec![0xc0, 0];
        bytes.extend([0x30, 0x80, 0x01]);
        bytes.extend([0xc0; 128]);
        bytes.extend([0xc0, 0]);
        for piece in 1..bytes.len() {
            let mut borders = Borders::default();
            let found: u32 = bytes.chunks(piece).map(|part| borders.count(part, 0xc0)).sum();
            assert_eq!((found, borders.is_border()), (2, true), "in pieces of {piece}");
        }
    }
}
