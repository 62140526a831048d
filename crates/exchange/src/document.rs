//! Our own format: profiles with their folders in one JSON or YAML document.
//!
//! A profile stands in it as in its own file, so there is one shape to document (`docs/profiles.md`, with a JSON Schema
//! beside it) and to keep. The order of keys is fixed: two exports of the same profiles can be compared. The
//! names of secrets are left out, because in a keychain of somebody else they would name something else; for the same
//! reason names that a document holds all the same are never believed. Unknown fields are refused instead
//! of dropped: what would be lost is said.

use std::collections::{BTreeMap, BTreeSet};

use mqttscope_model::folder::MAX_DEPTH;
use mqttscope_model::{Colour, Node, Profile, ProfileId, Secret, Secrets, Tree};
use serde::{Deserialize, Serialize};

use crate::error::{ImportError, ImportFault, Place as Where};
use crate::export::ExportFormat;
use crate::found::{Found, FoundNode, FoundProfile, ImportFormat, Note, NoteCode};
use crate::seal::{self, SealError};
use crate::slots::slot_path;

/// What says that a document is ours.
pub const FORMAT: &str = "mqttscope-profiles";
/// The version of the format that is written, and the only one that is read.
pub const VERSION: u32 = 1;

/// How many scalars, lists and maps a YAML document may hold: 10,000 profiles of 120 with room to spare.
const MOST_NODES: usize = 5_000_000;

#[derive(Serialize)]
struct Written<'a> {
    format: &'a str,
    version: u32,
    folders: Vec<Place>,
    profiles: &'a [Profile],
    #[serde(skip_serializing_if = "Option::is_none")]
    secrets: Option<&'a str>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Read {
    #[serde(rename = "$schema", default)]
    _schema: Option<String>,
    #[serde(rename = "format")]
    _format: String,
    #[serde(rename = "version")]
    _version: u32,
    #[serde(default)]
    folders: Vec<Place>,
    profiles: Vec<Profile>,
    #[serde(default)]
    secrets: Option<String>,
}

/// Read first: another version may have any shape.
#[derive(Deserialize)]
struct Head {
    format: String,
    version: u32,
}

/// A folder or a profile. Folders have no identifiers: they are found again by their names.
#[derive(Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
enum Place {
    Folder {
        name: String,
        #[serde(default)]
        colour: Option<Colour>,
        #[serde(default)]
        children: Vec<Place>,
    },
    Profile {
        id: ProfileId,
    },
}

/// Writes a document. `profiles` must name no secrets any more; `sealed` are theirs, encrypted. Profiles that are not
/// among `profiles`, and folders without any, are left out of the tree.
///
/// # Errors
/// The words of the library where it fails at it.
pub fn write(
    profiles: &[Profile],
    tree: &Tree,
    sealed: Option<&str>,
    format: ExportFormat,
) -> Result<String, String> {
    let wanted: BTreeSet<&ProfileId> = profiles.iter().map(|profile| &profile.id).collect();
    let folders = places(&tree.0, &wanted);
    let written = Written { format: FORMAT, version: VERSION, folders, profiles, secrets: sealed };
    match format {
        ExportFormat::Json => {
            let text = serde_json::to_string_pretty(&written).map_err(|error| error.to_string())?;
            Ok(text + "\n")
        }
        ExportFormat::Yaml => {
            // Quoted, because other programs read `on` and `1e3` their own way.
            let options = serde_saphyr::ser_options! { quote_all: true };
            serde_saphyr::to_string_with_options(&written, options)
                .map_err(|error| error.to_string())
        }
    }
}

/// The parts of a tree that lead to a wanted profile.
fn places(nodes: &[Node], wanted: &BTreeSet<&ProfileId>) -> Vec<Place> {
    let place = |node: &Node| match node {
        Node::Profile { id } => wanted.contains(id).then(|| Place::Profile { id: id.clone() }),
        Node::Folder { name, colour, children, .. } => {
            let children = places(children, wanted);
            (!children.is_empty()).then(|| Place::Folder {
                name: name.clone(),
                colour: *colour,
                children,
            })
        }
    };
    nodes.iter().filter_map(place).collect()
}

/// Reads a document of ours, in JSON or YAML; none where it is something else.
pub fn read(bytes: &[u8]) -> Option<Result<Found, ImportError>> {
    if !holds(bytes, FORMAT.as_bytes()) {
        return None;
    }
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text.trim_start_matches('\u{feff}'),
        Err(_) => return None,
    };
    let document = match text.trim_start().as_bytes().first() {
        Some(b'{') => read_json(text)?,
        Some(b'[') => return None,
        _ => read_yaml(text)?,
    };
    Some(document.and_then(found))
}

fn read_json(text: &str) -> Option<Result<Read, ImportError>> {
    match serde_json::from_str::<Head>(text) {
        Ok(head) if head.format == FORMAT => Some(
            this_version(head.version)
                .and_then(|()| serde_json::from_str(text).map_err(|error| json_error(&error))),
        ),
        // A file that was cut, or written by hand with a slip: ours if its first lines say so.
        Err(error) if begins_as_ours(text) => Some(Err(json_error(&error))),
        _ => None,
    }
}

fn read_yaml(text: &str) -> Option<Result<Read, ImportError>> {
    let says_so = |line: &str| {
        let value = line.strip_prefix("format:").or_else(|| line.strip_prefix("\"format\":"));
        value.is_some_and(|value| value.trim().trim_matches(['"', '\'']) == FORMAT)
    };
    if !text.lines().any(says_so) {
        return None;
    }
    let head: Result<Head, _> = serde_saphyr::from_str_with_options(text, yaml_options());
    Some(match head {
        Err(error) => Err(yaml_error(&error)),
        Ok(head) => this_version(head.version).and_then(|()| {
            serde_saphyr::from_str_with_options(text, yaml_options())
                .map_err(|error| yaml_error(&error))
        }),
    })
}

/// Our documents have no aliases, so none are taken: they are how a small file becomes a large one.
fn yaml_options() -> serde_saphyr::Options {
    serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_aliases: 0,
            max_anchors: 0,
            max_merge_keys: 0,
            max_documents: 1,
            max_nodes: MOST_NODES,
            max_events: 3 * MOST_NODES,
            max_total_scalar_bytes: 256 << 20,
        },
        with_snippet: false,
    }
}

fn this_version(version: u32) -> Result<(), ImportError> {
    if version == VERSION {
        return Ok(());
    }
    let place = Where::Path("version".to_owned());
    Err(ImportError::new(place, ImportFault::Version(version.to_string())))
}

fn begins_as_ours(text: &str) -> bool {
    let start: String = text.chars().take(1_000).filter(|c| !c.is_whitespace()).collect();
    start.contains("\"format\":\"mqttscope-profiles\"")
}

fn json_error(error: &serde_json::Error) -> ImportError {
    let (line, column) = (error.line(), error.column());
    let text = error.to_string();
    let reason = text.strip_suffix(&format!(" at line {line} column {column}")).unwrap_or(&text);
    let place = Where::Line { line, column };
    ImportError::new(place, ImportFault::Syntax(without_values(reason)))
}

fn yaml_error(error: &serde_saphyr::Error) -> ImportError {
    let number = |at: u64| usize::try_from(at).unwrap_or(usize::MAX);
    let place = error.location().map_or(Where::Whole, |at| Where::Line {
        line: number(at.line()),
        column: number(at.column()),
    });
    let error = error.without_snippet();
    let cause = match error {
        serde_saphyr::Error::Budget { .. } => ImportFault::Expands,
        error => {
            let text = error.to_string();
            ImportFault::Syntax(without_values(text.lines().next().unwrap_or_default()))
        }
    };
    ImportError::new(place, cause)
}

/// Takes out what stands in double quotes, and an unknown name that is no name: libraries quote values so, and a
/// value may be a password.
pub(crate) fn without_values(text: &str) -> String {
    let unquoted = between(text, '"', |_| false);
    let is_name =
        |name: &str| name.len() <= 40 && name.chars().all(|c| c.is_ascii_lowercase() || c == '_');
    match unquoted.strip_prefix("unknown ") {
        Some(_) => between(&unquoted, '`', is_name),
        None => unquoted,
    }
}

/// The text without what stands between the first `mark` and the last, or, of backticks, the next.
fn between(text: &str, mark: char, stays: impl Fn(&str) -> bool) -> String {
    let Some((before, rest)) = text.split_once(mark) else { return text.to_owned() };
    let parts = if mark == '`' { rest.split_once("`,") } else { rest.rsplit_once(mark) };
    match parts {
        Some((inside, after)) if !stays(inside) => {
            let comma = if mark == '`' { "," } else { "" };
            format!("{before}…{comma}{after}")
        }
        _ => text.to_owned(),
    }
}

fn wrong(place: String, reason: &str) -> ImportError {
    ImportError::new(Where::Path(place), ImportFault::Syntax(reason.to_owned()))
}

fn found(read: Read) -> Result<Found, ImportError> {
    let mut numbers = BTreeMap::new();
    let mut profiles = Vec::new();
    for (index, mut profile) in read.profiles.into_iter().enumerate() {
        let place = format!("profiles.{index}.id");
        // Serde takes any text as an identifier; only a checked one may become a file name.
        let Some(id) = ProfileId::new(profile.id.as_str()) else {
            return Err(wrong(place, "an id is 1 to 64 ASCII letters, digits and -"));
        };
        if numbers.insert(id, index).is_some() {
            return Err(wrong(place, "another profile has the same id"));
        }
        let mut notes = Vec::new();
        for (slot, _) in profile.secrets() {
            profile.set_secret(&slot, None);
            notes.push(Note {
                field: slot_path(&slot),
                value: String::new(),
                code: NoteCode::SecretLeftOut,
            });
        }
        let secrets = Secrets::default();
        profiles.push(FoundProfile { profile, secrets, messages: Vec::new(), notes });
    }
    let tree = nodes(read.folders, &mut numbers, "folders", 0)?;
    Ok(Found {
        format: ImportFormat::Mqttscope,
        profiles,
        tree,
        notes: Vec::new(),
        locked: read.secrets.map(String::into_bytes),
    })
}

fn nodes(
    places: Vec<Place>,
    numbers: &mut BTreeMap<ProfileId, usize>,
    above: &str,
    depth: usize,
) -> Result<Vec<FoundNode>, ImportError> {
    let node = |(index, place): (usize, Place)| {
        let at = format!("{above}.{index}");
        match place {
            Place::Folder { .. } if depth == MAX_DEPTH => {
                Err(ImportError::new(Where::Path(at), ImportFault::TooDeep(MAX_DEPTH)))
            }
            Place::Folder { name, colour, children } => {
                let children = nodes(children, numbers, &format!("{at}.children"), depth + 1)?;
                Ok(FoundNode::Folder { name, colour, children })
            }
            Place::Profile { id } => match numbers.remove(&id) {
                Some(number) => Ok(FoundNode::Profile(number)),
                None => Err(wrong(
                    at,
                    "this id belongs to no profile of the file, or stands in two folders",
                )),
            },
        }
    };
    places.into_iter().enumerate().map(node).collect()
}

/// Opens the encrypted secrets and gives them to their profiles. Secrets for which a profile has no place are left
/// out with a note.
///
/// # Errors
/// [`SealError`]; then nothing changed.
pub fn unlock(found: &mut Found, passphrase: &Secret) -> Result<(), SealError> {
    let Some(sealed) = &found.locked else { return Ok(()) };
    let mut opened = seal::open(sealed, passphrase)?;
    found.locked = None;
    for FoundProfile { profile, secrets, notes, .. } in &mut found.profiles {
        let Some(values) = opened.remove(&profile.id) else { continue };
        for (slot, value) in values.0 {
            let field = slot_path(&slot);
            notes.retain(|note| !(note.code == NoteCode::SecretLeftOut && note.field == field));
            if profile.clone().set_secret(&slot, None) {
                secrets.insert(slot, value);
            } else {
                notes.push(Note { field, value: String::new(), code: NoteCode::NoCounterpart });
            }
        }
    }
    Ok(())
}

/// Whether `text` stands anywhere in `bytes`.
fn holds(bytes: &[u8], text: &[u8]) -> bool {
    bytes.windows(text.len()).any(|window| window == text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_quote_names_and_no_values() {
        let cases = [
            (
                "unknown field `retained`, expected one of `topic`",
                "unknown field `retained`, expected one of `topic`",
            ),
            (
                "unknown field `us<p>s3cr3t`, expected one of a, b",
                "unknown field …, expected one of a, b",
            ),
            (
                "invalid type: string \"s3cr3t\", expected u16",
                "invalid type: string …, expected u16",
            ),
            (
                "invalid type: string \"s3\" cr3t\", expected u16",
                "invalid type: string …, expected u16",
            ),
            ("missing field `name`", "missing field `name`"),
        ];
        for (text, expect) in cases {
            assert_eq!(without_values(text), expect);
        }
    }
}
