//! The functions of RFC 5802, section 2.2, for each hash.

use std::num::NonZeroU32;

use mqttscope_model::ScramHash;
use ring::{digest, hmac, pbkdf2};

/// The longest of the digests in bytes.
const LONGEST: usize = digest::SHA512_OUTPUT_LEN;

/// A digest or a key of a digest's length.
#[derive(Clone)]
pub(super) struct Bytes {
    bytes: [u8; LONGEST],
    len: usize,
}

impl AsRef<[u8]> for Bytes {
    fn as_ref(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }
}

impl Bytes {
    fn zero(len: usize) -> Self {
        Self { bytes: [0; LONGEST], len: len.min(LONGEST) }
    }

    fn of(from: &[u8]) -> Self {
        let mut all = Self::zero(from.len());
        for (to, from) in all.bytes.iter_mut().zip(from) {
            *to = *from;
        }
        all
    }

    /// Exclusive or, byte by byte.
    pub(super) fn xor(mut self, other: &Self) -> Self {
        for (to, from) in self.bytes.iter_mut().zip(other.bytes) {
            *to ^= from;
        }
        self
    }
}

fn hmac_of(hash: ScramHash) -> hmac::Algorithm {
    match hash {
        ScramHash::Sha1 => hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
        ScramHash::Sha256 => hmac::HMAC_SHA256,
        ScramHash::Sha512 => hmac::HMAC_SHA512,
    }
}

/// HMAC(key, text).
pub(super) fn hmac(hash: ScramHash, key: &Bytes, text: &[u8]) -> Bytes {
    Bytes::of(hmac::sign(&hmac::Key::new(hmac_of(hash), key.as_ref()), text).as_ref())
}

/// Whether `tag` is HMAC(key, text), in a time that does not tell where it differs.
pub(super) fn is_hmac(hash: ScramHash, key: &Bytes, text: &[u8], tag: &[u8]) -> bool {
    hmac::verify(&hmac::Key::new(hmac_of(hash), key.as_ref()), text, tag).is_ok()
}

/// H(text).
pub(super) fn h(hash: ScramHash, text: &Bytes) -> Bytes {
    let algorithm = match hash {
        ScramHash::Sha1 => &digest::SHA1_FOR_LEGACY_USE_ONLY,
        ScramHash::Sha256 => &digest::SHA256,
        ScramHash::Sha512 => &digest::SHA512,
    };
    Bytes::of(digest::digest(algorithm, text.as_ref()).as_ref())
}

/// Hi(password, salt, iterations).
pub(super) fn hi(hash: ScramHash, password: &str, salt: &[u8], iterations: NonZeroU32) -> Bytes {
    let (algorithm, len) = match hash {
        ScramHash::Sha1 => (pbkdf2::PBKDF2_HMAC_SHA1, digest::SHA1_OUTPUT_LEN),
        ScramHash::Sha256 => (pbkdf2::PBKDF2_HMAC_SHA256, digest::SHA256_OUTPUT_LEN),
        ScramHash::Sha512 => (pbkdf2::PBKDF2_HMAC_SHA512, digest::SHA512_OUTPUT_LEN),
    };
    let mut salted = Bytes::zero(len);
    let room = salted.bytes.get_mut(..len).unwrap_or_default();
    pbkdf2::derive(algorithm, iterations, salt, password.as_bytes(), room);
    salted
}
