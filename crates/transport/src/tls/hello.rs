//! What a ServerHello says, read from the first bytes of a handshake that failed.
//!
//! A library that gave up no longer tells what had been agreed on, but the ServerHello went over the wire in clear (RFC 8446,
//! section 4.1.3; RFC 5246, section 7.4.1.3). Reading only, and only as far as there are bytes.

use rustls::CipherSuite;

/// What was agreed on.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Hello {
    pub(super) version: String,
    pub(super) cipher: String,
    /// TLS 1.3 does not say it in clear.
    pub(super) alpn: Option<String>,
}

/// The types of a record and of a handshake message, and of extensions.
const HANDSHAKE: u8 = 22;
const SERVER_HELLO: u8 = 2;
const ALPN: u16 = 16;
const SUPPORTED_VERSIONS: u16 = 43;

/// Reads the ServerHello in `bytes`, the first of a connection; none where there is none, or not all of it.
pub(super) fn read(bytes: &[u8]) -> Option<Hello> {
    let messages = messages(bytes);
    let mut rest = Reader(&messages);
    if rest.byte()? != SERVER_HELLO {
        return None;
    }
    let length = usize::from(rest.byte()?) << 16 | usize::from(rest.short()?);
    let mut hello = Reader(rest.take(length)?);
    let mut version = hello.short()?;
    let _random = hello.take(32)?;
    let session = hello.byte()?;
    hello.take(session.into())?;
    let cipher = hello.short()?;
    let _compression = hello.byte()?;
    let mut alpn = None;
    // Before TLS 1.3 there may be no extensions at all.
    let extensions = hello.short().unwrap_or(0);
    let mut extensions = Reader(hello.take(extensions.into())?);
    while let Some((kind, mut value)) = extensions.extension() {
        match kind {
            SUPPORTED_VERSIONS => version = value.short()?,
            ALPN => {
                let _list = value.short()?;
                let length = value.byte()?;
                alpn = Some(String::from_utf8_lossy(value.take(length.into())?).into_owned());
            }
            _ => {}
        }
    }
    let version = match version {
        0x0301 => "TLSv1.0".to_owned(),
        0x0302 => "TLSv1.1".to_owned(),
        0x0303 => "TLSv1.2".to_owned(),
        0x0304 => "TLSv1.3".to_owned(),
        other => format!("{other:#06x}"),
    };
    Some(Hello { version, cipher: format!("{:?}", CipherSuite::from(cipher)), alpn })
}

/// The handshake messages at the beginning, out of their records.
fn messages(bytes: &[u8]) -> Vec<u8> {
    let mut records = Reader(bytes);
    let mut messages = Vec::new();
    while records.byte() == Some(HANDSHAKE) {
        let Some(length) = records.short().and_then(|_version| records.short()) else { break };
        let whole = records.take(length.into());
        messages.extend_from_slice(whole.unwrap_or(records.0));
        if whole.is_none() {
            break;
        }
    }
    messages
}

/// Takes from the front, as long as there is enough.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn byte(&mut self) -> Option<u8> {
        self.take(1)?.first().copied()
    }

    fn short(&mut self) -> Option<u16> {
        self.take(2)?.try_into().ok().map(u16::from_be_bytes)
    }

    fn extension(&mut self) -> Option<(u16, Self)> {
        let kind = self.short()?;
        let length = self.short()?;
        Some((kind, Self(self.take(length.into())?)))
    }
}

#[cfg(test)]
mod unit {
    use super::*;

    /// A ServerHello of this version field with these extensions.
    fn hello(version: [u8; 2], extensions: &[u8]) -> Vec<u8> {
        let mut body = version.to_vec();
        body.extend([7; 32]);
        body.extend([0, 0xc0, 0x2f, 0]);
        if !extensions.is_empty() {
            body.extend(u16::try_from(extensions.len()).unwrap().to_be_bytes());
            body.extend(extensions);
        }
        let mut message = vec![2, 0, 0, u8::try_from(body.len()).unwrap()];
        message.extend(body);
        message
    }

    fn records(message: &[u8], size: usize) -> Vec<u8> {
        let record =
            |part: &[u8]| [&[22, 3, 3, 0, u8::try_from(part.len()).unwrap()], part].concat();
        message.chunks(size).flat_map(record).collect()
    }

    #[test]
    fn version_cipher_and_alpn_are_read_from_whole_and_from_cut_records() {
        let alpn = [0, 16, 0, 7, 0, 5, 4, b'm', b'q', b't', b't'];
        let message = hello([3, 3], &alpn);
        let expect = Hello {
            version: "TLSv1.2".to_owned(),
            cipher: "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256".to_owned(),
            alpn: Some("mqtt".to_owned()),
        };
        for size in [200, 50, 7, 1] {
            assert_eq!(read(&records(&message, size)).as_ref(), Some(&expect), "{size}");
        }
        let newer = read(&records(&hello([3, 3], &[0, 43, 0, 2, 3, 4]), 200)).unwrap();
        assert_eq!(newer.version, "TLSv1.3");
        let older = read(&records(&hello([3, 2], &[]), 200)).unwrap();
        assert_eq!((older.version.as_str(), older.alpn), ("TLSv1.1", None));
    }

    #[test]
    fn what_is_no_whole_server_hello_is_none() {
        let whole = records(&hello([3, 3], &[0, 43, 0, 2, 3, 4]), 200);
        for length in 0..whole.len() {
            assert_eq!(read(&whole[..length]), None, "{length}");
        }
        for other in [&b"HTTP/1.1 400 Bad Request\r\n"[..], b"\x15\x03\x03\x00\x02\x02\x28"] {
            assert_eq!(read(other), None);
        }
    }
}
