//! Everything in the folder of the profiles, looked at once.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::{fs, io};

use mqttscope_model::ProfileId;

use crate::error::ProfileError;
use crate::reading::{self, FOLDERS, Stored};

/// A file and its profile, or the reason why it counts for none.
pub(crate) type Found = (PathBuf, Result<Stored, String>);

/// Each file with its profile, or with the reason why it counts for none. Of two files of one
/// profile the one with the usual name counts, else the first. Reads each file once.
pub(crate) fn scan(folder: &Path) -> Result<Vec<Found>, ProfileError> {
    let mut found: Vec<_> = json_files(folder)?
        .into_iter()
        .map(|file| {
            let profile = reading::read(&file);
            let is_usual =
                profile.as_ref().is_ok_and(|stored| path_of(folder, &stored.profile.id) == file);
            (!is_usual, file, profile)
        })
        .collect();
    found.sort_by(|a, b| (a.0, &a.1).cmp(&(b.0, &b.1)));
    let mut seen: HashMap<ProfileId, PathBuf> = HashMap::with_capacity(found.len());
    for (_, file, found) in &mut found {
        let Ok(stored) = found else { continue };
        match seen.get(&stored.profile.id) {
            None => {
                seen.insert(stored.profile.id.clone(), file.clone());
            }
            Some(other) => {
                let other = other.file_name().unwrap_or_default().to_string_lossy();
                *found = Err(format!("it has the same id as {other} ({})", stored.profile.id));
            }
        }
    }
    Ok(found.into_iter().map(|(_, file, found)| (file, found)).collect())
}

/// The usual file of a profile.
pub(crate) fn path_of(folder: &Path, id: &ProfileId) -> PathBuf {
    folder.join(format!("{id}.json"))
}

/// Whether a file of this path would be taken for a profile: `*.json`, neither hidden nor the
/// file of folders.
pub(crate) fn is_named_like_a_profile(path: &Path) -> bool {
    let stem = path.file_stem().and_then(OsStr::to_str).unwrap_or_default();
    path.extension().is_some_and(|extension| extension == "json")
        && !path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'))
        && !stem.eq_ignore_ascii_case(FOLDERS)
}

/// What in a folder would be taken for profiles. A folder that is not there has none: another program may have
/// taken it away, and it is made again by the next save.
pub(crate) fn json_files(folder: &Path) -> Result<Vec<PathBuf>, ProfileError> {
    let failed = |cause| ProfileError::Folder { path: folder.to_owned(), cause };
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(failed)?,
    };
    let mut found = Vec::new();
    for entry in entries {
        let path = entry.map_err(failed)?.path();
        if is_named_like_a_profile(&path) {
            found.push(path);
        }
    }
    Ok(found)
}
