//! mqtt-spy's configuration.

use mqttscope_model::address;
use mqttscope_model::{
    ProtocolVersion, QoS, Scheme, SecretSlot, TypedBytes, Will, WillPayload, WillProperties,
};

use super::draft::{Draft, found};
use super::fields::Fields;
use super::value::{Map, Value};
use super::xml;
use crate::error::ImportError;
use crate::found::{Found, ImportFormat};

pub(super) fn read(root: &Value) -> Result<Found, ImportError> {
    let empty = Map::default();
    let mut root = Fields::new(root.as_map().unwrap_or(&empty), "");
    let mut drafts = Vec::new();
    if let Some(mut connectivity) = root.object("Connectivity") {
        for name in ["ConnectionV2", "Connection"] {
            drafts.extend(connectivity.objects(name).into_iter().map(profile));
        }
    }
    found(ImportFormat::MqttSpy, drafts, Vec::new(), Vec::new())
}

fn profile(mut fields: Fields<'_>) -> Draft {
    let name = fields.text("Name").unwrap_or_default();
    let uris: Vec<_> = fields.list("ServerURI").iter().filter_map(Value::as_text).collect();
    let id = fields.text("id").or_else(|| fields.text("ID"));
    let first = uris.first().cloned().unwrap_or_default();
    let mut draft = Draft::new("mqttspy", &id.unwrap_or_else(|| format!("{name}\n{first}")));
    draft.profile.name = name;
    let web = fields.flag("WebSocket").unwrap_or(false);
    let mut tls = false;
    let ssl = fields.object("SSL").or_else(|| fields.object("TlsSslSettings"));
    if let Some(mut ssl) = ssl {
        tls = read_tls(&mut draft, &mut ssl);
        draft.notes.extend(ssl.finish());
    }
    read_address(&mut draft, &fields, &first, (web, tls));
    for (index, other) in uris.iter().enumerate().skip(1) {
        let field = format!("{}[{index}]", fields.path("ServerURI"));
        draft.note(field, without_user(other), crate::found::NoteCode::NoCounterpart);
    }
    let version = fields.text("Protocol").unwrap_or_default();
    draft.profile.version =
        if version.ends_with("3.1") { ProtocolVersion::V31 } else { ProtocolVersion::V311 };
    draft.profile.client_id = fields.text("ClientID").unwrap_or_default();
    let profile = &mut draft.profile;
    profile.clean_start = fields.flag("CleanSession").unwrap_or(true);
    profile.connect_timeout = fields.number("ConnectionTimeout").unwrap_or(profile.connect_timeout);
    profile.keep_alive = fields.number("KeepAliveInterval").unwrap_or(profile.keep_alive);
    if let Some(mut credentials) = fields.object("UserCredentials") {
        draft.profile.user_name = credentials.text("Username").unwrap_or_default();
        let password = credentials.secret("Password").unwrap_or_default();
        draft.secret(SecretSlot::Password, &password);
    }
    read_will(&mut draft, &mut fields);
    for mut one in fields.objects("Subscription") {
        let field = one.path("topic");
        let topic = one.text("topic").unwrap_or_default();
        let qos = qos(&mut one);
        draft.subscribe(&field, &topic, qos);
    }
    fields.ignore(&["Publication"]);
    draft.notes.extend(fields.finish());
    draft
}

/// What stands behind the user name and password of an address.
fn without_user(address: &str) -> &str {
    address.rsplit_once('@').map_or(address, |(_, place)| place)
}

fn read_address(draft: &mut Draft, fields: &Fields<'_>, uri: &str, (web, tls): (bool, bool)) {
    let Ok(parsed) = address::parse(uri) else {
        draft.note(fields.path("ServerURI"), "", crate::found::NoteCode::NotUsable);
        return;
    };
    let tls = tls || parsed.scheme.is_some_and(Scheme::is_tls);
    let web = web || parsed.scheme.is_some_and(Scheme::is_websocket);
    let endpoint = &mut draft.profile.endpoint;
    endpoint.scheme = match (web, tls) {
        (false, false) => Scheme::Mqtt,
        (false, true) => Scheme::Mqtts,
        (true, false) => Scheme::Ws,
        (true, true) => Scheme::Wss,
    };
    endpoint.port = parsed.port.unwrap_or(endpoint.scheme.default_port());
    endpoint.host = parsed.host;
    if let Some(path) = parsed.path {
        endpoint.path = path;
    }
}

/// True where TLS is used.
fn read_tls(draft: &mut Draft, ssl: &mut Fields<'_>) -> bool {
    let mode = ssl.text("Mode").unwrap_or_default().to_ascii_uppercase();
    let mut file = |name: &str| ssl.text(name).unwrap_or_default();
    let ca = file("CertificateAuthorityFile");
    let (certificate, key) = (file("ClientCertificateFile"), file("ClientKeyFile"));
    draft.trust_file(&ca);
    let names = ("SSL.ClientCertificateFile", "SSL.ClientKeyFile");
    draft.client_files((names.0, &certificate), (names.1, &key));
    if draft.profile.tls.client_certificate.is_some() {
        let passphrase = ssl.secret("ClientKeyPassword").unwrap_or_default();
        draft.secret(SecretSlot::KeyPassphrase, &passphrase);
    }
    !matches!(mode.as_str(), "" | "DISABLED")
}

fn qos(fields: &mut Fields<'_>) -> QoS {
    let number = fields.number::<u8>("qos").unwrap_or(0);
    QoS::try_from(number).unwrap_or_else(|_| {
        fields.not_usable("qos", &number.to_string());
        QoS::AtMostOnce
    })
}

/// Topic, QoS and retain are attributes; the payload is in a child, or the element's own text.
fn read_will(draft: &mut Draft, fields: &mut Fields<'_>) {
    let Some(mut will) = fields.object("LastWillAndTestament") else { return };
    let Some(topic) = will.text("topic").or_else(|| will.text("Topic")) else { return };
    let names = ["value", "Value", xml::TEXT];
    let payload = names.into_iter().find_map(|name| will.text(name)).unwrap_or_default();
    let qos = qos(&mut will);
    let retain = will.flag("retained").unwrap_or(false);
    draft.notes.extend(will.finish());
    let payload = WillPayload::Typed { typed: TypedBytes::text(payload) };
    let properties = WillProperties::default();
    draft.profile.will = Some(Will { topic, payload, qos, retain, properties });
}
