//! What MQTT.js says: all of its events, in their order.

use std::time::Duration;

use acceptance::faults::Fault;
use acceptance::languages;
use mqttscope_model::{
    AddressFamily, ArchiveSource, CertificateSource, ClientCertificate, KeySource, ProtocolVersion,
    Proxy, SecretSlot, TlsRoots, TlsVersion, WillPayload,
};
use serde_json::{Value, json};
use tokio::process::Command;

use super::{PATIENCE, Told, mosquitto_sub};

/// The script, which is run in the folder where MQTT.js is installed.
const SCRIPT: &str = include_str!("mqtt.cjs");

/// How long Node.js may take to start on a busy machine.
const STARTING: Duration = Duration::from_secs(30);

/// Meets the fault with the options that say the same as the profile.
pub(crate) async fn meet(fault: &Fault) -> Told {
    let told = match settings(fault) {
        Ok(told) => told,
        Err(why) => return Told::NotComparable(why),
    };
    let folder = languages::node();
    let mut node = Command::new("node");
    node.current_dir(folder).args(["-e", SCRIPT, "--", &told.to_string()]);
    let said = mosquitto_sub::run(&mut node, STARTING + PATIENCE).await;
    let told = said.to_lowercase();
    let connected = said.lines().next() == Some("connect");
    let named = fault.words.iter().any(|word| told.contains(word));
    let stays = !said.lines().any(|line| line == "close");
    if connected && !named && stays && fault.losses == 0 && fault.options.is_none() {
        return Told::Connected;
    }
    Told::Said(said)
}

fn settings(fault: &Fault) -> Result<Value, &'static str> {
    let profile = &fault.profile;
    if profile.proxy != Proxy::None {
        return Err("no proxy");
    }
    if profile.address_family != AddressFamily::Any {
        return Err("no choice of the address family");
    }
    if profile.authentication.is_some() {
        return Err("no enhanced authentication of its own");
    }
    let secret = |slot: &SecretSlot| {
        fault.secrets.iter().find(|(known, _)| known == slot).map(|(_, value)| value.clone())
    };
    let mut options = json!({
        "clientId": profile.client_id,
        "clean": profile.clean_start,
        "keepalive": profile.keep_alive,
        "connectTimeout": u64::from(profile.connect_timeout) * 1000,
    });
    match profile.version {
        ProtocolVersion::V31 => {
            options["protocolVersion"] = json!(3);
            options["protocolId"] = json!("MQIsdp");
        }
        ProtocolVersion::V311 => options["protocolVersion"] = json!(4),
        ProtocolVersion::V5 => options["protocolVersion"] = json!(5),
    }
    if !profile.user_name.is_empty() {
        options["username"] = json!(profile.user_name);
    }
    if let Some(password) = secret(&SecretSlot::Password) {
        options["password"] = json!(password);
    }
    if let Some(will) = &profile.will {
        let WillPayload::Typed { typed } = &will.payload else { return Err("no file as a Will") };
        let (qos, retain) = (will.qos as u8, will.retain);
        let format = will.properties.payload_is_utf8;
        options["will"] = json!({ "topic": will.topic, "payload": typed.text, "qos": qos,
            "retain": retain, "properties": { "payloadFormatIndicator": format.unwrap_or(false) } });
    }
    if profile.endpoint.scheme.is_tls() {
        tls(fault, &mut options, secret(&SecretSlot::KeyPassphrase))?;
    }
    let subscriptions: Vec<Value> = profile
        .subscriptions
        .iter()
        .map(|wanted| json!({ "filter": wanted.filter, "qos": wanted.qos as u8 }))
        .collect();
    let publish = fault.publish.as_ref().map(|publish| {
        json!({ "topic": publish.topic,
                "options": { "qos": publish.qos as u8, "retain": publish.retain } })
    });
    let url = profile.endpoint.to_string();
    Ok(json!({ "url": url, "options": options, "subscriptions": subscriptions,
        "publish": publish, "seconds": PATIENCE.as_secs() }))
}

fn tls(fault: &Fault, options: &mut Value, passphrase: Option<String>) -> Result<(), &'static str> {
    let tls = &fault.profile.tls;
    match &tls.roots {
        TlsRoots::System => {}
        TlsRoots::CaFiles { paths } => options["ca"] = json!(paths.first()),
        TlsRoots::CaPem { .. } => return Err("not asked with a text as the authority"),
        TlsRoots::Pinned { .. } => return Err("no pinning"),
    }
    options["rejectUnauthorized"] = json!(tls.verify);
    if !tls.server_name.is_empty() {
        options["servername"] = json!(tls.server_name);
    }
    if !tls.alpn.is_empty() {
        options["ALPNProtocols"] = json!(tls.alpn);
    }
    if tls.min_version == TlsVersion::V13 {
        options["minVersion"] = json!("TLSv1.3");
    }
    if let Some(passphrase) = passphrase {
        options["passphrase"] = json!(passphrase);
    }
    match &tls.client_certificate {
        None => Ok(()),
        Some(ClientCertificate::Pem {
            certificate: CertificateSource::File { path },
            key: KeySource::File { path: key },
            ..
        }) => {
            options["cert"] = json!(path);
            options["key"] = json!(key);
            Ok(())
        }
        Some(ClientCertificate::Pkcs12 { archive: ArchiveSource::File { path }, .. }) => {
            options["pfx"] = json!(path);
            Ok(())
        }
        Some(_) => Err("not asked with a stored certificate"),
    }
}
