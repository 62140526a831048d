//! A person's own presets as files: `presets/<id>.json`.
//!
//! Like the profiles, nothing is kept in memory: a file that a person adds or edits is seen at the next look. A
//! file that is no preset is left as it is and told of in the log only, because nothing is lost with it that
//! cannot be saved again from a profile.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use mqttscope_model::{ErrorCode, Preset, PresetId, UserError, preset};
use serde::{Deserialize, Serialize};

use crate::{files, order};

/// The format that this version writes, and the only one that it reads.
const FORMAT: u32 = 1;
/// The largest file that is read, in bytes; ours.
const MAX_BYTES: u64 = 1 << 20;

/// Why a preset could not be read or kept.
#[derive(Debug, thiserror::Error)]
pub enum PresetStoreError {
    /// There is no preset of one's own with this identifier.
    #[error("there is no preset {0} of your own")]
    NotFound(PresetId),
    /// The file is not a preset. It is kept as it is.
    #[error("{} is not a preset: {reason}", .file.display())]
    Broken {
        /// The file.
        file: PathBuf,
        /// Why, with line and column where there are.
        reason: String,
    },
    /// The file could not be written or removed.
    #[error("{} could not be written: {cause}", .file.display())]
    NotWritten {
        /// The file.
        file: PathBuf,
        /// What the operating system said.
        #[source]
        cause: io::Error,
    },
}

impl From<PresetStoreError> for UserError {
    fn from(error: PresetStoreError) -> Self {
        let message = error.to_string();
        match error {
            PresetStoreError::NotFound(id) => Self::new(ErrorCode::PresetNotFound, message)
                .hint("It may have been deleted; choose another one.")
                .detail("id", id),
            PresetStoreError::Broken { file, reason } => {
                Self::new(ErrorCode::PresetInvalid, message)
                    .hint("Mend the file in a text editor, or move it out of the folder.")
                    .detail("file", file.display())
                    .detail("reason", reason)
            }
            PresetStoreError::NotWritten { file, cause } => {
                Self::new(ErrorCode::PresetNotSaved, message)
                    .hint("Check that the folder belongs to you and that the disk is not full.")
                    .detail("file", file.display())
                    .detail("reason", cause)
            }
        }
    }
}

/// The saved presets.
#[derive(Clone, Debug)]
pub struct PresetStore {
    folder: PathBuf,
}

#[derive(Serialize)]
struct Written<'a> {
    format: u32,
    preset: &'a Preset,
}

/// Read first: another format may have any shape.
#[derive(Deserialize)]
struct Head {
    format: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Kept {
    /// Judged before, by [`Head`]; named here so that it is a known field.
    #[serde(rename = "format")]
    _format: u32,
    preset: Preset,
}

impl PresetStore {
    /// The presets below `config_dir`. Nothing is read or made yet.
    pub fn new(config_dir: &Path) -> Self {
        Self { folder: config_dir.join("presets") }
    }

    /// All presets, by name. Files that are none are told of in the log.
    pub fn list(&self) -> Vec<Preset> {
        let mut found = Vec::new();
        // Before the first one is saved there is no folder, and no preset.
        for entry in fs::read_dir(&self.folder).into_iter().flatten().flatten() {
            let file = entry.path();
            let name = entry.file_name().to_string_lossy().into_owned();
            let Some(id) = name.strip_suffix(".json").filter(|id| !id.starts_with('.')) else {
                continue;
            };
            match read(&file, &PresetId(id.to_owned())) {
                Ok(preset) => found.push(preset),
                Err(reason) => {
                    tracing::warn!(file = %file.display(), %reason, "a file is no preset");
                }
            }
        }
        found.sort_by(|a, b| order::natural(&a.name.en, &b.name.en).then_with(|| a.id.cmp(&b.id)));
        found
    }

    /// One preset.
    ///
    /// # Errors
    /// [`PresetStoreError::NotFound`], [`PresetStoreError::Broken`]
    pub fn get(&self, id: &PresetId) -> Result<Preset, PresetStoreError> {
        let file = self.existing(id)?;
        read(&file, id).map_err(|reason| PresetStoreError::Broken { file, reason })
    }

    /// Writes a preset to `<id>.json`; it is on the disk when this returns.
    ///
    /// # Errors
    /// [`PresetStoreError::Broken`] where the file of that name is no preset,
    /// [`PresetStoreError::NotWritten`]. Either way all files are as they were.
    pub fn save(&self, preset: &Preset) -> Result<(), PresetStoreError> {
        match self.get(&preset.id) {
            Ok(_) | Err(PresetStoreError::NotFound(_)) => {}
            Err(other) => return Err(other),
        }
        let file = self.path_of(&preset.id);
        let failed = |cause| PresetStoreError::NotWritten { file: file.clone(), cause };
        if !preset.id.is_valid() {
            return Err(failed(io::ErrorKind::InvalidFilename.into()));
        }
        let mut text = serde_json::to_vec_pretty(&Written { format: FORMAT, preset })
            .map_err(|error| failed(error.into()))?;
        text.push(b'\n');
        files::make_folder(&self.folder).map_err(failed)?;
        files::write_atomically(&file, &text).map_err(failed)
    }

    /// Removes a preset, even one whose file is broken: whoever names it wants it gone.
    ///
    /// # Errors
    /// [`PresetStoreError::NotFound`], [`PresetStoreError::NotWritten`]
    pub fn delete(&self, id: &PresetId) -> Result<(), PresetStoreError> {
        let file = self.existing(id)?;
        fs::remove_file(&file).map_err(|cause| PresetStoreError::NotWritten { file, cause })
    }

    fn path_of(&self, id: &PresetId) -> PathBuf {
        self.folder.join(format!("{id}.json"))
    }

    fn existing(&self, id: &PresetId) -> Result<PathBuf, PresetStoreError> {
        // An identifier with a slash in it would lead out of the folder.
        let file = Some(self.path_of(id)).filter(|file| id.is_valid() && file.exists());
        file.ok_or_else(|| PresetStoreError::NotFound(id.clone()))
    }
}

fn read(file: &Path, id: &PresetId) -> Result<Preset, String> {
    let mut text = Vec::new();
    File::open(file)
        .and_then(|open| open.take(MAX_BYTES + 1).read_to_end(&mut text))
        .map_err(|error| error.to_string())?;
    if text.len() as u64 > MAX_BYTES {
        return Err(format!("it is larger than {MAX_BYTES} bytes"));
    }
    let head: Head = serde_json::from_slice(&text).map_err(|error| error.to_string())?;
    if head.format != FORMAT {
        return Err(format!(
            "it has format {}; this version knows format {FORMAT} only",
            head.format
        ));
    }
    let Kept { preset, .. } = serde_json::from_slice(&text).map_err(|error| error.to_string())?;
    if preset.id != *id || !id.is_valid() {
        return Err("its id is not its file's name of ASCII letters, digits and -".to_owned());
    }
    if preset::providers().iter().any(|provider| provider.id == *id) {
        return Err("its id is that of a provider".to_owned());
    }
    Ok(preset)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use mqttscope_model::{Profile, ProfileId};

    use super::*;

    fn preset(id: &str, name: &str) -> Preset {
        let mut profile = Profile::new(ProfileId::new("p1").unwrap(), String::new());
        profile.keep_alive = 7;
        Preset::of_profile(PresetId(id.to_owned()), name, &profile, Vec::new()).unwrap()
    }

    fn names(store: &PresetStore) -> Vec<String> {
        store.list().into_iter().map(|preset| preset.name.en).collect()
    }

    #[test]
    fn presets_are_kept_by_name_and_come_back_as_they_were() {
        let folder = tempfile::tempdir().unwrap();
        let store = PresetStore::new(folder.path());
        assert_eq!(names(&store), [""; 0]);
        for (id, name) in [("a", "bench 10"), ("b", "Bench 9")] {
            store.save(&preset(id, name)).unwrap();
        }
        assert_eq!(names(&store), ["Bench 9", "bench 10"]);
        let kept = store.get(&PresetId("a".to_owned())).unwrap();
        assert_eq!(kept, preset("a", "bench 10"));
        let profile = Profile::new(ProfileId::new("p2").unwrap(), "c".to_owned());
        assert_eq!(kept.apply(&profile, &BTreeMap::new()).unwrap().keep_alive, 7);
        store.delete(&kept.id).unwrap();
        assert_eq!(names(&store), ["Bench 9"]);
        let gone = store.delete(&kept.id).unwrap_err();
        assert!(matches!(gone, PresetStoreError::NotFound(_)));
    }

    #[test]
    fn a_file_that_is_no_preset_is_skipped_and_never_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let store = PresetStore::new(folder.path());
        store.save(&preset("good", "Good")).unwrap();
        let good = fs::read_to_string(folder.path().join("presets/good.json")).unwrap();
        for (id, text) in [
            ("cut", good[..40].to_owned()),
            ("later", good.replacen("\"format\": 1", "\"format\": 2", 1)),
            ("other", good.clone()),
            ("emqx", good.replacen("\"good\"", "\"emqx\"", 1)),
            ("huge", format!("{}{good}", " ".repeat(1 << 20))),
            ("deep", "[".repeat(100_000)),
        ] {
            let file = folder.path().join(format!("presets/{id}.json"));
            fs::write(&file, &text).unwrap();
            assert_eq!(names(&store), ["Good"], "{id}");
            let error = store.save(&preset(id, "New")).unwrap_err();
            assert!(matches!(error, PresetStoreError::Broken { .. }), "{id} {error}");
            assert_eq!(fs::read_to_string(&file).unwrap(), text);
        }
    }

    #[test]
    fn an_identifier_cannot_lead_out_of_the_folder() {
        let folder = tempfile::tempdir().unwrap();
        let store = PresetStore::new(folder.path());
        fs::create_dir(folder.path().join("presets")).unwrap();
        fs::write(folder.path().join("settings.json"), "{}").unwrap();
        let outside = PresetId("../settings".to_owned());
        assert!(matches!(store.get(&outside), Err(PresetStoreError::NotFound(_))));
        assert!(matches!(store.delete(&outside), Err(PresetStoreError::NotFound(_))));
        assert!(store.save(&preset("../settings", "x")).is_err());
        assert_eq!(fs::read_to_string(folder.path().join("settings.json")).unwrap(), "{}");
    }
}
