//! Profile files and secrets: what stays when the application ends.
//!
//! One JSON file for each profile, so that one broken file costs one profile, and files can be
//! copied, compared and kept in version control. Secrets never enter them: a profile file holds
//! the *name* of a secret, and the value lies in the operating system's keychain, or, where none
//! answers, in a file of its own that only this user can read.
//!
//! All functions block (files, the keychain's process); call them where blocking is allowed.

mod batch;
mod deleted;
mod error;
mod files;
mod folders;
mod order;
mod place;
mod presets;
mod reader;
mod reading;
mod scan;
mod secrets;
mod store;
mod upgrade;
mod watch;

pub use deleted::Deleted;
pub use error::{ProfileError, SecretError};
pub use place::UserFolders;
pub use presets::{PresetStore, PresetStoreError};
pub use reader::Reader;
pub use reading::{FORMAT, MAX_BYTES};
pub use secrets::keychain::{Keychain, KeychainFault, SystemKeychain};
pub use secrets::{Before, Limits, SecretStore, SecretStoreKind};
pub use store::{BrokenProfile, Listing, ProfileStore};
pub use watch::{Changed, Watch};
