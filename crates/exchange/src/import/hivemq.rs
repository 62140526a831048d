//! HiveMQ CLI's `config.properties`: the defaults of its commands become one profile.

use mqttscope_model::{ClientCertificate, ProtocolVersion, Scheme, SecretSlot};

use super::draft::{Draft, found, note};
use super::fields::Fields;
use super::value::{Map, Value};
use crate::error::ImportError;
use crate::found::{Found, ImportFormat, NoteCode};

/// What begins the names of its settings about connections.
const OURS: [&str; 5] = ["mqtt.", "auth.", "client.id.", "ws.", "client.subscribe."];

/// Whether one of the lines sets something that only HiveMQ CLI has.
pub(super) fn is_ours(text: &str) -> bool {
    let names = ["mqtt.host", "mqtt.port", "mqtt.version", "client.id.prefix", "auth.username"];
    entries(text).any(|(name, _)| names.contains(&name.as_str()))
}

/// The entries of a Java properties file: `=` or `:` between name and value, comments, and lines that go on.
fn entries(text: &str) -> impl Iterator<Item = (String, String)> {
    let mut lines = text.lines();
    std::iter::from_fn(move || {
        loop {
            let line = lines.next()?.trim_start();
            if line.is_empty() || line.starts_with(['#', '!']) {
                continue;
            }
            let mut whole = line.to_owned();
            while whole.bytes().rev().take_while(|byte| *byte == b'\\').count() % 2 == 1 {
                whole.pop();
                let Some(next) = lines.next() else { break };
                whole.push_str(next.trim_start());
            }
            let at = whole.find(['=', ':']).unwrap_or(whole.len());
            let (name, value) = whole.split_at_checked(at).unwrap_or((&whole, ""));
            let value = value.get(1..).unwrap_or_default();
            return Some((unescaped(name.trim()), unescaped(value.trim_start())));
        }
    })
}

fn unescaped(text: &str) -> String {
    let mut out = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some('n') => out.push('\n'),
                Some('t') => out.push('\t'),
                Some('r') => out.push('\r'),
                Some('u') => {
                    let digits: String = chars.by_ref().take(4).collect();
                    let code = u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32);
                    out.push(code.unwrap_or(char::REPLACEMENT_CHARACTER));
                }
                Some(other) => out.push(other),
                None => {}
            },
            c => out.push(c),
        }
    }
    out
}

pub(super) fn read(text: &str) -> Result<Found, ImportError> {
    let entries =
        entries(text).take(10_000).filter(|(name, _)| OURS.iter().any(|one| name.starts_with(one)));
    let map = Map(entries.map(|(name, value)| (name, Value::Text(value))).collect());
    let mut fields = Fields::new(&map, "");
    let host = fields.text("mqtt.host").unwrap_or_else(|| "localhost".to_owned());
    let mut draft = Draft::new("hivemqcli", &host);
    draft.profile.name.clone_from(&host);
    draft.profile.endpoint.host = host;
    draft.profile.version = match fields.text("mqtt.version").as_deref() {
        None | Some("5") => ProtocolVersion::V5,
        Some("3") => ProtocolVersion::V311,
        Some(other) => {
            let other = other.to_owned();
            fields.not_usable("mqtt.version", &other);
            ProtocolVersion::V5
        }
    };
    if let Some(prefix) = fields.text("client.id.prefix") {
        draft.profile.client_id = format!("{prefix}{{{{random}}}}");
    }
    draft.profile.user_name = fields.text("auth.username").unwrap_or_default();
    draft.secret(SecretSlot::Password, &fields.secret("auth.password").unwrap_or_default());
    for name in ["auth.password.file", "auth.password.env"] {
        // Only the bytes at hand are read: neither files that they name nor the environment.
        if let Some(place) = fields.text(name) {
            fields.notes.push(note(name, &place, NoteCode::SecretLeftOut));
        }
    }
    read_tls(&mut draft, &mut fields);
    if let Some(path) = fields.text("ws.path") {
        draft.profile.endpoint.path = format!("/{}", path.trim_start_matches('/'));
    }
    fields.ignore(&["client.subscribe.output"]);
    draft.notes.extend(fields.finish());
    found(ImportFormat::HivemqCli, vec![draft], Vec::new(), Vec::new())
}

fn read_tls(draft: &mut Draft, fields: &mut Fields<'_>) {
    let port = fields.number("mqtt.port");
    let mut file = |name: &str| fields.text(name).unwrap_or_default();
    let ca = file("auth.server.cafile");
    let (certificate, key) = (file("auth.client.cert"), file("auth.client.key"));
    let tls = !ca.is_empty() || !certificate.is_empty() || port == Some(8883);
    draft.trust_file(&ca);
    draft.client_files(("auth.client.cert", &certificate), ("auth.client.key", &key));
    if let Some(ClientCertificate::Pem { .. }) = draft.profile.tls.client_certificate {
        let passphrase = fields.secret("auth.client.key.password").unwrap_or_default();
        draft.secret(SecretSlot::KeyPassphrase, &passphrase);
    }
    let endpoint = &mut draft.profile.endpoint;
    endpoint.scheme = if tls { Scheme::Mqtts } else { Scheme::Mqtt };
    endpoint.port = port.unwrap_or(endpoint.scheme.default_port());
}
