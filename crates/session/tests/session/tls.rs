//! TLS as a session meets it: the broker's verdict on the client certificate comes after the handshake.

use std::path::Path;

use mqttscope_model::{
    AddressOutcome, ClientCertificate, ErrorCode, Profile, ProtocolVersion, QoS, Scheme,
    SessionState, StreamEnd, TlsRoots,
};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};

use crate::support::mosquitto::Mosquitto;
use crate::support::{VERSIONS, assert_code, open, profile, publish};

/// Writes a certificate authority, a server's certificate and a client's into `folder`.
fn certificates(folder: &Path) {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.distinguished_name.push(DnType::CommonName, "An authority");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    std::fs::write(folder.join("ca.pem"), authority.pem()).unwrap();
    for name in ["localhost", "client"] {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        params.distinguished_name.push(DnType::CommonName, name);
        let certificate = params.signed_by(&key, &authority).unwrap();
        std::fs::write(folder.join(format!("{name}.pem")), certificate.pem()).unwrap();
        std::fs::write(folder.join(format!("{name}.key")), key.serialize_pem()).unwrap();
    }
}

async fn broker(folder: &Path) -> Mosquitto {
    certificates(folder);
    let file = |name: &str| folder.join(name).display().to_string();
    Mosquitto::with(&format!(
        "allow_anonymous true\nrequire_certificate true\ncafile {}\ncertfile {}\nkeyfile {}\n",
        file("ca.pem"),
        file("localhost.pem"),
        file("localhost.key"),
    ))
    .await
}

fn secured(port: u16, version: ProtocolVersion, folder: &Path) -> Profile {
    let file = |name: &str| folder.join(name).display().to_string();
    let mut profile = profile(port, version);
    profile.endpoint.scheme = Scheme::Mqtts;
    profile.tls.server_name = "localhost".to_owned();
    profile.tls.roots = TlsRoots::ca_file(file("ca.pem"));
    profile.tls.client_certificate =
        Some(ClientCertificate::pem_files(file("client.pem"), file("client.key")));
    profile
}

#[tokio::test]
async fn a_missing_client_certificate_is_blamed_on_tls() {
    let folder = tempfile::tempdir().unwrap();
    let broker = broker(folder.path()).await;
    for version in VERSIONS {
        let mut profile = secured(broker.port(), version, folder.path());
        profile.tls.client_certificate = None;
        let running = open(&profile);
        assert_code(&running.failed().await, ErrorCode::TlsClientCertificateRequired);
        let facts = running.account().facts;
        assert_eq!(facts.mqtt.unwrap().end, Some(StreamEnd::Tls));
        let tls = facts.tls.unwrap();
        assert_eq!(tls.alert.as_deref(), Some("certificate_required"));
        assert!(tls.client_certificate_asked && !tls.chain.is_empty());
    }
}

#[tokio::test]
async fn what_each_stage_of_the_dial_saw_is_in_the_account_of_a_connection_that_works() {
    let folder = tempfile::tempdir().unwrap();
    let broker = broker(folder.path()).await;
    let running = open(&secured(broker.port(), ProtocolVersion::V5, folder.path()));
    running.connected().await;
    let facts = running.account().facts;
    assert_eq!(facts.name.unwrap().addresses, ["127.0.0.1"]);
    assert_eq!(facts.tcp.unwrap().tries[0].outcome, AddressOutcome::Connected);
    let tls = facts.tls.unwrap();
    assert_eq!((tls.version.as_deref(), tls.rejected), (Some("TLSv1.3"), None));
    assert_eq!(facts.mqtt.unwrap().end, None);
    let told = format!("{:?}", running.account());
    assert!(!told.contains("PRIVATE KEY"), "{told}");
}

#[tokio::test]
async fn with_a_client_certificate_messages_go_both_ways() {
    let folder = tempfile::tempdir().unwrap();
    let broker = broker(folder.path()).await;
    for version in VERSIONS {
        let running = open(&secured(broker.port(), version, folder.path()));
        let snapshot = running.connected().await;
        let SessionState::Connected { tls, .. } = snapshot.state else { unreachable!() };
        assert!(tls.unwrap().verified);
        running.subscribe("t", QoS::ExactlyOnce).await;
        let payload = vec![7; 1_000_000];
        running.session.publish(publish("t", &payload, QoS::ExactlyOnce)).await.unwrap();
        running.recorder.until_received(1).await;
        running.session.disconnect().await;
    }
}
