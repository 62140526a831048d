//! The life of an application with secrets in every place, and everything that it answered.

use std::path::{Path, PathBuf};
use std::process::Command;

use acceptance::mosquitto::Setup;
use acceptance::{App, ClientCertificates, Mosquitto, wait};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use mqttscope_model::{
    ArchiveSource, Authentication, CertificateSource, ClientCertificate, Header, HeaderValue,
    KeySource, Profile, Proxy, ProxyServer, QoS, Scheme, SecretSlot, TlsRoots,
};
use serde_json::{Value, json};

use super::forms::Needles;
use super::{DATA, EXPORT, HEADER, PASSPHRASE, PASSWORD, PROXY, WRONG, add_words};

/// What the application was led through, and everything that it answered.
pub struct Story {
    pub app: App,
    broker: Mosquitto,
    pub needles: Needles,
    profiles: Vec<Profile>,
    key: String,
    archive: String,
    answers: String,
    home: PathBuf,
}

impl Story {
    pub fn begin(app: App, home: &Path) -> Self {
        let broker = Mosquitto::with(&Setup {
            users: vec![("anna", PASSWORD)],
            client_certificates: ClientCertificates::Required,
            ..Setup::default()
        });
        let certificates = broker.certificates();
        let (key, archive) = encrypted(&certificates.client, &certificates.client_key);
        let mut needles = Needles::new();
        add_words(&mut needles);
        let line = key.lines().nth(2).expect("a key has lines");
        needles.add("private key", line.as_bytes());
        needles.add("private key", &STANDARD.decode(line).expect("PEM is Base64"));
        let part = &archive[200..264];
        needles.add("archive", part.as_bytes());
        needles.add("archive", &STANDARD.decode(part).expect("Base64"));
        Self {
            app,
            broker,
            needles,
            profiles: Vec::new(),
            key,
            archive,
            answers: String::new(),
            home: home.to_owned(),
        }
    }

    /// Saves a profile with its secrets.
    async fn save(&mut self, profile: &Profile, secrets: &[(SecretSlot, &str)]) -> Profile {
        let saved = self.app.save(profile, secrets).await;
        self.answers += &json!(saved).to_string();
        saved
    }

    /// A profile for the broker, with a user name; it is not saved.
    async fn profile(&mut self, scheme: Scheme, edit: impl FnOnce(&mut Profile)) -> Profile {
        let mut profile = self.new_profile().await;
        profile.name = format!("planted {scheme:?}");
        profile.endpoint = self.broker.endpoint(scheme);
        profile.user_name = "anna".into();
        let authority = self.broker.certificates().authority.display().to_string();
        profile.tls.roots = TlsRoots::ca_file(authority);
        edit(&mut profile);
        profile
    }

    async fn new_profile(&self) -> Profile {
        let profile = self.app.call("profile_new", json!({})).await;
        serde_json::from_value(profile).expect("a profile")
    }

    async fn connects(&mut self, profile: &Profile) {
        self.app.connect(profile).await;
        let id = self.app.publish(profile, "t", b"x", QoS::AtLeastOnce).await;
        self.app.wait_for_outcome(profile, id, "acknowledged").await;
        self.answers += &self.app.session(profile).await.to_string();
        self.app.disconnect(profile).await;
    }

    async fn fails(&mut self, profile: &Profile) {
        if self.ask("session_connect", json!({ "profile": profile.id })).await.is_none() {
            // Refused before anything was dialled.
            return;
        }
        let session = wait::until("the attempt to fail", async || {
            let session = self.app.session(profile).await;
            let has_failed =
                ["failed", "waiting"].map(Value::from).contains(&session["state"]["state"]);
            if has_failed { Ok(session) } else { Err(session) }
        })
        .await;
        self.answers += &session.to_string();
        self.ask("session_disconnect", json!({ "profile": profile.id })).await;
    }

    /// Runs a command, and keeps its answer whatever it is.
    async fn ask(&mut self, name: &str, args: Value) -> Option<Value> {
        match self.app.try_call(name, args).await {
            Ok(value) => {
                self.answers += &value.to_string();
                Some(value)
            }
            Err(error) => {
                self.answers += &format!("{error} {error:?} {}", json!(error));
                None
            }
        }
    }

    pub async fn connects_and_fails(&mut self) {
        let plain = self.profile(Scheme::Mqtt, |_| ()).await;
        let plain = self.save(&plain, &[(SecretSlot::Password, WRONG)]).await;
        self.fails(&plain).await;
        let plain = self.save(&plain, &[(SecretSlot::Password, PASSWORD)]).await;

        let certificate = self.broker.certificates().client.display().to_string();
        let token =
            || Header { name: "Authorization".into(), value: HeaderValue::Stored { secret: None } };
        let pem = ClientCertificate::Pem {
            certificate: CertificateSource::File { path: certificate },
            key: KeySource::Stored { secret: None },
            passphrase: None,
        };
        let keyed = self
            .profile(Scheme::Wss, |profile| {
                profile.tls.client_certificate = Some(pem.clone());
                profile.websocket.headers = vec![token()];
            })
            .await;
        let key = self.key.clone();
        let all = [
            (SecretSlot::Password, PASSWORD),
            (SecretSlot::PrivateKey, key.as_str()),
            (SecretSlot::KeyPassphrase, WRONG),
            (SecretSlot::header("Authorization"), HEADER),
        ];
        let keyed = self.save(&keyed, &all).await;
        self.fails(&keyed).await;
        let keyed = self.save(&keyed, &[(SecretSlot::KeyPassphrase, PASSPHRASE)]).await;

        let archived = self
            .profile(Scheme::Mqtts, |profile| {
                profile.tls.client_certificate = Some(ClientCertificate::Pkcs12 {
                    archive: ArchiveSource::Stored { secret: None },
                    passphrase: None,
                });
            })
            .await;
        let archive = self.archive.clone();
        let all = [
            (SecretSlot::Password, PASSWORD),
            (SecretSlot::Pkcs12, archive.as_str()),
            (SecretSlot::KeyPassphrase, WRONG),
        ];
        let archived = self.save(&archived, &all).await;
        self.fails(&archived).await;
        let archived = self.save(&archived, &[(SecretSlot::KeyPassphrase, PASSPHRASE)]).await;
        for profile in [&plain, &keyed, &archived] {
            self.connects(profile).await;
        }

        // Through a proxy that is none: the broker's own port answers with no word of HTTP.
        let proxy = ProxyServer {
            host: "127.0.0.1".into(),
            port: self.broker.port(Scheme::Mqtt),
            user_name: "bert".into(),
            password: None,
        };
        let data = STANDARD.encode(DATA);
        for proxy in [Proxy::Http { server: proxy.clone() }, Proxy::Socks5 { server: proxy }] {
            let proxied = self
                .profile(Scheme::Wss, |profile| {
                    profile.proxy = proxy;
                    profile.tls.client_certificate = Some(pem.clone());
                    profile.websocket.headers = vec![token()];
                    profile.authentication =
                        Some(Authentication::Other { name: "planted".into(), data: None });
                })
                .await;
            let all = [
                (SecretSlot::Password, PASSWORD),
                (SecretSlot::PrivateKey, key.as_str()),
                (SecretSlot::KeyPassphrase, PASSPHRASE),
                (SecretSlot::header("authorization"), HEADER),
                (SecretSlot::ProxyPassword, PROXY),
                (SecretSlot::AuthenticationData, data.as_str()),
            ];
            let proxied = self.save(&proxied, &all).await;
            assert_eq!(proxied.secrets().len(), all.len(), "each has its place");
            self.fails(&proxied).await;
            // The broker gets the data, and refuses a method that it does not know.
            let direct = Profile { proxy: Proxy::None, ..proxied.clone() };
            let direct = self.save(&direct, &[]).await;
            self.fails(&direct).await;
            self.save(&proxied, &[(SecretSlot::ProxyPassword, PROXY)]).await;
            self.profiles.push(proxied);
        }
        self.profiles.extend([plain, keyed, archived]);
    }

    pub async fn copies_and_exports(&mut self) {
        for profile in self.profiles.clone() {
            let copy = json!({ "id": profile.id, "name": "a copy" });
            self.ask("profile_duplicate", copy).await.expect("a copy");
            for target in [
                "mosquitto_sub",
                "mosquitto_pub",
                "mqttx_json",
                "url",
                "python",
                "javascript",
                "rust",
                "go",
                "java",
                "csharp",
            ] {
                let args = json!({ "profile": profile.id, "target": target });
                self.ask("copy_as", args).await.expect("a copy");
            }
            self.ask("preset_save", json!({ "name": "of my own", "profile": profile })).await;
            let ids = json!({ "ids": [profile.id] });
            self.ask("profiles_delete", ids.clone()).await.expect("a deletion");
            self.ask("profiles_restore", ids).await.expect("an undo");
            self.connects_again(&profile).await;
        }
        for (format, certificates, passphrase) in [
            ("json", "paths", Value::Null),
            ("yaml", "embedded", Value::Null),
            ("json", "embedded", json!(EXPORT)),
        ] {
            let path = self.home.join(format!("export-{certificates}.{format}"));
            let options = json!({ "profiles": [], "format": format, "certificates": certificates, "passphrase": passphrase });
            self.ask("export_save", json!({ "path": path, "options": options }))
                .await
                .expect("an export");
        }
        let sealed = self.home.join("export-embedded.json");
        let import = self.ask("import_file", json!({ "path": sealed })).await.expect("a preview");
        let id = &import["import"];
        self.ask("import_unlock", json!({ "import": id, "passphrase": WRONG })).await;
        self.ask("import_unlock", json!({ "import": id, "passphrase": EXPORT })).await;
        self.ask("import_cancel", json!({ "import": id })).await;
    }

    /// With its secrets, where it goes straight to the broker.
    async fn connects_again(&mut self, profile: &Profile) {
        if profile.proxy == Proxy::None {
            self.connects(profile).await;
        }
    }

    pub async fn meets_errors(&mut self) {
        let Some(profile) = self.profiles.first().cloned() else { return };
        let edit = json!([{ "slot": "password", "value": PASSWORD }]);
        let mut wrong = profile.clone();
        wrong.endpoint.host = String::new();
        for args in [
            json!({ "profile": wrong, "secrets": edit }),
            json!({ "profile": profile, "secrets": PASSWORD }),
            json!({ "profile": profile, "secrets": [{ "slot": PASSWORD, "value": PASSWORD }] }),
            json!({ "profile": profile, "secrets": [{ "slot": "password", "value": [PASSWORD] }] }),
            json!({ "profile": PASSWORD, "secrets": edit }),
            json!({ "profile": profile, "secrets": [{ "slot": "private_key", "value": "x".repeat(2_000_000) + PASSWORD }] }),
        ] {
            self.ask("profile_save", args.clone()).await;
            self.ask("profile_check", args).await;
        }
        for text in [
            format!("mqtt://anna:{WRONG}@127.0.0.1:1"),
            format!("{{\"password\": \"{WRONG}\""),
            format!("mosquitto_sub -u anna -P {WRONG} --cafile"),
        ] {
            self.ask("import_text", json!({ "text": text })).await;
        }
        // A file stands where the profile belongs: it cannot be saved, and neither is its password.
        let mut other = self.new_profile().await;
        other.name = "other".into();
        other.endpoint = profile.endpoint.clone();
        let file = self.app.folder().join(format!("config/profiles/{}.json", other.id));
        std::fs::write(&file, "{ my notes").expect("a file");
        let secrets = json!([{ "slot": "password", "value": WRONG }]);
        let saved = self.ask("profile_save", json!({ "profile": other, "secrets": secrets })).await;
        assert!(saved.is_none());
        std::fs::remove_file(&file).expect("the file");
    }

    pub async fn deletes_and_restarts(mut self) -> Self {
        let list = self.ask("profiles_list", json!({})).await.expect("the profiles");
        let ids: Vec<_> = list["profiles"]
            .as_array()
            .expect("a list")
            .iter()
            .map(|profile| profile["id"].clone())
            .collect();
        self.ask("profiles_delete", json!({ "ids": ids })).await.expect("a deletion");
        self.is_told_nothing("after deleting");
        self.app = self.app.restart().await;
        self
    }

    /// Searches everything.
    pub fn is_told_nothing(&self, when: &str) {
        assert_eq!(self.needles.found_in(self.answers.as_bytes()), [""; 0], "an answer {when}");
        let mut found = self.needles.found_below(self.app.folder());
        found.retain(|(path, _)| !path.ends_with("config/secrets.json"));
        for file in std::fs::read_dir(&self.home).expect("the home").flatten() {
            // The log and the exports; the broker's files with its keys lie elsewhere.
            if file.path().is_file() {
                let names = self.needles.found_in(&std::fs::read(file.path()).expect("a file"));
                found.extend((!names.is_empty()).then(|| (file.path(), names)));
            }
        }
        assert_eq!(found, [], "{when}");
    }
}

/// The key, encrypted, as PEM, and certificate and key as PKCS#12 in Base64.
fn encrypted(certificate: &Path, key: &Path) -> (String, String) {
    let folder = tempfile::tempdir().expect("a folder");
    let archive = folder.path().join("client.p12");
    let passphrase = format!("pass:{PASSPHRASE}");
    let openssl = |args: &[&std::ffi::OsStr]| {
        let output = Command::new("openssl").args(args).output().expect("openssl can be run");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("PEM")
    };
    let pem = openssl(&[
        "pkcs8".as_ref(),
        "-topk8".as_ref(),
        "-v2".as_ref(),
        "aes-256-cbc".as_ref(),
        "-in".as_ref(),
        key.as_ref(),
        "-passout".as_ref(),
        passphrase.as_ref(),
    ]);
    openssl(&[
        "pkcs12".as_ref(),
        "-export".as_ref(),
        "-in".as_ref(),
        certificate.as_ref(),
        "-inkey".as_ref(),
        key.as_ref(),
        "-out".as_ref(),
        archive.as_ref(),
        "-passout".as_ref(),
        passphrase.as_ref(),
    ]);
    (pem, STANDARD.encode(std::fs::read(archive).expect("the archive")))
}
