//! Pinned certificates, versions of TLS, and the key log.

use mqttscope_model::{ConnectStage, ErrorCode, Scheme, TlsRoots, TlsSettings, TlsVersion};
use rcgen::{BasicConstraints, IsCa, date_time_ymd};
use rustls::version::{TLS12, TLS13};

use super::support::*;
use crate::{DialEvent, TlsOptions, dial};

fn pinned(pins: &[&str]) -> TlsSettings {
    let sha256 = pins.iter().map(|&pin| pin.to_owned()).collect();
    TlsSettings { roots: TlsRoots::Pinned { sha256 }, ..TlsSettings::default() }
}

/// The fingerprint as openssl writes it.
fn fingerprint(identity: &Identity) -> String {
    let digest = ring::digest::digest(&ring::digest::SHA256, &identity.chain[0]);
    let pairs: Vec<String> = digest.as_ref().iter().map(|byte| format!("{byte:02X}")).collect();
    pairs.join(":")
}

async fn refused(settings: &TlsSettings, code: ErrorCode) {
    let error = TlsOptions::read(settings, "localhost", &mqttscope_model::Secrets::default()).await;
    assert_failure(&error.unwrap_err(), ConnectStage::Settings, code);
}

#[tokio::test]
async fn a_pinned_certificate_passes_whatever_it_says_of_itself() {
    let pki = Pki::new();
    let mut expired = named("elsewhere.example");
    expired.not_after = date_time_ymd(2020, 1, 2);
    let mut authority = named("localhost");
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let old = || fixture_identity("version1-server.pem", "version1-server.key");
    for version in [&TLS12, &TLS13] {
        let identities =
            [pki.issue(&expired), self_signed(&named("x")), self_signed(&authority), old()];
        for identity in identities {
            let pin = fingerprint(&identity).replace(':', "").to_lowercase();
            let server = tls_echo(tls_config(identity, &[version], Wants::Nothing)).await;
            let settings = pinned(&[&"0".repeat(64), &pin]);
            let options = tls_options(Scheme::Mqtts, server.address, &settings).await;
            assert!(succeed(&options).await.tls.unwrap().verified);
        }
    }
}

#[tokio::test]
async fn another_certificate_is_refused_with_its_fingerprint() {
    let pki = Pki::new();
    let identity = pki.issue(&named("localhost"));
    let came = fingerprint(&identity);
    let server = tls_server(identity).await;
    let options = tls_options(Scheme::Mqtts, server.address, &pinned(&[&"0".repeat(64)])).await;
    let error = fail(&options, ConnectStage::Tls, ErrorCode::TlsNotPinned).await;
    assert_eq!(error.details["sha256"], came);
    assert!(error.message.contains(&came), "{}", error.message);
}

#[tokio::test]
async fn a_pinned_certificate_does_not_help_who_lacks_its_key() {
    let pki = Pki::new();
    for version in [&TLS12, &TLS13] {
        let shown = [
            pki.issue(&named("localhost")),
            fixture_identity("version1-server.pem", "version1-server.key"),
        ];
        for shown in shown {
            let pin = fingerprint(&shown);
            let stolen = Identity { chain: shown.chain, ..pki.issue(&named("localhost")) };
            let server = tls_echo(tls_config(stolen, &[version], Wants::Nothing)).await;
            let options = tls_options(Scheme::Mqtts, server.address, &pinned(&[&pin])).await;
            fail(&options, ConnectStage::Tls, ErrorCode::TlsServerKeyNotProven).await;
        }
    }
}

#[tokio::test]
async fn a_pin_that_is_none_is_refused_before_dialling() {
    for pins in [&[][..], &[""], &["AB:CD"], &["not a fingerprint"]] {
        refused(&pinned(pins), ErrorCode::TlsPinInvalid).await;
    }
}

#[tokio::test]
async fn authorities_can_stand_in_the_profile() {
    let pki = Pki::new();
    let server = tls_server(pki.issue(&named("localhost"))).await;
    let roots = TlsRoots::CaPem { pem: pki.authority.pem() };
    let settings = TlsSettings { roots, ..TlsSettings::default() };
    succeed(&tls_options(Scheme::Mqtts, server.address, &settings).await).await;
    let roots = TlsRoots::CaPem { pem: "no certificate".to_owned() };
    refused(&TlsSettings { roots, ..settings }, ErrorCode::TlsFileInvalid).await;
}

#[tokio::test]
async fn several_ca_files_are_trusted_together() {
    let (one, other) = (Pki::new(), Pki::called("Other authority"));
    let paths =
        [&one, &other].map(|pki| pki.folder.path().join("ca.pem").to_str().unwrap().to_owned());
    let roots = TlsRoots::CaFiles { paths: paths.to_vec() };
    let settings = TlsSettings { roots, ..TlsSettings::default() };
    for pki in [&one, &other] {
        let server = tls_server(pki.issue(&named("localhost"))).await;
        succeed(&tls_options(Scheme::Mqtts, server.address, &settings).await).await;
    }
}

#[tokio::test]
async fn only_the_wanted_versions_are_spoken() {
    use TlsVersion::{V12, V13};
    let pki = Pki::new();
    let with =
        |min_version, max_version| TlsSettings { min_version, max_version, ..pki.settings() };
    let server = tls_server(pki.issue(&named("localhost"))).await;
    for (version, expect) in [(V12, "TLSv1.2"), (V13, "TLSv1.3")] {
        let options = tls_options(Scheme::Mqtts, server.address, &with(version, version)).await;
        assert_eq!(succeed(&options).await.tls.unwrap().version, expect);
    }
    for (server_speaks, wanted, offered) in
        [(&TLS12, V13, "TLS 1.3 only"), (&TLS13, V12, "TLS 1.2 only")]
    {
        let config = tls_config(pki.issue(&named("localhost")), &[server_speaks], Wants::Nothing);
        let server = tls_echo(config).await;
        let options = tls_options(Scheme::Mqtts, server.address, &with(wanted, wanted)).await;
        let error = fail(&options, ConnectStage::Tls, ErrorCode::TlsVersionUnsupported).await;
        assert_eq!(error.details["offered"], offered);
    }
    refused(&with(V13, V12), ErrorCode::TlsVersionsInvalid).await;
}

#[tokio::test]
async fn keys_are_logged_to_a_file_of_its_owner_and_that_is_told() {
    let pki = Pki::new();
    let path = pki.folder.path().join("keys.log");
    let key_log_file = path.to_str().unwrap().to_owned();
    for (version, label, lines) in
        [(&TLS12, "CLIENT_RANDOM ", 1), (&TLS13, "CLIENT_TRAFFIC_SECRET_0 ", 4)]
    {
        let config = tls_config(pki.issue(&named("localhost")), &[version], Wants::Nothing);
        let server = tls_echo(config).await;
        let settings = TlsSettings { key_log_file: key_log_file.clone(), ..pki.settings() };
        let options = tls_options(Scheme::Mqtts, server.address, &settings).await;
        let mut told = String::new();
        let mut on_event = |event| {
            if let DialEvent::Passed { stage: ConnectStage::Tls, evidence, .. } = event {
                told = evidence;
            }
        };
        dial(&options, &mut on_event).await.unwrap();
        assert!(told.contains(&format!("KEYS LOGGED to {key_log_file}")), "{told}");
        let log = std::fs::read_to_string(&path).unwrap();
        let line = log.lines().find_map(|line| line.strip_prefix(label)).unwrap();
        let (random, secret) = line.split_once(' ').unwrap();
        assert_eq!((random.len(), secret.len() >= 64), (64, true), "{line}");
        assert!(log.lines().count() >= lines, "{log}");
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}

#[tokio::test]
async fn a_key_log_that_cannot_be_opened_is_a_wrong_setting() {
    let key_log_file = "/nowhere/keys.log".to_owned();
    let settings = TlsSettings { key_log_file, verify: false, ..TlsSettings::default() };
    refused(&settings, ErrorCode::TlsKeyLogUnusable).await;
}
