//! TLS: what passes, and one test for each way in which it does not.

use std::time::Duration;

use mqttscope_model::{ConnectStage, ErrorCode, Scheme, Secrets, TlsRoots, TlsSettings, UserError};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, date_time_ymd};
use rustls::version::{TLS12, TLS13};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::support::*;
use crate::{DialOptions, StageLimits, dial, explain_late_failure};

/// Dials `server` with `settings` and wants a failure of the TLS stage.
async fn refuse(server: &Server, settings: &TlsSettings, code: ErrorCode) -> UserError {
    let options = tls_options(Scheme::Mqtts, server.address, settings).await;
    fail(&options, ConnectStage::Tls, code).await
}

#[tokio::test]
async fn a_verified_handshake_says_what_was_agreed() {
    let pki = Pki::new();
    for (versions, expect) in [(&TLS13, "TLSv1.3"), (&TLS12, "TLSv1.2")] {
        let mut config = tls_config(pki.issue(&named("localhost")), &[versions], Wants::Nothing);
        config.alpn_protocols = vec![b"mqtt".to_vec()];
        let server = tls_echo(config).await;
        let settings = TlsSettings { alpn: vec!["mqtt".to_owned()], ..pki.settings() };
        let options = tls_options(Scheme::Mqtts, server.address, &settings).await;
        let mut dialled = succeed(&options).await;
        let info = dialled.tls.unwrap();
        assert_eq!((info.version.as_str(), info.alpn.as_deref()), (expect, Some("mqtt")));
        assert!(info.cipher.starts_with("TLS"), "{}", info.cipher);
        assert!(info.verified);
        dialled.stream.write_all(b"hello").await.unwrap();
        dialled.stream.flush().await.unwrap();
        let mut answer = [0; 5];
        dialled.stream.read_exact(&mut answer).await.unwrap();
        assert_eq!(&answer, b"hello");
    }
}

#[tokio::test]
async fn an_address_can_be_the_server_name() {
    let pki = Pki::new();
    let server = tls_server(pki.issue(&named("127.0.0.1"))).await;
    let settings = TlsSettings { server_name: "127.0.0.1".to_owned(), ..pki.settings() };
    succeed(&tls_options(Scheme::Mqtts, server.address, &settings).await).await;
}

#[tokio::test]
async fn an_unknown_authority_is_named_with_its_certificate() {
    let (pki, other) = (Pki::new(), Pki::called("Other authority"));
    let server = tls_server(other.issue(&named("localhost"))).await;
    let error = refuse(&server, &pki.settings(), ErrorCode::TlsUnknownIssuer).await;
    assert_eq!(error.details["certificate_issuer"], "CN=Other authority");
    assert_eq!(error.details["certificate_names"], "localhost");
    assert_eq!(error.details["certificate_sha256"].len(), 95);
    assert!(error.details["evidence"].contains("CN=A broker"));
}

#[tokio::test]
async fn an_authority_that_was_made_anew_under_its_name_is_recognised() {
    let (old, new) = (Pki::new(), Pki::new());
    let server = tls_server(new.issue(&named("localhost"))).await;
    refuse(&server, &old.settings(), ErrorCode::TlsIssuerKeyDiffers).await;
}

#[tokio::test]
async fn the_systems_authorities_do_not_know_a_test_authority() {
    let server = tls_server(Pki::new().issue(&named("localhost"))).await;
    let settings = TlsSettings { roots: TlsRoots::System, ..TlsSettings::default() };
    let settings = TlsSettings { server_name: "localhost".to_owned(), ..settings };
    match crate::TlsOptions::read(&settings, "localhost", &Secrets::default()).await {
        Ok(_) => {
            refuse(&server, &settings, ErrorCode::TlsUnknownIssuer).await;
        }
        // A machine without ca-certificates.
        Err(error) => {
            assert_failure(&error, ConnectStage::Settings, ErrorCode::TlsRootsMissing);
        }
    }
}

#[tokio::test]
async fn a_self_signed_certificate_is_told_from_an_unknown_authority() {
    let server = tls_server(self_signed(&named("localhost"))).await;
    refuse(&server, &Pki::new().settings(), ErrorCode::TlsSelfSigned).await;
}

#[tokio::test]
async fn an_authority_as_its_own_server_is_named_even_when_it_is_trusted() {
    let pki = Pki::new();
    let mut params = named("localhost");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let own = self_signed(&params);
    pki.file("ca.pem", &own.chain_pem);
    let server = tls_server(own).await;
    refuse(&server, &pki.settings(), ErrorCode::TlsCaAsServer).await;
}

#[tokio::test]
async fn a_wrong_name_lists_the_valid_ones() {
    let pki = Pki::new();
    let names = ["broker.example", "*.iot.example", "10.0.0.1"].map(str::to_owned);
    let server = tls_server(pki.issue(&CertificateParams::new(names).unwrap())).await;
    let error = refuse(&server, &pki.settings(), ErrorCode::TlsWrongName).await;
    assert_eq!(error.details["name"], "localhost");
    assert_eq!(error.details["names"], "broker.example, *.iot.example, 10.0.0.1");
}

#[tokio::test]
async fn a_name_in_the_cn_alone_does_not_count() {
    let pki = Pki::new();
    let mut params = CertificateParams::new(Vec::<String>::new()).unwrap();
    params.distinguished_name.push(DnType::CommonName, "localhost");
    let server = tls_server(pki.issue(&params)).await;
    refuse(&server, &pki.settings(), ErrorCode::TlsCertificateWithoutNames).await;
}

#[tokio::test]
async fn an_expired_certificate_says_until_when_it_was_valid() {
    let pki = Pki::new();
    let mut params = named("localhost");
    params.not_after = date_time_ymd(2020, 1, 2);
    let server = tls_server(pki.issue(&params)).await;
    let error = refuse(&server, &pki.settings(), ErrorCode::TlsCertificateExpired).await;
    assert_eq!(error.details["until"], "2020-01-02 00:00 UTC");
}

#[tokio::test]
async fn a_future_certificate_says_from_when_it_is_valid() {
    let pki = Pki::new();
    let mut params = named("localhost");
    params.not_before = date_time_ymd(2999, 3, 4);
    let server = tls_server(pki.issue(&params)).await;
    let error = refuse(&server, &pki.settings(), ErrorCode::TlsCertificateNotYetValid).await;
    assert_eq!(error.details["from"], "2999-03-04 00:00 UTC");
}

#[tokio::test]
async fn version_1_certificates_and_weak_keys_have_their_own_causes() {
    for (kind, code) in
        [("version1", ErrorCode::TlsCertificateVersion), ("weak", ErrorCode::TlsCertificateWeak)]
    {
        let own = fixture_identity(&format!("{kind}-server.pem"), &format!("{kind}-server.key"));
        let server = tls_server(own).await;
        let roots = TlsRoots::ca_file(fixture(&format!("{kind}-ca.pem")));
        let settings = TlsSettings { roots, ..TlsSettings::default() };
        refuse(&server, &settings, code).await;
    }
}

#[tokio::test]
async fn without_verification_any_certificate_passes_and_that_is_said() {
    let pki = Pki::new();
    let mut expired = named("elsewhere.example");
    expired.not_after = date_time_ymd(2020, 1, 2);
    let settings = TlsSettings { verify: false, ..TlsSettings::default() };
    for own in [self_signed(&named("x")), pki.issue(&expired)] {
        let server = tls_server(own).await;
        let options = tls_options(Scheme::Mqtts, server.address, &settings).await;
        assert!(!succeed(&options).await.tls.unwrap().verified);
    }
}

#[tokio::test]
async fn without_verification_the_server_must_still_hold_the_certificates_key() {
    let pki = Pki::new();
    let settings = TlsSettings { verify: false, ..TlsSettings::default() };
    for version in [&TLS12, &TLS13] {
        let (shown, other) = (pki.issue(&named("localhost")), pki.issue(&named("localhost")));
        let stolen = Identity { chain: shown.chain, ..other };
        let server = tls_echo(tls_config(stolen, &[version], Wants::Nothing)).await;
        refuse(&server, &settings, ErrorCode::TlsServerKeyNotProven).await;
    }
}

#[tokio::test]
async fn a_port_that_closes_on_tls_does_not_speak_it() {
    let server = serve(|mut stream| async move {
        let _count = stream.read(&mut [0; 16]).await.unwrap();
    })
    .await;
    let error = refuse(&server, &Pki::new().settings(), ErrorCode::TlsNotSpoken).await;
    assert!(error.hint.contains("mqtt on this port"), "{}", error.hint);
}

#[tokio::test]
async fn another_protocols_first_bytes_are_shown() {
    let cases: [(&[u8], &str, &str); 3] = [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "HTTP", "HTTP/1.1 400 Bad Request"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "SSH", "SSH-2.0-OpenSSH_9.2"),
        (b"\x20\x02\x00\x01\x00", "MQTT", "20 02 00 01 00"),
    ];
    for (bytes, spoken, shown) in cases {
        let server = serve_bytes(bytes).await;
        let error = refuse(&server, &Pki::new().settings(), ErrorCode::TlsNotSpoken).await;
        assert_eq!(error.details["spoken"], spoken);
        assert_eq!(error.details["first_bytes"], shown);
        assert!(error.details["evidence"].contains(shown));
    }
}

#[tokio::test]
async fn alerts_have_causes() {
    let cases = [
        (70, ErrorCode::TlsVersionUnsupported),
        (112, ErrorCode::TlsServerNameRefused),
        (120, ErrorCode::TlsAlpnRefused),
        (80, ErrorCode::TlsFailed),
    ];
    for (alert, code) in cases {
        let server = serve_answer(vec![0x15, 3, 3, 0, 2, 2, alert]).await;
        refuse(&server, &Pki::new().settings(), code).await;
    }
}

#[tokio::test]
async fn an_alpn_that_the_server_does_not_know_is_refused() {
    let pki = Pki::new();
    let mut config = tls_config(pki.issue(&named("localhost")), &[&TLS13], Wants::Nothing);
    config.alpn_protocols = vec![b"x-amzn-mqtt-ca".to_vec()];
    let server = tls_echo(config).await;
    let settings = TlsSettings { alpn: vec!["mqtt".to_owned()], ..pki.settings() };
    refuse(&server, &settings, ErrorCode::TlsAlpnRefused).await;
}

#[tokio::test]
async fn a_server_that_speaks_only_tls_1_1_is_too_old() {
    // A ServerHello of TLS 1.1: version, random, no session, a cipher suite, no compression.
    let mut hello = vec![0x16, 3, 2, 0, 42, 2, 0, 0, 38, 3, 2];
    hello.extend([7; 32]);
    hello.extend([0, 0xc0, 0x13, 0]);
    let server = serve_answer(hello).await;
    refuse(&server, &Pki::new().settings(), ErrorCode::TlsVersionUnsupported).await;
}

#[tokio::test]
async fn a_silent_port_times_out_in_the_tls_stage() {
    let server = serve(drain).await;
    let options = tls_options(Scheme::Mqtts, server.address, &Pki::new().settings()).await;
    let limits = StageLimits { tls: Duration::from_millis(100), ..options.limits };
    let options = DialOptions { limits, ..options };
    fail(&options, ConnectStage::Tls, ErrorCode::TlsTimedOut).await;
}

#[tokio::test]
async fn a_client_certificate_is_sent_where_it_is_wanted() {
    let pki = Pki::new();
    for version in [&TLS12, &TLS13] {
        let wants = Wants::CertificateOf(&pki);
        let server = tls_echo(tls_config(pki.issue(&named("localhost")), &[version], wants)).await;
        let settings = pki.settings_with(&pki.issue(&named("client")));
        let options = tls_options(Scheme::Mqtts, server.address, &settings).await;
        let mut stream = succeed(&options).await.stream;
        stream.write_all(b"x").await.unwrap();
        stream.flush().await.unwrap();
        assert_eq!(stream.read_u8().await.unwrap(), b'x');
    }
}

#[tokio::test]
async fn with_tls_1_2_a_missing_or_foreign_client_certificate_ends_the_handshake() {
    let (pki, other) = (Pki::new(), Pki::called("Other authority"));
    let wants = Wants::CertificateOf(&pki);
    let server = tls_echo(tls_config(pki.issue(&named("localhost")), &[&TLS12], wants)).await;
    refuse(&server, &pki.settings(), ErrorCode::TlsClientCertificateRequired).await;
    let foreign = pki.settings_with(&other.issue(&named("client")));
    let error = refuse(&server, &foreign, ErrorCode::TlsClientCertificateRejected).await;
    assert_eq!(error.details["alert"], "UnknownCA");
}

#[tokio::test]
async fn with_tls_1_3_the_refusal_comes_late_and_is_still_explained() {
    let (pki, other) = (Pki::new(), Pki::called("Other authority"));
    let wants = Wants::CertificateOf(&pki);
    let server = tls_echo(tls_config(pki.issue(&named("localhost")), &[&TLS13], wants)).await;
    let foreign = pki.settings_with(&other.issue(&named("client")));
    let cases = [
        (pki.settings(), ErrorCode::TlsClientCertificateRequired),
        (foreign, ErrorCode::TlsClientCertificateRejected),
    ];
    for (settings, code) in cases {
        let options = tls_options(Scheme::Mqtts, server.address, &settings).await;
        let mut stream = succeed(&options).await.stream;
        let error = stream.read_u8().await.unwrap_err();
        let late = explain_late_failure(&error, &options, ConnectStage::Mqtt).unwrap();
        assert_failure(&late, ConnectStage::Mqtt, code);
        let other = std::io::ErrorKind::ConnectionReset.into();
        assert!(explain_late_failure(&other, &options, ConnectStage::Mqtt).is_none());

        // For wss the late alert meets the WebSocket handshake.
        let options = tls_options(Scheme::Wss, server.address, &settings).await;
        let error = dial(&options, &mut |_| {}).await.unwrap_err();
        assert_failure(&error, ConnectStage::WebSocket, code);
        let facts = error.facts().tls.as_ref().unwrap();
        assert!(facts.completed && facts.alert.is_some(), "{facts:?}");
    }
}
