//! The file of an export: whole or not there.
//!
//! It is written beside its place under another name and renamed at the end, after it is on disk, so nobody ever
//! finds a half of it under its own name. What is left unfinished is removed; only a process that is killed leaves
//! its `.part`, whose name says what it is.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use mqttscope_model::TransferProgress;

use super::Counted;
use crate::{Job, TransferError};

const BUFFER: usize = 256 << 10;

/// Writes a file as an export does: it is there whole, or not at all. `step` writes a little and says how far it is, or none when
/// all is written; the bytes are counted here. Between the steps a job can be cancelled. Returns the file's length.
///
/// # Errors
/// [`TransferError::Cancelled`], or what keeps the file from being written.
pub fn write_file(
    path: &Path,
    job: &Job,
    mut step: impl FnMut(&mut dyn Write) -> io::Result<Option<TransferProgress>>,
) -> Result<u64, TransferError> {
    let mut target = Target::create(path)?;
    let mut out = Counted { out: &mut target, bytes: 0 };
    loop {
        job.check()?;
        let progress = step(&mut out).map_err(|error| TransferError::writing(path, error))?;
        let Some(progress) = progress else { break };
        job.tell(TransferProgress { bytes: out.bytes, ..progress });
    }
    let bytes = out.bytes;
    target.finish()?;
    Ok(bytes)
}

/// A file that comes to its place when it is finished.
pub(super) struct Target {
    place: PathBuf,
    part: PathBuf,
    out: Option<BufWriter<File>>,
}

impl Target {
    /// Begins a file for the place `path`.
    ///
    /// # Errors
    /// The folder does not let it be.
    pub(super) fn create(path: &Path) -> Result<Self, TransferError> {
        for number in 1..=MOST_AT_ONCE {
            let mut name = path.as_os_str().to_owned();
            name.push(if number == 1 { ".part".to_owned() } else { format!(".part-{number}") });
            let part = PathBuf::from(name);
            match File::create_new(&part) {
                Ok(file) => {
                    let out = Some(BufWriter::with_capacity(BUFFER, file));
                    return Ok(Self { place: path.to_owned(), part, out });
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(TransferError::writing(path, error)),
            }
        }
        Err(TransferError::writing(path, io::ErrorKind::AlreadyExists.into()))
    }

    /// Brings the file to the disk and to its place.
    ///
    /// # Errors
    /// There is no room, or the place cannot be taken; nothing is left then.
    pub(super) fn finish(mut self) -> Result<(), TransferError> {
        self.settle().map_err(|error| TransferError::writing(&self.place, error))
    }

    fn settle(&mut self) -> io::Result<()> {
        if let Some(out) = &mut self.out {
            out.flush()?;
            out.get_ref().sync_all()?;
        }
        // Closed first: Windows renames no file that is open.
        drop(self.out.take());
        std::fs::rename(&self.part, &self.place).inspect_err(|_| remove(&self.part))
    }
}

/// Unfinished files of one name that may lie side by side.
const MOST_AT_ONCE: u32 = 100;

impl Write for Target {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.out.as_mut().map_or(Ok(0), |out| out.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.as_mut().map_or(Ok(()), Write::flush)
    }
}

impl Drop for Target {
    fn drop(&mut self) {
        let Some(out) = self.out.take() else { return };
        // What the buffer still holds is not wanted any more.
        let (file, _unwritten) = out.into_parts();
        drop(file);
        remove(&self.part);
    }
}

fn remove(part: &Path) {
    if let Err(error) = std::fs::remove_file(part) {
        tracing::warn!(path = %part.display(), %error, "an unfinished export stays behind");
    }
}
