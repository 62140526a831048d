//! Go with paho.golang's autopaho: connects, subscribes, and prints what comes. The library speaks MQTT 5 only.

use std::fmt::Write as _;

use mqttscope_model::{
    CertificateSource, ClientCertificate, HeaderValue, KeySource, Profile, SecretSlot, TlsRoots,
    TlsVersion, Will, WillPayload,
};

use super::features::Feature;
use super::literal::{indented, text};
use super::{CodeLanguage, Draft, literal, mosquitto, variable};

const KNOWS: &[Feature] = &[
    Feature::WebSocket,
    Feature::WebSocketHeaders,
    Feature::SystemRoots,
    Feature::SeveralCaFiles,
    Feature::CaPem,
    Feature::NoVerification,
    Feature::CertificateFiles,
    Feature::ServerName,
    Feature::Alpn,
    Feature::TlsVersions,
    Feature::WillFile,
    Feature::WillBinary,
    Feature::NoLocal,
    Feature::RetainAsPublished,
    Feature::RetainHandling,
    Feature::OptionsDiffer,
];

pub(super) fn write(profile: &Profile) -> Draft {
    let body = body(profile);
    let mut imports: Vec<String> = ["context", "fmt", "net/url"].map(text).to_vec();
    for (package, used) in
        [("crypto/tls", "tls."), ("crypto/x509", "x509."), ("net/http", "http."), ("os", "os.")]
    {
        if body.contains(used) {
            imports.push(text(package));
        }
    }
    imports.sort();
    imports.push(String::new());
    imports.push(text("github.com/eclipse/paho.golang/autopaho"));
    imports.push(text("github.com/eclipse/paho.golang/paho"));
    let imports: String = imports.iter().map(|name| format!("\t{name}\n")).collect();
    let code = format!(
        "// go get github.com/eclipse/paho.golang\npackage main\n\nimport (\n{}\n)\n\n\
         // must ends the program where something cannot be read.\n\
         func must[T any](value T, err error) T {{\n\tif err != nil {{\n\t\tpanic(err)\n\t}}\n\treturn value\n}}\n\n\
         func main() {{\n{}}}\n",
        imports.trim_end().replace("\t\n", "\n"),
        indented(&body, "\t")
    );
    Draft { text: code, language: CodeLanguage::Go, knows: KNOWS }
}

fn body(profile: &Profile) -> String {
    let mut code = String::from("ctx := context.Background()\n");
    _ = writeln!(code, "server := must(url.Parse({}))", text(&profile.endpoint.to_string()));
    let mut fields = vec![
        "ServerUrls: []*url.URL{server}".to_owned(),
        format!("KeepAlive: {}", profile.keep_alive),
        format!("CleanStartOnInitialConnection: {}", profile.clean_start),
        format!("SessionExpiryInterval: {}", profile.session_expiry),
    ];
    if profile.endpoint.scheme.is_tls() {
        code += &tls(profile);
        fields.push("TlsCfg: config".to_owned());
    }
    if profile.endpoint.scheme.is_websocket() && !profile.websocket.headers.is_empty() {
        code += &headers(profile);
        fields.push(
            "WebSocketCfg: &autopaho.WebSocketConfig{Header: func(*url.URL, *tls.Config) http.Header { return headers }}"
                .to_owned(),
        );
    }
    if !profile.user_name.is_empty() {
        fields.push(format!("ConnectUsername: {}", text(&profile.user_name)));
    }
    if profile.password.is_some() {
        fields.push(format!("ConnectPassword: []byte({})", secret(&SecretSlot::Password)));
    }
    if let Some(wanted) = &profile.will {
        fields.push(will(wanted));
    }
    let fields: String = fields.iter().map(|field| format!("\t{field},\n")).collect();
    code + &format!(
        "connection := must(autopaho.NewConnection(ctx, autopaho.ClientConfig{{\n{fields}{}}}))\n<-connection.Done()\n",
        indented(&callbacks(profile), "\t")
    )
}

fn callbacks(profile: &Profile) -> String {
    let mut filters: Vec<String> = profile
        .subscriptions
        .iter()
        .map(|wanted| {
            let mut filter = format!("Topic: {}, QoS: {}", text(&wanted.filter), wanted.qos as u8);
            for (name, is_set) in
                [("NoLocal", wanted.no_local), ("RetainAsPublished", wanted.retain_as_published)]
            {
                if is_set {
                    filter += &format!(", {name}: true");
                }
            }
            let handling = literal::retain_handling(wanted);
            if handling > 0 {
                filter += &format!(", RetainHandling: {handling}");
            }
            format!("{{{filter}}}")
        })
        .collect();
    if filters.is_empty() {
        filters.push(format!("{{Topic: {}}}", text(mosquitto::TOPIC)));
    }
    let filters: String = filters.iter().map(|filter| format!("\t\t{filter},\n")).collect();
    format!(
        "OnConnectionUp: func(connection *autopaho.ConnectionManager, _ *paho.Connack) {{\n\
         \tfmt.Println(\"connected\")\n\
         \tmust(connection.Subscribe(ctx, &paho.Subscribe{{Subscriptions: []paho.SubscribeOptions{{\n{filters}\t}}}}))\n}},\n\
         OnConnectError: func(err error) {{ fmt.Println(err) }},\n\
         ClientConfig: paho.ClientConfig{{\n\tClientID: {},\n\
         \tOnPublishReceived: []func(paho.PublishReceived) (bool, error){{\n\
         \t\tfunc(received paho.PublishReceived) (bool, error) {{\n\
         \t\t\tfmt.Printf(\"%s %s\\n\", received.Packet.Topic, received.Packet.Payload)\n\
         \t\t\treturn true, nil\n\t\t}},\n\t}},\n}},\n",
        text(&profile.client_id)
    )
}

fn tls(profile: &Profile) -> String {
    let tls = &profile.tls;
    let version =
        |version| if version == TlsVersion::V12 { "tls.VersionTLS12" } else { "tls.VersionTLS13" };
    let mut code = format!(
        "config := &tls.Config{{MinVersion: {}, MaxVersion: {}}}\n",
        version(tls.min_version),
        version(tls.max_version)
    );
    let authorities: Vec<String> = match &tls.roots {
        TlsRoots::CaFiles { paths } => paths.iter().map(|path| file(path)).collect(),
        TlsRoots::CaPem { pem } => vec![format!("[]byte({})", text(pem))],
        TlsRoots::System | TlsRoots::Pinned { .. } => Vec::new(),
    };
    if !authorities.is_empty() {
        code += "config.RootCAs = x509.NewCertPool()\n";
    }
    for authority in authorities {
        _ = writeln!(code, "config.RootCAs.AppendCertsFromPEM({authority})");
    }
    if !tls.verify {
        code += "config.InsecureSkipVerify = true // Anybody can pass for the broker.\n";
    }
    if !tls.server_name.is_empty() {
        _ = writeln!(code, "config.ServerName = {}", text(&tls.server_name));
    }
    if !tls.alpn.is_empty() {
        let names = tls.alpn.iter().map(|name| text(name)).collect::<Vec<_>>().join(", ");
        _ = writeln!(code, "config.NextProtos = []string{{{names}}}");
    }
    if let Some(ClientCertificate::Pem {
        certificate: CertificateSource::File { path: certificate },
        key: KeySource::File { path: key },
        ..
    }) = &tls.client_certificate
    {
        let pair = format!("must(tls.LoadX509KeyPair({}, {}))", text(certificate), text(key));
        _ = writeln!(code, "config.Certificates = []tls.Certificate{{{pair}}}");
    }
    code
}

fn headers(profile: &Profile) -> String {
    let mut code = String::from("headers := http.Header{}\n");
    for header in &profile.websocket.headers {
        let value = match &header.value {
            HeaderValue::Text { text: value } => text(value),
            HeaderValue::Stored { .. } => secret(&SecretSlot::header(&header.name)),
        };
        _ = writeln!(code, "headers.Add({}, {value})", text(&header.name));
    }
    code
}

fn will(will: &Will) -> String {
    let payload = match &will.payload {
        WillPayload::File { path } => file(path),
        WillPayload::Typed { .. } => match literal::will_text(will) {
            Some(value) => format!("[]byte({})", text(&value)),
            None => format!("[]byte{{{}}}", literal::numbers(&literal::will_bytes(will))),
        },
    };
    let (topic, qos, retain) = (text(&will.topic), will.qos as u8, will.retain);
    format!(
        "WillMessage: &paho.WillMessage{{Topic: {topic}, Payload: {payload}, QoS: {qos}, Retain: {retain}}}"
    )
}

fn file(path: &str) -> String {
    format!("must(os.ReadFile({}))", text(path))
}

fn secret(slot: &SecretSlot) -> String {
    format!("os.Getenv({})", text(&variable(slot)))
}
