//! C# with MQTTnet 5: connects, subscribes, and prints what comes.

use std::fmt::Write as _;

use mqttscope_model::{
    CertificateSource, ClientCertificate, HeaderValue, KeySource, Profile, ProtocolVersion, QoS,
    SecretSlot, TlsRoots, TlsVersion, Will, WillPayload,
};

use super::features::Feature;
use super::literal::{indented, text};
use super::{CodeLanguage, Draft, literal, mosquitto, variable};

const KNOWS: &[Feature] = &[
    Feature::Version31,
    Feature::Version3,
    Feature::WebSocket,
    Feature::WebSocketHeaders,
    Feature::SystemRoots,
    Feature::SeveralCaFiles,
    Feature::CaPem,
    Feature::NoVerification,
    Feature::CertificateFiles,
    Feature::ServerName,
    Feature::TlsVersions,
    Feature::WillFile,
    Feature::WillBinary,
];

pub(super) fn write(profile: &Profile) -> Draft {
    let mut code = String::from(
        "// dotnet add package MQTTnet --version 5.*\nusing System.Security.Authentication;\n\
         using System.Security.Cryptography.X509Certificates;\nusing MQTTnet;\n\
         using MQTTnet.Formatter;\nusing MQTTnet.Protocol;\n\n",
    );
    if profile.endpoint.scheme.is_tls() {
        code += &authorities(profile);
    }
    code += "var options = new MqttClientOptionsBuilder()\n";
    code += &indented(&options(profile), "    ");
    code += &run(profile);
    Draft { text: code, language: CodeLanguage::Csharp, knows: KNOWS }
}

fn options(profile: &Profile) -> String {
    let endpoint = &profile.endpoint;
    let mut code = String::new();
    let mut call = |text: String| _ = writeln!(code, ".{text}");
    if endpoint.scheme.is_websocket() {
        let address = text(&endpoint.to_string());
        call(format!("WithWebSocketServer(o => o.WithUri({address}){})", headers(profile)));
    } else {
        call(format!("WithTcpServer({}, {})", text(&endpoint.host), endpoint.port));
    }
    let version = match profile.version {
        ProtocolVersion::V31 => "V310",
        ProtocolVersion::V311 => "V311",
        ProtocolVersion::V5 => "V500",
    };
    call(format!("WithProtocolVersion(MqttProtocolVersion.{version})"));
    call(format!("WithClientId({})", text(&profile.client_id)));
    call(format!("WithCleanStart({})", profile.clean_start));
    if profile.version == ProtocolVersion::V5 {
        call(format!("WithSessionExpiryInterval({})", profile.session_expiry));
    }
    call(match profile.keep_alive {
        0 => "WithNoKeepAlive()".to_owned(),
        seconds => format!("WithKeepAlivePeriod(TimeSpan.FromSeconds({seconds}))"),
    });
    if !profile.user_name.is_empty() {
        let password = match profile.password {
            Some(_) => format!(", {}", secret(&SecretSlot::Password)),
            None => ", (string?)null".to_owned(),
        };
        call(format!("WithCredentials({}{password})", text(&profile.user_name)));
    }
    if endpoint.scheme.is_tls() {
        call(format!("WithTlsOptions(o => o.UseTls(){})", tls(profile)));
    }
    if let Some(wanted) = &profile.will {
        call(will(wanted));
    }
    call("Build();".to_owned());
    code
}

fn headers(profile: &Profile) -> String {
    let each = profile.websocket.headers.iter().map(|header| {
        let value = match &header.value {
            HeaderValue::Text { text: value } => text(value),
            HeaderValue::Stored { .. } => secret(&SecretSlot::header(&header.name)),
        };
        format!("[{}] = {value}", text(&header.name))
    });
    let pairs = each.collect::<Vec<_>>().join(", ");
    if pairs.is_empty() {
        return String::new();
    }
    format!(".WithRequestHeaders(new Dictionary<string, string> {{ {pairs} }})")
}

fn authorities(profile: &Profile) -> String {
    let mut code = String::new();
    match &profile.tls.roots {
        TlsRoots::CaFiles { paths } => {
            code += "var authorities = new X509Certificate2Collection();\n";
            for path in paths {
                _ = writeln!(code, "authorities.ImportFromPemFile({});", text(path));
            }
        }
        TlsRoots::CaPem { pem } => {
            code += "var authorities = new X509Certificate2Collection();\n";
            _ = writeln!(code, "authorities.ImportFromPem({});", text(pem));
        }
        TlsRoots::System | TlsRoots::Pinned { .. } => return code,
    }
    code + "\n"
}

fn tls(profile: &Profile) -> String {
    let tls = &profile.tls;
    let mut code = match (tls.min_version, tls.max_version) {
        (TlsVersion::V12, TlsVersion::V13) => {
            ".WithSslProtocols(SslProtocols.Tls12 | SslProtocols.Tls13)".to_owned()
        }
        (TlsVersion::V12, TlsVersion::V12) => ".WithSslProtocols(SslProtocols.Tls12)".to_owned(),
        (TlsVersion::V13, _) => ".WithSslProtocols(SslProtocols.Tls13)".to_owned(),
    };
    if !tls.verify {
        code +=
            ".WithCertificateValidationHandler(_ => true /* anybody can pass for the broker */)";
    } else if matches!(tls.roots, TlsRoots::CaFiles { .. } | TlsRoots::CaPem { .. }) {
        code += ".WithTrustChain(authorities)";
    }
    if !tls.server_name.is_empty() {
        _ = write!(code, ".WithTargetHost({})", text(&tls.server_name));
    }
    if let Some(ClientCertificate::Pem {
        certificate: CertificateSource::File { path: certificate },
        key: KeySource::File { path: key },
        ..
    }) = &tls.client_certificate
    {
        let pair =
            format!("X509Certificate2.CreateFromPemFile({}, {})", text(certificate), text(key));
        _ = write!(code, ".WithClientCertificates(new[] {{ {pair} }})");
    }
    code
}

fn will(will: &Will) -> String {
    let payload = match &will.payload {
        WillPayload::File { path } => format!("File.ReadAllBytes({})", text(path)),
        WillPayload::Typed { .. } => match literal::will_text(will) {
            Some(value) => text(&value),
            None => format!("new byte[] {{ {} }}", literal::numbers(&literal::will_bytes(will))),
        },
    };
    format!(
        "WithWillTopic({}).WithWillPayload({payload}).WithWillQualityOfServiceLevel({}).WithWillRetain({})",
        text(&will.topic),
        level(will.qos),
        will.retain
    )
}

fn run(profile: &Profile) -> String {
    let mut code = String::from(
        "\nusing var client = new MqttClientFactory().CreateMqttClient();\n\
         client.ApplicationMessageReceivedAsync += received =>\n{\n    \
         Console.WriteLine($\"{received.ApplicationMessage.Topic} {received.ApplicationMessage.ConvertPayloadToString()}\");\n    \
         return Task.CompletedTask;\n};\nawait client.ConnectAsync(options);\nConsole.WriteLine(\"connected\");\n",
    );
    let mut subscribe = |filter: &str, qos| {
        _ = writeln!(code, "await client.SubscribeAsync({}, {});", text(filter), level(qos));
    };
    for wanted in &profile.subscriptions {
        subscribe(&wanted.filter, wanted.qos);
    }
    if profile.subscriptions.is_empty() {
        subscribe(mosquitto::TOPIC, QoS::AtMostOnce);
    }
    code + "await Task.Delay(Timeout.Infinite);\n"
}

fn level(qos: QoS) -> &'static str {
    match qos {
        QoS::AtMostOnce => "MqttQualityOfServiceLevel.AtMostOnce",
        QoS::AtLeastOnce => "MqttQualityOfServiceLevel.AtLeastOnce",
        QoS::ExactlyOnce => "MqttQualityOfServiceLevel.ExactlyOnce",
    }
}

fn secret(slot: &SecretSlot) -> String {
    format!("Environment.GetEnvironmentVariable({})", text(&variable(slot)))
}
