//! Command lines of mosquitto's clients (2.0), for a POSIX shell.
//!
//! They speak no WebSocket, and have no way to skip the verification of a chain, so these become notes.

use mqttscope_model::{
    CertificateSource, ClientCertificate, KeySource, Profile, ProtocolVersion, Proxy, SecretSlot,
    Subscription, TlsRoots, TlsVersion, Will,
};

use super::features::{self, Feature};
use super::{CodeLanguage, Draft, literal, variable};

const KNOWS: &[Feature] = &[
    Feature::Version31,
    Feature::Version3,
    Feature::SystemRoots,
    Feature::CertificateFiles,
    Feature::Alpn,
    Feature::ConnectProperties,
    Feature::WillProperties,
    Feature::Proxy,
    Feature::RetainAsPublished,
    Feature::SubscribeProperties,
];

/// What is published where the profile has no subscription to take a topic from.
pub(super) const TOPIC: &str = "mqttscope/test";

pub(super) fn sub(profile: &Profile) -> Draft {
    let mut line = connection("mosquitto_sub", profile);
    let subscriptions = &profile.subscriptions;
    for subscription in subscriptions {
        line.option("-t", &subscription.filter);
    }
    if subscriptions.is_empty() {
        line.option("-t", "#");
    }
    // One QoS for all filters is all that it takes; the highest loses nothing.
    let qos = subscriptions.iter().map(|subscription| subscription.qos as u8).max();
    line.option("-q", &qos.unwrap_or(0).to_string());
    if profile.version == ProtocolVersion::V5 && features::are_alike(subscriptions) {
        options(&mut line, subscriptions.first());
    }
    line.flag("-v");
    line.done()
}

/// What it says of all filters at once.
fn options(line: &mut Line, wanted: Option<&Subscription>) {
    let Some(wanted) = wanted else { return };
    if wanted.retain_as_published {
        line.flag("--retain-as-published");
    }
    if let Some(identifier) = wanted.identifier {
        line.property("SUBSCRIBE", "subscription-identifier", &identifier.to_string());
    }
    for pair in &wanted.user_properties {
        let words = [literal::shell(&pair.name), literal::shell(&pair.value)].join(" ");
        line.raw("-D", &format!("SUBSCRIBE user-property {words}"));
    }
}

pub(super) fn publish(profile: &Profile) -> Draft {
    let mut line = connection("mosquitto_pub", profile);
    line.option("-t", topic(profile));
    line.option("-m", "hello");
    line.done()
}

/// A topic to publish to: the first filter that is one.
pub(super) fn topic(profile: &Profile) -> &str {
    let mut filters = profile.subscriptions.iter().map(|subscription| subscription.filter.as_str());
    filters.find(|filter| mqttscope_model::topic::check_name(filter).is_ok()).unwrap_or(TOPIC)
}

/// A command line, one option on each line.
struct Line(String);

impl Line {
    fn option(&mut self, name: &str, value: &str) {
        self.raw(name, &literal::shell(value));
    }

    fn raw(&mut self, name: &str, word: &str) {
        self.0 += &format!(" \\\n  {name} {word}");
    }

    fn flag(&mut self, name: &str) {
        self.0 += &format!(" \\\n  {name}");
    }

    fn secret(&mut self, name: &str, slot: &SecretSlot) {
        self.raw(name, &format!("\"${{{}}}\"", variable(slot)));
    }

    fn property(&mut self, packet: &str, name: &str, value: &str) {
        self.raw("-D", &format!("{packet} {name} {}", literal::shell(value)));
    }

    fn done(self) -> Draft {
        Draft { text: self.0 + "\n", language: CodeLanguage::Shell, knows: KNOWS }
    }
}

fn connection(program: &str, profile: &Profile) -> Line {
    let mut line = Line(program.to_owned());
    line.option("-h", &profile.endpoint.host);
    line.option("-p", &profile.endpoint.port.to_string());
    let version = match profile.version {
        ProtocolVersion::V31 => "mqttv31",
        ProtocolVersion::V311 => "mqttv311",
        ProtocolVersion::V5 => "mqttv5",
    };
    line.option("-V", version);
    if !profile.client_id.is_empty() {
        line.option("-i", &profile.client_id);
    }
    // Without a session to find again, mosquitto_pub knows no switch for it and needs none.
    if !profile.clean_start && program == "mosquitto_sub" {
        line.flag("-c");
    }
    // It refuses to start with fewer than 5 seconds.
    if profile.keep_alive >= 5 {
        line.option("-k", &profile.keep_alive.to_string());
    }
    if !profile.user_name.is_empty() {
        line.option("-u", &profile.user_name);
    }
    if profile.password.is_some() {
        line.secret("-P", &SecretSlot::Password);
    }
    if let Proxy::Socks5 { server } = &profile.proxy {
        // Quoted in pieces: within double quotes a name could run a command.
        let place = format!("{}:{}", server.host, server.port);
        let address = match (server.user_name.as_str(), &server.password) {
            ("", _) => literal::shell(&format!("socks5h://{place}")),
            (user, None) => literal::shell(&format!("socks5h://{user}@{place}")),
            (user, Some(_)) => format!(
                "{}\"${{{}}}\"{}",
                literal::shell(&format!("socks5h://{user}:")),
                variable(&SecretSlot::ProxyPassword),
                literal::shell(&format!("@{place}"))
            ),
        };
        line.raw("--proxy", &address);
    }
    if profile.endpoint.scheme.is_tls() {
        tls(&mut line, profile);
    }
    if profile.version == ProtocolVersion::V5 {
        properties(&mut line, profile);
    }
    if let Some(will) = &profile.will {
        put_will(&mut line, will, profile.version);
    }
    line
}

fn tls(line: &mut Line, profile: &Profile) {
    let tls = &profile.tls;
    match &tls.roots {
        TlsRoots::CaFiles { paths } if tls.verify => {
            if let Some(path) = paths.first() {
                line.option("--cafile", path);
            }
        }
        _ => line.flag("--tls-use-os-certs"),
    }
    if !tls.verify {
        line.flag("--insecure");
    }
    if let Some(ClientCertificate::Pem { certificate, key, .. }) = &tls.client_certificate {
        if let CertificateSource::File { path } = certificate {
            line.option("--cert", path);
        }
        if let KeySource::File { path } = key {
            line.option("--key", path);
        }
    }
    if let [protocol] = tls.alpn.as_slice() {
        line.option("--tls-alpn", protocol);
    }
    if tls.min_version == TlsVersion::V13 {
        line.option("--tls-version", "tlsv1.3");
    } else if tls.max_version == TlsVersion::V12 {
        line.option("--tls-version", "tlsv1.2");
    }
}

fn properties(line: &mut Line, profile: &Profile) {
    if profile.session_expiry > 0 {
        line.option("-x", &profile.session_expiry.to_string());
    }
    let wanted = &profile.connect_properties;
    let numbers = [
        ("receive-maximum", wanted.receive_maximum.map(u32::from)),
        ("maximum-packet-size", wanted.maximum_packet_size),
        ("topic-alias-maximum", wanted.topic_alias_maximum.map(u32::from)),
        ("request-response-information", wanted.request_response_information.map(u32::from)),
        ("request-problem-information", wanted.request_problem_information.map(u32::from)),
    ];
    for (name, value) in numbers {
        if let Some(value) = value {
            line.property("CONNECT", name, &value.to_string());
        }
    }
    for pair in &wanted.user_properties {
        let words = [literal::shell(&pair.name), literal::shell(&pair.value)].join(" ");
        line.raw("-D", &format!("CONNECT user-property {words}"));
    }
}

fn put_will(line: &mut Line, will: &Will, version: ProtocolVersion) {
    line.option("--will-topic", &will.topic);
    if let Some(text) = literal::will_text(will).filter(|text| !text.is_empty()) {
        line.option("--will-payload", &text);
    }
    line.option("--will-qos", &(will.qos as u8).to_string());
    if will.retain {
        line.flag("--will-retain");
    }
    if version != ProtocolVersion::V5 {
        return;
    }
    let wanted = &will.properties;
    let correlation = wanted
        .correlation_data
        .as_ref()
        .and_then(|typed| String::from_utf8(typed.bytes().ok()?).ok());
    let values = [
        ("will-delay-interval", wanted.delay_interval.map(|value| value.to_string())),
        (
            "payload-format-indicator",
            wanted.payload_is_utf8.map(|value| u8::from(value).to_string()),
        ),
        ("message-expiry-interval", wanted.message_expiry.map(|value| value.to_string())),
        ("content-type", wanted.content_type.clone()),
        ("response-topic", wanted.response_topic.clone()),
        ("correlation-data", correlation),
    ];
    for (name, value) in values {
        if let Some(value) = value {
            line.property("WILL", name, &value);
        }
    }
    for pair in &wanted.user_properties {
        let words = [literal::shell(&pair.name), literal::shell(&pair.value)].join(" ");
        line.raw("-D", &format!("WILL user-property {words}"));
    }
}
