//! JavaScript with MQTT.js 5, for Node.js: connects, subscribes, and prints what comes.

use std::fmt::Write as _;

use mqttscope_model::{
    ArchiveSource, CertificateSource, ClientCertificate, HeaderValue, KeySource, Profile,
    ProtocolVersion, SecretSlot, Subscription, TlsRoots, TlsSettings, TlsVersion, Will,
    WillPayload, WillProperties,
};

use super::features::Feature;
use super::literal::{indented, text};
use super::{CodeLanguage, Draft, literal, mosquitto, mqttx, variable};

const KNOWS: &[Feature] = &[
    Feature::Version31,
    Feature::Version3,
    Feature::WebSocket,
    Feature::WebSocketHeaders,
    Feature::SystemRoots,
    Feature::CertificateFiles,
    Feature::SeveralCaFiles,
    Feature::CaPem,
    Feature::NoVerification,
    Feature::CertificateText,
    Feature::StoredKey,
    Feature::KeyPassphrase,
    Feature::Pkcs12,
    Feature::StoredPkcs12,
    Feature::ServerName,
    Feature::Alpn,
    Feature::TlsVersions,
    Feature::ConnectProperties,
    Feature::WillProperties,
    Feature::WillFile,
    Feature::WillBinary,
    Feature::NoLocal,
    Feature::RetainAsPublished,
    Feature::RetainHandling,
    Feature::SubscribeProperties,
    Feature::OptionsDiffer,
    Feature::AutomaticTopicAlias,
];

pub(super) fn write(profile: &Profile) -> Draft {
    let options = indented(&options(profile), "  ");
    let mut code = String::from("// npm install mqtt@5, then: node connect.mjs\n");
    if options.contains("readFileSync(") {
        code += "import { readFileSync } from \"node:fs\";\n";
    }
    code += "import mqtt from \"mqtt\";\n\n";
    _ = write!(code, "const client = mqtt.connect({{\n{options}}});\n\n");
    code += &handlers(profile);
    Draft { text: code, language: CodeLanguage::Javascript, knows: KNOWS }
}

fn options(profile: &Profile) -> String {
    let endpoint = &profile.endpoint;
    let v5 = profile.version == ProtocolVersion::V5;
    let mut code = String::new();
    let mut put = |name: &str, value: &str| _ = writeln!(code, "{name}: {value},");
    put("protocol", &text(endpoint.scheme.as_str()));
    put("host", &text(&endpoint.host));
    put("port", &endpoint.port.to_string());
    if endpoint.scheme.is_websocket() {
        put("path", &text(&endpoint.path));
    }
    match profile.version {
        ProtocolVersion::V31 => {
            put("protocolId", "\"MQIsdp\"");
            put("protocolVersion", "3");
        }
        ProtocolVersion::V311 => put("protocolVersion", "4"),
        ProtocolVersion::V5 => put("protocolVersion", "5"),
    }
    put("clientId", &text(&profile.client_id));
    put("clean", if profile.clean_start { "true" } else { "false" });
    put("keepalive", &profile.keep_alive.to_string());
    put("connectTimeout", &format!("{}_000", profile.connect_timeout));
    let reconnect = &profile.reconnect;
    let period = if reconnect.enabled { reconnect.first_delay_ms } else { 0 };
    put("reconnectPeriod", &period.to_string());
    if !profile.user_name.is_empty() {
        put("username", &text(&profile.user_name));
    }
    if profile.password.is_some() {
        put("password", &secret(&SecretSlot::Password));
    }
    if v5 {
        put("properties", &connect_properties(profile));
        if profile.automatic_topic_alias {
            put("autoAssignTopicAlias", "true");
        }
    }
    if let Some(wanted) = &profile.will {
        put("will", &will(wanted, v5));
    }
    if endpoint.scheme.is_websocket() && !profile.websocket.headers.is_empty() {
        put("wsOptions", &format!("{{ headers: {{ {} }} }}", headers(profile)));
    }
    if endpoint.scheme.is_tls() {
        tls(&profile.tls, &mut put);
    }
    code
}

fn headers(profile: &Profile) -> String {
    let each = profile.websocket.headers.iter().map(|header| {
        let value = match &header.value {
            HeaderValue::Text { text: value } => text(value),
            HeaderValue::Stored { .. } => secret(&SecretSlot::header(&header.name)),
        };
        format!("{}: {value}", text(&header.name))
    });
    each.collect::<Vec<_>>().join(", ")
}

fn tls(tls: &TlsSettings, put: &mut impl FnMut(&str, &str)) {
    match &tls.roots {
        TlsRoots::CaFiles { paths } => {
            let files = paths.iter().map(|path| file(path)).collect::<Vec<_>>().join(", ");
            put("ca", &format!("[{files}]"));
        }
        TlsRoots::CaPem { pem } => put("ca", &text(pem)),
        TlsRoots::System | TlsRoots::Pinned { .. } => {}
    }
    put("rejectUnauthorized", if tls.verify { "true" } else { "false" });
    let passphrase = match &tls.client_certificate {
        Some(ClientCertificate::Pem { certificate, key, passphrase }) => {
            match certificate {
                CertificateSource::File { path } => put("cert", &file(path)),
                CertificateSource::Text { pem } => put("cert", &text(pem)),
            }
            match key {
                KeySource::File { path } => put("key", &file(path)),
                KeySource::Stored { .. } => put("key", &secret(&SecretSlot::PrivateKey)),
            }
            passphrase.is_some()
        }
        Some(ClientCertificate::Pkcs12 { archive, passphrase }) => {
            match archive {
                ArchiveSource::File { path } => put("pfx", &file(path)),
                ArchiveSource::Stored { .. } => {
                    let value = secret(&SecretSlot::Pkcs12);
                    put("pfx", &format!("Buffer.from({value}, \"base64\")"));
                }
            }
            passphrase.is_some()
        }
        None => false,
    };
    if passphrase {
        put("passphrase", &secret(&SecretSlot::KeyPassphrase));
    }
    if !tls.server_name.is_empty() {
        put("servername", &text(&tls.server_name));
    }
    if !tls.alpn.is_empty() {
        let names = tls.alpn.iter().map(|name| text(name)).collect::<Vec<_>>().join(", ");
        put("ALPNProtocols", &format!("[{names}]"));
    }
    let version = |version| if version == TlsVersion::V12 { "\"TLSv1.2\"" } else { "\"TLSv1.3\"" };
    put("minVersion", version(tls.min_version));
    put("maxVersion", version(tls.max_version));
}

fn connect_properties(profile: &Profile) -> String {
    let wanted = &profile.connect_properties;
    let number = |value: Option<u32>| value.map(|value| value.to_string());
    let expiry = (profile.session_expiry > 0).then_some(profile.session_expiry);
    let user = &wanted.user_properties;
    object(&[
        ("sessionExpiryInterval", number(expiry)),
        ("receiveMaximum", number(wanted.receive_maximum.map(u32::from))),
        ("maximumPacketSize", number(wanted.maximum_packet_size)),
        ("topicAliasMaximum", number(wanted.topic_alias_maximum.map(u32::from))),
        (
            "requestResponseInformation",
            wanted.request_response_information.map(|value| value.to_string()),
        ),
        (
            "requestProblemInformation",
            wanted.request_problem_information.map(|value| value.to_string()),
        ),
        ("userProperties", (!user.is_empty()).then(|| mqttx::grouped(user).to_string())),
    ])
}

fn will(will: &Will, v5: bool) -> String {
    let payload = match &will.payload {
        WillPayload::File { path } => file(path),
        WillPayload::Typed { .. } => match literal::will_text(will) {
            Some(value) => format!("Buffer.from({})", text(&value)),
            None => buffer(&literal::will_bytes(will)),
        },
    };
    let wanted = &will.properties;
    let has = v5 && *wanted != WillProperties::default();
    let properties = has.then(|| {
        let correlation = wanted.correlation_data.as_ref().and_then(|typed| typed.bytes().ok());
        let user = &wanted.user_properties;
        object(&[
            ("willDelayInterval", wanted.delay_interval.map(|value| value.to_string())),
            ("payloadFormatIndicator", wanted.payload_is_utf8.map(|value| value.to_string())),
            ("messageExpiryInterval", wanted.message_expiry.map(|value| value.to_string())),
            ("contentType", wanted.content_type.as_deref().map(text)),
            ("responseTopic", wanted.response_topic.as_deref().map(text)),
            ("correlationData", correlation.as_deref().map(buffer)),
            ("userProperties", (!user.is_empty()).then(|| mqttx::grouped(user).to_string())),
        ])
    });
    object(&[
        ("topic", Some(text(&will.topic))),
        ("payload", Some(payload)),
        ("qos", Some((will.qos as u8).to_string())),
        ("retain", Some(will.retain.to_string())),
        ("properties", properties),
    ])
}

/// An object with the values that are there.
fn object(values: &[(&str, Option<String>)]) -> String {
    let values =
        values.iter().filter_map(|(name, value)| Some(format!("{name}: {}", value.as_ref()?)));
    let values = values.collect::<Vec<_>>().join(", ");
    if values.is_empty() { "{}".to_owned() } else { format!("{{ {values} }}") }
}

fn buffer(bytes: &[u8]) -> String {
    format!("Buffer.from([{}])", literal::numbers(bytes))
}

fn file(path: &str) -> String {
    format!("readFileSync({})", text(path))
}

fn secret(slot: &SecretSlot) -> String {
    format!("process.env.{}", variable(slot))
}

/// What is asked of a filter.
fn asked(wanted: &Subscription, v5: bool) -> String {
    let handling = literal::retain_handling(wanted);
    let flag = |is_set: bool| (v5 && is_set).then(|| "true".to_owned());
    object(&[
        ("qos", Some((wanted.qos as u8).to_string())),
        ("nl", flag(wanted.no_local)),
        ("rap", flag(wanted.retain_as_published)),
        ("rh", (v5 && handling > 0).then(|| handling.to_string())),
    ])
}

/// One call for all filters without properties, since these hold for all filters of a SUBSCRIBE, and one for each other.
fn subscribe(profile: &Profile) -> String {
    let v5 = profile.version == ProtocolVersion::V5;
    let alone = |wanted: &&Subscription| v5 && literal::has_properties(wanted);
    let (own, shared): (Vec<_>, Vec<_>) = profile.subscriptions.iter().partition(alone);
    let failed = "(error) => {\n  if (error) console.error(error);\n}";
    let mut code = String::new();
    for wanted in &own {
        let user = &wanted.user_properties;
        let properties = object(&[
            ("subscriptionIdentifier", wanted.identifier.map(|number| number.to_string())),
            ("userProperties", (!user.is_empty()).then(|| mqttx::grouped(user).to_string())),
        ]);
        let filter = format!("{{ {}: {} }}", text(&wanted.filter), asked(wanted, v5));
        _ = writeln!(code, "client.subscribe({filter}, {{ properties: {properties} }}, {failed});");
    }
    let mut filters: Vec<String> = shared
        .iter()
        .map(|wanted| format!("{}: {}", text(&wanted.filter), asked(wanted, v5)))
        .collect();
    if profile.subscriptions.is_empty() {
        filters.push(format!("{}: {{ qos: 0 }}", text(mosquitto::TOPIC)));
    }
    if !filters.is_empty() {
        _ = writeln!(code, "client.subscribe({{ {} }}, {failed});", filters.join(", "));
    }
    code
}

fn handlers(profile: &Profile) -> String {
    format!(
        "client.on(\"connect\", () => {{\n  console.log(\"connected\");\n{}}});\n\
         client.on(\"message\", (topic, payload) => console.log(topic, payload.toString()));\n\
         client.on(\"error\", (error) => console.error(error));\n",
        indented(&subscribe(profile), "  ")
    )
}
