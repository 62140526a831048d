//! Where the application's files lie.

use std::path::{Path, PathBuf};

use mqttscope_profiles::UserFolders;

/// The two folders of the application. Tests give their own; the window uses the platform's.
#[derive(Clone, Debug)]
pub struct Folders {
    /// Profiles, settings, and secrets where there is no keychain.
    pub config: PathBuf,
    /// Histories.
    pub data: PathBuf,
}

impl Folders {
    /// The platform's folders for this user (`~/.config/mqttscope` and `~/.local/share/mqttscope`
    /// on Linux), or none where the user has no home.
    pub fn of_user() -> Option<Self> {
        let UserFolders { config, data } = UserFolders::find()?;
        Some(Self { config, data })
    }

    /// Both folders below one.
    pub fn below(root: &Path) -> Self {
        Self { config: root.join("config"), data: root.join("data") }
    }

    /// The file of a profile's history.
    pub(crate) fn history(&self, profile: &mqttscope_model::ProfileId) -> PathBuf {
        self.data.join("history").join(format!("{profile}.sqlite"))
    }
}
