//! The server's messages (RFC 5802, section 7). Extensions that follow what is known are skipped, as the RFC asks.

use std::num::NonZeroU32;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{FEWEST_ITERATIONS, MOST_ITERATIONS, ScramError};

/// The longest piece of the server's words that is shown.
const WORDS: usize = 200;

/// server-first-message.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct ServerFirst<'a> {
    pub(super) nonce: &'a str,
    pub(super) salt: Vec<u8>,
    pub(super) iterations: NonZeroU32,
}

fn text(data: &[u8]) -> Result<&str, ScramError> {
    std::str::from_utf8(data).map_err(|_| ScramError::Malformed("it is no text"))
}

fn base64(value: &str) -> Result<Vec<u8>, ScramError> {
    STANDARD.decode(value).map_err(|_| ScramError::Malformed("a value is no Base64"))
}

fn refused(reason: &str) -> ScramError {
    let shown = reason.chars().filter(|c| !c.is_control()).take(WORDS).collect();
    ScramError::Refused(shown)
}

impl<'a> ServerFirst<'a> {
    pub(super) fn read(data: &'a [u8]) -> Result<Self, ScramError> {
        let mut parts = text(data)?.split(',');
        let mut next = |name: &'static str| {
            let part = parts.next().unwrap_or_default();
            if part.starts_with("m=") {
                return Err(ScramError::Extension);
            }
            if let Some(reason) = part.strip_prefix("e=") {
                return Err(refused(reason));
            }
            part.strip_prefix(name)
                .ok_or(ScramError::Malformed("nonce, salt and iterations must come in this order"))
        };
        let nonce = next("r=")?;
        let salt = base64(next("s=")?)?;
        let iterations = iterations(next("i=")?)?;
        if !nonce.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(ScramError::Malformed("the nonce is not printable"));
        }
        if salt.is_empty() {
            return Err(ScramError::Malformed("the salt is empty"));
        }
        Ok(Self { nonce, salt, iterations })
    }
}

fn iterations(digits: &str) -> Result<NonZeroU32, ScramError> {
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(ScramError::Malformed("the iterations are no number"));
    }
    // What does not fit is too many in any case.
    let count: u32 = digits.parse().unwrap_or(u32::MAX);
    match NonZeroU32::new(count) {
        Some(_) if count > MOST_ITERATIONS => Err(ScramError::TooManyIterations),
        Some(iterations) if count >= FEWEST_ITERATIONS => Ok(iterations),
        _ => Err(ScramError::TooFewIterations(count)),
    }
}

/// The signature in a server-final-message.
pub(super) fn server_final(data: &[u8]) -> Result<Vec<u8>, ScramError> {
    let part = text(data)?.split(',').next().unwrap_or_default();
    if let Some(reason) = part.strip_prefix("e=") {
        return Err(refused(reason));
    }
    let signature = part.strip_prefix("v=");
    base64(signature.ok_or(ScramError::Malformed("there is neither signature nor error"))?)
}

/// The error in a server-final-message, where it is one.
pub(crate) fn server_error(data: &[u8]) -> Option<ScramError> {
    server_final(data).err().filter(|error| matches!(error, ScramError::Refused(_)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_first_message_is_read_with_extensions_after_it() {
        let read = ServerFirst::read(b"r=abc%,s=QSXC,i=4096,x=future").unwrap();
        assert_eq!((read.nonce, read.salt.as_slice()), ("abc%", &[0x41, 0x25, 0xc2][..]));
        assert_eq!(read.iterations.get(), 4_096);
    }

    #[test]
    fn what_breaks_the_grammar_is_refused() {
        let faulty: [&[u8]; 11] = [
            b"",
            b"r=abc",
            b"s=QSXC,r=abc,i=4096",
            b"r=abc,s=Q,i=4096",
            b"r=abc,s=,i=4096",
            b"r=abc,s=QSXC,i=",
            b"r=abc,s=QSXC,i=-1",
            b"r=abc,s=QSXC,i=4096x",
            b"r=a c,s=QSXC,i=4096",
            b"\xff\xfe",
            b"R=abc,S=QSXC,I=4096",
        ];
        for data in faulty {
            let error = ServerFirst::read(data).unwrap_err();
            assert!(matches!(error, ScramError::Malformed(_)), "{data:?}: {error:?}");
        }
        assert_eq!(ServerFirst::read(b"m=x,r=abc,s=QSXC,i=4096"), Err(ScramError::Extension));
        assert!(matches!(server_final(b"x=1"), Err(ScramError::Malformed(_))));
        assert!(matches!(server_final(b"v=%%"), Err(ScramError::Malformed(_))));
    }

    #[test]
    fn the_number_of_iterations_is_bounded_both_ways() {
        let read = |count: &str| {
            let text = format!("r=abc,s=QSXC,i={count}");
            ServerFirst::read(text.as_bytes()).map(|read| read.iterations.get())
        };
        assert_eq!(read("4095"), Err(ScramError::TooFewIterations(4_095)));
        assert_eq!(read("0"), Err(ScramError::TooFewIterations(0)));
        assert_eq!(read("4096"), Ok(4_096));
        assert_eq!(read("1000000"), Ok(1_000_000));
        assert_eq!(read("1000001"), Err(ScramError::TooManyIterations));
        assert_eq!(read("99999999999999999999"), Err(ScramError::TooManyIterations));
    }

    #[test]
    fn an_error_is_told_without_control_characters() {
        let told = Err(ScramError::Refused("unknown-user".to_owned()));
        assert_eq!(server_final(b"e=unknown-\x1buser,x=1"), told);
    }
}
