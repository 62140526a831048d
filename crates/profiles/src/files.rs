//! Files that are there whole or not at all.
//!
//! A file is written under another name in the same folder, brought to the disk, and only then
//! given its name. A crash leaves the old content or the new one, and at worst a leftover whose
//! name begins with a dot and ends in `.tmp`, which nobody reads. On Unix all of them are born
//! with mode 0600; elsewhere the folder of the user's configuration keeps others out.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

const PREFIX: &str = ".";
const SUFFIX: &str = ".tmp";

/// Makes a folder and those above it; new ones are for this user only.
pub(crate) fn make_folder(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Puts `content` in the place of whatever `path` holds. A link stays, and what it leads to is
/// replaced.
pub(crate) fn write_atomically(path: &Path, content: &[u8]) -> io::Result<()> {
    let staged = Staged::write(path, content)?;
    staged.sync()?;
    let place = staged.place()?;
    sync_folder(place.parent().ok_or(io::ErrorKind::InvalidInput)?)
}

/// A file that is written, but has not got its name yet. Dropped without a name it is gone.
pub(crate) struct Staged {
    file: NamedTempFile,
    path: PathBuf,
}

impl Staged {
    /// Writes `content` beside the place that it is for.
    pub(crate) fn write(path: &Path, content: &[u8]) -> io::Result<Self> {
        let path = if is_link(path) { fs::canonicalize(path)? } else { path.to_owned() };
        let folder = path.parent().ok_or(io::ErrorKind::InvalidInput)?;
        // The library creates the file with mode 0600, exclusively.
        let mut file =
            tempfile::Builder::new().prefix(PREFIX).suffix(SUFFIX).tempfile_in(folder)?;
        file.write_all(content)?;
        Ok(Self { file, path })
    }

    /// Brings it to the disk.
    pub(crate) fn sync(&self) -> io::Result<()> {
        self.file.as_file().sync_all()
    }

    /// Gives it its name, and says which. The name is on the disk after [`sync_folder`].
    pub(crate) fn place(self) -> io::Result<PathBuf> {
        self.file.persist(&self.path).map_err(|error| error.error)?;
        Ok(self.path)
    }
}

/// Whether something has this name, and be it a link that leads nowhere.
pub(crate) fn is_there(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok()
}

/// Whether this is a symbolic link.
pub(crate) fn is_link(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|about| about.is_symlink())
}

/// Renames inside one file system and brings both folders to the disk.
pub(crate) fn rename(from: &Path, to: &Path) -> io::Result<()> {
    fs::rename(from, to)?;
    for folder in [from.parent(), to.parent()].into_iter().flatten() {
        sync_folder(folder)?;
    }
    Ok(())
}

/// Removes what a crash left behind. The caller is the only writer of the folder.
pub(crate) fn remove_leftovers(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let is_leftover =
            name.to_str().is_some_and(|name| name.starts_with(PREFIX) && name.ends_with(SUFFIX));
        if is_leftover && entry.file_type()?.is_file() {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// Takes the file's rights away from everybody else, where it had been created with more.
#[cfg(unix)]
pub(crate) fn make_private(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = fs::metadata(path)?.permissions().mode();
    if mode & 0o077 == 0 {
        return Ok(());
    }
    fs::set_permissions(path, fs::Permissions::from_mode(0o600))
}

#[cfg(not(unix))]
pub(crate) fn make_private(_path: &Path) -> io::Result<()> {
    Ok(())
}

/// A new name is on the disk only when its folder is.
#[cfg(unix)]
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    fs::File::open(folder)?.sync_all()
}

/// Windows writes names through by itself and does not open folders as files.
#[cfg(not(unix))]
pub(crate) fn sync_folder(_folder: &Path) -> io::Result<()> {
    Ok(())
}
