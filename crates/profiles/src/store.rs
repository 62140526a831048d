//! Profiles as files: `profiles/<id>.json`, and `deleted/<id>.json` until the deletion is final.
//!
//! The folder is the truth: nothing is kept in memory, so a file that a person edits, adds or
//! removes is seen at the next look. The price is that a look at all profiles reads all files: ten
//! thousand take about a second without optimisation. The identifier inside a file counts, not the file's name. A file that
//! cannot be read as a profile is reported and never written to. A profile that did not change is not written.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use mqttscope_model::{Profile, ProfileId, Tree};

use crate::error::ProfileError;
use crate::reading::{self, FORMAT, MAX_BYTES, Stored};
use crate::scan::{path_of, scan};
use crate::{files, order};

/// All that is in the folder.
#[derive(Debug, Default)]
pub struct Listing {
    /// The profiles, by name: without regard to case, numbers by their value.
    pub profiles: Vec<Profile>,
    /// Folders and order, with each of the profiles in it exactly once.
    pub tree: Tree,
    /// The files that cannot be read, by their path. The file of folders may be among them.
    pub broken: Vec<BrokenProfile>,
}

/// A file that cannot be read as a profile. It is kept as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrokenProfile {
    /// The file.
    pub file: PathBuf,
    /// Why, in English, with line and column where there are.
    pub reason: String,
}

/// The saved profiles and their folders.
#[derive(Debug)]
pub struct ProfileStore {
    pub(crate) folder: PathBuf,
    pub(crate) deleted: PathBuf,
    /// Held while files change, so that each change sees the one before it whole.
    writing: Mutex<()>,
}

impl ProfileStore {
    /// Opens, and makes where missing, the folders below `config_dir`.
    ///
    /// # Errors
    /// [`ProfileError::Folder`] where a folder cannot be made or read.
    pub fn open(config_dir: &Path) -> Result<Self, ProfileError> {
        let (folder, deleted) = (config_dir.join("profiles"), config_dir.join("deleted"));
        for path in [&folder, &deleted] {
            files::make_folder(path)
                .and_then(|()| files::remove_leftovers(path))
                .map_err(|cause| ProfileError::Folder { path: path.clone(), cause })?;
        }
        Ok(Self { folder, deleted, writing: Mutex::new(()) })
    }

    /// A store that is only read from, beside an application that may be running: nothing is made and nothing tidied up.
    /// The caller keeps to reading.
    pub(crate) fn to_read(config_dir: &Path) -> Self {
        let (folder, deleted) = (config_dir.join("profiles"), config_dir.join("deleted"));
        Self { folder, deleted, writing: Mutex::new(()) }
    }

    /// All profiles with their folders, and the files that are neither.
    ///
    /// # Errors
    /// [`ProfileError::Folder`] where the folder cannot be read.
    pub fn list(&self) -> Result<Listing, ProfileError> {
        let mut listing = Listing::default();
        for (file, found) in scan(&self.folder)? {
            match found {
                Ok(stored) => listing.profiles.push(stored.profile),
                Err(reason) => listing.broken.push(BrokenProfile { file, reason }),
            }
        }
        listing
            .profiles
            .sort_by(|a, b| order::natural(&a.name, &b.name).then_with(|| a.id.cmp(&b.id)));
        let stored = self.read_tree().unwrap_or_else(|reason| {
            listing.broken.push(BrokenProfile { file: self.tree_file(), reason });
            Tree::default()
        });
        let living: Vec<_> = listing.profiles.iter().map(|profile| profile.id.clone()).collect();
        listing.tree = stored.complete(&living);
        listing.broken.sort_by(|a, b| a.file.cmp(&b.file));
        Ok(listing)
    }

    /// One profile.
    ///
    /// # Errors
    /// [`ProfileError::NotFound`], or [`ProfileError::Broken`] where its file is no profile.
    pub fn get(&self, id: &ProfileId) -> Result<Profile, ProfileError> {
        self.find(id).map(|(_, stored)| stored.profile)
    }

    /// Writes a profile, new or changed, to `<id>.json`; it is on the disk when this returns. The
    /// file of a profile that did not change is not touched, unless it has an older format.
    ///
    /// # Errors
    /// [`ProfileError::NotWritten`], [`ProfileError::Reserved`], [`ProfileError::TooLarge`], and
    /// [`ProfileError::Occupied`] where the file of that name holds something else. Either way all
    /// files are as they were.
    pub fn save(&self, profile: &Profile) -> Result<(), ProfileError> {
        let _writing = self.lock();
        let before = match self.find(&profile.id) {
            Ok(before) => Some(before),
            Err(ProfileError::NotFound(_)) => None,
            Err(ProfileError::Broken { file, .. }) => return Err(ProfileError::Occupied { file }),
            Err(other) => return Err(other),
        };
        let Some(change) = self.change(profile, before)? else { return Ok(()) };
        let failed = |cause| ProfileError::NotWritten { file: change.file.clone(), cause };
        // Another program may have removed the folder.
        files::make_folder(&self.folder).map_err(failed)?;
        files::write_atomically(&change.file, &change.text).map_err(failed)?;
        // It lay under another name, which would now be a second file of the same profile.
        match change.elsewhere {
            Some(path) => fs::remove_file(&path)
                .map_err(|cause| ProfileError::NotWritten { file: path, cause }),
            None => Ok(()),
        }
    }

    /// Moves a profile aside, from where [`Self::restore`] brings it back. Its secrets and its
    /// place among the folders stay.
    ///
    /// # Errors
    /// [`ProfileError::NotFound`], [`ProfileError::NotWritten`].
    pub fn delete(&self, id: &ProfileId) -> Result<(), ProfileError> {
        let _writing = self.lock();
        let (file, stored) = self.find(id)?;
        let aside = path_of(&self.deleted, id);
        let moved = if files::is_link(&file) {
            // A link may lead elsewhere from another folder, so it is the content that is kept.
            reading::text_of(&stored.profile)
                .map_err(std::io::Error::from)
                .and_then(|text| files::write_atomically(&aside, &text))
                .and_then(|()| fs::remove_file(&file))
        } else {
            files::rename(&file, &aside)
        };
        moved.map_err(|cause| ProfileError::NotWritten { file, cause })
    }

    /// Undoes a deletion.
    ///
    /// # Errors
    /// [`ProfileError::NotFound`] where it was not deleted or the deletion is final,
    /// [`ProfileError::Occupied`] where its place was taken, [`ProfileError::NotWritten`].
    pub fn restore(&self, id: &ProfileId) -> Result<Profile, ProfileError> {
        let _writing = self.lock();
        let (from, to) = (path_of(&self.deleted, id), path_of(&self.folder, id));
        if !files::is_there(&from) {
            return Err(ProfileError::NotFound(id.clone()));
        }
        if files::is_there(&to) {
            return Err(ProfileError::Occupied { file: to });
        }
        let stored = reading::read(&from)
            .map_err(|reason| ProfileError::Broken { file: from.clone(), reason })?;
        files::make_folder(&self.folder)
            .and_then(|()| files::rename(&from, &to))
            .map_err(|cause| ProfileError::NotWritten { file: to.clone(), cause })?;
        Ok(stored.profile)
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, ()> {
        // Nothing is guarded but the order of changes, so a panic elsewhere breaks nothing here.
        self.writing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What must be written so that `profile` is saved; none where it is as it was. `before` is
    /// where it lies now.
    pub(crate) fn change(
        &self,
        profile: &Profile,
        before: Option<(PathBuf, Stored)>,
    ) -> Result<Option<Change>, ProfileError> {
        if reading::is_reserved(&profile.id) {
            return Err(ProfileError::Reserved(profile.id.clone()));
        }
        let file = path_of(&self.folder, &profile.id);
        let elsewhere = match before {
            Some((path, stored)) if path == file => {
                if stored.format == FORMAT && stored.profile == *profile {
                    return Ok(None);
                }
                None
            }
            _ if files::is_there(&file) => return Err(ProfileError::Occupied { file }),
            Some((path, _)) => Some(path),
            None => None,
        };
        let text = reading::text_of(profile).map_err(|error| ProfileError::NotWritten {
            file: file.clone(),
            cause: error.into(),
        })?;
        if u64::try_from(text.len()).is_ok_and(|length| length > MAX_BYTES) {
            return Err(ProfileError::TooLarge { bytes: text.len() });
        }
        Ok(Some(Change { file, text, elsewhere }))
    }

    /// The profile of `id` and the file that it is in.
    fn find(&self, id: &ProfileId) -> Result<(PathBuf, Stored), ProfileError> {
        let usual = path_of(&self.folder, id);
        if let Ok(stored) = reading::read(&usual)
            && stored.profile.id == *id
        {
            return Ok((usual, stored));
        }
        let mut broken = None;
        for (file, found) in scan(&self.folder)? {
            match found {
                Ok(stored) if stored.profile.id == *id => return Ok((file, stored)),
                Err(reason) if file == usual => broken = Some(reason),
                _ => {}
            }
        }
        Err(match broken {
            Some(reason) => ProfileError::Broken { file: usual, reason },
            None => ProfileError::NotFound(id.clone()),
        })
    }
}

/// What is written to save a profile.
pub(crate) struct Change {
    /// The profile's usual file.
    pub(crate) file: PathBuf,
    /// Its new content.
    pub(crate) text: Vec<u8>,
    /// Another file that held the profile up to now.
    pub(crate) elsewhere: Option<PathBuf>,
}
