//! Java 17 with the HiveMQ MQTT client: connects, subscribes, and prints what comes.

use std::fmt::Write as _;

use mqttscope_model::{
    ArchiveSource, ClientCertificate, Profile, ProtocolVersion, QoS, SecretSlot, TlsRoots,
    TlsVersion, Will, WillPayload,
};

use super::features::Feature;
use super::literal::{indented, text};
use super::{CodeLanguage, Draft, literal, mosquitto, variable};

const KNOWS: &[Feature] = &[
    Feature::Version3,
    Feature::WebSocket,
    Feature::SystemRoots,
    Feature::SeveralCaFiles,
    Feature::CaPem,
    Feature::KeyPassphrase,
    Feature::Pkcs12,
    Feature::TlsVersions,
    Feature::WillFile,
    Feature::WillBinary,
];

pub(super) fn write(profile: &Profile) -> Draft {
    let (number, package) = match profile.version {
        ProtocolVersion::V5 => ("5", "mqtt5"),
        ProtocolVersion::V311 | ProtocolVersion::V31 => ("3", "mqtt3"),
    };
    let mut body = String::new();
    if profile.endpoint.scheme.is_tls() {
        body += &trust(profile);
    }
    body += &client(profile, number);
    body += &run(profile, number);
    let code = format!(
        "// Maven: com.hivemq:hivemq-mqtt-client:1.3.5 (for WebSocket also hivemq-mqtt-client-websocket)\n\
         import com.hivemq.client.mqtt.MqttGlobalPublishFilter;\n\
         import com.hivemq.client.mqtt.datatypes.MqttQos;\n\
         import com.hivemq.client.mqtt.{package}.Mqtt{number}BlockingClient;\n\
         import com.hivemq.client.mqtt.{package}.Mqtt{number}Client;\n\
         import com.hivemq.client.mqtt.{package}.message.publish.Mqtt{number}Publish;\n\
         import java.io.*;\nimport java.nio.charset.StandardCharsets;\nimport java.nio.file.*;\n\
         import java.security.KeyStore;\nimport java.security.cert.*;\nimport java.util.List;\n\
         import javax.net.ssl.*;\n\npublic class Connect {{\n    \
         public static void main(String[] args) throws Exception {{\n{}    }}\n}}\n",
        indented(&body, "        ")
    );
    Draft { text: code, language: CodeLanguage::Java, knows: KNOWS }
}

fn trust(profile: &Profile) -> String {
    let tls = &profile.tls;
    let sources: Vec<String> = match &tls.roots {
        TlsRoots::CaFiles { paths } => paths.iter().map(|path| file(path)).collect(),
        TlsRoots::CaPem { pem } => {
            vec![format!("{}.getBytes(StandardCharsets.UTF_8)", text(pem))]
        }
        TlsRoots::System | TlsRoots::Pinned { .. } => Vec::new(),
    };
    let mut code = String::new();
    if !sources.is_empty() {
        code += "KeyStore authorities = KeyStore.getInstance(KeyStore.getDefaultType());\nauthorities.load(null, null);\n";
        _ = writeln!(code, "for (byte[] pem : List.of({})) {{", sources.join(", "));
        code += "    for (Certificate each : CertificateFactory.getInstance(\"X.509\")\n            \
                 .generateCertificates(new ByteArrayInputStream(pem))) {\n        \
                 authorities.setCertificateEntry(String.valueOf(authorities.size()), each);\n    }\n}\n\
                 TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());\n\
                 trust.init(authorities);\n\n";
    }
    if let Some(ClientCertificate::Pkcs12 { archive: ArchiveSource::File { path }, passphrase }) =
        &tls.client_certificate
    {
        let passphrase = match passphrase {
            Some(_) => format!("{}.toCharArray()", secret(&SecretSlot::KeyPassphrase)),
            None => "new char[0]".to_owned(),
        };
        _ = write!(
            code,
            "char[] passphrase = {passphrase};\nKeyStore identity = KeyStore.getInstance(\"PKCS12\");\n\
             identity.load(new ByteArrayInputStream({}), passphrase);\n\
             KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());\n\
             keys.init(identity, passphrase);\n\n",
            file(path)
        );
    }
    code
}

fn client(profile: &Profile, number: &str) -> String {
    let endpoint = &profile.endpoint;
    let mut code = format!("Mqtt{number}BlockingClient client = Mqtt{number}Client.builder()\n");
    let mut call = |text: String| _ = writeln!(code, "        .{text}");
    call(format!("identifier({})", text(&profile.client_id)));
    call(format!("serverHost({})", text(&endpoint.host)));
    call(format!("serverPort({})", endpoint.port));
    if endpoint.scheme.is_websocket() {
        // The library puts the slash before the path itself.
        let (path, query) = endpoint.path.split_once('?').unwrap_or((&endpoint.path, ""));
        let path = text(path.strip_prefix('/').unwrap_or(path));
        let query =
            if query.is_empty() { String::new() } else { format!(".queryString({})", text(query)) };
        call(format!("webSocketConfig().serverPath({path}){query}.applyWebSocketConfig()"));
    }
    if endpoint.scheme.is_tls() {
        let tls = &profile.tls;
        let mut config = String::from("sslConfig()");
        if matches!(tls.roots, TlsRoots::CaFiles { .. } | TlsRoots::CaPem { .. }) {
            config += ".trustManagerFactory(trust)";
        }
        if matches!(&tls.client_certificate, Some(ClientCertificate::Pkcs12 { .. })) {
            config += ".keyManagerFactory(keys)";
        }
        let versions = match (tls.min_version, tls.max_version) {
            (TlsVersion::V12, TlsVersion::V13) => "\"TLSv1.2\", \"TLSv1.3\"",
            (TlsVersion::V12, TlsVersion::V12) => "\"TLSv1.2\"",
            (TlsVersion::V13, _) => "\"TLSv1.3\"",
        };
        call(format!("{config}.protocols(List.of({versions})).applySslConfig()"));
    }
    if !profile.user_name.is_empty() {
        let password = match profile.password {
            Some(_) => format!(".password({})", bytes_of(&secret(&SecretSlot::Password))),
            None => String::new(),
        };
        let user = text(&profile.user_name);
        call(format!("simpleAuth().username({user}){password}.applySimpleAuth()"));
    }
    if let Some(wanted) = &profile.will {
        call(will(wanted));
    }
    call("buildBlocking();".to_owned());
    code + "\n"
}

fn will(will: &Will) -> String {
    let payload = match &will.payload {
        WillPayload::File { path } => file(path),
        WillPayload::Typed { .. } => match literal::will_text(will) {
            Some(value) => bytes_of(&text(&value)),
            None => {
                let bytes = literal::will_bytes(will);
                let bytes = bytes.iter().map(|byte| format!("(byte) {byte}")).collect::<Vec<_>>();
                format!("new byte[] {{{}}}", bytes.join(", "))
            }
        },
    };
    format!(
        "willPublish().topic({}).payload({payload}).qos({}).retain({}).applyWillPublish()",
        text(&will.topic),
        level(will.qos),
        will.retain
    )
}

fn run(profile: &Profile, number: &str) -> String {
    let session = if number == "5" {
        let expiry = profile.session_expiry;
        format!(".cleanStart({}).sessionExpiryInterval({expiry}L)", profile.clean_start)
    } else {
        format!(".cleanSession({})", profile.clean_start)
    };
    let mut code = format!(
        "try (Mqtt{number}BlockingClient.Mqtt{number}Publishes messages = client.publishes(MqttGlobalPublishFilter.ALL)) {{\n    \
         client.connectWith(){session}.keepAlive({}).send();\n    System.out.println(\"connected\");\n",
        profile.keep_alive
    );
    let mut subscribe = |filter: &str, qos| {
        let filter = text(filter);
        _ = writeln!(
            code,
            "    client.subscribeWith().topicFilter({filter}).qos({}).send();",
            level(qos)
        );
    };
    for wanted in &profile.subscriptions {
        subscribe(&wanted.filter, wanted.qos);
    }
    if profile.subscriptions.is_empty() {
        subscribe(mosquitto::TOPIC, QoS::AtMostOnce);
    }
    code + &format!(
        "    while (true) {{\n        Mqtt{number}Publish message = messages.receive();\n        \
         System.out.println(message.getTopic() + \" \" + new String(message.getPayloadAsBytes(), StandardCharsets.UTF_8));\n    }}\n}}\n"
    )
}

fn level(qos: QoS) -> &'static str {
    match qos {
        QoS::AtMostOnce => "MqttQos.AT_MOST_ONCE",
        QoS::AtLeastOnce => "MqttQos.AT_LEAST_ONCE",
        QoS::ExactlyOnce => "MqttQos.EXACTLY_ONCE",
    }
}

fn file(path: &str) -> String {
    format!("Files.readAllBytes(Path.of({}))", text(path))
}

fn bytes_of(expression: &str) -> String {
    format!("{expression}.getBytes(StandardCharsets.UTF_8)")
}

fn secret(slot: &SecretSlot) -> String {
    format!("System.getenv({})", text(&variable(slot)))
}
