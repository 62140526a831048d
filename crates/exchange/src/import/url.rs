//! Addresses, one a line.

use mqttscope_model::address::{self, ParsedAddress};
use mqttscope_model::{Endpoint, Scheme, SecretSlot};

use super::draft::{Draft, MAX_PROFILES, found};
use crate::error::{ImportError, ImportFault, Place};
use crate::found::{Found, ImportFormat};

/// Whether the first line that says something is an address with a scheme that carries MQTT, or the text is a single
/// address without one.
pub(super) fn is_ours(text: &str) -> bool {
    let mut lines = said(text);
    let Some((_, first)) = lines.next() else { return false };
    let alone = lines.next().is_none();
    match address::parse(first) {
        Ok(parsed) => {
            parsed.scheme.is_some() || (alone && (parsed.port.is_some() || first.contains('.')))
        }
        // One that is meant as an address is told what is wrong with it.
        Err(_) => {
            let first = first.trim_start_matches(['<', '"', '\'']).to_ascii_lowercase();
            let schemes = ["mqtt://", "mqtts://", "ws://", "wss://", "tcp://", "ssl://", "tls://"];
            schemes.iter().any(|scheme| first.starts_with(scheme))
        }
    }
}

/// The lines that are neither empty nor comments, with their numbers.
fn said(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let lines = text.lines().enumerate().map(|(index, line)| (index + 1, line.trim()));
    lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
}

pub(super) fn read(text: &str) -> Result<Found, ImportError> {
    let mut drafts = Vec::new();
    for (line, address) in said(text).take(MAX_PROFILES + 1) {
        let parsed = address::parse(address).map_err(|error| {
            // The error's own text may repeat what is a password in a wrong place.
            let reason = format!("this is no address ({})", error.as_str());
            ImportError::new(Place::Line { line, column: 0 }, ImportFault::Syntax(reason))
        })?;
        drafts.push(profile(&parsed));
    }
    found(ImportFormat::Url, drafts, Vec::new(), Vec::new())
}

fn profile(parsed: &ParsedAddress) -> Draft {
    let endpoint = endpoint(parsed);
    let user = parsed.user_name.clone().unwrap_or_default();
    let mut draft = Draft::new("url", &format!("{endpoint}\n{user}"));
    draft.profile.name.clone_from(&endpoint.host);
    draft.profile.endpoint = endpoint;
    draft.profile.user_name = user;
    draft.secret(SecretSlot::Password, parsed.password.as_deref().unwrap_or_default());
    draft.profile.client_id = "mqttscope-{{random}}".to_owned();
    draft
}

/// What the address leaves open is as for a new profile.
pub(super) fn endpoint(parsed: &ParsedAddress) -> Endpoint {
    let scheme = parsed.scheme.unwrap_or(if parsed.port == Some(Scheme::Mqtts.default_port()) {
        Scheme::Mqtts
    } else {
        Scheme::Mqtt
    });
    let default = Endpoint::default();
    Endpoint {
        scheme,
        host: parsed.host.clone(),
        port: parsed.port.unwrap_or(scheme.default_port()),
        path: parsed.path.clone().unwrap_or(default.path),
    }
}
