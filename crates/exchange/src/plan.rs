//! What an import would do, before it does it.
//!
//! A function of what was found, what is here and what was chosen: nothing is changed, so a person sees exactly what
//! will happen. A profile is known again by its identifier alone; names and addresses repeat in real lists.

use std::collections::{BTreeMap, BTreeSet};

use mqttscope_model::check::{self, Problem};
use mqttscope_model::{Profile, ProfileId, SecretName, SecretSlot, Secrets, client_id};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::found::{Found, FoundNode, FoundProfile, ImportFormat, Note};
use crate::merge::{differences, filled_secrets, kept_secrets, merged};
use crate::seal::SecretsOf;

/// Names an import from its preview to its undo, as long as the application runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(transparent)]
pub struct ImportId(pub u32);

/// What an import would bring.
#[derive(Clone, Debug, Serialize, TS)]
pub struct ImportPreview {
    /// Names it.
    pub import: ImportId,
    /// What it was recognised as.
    pub format: ImportFormat,
    /// The file's name; empty for pasted text.
    pub file: String,
    /// The profiles.
    pub items: Vec<ImportItem>,
    /// How many folders come with them.
    pub folders: u32,
    /// What concerns no profile alone.
    pub notes: Vec<Note>,
    /// The secrets are encrypted; `import_unlock` opens them.
    pub locked: bool,
}

/// A profile of an import.
#[derive(Clone, Debug, Serialize, TS)]
pub struct ImportItem {
    /// Its place in the import, from 0.
    pub index: u32,
    /// Its name.
    pub name: String,
    /// Its address.
    pub address: String,
    /// The names of the folders that it lies in, outermost first.
    pub folder: Vec<String>,
    /// Whether it is there already.
    pub state: ItemState,
    /// What is suggested.
    pub suggested: Choice,
    /// What has no counterpart, and why.
    pub notes: Vec<Note>,
    /// What is wrong with it as it would be saved.
    pub problems: Vec<Problem>,
    /// The secrets that come with it.
    pub secrets: Vec<SecretSlot>,
    /// How many stored messages come with it.
    pub messages: u32,
}

/// Whether a profile is there already.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum ItemState {
    /// Not known.
    New,
    /// There, and the same in every field.
    Same {
        /// Which one it is.
        profile: ProfileId,
    },
    /// There, and different.
    Exists {
        /// Which one it is.
        profile: ProfileId,
        /// What it is called here.
        name: String,
        /// The fields that differ, as paths.
        differences: Vec<String>,
    },
}

/// What is done with a profile of an import.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Choice {
    /// It is added.
    Add,
    /// It is left out.
    Skip,
    /// What the profile here leaves empty is filled in; subscriptions are joined.
    Merge,
    /// The profile here becomes the imported one.
    Replace,
    /// It is added under another identifier, beside the one that is here.
    Copy,
}

/// The choice for one profile of an import.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, TS)]
pub struct ItemChoice {
    /// Its place in the import.
    pub index: u32,
    /// What is done with it.
    pub choice: Choice,
}

/// What an import did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, TS)]
pub struct ImportResult {
    /// Profiles added, copies among them.
    pub added: u32,
    /// Profiles merged.
    pub merged: u32,
    /// Profiles replaced.
    pub replaced: u32,
    /// Profiles left out.
    pub skipped: u32,
    /// Messages brought into histories.
    pub messages: u64,
}

/// What taking an import back did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, TS)]
pub struct ImportUndone {
    /// Profiles that were added and are gone again.
    pub removed: u32,
    /// Profiles that are again what they were.
    pub restored: u32,
    /// Profiles that were changed, or received messages, since they were imported: they stay as they are.
    pub left: Vec<ProfileId>,
}

/// The secrets that are stored here, of the profiles for which somebody looked.
pub type Stored = SecretsOf;

/// Holds what was found against the profiles that are here.
pub fn preview(
    import: ImportId,
    file: &str,
    found: &Found,
    existing: &[Profile],
    stored: &Stored,
) -> ImportPreview {
    let here = by_id(existing);
    let folders = folders_of(found);
    let mut seen = BTreeSet::new();
    let item = |(index, one): (usize, &FoundProfile)| {
        let id = key(&one.profile.id);
        // Two of one identifier in one source cannot both be the one that is here.
        let here = if seen.insert(id.clone()) { here.get(&id).copied() } else { None };
        let (state, suggested) = judge(one, here, stored);
        ImportItem {
            index: u32::try_from(index).unwrap_or(u32::MAX),
            name: one.profile.name.clone(),
            address: one.profile.endpoint.to_string(),
            folder: folders.get(index).cloned().unwrap_or_default(),
            state,
            suggested,
            notes: one.notes.clone(),
            problems: check::check(&named(one.profile.clone(), &one.secrets)),
            secrets: one.secrets.0.keys().cloned().collect(),
            messages: u32::try_from(one.messages.len()).unwrap_or(u32::MAX),
        }
    };
    ImportPreview {
        import,
        format: found.format,
        file: file.to_owned(),
        items: found.profiles.iter().enumerate().map(item).collect(),
        folders: count_folders(&found.tree),
        notes: found.notes.clone(),
        locked: found.locked.is_some(),
    }
}

/// What is suggested never takes anything away: that is for a person to choose.
fn judge(one: &FoundProfile, here: Option<&Profile>, stored: &Stored) -> (ItemState, Choice) {
    let Some(here) = here else { return (ItemState::New, Choice::Add) };
    let differences = differences(here, stored.get(&here.id), &one.profile, &one.secrets);
    let profile = here.id.clone();
    if differences.is_empty() {
        return (ItemState::Same { profile }, Choice::Skip);
    }
    let merged = merged(here, &one.profile);
    let brings_something =
        merged != *here || !filled_secrets(&merged, &one.profile, &one.secrets).0.is_empty();
    let choice = if brings_something { Choice::Merge } else { Choice::Skip };
    (ItemState::Exists { profile, name: here.name.clone(), differences }, choice)
}

/// Fresh identifiers, which are a matter of chance and so come from outside.
pub trait Fresh {
    /// An identifier that no profile has.
    fn profile_id(&mut self) -> ProfileId;
    /// A Client Identifier that nobody has.
    fn client_id(&mut self) -> String;
}

/// A profile as it will be saved.
#[derive(Clone, Debug)]
pub struct Decided {
    /// Its place in the import.
    pub index: usize,
    /// What is done: [`Choice::Add`], [`Choice::Copy`], [`Choice::Merge`] or [`Choice::Replace`].
    pub choice: Choice,
    /// The profile, with the names of all its secrets.
    pub profile: Profile,
    /// The secrets that are to be stored first.
    pub secrets: Secrets,
    /// The profile that it takes the place of.
    pub before: Option<Profile>,
}

/// What the choices come to. Each choice is taken where it can be: adding what is here already adds a copy, and merging
/// with or replacing what is not here adds it. Of two choices for one item the last counts.
pub fn decide(
    found: &Found,
    existing: &[Profile],
    choices: &[ItemChoice],
    fresh: &mut dyn Fresh,
) -> Vec<Decided> {
    let here = by_id(existing);
    let choices: BTreeMap<usize, Choice> = choices
        .iter()
        .filter_map(|choice| Some((usize::try_from(choice.index).ok()?, choice.choice)))
        .collect();
    let mut taken = Taken::of(existing);
    let mut changed = BTreeSet::new();
    let mut decided = Vec::new();
    for (index, choice) in choices {
        let Some(one) = found.profiles.get(index).filter(|_| choice != Choice::Skip) else {
            continue;
        };
        let id = key(&one.profile.id);
        let before = here.get(&id).copied().filter(|_| !changed.contains(&id));
        let made = match (choice, before) {
            (Choice::Merge, Some(before)) => merge_into(before, one),
            (Choice::Replace, Some(before)) => replace(before, one),
            (Choice::Copy, _) => copy(one, &mut taken, fresh),
            _ if taken.ids.contains(&id) => copy(one, &mut taken, fresh),
            _ => (Choice::Add, one.profile.clone(), one.secrets.clone()),
        };
        let (choice, profile, secrets) = made;
        let profile = named(profile, &secrets);
        taken.ids.insert(key(&profile.id));
        taken.names.insert(profile.name.clone());
        let is_change = matches!(choice, Choice::Merge | Choice::Replace);
        if is_change {
            changed.insert(id);
        }
        let before = before.filter(|_| is_change).cloned();
        decided.push(Decided { index, choice, profile, secrets, before });
    }
    decided
}

/// What identifiers, names and Client Identifiers are in use.
struct Taken {
    ids: BTreeSet<String>,
    names: BTreeSet<String>,
    client_ids: BTreeSet<String>,
    /// The number that is tried next for a name.
    next: BTreeMap<String, u64>,
}

impl Taken {
    fn of(existing: &[Profile]) -> Self {
        Self {
            ids: existing.iter().map(|profile| key(&profile.id)).collect(),
            names: existing.iter().map(|profile| profile.name.clone()).collect(),
            client_ids: existing.iter().map(|profile| profile.client_id.clone()).collect(),
            next: BTreeMap::new(),
        }
    }
}

type Made = (Choice, Profile, Secrets);

fn merge_into(here: &Profile, one: &FoundProfile) -> Made {
    let merged = merged(here, &one.profile);
    let secrets = filled_secrets(&merged, &one.profile, &one.secrets);
    (Choice::Merge, merged, secrets)
}

fn replace(here: &Profile, one: &FoundProfile) -> Made {
    let mut profile = Profile { id: here.id.clone(), ..one.profile.clone() };
    for slot in kept_secrets(here, &one.profile, &one.secrets) {
        profile.set_secret(&slot, Some(SecretName::of(&here.id, &slot)));
    }
    (Choice::Replace, profile, one.secrets.clone())
}

fn copy(one: &FoundProfile, taken: &mut Taken, fresh: &mut dyn Fresh) -> Made {
    let mut profile = Profile { id: fresh.profile_id(), ..one.profile.clone() };
    profile.name = numbered(&profile.name, taken);
    // Two connections with one Client Identifier throw each other out [MQTT-3.1.4-3].
    let collides = !profile.client_id.is_empty()
        && !client_id::is_template(&profile.client_id)
        && taken.client_ids.contains(&profile.client_id);
    if collides {
        profile.client_id = fresh.client_id();
    }
    taken.client_ids.insert(profile.client_id.clone());
    (Choice::Copy, profile, one.secrets.clone())
}

/// `Name`, or `Name 2`, `Name 3`, where it is taken; not longer than a name may be.
fn numbered(name: &str, taken: &mut Taken) -> String {
    if !taken.names.contains(name) {
        return name.to_owned();
    }
    let next = taken.next.entry(name.to_owned()).or_insert(2);
    loop {
        let room = check::MAX_NAME.saturating_sub(next.to_string().len() + 1);
        let start: String = name.chars().take(room).collect();
        let numbered = format!("{} {next}", start.trim_end());
        *next += 1;
        if !taken.names.contains(&numbered) {
            return numbered;
        }
    }
}

/// The profile with the names of these secrets in their places.
fn named(mut profile: Profile, secrets: &Secrets) -> Profile {
    for slot in secrets.0.keys() {
        let name = SecretName::of(&profile.id, slot);
        profile.set_secret(slot, Some(name));
    }
    profile
}

/// File systems that do not know upper from lower case would put two such profiles into one file.
fn key(id: &ProfileId) -> String {
    id.as_str().to_ascii_lowercase()
}

fn by_id(profiles: &[Profile]) -> BTreeMap<String, &Profile> {
    profiles.iter().map(|profile| (key(&profile.id), profile)).collect()
}

/// For each profile the names of the folders that it lies in, outermost first.
pub fn folders_of(found: &Found) -> Vec<Vec<String>> {
    fn walk(nodes: &[FoundNode], above: &mut Vec<String>, folders: &mut [Vec<String>]) {
        for node in nodes {
            match node {
                FoundNode::Profile(index) => {
                    if let Some(place) = folders.get_mut(*index) {
                        place.clone_from(above);
                    }
                }
                FoundNode::Folder { name, children, .. } => {
                    above.push(name.clone());
                    walk(children, above, folders);
                    above.pop();
                }
            }
        }
    }
    let mut folders = vec![Vec::new(); found.profiles.len()];
    walk(&found.tree, &mut Vec::new(), &mut folders);
    folders
}

fn count_folders(nodes: &[FoundNode]) -> u32 {
    let count = |node: &FoundNode| match node {
        FoundNode::Folder { children, .. } => 1 + count_folders(children),
        FoundNode::Profile(_) => 0,
    };
    nodes.iter().map(count).sum()
}
