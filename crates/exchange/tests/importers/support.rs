//! What the tests say often.

use mqttscope_exchange::{Found, FoundProfile, ImportError, import};

use super::corpus::fixture;

pub fn read(name: &str, bytes: impl AsRef<[u8]>) -> Result<Found, ImportError> {
    import::read(name, bytes.as_ref(), None, &jiff::tz::TimeZone::UTC)
}

pub fn read_fixture(name: &str) -> Found {
    read(name, fixture(name)).unwrap_or_else(|error| panic!("{error}"))
}

/// The notes of a profile as `field = value: code`.
pub fn notes(found: &FoundProfile) -> Vec<String> {
    let shown = |note: &mqttscope_exchange::Note| {
        format!("{} = {}: {}", note.field, note.value, note.code.as_str())
    };
    found.notes.iter().map(shown).collect()
}

/// The password of a profile.
pub fn password(found: &FoundProfile) -> Option<&str> {
    found.secrets.get(&mqttscope_model::SecretSlot::Password).map(mqttscope_model::Secret::expose)
}
