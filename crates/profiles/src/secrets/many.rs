//! Several secrets at once: all of them or none, and taken back where what they belong to cannot be saved.

use std::collections::BTreeMap;

use mqttscope_model::{Secret, SecretName};

use super::thread::Verdict;
use super::{KeychainThread, SecretStore};
use crate::error::SecretError;

/// What was there before [`SecretStore::set_all`].
#[derive(Debug, Default)]
#[must_use = "without it nothing can be taken back"]
pub struct Before(Vec<(SecretName, Option<Secret>)>);

impl SecretStore {
    /// Keeps values in the store that [`Self::kind`] names; gives what [`Self::put_back`] needs.
    ///
    /// # Errors
    /// [`SecretError`] where one cannot be kept; then all are as they were, as far as the store lets them.
    pub fn set_all(&self, values: &[(SecretName, Secret)]) -> Result<Before, SecretError> {
        if values.is_empty() {
            return Ok(Before::default());
        }
        let mut in_file = self.file.read()?;
        let names = values.iter().map(|(name, _)| name);
        let mut before: Vec<_> = names
            .map(|name| (name.clone(), in_file.remove(name.as_str()).map(Secret::new)))
            .collect();
        match (&self.keychain, self.verdict()) {
            (Some(keychain), Verdict::Answers) => {
                for (name, value) in &mut before {
                    if value.is_none() {
                        *value = keychain.get(name)?;
                    }
                }
                self.set_in_keychain(keychain, values, &before)?;
            }
            _ => self
                .file
                .change(|secrets| {
                    for (name, value) in values {
                        secrets.insert(name.as_str().to_owned(), value.expose().to_owned());
                    }
                    true
                })
                .map(drop)?,
        }
        Ok(Before(before))
    }

    fn set_in_keychain(
        &self,
        keychain: &KeychainThread,
        values: &[(SecretName, Secret)],
        before: &[(SecretName, Option<Secret>)],
    ) -> Result<(), SecretError> {
        for (done, (name, value)) in values.iter().enumerate() {
            if let Err(error) = keychain.set(name, value) {
                self.put_back(Before(before.iter().take(done).cloned().collect()));
                return Err(error);
            }
        }
        // A value in the file would count for the newer one.
        self.remove_from_file(values.iter().map(|(name, _)| name)).map(drop)
    }

    /// Takes [`Self::set_all`] back. What cannot be taken back is told in the log: the caller has an error already.
    pub fn put_back(&self, before: Before) {
        for (name, value) in before.0 {
            let done = match &value {
                Some(value) => self.set(&name, value),
                None => self.remove(&name),
            };
            if let Err(error) = done {
                tracing::warn!(name = name.as_str(), %error, "a secret could not be taken back");
            }
        }
    }

    /// Removes secrets from all stores. It is no error where there was none.
    ///
    /// # Errors
    /// [`SecretError`] where a store that may hold one cannot be changed; then some may be removed.
    pub fn remove_all(&self, names: &[SecretName]) -> Result<(), SecretError> {
        if names.is_empty() {
            return Ok(());
        }
        let were_in_file = self.remove_from_file(names.iter())?;
        match (&self.keychain, self.verdict()) {
            (Some(keychain), Verdict::Answers) => {
                names.iter().try_for_each(|name| keychain.remove(name))
            }
            (_, Verdict::Silent) if !were_in_file => Err(SecretError::KeychainSilent),
            _ => Ok(()),
        }
    }

    /// Whether all of them were in it.
    fn remove_from_file<'a>(
        &self,
        names: impl Iterator<Item = &'a SecretName>,
    ) -> Result<bool, SecretError> {
        let mut all = true;
        self.file.change(|secrets: &mut BTreeMap<String, String>| {
            let before = secrets.len();
            for name in names {
                all &= secrets.remove(name.as_str()).is_some();
            }
            secrets.len() != before
        })?;
        Ok(all)
    }
}
