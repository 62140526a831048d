//! MQTT.fx's `mqttfx-config.xml`.

use mqttscope_model::{ProtocolVersion, Scheme, SecretSlot};

use super::draft::{Draft, found};
use super::fields::Fields;
use super::value::{Map, Value};
use crate::error::ImportError;
use crate::found::{Found, ImportFormat};

pub(super) fn read(root: &Value) -> Result<Found, ImportError> {
    let empty = Map::default();
    let mut root = Fields::new(root.as_map().unwrap_or(&empty), "");
    let mut drafts = Vec::new();
    if let Some(mut profiles) = root.object("connectionProfiles") {
        drafts.extend(profiles.objects("connectionProfile").into_iter().map(profile));
    }
    found(ImportFormat::MqttFx, drafts, Vec::new(), Vec::new())
}

fn profile(mut fields: Fields<'_>) -> Draft {
    let name = fields.text("profileName").unwrap_or_default();
    let host = fields.text("brokerAddress").unwrap_or_default().trim().to_owned();
    let port: Option<u16> = fields.number("brokerPort");
    let key = format!("{name}\n{host}\n{}", port.unwrap_or(0));
    let mut draft = Draft::new("mqttfx", &key);
    draft.profile.name = name;
    draft.profile.endpoint.host = host;
    draft.profile.version = ProtocolVersion::V311;
    let mut tls = port == Some(8883);
    if let Some(mut options) = fields.object("connectionOptions") {
        tls |= read_options(&mut draft, &mut options);
        draft.notes.extend(options.finish());
    }
    let endpoint = &mut draft.profile.endpoint;
    endpoint.scheme = if tls { Scheme::Mqtts } else { Scheme::Mqtt };
    endpoint.port = port.unwrap_or(endpoint.scheme.default_port());
    // Messages to publish belong to no connection here.
    if let Some(mut messages) = fields.object("preDefinedMessages") {
        let count = messages.list("message").len();
        if count > 0 {
            let path = messages.path("message");
            draft.note(path, &count.to_string(), crate::found::NoteCode::NoCounterpart);
        }
    }
    fields.ignore(&["profileType", "id"]);
    draft.notes.extend(fields.finish());
    draft
}

/// True where TLS is used.
fn read_options(draft: &mut Draft, options: &mut Fields<'_>) -> bool {
    draft.profile.client_id = options.text("clientId").unwrap_or_default();
    draft.profile.user_name = options.text("userName").unwrap_or_default();
    draft.secret(SecretSlot::Password, &options.secret("password").unwrap_or_default());
    let profile = &mut draft.profile;
    profile.connect_timeout =
        options.number("connectionTimeout").unwrap_or(profile.connect_timeout);
    profile.keep_alive = options.number("keepAliveInterval").unwrap_or(profile.keep_alive);
    profile.clean_start = options.flag("cleanSession").unwrap_or(true);
    if let Some(version) = options.text("mqttVersion") {
        profile.version = match version.to_ascii_uppercase().replace('_', ".").as_str() {
            "3.1" | "3" | "MQTT.3.1" | "VERSION.3.1" => ProtocolVersion::V31,
            "3.1.1" | "4" | "0" | "DEFAULT" | "VERSION.3.1.1" | "VERSION.DEFAULT" => {
                ProtocolVersion::V311
            }
            "5" | "5.0" => ProtocolVersion::V5,
            _ => {
                options.not_usable("mqttVersion", &version);
                ProtocolVersion::V311
            }
        };
    }
    let mut file = |name: &str| options.text(name).unwrap_or_default();
    let ca = file("caFile");
    let (certificate, key) = (file("clientCertificateFile"), file("clientKeyFile"));
    draft.trust_file(&ca);
    draft.client_files(("clientCertificateFile", &certificate), ("clientKeyFile", &key));
    if draft.profile.tls.client_certificate.is_some() {
        let passphrase = options.secret("clientKeyPassword").unwrap_or_default();
        draft.secret(SecretSlot::KeyPassphrase, &passphrase);
    }
    let said = ["useSSL", "ssl", "sslEnabled"].map(|name| options.flag(name) == Some(true));
    said.contains(&true) || !ca.is_empty() || !certificate.is_empty()
}
