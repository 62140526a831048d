//! Reading what may be imported, and showing what it would do. Nothing is changed here.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;
use std::sync::Arc;

use mqttscope_exchange::paths::paths;
use mqttscope_exchange::plan::{self, Fresh, Stored};
use mqttscope_exchange::seal::SealError;
use mqttscope_exchange::{Found, ImportId, ImportPreview, Note, NoteCode, document, import};
use mqttscope_model::{ErrorCode, Profile, ProfileId, Secret, Secrets, UserError};

use crate::Engine;
use crate::engine::blocking;
use crate::imports::Open;

/// The largest file that is read, in bytes.
const MAX_BYTES: u64 = 256 << 20;

/// How many profiles' secrets are looked up to tell whether they differ: each may ask the keychain.
const MOST_COMPARED: usize = 200;

impl Engine {
    pub(crate) async fn import_file(&self, path: String) -> Result<ImportPreview, UserError> {
        let (engine, zone) = (self.clone(), jiff::tz::TimeZone::system());
        blocking(move || {
            let path = Path::new(&path);
            let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
            let bytes = read_file(path, &name)?;
            let mut found = import::read(&name, &bytes, Some(path), &zone)?;
            drop(bytes);
            note_missing_files(&mut found);
            let (id, open) = engine.imports.add(found, name);
            engine.previewed(id, &open)
        })
        .await?
    }

    pub(crate) async fn import_text(&self, text: Secret) -> Result<ImportPreview, UserError> {
        let (engine, zone) = (self.clone(), jiff::tz::TimeZone::system());
        blocking(move || {
            let mut found = import::read("", text.expose().as_bytes(), None, &zone)?;
            note_missing_files(&mut found);
            let (id, open) = engine.imports.add(found, String::new());
            engine.previewed(id, &open)
        })
        .await?
    }

    pub(crate) async fn import_unlock(
        &self,
        import: ImportId,
        passphrase: Secret,
    ) -> Result<ImportPreview, UserError> {
        let mut open = self.imports.open(import)?;
        let engine = self.clone();
        blocking(move || {
            let mut found = Found::clone(&open.found);
            document::unlock(&mut found, &passphrase)
                .map_err(|error| not_opened(error, &open.file))?;
            open.found = Arc::new(found);
            engine.imports.replace(import, Arc::clone(&open.found));
            engine.previewed(import, &open)
        })
        .await?
    }

    pub(crate) async fn import_cancel(&self, import: ImportId) -> Result<(), UserError> {
        self.imports.cancel(import);
        Ok(())
    }

    fn previewed(&self, id: ImportId, open: &Open) -> Result<ImportPreview, UserError> {
        let existing = self.profiles.list()?.profiles;
        let stored = self.stored(&open.found, &existing);
        Ok(plan::preview(id, &open.file, &open.found, &existing, &stored))
    }

    /// The stored values of secrets that come with the import for profiles that are here. One that cannot be had counts
    /// as different.
    fn stored(&self, found: &Found, existing: &[Profile]) -> Stored {
        let with_secrets = found.profiles.iter().filter(|one| !one.secrets.0.is_empty());
        let mut stored = Stored::new();
        for one in with_secrets.take(MOST_COMPARED) {
            let Some(here) = existing.iter().find(|here| here.id == one.profile.id) else {
                continue;
            };
            let named = here.secrets().into_iter();
            let values = named.filter(|(slot, _)| one.secrets.get(slot).is_some());
            let values = values
                .filter_map(|(slot, name)| Some((slot, self.secrets.get(&name).ok().flatten()?)));
            stored.insert(here.id.clone(), Secrets(values.collect()));
        }
        stored
    }
}

/// Identifiers by chance.
pub(crate) struct Chance;

impl Fresh for Chance {
    fn profile_id(&mut self) -> ProfileId {
        loop {
            // A UUID always is one.
            if let Some(id) = ProfileId::new(uuid::Uuid::new_v4().to_string()) {
                return id;
            }
        }
    }

    fn client_id(&mut self) -> String {
        crate::commands::fresh_client_id()
    }
}

/// Notes the files that profiles name and that are not here. Nobody is asked about a path on another machine: on Windows
/// the mere question would tell that machine who is asking.
fn note_missing_files(found: &mut Found) {
    for one in &mut found.profiles {
        let is_missing = |path: &str| {
            let is_remote = path.starts_with("\\\\") || path.starts_with("//");
            is_remote || !Path::new(path).exists()
        };
        let missing = paths(&one.profile).into_iter().filter(|(_, path)| is_missing(path));
        let notes: Vec<Note> = missing
            .map(|(field, path)| Note {
                field: field.to_owned(),
                value: path.to_owned(),
                code: NoteCode::PathFromElsewhere,
            })
            .collect();
        one.notes.extend(notes);
    }
}

/// The whole of a regular file, or of one that a link leads to. A pipe or a device would never end.
fn read_file(path: &Path, name: &str) -> Result<Vec<u8>, UserError> {
    let unreadable = |reason: String| {
        UserError::new(
            ErrorCode::ImportUnreadable,
            format!("{} cannot be read: {reason}.", path.display()),
        )
        .hint("Check that the file is there and that you may read it.")
        .detail("file", name)
        .detail("place", "")
        .detail("reason", reason)
    };
    let too_large = || {
        UserError::new(
            ErrorCode::ImportTooLarge,
            format!("{} is larger than {MAX_BYTES} bytes.", path.display()),
        )
        .detail("file", name)
        .detail("limit", MAX_BYTES)
    };
    let about = std::fs::metadata(path).map_err(|error| unreadable(error.to_string()))?;
    if !about.is_file() {
        return Err(unreadable("it is not a file".to_owned()));
    }
    if about.len() > MAX_BYTES {
        return Err(too_large());
    }
    let file = File::open(path).map_err(|error| unreadable(error.to_string()))?;
    let mut bytes = Vec::new();
    file.take(MAX_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| unreadable(error.to_string()))?;
    if bytes.len() as u64 > MAX_BYTES { Err(too_large()) } else { Ok(bytes) }
}

fn not_opened(error: SealError, file: &str) -> UserError {
    let code = match error {
        SealError::WrongPassphrase => ErrorCode::ImportPassphrase,
        SealError::TooMuchWork(_) | SealError::Damaged => ErrorCode::ImportUnreadable,
    };
    UserError::new(code, format!("The secrets cannot be opened: {error}."))
        .detail("file", file)
        .detail("place", "secrets")
        .detail("reason", error)
}
