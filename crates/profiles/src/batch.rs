//! Many profiles saved together: all of them or none.
//!
//! Everything is written beside its place first, so that a full disk or a file in the way is found out before
//! anything changes; then the files get their names, and when one cannot, those before it are put back. The
//! price: a crash between two names leaves the first of them.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::{fs, io};

use mqttscope_model::Profile;

use crate::error::ProfileError;
use crate::files::{self, Staged};
use crate::scan::{path_of, scan};
use crate::store::{Change, ProfileStore};

impl ProfileStore {
    /// Writes profiles, new or changed, as [`Self::save`] does: all of them or none. They are on the disk when this
    /// returns. Reads the folder once, however many they are.
    ///
    /// # Errors
    /// As [`Self::save`], and [`ProfileError::Repeated`]; then all files are as they were.
    pub fn save_all(&self, profiles: &[Profile]) -> Result<(), ProfileError> {
        let _writing = self.lock();
        let mut known = HashMap::new();
        let mut broken = HashSet::new();
        for (file, found) in scan(&self.folder)? {
            match found {
                Ok(stored) => _ = known.insert(stored.profile.id.clone(), (file, stored)),
                Err(_) => _ = broken.insert(file),
            }
        }
        let mut seen = HashSet::new();
        let mut changes = Vec::new();
        for profile in profiles {
            if !seen.insert(&profile.id) {
                return Err(ProfileError::Repeated(profile.id.clone()));
            }
            let before = known.remove(&profile.id);
            let file = path_of(&self.folder, &profile.id);
            if before.is_none() && broken.contains(&file) {
                return Err(ProfileError::Occupied { file });
            }
            changes.extend(self.change(profile, before)?);
        }
        if changes.is_empty() {
            return Ok(());
        }
        write_all(&self.folder, changes)
    }
}

/// How many files are brought to the disk at once. The disk serves them together; one after the other each would wait
/// for it alone.
const AT_ONCE: usize = 16;

/// The place of a file, another one that held its profile up to now, and the file itself.
type Ready = (PathBuf, Option<PathBuf>, Staged);

fn sync_all(staged: &[Ready]) -> Result<(), ProfileError> {
    let sync = |(path, _, file): &Ready| {
        file.sync().map_err(|cause| ProfileError::NotWritten { file: path.clone(), cause })
    };
    std::thread::scope(|threads| {
        let size = staged.len().div_ceil(AT_ONCE).max(1);
        let threads: Vec<_> = staged
            .chunks(size)
            .map(|chunk| threads.spawn(move || chunk.iter().try_for_each(sync)))
            .collect();
        // All are waited for, and the first failure is told. A thread that panicked passes its panic on.
        let results: Vec<_> = threads
            .into_iter()
            .map(|thread| thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect();
        results.into_iter().collect()
    })
}

/// A change that was made, and what takes it back: each file with what it held.
type Done = Vec<(PathBuf, Option<Vec<u8>>)>;

fn write_all(folder: &Path, changes: Vec<Change>) -> Result<(), ProfileError> {
    let failed = |file: &Path| {
        let file = file.to_owned();
        move |cause| ProfileError::NotWritten { file, cause }
    };
    files::make_folder(folder).map_err(failed(folder))?;
    let mut staged = Vec::with_capacity(changes.len());
    for change in changes {
        let file = Staged::write(&change.file, &change.text).map_err(failed(&change.file))?;
        staged.push((change.file, change.elsewhere, file));
    }
    sync_all(&staged)?;
    let mut done = Done::new();
    for (path, elsewhere, file) in staged {
        if let Err(cause) = place(&path, elsewhere.as_deref(), file, &mut done) {
            take_back(done);
            return Err(ProfileError::NotWritten { file: path, cause });
        }
    }
    files::sync_folder(folder).map_err(failed(folder))
}

fn place(path: &Path, elsewhere: Option<&Path>, file: Staged, done: &mut Done) -> io::Result<()> {
    let before = if files::is_there(path) { Some(fs::read(path)?) } else { None };
    file.place()?;
    done.push((path.to_owned(), before));
    if let Some(other) = elsewhere {
        let before = fs::read(other)?;
        fs::remove_file(other)?;
        done.push((other.to_owned(), Some(before)));
    }
    Ok(())
}

fn take_back(done: Done) {
    for (path, before) in done.into_iter().rev() {
        let taken_back = match &before {
            Some(content) => files::write_atomically(&path, content),
            None => fs::remove_file(&path),
        };
        if let Err(error) = taken_back {
            tracing::error!(%error, path = %path.display(), "a change could not be taken back");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_get_its_name_takes_those_before_it_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        fs::write(path("kept"), "old").unwrap();
        fs::write(path("elsewhere"), "old too").unwrap();
        fs::create_dir(path("in the way")).unwrap();
        let change = |name: &str, elsewhere: Option<&str>| Change {
            file: path(name),
            text: b"new".to_vec(),
            elsewhere: elsewhere.map(path),
        };
        let changes = vec![
            change("kept", None),
            change("made", None),
            change("moved", Some("elsewhere")),
            change("in the way", None),
            change("never", None),
        ];
        let error = write_all(folder.path(), changes).unwrap_err();
        assert!(
            matches!(&error, ProfileError::NotWritten { file, .. } if *file == path("in the way"))
        );
        assert_eq!(fs::read(path("kept")).unwrap(), b"old");
        assert_eq!(fs::read(path("elsewhere")).unwrap(), b"old too");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 3, "nothing else is left");
    }
}
