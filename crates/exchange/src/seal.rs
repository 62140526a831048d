//! Secrets in a document: encrypted with a passphrase in the age format, or not at all.
//!
//! The format is a published one (<https://age-encryption.org/v1>), so that secrets can be had with the `age` program
//! too. How much work a file may demand before its passphrase is known is bounded: without that, a file of
//! a few bytes could take all memory.

use std::collections::BTreeMap;

use age::scrypt;
use age::secrecy::SecretString;
use mqttscope_model::{ProfileId, Secret, SecretSlot, Secrets};

/// scrypt's work factor when writing, as a power of two: 256 MiB and about a second, as the `age` program has it.
const WORK: u8 = 18;
/// The most that is done for a file: twice that.
const MOST_WORK: u8 = 19;

/// The secrets of several profiles.
pub type SecretsOf = BTreeMap<ProfileId, Secrets>;

/// Why sealed secrets could not be opened, or not be sealed. Never says anything of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// The passphrase is another one.
    #[error("the passphrase is not the one that the secrets were encrypted with")]
    WrongPassphrase,
    /// Opening would take more memory and time than a file of ours asks for.
    #[error("the encrypted secrets demand a work factor of {0}; at most {MOST_WORK} is done")]
    TooMuchWork(u8),
    /// What is there is not in the age format, was changed, or holds something else than secrets.
    #[error("the encrypted secrets are damaged")]
    Damaged,
}

/// Encrypts secrets into text that stands by itself (`-----BEGIN AGE ENCRYPTED FILE-----`). Takes about a second of
/// computing.
///
/// # Errors
/// [`SealError::Damaged`] where the library fails at it.
pub fn seal(secrets: &SecretsOf, passphrase: &Secret) -> Result<String, SealError> {
    let mut recipient = scrypt::Recipient::new(SecretString::from(passphrase.expose()));
    recipient.set_work_factor(WORK);
    let plain: BTreeMap<&str, BTreeMap<String, &str>> = secrets
        .iter()
        .filter(|(_, of_one)| !of_one.0.is_empty())
        .map(|(id, of_one)| {
            let values = of_one.0.iter();
            (id.as_str(), values.map(|(slot, value)| (slot.to_string(), value.expose())).collect())
        })
        .collect();
    let plain = serde_json::to_vec(&plain).map_err(|_| SealError::Damaged)?;
    age::encrypt_and_armor(&recipient, &plain).map_err(|_| SealError::Damaged)
}

/// Decrypts what [`seal`] made. Takes about a second of computing.
///
/// # Errors
/// [`SealError`]; a wrong passphrase is one of its own.
pub fn open(sealed: &[u8], passphrase: &Secret) -> Result<SecretsOf, SealError> {
    let mut identity = scrypt::Identity::new(SecretString::from(passphrase.expose()));
    identity.set_max_work_factor(MOST_WORK);
    let plain = age::decrypt(&identity, sealed).map_err(|error| match error {
        age::DecryptError::DecryptionFailed
        | age::DecryptError::KeyDecryptionFailed
        | age::DecryptError::NoMatchingKeys => SealError::WrongPassphrase,
        age::DecryptError::ExcessiveWork { required, .. } => SealError::TooMuchWork(required),
        _ => SealError::Damaged,
    })?;
    let read: BTreeMap<String, BTreeMap<String, Secret>> =
        serde_json::from_slice(&plain).map_err(|_| SealError::Damaged)?;
    let mut opened = SecretsOf::new();
    for (id, values) in read {
        let id = ProfileId::new(id).ok_or(SealError::Damaged)?;
        let mut secrets = Secrets::default();
        for (slot, value) in values {
            secrets.insert(SecretSlot::parse(&slot).ok_or(SealError::Damaged)?, value);
        }
        opened.insert(id, secrets);
    }
    Ok(opened)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one() -> SecretsOf {
        let mut secrets = Secrets::default();
        secrets.insert(SecretSlot::Password, Secret::new("hunter2 \u{0} ünï"));
        secrets.insert(SecretSlot::header("Cookie"), Secret::new(""));
        BTreeMap::from([(ProfileId::new("a").unwrap(), secrets)])
    }

    #[test]
    fn what_is_sealed_opens_with_its_passphrase_only() {
        let passphrase = Secret::new("correct horse");
        let sealed = seal(&one(), &passphrase).unwrap();
        assert!(sealed.starts_with("-----BEGIN AGE ENCRYPTED FILE-----"), "{sealed}");
        assert!(!sealed.contains("hunter2"));
        assert_eq!(open(sealed.as_bytes(), &passphrase), Ok(one()));
        let wrong = open(sealed.as_bytes(), &Secret::new("correct hors"));
        assert_eq!(wrong, Err(SealError::WrongPassphrase));
    }

    #[test]
    fn damaged_and_hostile_seals_are_refused_at_once() {
        let passphrase = Secret::new("p");
        for text in ["", "-----BEGIN AGE ENCRYPTED FILE-----", "age-encryption.org/v1\n", "x"] {
            assert_eq!(open(text.as_bytes(), &passphrase), Err(SealError::Damaged), "{text:?}");
        }
        let mut recipient = scrypt::Recipient::new(SecretString::from("p"));
        recipient.set_work_factor(1);
        let sealed = age::encrypt(&recipient, b"{}").unwrap();
        let line_end = sealed.windows(3).position(|window| window == b" 1\n").unwrap();
        let huge = [&sealed[..line_end], b" 40\n", &sealed[line_end + 3..]].concat();
        assert_eq!(open(&huge, &passphrase), Err(SealError::TooMuchWork(40)));
    }
}
