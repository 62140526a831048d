//! Profiles, presets and secrets for a program that runs beside the application.
//!
//! The application is the only writer of its folders and holds a lock for that. A second program may look, as long as
//! it leaves no trace: it makes no folder, tidies nothing up, and does not try the keychain by writing to it. The price is
//! that a keychain which answers and keeps nothing is taken for one that has no such value.

use std::path::{Path, PathBuf};

use mqttscope_model::{Preset, Profile, Secrets};

use crate::error::{ProfileError, SecretError};
use crate::presets::PresetStore;
use crate::secrets::keychain::{self, Keychain, SystemKeychain};
use crate::secrets::split::Split;
use crate::secrets::{Limits, SecretStore};
use crate::store::{Listing, ProfileStore};

/// Reads what the application keeps below a folder, and changes nothing.
#[derive(Debug)]
pub struct Reader {
    profiles: ProfileStore,
    config_dir: PathBuf,
}

impl Reader {
    /// A reader of this folder, whether it is there or not. Nothing is read yet.
    pub fn new(config_dir: &Path) -> Self {
        Self { profiles: ProfileStore::to_read(config_dir), config_dir: config_dir.to_owned() }
    }

    /// All profiles with their folders, and the files that are neither. Without a folder there are none.
    ///
    /// # Errors
    /// [`ProfileError::Folder`] where the folder is there and cannot be read.
    pub fn list(&self) -> Result<Listing, ProfileError> {
        self.profiles.list()
    }

    /// The person's own presets, by name.
    pub fn presets(&self) -> Vec<Preset> {
        PresetStore::new(&self.config_dir).list()
    }

    /// The values of all secrets that a profile names, out of the file or the keychain of the operating system, which may
    /// ask a person to allow it. A profile without secrets asks nothing.
    ///
    /// # Errors
    /// As [`SecretStore::of`].
    pub fn secrets_of(&self, profile: &Profile) -> Result<Secrets, SecretError> {
        self.secrets_with(Split::new(SystemKeychain, keychain::MAX_UNITS), profile)
    }

    fn secrets_with(
        &self,
        keychain: impl Keychain,
        profile: &Profile,
    ) -> Result<Secrets, SecretError> {
        if profile.secrets().is_empty() {
            return Ok(Secrets::default());
        }
        SecretStore::to_read(&self.config_dir, keychain, Limits::default()).of(profile)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use mqttscope_model::{ProfileId, Secret, SecretName, SecretSlot};

    use super::*;
    use crate::KeychainFault;

    /// Fails a test that writes.
    struct Sealed(BTreeMap<String, Secret>);

    impl Keychain for Sealed {
        fn get(&mut self, name: &str) -> Result<Option<Secret>, KeychainFault> {
            Ok(self.0.get(name).cloned())
        }

        fn set(&mut self, name: &str, _: &Secret) -> Result<(), KeychainFault> {
            panic!("{name} was written")
        }

        fn remove(&mut self, name: &str) -> Result<(), KeychainFault> {
            panic!("{name} was removed")
        }
    }

    fn profile(name: &str) -> Profile {
        let mut profile = Profile::new(ProfileId::new(name).unwrap(), "c".to_owned());
        profile.name = name.to_owned();
        profile.password = Some(SecretName::password_of(&profile.id));
        profile
    }

    fn files(folder: &Path) -> Vec<PathBuf> {
        let mut found = Vec::new();
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                found.extend(files(&path));
            }
            found.push(path);
        }
        found.sort();
        found
    }

    #[test]
    fn what_is_kept_is_read_and_nothing_is_written_or_tidied_up() {
        let folder = tempfile::tempdir().unwrap();
        let (in_file, in_keychain) = (profile("a"), profile("b"));
        let store = ProfileStore::open(folder.path()).unwrap();
        store.save(&in_file).unwrap();
        store.save(&in_keychain).unwrap();
        let value = Secret::new("hunter2");
        let name = SecretName::password_of(&in_file.id);
        SecretStore::in_file(folder.path()).unwrap().set(&name, &value).unwrap();
        // The application is writing this one at the moment.
        std::fs::write(folder.path().join("profiles/.half.tmp"), "{").unwrap();
        let before = files(folder.path());

        let reader = Reader::new(folder.path());
        assert_eq!(reader.list().unwrap().profiles, [in_file.clone(), in_keychain.clone()]);
        assert!(reader.presets().is_empty());
        let held = SecretName::password_of(&in_keychain.id).as_str().to_owned();
        for profile in [&in_file, &in_keychain] {
            let keychain = Sealed(BTreeMap::from([(held.clone(), value.clone())]));
            let secrets = reader.secrets_with(keychain, profile).unwrap();
            assert_eq!(secrets.get(&SecretSlot::Password), Some(&value));
        }
        let nowhere = reader.secrets_with(Sealed(BTreeMap::new()), &in_keychain);
        assert!(matches!(nowhere, Err(SecretError::Missing)));
        assert_eq!(files(folder.path()), before);
    }

    #[test]
    fn a_folder_that_is_not_there_holds_nothing_and_is_not_made() {
        let folder = tempfile::tempdir().unwrap();
        let nowhere = folder.path().join("none");
        let reader = Reader::new(&nowhere);
        assert!(reader.list().unwrap().profiles.is_empty());
        assert!(reader.presets().is_empty());
        assert!(!nowhere.exists());
    }
}
