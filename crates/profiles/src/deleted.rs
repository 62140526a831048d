//! Profiles that were deleted and can still be brought back, until the deletion is made final.

use std::collections::{BTreeSet, HashMap};
use std::ffi::OsStr;
use std::{fs, io};

use mqttscope_model::{ProfileId, SecretName, SecretSlot};

use crate::error::ProfileError;
use crate::reading;
use crate::scan::{json_files, path_of};
use crate::store::ProfileStore;

/// The places of secrets that every profile may have; those of headers have names.
const SLOTS: [SecretSlot; 6] = [
    SecretSlot::Password,
    SecretSlot::PrivateKey,
    SecretSlot::Pkcs12,
    SecretSlot::KeyPassphrase,
    SecretSlot::ProxyPassword,
    SecretSlot::AuthenticationData,
];

/// A deleted profile and what it leaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deleted {
    /// Which.
    pub id: ProfileId,
    /// A profile of the same identifier was saved since, whose history is not to be removed.
    pub lives_again: bool,
    /// Its secrets that no living profile of the same identifier names.
    pub secrets: Vec<SecretName>,
}

impl ProfileStore {
    /// All deleted profiles, so that the caller removes what they leave and then calls
    /// [`Self::forget`]. Where the file of one cannot be read any more, all secrets are named that
    /// it may have had, except those of headers.
    ///
    /// # Errors
    /// [`ProfileError::Folder`].
    pub fn deleted(&self) -> Result<Vec<Deleted>, ProfileError> {
        let files = json_files(&self.deleted)?;
        if files.is_empty() {
            return Ok(Vec::new());
        }
        let living: HashMap<_, _> = self
            .list()?
            .profiles
            .into_iter()
            .map(|profile| (profile.id.clone(), names_of(&profile)))
            .collect();
        let mut found = Vec::new();
        for file in files {
            let Some(id) = file.file_stem().and_then(OsStr::to_str).and_then(ProfileId::new) else {
                continue;
            };
            let mut secrets = match reading::read(&file) {
                Ok(stored) => names_of(&stored.profile),
                Err(_) => SLOTS.iter().map(|slot| SecretName::of(&id, slot)).collect(),
            };
            if let Some(kept) = living.get(&id) {
                secrets.retain(|name| !kept.contains(name));
            }
            let has_file = path_of(&self.folder, &id).exists();
            found.push(Deleted {
                lives_again: has_file || living.contains_key(&id),
                secrets: secrets.into_iter().collect(),
                id,
            });
        }
        Ok(found)
    }

    /// Makes deletions final. It is no error where one was not deleted.
    ///
    /// # Errors
    /// [`ProfileError::NotWritten`]; then some may be final already.
    pub fn forget(&self, deleted: &[Deleted]) -> Result<(), ProfileError> {
        for Deleted { id, .. } in deleted {
            let file = path_of(&self.deleted, id);
            match fs::remove_file(&file) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                removed => removed.map_err(|cause| ProfileError::NotWritten { file, cause })?,
            }
        }
        let gone = deleted.iter().filter(|deleted| !deleted.lives_again);
        let gone: BTreeSet<_> = gone.map(|deleted| deleted.id.clone()).collect();
        match self.forget_places(&gone) {
            // Then they only keep a place that nobody sees.
            Err(ProfileError::FoldersBroken { .. }) => Ok(()),
            result => result,
        }
    }
}

/// The secrets that a profile names and that are its own.
pub(crate) fn names_of(profile: &mqttscope_model::Profile) -> BTreeSet<SecretName> {
    let own = |(slot, name): &(SecretSlot, SecretName)| *name == SecretName::of(&profile.id, slot);
    profile.secrets().into_iter().filter(own).map(|(_, name)| name).collect()
}
