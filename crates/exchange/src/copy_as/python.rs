//! Python with paho-mqtt 2: connects, subscribes, and prints what comes.

use std::fmt::Write as _;

use mqttscope_model::{
    CertificateSource, ClientCertificate, HeaderValue, KeySource, Profile, ProtocolVersion, QoS,
    SecretSlot, Subscription, TlsRoots, TlsVersion, UserProperty, Will, WillPayload,
};

use super::features::Feature;
use super::literal::{indented, python_bytes, text};
use super::{CodeLanguage, Draft, literal, mosquitto, variable};

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
    Feature::KeyPassphrase,
    Feature::Alpn,
    Feature::TlsVersions,
    Feature::KeyLog,
    Feature::ConnectProperties,
    Feature::WillProperties,
    Feature::WillFile,
    Feature::WillBinary,
    Feature::NoLocal,
    Feature::RetainAsPublished,
    Feature::RetainHandling,
    Feature::SubscribeProperties,
    Feature::OptionsDiffer,
];

pub(super) fn write(profile: &Profile) -> Draft {
    let v5 = profile.version == ProtocolVersion::V5;
    let body = body(profile);
    let mut code = String::from("# pip install \"paho-mqtt>=2,<3\"\n");
    for module in ["os", "pathlib", "ssl"] {
        if body.contains(&format!("{module}.")) {
            _ = writeln!(code, "import {module}");
        }
    }
    code += "\nimport paho.mqtt.client as mqtt\n";
    if v5 {
        code += "from paho.mqtt.packettypes import PacketTypes\nfrom paho.mqtt.properties import Properties\n";
        code += "from paho.mqtt.subscribeoptions import SubscribeOptions\n";
    }
    code += &body;
    Draft { text: code, language: CodeLanguage::Python, knows: KNOWS }
}

fn body(profile: &Profile) -> String {
    let v5 = profile.version == ProtocolVersion::V5;
    let mut code = client(profile);
    if profile.endpoint.scheme.is_websocket() {
        code += &websocket(profile);
    }
    if !profile.user_name.is_empty() || profile.password.is_some() {
        let password = match profile.password {
            Some(_) => secret(&SecretSlot::Password),
            None => "None".to_owned(),
        };
        let user =
            if profile.user_name.is_empty() { "None".to_owned() } else { text(&profile.user_name) };
        _ = writeln!(code, "client.username_pw_set({user}, {password})");
    }
    if profile.endpoint.scheme.is_tls() {
        code += &tls(profile);
    }
    if let Some(wanted) = &profile.will {
        code += &will(wanted, v5);
    }
    code += &callbacks(profile);
    code += &connect(profile, v5);
    code
}

fn client(profile: &Profile) -> String {
    let (protocol, session) = match profile.version {
        ProtocolVersion::V31 => ("MQTTv31", true),
        ProtocolVersion::V311 => ("MQTTv311", true),
        ProtocolVersion::V5 => ("MQTTv5", false),
    };
    let transport = if profile.endpoint.scheme.is_websocket() { "websockets" } else { "tcp" };
    let mut code = String::from("\nclient = mqtt.Client(\n    mqtt.CallbackAPIVersion.VERSION2,\n");
    _ = writeln!(code, "    client_id={},", text(&profile.client_id));
    _ = writeln!(code, "    protocol=mqtt.{protocol},");
    _ = writeln!(code, "    transport=\"{transport}\",");
    if session {
        let clean = if profile.clean_start { "True" } else { "False" };
        _ = writeln!(code, "    clean_session={clean},");
    }
    code + ")\n"
}

fn websocket(profile: &Profile) -> String {
    let headers: String = profile
        .websocket
        .headers
        .iter()
        .map(|header| {
            let value = match &header.value {
                HeaderValue::Text { text: value } => text(value),
                HeaderValue::Stored { .. } => secret(&SecretSlot::header(&header.name)),
            };
            format!("{}: {value}", text(&header.name))
        })
        .collect::<Vec<_>>()
        .join(", ");
    let headers =
        if headers.is_empty() { String::new() } else { format!(", headers={{{headers}}}") };
    format!("client.ws_set_options(path={}{headers})\n", text(&profile.endpoint.path))
}

fn tls(profile: &Profile) -> String {
    let tls = &profile.tls;
    let mut code = String::from("\n");
    match &tls.roots {
        TlsRoots::CaFiles { paths } => {
            let (first, rest) =
                paths.split_first().map_or((String::new(), &[][..]), |(a, b)| (text(a), b));
            _ = writeln!(code, "tls = ssl.create_default_context(cafile={first})");
            for path in rest {
                _ = writeln!(code, "tls.load_verify_locations(cafile={})", text(path));
            }
        }
        TlsRoots::CaPem { pem } => {
            _ = writeln!(code, "tls = ssl.create_default_context(cadata={})", text(pem));
        }
        TlsRoots::System | TlsRoots::Pinned { .. } => {
            code += "tls = ssl.create_default_context()\n"
        }
    }
    if !tls.verify {
        code += "# Anybody can pass for the broker.\ntls.check_hostname = False\ntls.verify_mode = ssl.CERT_NONE\n";
    }
    let version = |version| if version == TlsVersion::V12 { "TLSv1_2" } else { "TLSv1_3" };
    _ = writeln!(code, "tls.minimum_version = ssl.TLSVersion.{}", version(tls.min_version));
    _ = writeln!(code, "tls.maximum_version = ssl.TLSVersion.{}", version(tls.max_version));
    if let Some(ClientCertificate::Pem {
        certificate: CertificateSource::File { path: certificate },
        key: KeySource::File { path: key },
        passphrase,
    }) = &tls.client_certificate
    {
        let password = match passphrase {
            Some(_) => format!(", password={}", secret(&SecretSlot::KeyPassphrase)),
            None => String::new(),
        };
        _ = writeln!(code, "tls.load_cert_chain({}, {}{password})", text(certificate), text(key));
    }
    if !tls.alpn.is_empty() {
        let names = tls.alpn.iter().map(|name| text(name)).collect::<Vec<_>>().join(", ");
        _ = writeln!(code, "tls.set_alpn_protocols([{names}])");
    }
    if !tls.key_log_file.is_empty() {
        _ = writeln!(code, "tls.keylog_filename = {}", text(&tls.key_log_file));
    }
    code + "client.tls_set_context(tls)\n"
}

fn will(will: &Will, v5: bool) -> String {
    let payload = match &will.payload {
        WillPayload::File { path } => format!("pathlib.Path({}).read_bytes()", text(path)),
        WillPayload::Typed { .. } => python_bytes(&literal::will_bytes(will)),
    };
    let retain = if will.retain { "True" } else { "False" };
    let mut code = String::new();
    let wanted = &will.properties;
    let properties = if v5 && *wanted != mqttscope_model::WillProperties::default() {
        let correlation = wanted.correlation_data.as_ref().and_then(|typed| typed.bytes().ok());
        let values = [
            ("WillDelayInterval", wanted.delay_interval.map(|value| value.to_string())),
            (
                "PayloadFormatIndicator",
                wanted.payload_is_utf8.map(|value| u8::from(value).to_string()),
            ),
            ("MessageExpiryInterval", wanted.message_expiry.map(|value| value.to_string())),
            ("ContentType", wanted.content_type.as_deref().map(text)),
            ("ResponseTopic", wanted.response_topic.as_deref().map(text)),
            ("CorrelationData", correlation.as_deref().map(python_bytes)),
        ];
        code += &properties("will_properties", "WILLMESSAGE", &values, &wanted.user_properties);
        ", properties=will_properties"
    } else {
        ""
    };
    let qos = will.qos as u8;
    let topic = text(&will.topic);
    code + &format!("client.will_set({topic}, {payload}, qos={qos}, retain={retain}{properties})\n")
}

/// A `Properties` object with these values.
fn properties(
    name: &str,
    packet: &str,
    values: &[(&str, Option<String>)],
    user: &[UserProperty],
) -> String {
    let mut code = format!("\n{name} = Properties(PacketTypes.{packet})\n");
    for (property, value) in values {
        if let Some(value) = value {
            _ = writeln!(code, "{name}.{property} = {value}");
        }
    }
    if !user.is_empty() {
        let pairs =
            user.iter().map(|pair| format!("({}, {})", text(&pair.name), text(&pair.value)));
        let pairs = pairs.collect::<Vec<_>>().join(", ");
        _ = writeln!(code, "{name}.UserProperty = [{pairs}]");
    }
    code
}

/// A filter with what is asked of it, as `subscribe` takes it.
fn filter(wanted: &Subscription, v5: bool) -> String {
    let (filter, qos) = (text(&wanted.filter), wanted.qos as u8);
    if !v5 {
        return format!("({filter}, {qos})");
    }
    let mut options = format!("qos={qos}");
    for (name, is_set) in
        [("noLocal", wanted.no_local), ("retainAsPublished", wanted.retain_as_published)]
    {
        if is_set {
            _ = write!(options, ", {name}=True");
        }
    }
    let handling = literal::retain_handling(wanted);
    if handling > 0 {
        _ = write!(options, ", retainHandling={handling}");
    }
    format!("({filter}, SubscribeOptions({options}))")
}

/// One call for all filters without properties, since these hold for all filters of a SUBSCRIBE, and one for each other.
fn subscribe(profile: &Profile) -> String {
    let v5 = profile.version == ProtocolVersion::V5;
    let alone = |wanted: &&Subscription| v5 && literal::has_properties(wanted);
    let (own, shared): (Vec<_>, Vec<_>) = profile.subscriptions.iter().partition(alone);
    let mut code = String::new();
    for wanted in &own {
        let identifier = wanted.identifier.map(|number| number.to_string());
        let values = [("SubscriptionIdentifier", identifier)];
        code += properties("said", "SUBSCRIBE", &values, &wanted.user_properties).trim_start();
        _ = writeln!(code, "client.subscribe([{}], properties=said)", filter(wanted, v5));
    }
    let mut filters: Vec<String> = shared.iter().map(|wanted| filter(wanted, v5)).collect();
    if profile.subscriptions.is_empty() {
        filters.push(filter(&Subscription::new(mosquitto::TOPIC, QoS::AtMostOnce), v5));
    }
    if !filters.is_empty() {
        _ = writeln!(code, "client.subscribe([{}])", filters.join(", "));
    }
    code
}

fn callbacks(profile: &Profile) -> String {
    format!(
        "\n\ndef on_connect(client, userdata, flags, reason_code, properties):\n    \
         print(\"connected:\", reason_code, flush=True)\n    \
         if not reason_code.is_failure:\n{}\n\n\
         def on_message(client, userdata, message):\n    \
         print(message.topic, message.payload, flush=True)\n\n\n\
         client.on_connect = on_connect\nclient.on_message = on_message\n",
        indented(&subscribe(profile), "        ")
    )
}

fn connect(profile: &Profile, v5: bool) -> String {
    let mut code = String::new();
    let mut more = String::new();
    if v5 {
        let wanted = &profile.connect_properties;
        let number = |value: Option<u32>| value.map(|value| value.to_string());
        let expiry = (profile.session_expiry > 0).then_some(profile.session_expiry);
        let values = [
            ("SessionExpiryInterval", number(expiry)),
            ("ReceiveMaximum", number(wanted.receive_maximum.map(u32::from))),
            ("MaximumPacketSize", number(wanted.maximum_packet_size)),
            ("TopicAliasMaximum", number(wanted.topic_alias_maximum.map(u32::from))),
            (
                "RequestResponseInformation",
                number(wanted.request_response_information.map(u32::from)),
            ),
            (
                "RequestProblemInformation",
                number(wanted.request_problem_information.map(u32::from)),
            ),
        ];
        code += &properties("connect_properties", "CONNECT", &values, &wanted.user_properties);
        let clean = if profile.clean_start { "True" } else { "False" };
        more = format!(", clean_start={clean}, properties=connect_properties");
    }
    let (host, port) = (text(&profile.endpoint.host), profile.endpoint.port);
    let keep_alive = profile.keep_alive;
    code + &format!(
        "client.connect({host}, {port}, keepalive={keep_alive}{more})\nclient.loop_forever()\n"
    )
}

fn secret(slot: &SecretSlot) -> String {
    format!("os.environ[{}]", text(&variable(slot)))
}
