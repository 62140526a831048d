//! Rust with rumqttc 0.25: connects, subscribes, and prints what comes.

use std::fmt::Write as _;

use mqttscope_model::{
    CertificateSource, ClientCertificate, KeySource, Profile, ProtocolVersion, QoS, SecretSlot,
    TlsRoots, Will, WillPayload,
};

use super::features::Feature;
use super::literal::rust as text;
use super::{CodeLanguage, Draft, literal, mosquitto, variable};

const KNOWS: &[Feature] = &[
    Feature::Version3,
    Feature::WebSocket,
    Feature::SystemRoots,
    Feature::CaPem,
    Feature::CertificateFiles,
    Feature::CertificateText,
    Feature::StoredKey,
    Feature::Alpn,
    Feature::ConnectProperties,
    Feature::WillFile,
    Feature::WillBinary,
];

pub(super) fn write(profile: &Profile) -> Draft {
    let (endpoint, v5) = (&profile.endpoint, profile.version == ProtocolVersion::V5);
    let module = if v5 { "rumqttc::v5" } else { "rumqttc" };
    let bytes = if v5 { "rumqttc::v5::mqttbytes" } else { "rumqttc::mqttbytes" };
    // For WebSocket the library takes the whole address in the place of the host.
    let host =
        if endpoint.scheme.is_websocket() { endpoint.to_string() } else { endpoint.host.clone() };
    let features = if endpoint.scheme.is_websocket() { " --features websocket" } else { "" };
    let mut code = format!(
        "// cargo add rumqttc@0.25{features}\n// cargo add tokio --features macros,rt-multi-thread\n\
         use std::time::Duration;\n\nuse {module}::{{AsyncClient, Event, MqttOptions}};\n\
         use {bytes}::QoS;\n\n#[tokio::main]\n\
         async fn main() -> Result<(), Box<dyn std::error::Error>> {{\n"
    );
    let mut body = format!(
        "let mut options = MqttOptions::new({}, {}, {});\n",
        text(&profile.client_id),
        text(&host),
        endpoint.port
    );
    if profile.keep_alive > 0 {
        _ = writeln!(body, "options.set_keep_alive(Duration::from_secs({}));", profile.keep_alive);
    }
    let clean = if v5 { "set_clean_start" } else { "set_clean_session" };
    _ = writeln!(body, "options.{clean}({});", profile.clean_start);
    if !profile.user_name.is_empty() || profile.password.is_some() {
        let password = match profile.password {
            Some(_) => secret(&SecretSlot::Password),
            None => "\"\"".to_owned(),
        };
        _ = writeln!(body, "options.set_credentials({}, {password});", text(&profile.user_name));
    }
    body += &transport(profile);
    if v5 {
        body += &properties(profile);
    }
    if let Some(wanted) = &profile.will {
        body += &will(wanted, v5);
    }
    body += &run(profile, if v5 { "rumqttc::v5::mqttbytes::v5" } else { "rumqttc" });
    code += &literal::indented(&body, "    ");
    code += "}\n";
    Draft { text: code, language: CodeLanguage::Rust, knows: KNOWS }
}

fn transport(profile: &Profile) -> String {
    let (scheme, tls) = (profile.endpoint.scheme, &profile.tls);
    let variant = match (scheme.is_websocket(), scheme.is_tls()) {
        (false, false) => return String::new(),
        (true, false) => return "options.set_transport(rumqttc::Transport::Ws);\n".to_owned(),
        (false, true) => "Tls",
        (true, true) => "Wss",
    };
    let ca = match &tls.roots {
        TlsRoots::CaFiles { paths } => paths.first().map(|path| file(path)),
        TlsRoots::CaPem { pem } => Some(format!("{}.into()", text(pem))),
        TlsRoots::System | TlsRoots::Pinned { .. } => None,
    };
    let Some(ca) = ca else {
        return format!(
            "options.set_transport(rumqttc::Transport::{variant}(Default::default()));\n"
        );
    };
    let alpn = if tls.alpn.is_empty() {
        "None".to_owned()
    } else {
        let names = tls.alpn.iter().map(|name| format!("{}.into()", text(name)));
        format!("Some(vec![{}])", names.collect::<Vec<_>>().join(", "))
    };
    let client = match &tls.client_certificate {
        Some(ClientCertificate::Pem { certificate, key, .. }) => {
            let certificate = match certificate {
                CertificateSource::File { path } => file(path),
                CertificateSource::Text { pem } => format!("{}.into()", text(pem)),
            };
            let key = match key {
                KeySource::File { path } => file(path),
                KeySource::Stored { .. } => {
                    format!("{}.into_bytes()", secret(&SecretSlot::PrivateKey))
                }
            };
            format!("Some(({certificate}, {key}))")
        }
        _ => "None".to_owned(),
    };
    format!(
        "options.set_transport(rumqttc::Transport::{variant}(rumqttc::TlsConfiguration::Simple {{\n    \
         ca: {ca},\n    alpn: {alpn},\n    client_auth: {client},\n}}));\n"
    )
}

fn properties(profile: &Profile) -> String {
    let wanted = &profile.connect_properties;
    let number = |value: Option<u32>| value.map(|value| format!("Some({value})"));
    let expiry = (profile.session_expiry > 0).then_some(profile.session_expiry);
    let user = wanted.user_properties.iter();
    let user: Vec<String> = user
        .map(|pair| format!("({}.into(), {}.into())", text(&pair.name), text(&pair.value)))
        .collect();
    let calls = [
        ("set_session_expiry_interval", number(expiry)),
        ("set_receive_maximum", number(wanted.receive_maximum.map(u32::from))),
        ("set_max_packet_size", number(wanted.maximum_packet_size)),
        ("set_topic_alias_max", number(wanted.topic_alias_maximum.map(u32::from))),
        ("set_request_response_info", number(wanted.request_response_information.map(u32::from))),
        ("set_request_problem_info", number(wanted.request_problem_information.map(u32::from))),
        ("set_user_properties", (!user.is_empty()).then(|| format!("vec![{}]", user.join(", ")))),
    ];
    let calls = calls.iter().filter_map(|(name, value)| Some((name, value.as_ref()?)));
    calls.map(|(name, value)| format!("options.{name}({value});\n")).collect()
}

fn will(will: &Will, v5: bool) -> String {
    let payload = match &will.payload {
        WillPayload::File { path } => file(path),
        WillPayload::Typed { .. } => match literal::will_text(will) {
            Some(value) => text(&value),
            None => format!("vec![{}]", literal::numbers(&literal::will_bytes(will))),
        },
    };
    let (module, more) =
        if v5 { ("rumqttc::v5::mqttbytes::v5", ", None") } else { ("rumqttc", "") };
    let (topic, qos) = (text(&will.topic), level(will.qos));
    format!(
        "options.set_last_will({module}::LastWill::new({topic}, {payload}, {qos}, {}{more}));\n",
        will.retain
    )
}

fn run(profile: &Profile, packets: &str) -> String {
    let mut code =
        String::from("\nlet (client, mut connection) = AsyncClient::new(options, 10);\n");
    for wanted in &profile.subscriptions {
        _ = writeln!(
            code,
            "client.subscribe({}, {}).await?;",
            text(&wanted.filter),
            level(wanted.qos)
        );
    }
    if profile.subscriptions.is_empty() {
        _ = writeln!(code, "client.subscribe({}, QoS::AtMostOnce).await?;", text(mosquitto::TOPIC));
    }
    let packet =
        if packets == "rumqttc" { "rumqttc::Packet" } else { "rumqttc::v5::mqttbytes::v5::Packet" };
    code + &format!(
        "loop {{\n    match connection.poll().await? {{\n        \
         Event::Incoming({packet}::ConnAck(_)) => println!(\"connected\"),\n        \
         Event::Incoming({packet}::Publish(message)) => {{\n            \
         println!(\"{{:?}} {{:?}}\", message.topic, message.payload);\n        }}\n        _ => {{}}\n    }}\n}}\n"
    )
}

fn level(qos: QoS) -> &'static str {
    match qos {
        QoS::AtMostOnce => "QoS::AtMostOnce",
        QoS::AtLeastOnce => "QoS::AtLeastOnce",
        QoS::ExactlyOnce => "QoS::ExactlyOnce",
    }
}

fn file(path: &str) -> String {
    format!("std::fs::read({})?", text(path))
}

fn secret(slot: &SecretSlot) -> String {
    format!("std::env::var({})?", text(&variable(slot)))
}
