//! MQTT Explorer's `settings.json`. Its certificates are in the file; a private key among them becomes a secret.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use mqttscope_model::{
    CertificateSource, ClientCertificate, KeySource, ProtocolVersion, QoS, Scheme, SecretSlot,
    TlsRoots,
};

use super::draft::{Draft, found};
use super::fields::Fields;
use super::json::Json;
use super::value::{Map, Value};
use crate::error::ImportError;
use crate::found::{Found, ImportFormat, NoteCode};

/// The setting that holds the connections.
const CONNECTIONS: &str = "ConnectionManager_connections";

pub(super) fn is_ours<'a>(mut names: impl Iterator<Item = &'a str>) -> bool {
    names.any(|name| name == CONNECTIONS)
}

pub(super) fn read(json: Json<'_>) -> Result<Found, ImportError> {
    let mut drafts = Vec::new();
    for (name, part) in json.entries()? {
        if name != CONNECTIONS || part.first() == Some('n') {
            continue;
        }
        for (id, part) in part.entries()? {
            part.entries()?;
            if let Value::Map(map) = part.value()? {
                drafts.push(profile(&id, &map));
            }
        }
    }
    found(ImportFormat::MqttExplorer, drafts, Vec::new(), Vec::new())
}

fn profile(id: &str, map: &Map) -> Draft {
    let mut fields = Fields::new(map, "");
    let mut draft = Draft::new("mqttexplorer", id);
    draft.profile.name = fields.text("name").unwrap_or_default();
    let web = match fields.text("protocol").unwrap_or_default().as_str() {
        "" | "mqtt" => false,
        "ws" => true,
        other => {
            fields.not_usable("protocol", other);
            false
        }
    };
    let encrypted = fields.flag("encryption").unwrap_or(false);
    let endpoint = &mut draft.profile.endpoint;
    endpoint.scheme = match (web, encrypted) {
        (false, false) => Scheme::Mqtt,
        (false, true) => Scheme::Mqtts,
        (true, false) => Scheme::Ws,
        (true, true) => Scheme::Wss,
    };
    endpoint.host = fields.text("host").unwrap_or_default().trim().to_owned();
    endpoint.port = fields.number("port").unwrap_or(endpoint.scheme.default_port());
    // It joins address and path with a slash, and keeps the path also where none is used.
    if let Some(path) = fields.text("basePath") {
        endpoint.path = format!("/{}", path.trim_start_matches('/'));
    }
    draft.profile.version = ProtocolVersion::V311;
    draft.profile.user_name = fields.text("username").unwrap_or_default();
    draft.secret(SecretSlot::Password, &fields.secret("password").unwrap_or_default());
    read_client_id(&mut draft, &mut fields);
    draft.profile.tls.verify = fields.flag("certValidation").unwrap_or(true);
    read_certificates(&mut draft, &mut fields);
    read_subscriptions(&mut draft, &mut fields);
    fields.ignore(&["id", "type", "configVersion", "changeSet"]);
    draft.notes.extend(fields.finish());
    draft
}

fn read_client_id(draft: &mut Draft, fields: &mut Fields<'_>) {
    let id = fields.text("clientId").unwrap_or_default();
    let digits = id.strip_prefix("mqtt-explorer-").unwrap_or_default();
    let is_digit = |c: char| matches!(c, '0'..='9' | 'a'..='f');
    if digits.len() == 8 && digits.chars().all(is_digit) {
        draft.note("clientId", &id, NoteCode::Generated);
        draft.profile.client_id = "mqttscope-{{random}}".to_owned();
    } else {
        draft.profile.client_id = id;
    }
}

fn read_certificates(draft: &mut Draft, fields: &mut Fields<'_>) {
    let mut pem = |name: &str| {
        let data = fields.object(name)?.text("data")?;
        let packed: String = data.split_whitespace().collect();
        let bytes = STANDARD.decode(packed).ok();
        let text = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
        if text.is_none() {
            fields.not_usable(name, "");
        }
        text
    };
    let (ca, cert) = (pem("selfSignedCertificate"), pem("clientCertificate"));
    let key = pem("clientKey");
    if let Some(pem) = ca {
        draft.profile.tls.roots = TlsRoots::CaPem { pem };
    }
    match (cert, key) {
        (Some(pem), Some(key)) => {
            draft.secret(SecretSlot::PrivateKey, &key);
            draft.profile.tls.client_certificate = Some(ClientCertificate::Pem {
                certificate: CertificateSource::Text { pem },
                key: KeySource::Stored { secret: None },
                passphrase: None,
            });
        }
        (Some(_), None) => fields.not_usable("clientCertificate", ""),
        (None, Some(_)) => fields.not_usable("clientKey", ""),
        (None, None) => {}
    }
}

/// Topics with their QoS, or in old files topics alone.
pub(super) fn read_subscriptions(draft: &mut Draft, fields: &mut Fields<'_>) {
    for (index, one) in fields.list("subscriptions").iter().enumerate() {
        let field = format!("subscriptions[{index}]");
        let (topic, qos) = match one {
            Value::Text(topic) => (Some(topic.clone()), Some(0)),
            Value::Map(map) => {
                let qos = map.get("qos").map_or(Some(0), Value::as_integer);
                (map.get("topic").and_then(Value::as_text), qos)
            }
            _ => (None, None),
        };
        let qos =
            qos.and_then(|qos| u8::try_from(qos).ok()).and_then(|qos| QoS::try_from(qos).ok());
        match (topic, qos) {
            (Some(topic), Some(qos)) => draft.subscribe(&field, &topic, qos),
            (topic, _) => draft.note(field, &topic.unwrap_or_default(), NoteCode::NotUsable),
        }
    }
}
