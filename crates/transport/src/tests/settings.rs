//! What is wrong with files and settings is found before a byte is sent.

use mqttscope_model::{
    ClientCertificate, ConnectStage, ErrorCode, Secrets, TlsRoots, TlsSettings, UserError,
};

use super::support::{Pki, assert_failure, fixture, named};
use crate::TlsOptions;

async fn refuse(settings: &TlsSettings, host: &str, code: ErrorCode) -> UserError {
    let error = TlsOptions::read(settings, host, &Secrets::default()).await.unwrap_err();
    assert_failure(&error, ConnectStage::Settings, code)
}

fn with_client(certificate: String, key: String) -> TlsSettings {
    let client_certificate = Some(ClientCertificate::pem_files(certificate, key));
    TlsSettings { client_certificate, verify: false, ..TlsSettings::default() }
}

#[tokio::test]
async fn a_missing_file_is_named() {
    let roots = TlsRoots::ca_file("/nowhere/ca.pem");
    let settings = TlsSettings { roots, ..TlsSettings::default() };
    let error = refuse(&settings, "localhost", ErrorCode::TlsFileUnreadable).await;
    assert_eq!(error.details["file"], "/nowhere/ca.pem");
}

#[tokio::test]
async fn a_file_without_a_certificate_is_named() {
    let pki = Pki::new();
    for text in ["", "hello", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
        let path = pki.file("wrong.pem", text);
        let settings =
            TlsSettings { roots: TlsRoots::ca_file(path.clone()), ..TlsSettings::default() };
        let error = refuse(&settings, "localhost", ErrorCode::TlsFileInvalid).await;
        assert_eq!(error.details["file"], path);
    }
}

#[tokio::test]
async fn an_encrypted_key_is_told_from_a_broken_one() {
    for name in ["encrypted-pkcs8.key", "encrypted-pkcs1.key"] {
        let settings = with_client(fixture("rsa-client.pem"), fixture(name));
        let error = refuse(&settings, "localhost", ErrorCode::TlsKeyEncrypted).await;
        assert_eq!(error.details["file"], fixture(name));
    }
    let settings = with_client(fixture("rsa-client.pem"), fixture("rsa-client.pem"));
    refuse(&settings, "localhost", ErrorCode::TlsFileInvalid).await;
}

#[tokio::test]
async fn a_key_of_another_certificate_is_found_before_dialling() {
    let pki = Pki::new();
    let (one, other) = (pki.issue(&named("one")), pki.issue(&named("other")));
    let certificate = pki.file("one.pem", &one.chain_pem);
    let key = pki.file("other.key", &other.key_pem);
    let error = refuse(&with_client(certificate, key), "h", ErrorCode::TlsKeyMismatch).await;
    assert!(error.details["key"].ends_with("other.key"));
}

#[tokio::test]
async fn keys_are_read_as_pkcs8_pkcs1_and_sec1() {
    let pki = Pki::new();
    let own = pki.issue(&named("client"));
    let certificate = pki.file("client.pem", &own.chain_pem);
    let pkcs8 = pki.file("pkcs8.key", &own.key_pem);
    let sec1 = pki.file("sec1.key", &sec1_of(own.key.secret_der()));
    let pairs = [
        (certificate.clone(), pkcs8),
        (certificate, sec1),
        (fixture("rsa-client.pem"), fixture("rsa-client-pkcs1.key")),
    ];
    for (certificate, key) in pairs {
        TlsOptions::read(&with_client(certificate, key), "localhost", &Secrets::default())
            .await
            .unwrap();
    }
}

/// The ECPrivateKey (RFC 5915) inside a PKCS#8 key of the curve P-256, as PEM.
fn sec1_of(pkcs8: &[u8]) -> String {
    use base64_of_pem::encode;
    let start =
        pkcs8.windows(7).position(|bytes| matches!(bytes, [0x30, _, 0x02, 0x01, 0x01, 0x04, 0x20]));
    encode("EC PRIVATE KEY", &pkcs8[start.unwrap()..])
}

mod base64_of_pem {
    /// PEM without a library: the test needs it once.
    pub fn encode(label: &str, der: &[u8]) -> String {
        const LETTERS: &[u8; 64] =
            b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let mut text = String::new();
        for chunk in der.chunks(3) {
            let bits =
                (0..3).fold(0_u32, |bits, i| bits << 8 | u32::from(*chunk.get(i).unwrap_or(&0)));
            for i in 0..4 {
                let letter = LETTERS[(bits >> (18 - 6 * i) & 63) as usize];
                text.push(if i <= chunk.len() { letter as char } else { '=' });
            }
        }
        let lines: Vec<&str> =
            text.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
        format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
    }
}

#[tokio::test]
async fn names_that_no_certificate_can_hold_are_refused() {
    let settings = TlsSettings { verify: false, ..TlsSettings::default() };
    refuse(&settings, "not a name", ErrorCode::TlsServerNameInvalid).await;
    let settings = TlsSettings { server_name: "a..b".to_owned(), ..settings };
    refuse(&settings, "localhost", ErrorCode::TlsServerNameInvalid).await;
    let alpn = vec!["mqtt".to_owned(), String::new()];
    let settings = TlsSettings { server_name: String::new(), alpn, ..settings };
    refuse(&settings, "localhost", ErrorCode::TlsAlpnInvalid).await;
}
