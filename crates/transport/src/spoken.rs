//! What the other side really speaks, told by its first bytes.
//!
//! A port number promises nothing. The first bytes say more than any library's error, so every
//! failing stage shows them and a few well-known ones are named.

/// A protocol recognised by its first bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spoken {
    /// A TLS record (RFC 8446, section 5.1): handshake or alert.
    Tls,
    /// A status line of HTTP (RFC 9112).
    Http,
    /// The banner of SSH (RFC 4253, section 4.2).
    Ssh,
    /// A CONNACK of MQTT: `20` and its remaining length.
    Mqtt,
    /// Something else.
    Unknown,
}

impl Spoken {
    /// Tells what `bytes`, the first of a connection, begin; none where there are no bytes.
    pub fn recognise(bytes: &[u8]) -> Option<Self> {
        Some(match bytes {
            [] => return None,
            [0x14..=0x17, 0x03, ..] => Self::Tls,
            [b'H', b'T', b'T', b'P', b'/', ..] => Self::Http,
            [b'S', b'S', b'H', b'-', ..] => Self::Ssh,
            [0x20, 0x02..=0x7f, 0x00 | 0x01, ..] => Self::Mqtt,
            _ => Self::Unknown,
        })
    }

    /// The protocol's name in a sentence.
    pub fn name(self) -> &'static str {
        match self {
            Self::Tls => "TLS",
            Self::Http => "HTTP",
            Self::Ssh => "SSH",
            Self::Mqtt => "MQTT",
            Self::Unknown => "something else",
        }
    }
}

/// The most bytes that [`show_bytes`] looks at.
const SHOWN: usize = 64;

/// The first bytes as one line: the first line of text where they are ASCII, else hexadecimal.
/// At most 64 bytes are shown, and no control character is.
pub fn show_bytes(bytes: &[u8]) -> String {
    let line = bytes.split(|byte| matches!(byte, b'\r' | b'\n')).next().unwrap_or_default();
    let line = line.get(..SHOWN).unwrap_or(line);
    if !line.is_empty() && line.iter().all(|byte| matches!(byte, b' '..=b'~')) {
        return String::from_utf8_lossy(line).into_owned();
    }
    let hex: Vec<String> = bytes.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    hex.join(" ")
}

#[cfg(test)]
mod unit {
    use super::*;

    #[test]
    fn first_bytes_name_the_protocol() {
        let cases: [(&[u8], Option<Spoken>); 7] = [
            (b"", None),
            (b"\x15\x03\x03\x00\x02\x02\x46", Some(Spoken::Tls)),
            (b"HTTP/1.1 400 Bad Request\r\n", Some(Spoken::Http)),
            (b"SSH-2.0-OpenSSH_9.2\r\n", Some(Spoken::Ssh)),
            (b"\x20\x02\x00\x01", Some(Spoken::Mqtt)),
            (b" hello", Some(Spoken::Unknown)),
            (b"220 smtp.example ESMTP", Some(Spoken::Unknown)),
        ];
        for (bytes, expect) in cases {
            assert_eq!(Spoken::recognise(bytes), expect, "{bytes:?}");
        }
    }

    #[test]
    fn bytes_are_shown_on_one_line_without_control_characters() {
        assert_eq!(show_bytes(b"HTTP/1.1 400 Bad\r\nServer: x"), "HTTP/1.1 400 Bad");
        assert_eq!(show_bytes(b"\x15\x03\x01\x00\x02"), "15 03 01 00 02");
        assert_eq!(show_bytes(b"\x1b[31m"), "1b 5b 33 31 6d");
        assert_eq!(show_bytes(&[b'a'; 500]).len(), SHOWN);
        assert_eq!(show_bytes(b""), "");
    }
}
