//! Our own export format: what goes into it.

use mqttscope_model::{Profile, ProfileId, Secret, Secrets, Tree};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::document;
use crate::embed::{ReadFile, embed};
use crate::found::{Note, NoteCode};
use crate::seal::{SealError, SecretsOf, seal};
use crate::slots::slot_path;

/// How an export is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ExportFormat {
    /// JSON.
    #[default]
    Json,
    /// YAML.
    Yaml,
}

/// What becomes of certificate files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Certificates {
    /// Their paths are written.
    #[default]
    Paths,
    /// Their content is written; private keys only among encrypted secrets.
    Embedded,
}

/// What is exported, and how.
#[derive(Clone, Debug, Deserialize, TS)]
pub struct ExportOptions {
    /// Which profiles; empty means all.
    pub profiles: Vec<ProfileId>,
    /// How it is written.
    pub format: ExportFormat,
    /// What becomes of certificate files.
    pub certificates: Certificates,
    /// Secrets are encrypted with this; none leaves them out.
    pub passphrase: Option<Secret>,
}

/// What was exported.
#[derive(Clone, Debug, Serialize, TS)]
pub struct ExportReport {
    /// The file's path.
    pub path: String,
    /// How many profiles it holds.
    pub profiles: u32,
    /// How many secrets it holds, encrypted.
    pub secrets: u32,
    /// Its size in bytes.
    pub bytes: u64,
    /// What is not in it as it is here.
    pub notes: Vec<Note>,
}

/// An export before it is written.
#[derive(Clone, Debug)]
pub struct Exported {
    /// The document.
    pub text: String,
    /// How many secrets it holds, encrypted.
    pub secrets: u32,
    /// What is not in it as it is here. Their fields begin with the profile's name.
    pub notes: Vec<Note>,
}

/// Why an export could not be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ExportError {
    /// The secrets could not be encrypted.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The document could not be written.
    #[error("the document could not be written: {0}")]
    Document(String),
}

/// Makes the document of `profiles` in their order. `secrets` are the values of what they name, and matter only with a
/// passphrase; `read` reads certificate files, where they are embedded.
///
/// # Errors
/// [`ExportError`].
pub fn export(
    profiles: Vec<Profile>,
    tree: &Tree,
    mut secrets: SecretsOf,
    read: ReadFile<'_>,
    options: &ExportOptions,
) -> Result<Exported, ExportError> {
    let mut notes = Vec::new();
    let mut left = Vec::with_capacity(profiles.len());
    let mut kept = SecretsOf::new();
    for mut profile in profiles {
        let mut own = Vec::new();
        let mut values =
            options.passphrase.as_ref().map(|_| secrets.remove(&profile.id).unwrap_or_default());
        take_names_out(&mut profile, values.as_ref(), &mut own);
        if options.certificates == Certificates::Embedded {
            embed(&mut profile, values.as_mut(), read, &mut own);
        }
        if let Some(values) = values.filter(|values| !values.0.is_empty()) {
            kept.insert(profile.id.clone(), values);
        }
        notes.extend(
            own.into_iter()
                .map(|note| Note { field: format!("{}: {}", profile.name, note.field), ..note }),
        );
        left.push(profile);
    }
    let sealed = match &options.passphrase {
        Some(passphrase) if !kept.is_empty() => Some(seal(&kept, passphrase)?),
        _ => None,
    };
    let text = document::write(&left, tree, sealed.as_deref(), options.format)
        .map_err(ExportError::Document)?;
    let count = kept.values().map(|secrets| secrets.0.len()).sum::<usize>();
    Ok(Exported { text, secrets: u32::try_from(count).unwrap_or(u32::MAX), notes })
}

/// A name means nothing outside of this keychain. What no value goes with is noted.
fn take_names_out(profile: &mut Profile, values: Option<&Secrets>, notes: &mut Vec<Note>) {
    for (slot, _) in profile.secrets() {
        profile.set_secret(&slot, None);
        let code = match values {
            None => NoteCode::SecretLeftOut,
            Some(values) if values.get(&slot).is_none() => NoteCode::SecretMissing,
            Some(_) => continue,
        };
        notes.push(Note { field: slot_path(&slot), value: String::new(), code });
    }
}
