//! PEM as keys have it: RFC 7468, and the headers of RFC 1421 that OpenSSL's traditional encryption needs.
//!
//! rustls reads PEM too, but knows no headers and no encrypted label, and RustCrypto refuses headers; so this is ours.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// One block of a PEM text.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Block {
    /// What stands after `BEGIN`.
    pub(super) label: String,
    /// Name and value, in their order.
    pub(super) headers: Vec<(String, String)>,
    pub(super) der: Vec<u8>,
}

impl Block {
    pub(super) fn header(&self, wanted: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted));
        found.map(|(_, value)| value.as_str())
    }
}

/// The blocks of a text, whatever stands between them. A block that is cut or is no Base64 is left out.
pub(super) fn blocks(text: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let Some(label) = border(line, "-----BEGIN ") else { continue };
        let body: Vec<&str> =
            lines.by_ref().take_while(|line| border(line, "-----END ") != Some(label)).collect();
        blocks.extend(block(label, &body));
    }
    blocks
}

fn border<'a>(line: &'a str, beginning: &str) -> Option<&'a str> {
    line.trim().strip_prefix(beginning)?.strip_suffix("-----")
}

fn block(label: &str, body: &[&str]) -> Option<Block> {
    let mut headers = Vec::new();
    let mut encoded = String::new();
    for line in body {
        match line.split_once(':') {
            Some((name, value)) => {
                headers.push((name.trim().to_owned(), value.trim().to_owned()));
            }
            None => encoded.extend(line.chars().filter(|c| !c.is_whitespace())),
        }
    }
    let der = STANDARD.decode(encoded).ok()?;
    Some(Block { label: label.to_owned(), headers, der })
}

#[cfg(test)]
mod unit {
    use super::*;

    #[test]
    fn blocks_are_found_among_other_text_with_their_headers() {
        let text = "Bag Attributes\r\n-----BEGIN A-----\r\nProc-Type: 4,ENCRYPTED\r\n\r\nAQID\r\n-----END A-----\r\n\
                    -----BEGIN B-----\nBA\n==\n-----END B-----\n-----BEGIN C-----\n!\n-----END C-----\n";
        let found = blocks(text);
        assert_eq!(found.len(), 2);
        assert_eq!((found[0].label.as_str(), &found[0].der[..]), ("A", &[1, 2, 3][..]));
        assert_eq!(found[0].header("proc-type"), Some("4,ENCRYPTED"));
        assert_eq!(found[1].der, [4]);
    }
}
