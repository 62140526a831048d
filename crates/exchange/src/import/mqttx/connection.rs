//! MQTTX's connection object as a profile, whatever file it stood in. The other MQTTX importers only bring their rows
//! into the shape of its JSON.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use mqttscope_model::{
    Authentication, ByteFormat, ProtocolVersion, QoS, Scheme, ScramHash, SecretSlot, TypedBytes,
    UserProperty, Will, WillPayload, WillProperties,
};

use super::{buffer, subscriptions};
use crate::found::{Note, NoteCode};
use crate::import::draft::{Draft, note};
use crate::import::fields::Fields;
use crate::import::value::{Map, Value};

/// What MQTTX keeps for itself: numbers of rows, times, and what its own window shows.
pub(super) const ITS_OWN: [&str; 22] = [
    "id",
    "parentId",
    "orderId",
    "isCollection",
    "createAt",
    "updateAt",
    "unreadMessageCount",
    "connectionId",
    "willId",
    "color",
    "messages",
    "maxReconnectTimes",
    "pushProps",
    "pushPropsPayloadFormatIndicator",
    "pushPropsMessageExpiryInterval",
    "pushPropsTopicAlias",
    "pushPropsResponseTopic",
    "pushPropsCorrelationData",
    "pushPropsUserProperties",
    "pushPropsSubscriptionIdentifier",
    "pushPropsContentType",
    "isSsl",
];

/// The profile of a connection object, without its messages.
pub(super) fn profile(map: &Map) -> Draft {
    let mut fields = Fields::new(map, "");
    let id = fields.text("id").or_else(|| fields.text("clientId")).unwrap_or_default();
    let key = if id.is_empty() { fallback_key(&mut fields) } else { id };
    let mut draft = Draft::new("mqttx", &key);
    read_address(&mut draft, &mut fields);
    read_session(&mut draft, &mut fields);
    read_tls(&mut draft, &mut fields);
    subscriptions::read(&mut draft, &mut fields);
    if let Some(will) = fields.object("will") {
        read_will(&mut draft, will);
    }
    match fields.object("properties") {
        Some(mut inner) => {
            read_properties(&mut draft, &mut inner);
            draft.notes.extend(inner.finish());
        }
        // The database and old files have them beside the rest.
        None => read_properties(&mut draft, &mut fields),
    }
    fields.ignore(&ITS_OWN);
    draft.notes.extend(fields.finish());
    draft
}

fn fallback_key(fields: &mut Fields<'_>) -> String {
    let parts = ["name", "protocol", "host", "port"];
    parts.map(|name| fields.text(name).unwrap_or_default()).join("\n")
}

fn read_address(draft: &mut Draft, fields: &mut Fields<'_>) {
    draft.profile.name = fields.text("name").unwrap_or_default();
    let ssl = fields.flag("ssl").unwrap_or(false);
    let scheme = match fields.text("protocol").unwrap_or_default().to_ascii_lowercase().as_str() {
        "" | "mqtt" => Scheme::Mqtt,
        "mqtts" => Scheme::Mqtts,
        "ws" => Scheme::Ws,
        "wss" => Scheme::Wss,
        other => {
            fields.not_usable("protocol", other);
            Scheme::Mqtt
        }
    };
    let endpoint = &mut draft.profile.endpoint;
    endpoint.scheme = match scheme {
        Scheme::Mqtt if ssl => Scheme::Mqtts,
        Scheme::Ws if ssl => Scheme::Wss,
        other => other,
    };
    endpoint.host = fields.text("host").unwrap_or_default().trim().to_owned();
    endpoint.port = fields.number("port").unwrap_or(endpoint.scheme.default_port());
    if let Some(path) = fields.text("path") {
        endpoint.path = if path.starts_with('/') { path } else { format!("/{path}") };
    }
}

fn read_session(draft: &mut Draft, fields: &mut Fields<'_>) {
    let with_time = fields.flag("clientIdWithTime").unwrap_or(false);
    let suffix = if with_time { "_{{time}}" } else { "" };
    let profile = &mut draft.profile;
    profile.client_id = fields.text("clientId").unwrap_or_default() + suffix;
    profile.user_name = fields.text("username").unwrap_or_default();
    profile.version = match fields.text("mqttVersion").unwrap_or_default().as_str() {
        "5.0" | "5" => ProtocolVersion::V5,
        "" | "3.1.1" | "4" => ProtocolVersion::V311,
        "3.1" | "3" => ProtocolVersion::V31,
        other => {
            fields.not_usable("mqttVersion", other);
            ProtocolVersion::V311
        }
    };
    profile.clean_start = fields.flag("clean").unwrap_or(true);
    profile.keep_alive = fields.number("keepalive").unwrap_or(profile.keep_alive);
    profile.connect_timeout = fields.number("connectTimeout").unwrap_or(profile.connect_timeout);
    profile.reconnect.enabled = fields.flag("reconnect").unwrap_or(true);
    if let Some(period) = fields.number::<u32>("reconnectPeriod")
        && period > 0
    {
        profile.reconnect.first_delay_ms = period;
        profile.reconnect.max_delay_ms = profile.reconnect.max_delay_ms.max(period);
    }
    if let Some(password) = fields.secret("password") {
        draft.secret(SecretSlot::Password, &password);
    }
}

fn read_tls(draft: &mut Draft, fields: &mut Fields<'_>) {
    let own = fields.text("certType").as_deref() == Some("self");
    let mut file = |name: &str| fields.text(name).unwrap_or_default();
    let (ca, cert, key) = (file("ca"), file("cert"), file("key"));
    draft.profile.tls.verify = fields.flag("rejectUnauthorized").unwrap_or(true);
    // With the certificates of public authorities MQTTX keeps the paths and does not use them.
    if own {
        draft.trust_file(&ca);
        draft.client_files(("cert", &cert), ("key", &key));
    }
    draft.profile.tls.alpn = match fields.value("ALPNProtocols") {
        Some(Value::List(names)) => names.iter().filter_map(Value::as_text).collect(),
        Some(other) => split_alpn(&other.as_text().unwrap_or_default()),
        None => Vec::new(),
    };
}

/// `a, b` or `[a,b]`, with or without quotes.
fn split_alpn(text: &str) -> Vec<String> {
    let text = text.trim().trim_start_matches('[').trim_end_matches(']');
    let names = text.split(',').map(|name| name.trim().trim_matches(['"', '\'']));
    names.filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

/// The QoS in a field; 0 where there is none.
pub(super) fn qos(fields: &mut Fields<'_>, name: &str) -> QoS {
    let number = fields.number::<u8>(name).unwrap_or(0);
    QoS::try_from(number).unwrap_or_else(|_| {
        fields.not_usable(name, &number.to_string());
        QoS::AtMostOnce
    })
}

fn read_will(draft: &mut Draft, mut fields: Fields<'_>) {
    let topic = fields.text("lastWillTopic").unwrap_or_default();
    let payload = match fields.value("lastWillPayload") {
        None => TypedBytes::default(),
        Some(value) => typed(value),
    };
    if topic.is_empty() {
        if !payload.text.is_empty() {
            draft.note("will.lastWillPayload", &payload.text, NoteCode::NotUsable);
        }
        return;
    }
    let level = qos(&mut fields, "lastWillQos");
    let retain = fields.flag("lastWillRetain").unwrap_or(false);
    let properties = match fields.object("properties") {
        Some(mut inner) => {
            let properties = will_properties(&mut inner);
            draft.notes.extend(inner.finish());
            properties
        }
        None => will_properties(&mut fields),
    };
    fields.ignore(&ITS_OWN);
    draft.notes.extend(fields.finish());
    let payload = WillPayload::Typed { typed: payload };
    draft.profile.will = Some(Will { topic, payload, qos: level, retain, properties });
}

fn will_properties(fields: &mut Fields<'_>) -> WillProperties {
    WillProperties {
        delay_interval: fields.number("willDelayInterval"),
        payload_is_utf8: fields.flag("payloadFormatIndicator"),
        message_expiry: fields.number("messageExpiryInterval"),
        content_type: fields.text("contentType"),
        response_topic: fields.text("responseTopic"),
        correlation_data: fields.value("correlationData").map(typed),
        user_properties: user_properties(fields),
    }
}

/// An object, or in the database its JSON.
pub(super) fn user_properties(fields: &mut Fields<'_>) -> Vec<UserProperty> {
    match fields.value("userProperties") {
        Some(Value::Text(text)) => {
            let Ok(value) = serde_json::from_str::<Value>(text) else {
                fields.not_usable("userProperties", "");
                return Vec::new();
            };
            let mut map = Map::default();
            map.insert("userProperties", value);
            Fields::new(&map, "").user_properties("userProperties")
        }
        _ => fields.user_properties("userProperties"),
    }
}

/// A text, or the bytes of Node.js's Buffer.
fn typed(value: &Value) -> TypedBytes {
    match buffer(value) {
        Some(bytes) => TypedBytes::of_bytes(&bytes),
        None => TypedBytes { format: ByteFormat::Text, text: value.as_text().unwrap_or_default() },
    }
}

fn read_properties(draft: &mut Draft, fields: &mut Fields<'_>) {
    let profile = &mut draft.profile;
    profile.session_expiry = fields.number("sessionExpiryInterval").unwrap_or(0);
    let connect = &mut profile.connect_properties;
    connect.receive_maximum = fields.number("receiveMaximum");
    connect.maximum_packet_size = fields.number("maximumPacketSize");
    connect.topic_alias_maximum = fields.number("topicAliasMaximum");
    connect.request_response_information = fields.flag("requestResponseInformation");
    connect.request_problem_information = fields.flag("requestProblemInformation");
    connect.user_properties = user_properties(fields);
    let data = fields.value("authenticationData");
    let Some(method) = fields.text("authenticationMethod") else {
        if data.is_some() {
            draft.notes.push(left_out(fields));
        }
        return;
    };
    let hashes = [ScramHash::Sha1, ScramHash::Sha256, ScramHash::Sha512];
    let known = hashes.into_iter().find(|hash| hash.method().eq_ignore_ascii_case(&method));
    let Some(hash) = known else {
        draft.profile.authentication = Some(Authentication::Other { name: method, data: None });
        if let Some(data) = data {
            let bytes = buffer(data).unwrap_or(data.as_text().unwrap_or_default().into_bytes());
            draft.secret(SecretSlot::AuthenticationData, &STANDARD.encode(bytes));
        }
        return;
    };
    draft.profile.authentication = Some(Authentication::Scram { hash });
    if data.is_some() {
        draft.notes.push(left_out(fields));
    }
}

/// Authentication Data that no method needs; what it says is not shown.
fn left_out(fields: &Fields<'_>) -> Note {
    note(fields.path("authenticationData"), "", NoteCode::NotUsable)
}
