//! Export and "copy as".

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{Read as _, Write as _};
use std::path::Path;

use mqttscope_exchange::export::{ExportError, export};
use mqttscope_exchange::seal::SecretsOf;
use mqttscope_exchange::{Copied, CopyTarget, ExportOptions, ExportReport, copy_as};
use mqttscope_model::{ErrorCode, Node, Profile, ProfileId, Secrets, Tree, UserError};

use crate::Engine;
use crate::engine::blocking;

/// The largest certificate file that is embedded, in bytes; bundles of all authorities have a quarter of it.
const MAX_CERTIFICATES: u64 = 1 << 20;

impl Engine {
    pub(crate) async fn export_save(
        &self,
        path: String,
        options: ExportOptions,
    ) -> Result<ExportReport, UserError> {
        let engine = self.clone();
        blocking(move || engine.export_now(path, &options)).await?
    }

    pub(crate) async fn copy_as(
        &self,
        profile: ProfileId,
        target: CopyTarget,
    ) -> Result<Copied, UserError> {
        Ok(copy_as::copy_as(
            &self.profiles.get(&profile)?,
            target,
            &crate::sessions::placeholders(),
        ))
    }

    fn export_now(&self, path: String, options: &ExportOptions) -> Result<ExportReport, UserError> {
        let listing = self.profiles.list()?;
        let profiles = chosen(listing.profiles, &listing.tree, &options.profiles)?;
        let mut secrets = SecretsOf::new();
        if options.passphrase.is_some() {
            for profile in &profiles {
                let mut values = Secrets::default();
                for (slot, name) in profile.secrets() {
                    if let Some(value) = self.secrets.get(&name)? {
                        values.insert(slot, value);
                    }
                }
                secrets.insert(profile.id.clone(), values);
            }
        }
        let count = u32::try_from(profiles.len()).unwrap_or(u32::MAX);
        let exported = export(profiles, &listing.tree, secrets, &read_certificates, options)
            .map_err(|error| not_made(&error))?;
        write_whole(Path::new(&path), exported.text.as_bytes())
            .map_err(|error| not_saved(&path, &error))?;
        Ok(ExportReport {
            path,
            profiles: count,
            secrets: exported.secrets,
            bytes: exported.text.len() as u64,
            notes: exported.notes,
        })
    }
}

/// The profiles that are wanted, all where none is named, in the order in which people see them.
fn chosen(
    profiles: Vec<Profile>,
    tree: &Tree,
    wanted: &[ProfileId],
) -> Result<Vec<Profile>, UserError> {
    let mut by_id: std::collections::BTreeMap<_, _> =
        profiles.into_iter().map(|profile| (profile.id.clone(), profile)).collect();
    if let Some(id) = wanted.iter().find(|id| !by_id.contains_key(id)) {
        return Err(UserError::new(
            ErrorCode::ProfileNotFound,
            format!("There is no profile {id}."),
        )
        .detail("id", id));
    }
    let wanted: BTreeSet<&ProfileId> = wanted.iter().collect();
    let mut ordered = Vec::new();
    walk(&tree.0, &mut |id| {
        if wanted.is_empty() || wanted.contains(id) {
            ordered.extend(by_id.remove(id));
        }
    });
    if ordered.is_empty() {
        return Err(UserError::new(ErrorCode::ExportEmpty, "There is no profile to export."));
    }
    Ok(ordered)
}

fn walk(nodes: &[Node], visit: &mut impl FnMut(&ProfileId)) {
    for node in nodes {
        match node {
            Node::Profile { id } => visit(id),
            Node::Folder { children, .. } => walk(children, visit),
        }
    }
}

/// A file that is small enough to be certificates; none where it is not, or cannot be read.
fn read_certificates(path: &str) -> Option<Vec<u8>> {
    let about = std::fs::metadata(path).ok()?;
    if !about.is_file() || about.len() > MAX_CERTIFICATES {
        return None;
    }
    let mut bytes = Vec::new();
    File::open(path).ok()?.take(MAX_CERTIFICATES).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

/// The file is there whole, or what was there before it: it is written under another name first. Only this user can read
/// it (Unix: 0600).
pub(crate) fn write_whole(path: &Path, content: &[u8]) -> std::io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    let mut file = tempfile::Builder::new().prefix(".").suffix(".tmp").tempfile_in(folder)?;
    file.write_all(content)?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

fn not_saved(path: &str, error: &std::io::Error) -> UserError {
    UserError::new(ErrorCode::ExportNotSaved, format!("{path} could not be written: {error}."))
        .hint("Check that the folder can be written to and that the disk has room.")
        .detail("path", path)
        .detail("reason", error)
}

fn not_made(error: &ExportError) -> UserError {
    UserError::new(ErrorCode::ExportNotSaved, format!("The export could not be made: {error}."))
        .detail("path", "")
        .detail("reason", error)
}
