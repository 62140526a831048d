//! The window's settings in `settings.json`.
//!
//! Settings are a convenience: a file that cannot be read means the defaults, and is replaced by the
//! next change. That is the price of never standing in the way of the start.

use std::io::Write as _;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use mqttscope_model::{ErrorCode, UserError};

use crate::api::Settings;

/// The settings and their file.
#[derive(Debug)]
pub(crate) struct SettingsFile {
    path: PathBuf,
    now: Mutex<Settings>,
}

impl SettingsFile {
    /// Reads the file, or takes the defaults.
    pub(crate) fn open(path: PathBuf) -> Self {
        let now = match std::fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes).unwrap_or_else(|error| {
                tracing::warn!(%error, path = %path.display(), "settings could not be read");
                Settings::default()
            }),
            Err(_) => Settings::default(),
        };
        Self { path, now: Mutex::new(now) }
    }

    /// The settings now.
    pub(crate) fn get(&self) -> Settings {
        self.now.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Replaces the settings, in memory and on disk.
    pub(crate) fn set(&self, settings: Settings) -> Result<(), UserError> {
        let mut now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        self.write(&settings).map_err(|error| {
            UserError::new(
                ErrorCode::SettingsNotSaved,
                format!("The settings could not be written: {error}"),
            )
            .hint("Check that the folder can be written to and the disk has room.")
            .detail("path", self.path.display())
        })?;
        *now = settings;
        Ok(())
    }

    fn write(&self, settings: &Settings) -> std::io::Result<()> {
        let folder = self.path.parent().unwrap_or(&self.path);
        std::fs::create_dir_all(folder)?;
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        file.write_all(&serde_json::to_vec_pretty(settings)?)?;
        file.as_file().sync_all()?;
        file.persist(&self.path)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::Theme;

    #[test]
    fn settings_survive_a_restart_and_a_broken_file_means_defaults() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config/settings.json");
        let mut wanted = Settings { theme: Theme::Dark, ..Settings::default() };
        wanted.layout.insert("sidebar".to_owned(), 220.0);
        SettingsFile::open(path.clone()).set(wanted.clone()).unwrap();
        assert_eq!(SettingsFile::open(path.clone()).get(), wanted);
        std::fs::write(&path, "{ broken").unwrap();
        assert_eq!(SettingsFile::open(path).get(), Settings::default());
    }
}
