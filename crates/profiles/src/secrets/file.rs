//! Secrets in a file of mode 0600, for machines without a keychain.
//!
//! Not encrypted: a key would have to lie beside it. It is read anew for each look, so that values
//! do not stay in memory, and written whole.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::{fs, io};

use mqttscope_model::{Secret, SecretName};
use serde::{Deserialize, Serialize};

use crate::error::SecretError;
use crate::files;

const FORMAT: u32 = 1;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Content {
    format: u32,
    secrets: BTreeMap<String, String>,
}

#[derive(Debug)]
pub(crate) struct SecretFile {
    path: PathBuf,
    /// Held from reading to writing, so that no change is lost.
    writing: Mutex<()>,
}

impl SecretFile {
    pub(crate) fn new(path: PathBuf) -> Self {
        Self { path, writing: Mutex::new(()) }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn get(&self, name: &SecretName) -> Result<Option<Secret>, SecretError> {
        Ok(self.read()?.remove(name.as_str()).map(Secret::new))
    }

    pub(crate) fn set(&self, name: &SecretName, value: &Secret) -> Result<(), SecretError> {
        self.change(|secrets| {
            secrets.insert(name.as_str().to_owned(), value.expose().to_owned());
            true
        })
        .map(|_| ())
    }

    /// Says whether it was there.
    pub(crate) fn remove(&self, name: &SecretName) -> Result<bool, SecretError> {
        self.change(|secrets| secrets.remove(name.as_str()).is_some())
    }

    /// Writes the file where `change` says that it changed something; says so as well.
    pub(crate) fn change(
        &self,
        change: impl FnOnce(&mut BTreeMap<String, String>) -> bool,
    ) -> Result<bool, SecretError> {
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let mut secrets = self.read()?;
        if !change(&mut secrets) {
            return Ok(false);
        }
        let failed = |cause| SecretError::File { file: self.path.clone(), cause };
        let mut text = serde_json::to_vec_pretty(&Content { format: FORMAT, secrets })
            .map_err(|error| failed(error.into()))?;
        text.push(b'\n');
        files::write_atomically(&self.path, &text).map_err(failed)?;
        Ok(true)
    }

    /// All values by their names.
    pub(crate) fn read(&self) -> Result<BTreeMap<String, String>, SecretError> {
        let text = match fs::read(&self.path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(BTreeMap::new()),
            Err(cause) => return Err(SecretError::File { file: self.path.clone(), cause }),
        };
        let broken =
            |line, column| SecretError::FileBroken { file: self.path.clone(), line, column };
        // The parser's own words may quote a value, so only the position is told.
        let content: Content =
            serde_json::from_slice(&text).map_err(|error| broken(error.line(), error.column()))?;
        if content.format != FORMAT {
            return Err(broken(0, 0));
        }
        Ok(content.secrets)
    }
}
