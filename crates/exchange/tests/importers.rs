//! The importers: each format from a fixture, and bad input to all of them.

#[path = "importers/mqttx.rs"]
mod mqttx;
#[path = "importers/mqttx_files.rs"]
mod mqttx_files;
#[path = "importers/others.rs"]
mod others;

use std::path::PathBuf;

use mqttscope_exchange::{Found, FoundProfile, ImportError, import};

/// A fixture's bytes.
fn fixture(name: &str) -> Vec<u8> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name);
    std::fs::read(path).unwrap()
}

fn read(name: &str, bytes: impl AsRef<[u8]>) -> Result<Found, ImportError> {
    import::read(name, bytes.as_ref(), None, &jiff::tz::TimeZone::UTC)
}

fn read_fixture(name: &str) -> Found {
    read(name, fixture(name)).unwrap_or_else(|error| panic!("{error}"))
}

/// The notes of a profile as `field = value: code`.
fn notes(found: &FoundProfile) -> Vec<String> {
    let shown = |note: &mqttscope_exchange::Note| {
        format!("{} = {}: {}", note.field, note.value, note.code.as_str())
    };
    found.notes.iter().map(shown).collect()
}

/// The password of a profile.
fn password(found: &FoundProfile) -> Option<&str> {
    found.secrets.get(&mqttscope_model::SecretSlot::Password).map(mqttscope_model::Secret::expose)
}
