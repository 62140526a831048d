//! A home folder of its own for each start of the application.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

/// A person's home: everything that the application keeps lies here, and survives its restarts.
#[derive(Debug)]
pub struct Home(TempDir);

impl Home {
    /// An empty home.
    pub fn new() -> Self {
        let folder = TempDir::with_prefix("mqttscope-home-").expect("a folder for the home");
        for name in ["config", "data", "cache", "run"] {
            std::fs::create_dir(folder.path().join(name)).expect("a folder in the home");
        }
        Self(folder)
    }

    /// The home's folder.
    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// The profile files.
    pub fn profiles(&self) -> Vec<PathBuf> {
        files(&self.path().join("config"))
            .into_iter()
            .filter(|path| path.components().any(|part| part.as_os_str() == "profiles"))
            .filter(|path| path.extension().is_some_and(|ending| ending == "json"))
            .filter(|path| path.file_name().is_some_and(|name| name != "folders.json"))
            .collect()
    }

    /// Whether no application holds the home. It keeps a lock on a file while it runs.
    pub fn is_free(&self) -> Result<(), String> {
        let files = files(&self.path().join("data"));
        let lock = files.iter().find(|path| path.file_name().is_some_and(|name| name == "lock"));
        let Some(lock) = lock else { return Ok(()) };
        let file = File::open(lock).map_err(|error| error.to_string())?;
        file.try_lock().map_err(|error| error.to_string())
    }

    /// Lets `command` live in this home, without the keychain, the bus and the language of whoever
    /// runs the tests.
    pub fn move_in(&self, command: &mut Command) {
        let home = self.path();
        command
            .env("HOME", home)
            .env("XDG_CONFIG_HOME", home.join("config"))
            .env("XDG_DATA_HOME", home.join("data"))
            .env("XDG_CACHE_HOME", home.join("cache"))
            .env("XDG_RUNTIME_DIR", home.join("run"))
            .env("DBUS_SESSION_BUS_ADDRESS", "disabled:")
            .env("NO_AT_BRIDGE", "1")
            .env("LANG", "C.UTF-8")
            .env_remove("LANGUAGE")
            .env_remove("LC_ALL");
    }
}

impl Default for Home {
    fn default() -> Self {
        Self::new()
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .flat_map(|entry| {
            let path = entry.path();
            if path.is_dir() { files(&path) } else { vec![path] }
        })
        .collect()
}
