//! Where secrets are kept: the keychain where one answers, else a file.
//!
//! Whether a keychain answers is found out by using it: a value is written, read and removed. A
//! keychain may also not answer at all: its process hangs, or it waits for the user to unlock it.
//! So it lives in a thread of its own, everybody waits with a limit, and until it has
//! answered for the first time secrets go to the file. When it answers later, it is used from then on.
//!
//! A value that is in the file is always newer than one in the keychain, because writing to the
//! keychain removes it from the file; so the file is asked first.

mod file;
pub(crate) mod keychain;
mod many;
pub(crate) mod split;
mod thread;

use std::path::{Path, PathBuf};
use std::time::Duration;

use mqttscope_model::{Profile, Secret, SecretName, Secrets};

use crate::error::SecretError;
use crate::files;
use file::SecretFile;
use keychain::{Keychain, SystemKeychain};
pub use many::Before;
use split::Split;
use thread::{KeychainThread, Trial, Verdict};

/// Which store secrets are written to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretStoreKind {
    /// The operating system's keychain: Secret Service, Keychain Services, Credential Manager.
    Keychain,
    /// A file that only this user can read; the values in it are not encrypted.
    File {
        /// The file's path.
        path: PathBuf,
    },
}

/// How long the keychain is waited for.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// From the opening of the store to the keychain's first answer.
    pub first_answer: Duration,
    /// For each call, during which the user may be asked to unlock the keychain.
    pub call: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { first_answer: Duration::from_secs(3), call: Duration::from_secs(20) }
    }
}

/// The secrets of all profiles.
#[derive(Debug)]
pub struct SecretStore {
    file: SecretFile,
    keychain: Option<KeychainThread>,
}

impl SecretStore {
    /// Opens the store and begins to ask for the keychain of the operating system; does not wait
    /// for it. The file, where it is needed, is `<config_dir>/secrets.json`.
    ///
    /// # Errors
    /// [`SecretError::File`] where the folder cannot be made or a file in it not be made private.
    pub fn open(config_dir: &Path) -> Result<Self, SecretError> {
        let keychain = Split::new(SystemKeychain, keychain::MAX_UNITS);
        Self::with_keychain(config_dir, keychain, Limits::default())
    }

    /// A store with a given keychain.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn with_keychain(
        config_dir: &Path,
        keychain: impl Keychain,
        limits: Limits,
    ) -> Result<Self, SecretError> {
        let mut store = Self::in_file(config_dir)?;
        store.keychain = KeychainThread::start(keychain, limits, Trial::Writing)
            .inspect_err(|error| tracing::warn!(%error, "no thread for the keychain"))
            .ok();
        Ok(store)
    }

    /// A store that uses the file and never asks for a keychain.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn in_file(config_dir: &Path) -> Result<Self, SecretError> {
        let path = config_dir.join("secrets.json");
        let failed = |cause| SecretError::File { file: path.clone(), cause };
        files::make_folder(config_dir).map_err(failed)?;
        files::remove_leftovers(config_dir).map_err(failed)?;
        if path.exists() {
            files::make_private(&path).map_err(failed)?;
        }
        Ok(Self { file: SecretFile::new(path), keychain: None })
    }

    /// A store that is only read from, beside an application that may be running: neither the folder nor
    /// the keychain is written to, not even to try it. The caller keeps to reading.
    pub(crate) fn to_read(config_dir: &Path, keychain: impl Keychain, limits: Limits) -> Self {
        let keychain = KeychainThread::start(keychain, limits, Trial::Reading)
            .inspect_err(|error| tracing::warn!(%error, "no thread for the keychain"))
            .ok();
        Self { file: SecretFile::new(config_dir.join("secrets.json")), keychain }
    }

    /// Which store a secret would be written to now. Waits for the keychain's first answer, at most
    /// [`Limits::first_answer`] after the opening. It changes once where the keychain answers late.
    pub fn kind(&self) -> SecretStoreKind {
        match self.verdict() {
            Verdict::Answers => SecretStoreKind::Keychain,
            Verdict::Silent | Verdict::Absent(_) => {
                SecretStoreKind::File { path: self.file.path().to_owned() }
            }
        }
    }

    /// Why the keychain is not used, in its own words; none where it is.
    pub fn why_no_keychain(&self) -> Option<String> {
        match self.verdict() {
            Verdict::Answers => None,
            Verdict::Silent => Some(SecretError::KeychainSilent.to_string()),
            Verdict::Absent(words) => Some(words),
        }
    }

    /// The value of a secret; none where no store holds it.
    ///
    /// # Errors
    /// [`SecretError`] where a store that may hold it cannot be read.
    pub fn get(&self, name: &SecretName) -> Result<Option<Secret>, SecretError> {
        let in_file = self.file.get(name);
        if matches!(in_file, Ok(Some(_))) {
            return in_file;
        }
        let in_keychain = match (&self.keychain, self.verdict()) {
            (Some(keychain), Verdict::Answers) => keychain.get(name)?,
            (_, Verdict::Silent) => return Err(SecretError::KeychainSilent),
            _ => None,
        };
        match in_keychain {
            Some(secret) => Ok(Some(secret)),
            None => in_file,
        }
    }

    /// The values of all secrets that a profile names. A name that is another profile's counts for
    /// missing: a file from elsewhere must not send that profile's password to its own broker.
    ///
    /// # Errors
    /// [`SecretError::Missing`] where the profile names a secret and no store holds it; else as
    /// [`Self::get`].
    pub fn of(&self, profile: &Profile) -> Result<Secrets, SecretError> {
        let mut found = Secrets::default();
        for (slot, name) in profile.secrets() {
            if name != SecretName::of(&profile.id, &slot) {
                return Err(SecretError::Missing);
            }
            let value = self.get(&name)?.ok_or(SecretError::Missing)?;
            found.insert(slot, value);
        }
        Ok(found)
    }

    /// Keeps a secret in the store that [`Self::kind`] names.
    ///
    /// # Errors
    /// [`SecretError`] where that store cannot be written to; then the value is as it was.
    pub fn set(&self, name: &SecretName, value: &Secret) -> Result<(), SecretError> {
        match (&self.keychain, self.verdict()) {
            (Some(keychain), Verdict::Answers) => {
                keychain.set(name, value)?;
                self.file.remove(name).map(|_| ())
            }
            _ => self.file.set(name, value),
        }
    }

    /// Removes a secret from all stores. It is no error where there was none.
    ///
    /// # Errors
    /// [`SecretError`] where a store that may hold it cannot be changed.
    pub fn remove(&self, name: &SecretName) -> Result<(), SecretError> {
        let was_in_file = self.file.remove(name)?;
        match (&self.keychain, self.verdict()) {
            (Some(keychain), Verdict::Answers) => keychain.remove(name),
            (_, Verdict::Silent) if !was_in_file => Err(SecretError::KeychainSilent),
            _ => Ok(()),
        }
    }

    fn verdict(&self) -> Verdict {
        match &self.keychain {
            Some(keychain) => keychain.verdict(),
            None => Verdict::Absent("no keychain was asked for".to_owned()),
        }
    }
}
