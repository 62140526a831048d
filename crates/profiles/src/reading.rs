//! One profile file: its formats, its limits, and what it must be to be read at all.
//!
//! A folder that others write into may hold anything. Only regular files are opened, links to them included: a
//! pipe would hang whoever reads it. What is larger than [`MAX_BYTES`] is not read; the price is that a profile which
//! would become larger cannot be saved.

use std::fs;
use std::io::Read as _;
use std::path::Path;

use mqttscope_model::{Profile, ProfileId};
use serde::{Deserialize, Serialize};

use crate::upgrade::Profile1;

/// The format that this version writes, and the newest one that it reads. It reads all older ones.
pub const FORMAT: u32 = 2;

/// The largest file, in bytes, that is read as a profile. A profile with everything in it has some 100 KiB.
pub const MAX_BYTES: u64 = 1 << 20;

/// The name, before `.json`, of the file beside the profiles that holds their folders.
pub(crate) const FOLDERS: &str = "folders";

/// A profile as its file holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Stored {
    pub(crate) profile: Profile,
    /// The format of the file.
    pub(crate) format: u32,
}

#[derive(Serialize)]
struct Written<'a> {
    format: u32,
    profile: &'a Profile,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Whole<P> {
    /// Judged before, by [`Head`]; named here so that it is a known field.
    #[serde(rename = "format")]
    _format: u32,
    profile: P,
}

/// Read first: another format may have any shape.
#[derive(Deserialize)]
struct Head {
    format: u32,
}

/// Reads a profile, or says in English why the file is none.
pub(crate) fn read(file: &Path) -> Result<Stored, String> {
    let text = bytes(file, MAX_BYTES)?;
    let head: Head = serde_json::from_slice(&text).map_err(|error| error.to_string())?;
    let profile = match head.format {
        1 => whole::<Profile1>(&text)?.into(),
        FORMAT => whole::<Profile>(&text)?,
        other => {
            return Err(format!(
                "it has format {other}; this version knows the formats up to {FORMAT}"
            ));
        }
    };
    // Serde takes any text as an identifier; only a checked one may become a file name.
    if ProfileId::new(profile.id.as_str()).is_none() {
        return Err("its id is not 1 to 64 ASCII letters, digits and -".to_owned());
    }
    if is_reserved(&profile.id) {
        return Err(format!("its id is {}, which names the file of folders", profile.id));
    }
    Ok(Stored { profile, format: head.format })
}

fn whole<P: serde::de::DeserializeOwned>(text: &[u8]) -> Result<P, String> {
    let whole: Whole<P> = serde_json::from_slice(text).map_err(|error| error.to_string())?;
    Ok(whole.profile)
}

/// The text of a profile's file: the fields in the order of their declaration, and nothing that
/// changes by itself, so that a version control sees what a person changed.
pub(crate) fn text_of(profile: &Profile) -> serde_json::Result<Vec<u8>> {
    let mut text = serde_json::to_vec_pretty(&Written { format: FORMAT, profile })?;
    text.push(b'\n');
    Ok(text)
}

/// Whether a profile of this identifier would take the place of the file of folders, where file
/// names may differ in their case or not.
pub(crate) fn is_reserved(id: &ProfileId) -> bool {
    id.as_str().eq_ignore_ascii_case(FOLDERS)
}

/// The content of a regular file of at most `limit` bytes.
pub(crate) fn bytes(file: &Path, limit: u64) -> Result<Vec<u8>, String> {
    let about = fs::metadata(file).map_err(|error| {
        if fs::symlink_metadata(file).is_ok() {
            format!("it is a link that cannot be followed: {error}")
        } else {
            error.to_string()
        }
    })?;
    if !about.is_file() {
        return Err("it is no regular file".to_owned());
    }
    let too_large = || format!("it is larger than {limit} bytes");
    if about.len() > limit {
        return Err(too_large());
    }
    let mut text = Vec::with_capacity(usize::try_from(about.len()).unwrap_or_default() + 1);
    // It may grow while it is read.
    let file = fs::File::open(file).map_err(|error| error.to_string())?;
    file.take(limit + 1).read_to_end(&mut text).map_err(|error| error.to_string())?;
    if u64::try_from(text.len()).is_ok_and(|length| length <= limit) {
        Ok(text)
    } else {
        Err(too_large())
    }
}
