//! MQTTAnalyzer's `.mqttbroker`. Its certificates are in the file, as PEM or DER; keys among them become secrets.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use mqttscope_model::{
    ArchiveSource, CertificateSource, ClientCertificate, KeySource, ProtocolVersion, Scheme,
    SecretSlot, TlsRoots,
};

use super::draft::{Draft, found};
use super::explorer::read_subscriptions;
use super::fields::Fields;
use super::json::Json;
use super::value::{Map, Value};
use crate::error::{ImportError, ImportFault, Place};
use crate::found::{Found, ImportFormat};

/// Whether an object has a broker as MQTTAnalyzer writes it.
pub(super) fn is_ours(value: &Json<'_>) -> bool {
    let Ok(entries) = value.entries() else { return false };
    let broker = entries.iter().find(|(name, _)| name == "broker").map(|(_, part)| part);
    let inner = broker.and_then(|part| part.entries().ok()).unwrap_or_default();
    inner.iter().any(|(name, _)| matches!(name.as_ref(), "hostname" | "protocolMethod"))
}

pub(super) fn read(json: Json<'_>) -> Result<Found, ImportError> {
    let value = json.value()?;
    let map = value.as_map();
    if let Some(version) = map.and_then(|map| map.get("version"))
        && version.as_integer() != Some(1)
    {
        let shown = version.as_integer().map_or_else(String::new, |number| number.to_string());
        let place = Place::Path("version".to_owned());
        return Err(ImportError::new(place, ImportFault::Version(shown)));
    }
    let Some(Value::Map(broker)) = map.and_then(|map| map.get("broker")) else {
        return Err(ImportError::new(
            Place::Path("broker".to_owned()),
            ImportFault::Shape("an object"),
        ));
    };
    found(ImportFormat::MqttAnalyzer, vec![profile(broker)], Vec::new(), Vec::new())
}

fn profile(map: &Map) -> Draft {
    let mut fields = Fields::new(map, "broker.");
    let host = fields.text("hostname").unwrap_or_default().trim().to_owned();
    let port = fields.number("port");
    let alias = fields.text("alias").unwrap_or_default();
    let shown = port.map_or_else(String::new, |port: u16| port.to_string());
    let mut draft = Draft::new("mqttanalyzer", &format!("{alias}\n{host}\n{shown}"));
    let tls = fields.flag("ssl").unwrap_or(false);
    let web = fields.text("protocolMethod").is_some_and(|method| method.starts_with("websocket"));
    let endpoint = &mut draft.profile.endpoint;
    endpoint.scheme = match (web, tls) {
        (false, false) => Scheme::Mqtt,
        (false, true) => Scheme::Mqtts,
        (true, false) => Scheme::Ws,
        (true, true) => Scheme::Wss,
    };
    endpoint.host = host;
    endpoint.port = port.unwrap_or(endpoint.scheme.default_port());
    if let Some(path) = fields.text("basePath") {
        endpoint.path = format!("/{}", path.trim_start_matches('/'));
    }
    let five = fields.text("protocolVersion").is_some_and(|version| version.ends_with('5'));
    draft.profile.version = if five { ProtocolVersion::V5 } else { ProtocolVersion::V311 };
    draft.profile.name = alias;
    draft.profile.client_id = fields.text("clientID").unwrap_or_default();
    draft.profile.user_name = fields.text("username").unwrap_or_default();
    draft.secret(SecretSlot::Password, &fields.secret("password").unwrap_or_default());
    draft.profile.tls.verify = !fields.flag("untrustedSSL").unwrap_or(false);
    let alpn = fields.list("alpn").iter().filter_map(Value::as_text).collect::<Vec<_>>().join(",");
    let alpn = alpn.split(',').map(str::trim).filter(|name| !name.is_empty());
    draft.profile.tls.alpn = alpn.map(str::to_owned).collect();
    read_subscriptions(&mut draft, &mut fields);
    read_certificates(&mut draft, &mut fields);
    fields.ignore(&["authType", "id"]);
    draft.notes.extend(fields.finish());
    draft
}

fn read_certificates(draft: &mut Draft, fields: &mut Fields<'_>) {
    let passphrase = fields.secret("certClientKeyPassword").unwrap_or_default();
    let (mut certificate, mut key) = (None, None);
    for mut one in fields.objects("certificates") {
        let data = one.secret("data").unwrap_or_default();
        let bytes = STANDARD.decode(data.split_whitespace().collect::<String>()).ok();
        let kind = one.text("type").unwrap_or_default();
        match (kind.as_str(), bytes.filter(|bytes| !bytes.is_empty())) {
            ("serverCA", Some(bytes)) => {
                let pem = pem(&bytes, "CERTIFICATE");
                draft.profile.tls.roots = TlsRoots::CaPem { pem };
            }
            ("client", Some(bytes)) => certificate = Some(pem(&bytes, "CERTIFICATE")),
            ("clientKey", Some(bytes)) => key = Some(pem(&bytes, "PRIVATE KEY")),
            ("p12", Some(bytes)) => {
                draft.secret(SecretSlot::Pkcs12, &STANDARD.encode(bytes));
                draft.profile.tls.client_certificate = Some(ClientCertificate::Pkcs12 {
                    archive: ArchiveSource::Stored { secret: None },
                    passphrase: None,
                });
            }
            _ => one.not_usable("type", &kind),
        }
        one.ignore(&["name", "location"]);
        draft.notes.extend(one.finish());
    }
    match (certificate, key) {
        (Some(pem), Some(key)) => {
            draft.secret(SecretSlot::PrivateKey, &key);
            draft.profile.tls.client_certificate = Some(ClientCertificate::Pem {
                certificate: CertificateSource::Text { pem },
                key: KeySource::Stored { secret: None },
                passphrase: None,
            });
        }
        (None, None) => {}
        _ => fields.not_usable("certificates", ""),
    }
    if draft.profile.tls.client_certificate.is_some() {
        draft.secret(SecretSlot::KeyPassphrase, &passphrase);
    }
}

/// PEM as it is, or DER as PEM.
fn pem(bytes: &[u8], label: &str) -> String {
    if let Ok(text) = std::str::from_utf8(bytes)
        && text.contains("-----BEGIN")
    {
        return text.to_owned();
    }
    let packed = STANDARD.encode(bytes);
    let (lines, rest) = packed.as_bytes().as_chunks::<64>();
    let mut pem = format!("-----BEGIN {label}-----\n");
    for line in lines.iter().map(<[u8; 64]>::as_slice).chain([rest]) {
        pem.push_str(&String::from_utf8_lossy(line));
        pem.push('\n');
    }
    format!("{}\n-----END {label}-----\n", pem.trim_end())
}
