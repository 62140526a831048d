//! Private keys in PEM: PKCS#8, PKCS#1 and SEC1, in clear, encrypted as PKCS#8 (RFC 5958) or in OpenSSL's traditional form.
//!
//! The traditional form derives its key with one round of MD5. It protects little, but it is what `openssl genrsa -aes256`
//! wrote for twenty years, so keys in it must be read; nothing here writes it.

use aes::{Aes128, Aes192, Aes256};
use cbc::Decryptor;
use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::{BlockCipherDecrypt, BlockModeDecrypt, KeyInit, KeyIvInit};
use des::TdesEde3;
use md5::{Digest, Md5};
use mqttscope_model::Secret;
use pkcs8::EncryptedPrivateKeyInfoRef;
use pkcs8::pkcs5::{self, EncryptionScheme, pbes2};
use rustls::pki_types::PrivateKeyDer;

use super::pem::{self, Block};
use super::source::Source;
use crate::error::DialCause;

/// More rounds than this are no protection but an attack; OpenSSL's default is 2,048, the advice of 2023 is 600,000.
const MAX_ROUNDS: u32 = 10_000_000;

/// The most memory that scrypt may take, in bytes.
const MAX_SCRYPT: u64 = 1 << 30;

const ENCRYPTED: &str = "ENCRYPTED PRIVATE KEY";

/// The first private key of a PEM text. Takes as long as the key's encryption wants: call it where that may block.
pub(super) fn open(
    source: &Source,
    passphrase: Option<&Secret>,
) -> Result<PrivateKeyDer<'static>, DialCause> {
    let text = String::from_utf8_lossy(&source.bytes);
    let is_key = |label: &str| label == ENCRYPTED || plain(label, Vec::new()).is_some();
    let path = || source.shown.clone();
    let invalid = || DialCause::FileInvalid { path: path(), wanted: "private key" };
    let block = pem::blocks(&text).into_iter().find(|block| is_key(&block.label));
    let block = block.ok_or_else(invalid)?;
    let traditional = block.header("Proc-Type").is_some_and(|kind| kind.contains("ENCRYPTED"));
    if block.label != ENCRYPTED && !traditional {
        return plain(&block.label, block.der).ok_or_else(invalid);
    }
    let passphrase = passphrase.ok_or_else(|| DialCause::KeyEncrypted { path: path() })?;
    let opened = if traditional {
        open_traditional(&block, passphrase)
    } else {
        open_pkcs8(&block.der, passphrase)
    };
    match opened {
        Ok(key) => Ok(key),
        Err(Refusal::Passphrase) => Err(DialCause::PassphraseWrong { path: path() }),
        Err(Refusal::Unsupported(reason)) => {
            Err(DialCause::EncryptionUnsupported { path: path(), reason })
        }
        Err(Refusal::Broken) => Err(invalid()),
    }
}

fn plain(label: &str, der: Vec<u8>) -> Option<PrivateKeyDer<'static>> {
    Some(match label {
        "PRIVATE KEY" => PrivateKeyDer::Pkcs8(der.into()),
        "RSA PRIVATE KEY" => PrivateKeyDer::Pkcs1(der.into()),
        "EC PRIVATE KEY" => PrivateKeyDer::Sec1(der.into()),
        _ => return None,
    })
}

/// Why an encrypted key was not opened.
enum Refusal {
    Passphrase,
    Unsupported(String),
    Broken,
}

fn open_pkcs8(der: &[u8], passphrase: &Secret) -> Result<PrivateKeyDer<'static>, Refusal> {
    let info = EncryptedPrivateKeyInfoRef::try_from(der).map_err(|error| {
        // A scheme that the library does not know and a cut file look alike to it.
        if whole(der) { Refusal::Unsupported(error.to_string()) } else { Refusal::Broken }
    })?;
    if let EncryptionScheme::Pbes2(parameters) = &info.encryption_algorithm {
        affordable(&parameters.kdf)?;
    }
    match info.decrypt(passphrase.expose().as_bytes()) {
        Ok(key) => Ok(PrivateKeyDer::Pkcs8(key.as_bytes().to_vec().into())),
        Err(pkcs8::Error::EncryptedPrivateKey(
            error @ (pkcs5::Error::NoPbes1CryptSupport
            | pkcs5::Error::UnsupportedAlgorithm { .. }
            | pkcs5::Error::AlgorithmParametersInvalid { .. }),
        )) => Err(Refusal::Unsupported(error.to_string())),
        // Bad padding, or what came out is no key: once in some hundred the padding looks right by chance.
        Err(_) => Err(Refusal::Passphrase),
    }
}

fn affordable(kdf: &pbes2::Kdf) -> Result<(), Refusal> {
    let dear = match kdf {
        pbes2::Kdf::Pbkdf2(parameters) => parameters.iteration_count > MAX_ROUNDS,
        pbes2::Kdf::Scrypt(parameters) => {
            let memory = parameters
                .cost_parameter
                .checked_mul(u64::from(parameters.block_size))
                .and_then(|blocks| blocks.checked_mul(128));
            memory.is_none_or(|memory| memory > MAX_SCRYPT) || parameters.parallelization > 16
        }
        _ => false,
    };
    if dear {
        return Err(Refusal::Unsupported("its key derivation takes too long".to_owned()));
    }
    Ok(())
}

fn open_traditional(block: &Block, passphrase: &Secret) -> Result<PrivateKeyDer<'static>, Refusal> {
    let info = block.header("DEK-Info").ok_or(Refusal::Broken)?;
    let (cipher, iv) = info.split_once(',').ok_or(Refusal::Broken)?;
    let iv = unhex(iv.trim()).ok_or(Refusal::Broken)?;
    let salt = iv.get(..8).ok_or(Refusal::Broken)?;
    let key = |bytes| derive(passphrase.expose().as_bytes(), salt, bytes);
    let der = match cipher.trim().to_ascii_uppercase().as_str() {
        "AES-128-CBC" => decrypt::<Aes128>(&key(16), &iv, &block.der),
        "AES-192-CBC" => decrypt::<Aes192>(&key(24), &iv, &block.der),
        "AES-256-CBC" => decrypt::<Aes256>(&key(32), &iv, &block.der),
        "DES-EDE3-CBC" => decrypt::<TdesEde3>(&key(24), &iv, &block.der),
        other => return Err(Refusal::Unsupported(other.to_owned())),
    }?;
    if !whole(&der) {
        return Err(Refusal::Passphrase);
    }
    plain(&block.label, der).ok_or(Refusal::Broken)
}

/// OpenSSL's `EVP_BytesToKey` with MD5 and one round.
fn derive(passphrase: &[u8], salt: &[u8], wanted: usize) -> Vec<u8> {
    let mut key: Vec<u8> = Vec::new();
    let mut last: Vec<u8> = Vec::new();
    while key.len() < wanted {
        let digest =
            Md5::new().chain_update(&last).chain_update(passphrase).chain_update(salt).finalize();
        last = digest.to_vec();
        key.extend_from_slice(&last);
    }
    key.truncate(wanted);
    key
}

fn decrypt<C: BlockCipherDecrypt + KeyInit>(
    key: &[u8],
    iv: &[u8],
    data: &[u8],
) -> Result<Vec<u8>, Refusal> {
    let decryptor = Decryptor::<C>::new_from_slices(key, iv).map_err(|_| Refusal::Broken)?;
    decryptor.decrypt_padded_vec::<Pkcs7>(data).map_err(|_| Refusal::Passphrase)
}

/// Whether `der` is one SEQUENCE from its first byte to its last.
fn whole(der: &[u8]) -> bool {
    x509_parser::der_parser::der::parse_der(der)
        .is_ok_and(|(rest, object)| rest.is_empty() && object.as_sequence().is_ok())
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let pairs = text.as_bytes().chunks(2);
    pairs
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
        .collect::<Option<Vec<u8>>>()
        .filter(|bytes| bytes.len() * 2 == text.len())
}
