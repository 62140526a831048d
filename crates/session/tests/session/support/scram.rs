//! The server's side of SCRAM, written from RFC 5802, section 3, with what a server stores: salt, StoredKey and
//! ServerKey, never the password. It shares nothing with the client under test but the primitives of `ring`.

use std::num::NonZeroU32;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use mqttscope_model::ScramHash;
use ring::{digest, hmac, pbkdf2};

use super::scripted::{AUTH, Packet, packet, varint};

pub const CONTINUE: u8 = 0x18;
pub const REAUTHENTICATE: u8 = 0x19;

/// What a server stores of its user `user`.
pub struct Server {
    hash: ScramHash,
    iterations: u32,
    stored_key: Vec<u8>,
    server_key: Vec<u8>,
}

/// One exchange.
pub struct Challenge {
    pub server_first: String,
    client_first_bare: String,
    pub client_nonce: String,
}

const SALT: &[u8] = b"salt of the user";

impl Server {
    pub fn new(hash: ScramHash, password: &str) -> Self {
        Self::with_iterations(hash, password, 4_096)
    }

    /// The keys are those of a real password; only what the challenge asks for is `iterations`.
    pub fn with_iterations(hash: ScramHash, password: &str, iterations: u32) -> Self {
        let (algorithm, len) = match hash {
            ScramHash::Sha1 => (pbkdf2::PBKDF2_HMAC_SHA1, 20),
            ScramHash::Sha256 => (pbkdf2::PBKDF2_HMAC_SHA256, 32),
            ScramHash::Sha512 => (pbkdf2::PBKDF2_HMAC_SHA512, 64),
        };
        let mut salted = vec![0; len];
        let count = NonZeroU32::new(4_096).unwrap();
        pbkdf2::derive(algorithm, count, SALT, password.as_bytes(), &mut salted);
        let client_key = mac(hash, &salted, b"Client Key");
        let stored_key = digest::digest(digest_of(hash), &client_key).as_ref().to_vec();
        let server_key = mac(hash, &salted, b"Server Key");
        Self { hash, iterations, stored_key, server_key }
    }

    /// Answers client-first-message, which must be as RFC 5802 writes it.
    pub fn challenge(&self, client_first: &[u8]) -> Challenge {
        let text = std::str::from_utf8(client_first).unwrap();
        let bare = text.strip_prefix("n,,").expect("gs2-header");
        let nonce = bare.strip_prefix("n=user,r=").expect("the user's name and a nonce");
        assert!(nonce.len() >= 18 && !nonce.contains(','), "{nonce}");
        let salt = STANDARD.encode(SALT);
        Challenge {
            server_first: format!("r={nonce}%server,s={salt},i={}", self.iterations),
            client_first_bare: bare.to_owned(),
            client_nonce: nonce.to_owned(),
        }
    }

    /// Checks client-final-message and gives server-final-message; none where the proof is wrong.
    pub fn verify(&self, challenge: &Challenge, client_final: &[u8]) -> Option<String> {
        let text = std::str::from_utf8(client_final).unwrap();
        let (unproven, proof) = text.split_once(",p=").expect("a proof");
        assert_eq!(unproven, format!("c=biws,r={}%server", challenge.client_nonce));
        let Challenge { client_first_bare, server_first, .. } = challenge;
        let message = format!("{client_first_bare},{server_first},{unproven}");
        let signature = mac(self.hash, &self.stored_key, message.as_bytes());
        let proof = STANDARD.decode(proof).unwrap();
        let client_key: Vec<u8> = proof.iter().zip(&signature).map(|(a, b)| a ^ b).collect();
        let stored = digest::digest(digest_of(self.hash), &client_key);
        (stored.as_ref() == self.stored_key).then(|| {
            let signature = mac(self.hash, &self.server_key, message.as_bytes());
            format!("v={}", STANDARD.encode(signature))
        })
    }
}

fn digest_of(hash: ScramHash) -> &'static digest::Algorithm {
    match hash {
        ScramHash::Sha1 => &digest::SHA1_FOR_LEGACY_USE_ONLY,
        ScramHash::Sha256 => &digest::SHA256,
        ScramHash::Sha512 => &digest::SHA512,
    }
}

fn mac(hash: ScramHash, key: &[u8], text: &[u8]) -> Vec<u8> {
    let algorithm = match hash {
        ScramHash::Sha1 => hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
        ScramHash::Sha256 => hmac::HMAC_SHA256,
        ScramHash::Sha512 => hmac::HMAC_SHA512,
    };
    hmac::sign(&hmac::Key::new(algorithm, key), text).as_ref().to_vec()
}

/// Authentication Method and, where there is some, Authentication Data as properties.
pub fn properties(method: &str, data: Option<&[u8]>) -> Vec<u8> {
    let mut list = field(0x15, method.as_bytes());
    if let Some(data) = data {
        list.extend(field(0x16, data));
    }
    list
}

fn field(id: u8, value: &[u8]) -> Vec<u8> {
    let len = u16::try_from(value.len()).unwrap().to_be_bytes();
    [&[id], len.as_slice(), value].concat()
}

/// AUTH.
pub fn auth(reason: u8, method: &str, data: Option<&[u8]>) -> Vec<u8> {
    let list = properties(method, data);
    packet(AUTH, &[vec![reason], varint(list.len()), list].concat())
}

/// Reason, method and data of an AUTH packet.
pub fn read_auth(packet: &Packet) -> (u8, String, Option<Vec<u8>>) {
    let (method, data) = read_properties(&packet.body[1..]);
    (packet.body[0], method, data)
}

/// Method and data of a CONNECT that has no other properties.
pub fn read_connect(packet: &Packet) -> (String, Option<Vec<u8>>) {
    read_properties(&packet.body[10..])
}

fn read_properties(bytes: &[u8]) -> (String, Option<Vec<u8>>) {
    let (len, skip) = match bytes[0] {
        low @ 0x80.. => (usize::from(low & 0x7f) | usize::from(bytes[1]) << 7, 2),
        low => (usize::from(low), 1),
    };
    let list = &bytes[skip..skip + len];
    let value = |list: &[u8], id: u8| {
        assert_eq!(list[0], id);
        let len = usize::from(u16::from_be_bytes([list[1], list[2]]));
        list[3..3 + len].to_vec()
    };
    let method = value(list, 0x15);
    let rest = &list[3 + method.len()..];
    let data = (!rest.is_empty()).then(|| value(rest, 0x16));
    assert_eq!(data.as_ref().map_or(0, |data| data.len() + 3), rest.len());
    (String::from_utf8(method).unwrap(), data)
}
