//! Certificates and handshakes.

use mqttscope_model::ConnectStage as S;
use mqttscope_model::ErrorCode as E;
use mqttscope_model::Scheme::Mqtts;
use mqttscope_model::{ClientCertificate, TlsRoots, TlsTrust, TlsVersion};

use super::Row;
use crate::tests::given::{Given, NOW_S, certificate, given};

pub(super) fn certificates() -> Vec<Row> {
    let at = |code| given(Mqtts, S::Tls, code);
    let leaf = || certificate("broker.example", "Plant CA");
    let system = TlsTrust::System;
    let with = |edit: fn(&mut mqttscope_model::CertificateFacts)| {
        let mut one = leaf();
        edit(&mut one);
        one
    };
    let named = |names: &'static [&'static str]| {
        let mut one = leaf();
        one.names = names.iter().map(|name| (*name).to_owned()).collect();
        one
    };
    let root = certificate("Plant CA", "Plant CA");
    let early = with(|one| one.not_before_s = NOW_S + 900 * 86_400);
    let old = with(|one| one.not_after_s = NOW_S - 400 * 86_400);
    let just = with(|one| one.not_after_s = NOW_S - 3600);
    let soon = with(|one| one.not_before_s = NOW_S + 3600);
    let long_ago = |g: Given| {
        let mut g = g;
        g.account.began_ms = 86_400_000;
        g
    };
    vec![
        (
            at(E::TlsUnknownIssuer).chain(system, &[leaf()]),
            &["tls.unknown_ca", "tls.intermediate_missing"],
            "trust_certificate",
        ),
        (
            at(E::TlsUnknownIssuer).chain(TlsTrust::Profile, &[leaf()]),
            &["tls.unknown_ca", "tls.intermediate_missing"],
            "trust_certificate",
        ),
        (
            at(E::TlsUnknownIssuer).chain(system, &[leaf(), root.clone()]),
            &["tls.unknown_ca"],
            "trust_certificate",
        ),
        (
            at(E::TlsUnknownIssuer)
                .chain(system, &[certificate("broker.example", "R3, O=Let's Encrypt")]),
            &["tls.intermediate_missing", "tls.unknown_ca"],
            "trust_certificate",
        ),
        (
            at(E::TlsUnknownIssuer)
                .chain(TlsTrust::Profile, &[certificate("broker.example", "Issuing CA 2")]),
            &["tls.intermediate_missing", "tls.unknown_ca"],
            "trust_certificate",
        ),
        (
            at(E::TlsUnknownIssuer)
                .profile(|p| p.tls.roots = TlsRoots::ca_file("/ca.pem"))
                .chain(TlsTrust::Profile, &[certificate("broker.example", "DigiCert G2")]),
            &["tls.unknown_ca", "tls.intermediate_missing"],
            "use_system_roots",
        ),
        (
            at(E::TlsUnknownIssuer).chain(system, &[leaf(), certificate("Other CA", "Other CA")]),
            &["tls.unknown_ca", "tls.intermediate_missing"],
            "trust_certificate",
        ),
        (
            at(E::TlsUnknownIssuer).chain(
                system,
                &[
                    certificate("broker.example", "Line 3"),
                    certificate("Line 3", "Plant CA"),
                    root.clone(),
                ],
            ),
            &["tls.unknown_ca"],
            "trust_certificate",
        ),
        (
            at(E::TlsUnknownIssuer).chain(
                system,
                &[certificate("a", "b"), certificate("b", "c"), certificate("c", "b")],
            ),
            &["tls.unknown_ca", "tls.intermediate_missing"],
            "trust_certificate",
        ),
        (
            at(E::TlsSelfSigned).chain(system, std::slice::from_ref(&root)),
            &["tls.self_signed"],
            "trust_certificate",
        ),
        (
            at(E::TlsCaAsServer).chain(system, std::slice::from_ref(&root)),
            &["tls.ca_as_server"],
            "trust_certificate",
        ),
        (
            at(E::TlsNotPinned)
                .chain(TlsTrust::Pinned, &[leaf()])
                .profile(|p| p.tls.roots = TlsRoots::Pinned { sha256: vec!["0".repeat(64)] }),
            &["tls.not_pinned"],
            "trust_certificate",
        ),
        (
            at(E::TlsWrongName).chain(system, &[named(&["*.other.example", "mq.other.example"])]),
            &["tls.wrong_name"],
            "use_server_name",
        ),
        (
            at(E::TlsWrongName).chain(system, &[named(&["*.other.example"])]),
            &["tls.wrong_name"],
            "trust_certificate",
        ),
        (
            at(E::TlsWrongName).chain(system, &[named(&["10.0.0.1"])]),
            &["tls.wrong_name"],
            "trust_certificate",
        ),
        (
            at(E::TlsCertificateWithoutNames).chain(system, &[named(&[])]),
            &["tls.certificate_without_names"],
            "trust_certificate",
        ),
        (
            at(E::TlsCertificateExpired).chain(system, &[old.clone(), root.clone()]),
            &["tls.certificate_expired"],
            "renew_certificate",
        ),
        (
            at(E::TlsCertificateExpired).chain(system, &[just]),
            &["tls.certificate_expired", "tls.clock_wrong"],
            "renew_certificate",
        ),
        (
            at(E::TlsCertificateExpired).chain(system, &[old.clone(), old]),
            &["tls.certificate_expired", "tls.clock_wrong"],
            "renew_certificate",
        ),
        (
            at(E::TlsCertificateNotYetValid).chain(system, std::slice::from_ref(&early)),
            &["tls.certificate_not_yet_valid", "tls.clock_wrong"],
            "set_clock",
        ),
        (
            at(E::TlsCertificateNotYetValid).chain(system, &[soon]),
            &["tls.clock_wrong", "tls.certificate_not_yet_valid"],
            "set_clock",
        ),
        (
            long_ago(at(E::TlsCertificateNotYetValid)).chain(system, &[early]),
            &["tls.clock_wrong"],
            "set_clock",
        ),
        (
            at(E::TlsCertificateVersion).chain(system, &[with(|one| one.version = 1)]),
            &["tls.certificate_version"],
            "trust_certificate",
        ),
        (
            at(E::TlsCertificateWeak).chain(system, &[with(|one| one.key_bits = 1024)]),
            &["tls.certificate_weak"],
            "reissue_certificate",
        ),
        (
            at(E::TlsCertificateWeak).chain(system, &[leaf(), with(|one| one.key_bits = 1024)]),
            &["tls.certificate_weak"],
            "trust_certificate",
        ),
        (
            at(E::TlsIssuerKeyDiffers).chain(TlsTrust::Profile, &[leaf()]),
            &["tls.issuer_key_differs"],
            "trust_certificate",
        ),
        (
            at(E::TlsServerKeyNotProven).chain(system, &[leaf()]),
            &["tls.server_key_not_proven"],
            "reissue_certificate",
        ),
        (
            at(E::TlsCertificateInvalid).chain(system, &[leaf()]),
            &["tls.certificate_invalid"],
            "trust_certificate",
        ),
    ]
}

pub(super) fn handshakes() -> Vec<Row> {
    let at = |code| given(Mqtts, S::Tls, code).chain(TlsTrust::System, &[]);
    let asked = |g: Given| g.tls(|tls| tls.client_certificate_asked = true);
    let own = |g: Given| {
        g.profile(|p| p.tls.client_certificate = Some(ClientCertificate::pem_files("c", "k"))).tls(
            |tls| {
                tls.client_certificate_asked = true;
                tls.client_certificate = Some(certificate("device", "Plant CA"));
            },
        )
    };
    let aws = "abc-ats.iot.eu-west-1.amazonaws.com";
    let offered = |g: Given| g.profile(|p| p.tls.alpn = vec!["x".to_owned()]);
    let no_name = |g: Given| g.tls(|tls| tls.server_name = None);
    vec![
        (at(E::TlsVersionUnsupported), &["tls.version_unsupported"], "update_broker"),
        (
            at(E::TlsVersionUnsupported).profile(|p| p.tls.min_version = TlsVersion::V13),
            &["tls.version_unsupported"],
            "allow_tls_versions",
        ),
        (
            at(E::TlsClientCertificateRequired),
            &["tls.client_certificate_required"],
            "choose_client_certificate",
        ),
        (
            own(at(E::TlsClientCertificateRejected)),
            &["tls.client_certificate_rejected"],
            "choose_client_certificate",
        ),
        (
            at(E::TlsServerNameRefused).at("10.0.0.1", 8883),
            &["tls.server_name_refused"],
            "use_host",
        ),
        (
            at(E::TlsServerNameRefused).profile(|p| p.tls.server_name = "old.example".to_owned()),
            &["tls.server_name_refused"],
            "use_server_name",
        ),
        (offered(at(E::TlsAlpnRefused)), &["tls.alpn_refused"], "without_alpn"),
        (at(E::TlsAlpnRefused), &["tls.alpn_refused"], "use_alpn"),
        (at(E::TlsAlpnRefused).at(aws, 443), &["tls.alpn_refused"], "use_alpn"),
        (at(E::TlsClosed), &["tls.closed"], "try_other_schemes"),
        (no_name(at(E::TlsClosed)), &["tls.server_name_refused", "tls.closed"], "use_server_name"),
        (
            asked(at(E::TlsClosed)),
            &["tls.client_certificate_required", "tls.closed"],
            "choose_client_certificate",
        ),
        (
            own(at(E::TlsClosed)),
            &["tls.closed", "tls.client_certificate_rejected"],
            "try_other_schemes",
        ),
        (
            at(E::TlsFailed).detail("reason", "the broker sent the alert HandshakeFailure"),
            &["tls.no_common_cipher"],
            "update_broker",
        ),
        (
            at(E::TlsFailed).tls(|tls| tls.alert = Some("handshake_failure".to_owned())),
            &["tls.no_common_cipher"],
            "update_broker",
        ),
        (
            asked(at(E::TlsFailed)).tls(|tls| tls.alert = Some("internal_error".to_owned())),
            &["tls.client_certificate_required", "tls.failed"],
            "choose_client_certificate",
        ),
        (
            at(E::TlsFailed).tls(|tls| tls.alert = Some("internal_error".to_owned())),
            &["tls.failed", "tls.server_name_refused"],
            "read_broker_log",
        ),
        (at(E::TlsFailed), &["tls.failed"], "read_broker_log"),
        (
            asked(given(Mqtts, S::Mqtt, E::MqttClosed)),
            &["tls.client_certificate_required", "mqtt.closed_before_connack"],
            "choose_client_certificate",
        ),
        (
            own(given(Mqtts, S::Mqtt, E::MqttClosed)),
            &["mqtt.closed_before_connack", "tls.client_certificate_rejected"],
            "use_version",
        ),
        (
            given(Mqtts, S::Mqtt, E::MqttClosed).at(aws, 443),
            &["tls.alpn_refused", "mqtt.closed_before_connack"],
            "use_alpn",
        ),
    ]
}
