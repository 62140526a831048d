//! Where the application's files lie on this system, for every program that reads or writes them.

use std::path::PathBuf;

use directories::ProjectDirs;

/// The folders of this user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserFolders {
    /// Profiles, settings, and secrets where there is no keychain: `~/.config/mqttscope` on Linux.
    pub config: PathBuf,
    /// Histories: `~/.local/share/mqttscope` on Linux.
    pub data: PathBuf,
}

impl UserFolders {
    /// The platform's folders for this user, or none where the user has no home. They may not be there yet.
    pub fn find() -> Option<Self> {
        let project = ProjectDirs::from("io", "mqttscope", "MQTTScope")?;
        Some(Self {
            config: project.config_dir().to_owned(),
            data: project.data_local_dir().to_owned(),
        })
    }
}
