//! The keychain of the operating system, through the crate `keyring`: the Secret Service over
//! D-Bus on Linux, Keychain Services on macOS, the Credential Manager on Windows.

use keyring::{Entry, Error};
use mqttscope_model::{Secret, SecretName};

/// The name under which the keychain shows our entries.
const SERVICE: &str = "MQTTScope";

/// How many UTF-16 code units an entry is given. The Credential Manager takes 2,560 bytes; the others have no limit that
/// matters here.
pub(crate) const MAX_UNITS: usize = if cfg!(windows) { 1_200 } else { usize::MAX };

/// What a keychain said when it failed; never a value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct KeychainFault(pub String);

/// A keychain. Its functions block, perhaps for ever; they are called from one thread.
pub trait Keychain: Send + 'static {
    /// The value of a secret; none where there is none.
    ///
    /// # Errors
    /// [`KeychainFault`] where the keychain cannot say.
    fn get(&mut self, name: &str) -> Result<Option<Secret>, KeychainFault>;

    /// Keeps a value.
    ///
    /// # Errors
    /// [`KeychainFault`] where it was not kept.
    fn set(&mut self, name: &str, value: &Secret) -> Result<(), KeychainFault>;

    /// Removes a value; no error where there is none.
    ///
    /// # Errors
    /// [`KeychainFault`] where it may still be there.
    fn remove(&mut self, name: &str) -> Result<(), KeychainFault>;
}

/// The keychain of the operating system.
#[derive(Clone, Copy, Debug)]
pub struct SystemKeychain;

impl Keychain for SystemKeychain {
    fn get(&mut self, name: &str) -> Result<Option<Secret>, KeychainFault> {
        match entry(name)?.get_password() {
            Ok(value) => Ok(Some(Secret::new(value))),
            Err(Error::NoEntry) => Ok(None),
            Err(error) => Err(fault(&error)),
        }
    }

    fn set(&mut self, name: &str, value: &Secret) -> Result<(), KeychainFault> {
        entry(name)?.set_password(value.expose()).map_err(|error| fault(&error))
    }

    fn remove(&mut self, name: &str) -> Result<(), KeychainFault> {
        match entry(name)?.delete_credential() {
            Ok(()) | Err(Error::NoEntry) => Ok(()),
            Err(error) => Err(fault(&error)),
        }
    }
}

fn entry(name: &str) -> Result<Entry, KeychainFault> {
    Entry::new(SERVICE, name).map_err(|error| match Entry::store_status() {
        // What went wrong when the store was opened says more than that there is none.
        Err(cause) => fault(cause),
        Ok(()) => fault(&error),
    })
}

/// Only `Display`: the library's `Debug` output holds the bytes of a value that is not UTF-8.
fn fault(error: &Error) -> KeychainFault {
    KeychainFault(error.to_string())
}

/// The name of an entry that is there only while a keychain is being tried.
fn probe_name() -> String {
    format!("probe-{}", std::process::id())
}

/// Whether the keychain keeps what it is given: writes, reads and removes a value.
pub(super) fn probe(keychain: &mut impl Keychain) -> Result<(), KeychainFault> {
    let (name, value) = (probe_name(), Secret::new("does the keychain answer?"));
    keychain.set(&name, &value)?;
    let read = keychain.get(&name);
    keychain.remove(&name)?;
    if read? == Some(value) {
        Ok(())
    } else {
        Err(KeychainFault("the keychain does not keep what it is given".to_owned()))
    }
}

/// Whether the keychain answers at all, found out without a change: whoever only reads leaves no trace.
pub(super) fn glance(keychain: &mut impl Keychain) -> Result<(), KeychainFault> {
    keychain.get(&probe_name()).map(drop)
}

/// What a request asks of the keychain.
pub(super) enum Wish {
    Get(SecretName),
    Set(SecretName, Secret),
    Remove(SecretName),
}

impl Wish {
    pub(super) fn fulfil(self, chain: &mut impl Keychain) -> Result<Option<Secret>, KeychainFault> {
        match self {
            Self::Get(name) => chain.get(name.as_str()),
            Self::Set(name, value) => chain.set(name.as_str(), &value).map(|()| None),
            Self::Remove(name) => chain.remove(name.as_str()).map(|()| None),
        }
    }
}
