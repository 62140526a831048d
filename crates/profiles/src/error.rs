//! Why a profile or a secret could not be read or kept, and what a person is told.

use std::io;
use std::path::PathBuf;

use mqttscope_model::folder::TreeError;
use mqttscope_model::{ErrorCode, ProfileId, UserError};

/// Why a profile could not be read or kept.
#[derive(Debug, thiserror::Error)]
pub enum ProfileError {
    /// The folder of the profiles cannot be made or read.
    #[error("the folder {} cannot be used: {cause}", .path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What the operating system said.
        #[source]
        cause: io::Error,
    },
    /// There is no profile of this identifier.
    #[error("there is no profile {0}")]
    NotFound(ProfileId),
    /// The profile's file is not a profile. It is kept as it is.
    #[error("{} is not a profile: {reason}", .file.display())]
    Broken {
        /// The file.
        file: PathBuf,
        /// Why, with line and column.
        reason: String,
    },
    /// The file in whose place the profile belongs holds something else, which is kept.
    #[error("{} holds something else and is not overwritten", .file.display())]
    Occupied {
        /// The file.
        file: PathBuf,
    },
    /// The identifier is the name of the file of folders.
    #[error("a profile cannot have the identifier {0}, which names the file of folders")]
    Reserved(ProfileId),
    /// Of several profiles that were to be saved together two are one.
    #[error("the profile {0} is there twice")]
    Repeated(ProfileId),
    /// The profile's file would be larger than is read.
    #[error("the profile would take {bytes} bytes; at most {} are read", crate::reading::MAX_BYTES)]
    TooLarge {
        /// What it would take.
        bytes: usize,
    },
    /// The file of folders cannot be read. It is kept as it is, so nothing in it can be changed.
    #[error("{} holds no folders: {reason}", .file.display())]
    FoldersBroken {
        /// The file.
        file: PathBuf,
        /// Why, with line and column where there are.
        reason: String,
    },
    /// Folders and their order cannot be changed so.
    #[error(transparent)]
    Tree(#[from] TreeError),
    /// The file could not be written or moved.
    #[error("{} could not be written: {cause}", .file.display())]
    NotWritten {
        /// The file.
        file: PathBuf,
        /// What the operating system said.
        #[source]
        cause: io::Error,
    },
}

impl From<ProfileError> for UserError {
    fn from(error: ProfileError) -> Self {
        let message = sentence(&error);
        match error {
            ProfileError::Folder { path, cause } => Self::new(ErrorCode::ProfileNotSaved, message)
                .hint("Check that the folder belongs to you and that the disk is not full.")
                .detail("file", path.display())
                .detail("reason", cause),
            ProfileError::NotFound(id) => {
                Self::new(ErrorCode::ProfileNotFound, message).detail("id", id)
            }
            ProfileError::Broken { file, reason } => Self::new(ErrorCode::ProfileBroken, message)
                .hint("Mend the file in a text editor, or move it out of the folder.")
                .detail("file", file.display())
                .detail("reason", reason),
            ProfileError::Occupied { file } => Self::new(ErrorCode::ProfileNotSaved, message)
                .hint("Mend or move that file, then save again.")
                .detail("file", file.display()),
            ProfileError::Reserved(id) | ProfileError::Repeated(id) => {
                Self::new(ErrorCode::ProfileNotSaved, message)
                    .hint("Give the profile another identifier.")
                    .detail("id", id)
            }
            ProfileError::TooLarge { bytes } => Self::new(ErrorCode::ProfileNotSaved, message)
                .hint("Name certificates and payloads as files instead of holding them.")
                .detail("bytes", bytes),
            ProfileError::FoldersBroken { file, reason } => {
                Self::new(ErrorCode::FolderFileBroken, message)
                    .hint("Mend the file in a text editor, or move it out of the folder.")
                    .detail("file", file.display())
                    .detail("reason", reason)
            }
            ProfileError::Tree(error) => Self::new(code_of(error), message),
            ProfileError::NotWritten { file, cause } => {
                Self::new(ErrorCode::ProfileNotSaved, message)
                    .hint("Check that the folder belongs to you and that the disk is not full.")
                    .detail("file", file.display())
                    .detail("reason", cause)
            }
        }
    }
}

fn code_of(error: TreeError) -> ErrorCode {
    match error {
        TreeError::NotFound => ErrorCode::FolderNotFound,
        TreeError::IntoItself => ErrorCode::FolderIntoItself,
        TreeError::TooDeep => ErrorCode::FolderTooDeep,
    }
}

/// Why a secret could not be read or kept. The texts never hold a value.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// The keychain did not answer in time; it may be waiting for the user to unlock it.
    #[error("the keychain did not answer in time")]
    KeychainSilent,
    /// The keychain answered with a failure.
    #[error("the keychain failed: {0}")]
    KeychainFailed(String),
    /// The file of secrets cannot be read or written.
    #[error("{} cannot be used: {cause}", .file.display())]
    File {
        /// The file.
        file: PathBuf,
        /// What the operating system said.
        #[source]
        cause: io::Error,
    },
    /// The file of secrets is not one. It is kept as it is.
    #[error("{} is not a file of secrets (line {line}, column {column})", .file.display())]
    FileBroken {
        /// The file.
        file: PathBuf,
        /// The line, from 1; 0 where the shape is right and the format unknown.
        line: usize,
        /// The column, from 1.
        column: usize,
    },
    /// The profile has a password, but no store holds it.
    #[error("the saved password is in neither the keychain nor the file of secrets")]
    Missing,
}

impl From<SecretError> for UserError {
    fn from(error: SecretError) -> Self {
        let user = Self::new(ErrorCode::SecretUnavailable, sentence(&error));
        match error {
            SecretError::KeychainSilent => user
                .hint("Unlock the keychain, then try again.")
                .detail("reason", "keychain_silent"),
            SecretError::KeychainFailed(words) => user
                .hint("Check that the keychain is there and unlocked, then try again.")
                .detail("reason", "keychain_failed")
                .detail("evidence", words),
            SecretError::File { file, cause } => user
                .hint("Check that the file belongs to you and that the disk is not full.")
                .detail("reason", "file")
                .detail("file", file.display())
                .detail("evidence", cause),
            SecretError::FileBroken { file, .. } => user
                .hint("Mend the file, or move it away and type the passwords again.")
                .detail("reason", "file_broken")
                .detail("file", file.display()),
            SecretError::Missing => user
                .hint("Edit the profile and type the password again.")
                .detail("reason", "missing"),
        }
    }
}

fn sentence(error: &dyn std::error::Error) -> String {
    let text = error.to_string();
    let mut characters = text.chars();
    let first = characters.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", characters.as_str().trim_end_matches('.'))
}
