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
    /// A server's SETTINGS, the first frame of HTTP/2 (RFC 9113, section 3.4).
    Http2,
    /// The banner of SSH (RFC 4253, section 4.2).
    Ssh,
    /// A CONNACK of MQTT: `20` and its remaining length.
    Mqtt,
    /// A greeting `220`, with which mail (RFC 5321) and file transfer (RFC 959) begin alike.
    SmtpOrFtp,
    /// The greeting of IMAP (RFC 9051, section 7.1.5).
    Imap,
    /// The greeting of POP3 (RFC 1939, section 4).
    Pop3,
    /// An error of Redis, which knows no such command.
    Redis,
    /// An ErrorResponse of PostgreSQL.
    Postgres,
    /// The greeting or refusal of MySQL and MariaDB.
    MySql,
    /// The protocol header of AMQP, which a broker sends where it dislikes ours.
    Amqp,
    /// The INFO of NATS.
    Nats,
    /// A TPKT header (RFC 1006), under which the remote desktop answers.
    Rdp,
    /// The version of the remote framebuffer protocol (RFC 6143, section 7.1.1).
    Vnc,
    /// A negotiation of options (RFC 854).
    Telnet,
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
            [0, 0, _, 4, 0, 0, 0, 0, 0, ..] => Self::Http2,
            [b'S', b'S', b'H', b'-', ..] => Self::Ssh,
            [0x20, 0x02..=0x7f, 0x00 | 0x01, ..] => Self::Mqtt,
            [b'2', b'2', b'0', b' ' | b'-', ..] => Self::SmtpOrFtp,
            [b'*', b' ', b'O', b'K' | b'k', b' ', ..] => Self::Imap,
            [b'+', b'O', b'K', b' ', ..] => Self::Pop3,
            [b'-', b'E', b'R', b'R', b' ', ..]
            | [b'-', b'D', b'E', b'N', b'I', b'E', b'D', ..]
            | [b'+', b'P', b'O', b'N', b'G', ..] => Self::Redis,
            [b'E', 0, 0, _, _, b'S', ..] => Self::Postgres,
            // A packet of this length, the first one: protocol version 10, or an error.
            [_, _, 0, 0, 0x0a, b'0'..=b'9', ..] | [_, _, 0, 0, 0xff, _, 0x04, ..] => Self::MySql,
            [b'A', b'M', b'Q', b'P', ..] => Self::Amqp,
            [b'I', b'N', b'F', b'O', b' ', b'{', ..] => Self::Nats,
            [3, 0, 0, 7..=32, ..] => Self::Rdp,
            [b'R', b'F', b'B', b' ', b'0', ..] => Self::Vnc,
            [0xff, 0xfb..=0xfe, ..] => Self::Telnet,
            _ => Self::Unknown,
        })
    }

    /// The protocol's name in a sentence.
    pub fn name(self) -> &'static str {
        match self {
            Self::Tls => "TLS",
            Self::Http => "HTTP",
            Self::Http2 => "HTTP/2",
            Self::Ssh => "SSH",
            Self::Mqtt => "MQTT",
            Self::SmtpOrFtp => "SMTP or FTP",
            Self::Imap => "IMAP",
            Self::Pop3 => "POP3",
            Self::Redis => "Redis",
            Self::Postgres => "PostgreSQL",
            Self::MySql => "MySQL",
            Self::Amqp => "AMQP",
            Self::Nats => "NATS",
            Self::Rdp => "RDP",
            Self::Vnc => "VNC",
            Self::Telnet => "Telnet",
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
        let cases: [(&[u8], Option<Spoken>); 20] = [
            (b"", None),
            (b"\x15\x03\x03\x00\x02\x02\x46", Some(Spoken::Tls)),
            (b"HTTP/1.1 400 Bad Request\r\n", Some(Spoken::Http)),
            (b"\x00\x00\x12\x04\x00\x00\x00\x00\x00\x00\x03", Some(Spoken::Http2)),
            (b"SSH-2.0-OpenSSH_9.2\r\n", Some(Spoken::Ssh)),
            (b"\x20\x02\x00\x01", Some(Spoken::Mqtt)),
            (b"220 smtp.example ESMTP\r\n", Some(Spoken::SmtpOrFtp)),
            (b"220-FTP server\r\n", Some(Spoken::SmtpOrFtp)),
            (b"* OK [CAPABILITY IMAP4rev1] ready\r\n", Some(Spoken::Imap)),
            (b"+OK POP3 ready\r\n", Some(Spoken::Pop3)),
            (b"-ERR unknown command 'GET'\r\n", Some(Spoken::Redis)),
            (b"E\x00\x00\x00\x8cSFATAL\x00", Some(Spoken::Postgres)),
            (b"\x5b\x00\x00\x00\x0a8.0.36\x00", Some(Spoken::MySql)),
            (b"\x45\x00\x00\x00\xff\x6a\x04Host", Some(Spoken::MySql)),
            (b"AMQP\x00\x00\x09\x01", Some(Spoken::Amqp)),
            (b"INFO {\"server_id\":", Some(Spoken::Nats)),
            (b"\x03\x00\x00\x13\x0e\xd0", Some(Spoken::Rdp)),
            (b"RFB 003.008\n", Some(Spoken::Vnc)),
            (b"\xff\xfd\x18\xff\xfd\x20", Some(Spoken::Telnet)),
            (b" hello", Some(Spoken::Unknown)),
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
