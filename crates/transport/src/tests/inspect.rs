//! What a TLS handshake leaves as facts, and that a rejected one is looked at and never used: not a byte of the application and no
//! certificate of ours goes to a broker whose chain was rejected.

use std::sync::Arc;

use mqttscope_model::{
    CertificateCheck, CertificateFacts, ClientCertificate, ConnectStage, ErrorCode, Scheme,
    Secrets, TlsFacts, TlsRoots, TlsSettings, TlsTrust,
};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, KeyPair, date_time_ymd};
use rustls::client::danger::HandshakeSignatureValid;
use rustls::pki_types::{CertificateDer, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::version::{TLS12, TLS13};
use rustls::{DigitallySignedStruct, DistinguishedName, Error, ServerConfig, SignatureScheme};
use tokio::io::AsyncReadExt;
use tokio::sync::mpsc;
use tokio_rustls::TlsAcceptor;

use super::support::*;
use crate::evidence::{Record, Witness};
use crate::{DialError, TlsOptions, dial, dial_watched, explain_late_failure};

/// Asks every client for a certificate and takes any, or none.
#[derive(Debug)]
struct Curious {
    authorities: Vec<DistinguishedName>,
}

impl ClientCertVerifier for Curious {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &self.authorities
    }

    fn client_auth_mandatory(&self) -> bool {
        false
    }

    fn verify_client_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        Ok(ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _cert: &CertificateDer<'_>,
        _dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _message: &[u8],
        _cert: &CertificateDer<'_>,
        _dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        let provider = rustls::crypto::ring::default_provider();
        provider.signature_verification_algorithms.supported_schemes()
    }
}

/// What a server got from one client.
struct Got {
    /// The handshake was done.
    shaken: bool,
    /// The client's certificates.
    certificates: usize,
    /// Bytes of the application.
    application: Vec<u8>,
    /// Everything on the wire.
    raw: Vec<u8>,
}

/// A server that tells what it gets.
async fn eager_server(config: ServerConfig) -> (Server, mpsc::UnboundedReceiver<Got>) {
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let (told, got) = mpsc::unbounded_channel();
    let server = serve(move |stream| {
        let (acceptor, told) = (acceptor.clone(), told.clone());
        async move {
            let record = Record::of_http();
            let mut seen =
                Got { shaken: false, certificates: 0, application: Vec::new(), raw: Vec::new() };
            if let Ok(mut stream) = acceptor.accept(Witness::new(stream, &record)).await {
                seen.shaken = true;
                seen.certificates = stream.get_ref().1.peer_certificates().map_or(0, <[_]>::len);
                let _ended = stream.read_to_end(&mut seen.application).await;
            }
            seen.raw = record.bytes();
            let _nobody_asks = told.send(seen);
        }
    })
    .await;
    (server, got)
}

fn curious(identity: Identity, version: &'static rustls::SupportedProtocolVersion) -> ServerConfig {
    let mut names = CertificateParams::new(Vec::<String>::new()).unwrap();
    names.distinguished_name = rcgen::DistinguishedName::new();
    names.distinguished_name.push(DnType::OrganizationName, "Plant");
    names.distinguished_name.push(DnType::CommonName, "Devices");
    let subject = names.self_signed(&KeyPair::generate().unwrap()).unwrap();
    let (_, parsed) = x509_parser::parse_x509_certificate(subject.der()).unwrap();
    let raw = parsed.subject().as_raw();
    // The library takes the names within their SEQUENCE.
    let authorities = vec![DistinguishedName::in_sequence(&raw[2..])];
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let key = provider.key_provider.load_private_key(identity.key).unwrap();
    let certified = rustls::sign::CertifiedKey::new(identity.chain, key);
    ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[version])
        .unwrap()
        .with_client_cert_verifier(Arc::new(Curious { authorities }))
        .with_cert_resolver(Arc::new(rustls::sign::SingleCertAndKey::from(certified)))
}

async fn rejected(server: &Server, settings: &TlsSettings) -> DialError {
    let options = tls_options(Scheme::Mqtts, server.address, settings).await;
    dial(&options, &mut |_| {}).await.unwrap_err()
}

fn tls_facts(error: &DialError) -> &TlsFacts {
    error.facts().tls.as_ref().unwrap()
}

#[tokio::test]
async fn a_rejected_broker_gets_no_application_byte_and_no_client_certificate() {
    let (pki, stranger) = (Pki::new(), Pki::called("Stranger"));
    let client = pki.issue(&named("client"));
    let with = pki.settings_with(&client);
    for (version, name) in [(&TLS12, "TLSv1.2"), (&TLS13, "TLSv1.3")] {
        for settings in [&pki.settings(), &with] {
            let identity = stranger.issue(&named("localhost"));
            let (server, mut got) = eager_server(curious(identity, version)).await;
            let error = rejected(&server, settings).await;
            assert_failure(&error, ConnectStage::Tls, ErrorCode::TlsUnknownIssuer);
            let got = got.recv().await.unwrap();
            assert_eq!((got.certificates, got.application.len()), (0, 0));
            let own: &[u8] = &client.chain[0];
            assert!(!got.raw.windows(own.len()).any(|window| window == own));

            let facts = tls_facts(&error);
            assert_eq!(facts.version.as_deref(), Some(name));
            assert!(facts.cipher.as_ref().unwrap().starts_with("TLS"));
            assert!(facts.client_certificate_asked);
            assert_eq!(facts.client_authorities, ["O=Plant, CN=Devices"]);
            assert_eq!(facts.client_certificate, None);
            assert_eq!(facts.chain.len(), 1);
            assert_eq!(facts.rejected.as_ref().unwrap().check, CertificateCheck::Issuer);
            // With a certificate that the library holds already, the handshake ends at the rejection.
            let held = settings.client_certificate.is_some();
            assert_eq!((facts.completed, got.shaken), (!held, !held));
        }
    }
}

#[tokio::test]
async fn whatever_is_rejected_gets_no_application_byte() {
    let pki = Pki::new();
    let mut expired = named("localhost");
    expired.not_after = date_time_ymd(2020, 1, 2);
    let mut nameless = CertificateParams::new(Vec::<String>::new()).unwrap();
    nameless.distinguished_name.push(DnType::CommonName, "localhost");
    let mut authority = named("localhost");
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let pinned = TlsRoots::Pinned { sha256: vec!["AB".repeat(32)] };
    let pins = TlsSettings { roots: pinned, ..TlsSettings::default() };
    use CertificateCheck as Check;
    let cases = [
        (pki.issue(&expired), pki.settings(), Check::Dates),
        (pki.issue(&named("elsewhere.example")), pki.settings(), Check::Name),
        (pki.issue(&nameless), pki.settings(), Check::Name),
        (pki.issue(&authority), pki.settings(), Check::Purpose),
        (self_signed(&named("localhost")), pki.settings(), Check::Issuer),
        (Pki::new().issue(&named("localhost")), pki.settings(), Check::Signature),
        (pki.issue(&named("localhost")), pins, Check::Pin),
        (
            fixture_identity("version1-server.pem", "version1-server.key"),
            pki.settings(),
            Check::Version,
        ),
    ];
    for (identity, settings, check) in cases {
        for version in [&TLS12, &TLS13] {
            let copy = Identity {
                key: identity.key.clone_key(),
                chain: identity.chain.clone(),
                ..self_signed(&named("x"))
            };
            let (server, mut got) =
                eager_server(tls_config(copy, &[version], Wants::Nothing)).await;
            let error = rejected(&server, &settings).await;
            let facts = tls_facts(&error);
            let rejection = facts.rejected.as_ref().unwrap();
            assert_eq!(rejection.check, check, "{error:?}");
            assert_ne!(rejection.reason, "");
            assert!(facts.completed && !facts.client_certificate_asked, "{check:?}");
            let got = got.recv().await.unwrap();
            assert!(got.shaken && got.application.is_empty(), "{check:?}");
        }
    }
}

#[tokio::test]
async fn a_rejection_stays_the_cause_when_the_handshake_fails_after_it() {
    let (pki, stranger) = (Pki::new(), Pki::called("Stranger"));
    // The broker demands a certificate: with TLS 1.2 it breaks the handshake off, which is an alert.
    let wants = Wants::CertificateOf(&stranger);
    let config = tls_config(stranger.issue(&named("localhost")), &[&TLS12], wants);
    let (server, _got) = eager_server(config).await;
    let error = rejected(&server, &pki.settings()).await;
    assert_failure(&error, ConnectStage::Tls, ErrorCode::TlsUnknownIssuer);
    let facts = tls_facts(&error);
    assert!(facts.alert.is_some() && !facts.completed, "{facts:?}");
    // A broker that cannot prove its key either; what was seen until then is told.
    let (shown, other) = (stranger.issue(&named("localhost")), stranger.issue(&named("localhost")));
    let stolen = Identity { chain: shown.chain, ..other };
    let (server, _got) = eager_server(tls_config(stolen, &[&TLS13], Wants::Nothing)).await;
    let error = rejected(&server, &pki.settings()).await;
    assert_failure(&error, ConnectStage::Tls, ErrorCode::TlsUnknownIssuer);
    let facts = tls_facts(&error);
    assert_eq!(facts.version.as_deref(), Some("TLSv1.3"));
    assert!(facts.cipher.is_some() && facts.rejected.is_some() && !facts.completed);
}

#[tokio::test]
async fn a_key_that_was_not_proven_is_a_failed_check_too() {
    let pki = Pki::new();
    let (shown, other) = (pki.issue(&named("localhost")), pki.issue(&named("localhost")));
    let stolen = Identity { chain: shown.chain, ..other };
    let server = tls_server(stolen).await;
    let error = rejected(&server, &pki.settings()).await;
    assert_failure(&error, ConnectStage::Tls, ErrorCode::TlsServerKeyNotProven);
    let facts = tls_facts(&error);
    assert_eq!(facts.rejected.as_ref().unwrap().check, CertificateCheck::Signature);
    assert!(!facts.completed);
}

/// The parts of a certificate that do not differ from run to run.
fn plain(facts: &CertificateFacts) -> (&str, &str, u8, &str, u32, &str, bool, bool) {
    let CertificateFacts { subject, issuer, version, key, key_bits, signature, .. } = facts;
    (subject, issuer, *version, key, *key_bits, signature, facts.self_issued, facts.is_ca)
}

#[tokio::test]
async fn a_rejected_chain_is_told_whole() {
    let (pki, stranger) = (Pki::new(), Pki::called("Stranger"));
    let mut params =
        CertificateParams::new(vec!["broker.example".to_owned(), "10.0.0.1".to_owned()]).unwrap();
    params.distinguished_name.push(DnType::CommonName, "A broker");
    params.serial_number = Some(vec![0x0a, 0xff].into());
    params.not_before = date_time_ymd(2020, 1, 2);
    params.not_after = date_time_ymd(2090, 1, 2);
    let mut identity = stranger.issue(&params);
    identity.chain.push(stranger.authority.der().clone());
    let chain = identity.chain.clone();
    let leaf_pem = identity.chain_pem.clone();
    let mut config = tls_config(identity, &[&TLS13], Wants::Nothing);
    config.alpn_protocols = vec![b"mqtt".to_vec()];
    let (server, _got) = eager_server(config).await;
    let alpn = vec!["x-other".to_owned(), "mqtt".to_owned()];
    let error = rejected(&server, &TlsSettings { alpn, ..pki.settings() }).await;
    let facts = tls_facts(&error);
    assert_eq!(facts.server_name.as_deref(), Some("localhost"));
    assert_eq!(facts.offered_versions, ["TLSv1.2", "TLSv1.3"]);
    assert_eq!(facts.offered_alpn, ["x-other", "mqtt"]);
    assert_eq!(facts.alpn.as_deref(), Some("mqtt"));
    assert_eq!(facts.trust, TlsTrust::Profile);
    let [leaf, authority] = &facts.chain[..] else { panic!("{facts:?}") };
    let signature = "ecdsa-with-SHA256";
    assert_eq!(
        plain(leaf),
        ("CN=A broker", "CN=Stranger", 3, "EC P-256", 256, signature, false, false)
    );
    assert_eq!(
        plain(authority),
        ("CN=Stranger", "CN=Stranger", 3, "EC P-256", 256, signature, true, true)
    );
    assert_eq!(leaf.names, ["broker.example", "10.0.0.1"]);
    assert_eq!(leaf.serial, "0AFF");
    assert_eq!((leaf.not_before_s, leaf.not_after_s), (1_577_923_200, 3_786_998_400));
    assert_eq!(leaf.sha256.len(), 95);
    assert_eq!(leaf.pem.replace("\r\n", "\n"), leaf_pem.replace("\r\n", "\n"));
    for (told, der) in facts.chain.iter().zip(&chain) {
        use rustls::pki_types::pem::PemObject;
        assert_eq!(&CertificateDer::from_pem_slice(told.pem.as_bytes()).unwrap(), der);
    }
}

#[tokio::test]
async fn a_missing_intermediate_can_be_told_from_an_unknown_authority() {
    let pki = Pki::new();
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(Vec::<String>::new()).unwrap();
    params.distinguished_name.push(DnType::CommonName, "Intermediate");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let middle = params.signed_by(&key, &pki.authority).unwrap();
    let issuer = rcgen::Issuer::new(params, key);
    let own = KeyPair::generate().unwrap();
    let leaf = named("localhost").signed_by(&own, &issuer).unwrap();
    let alone = identity(&leaf, &own);
    let mut whole = identity(&leaf, &own);
    whole.chain.push(middle.der().clone());

    let server = tls_server(whole).await;
    succeed(&tls_options(Scheme::Mqtts, server.address, &pki.settings()).await).await;
    let server = tls_server(alone).await;
    let error = rejected(&server, &pki.settings()).await;
    let chain = &tls_facts(&error).chain;
    let [leaf] = &chain[..] else { panic!("{chain:?}") };
    assert!(!leaf.self_issued && leaf.issuer == "CN=Intermediate");
}

#[tokio::test]
async fn a_handshake_that_passes_leaves_its_facts_too() {
    let pki = Pki::new();
    for version in [&TLS12, &TLS13] {
        let (server, _got) = eager_server(curious(pki.issue(&named("localhost")), version)).await;
        let settings = pki.settings_with(&pki.issue(&named("client")));
        let options = tls_options(Scheme::Mqtts, server.address, &settings).await;
        let mut live = None;
        let dialled = dial_watched(&options, &mut |_, facts| live.clone_from(&facts.tls)).await;
        let facts = dialled.unwrap().facts.tls.unwrap();
        assert_eq!(live.as_ref(), Some(&facts));
        assert!(facts.completed && facts.rejected.is_none() && facts.alert.is_none());
        assert_eq!(facts.chain[0].subject, "CN=A broker");
        let own = facts.client_certificate.unwrap();
        assert_eq!(own.names, ["client"]);
        assert_eq!(options.tls.unwrap().client_certificate_facts(), Some(own));
    }
}

#[tokio::test]
async fn alerts_are_told_by_their_names() {
    for (alert, name, code) in [
        (40, "handshake_failure", ErrorCode::TlsNoCommonCipher),
        (71, "insufficient_security", ErrorCode::TlsNoCommonCipher),
        (112, "unrecognized_name", ErrorCode::TlsServerNameRefused),
    ] {
        let server = serve_answer(vec![0x15, 3, 3, 0, 2, 2, alert]).await;
        let error = rejected(&server, &Pki::new().settings()).await;
        assert_failure(&error, ConnectStage::Tls, code);
        assert_eq!(tls_facts(&error).alert.as_deref(), Some(name));
    }
    // One that comes after the handshake.
    let pki = Pki::new();
    let wants = Wants::CertificateOf(&pki);
    let server = tls_echo(tls_config(pki.issue(&named("localhost")), &[&TLS13], wants)).await;
    let options = tls_options(Scheme::Mqtts, server.address, &pki.settings()).await;
    let mut dialled = succeed(&options).await;
    let asked = dialled.facts.tls.unwrap();
    assert!(asked.client_certificate_asked && asked.client_certificate.is_none());
    assert_eq!(asked.client_authorities, ["CN=Test authority"]);
    let error = dialled.stream.read_u8().await.unwrap_err();
    let late = explain_late_failure(&error, &options, ConnectStage::Mqtt).unwrap();
    assert_eq!(tls_facts(&late).alert.as_deref(), Some("certificate_required"));
}

#[tokio::test]
async fn an_address_is_no_server_name_and_the_kind_of_trust_is_told() {
    let read = async |settings: TlsSettings| {
        TlsOptions::read(&settings, "127.0.0.1", &Secrets::default()).await.unwrap().facts()
    };
    let nothing = read(TlsSettings { verify: false, ..TlsSettings::default() }).await;
    assert_eq!((nothing.server_name, nothing.trust), (None, TlsTrust::Nothing));
    assert_eq!(nothing.expected_name, "127.0.0.1");
    let roots = TlsRoots::Pinned { sha256: vec!["AB".repeat(32)] };
    let pinned = read(TlsSettings { roots, ..TlsSettings::default() }).await;
    assert_eq!(pinned.trust, TlsTrust::Pinned);
}

#[tokio::test]
async fn our_own_certificate_is_read_before_the_dial() {
    let own =
        ClientCertificate::pem_files(fixture("rsa-client.pem"), fixture("rsa-client-pkcs1.key"));
    let pki = Pki::new();
    let settings = TlsSettings { client_certificate: Some(own), ..pki.settings() };
    let options = TlsOptions::read(&settings, "localhost", &Secrets::default()).await.unwrap();
    let facts = options.client_certificate_facts().unwrap();
    assert_eq!((facts.key.as_str(), facts.key_bits), ("RSA", 2048));
    assert_eq!(facts.signature, "sha256WithRSAEncryption");
    assert!(facts.not_before_s < facts.not_after_s);
}
