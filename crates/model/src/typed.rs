//! Bytes as a person types them.
//!
//! The text is kept as it was typed, with the format it is in, so that a payload typed as hex comes back as hex
//! and a half-typed one is not lost; [`TypedBytes::bytes`] resolves it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// How typed text becomes bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ByteFormat {
    /// UTF-8, as it is.
    #[default]
    Text,
    /// UTF-8, as it is, which must be JSON.
    Json,
    /// Hexadecimal digits; white space between bytes is ignored.
    Hex,
    /// Base64 (RFC 4648, section 4); white space is ignored.
    Base64,
}

/// Text and what it stands for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct TypedBytes {
    /// How the text is read.
    pub format: ByteFormat,
    /// What was typed.
    pub text: String,
}

/// Why typed text stands for no bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TypedBytesError {
    /// It is no JSON.
    #[error("this is not JSON")]
    NotJson,
    /// Something else than hexadecimal digits, or half a byte.
    #[error("this is not hexadecimal")]
    NotHex,
    /// It is no Base64.
    #[error("this is not Base64")]
    NotBase64,
}

impl TypedBytesError {
    /// The format that the text should have.
    pub fn format(self) -> &'static str {
        match self {
            Self::NotJson => "json",
            Self::NotHex => "hex",
            Self::NotBase64 => "base64",
        }
    }
}

impl TypedBytes {
    /// Plain text.
    pub fn text(text: impl Into<String>) -> Self {
        Self { format: ByteFormat::Text, text: text.into() }
    }

    /// Text where `bytes` are UTF-8, else Base64.
    pub fn of_bytes(bytes: &[u8]) -> Self {
        match std::str::from_utf8(bytes) {
            Ok(text) => Self::text(text),
            Err(_) => Self { format: ByteFormat::Base64, text: STANDARD.encode(bytes) },
        }
    }

    /// The bytes that the text stands for.
    ///
    /// # Errors
    /// The text does not follow its format.
    pub fn bytes(&self) -> Result<Vec<u8>, TypedBytesError> {
        match self.format {
            ByteFormat::Text => Ok(self.text.as_bytes().to_vec()),
            ByteFormat::Json => {
                serde_json::from_str::<&serde_json::value::RawValue>(&self.text)
                    .map_err(|_| TypedBytesError::NotJson)?;
                Ok(self.text.as_bytes().to_vec())
            }
            ByteFormat::Hex => hex(&self.text).ok_or(TypedBytesError::NotHex),
            ByteFormat::Base64 => {
                let packed: String = self.text.split_ascii_whitespace().collect();
                STANDARD.decode(packed).map_err(|_| TypedBytesError::NotBase64)
            }
        }
    }
}

fn hex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> = text
        .chars()
        .filter(|c| !c.is_ascii_whitespace())
        .map(|c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok()))
        .collect();
    let digits = digits?;
    let (pairs, rest) = digits.as_chunks::<2>();
    rest.is_empty().then(|| pairs.iter().map(|[high, low]| high << 4 | low).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(format: ByteFormat, text: &str) -> Result<Vec<u8>, TypedBytesError> {
        TypedBytes { format, text: text.to_owned() }.bytes()
    }

    #[test]
    fn each_format_is_read_by_its_own_rules() {
        use ByteFormat::{Base64, Hex, Json, Text};
        use TypedBytesError::{NotBase64, NotHex, NotJson};
        assert_eq!(bytes(Text, "a b"), Ok(b"a b".to_vec()));
        assert_eq!(bytes(Json, "{\"a\": 1.0}"), Ok(b"{\"a\": 1.0}".to_vec()));
        assert_eq!(bytes(Json, "{"), Err(NotJson));
        assert_eq!(bytes(Json, ""), Err(NotJson));
        assert_eq!(bytes(Hex, "a1B2 c3\n"), Ok(vec![0xa1, 0xb2, 0xc3]));
        assert_eq!(bytes(Hex, ""), Ok(Vec::new()));
        assert_eq!(bytes(Hex, "a1b"), Err(NotHex));
        assert_eq!(bytes(Hex, "0x12"), Err(NotHex));
        assert_eq!(bytes(Base64, "/w\nA="), Ok(vec![0xff, 0]));
        assert_eq!(bytes(Base64, "/w"), Err(NotBase64));
    }

    #[test]
    fn any_bytes_can_be_written_and_read_back() {
        for sample in [&b"on"[..], &[0xff, 0], &[]] {
            assert_eq!(TypedBytes::of_bytes(sample).bytes().as_deref(), Ok(sample));
        }
    }
}
