//! A client certificate in each form that people have it in, shown to a real broker; and what is judged by fingerprint
//! and logged on the way.

use std::path::{Path, PathBuf};
use std::process::Command;

use acceptance::mosquitto::Setup;
use acceptance::{App, ClientCertificates, Mosquitto, ports};
use mqttscope_model::{
    ArchiveSource, CertificateSource, ClientCertificate, Endpoint, KeySource, Profile,
    ProtocolVersion, Scheme, SecretSlot, TlsRoots, TlsVersion,
};
use serde_json::json;
use tempfile::TempDir;

const PASSPHRASE: &str = "open sesame 芝麻";

/// Keys and certificates as openssl makes them: an authority, a server for localhost, an RSA and an EC client.
struct Openssl(TempDir);

impl Openssl {
    fn new() -> Self {
        let made = Self(TempDir::with_prefix("mqttscope-keys-").expect("a folder for keys"));
        made.run("ecparam -name prime256v1 -genkey -noout -out ca.key");
        made.run("req -x509 -key ca.key -out ca.pem -days 2 -subj /CN=authority");
        made.write("names", "subjectAltName=DNS:localhost,IP:127.0.0.1\n");
        made.run("ecparam -name prime256v1 -genkey -noout -out server.key");
        made.sign("server", " -extfile names");
        made.run("ecparam -name prime256v1 -genkey -noout -out ec.key");
        made.sign("ec", "");
        made.run("genrsa -out rsa.key 2048");
        made.sign("rsa", "");
        made
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn shown(&self, name: &str) -> String {
        self.path(name).display().to_string()
    }

    fn text(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).expect("openssl wrote it")
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).expect("a file can be written");
    }

    /// Runs openssl with `words`, which are separated by spaces; PASS stands for the passphrase's arguments.
    fn run(&self, words: &str) -> String {
        let words = words.split(' ').map(|word| match word {
            "PASS" => format!("pass:{PASSPHRASE}"),
            word => word.to_owned(),
        });
        let output = Command::new("openssl").args(words).current_dir(self.0.path()).output();
        let output = output.expect("openssl can be run");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    fn sign(&self, name: &str, more: &str) {
        self.run(&format!("req -new -key {name}.key -subj /CN={name} -out {name}.csr"));
        self.run(&format!(
            "x509 -req -in {name}.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -out {name}.pem{more}"
        ));
    }

    /// A broker with a listener that wants a certificate of this authority, and where it listens.
    fn broker(&self) -> (Mosquitto, Endpoint) {
        let [port] = ports::free();
        let lines = vec![
            format!("listener {port} 127.0.0.1"),
            format!("cafile {}", self.shown("ca.pem")),
            format!("certfile {}", self.shown("server.pem")),
            format!("keyfile {}", self.shown("server.key")),
            "require_certificate true".to_owned(),
            "use_identity_as_username true".to_owned(),
        ];
        let broker = Mosquitto::with(&Setup { lines, ..Setup::default() });
        let endpoint = Endpoint { port, ..broker.endpoint(Scheme::Mqtts) };
        (broker, endpoint)
    }
}

fn pem(folder: &Openssl, certificate: &str, key: &str) -> ClientCertificate {
    ClientCertificate::pem_files(folder.shown(certificate), folder.shown(key))
}

fn archive(folder: &Openssl, name: &str) -> ClientCertificate {
    let archive = ArchiveSource::File { path: folder.shown(name) };
    ClientCertificate::Pkcs12 { archive, passphrase: None }
}

/// A saved profile that shows `own`, with these secrets.
async fn profile(
    app: &App,
    endpoint: &Endpoint,
    authority: &Path,
    own: ClientCertificate,
    secrets: &[(SecretSlot, &str)],
) -> Profile {
    let mut profile = app
        .profile(endpoint.clone(), ProtocolVersion::V5, |profile| {
            profile.tls.roots = TlsRoots::ca_file(authority.display().to_string());
            profile.reconnect.enabled = false;
        })
        .await;
    profile.tls.client_certificate = Some(own);
    app.save(&profile, secrets).await
}

#[tokio::test(flavor = "multi_thread")]
async fn mosquitto_accepts_a_client_certificate_in_every_form() {
    let made = Openssl::new();
    made.run("rsa -in rsa.key -traditional -out rsa.pkcs1");
    made.run("pkcs8 -topk8 -nocrypt -in rsa.key -out rsa.pkcs8");
    made.run("pkcs8 -topk8 -in rsa.key -passout PASS -out rsa.encrypted");
    made.run("rsa -in rsa.key -traditional -aes256 -passout PASS -out rsa.aes256");
    made.run("rsa -in rsa.key -traditional -des3 -passout PASS -out rsa.des3");
    made.run("ec -in ec.key -aes128 -passout PASS -out ec.aes128");
    made.run("pkcs12 -export -inkey rsa.key -in rsa.pem -passout PASS -out rsa.p12");
    made.run("pkcs12 -export -inkey ec.key -in ec.pem -certfile ca.pem -passout PASS -out ec.p12");
    made.run("pkcs12 -export -legacy -inkey rsa.key -in rsa.pem -passout PASS -out legacy.p12");
    made.run("pkcs12 -export -inkey rsa.key -in rsa.pem -passout pass: -out empty.p12");
    made.run("base64 -in rsa.p12 -out rsa.p12.base64");
    let (broker, endpoint) = made.broker();
    let app = App::start().await;
    let (key, base64) = (made.text("rsa.encrypted"), made.text("rsa.p12.base64"));
    let stored_key = ClientCertificate::Pem {
        certificate: CertificateSource::Text { pem: made.text("rsa.pem") },
        key: KeySource::Stored { secret: None },
        passphrase: None,
    };
    let stored_archive = ClientCertificate::Pkcs12 {
        archive: ArchiveSource::Stored { secret: None },
        passphrase: None,
    };
    let passphrase = (SecretSlot::KeyPassphrase, PASSPHRASE);
    let with = |slot, value| vec![passphrase.clone(), (slot, value)];
    let forms = [
        (pem(&made, "rsa.pem", "rsa.pkcs1"), Vec::new()),
        (pem(&made, "rsa.pem", "rsa.pkcs8"), Vec::new()),
        (pem(&made, "ec.pem", "ec.key"), Vec::new()),
        (pem(&made, "rsa.pem", "rsa.encrypted"), vec![passphrase.clone()]),
        (pem(&made, "rsa.pem", "rsa.aes256"), vec![passphrase.clone()]),
        (pem(&made, "rsa.pem", "rsa.des3"), vec![passphrase.clone()]),
        (pem(&made, "ec.pem", "ec.aes128"), vec![passphrase.clone()]),
        (archive(&made, "rsa.p12"), vec![passphrase.clone()]),
        (archive(&made, "ec.p12"), vec![passphrase.clone()]),
        (archive(&made, "legacy.p12"), vec![passphrase.clone()]),
        (archive(&made, "empty.p12"), Vec::new()),
        (stored_key, with(SecretSlot::PrivateKey, &key)),
        (stored_archive, with(SecretSlot::Pkcs12, &base64)),
    ];
    for (own, secrets) in forms {
        let profile = profile(&app, &endpoint, &made.path("ca.pem"), own, &secrets).await;
        app.connect(&profile).await;
        app.disconnect(&profile).await;
    }
    // The broker took the name from the certificate, so it saw it.
    assert!(broker.log().contains("u'rsa'") && broker.log().contains("u'ec'"), "{}", broker.log());
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_or_missing_passphrase_and_a_foreign_key_fail_before_anything_is_sent() {
    let made = Openssl::new();
    made.run("pkcs8 -topk8 -in rsa.key -passout PASS -out rsa.encrypted");
    made.run("pkcs12 -export -inkey rsa.key -in rsa.pem -passout PASS -out rsa.p12");
    let (_broker, endpoint) = made.broker();
    let app = App::start().await;
    let wrong = [(SecretSlot::KeyPassphrase, "hunter2")];
    let cases = [
        (pem(&made, "rsa.pem", "rsa.encrypted"), &wrong[..], "tls.passphrase_wrong"),
        (archive(&made, "rsa.p12"), &wrong, "tls.passphrase_wrong"),
        (pem(&made, "rsa.pem", "rsa.encrypted"), &[], "tls.key_encrypted"),
        (archive(&made, "rsa.p12"), &[], "tls.key_encrypted"),
        (pem(&made, "rsa.pem", "ec.key"), &[], "tls.key_mismatch"),
        (archive(&made, "rsa.pem"), &[], "tls.archive_invalid"),
    ];
    for (own, secrets, code) in cases {
        let profile = profile(&app, &endpoint, &made.path("ca.pem"), own, secrets).await;
        app.call("session_connect", json!({ "profile": profile.id })).await;
        let failed = app.wait_for_state(&profile, "failed").await;
        assert_eq!(failed["error"]["code"], code, "{failed}");
        assert!(!failed.to_string().contains("hunter2"), "{failed}");
    }
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pinned_broker_is_accepted_and_another_refused_with_its_fingerprint() {
    let broker = Mosquitto::with(&Setup {
        client_certificates: ClientCertificates::NotAsked,
        ..Setup::default()
    });
    let made = Openssl::new();
    let server = broker.certificates().server.display();
    let said = made.run(&format!("x509 -in {server} -noout -fingerprint -sha256"));
    let pin = said.trim().split('=').nth(1).expect("openssl says name=value").to_owned();
    let app = App::start().await;
    let with = async |pin: &str| {
        let sha256 = vec![pin.to_owned()];
        app.profile(broker.endpoint(Scheme::Mqtts), ProtocolVersion::V311, |profile| {
            profile.tls.roots = TlsRoots::Pinned { sha256 };
            profile.tls.server_name = "elsewhere.example".to_owned();
            profile.reconnect.enabled = false;
        })
        .await
    };
    let right = with(&pin).await;
    app.connect(&right).await;
    let state = app.wait_for_state(&right, "connected").await;
    assert_eq!(state["tls"]["verified"], true, "{state}");

    let wrong = with(&"0".repeat(64)).await;
    app.call("session_connect", json!({ "profile": wrong.id })).await;
    let failed = app.wait_for_state(&wrong, "failed").await;
    assert_eq!(failed["error"]["code"], "tls.not_pinned", "{failed}");
    assert_eq!(failed["error"]["details"]["sha256"], pin.as_str());
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_wanted_version_is_spoken_and_its_keys_are_logged() {
    let broker = Mosquitto::start();
    let folder = TempDir::with_prefix("mqttscope-keylog-").expect("a folder");
    let app = App::start().await;
    let authority = broker.certificates().authority.display().to_string();
    for (version, expect, label) in [
        (TlsVersion::V12, "TLSv1.2", "CLIENT_RANDOM "),
        (TlsVersion::V13, "TLSv1.3", "CLIENT_TRAFFIC_SECRET_0 "),
    ] {
        let path = folder.path().join(expect);
        let profile = app
            .profile(broker.endpoint(Scheme::Mqtts), ProtocolVersion::V5, |profile| {
                profile.tls.roots = TlsRoots::ca_file(authority.clone());
                profile.tls.min_version = version;
                profile.tls.max_version = version;
                profile.tls.key_log_file = path.display().to_string();
            })
            .await;
        app.connect(&profile).await;
        let state = app.wait_for_state(&profile, "connected").await;
        assert_eq!(state["tls"]["version"], expect, "{state}");
        let log = std::fs::read_to_string(&path).expect("the keys are logged");
        assert!(log.lines().any(|line| line.starts_with(label)), "{expect}");
    }
    app.stop().await;
}
