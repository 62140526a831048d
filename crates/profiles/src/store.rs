//! Profiles as files: `profiles/<id>.json`, and `deleted/<id>.json` until the deletion is final.
//!
//! The folder is the truth: nothing is kept in memory, so a file that a person edits, adds or
//! removes is seen at the next look. The price is some file reads for each look; a person has tens
//! of profiles, not thousands. The identifier inside a file counts, not the file's name. A file that
//! cannot be read as a profile is reported and never written to.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use mqttscope_model::{Profile, ProfileId};
use serde::{Deserialize, Serialize};

use crate::error::ProfileError;
use crate::{files, order};

/// The format that this version writes, and the newest one that it reads.
pub const FORMAT: u32 = 1;

/// All that is in the folder.
#[derive(Debug, Default)]
pub struct Listing {
    /// The profiles, by name: without regard to case, numbers by their value.
    pub profiles: Vec<Profile>,
    /// The files that are no profiles, by their path.
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

/// The saved profiles.
#[derive(Debug)]
pub struct ProfileStore {
    folder: PathBuf,
    deleted: PathBuf,
    /// Held while files change, so that each change sees the one before it whole.
    writing: Mutex<()>,
}

#[derive(Serialize)]
struct Written<'a> {
    format: u32,
    profile: &'a Profile,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Read {
    /// Judged before, by [`Head`]; named here so that it is a known field.
    #[serde(rename = "format")]
    _format: u32,
    profile: Profile,
}

/// Read first: another format may have any shape.
#[derive(Deserialize)]
struct Head {
    format: u32,
}

/// A file and its profile, or the reason why it counts for none.
type Found = (PathBuf, Result<Profile, String>);

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

    /// All profiles, and the files that are none.
    ///
    /// # Errors
    /// [`ProfileError::Folder`] where the folder cannot be read.
    pub fn list(&self) -> Result<Listing, ProfileError> {
        let mut listing = Listing::default();
        for (file, found) in self.scan()? {
            match found {
                Ok(profile) => listing.profiles.push(profile),
                Err(reason) => listing.broken.push(BrokenProfile { file, reason }),
            }
        }
        listing
            .profiles
            .sort_by(|a, b| order::natural(&a.name, &b.name).then_with(|| a.id.cmp(&b.id)));
        listing.broken.sort_by(|a, b| a.file.cmp(&b.file));
        Ok(listing)
    }

    /// One profile.
    ///
    /// # Errors
    /// [`ProfileError::NotFound`], or [`ProfileError::Broken`] where its file is no profile.
    pub fn get(&self, id: &ProfileId) -> Result<Profile, ProfileError> {
        self.find(id).map(|(_, profile)| profile)
    }

    /// Writes a profile, new or changed, to `<id>.json`; it is on the disk when this returns.
    ///
    /// # Errors
    /// [`ProfileError::NotWritten`], and [`ProfileError::Occupied`] where the file of that name
    /// holds something else. Either way all files are as they were.
    pub fn save(&self, profile: &Profile) -> Result<(), ProfileError> {
        let _writing = self.lock();
        let file = path_of(&self.folder, &profile.id);
        let before = match self.find(&profile.id) {
            Ok((path, _)) => Some(path),
            Err(ProfileError::NotFound(_)) => None,
            Err(ProfileError::Broken { file, .. }) => return Err(ProfileError::Occupied { file }),
            Err(other) => return Err(other),
        };
        if before.as_ref() != Some(&file) && file.exists() {
            return Err(ProfileError::Occupied { file });
        }
        let failed = |cause| ProfileError::NotWritten { file: file.clone(), cause };
        let mut text = serde_json::to_vec_pretty(&Written { format: FORMAT, profile })
            .map_err(|error| failed(error.into()))?;
        text.push(b'\n');
        files::write_atomically(&file, &text).map_err(failed)?;
        // It lay under another name, which would now be a second file of the same profile.
        match before.filter(|path| *path != file) {
            Some(path) => fs::remove_file(&path)
                .map_err(|cause| ProfileError::NotWritten { file: path, cause }),
            None => Ok(()),
        }
    }

    /// Moves a profile aside, from where [`Self::restore`] brings it back. Its secrets stay.
    ///
    /// # Errors
    /// [`ProfileError::NotFound`], [`ProfileError::NotWritten`].
    pub fn delete(&self, id: &ProfileId) -> Result<(), ProfileError> {
        let _writing = self.lock();
        let (file, _) = self.find(id)?;
        files::rename(&file, &path_of(&self.deleted, id))
            .map_err(|cause| ProfileError::NotWritten { file, cause })
    }

    /// Undoes a deletion.
    ///
    /// # Errors
    /// [`ProfileError::NotFound`] where it was not deleted or the deletion is final,
    /// [`ProfileError::Occupied`] where its place was taken, [`ProfileError::NotWritten`].
    pub fn restore(&self, id: &ProfileId) -> Result<Profile, ProfileError> {
        let _writing = self.lock();
        let (from, to) = (path_of(&self.deleted, id), path_of(&self.folder, id));
        if !from.exists() {
            return Err(ProfileError::NotFound(id.clone()));
        }
        if to.exists() {
            return Err(ProfileError::Occupied { file: to });
        }
        let profile =
            read(&from).map_err(|reason| ProfileError::Broken { file: from.clone(), reason })?;
        files::rename(&from, &to)
            .map_err(|cause| ProfileError::NotWritten { file: to.clone(), cause })?;
        Ok(profile)
    }

    /// Makes all deletions final and says of which profiles, so that the caller removes their
    /// secrets and histories. A profile that lives again under the same identifier is not named.
    ///
    /// # Errors
    /// [`ProfileError::Folder`], [`ProfileError::NotWritten`].
    pub fn purge(&self) -> Result<Vec<ProfileId>, ProfileError> {
        let _writing = self.lock();
        let living = self.list()?.profiles;
        let mut gone = Vec::new();
        for file in json_files(&self.deleted)? {
            let Some(id) = file.file_stem().and_then(OsStr::to_str).and_then(ProfileId::new) else {
                continue;
            };
            fs::remove_file(&file).map_err(|cause| ProfileError::NotWritten { file, cause })?;
            let has_file = path_of(&self.folder, &id).exists();
            if !has_file && living.iter().all(|profile| profile.id != id) {
                gone.push(id);
            }
        }
        Ok(gone)
    }

    fn lock(&self) -> MutexGuard<'_, ()> {
        // Nothing is guarded but the order of changes, so a panic elsewhere breaks nothing here.
        self.writing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The profile of `id` and the file that it is in.
    fn find(&self, id: &ProfileId) -> Result<(PathBuf, Profile), ProfileError> {
        let usual = path_of(&self.folder, id);
        if let Ok(profile) = read(&usual)
            && profile.id == *id
        {
            return Ok((usual, profile));
        }
        let mut broken = None;
        for (file, found) in self.scan()? {
            match found {
                Ok(profile) if profile.id == *id => return Ok((file, profile)),
                Err(reason) if file == usual => broken = Some(reason),
                _ => {}
            }
        }
        Err(match broken {
            Some(reason) => ProfileError::Broken { file: usual, reason },
            None => ProfileError::NotFound(id.clone()),
        })
    }

    /// Each file with its profile, or with the reason why it counts for none. Of two files of
    /// one profile the one with the usual name counts, else the first.
    fn scan(&self) -> Result<Vec<Found>, ProfileError> {
        let mut found: Vec<_> = json_files(&self.folder)?
            .into_iter()
            .map(|file| {
                let profile = read(&file);
                (file, profile)
            })
            .collect();
        let folder = &self.folder;
        let unusual = |file: &Path, found: &Result<Profile, String>| {
            found.as_ref().map_or(true, |profile| path_of(folder, &profile.id) != file)
        };
        found.sort_by(|a, b| (unusual(&a.0, &a.1), &a.0).cmp(&(unusual(&b.0, &b.1), &b.0)));
        let mut seen: Vec<(ProfileId, PathBuf)> = Vec::new();
        for (file, found) in &mut found {
            let Ok(profile) = found else { continue };
            match seen.iter().find(|(id, _)| *id == profile.id) {
                None => seen.push((profile.id.clone(), file.clone())),
                Some((id, other)) => {
                    let other = other.file_name().unwrap_or_default().to_string_lossy();
                    *found = Err(format!("it has the same id as {other} ({id})"));
                }
            }
        }
        Ok(found)
    }
}

fn path_of(folder: &Path, id: &ProfileId) -> PathBuf {
    folder.join(format!("{id}.json"))
}

/// The files `*.json`, except hidden ones.
fn json_files(folder: &Path) -> Result<Vec<PathBuf>, ProfileError> {
    let failed = |cause| ProfileError::Folder { path: folder.to_owned(), cause };
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let is_json = path.extension().is_some_and(|extension| extension == "json");
        let is_hidden =
            path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
        if is_json && !is_hidden {
            found.push(path);
        }
    }
    Ok(found)
}

fn read(file: &Path) -> Result<Profile, String> {
    let text = fs::read(file).map_err(|error| error.to_string())?;
    let head: Head = serde_json::from_slice(&text).map_err(|error| error.to_string())?;
    if head.format != FORMAT {
        return Err(format!(
            "it has format {}; this version knows format {FORMAT} only",
            head.format
        ));
    }
    let read: Read = serde_json::from_slice(&text).map_err(|error| error.to_string())?;
    // Serde takes any text as an identifier; only a checked one may become a file name.
    match ProfileId::new(read.profile.id.as_str()) {
        Some(_) => Ok(read.profile),
        None => Err("its id is not 1 to 64 ASCII letters, digits and -".to_owned()),
    }
}
