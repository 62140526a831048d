//! MQTTX's JSON (1.11 and later), as its import takes it: an array with one connection.

use std::collections::BTreeMap;

use mqttscope_model::{
    Authentication, CertificateSource, ClientCertificate, KeySource, Profile, ProtocolVersion,
    Subscription, TlsRoots, UserProperty, WillPayload,
};
use serde_json::{Map, Value, json};

use super::features::Feature;
use super::{CodeLanguage, Draft, literal};
use crate::colours;

const KNOWS: &[Feature] = &[
    Feature::Version31,
    Feature::Version3,
    Feature::WebSocket,
    Feature::SystemRoots,
    Feature::CertificateFiles,
    Feature::NoVerification,
    Feature::Alpn,
    Feature::ConnectProperties,
    Feature::Authentication,
    Feature::WillProperties,
    Feature::NoLocal,
    Feature::RetainAsPublished,
    Feature::RetainHandling,
    Feature::SubscribeProperties,
    Feature::OptionsDiffer,
];

pub(super) fn write(profile: &Profile) -> Draft {
    let text = serde_json::to_string_pretty(&json!([connection(profile)])).unwrap_or_default();
    Draft { text: text + "\n", language: CodeLanguage::Json, knows: KNOWS }
}

fn connection(profile: &Profile) -> Value {
    let (endpoint, tls) = (&profile.endpoint, &profile.tls);
    let ca = match &tls.roots {
        TlsRoots::CaFiles { paths } => paths.first().map_or("", String::as_str),
        _ => "",
    };
    let (cert, key) = match &tls.client_certificate {
        Some(ClientCertificate::Pem {
            certificate: CertificateSource::File { path: certificate },
            key: KeySource::File { path: key },
            ..
        }) => (certificate.as_str(), key.as_str()),
        _ => ("", ""),
    };
    let is_own = !ca.is_empty() || !cert.is_empty();
    let cert_type = match (endpoint.scheme.is_tls(), is_own) {
        (false, _) => "",
        (true, false) => "server",
        (true, true) => "self",
    };
    let version = match profile.version {
        ProtocolVersion::V31 => "3.1",
        ProtocolVersion::V311 => "3.1.1",
        ProtocolVersion::V5 => "5.0",
    };
    let subscriptions: Vec<Value> = profile.subscriptions.iter().map(subscription).collect();
    json!({
        "id": profile.id,
        "name": profile.name,
        "clientId": profile.client_id,
        "clientIdWithTime": false,
        "clean": profile.clean_start,
        "protocol": endpoint.scheme.as_str(),
        "host": endpoint.host,
        "port": endpoint.port,
        "path": endpoint.path,
        "keepalive": profile.keep_alive,
        "connectTimeout": profile.connect_timeout,
        "reconnect": profile.reconnect.enabled,
        "reconnectPeriod": profile.reconnect.first_delay_ms,
        "username": profile.user_name,
        "password": "",
        "mqttVersion": version,
        "ssl": endpoint.scheme.is_tls(),
        "certType": cert_type,
        "rejectUnauthorized": tls.verify,
        "ALPNProtocols": tls.alpn.join(", "),
        "ca": ca,
        "cert": cert,
        "key": key,
        "properties": properties(profile),
        "subscriptions": subscriptions,
        "will": will(profile),
        "messages": [],
    })
}

fn subscription(wanted: &Subscription) -> Value {
    let user = &wanted.user_properties;
    json!({
        "topic": wanted.filter,
        "qos": wanted.qos as u8,
        "disabled": !wanted.enabled,
        "alias": wanted.name,
        "color": wanted.colour.map(colours::hex),
        "nl": wanted.no_local,
        "rap": wanted.retain_as_published,
        "rh": literal::retain_handling(wanted),
        "subscriptionIdentifier": wanted.identifier,
        "userProperties": (!user.is_empty()).then(|| grouped(user)),
    })
}

fn properties(profile: &Profile) -> Value {
    let wanted = &profile.connect_properties;
    let method = profile.authentication.as_ref().map(|wanted| match wanted {
        Authentication::Scram { hash } => hash.method(),
        Authentication::Other { name, .. } => name,
    });
    json!({
        "sessionExpiryInterval": profile.session_expiry,
        "receiveMaximum": wanted.receive_maximum,
        "maximumPacketSize": wanted.maximum_packet_size,
        "topicAliasMaximum": wanted.topic_alias_maximum,
        "requestResponseInformation": wanted.request_response_information,
        "requestProblemInformation": wanted.request_problem_information,
        "userProperties": grouped(&wanted.user_properties),
        "authenticationMethod": method,
    })
}

/// Names with their value, or with the list of their values where a name repeats. MQTTX has no order over names.
pub(super) fn grouped(pairs: &[UserProperty]) -> Value {
    let mut values: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for pair in pairs {
        values.entry(&pair.name).or_default().push(&pair.value);
    }
    let each = |(name, values): (&str, Vec<&str>)| match values.as_slice() {
        [one] => (name.to_owned(), json!(one)),
        many => (name.to_owned(), json!(many)),
    };
    Value::Object(values.into_iter().map(each).collect::<Map<_, _>>())
}

fn will(profile: &Profile) -> Value {
    let Some(will) = &profile.will else { return Value::Null };
    let payload = match &will.payload {
        WillPayload::Typed { .. } => literal::will_text(will).unwrap_or_default(),
        WillPayload::File { .. } => String::new(),
    };
    let wanted = &will.properties;
    let correlation = wanted.correlation_data.as_ref();
    let correlation = correlation.and_then(|typed| String::from_utf8(typed.bytes().ok()?).ok());
    json!({
        "lastWillTopic": will.topic,
        "lastWillPayload": payload,
        "lastWillQos": will.qos as u8,
        "lastWillRetain": will.retain,
        "properties": {
            "willDelayInterval": wanted.delay_interval,
            "payloadFormatIndicator": wanted.payload_is_utf8,
            "messageExpiryInterval": wanted.message_expiry,
            "contentType": wanted.content_type,
            "responseTopic": wanted.response_topic,
            "correlationData": correlation,
        },
    })
}
