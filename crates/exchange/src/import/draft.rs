//! A profile while it is being read, and what holds for each: identifiers that a second import finds again, notes, and
//! where secrets go.

use std::collections::BTreeMap;

use mqttscope_model::{
    CertificateSource, ClientCertificate, KeySource, Profile, ProfileId, QoS, Secret, SecretSlot,
    Secrets, Subscription, TlsRoots,
};

use crate::error::{ImportError, ImportFault, Place};
use crate::found::{Found, FoundNode, FoundProfile, ImportFormat, Note, NoteCode};

/// The most profiles that one file brings.
pub(super) const MAX_PROFILES: usize = 100_000;
/// The longest value that a note shows, in characters.
const MAX_SHOWN: usize = 80;
/// The most notes of one profile; a million unreadable messages are one sentence.
const MAX_NOTES: usize = 200;

/// A profile and all that comes with it.
pub(super) struct Draft {
    pub(super) profile: Profile,
    pub(super) secrets: Secrets,
    pub(super) messages: Vec<mqttscope_model::Message>,
    pub(super) notes: Vec<Note>,
}

impl Draft {
    /// A profile whose identifier comes from where it was found: `kind` is the format, `key` names it in there.
    pub(super) fn new(kind: &str, key: &str) -> Self {
        Self {
            profile: Profile::new(identifier(kind, key), String::new()),
            secrets: Secrets::default(),
            messages: Vec::new(),
            notes: Vec::new(),
        }
    }

    pub(super) fn note(&mut self, field: impl Into<String>, value: &str, code: NoteCode) {
        self.notes.push(note(field, value, code));
    }

    /// Keeps a secret; an empty one is none.
    pub(super) fn secret(&mut self, slot: SecretSlot, value: &str) {
        if !value.is_empty() {
            self.secrets.insert(slot, Secret::new(value));
        }
    }

    /// Adds a subscription that says nothing but filter and QoS.
    pub(super) fn subscribe(&mut self, field: &str, filter: &str, qos: QoS) {
        self.subscribe_with(field, Subscription::new(filter, qos));
    }

    /// Adds a subscription; one that is there already is noted, because a profile takes each filter once.
    pub(super) fn subscribe_with(&mut self, field: &str, wanted: Subscription) {
        if self.profile.subscriptions.iter().any(|one| one.filter == wanted.filter) {
            self.note(field, &wanted.filter, NoteCode::NotUsable);
        } else {
            self.profile.subscriptions.push(wanted);
        }
    }

    /// The certificates of these files are trusted.
    pub(super) fn trust_file(&mut self, path: &str) {
        if !path.is_empty() {
            self.profile.tls.roots = TlsRoots::ca_file(path);
        }
    }

    /// Shows the certificate and key of two files. One without the other is noted.
    pub(super) fn client_files(&mut self, certificate: (&str, &str), key: (&str, &str)) {
        match (certificate.1, key.1) {
            ("", "") => {}
            (path, key) if !path.is_empty() && !key.is_empty() => {
                self.profile.tls.client_certificate = Some(ClientCertificate::Pem {
                    certificate: CertificateSource::File { path: path.to_owned() },
                    key: KeySource::File { path: key.to_owned() },
                    passphrase: None,
                });
            }
            ("", path) => self.note(key.0, path, NoteCode::NotUsable),
            (path, _) => self.note(certificate.0, path, NoteCode::NotUsable),
        }
    }

    /// Gives a name where the source had none: the address.
    fn named(&mut self) {
        if self.profile.name.trim().is_empty() {
            self.profile.name = self.profile.endpoint.authority();
        }
    }
}

/// A note with its value shortened.
pub(super) fn note(field: impl Into<String>, value: &str, code: NoteCode) -> Note {
    let mut shown: String = value.chars().take(MAX_SHOWN).collect();
    if shown.len() < value.len() {
        shown.push('…');
    }
    Note { field: field.into(), value: shown, code }
}

/// An identifier from what names a connection in its source: readable where that has the characters of one, else a
/// hash of it.
fn identifier(kind: &str, key: &str) -> ProfileId {
    let key = key.trim();
    let plain = !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    let readable = plain.then(|| ProfileId::new(format!("{kind}-{key}"))).flatten();
    let hashed = || ProfileId::new(format!("{kind}-{:032x}", fnv1a(key.as_bytes())));
    match readable.or_else(hashed) {
        Some(id) => id,
        None => unreachable!("a short word and hexadecimal digits are an identifier"),
    }
}

/// FNV-1a of 128 bits: it only has to be the same each time and to spread, not to withstand anybody.
fn fnv1a(bytes: &[u8]) -> u128 {
    bytes.iter().fold(0x6c62_272e_07bb_0142_62b8_2175_6295_c58d, |hash: u128, byte| {
        (hash ^ u128::from(*byte)).wrapping_mul(0x0000_0000_0100_0000_0000_0000_0000_013b)
    })
}

/// Puts the profiles together: names where there are none, and identifiers that are there once. A second profile with
/// the same one gets a number, the same one at each import.
pub(super) fn found(
    format: ImportFormat,
    drafts: Vec<Draft>,
    tree: Vec<FoundNode>,
    notes: Vec<Note>,
) -> Result<Found, ImportError> {
    if drafts.is_empty() {
        return Err(ImportError::new(Place::Whole, ImportFault::NoConnection));
    }
    if drafts.len() > MAX_PROFILES {
        let fault = ImportFault::TooMany { limit: MAX_PROFILES };
        return Err(ImportError::new(Place::Whole, fault));
    }
    let mut taken = BTreeMap::new();
    let mut profiles = Vec::with_capacity(drafts.len());
    for mut draft in drafts {
        draft.named();
        renumber(&mut draft, &mut taken);
        drop_homeless_secrets(&mut draft);
        let more = draft.notes.len().saturating_sub(MAX_NOTES);
        if more > 0 {
            let code = draft.notes.get(MAX_NOTES).map_or(NoteCode::NotUsable, |note| note.code);
            draft.notes.truncate(MAX_NOTES);
            draft.note("", &format!("+{more}"), code);
        }
        let Draft { profile, secrets, mut messages, notes } = draft;
        messages.sort_by_key(|message| message.time_us);
        profiles.push(FoundProfile { profile, secrets, messages, notes });
    }
    Ok(Found { format, profiles, tree, notes, locked: None })
}

/// Leaves out secrets that the profile has no place for, such as the data of an authentication that is not used.
fn drop_homeless_secrets(draft: &mut Draft) {
    let slots: Vec<_> = draft.secrets.0.keys().cloned().collect();
    for slot in slots {
        if !draft.profile.set_secret(&slot, None) {
            draft.secrets.0.remove(&slot);
            draft.note(slot.to_string(), "", NoteCode::SecretLeftOut);
        }
    }
}

fn renumber(draft: &mut Draft, taken: &mut BTreeMap<ProfileId, usize>) {
    let first = draft.profile.id.clone();
    let Some(next) = taken.get(&first).copied() else {
        taken.insert(first, 2);
        return;
    };
    let stem: String = first.as_str().chars().take(56).collect();
    let numbers = (next..).filter_map(|n| Some((n, ProfileId::new(format!("{stem}-{n}"))?)));
    for (number, id) in numbers.take(MAX_PROFILES) {
        if !taken.contains_key(&id) {
            taken.insert(first.clone(), number + 1);
            taken.insert(id.clone(), 2);
            draft.profile.id = id;
            break;
        }
    }
    draft.note("id", first.as_str(), NoteCode::NotUsable);
}
