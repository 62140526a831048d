//! What the window shows of a file before it is published.
//!
//! The window cannot look at files itself. It learns a file's length and nothing of its content, which goes from the disk
//! to the connection without passing through it. The price is that the file may have changed by then.

use std::io::ErrorKind;

use mqttscope_model::{ErrorCode, UserError};

use crate::Engine;
use crate::engine::blocking;

impl Engine {
    pub(crate) async fn publish_file_size(&self, path: String) -> Result<u64, UserError> {
        blocking(move || size(&path)).await?
    }
}

/// A file's length in bytes. Nothing else than a file is looked at: opening a pipe would wait for its other end.
pub(crate) fn size(path: &str) -> Result<u64, UserError> {
    let facts = std::fs::metadata(path).map_err(|error| {
        let code = match error.kind() {
            ErrorKind::NotFound => ErrorCode::PublishFileMissing,
            _ => ErrorCode::PublishFileUnreadable,
        };
        UserError::new(code, format!("{path} cannot be read: {error}"))
    })?;
    if facts.is_file() {
        Ok(facts.len())
    } else {
        Err(UserError::new(ErrorCode::PublishFileNotAFile, format!("{path} is not a file.")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_has_a_size_and_what_is_no_file_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("payload.bin");
        std::fs::write(&file, [0; 1_234]).unwrap();
        assert_eq!(size(&file.display().to_string()), Ok(1_234));
        for (path, code) in [
            (folder.path().to_path_buf(), ErrorCode::PublishFileNotAFile),
            (folder.path().join("gone"), ErrorCode::PublishFileMissing),
        ] {
            let refused = size(&path.display().to_string()).unwrap_err();
            assert_eq!(refused.code, code);
        }
    }
}
