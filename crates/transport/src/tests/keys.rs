//! Every form in which a client's key comes, and what is said where its passphrase or form is wrong.

use base64::Engine;
use mqttscope_model::{
    ArchiveSource, CertificateSource, ClientCertificate, ConnectStage, ErrorCode, KeySource,
    ProfileId, Secret, SecretName, SecretSlot, Secrets, TlsSettings, UserError,
};
use proptest::collection::vec;
use proptest::prelude::*;

use super::support::{Pki, assert_failure, fixture};
use crate::{DialCause, DialError, TlsOptions};

/// The passphrase of all fixtures.
const PASSPHRASE: &str = "secret";

fn secrets(passphrase: Option<&str>) -> Secrets {
    let mut secrets = Secrets::default();
    if let Some(passphrase) = passphrase {
        secrets.insert(SecretSlot::KeyPassphrase, Secret::new(passphrase));
    }
    secrets
}

async fn read(own: ClientCertificate, secrets: &Secrets) -> Result<TlsOptions, DialError> {
    let client_certificate = Some(own);
    let settings = TlsSettings { client_certificate, verify: false, ..TlsSettings::default() };
    TlsOptions::read(&settings, "localhost", secrets).await
}

fn pem(certificate: &str, key: &str) -> ClientCertificate {
    ClientCertificate::pem_files(fixture(certificate), fixture(key))
}

fn archive(name: &str) -> ClientCertificate {
    let archive = ArchiveSource::File { path: fixture(name) };
    ClientCertificate::Pkcs12 { archive, passphrase: None }
}

/// Wants a refusal that never shows the passphrase.
async fn refuse(own: ClientCertificate, passphrase: Option<&str>, code: ErrorCode) -> UserError {
    let error = read(own, &secrets(passphrase)).await.unwrap_err();
    assert!(!format!("{error:?}").contains("hunter2"));
    assert_failure(&error, ConnectStage::Settings, code)
}

const ENCRYPTED: [(&str, &str); 9] = [
    ("rsa-client.pem", "encrypted-pkcs8.key"),
    ("rsa-client.pem", "encrypted-pkcs1.key"),
    ("rsa-client.pem", "traditional-aes192.key"),
    ("rsa-client.pem", "traditional-aes256.key"),
    ("rsa-client.pem", "traditional-des3.key"),
    ("rsa-client.pem", "pkcs8-scrypt.key"),
    ("rsa-client.pem", "pkcs8-des3.key"),
    ("rsa-client.pem", "pkcs8-sha1.key"),
    ("ec-client.pem", "ec-traditional.key"),
];

#[tokio::test]
async fn encrypted_keys_open_with_their_passphrase() {
    for (certificate, key) in ENCRYPTED {
        let read = read(pem(certificate, key), &secrets(Some(PASSPHRASE))).await;
        assert!(read.is_ok(), "{key}: {read:?}");
    }
}

#[tokio::test]
async fn a_wrong_passphrase_is_told_from_a_missing_one_and_from_another_certificate() {
    for (certificate, key) in ENCRYPTED {
        for wrong in ["hunter2", "", "Secret"] {
            let error =
                refuse(pem(certificate, key), Some(wrong), ErrorCode::TlsPassphraseWrong).await;
            assert_eq!(error.details["file"], fixture(key));
        }
        refuse(pem(certificate, key), None, ErrorCode::TlsKeyEncrypted).await;
    }
    let other = pem("ec-client.pem", "encrypted-pkcs8.key");
    refuse(other, Some(PASSPHRASE), ErrorCode::TlsKeyMismatch).await;
}

#[tokio::test]
async fn an_encryption_that_is_not_known_is_named() {
    for key in ["pkcs8-pbes1.key", "traditional-camellia128.key"] {
        let own = pem("rsa-client.pem", key);
        let error = refuse(own, Some(PASSPHRASE), ErrorCode::TlsEncryptionUnsupported).await;
        assert_ne!(error.details["reason"], "");
    }
}

#[tokio::test]
async fn a_passphrase_that_the_keychain_lost_is_missed_by_name() {
    let named = SecretName::of(&ProfileId::new("p").unwrap(), &SecretSlot::KeyPassphrase);
    let own = match pem("rsa-client.pem", "encrypted-pkcs8.key") {
        ClientCertificate::Pem { certificate, key, .. } => {
            ClientCertificate::Pem { certificate, key, passphrase: Some(named) }
        }
        other => other,
    };
    let error = refuse(own, None, ErrorCode::SecretMissing).await;
    assert_eq!(error.details["secret"], "key_passphrase");
}

#[tokio::test]
async fn a_pasted_certificate_goes_with_a_stored_key() {
    let text = |name| std::fs::read_to_string(fixture(name)).unwrap();
    let own = || ClientCertificate::Pem {
        certificate: CertificateSource::Text { pem: text("rsa-client.pem") },
        key: KeySource::Stored { secret: None },
        passphrase: None,
    };
    refuse(own(), None, ErrorCode::SecretMissing).await;
    let mut stored = secrets(Some(PASSPHRASE));
    for key in ["rsa-client-pkcs1.key", "traditional-aes256.key"] {
        stored.insert(SecretSlot::PrivateKey, Secret::new(text(key)));
        read(own(), &stored).await.unwrap();
    }
    stored.insert(SecretSlot::PrivateKey, Secret::new("hunter2"));
    let error = read(own(), &stored).await.unwrap_err();
    assert!(!format!("{error:?}").contains("hunter2"));
    assert_failure(&error, ConnectStage::Settings, ErrorCode::TlsFileInvalid);
}

#[tokio::test]
async fn a_certificate_of_version_1_can_be_our_own() {
    let own = pem("version1-server.pem", "version1-server.key");
    read(own, &Secrets::default()).await.unwrap();
    let foreign = pem("version1-server.pem", "weak-server.key");
    refuse(foreign, None, ErrorCode::TlsKeyMismatch).await;
}

#[tokio::test]
async fn archives_open_whatever_wrote_them() {
    for name in ["modern.p12", "legacy.p12", "without-mac.p12"] {
        let read = read(archive(name), &secrets(Some(PASSPHRASE))).await;
        assert!(read.is_ok(), "{name}: {read:?}");
    }
    read(archive("empty.p12"), &secrets(None)).await.unwrap();
    read(archive("empty.p12"), &secrets(Some(""))).await.unwrap();
}

#[tokio::test]
async fn an_archive_can_lie_in_the_keychain() {
    let bytes = std::fs::read(fixture("modern.p12")).unwrap();
    let text = base64::engine::general_purpose::STANDARD.encode(bytes);
    let (first, rest) = text.split_at(64);
    let mut stored = secrets(Some(PASSPHRASE));
    stored.insert(SecretSlot::Pkcs12, Secret::new(format!("{first}\n{rest}\n")));
    let archive = ArchiveSource::Stored { secret: None };
    let own = ClientCertificate::Pkcs12 { archive, passphrase: None };
    read(own.clone(), &stored).await.unwrap();
    stored.insert(SecretSlot::Pkcs12, Secret::new("hunter2 is no Base64"));
    let error = read(own, &stored).await.unwrap_err();
    assert!(!format!("{error:?}").contains("hunter2"));
    assert_failure(&error, ConnectStage::Settings, ErrorCode::TlsArchiveInvalid);
}

#[tokio::test]
async fn an_archives_wrong_passphrase_is_told_from_a_missing_one() {
    for name in ["modern.p12", "legacy.p12", "without-mac.p12"] {
        refuse(archive(name), Some("hunter2"), ErrorCode::TlsPassphraseWrong).await;
        refuse(archive(name), None, ErrorCode::TlsKeyEncrypted).await;
    }
}

#[tokio::test]
async fn an_archive_without_key_or_certificate_or_sense_is_refused() {
    for name in ["without-key.p12", "without-certificate.p12", "rsa-client.pem"] {
        refuse(archive(name), Some(PASSPHRASE), ErrorCode::TlsArchiveInvalid).await;
    }
    let pki = Pki::new();
    let whole = std::fs::read(fixture("modern.p12")).unwrap();
    for length in [0, 1, 10, whole.len() / 2, whole.len() - 1] {
        let path = pki.folder.path().join("cut.p12");
        std::fs::write(&path, &whole[..length]).unwrap();
        let archive = ArchiveSource::File { path: path.to_str().unwrap().to_owned() };
        let own = ClientCertificate::Pkcs12 { archive, passphrase: None };
        refuse(own, Some(PASSPHRASE), ErrorCode::TlsArchiveInvalid).await;
    }
}

#[tokio::test]
async fn a_cut_key_is_refused_and_never_a_panic() {
    let pki = Pki::new();
    for (certificate, key) in ENCRYPTED {
        let whole = std::fs::read_to_string(fixture(key)).unwrap();
        let lines: Vec<&str> = whole.lines().collect();
        for keep in [1, 2, 4, lines.len() / 2, lines.len() - 2] {
            let cut = format!("{}\n{}\n", lines[..keep].join("\n"), lines.last().unwrap());
            let own = ClientCertificate::pem_files(fixture(certificate), pki.file("cut.key", &cut));
            let error = read(own, &secrets(Some(PASSPHRASE))).await.unwrap_err();
            assert_eq!(error.stage, ConnectStage::Settings, "{key}, {keep} lines: {error:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn damaged_keys_and_archives_are_refused_or_read_and_never_a_panic(
        file in 0..6_usize,
        damage in vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        end in any::<prop::sample::Index>(),
    ) {
        let names = [
            "modern.p12",
            "legacy.p12",
            "empty.p12",
            "encrypted-pkcs8.key",
            "traditional-aes256.key",
            "ec-traditional.key",
        ];
        let mut bytes = std::fs::read(fixture(names[file])).unwrap();
        for (place, value) in damage {
            let place = place.index(bytes.len());
            bytes[place] = value;
        }
        bytes.truncate(bytes.len() - end.index(bytes.len()) / 8);
        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().join("damaged");
        std::fs::write(&path, &bytes).unwrap();
        let path = path.to_str().unwrap().to_owned();
        let own = if names[file].ends_with("p12") {
            let archive = ArchiveSource::File { path };
            ClientCertificate::Pkcs12 { archive, passphrase: None }
        } else {
            ClientCertificate::pem_files(fixture("rsa-client.pem"), path)
        };
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        if let Err(error) = runtime.block_on(read(own, &secrets(Some(PASSPHRASE)))) {
            // A panic of a library would end here too.
            assert!(!matches!(error.cause, DialCause::TlsFailed { .. }), "{error:?}");
        }
    }
}
