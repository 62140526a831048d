//! Profile files of format 1, as MQTTScope 0.1 wrote them, become profiles of today.
//!
//! The old shape is kept here as types, so that a wrong value in an old file is still told with its line and
//! column. Only what differs is spelled out; the price is that a change of a type that both formats share must
//! keep reading what format 1 wrote, which the tests hold with real old files. The upgrade happens in memory: the file becomes one of
//! the newest format when the profile is next saved.

use mqttscope_model::{
    Bytes, ClientCertificate, Endpoint, Profile, ProfileId, ProtocolVersion, QoS, Reconnect,
    SecretName, Subscription, TlsRoots, TlsSettings, TypedBytes, Will, WillPayload, WillProperties,
};
use serde::Deserialize;

/// A profile of format 1.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Profile1 {
    id: ProfileId,
    name: String,
    endpoint: Endpoint,
    follows_local_broker: bool,
    client_id: String,
    user_name: String,
    password: Option<SecretName>,
    version: ProtocolVersion,
    keep_alive: u16,
    connect_timeout: u16,
    clean_start: bool,
    session_expiry: u32,
    reconnect: Reconnect,
    tls: Tls1,
    will: Option<Will1>,
    subscriptions: Vec<Subscription>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Tls1 {
    roots: Roots1,
    client_certificate: Option<Certificate1>,
    server_name: String,
    alpn: Vec<String>,
    verify: bool,
}

#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Roots1 {
    System,
    CaFile { path: String },
}

/// Paths of PEM files.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Certificate1 {
    certificate: String,
    key: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Will1 {
    topic: String,
    payload: Bytes,
    qos: QoS,
    retain: bool,
}

impl From<Profile1> for Profile {
    fn from(old: Profile1) -> Self {
        Self {
            name: old.name,
            endpoint: old.endpoint,
            follows_local_broker: old.follows_local_broker,
            user_name: old.user_name,
            password: old.password,
            version: old.version,
            keep_alive: old.keep_alive,
            connect_timeout: old.connect_timeout,
            clean_start: old.clean_start,
            session_expiry: old.session_expiry,
            reconnect: old.reconnect,
            tls: old.tls.into(),
            will: old.will.map(Will::from),
            subscriptions: old.subscriptions,
            ..Self::new(old.id, old.client_id)
        }
    }
}

impl From<Tls1> for TlsSettings {
    fn from(old: Tls1) -> Self {
        Self {
            roots: match old.roots {
                Roots1::System => TlsRoots::System,
                Roots1::CaFile { path } => TlsRoots::ca_file(path),
            },
            client_certificate: old
                .client_certificate
                .map(|old| ClientCertificate::pem_files(old.certificate, old.key)),
            server_name: old.server_name,
            alpn: old.alpn,
            verify: old.verify,
            ..Self::default()
        }
    }
}

impl From<Will1> for Will {
    fn from(old: Will1) -> Self {
        Self {
            topic: old.topic,
            payload: WillPayload::Typed { typed: TypedBytes::of_bytes(&old.payload.0) },
            qos: old.qos,
            retain: old.retain,
            properties: WillProperties::default(),
        }
    }
}
