//! Bytes as text: UTF-8 with or without a byte order mark, and UTF-16 with one. Any other encoding is named instead of
//! guessed, because a wrong guess changes names and passwords without a word.

use std::borrow::Cow;

use crate::error::{ImportError, ImportFault, Place};

/// The text that bytes hold.
pub(super) fn decode(bytes: &[u8]) -> Result<Cow<'_, str>, ImportError> {
    let utf16 = |bytes: &[u8], unit: fn([u8; 2]) -> u16| {
        let (pairs, rest) = bytes.as_chunks::<2>();
        let text = char::decode_utf16(pairs.iter().map(|pair| unit(*pair))).collect();
        let text: Result<String, _> = text;
        match text {
            Ok(text) if rest.is_empty() => Ok(Cow::Owned(text)),
            _ => Err(ImportError::new(Place::Whole, ImportFault::Encoding)),
        }
    };
    match bytes {
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes),
        [0xef, 0xbb, 0xbf, rest @ ..] => utf8(rest),
        all => utf8(all),
    }
}

fn utf8(bytes: &[u8]) -> Result<Cow<'_, str>, ImportError> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(Cow::Borrowed(text)),
        Err(error) => {
            let place = Place::of_byte(bytes, error.valid_up_to());
            Err(ImportError::new(place, ImportFault::Encoding))
        }
    }
}
