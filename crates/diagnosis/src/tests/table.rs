//! Every row of the two tables of faults, and what else the rules tell apart: evidence, causes in order, first fix.

use std::collections::BTreeSet;

use mqttscope_model::ConnectStage as S;
use mqttscope_model::ErrorCode as E;
use mqttscope_model::Scheme::{Mqtt, Mqtts, Ws, Wss};
use mqttscope_model::{
    AddressFamily, Authentication, ClientCertificate, FilterState, NameFacts, ProtocolVersion,
    Proxy, ProxyServer, QoS, ReasonCode, SentPacket, StreamEnd, SubscribeFacts, Subscription,
    SubscriptionState, TlsRoots, TlsTrust, TlsVersion, Will, WillPayload, WillProperties,
};

use super::given::{Given, NOW_S, answer, certificate, given, lost, lost_after};
use crate::{CauseCode, FixCode, Verdict};

/// Evidence, the causes in their order, the fix that is offered first.
type Row = (Given, &'static [&'static str], &'static str);

fn settings() -> Vec<Row> {
    let at = |code| given(Mqtts, S::Settings, code);
    let with_files = |code| {
        at(code)
            .profile(|p| {
                p.tls.roots = TlsRoots::ca_file("/ca.pem");
                p.tls.client_certificate =
                    Some(ClientCertificate::pem_files("/own.pem", "/own.key"));
            })
            .detail("file", "/ca.pem")
    };
    vec![
        (
            at(E::TlsVersionsInvalid).profile(|p| p.tls.min_version = TlsVersion::V13),
            &["settings.invalid"],
            "allow_tls_versions",
        ),
        (
            given(Ws, S::Settings, E::WebSocketPathInvalid).path("a b"),
            &["settings.invalid"],
            "use_path",
        ),
        (at(E::ProfileInvalid), &["settings.invalid"], "mend_field"),
        (at(E::WebSocketHeaderInvalid), &["settings.invalid"], "mend_field"),
        (
            at(E::TlsServerNameInvalid).profile(|p| p.tls.server_name = "a b".to_owned()),
            &["settings.invalid"],
            "mend_field",
        ),
        (
            at(E::ProxyInvalid).profile(|p| p.proxy = Proxy::System),
            &["settings.invalid"],
            "check_proxy",
        ),
        (
            at(E::SecretMissing).detail("secret", "proxy_password"),
            &["secret.missing"],
            "give_secret",
        ),
        (with_files(E::TlsFileUnreadable), &["settings.file_unusable"], "choose_file"),
        (with_files(E::WillFileTooLarge), &["settings.file_unusable"], "choose_file"),
        (with_files(E::TlsKeyEncrypted), &["tls.key_encrypted"], "give_passphrase"),
        (with_files(E::TlsPassphraseWrong), &["tls.passphrase_wrong"], "give_passphrase"),
        (
            with_files(E::TlsKeyMismatch)
                .detail("key", "/own.key")
                .detail("certificate", "/own.pem"),
            &["tls.key_mismatch"],
            "choose_file",
        ),
        (at(E::TlsRootsMissing), &["tls.roots_missing"], "choose_ca"),
    ]
}

fn network() -> Vec<Row> {
    let at = |stage, code| given(Mqtt, stage, code);
    let other_family =
        |p: &mut mqttscope_model::Profile| p.address_family = AddressFamily::OnlyIpv6;
    let left_out = NameFacts {
        name: "broker.example".to_owned(),
        addresses: Vec::new(),
        left_out: vec!["10.0.0.1".to_owned()],
    };
    vec![
        (at(S::Name, E::NameNotFound), &["name.not_found"], "check_name"),
        (at(S::Name, E::NameNotFound).at("printer.local", 1883), &["name.local"], "check_name"),
        (
            at(S::Name, E::NameNotFound).profile(other_family).facts(|f| f.name = Some(left_out)),
            &["name.other_family"],
            "use_any_family",
        ),
        (at(S::Name, E::NameLookupFailed), &["name.lookup_failed"], "check_network"),
        (at(S::Name, E::NameTimedOut), &["name.lookup_failed"], "check_network"),
        (at(S::Tcp, E::TcpRefused), &["tcp.refused"], "check_broker_runs"),
        (at(S::Tcp, E::TcpTimedOut), &["tcp.timed_out"], "open_firewall"),
        (
            given(Mqtts, S::Tcp, E::TcpTimedOut).at("x.ala.emqxsl.com", 1883),
            &["tcp.timed_out"],
            "use_port",
        ),
        (at(S::Tcp, E::TcpUnreachable), &["tcp.unreachable"], "check_network"),
        (at(S::Tcp, E::TcpReset), &["tcp.reset"], "open_firewall"),
        (at(S::Tcp, E::TcpFailed), &["tcp.failed"], "check_network"),
    ]
}

fn proxies() -> Vec<Row> {
    let at = |code| {
        given(Mqtt, S::Proxy, code).detail("proxy", "proxy.example:3128").profile(|p| {
            let server = ProxyServer {
                host: "proxy.example".to_owned(),
                port: 3128,
                user_name: String::new(),
                password: None,
            };
            p.proxy = Proxy::Socks5 { server };
        })
    };
    vec![
        (at(E::ProxyUnreachable), &["proxy.unreachable"], "check_proxy"),
        (at(E::ProxyUnauthorised), &["proxy.credentials"], "proxy_credentials"),
        (at(E::ProxyForbidden), &["proxy.forbidden"], "without_proxy"),
        (at(E::ProxyBrokerUnreachable), &["proxy.broker_unreachable"], "check_broker_runs"),
        (
            at(E::ProxyNotSpoken).first_bytes(b"HTTP/1.1 400", Some("HTTP")),
            &["proxy.not_spoken"],
            "check_proxy",
        ),
        (at(E::ProxyRefused).detail("status", "405"), &["proxy.not_spoken"], "check_proxy"),
        (at(E::ProxyTimedOut), &["proxy.failed"], "check_proxy"),
        (at(E::ProxyClosed), &["proxy.failed"], "check_proxy"),
    ]
}

fn ports() -> Vec<Row> {
    let tls = || given(Mqtts, S::Tls, E::TlsNotSpoken);
    let closed = || given(Mqtt, S::Mqtt, E::MqttClosed);
    vec![
        (tls(), &["port.is_plain", "tls.closed"], "use_scheme"),
        (tls().first_bytes(b"\x20\x02\0\x01", Some("MQTT")), &["port.is_plain"], "use_scheme"),
        (
            given(Wss, S::Tls, E::TlsNotSpoken).first_bytes(b"HTTP/1.1 400", Some("HTTP")),
            &["port.is_plain"],
            "use_scheme",
        ),
        (tls().first_bytes(b"HTTP/1.1 400", Some("HTTP")), &["port.is_http"], "use_scheme"),
        (tls().first_bytes(b"SSH-2.0", Some("SSH")), &["port.is_other"], "use_port"),
        (tls().speaks(Mqtt), &["port.is_plain"], "use_scheme"),
        (given(Mqtts, S::Tls, E::TlsTimedOut), &["port.is_silent"], "check_broker_runs"),
        (
            given(Mqtts, S::Tls, E::TlsTimedOut).first_bytes(b"\x16\x03", Some("TLS")),
            &["tls.timed_out"],
            "allow_more_time",
        ),
        (
            closed().end(StreamEnd::Closed),
            &["mqtt.closed_before_connack", "port.wants_tls"],
            "use_version",
        ),
        (
            closed().at("h", 9000).end(StreamEnd::Reset),
            &["port.wants_tls", "mqtt.closed_before_connack"],
            "use_scheme",
        ),
        (
            closed().at("h", 8883).end(StreamEnd::Closed),
            &["port.wants_tls", "mqtt.closed_before_connack"],
            "use_scheme",
        ),
        (closed().speaks(Mqtts), &["port.wants_tls"], "use_scheme"),
        (closed().speaks(Ws), &["port.is_http"], "use_scheme"),
        (
            given(Mqtt, S::Mqtt, E::MqttMalformed).first_bytes(b"\x15\x03\x01", Some("TLS")),
            &["port.wants_tls"],
            "use_scheme",
        ),
        (
            given(Mqtt, S::Mqtt, E::MqttMalformed).first_bytes(b"HTTP/1.1 400", Some("HTTP")),
            &["port.is_http"],
            "use_scheme",
        ),
        (
            given(Mqtt, S::Mqtt, E::MqttMalformed).first_bytes(b"220 mail ESMTP\r\n", None),
            &["port.is_other"],
            "use_port",
        ),
        (
            given(Mqtt, S::Mqtt, E::MqttMalformed).first_bytes(&[0xff; 8], None),
            &["mqtt.malformed"],
            "use_port",
        ),
        (
            given(Mqtt, S::Mqtt, E::MqttMalformed).first_bytes(b"\x20\x03\0\0\0", Some("MQTT")),
            &["mqtt.malformed"],
            "use_version",
        ),
        (given(Mqtt, S::Mqtt, E::MqttProtocolError), &["mqtt.malformed"], "use_version"),
        (
            given(Mqtt, S::Mqtt, E::MqttTimedOut),
            &["mqtt.no_connack", "port.is_silent"],
            "try_other_schemes",
        ),
        (
            given(Mqtt, S::Mqtt, E::MqttTimedOut).at("h", 8883),
            &["port.wants_tls", "mqtt.no_connack"],
            "use_scheme",
        ),
        (given(Wss, S::Mqtt, E::MqttTimedOut), &["mqtt.no_connack"], "allow_more_time"),
        (given(Mqtt, S::Mqtt, E::MqttTimedOut).speaks(Wss), &["port.is_http"], "use_scheme"),
    ]
}

fn certificates() -> Vec<Row> {
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

fn handshakes() -> Vec<Row> {
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

fn http() -> Vec<Row> {
    let body = |text: &'static str| {
        move |facts: &mut mqttscope_model::Facts| {
            facts.websocket.as_mut().unwrap().body = text.to_owned();
        }
    };
    let no_certificate = body("<h1>400 Bad Request</h1>No required SSL certificate was sent");
    let speaks_tls = body("Reason: You're speaking plain HTTP to an SSL-enabled server port.");
    let asked = |g: Given| g.tls(|tls| tls.client_certificate_asked = true);
    let own = |g: Given| {
        asked(g).tls(|tls| tls.client_certificate = Some(certificate("device", "Plant CA")))
    };
    let at = |code| given(Ws, S::WebSocket, code);
    let moved = |to: &str| at(E::WebSocketRedirected).http(302, &[("Location", to)]);
    vec![
        (
            at(E::WebSocketPathNotFound).http(404, &[]).path("/x"),
            &["websocket.path_not_found"],
            "use_path",
        ),
        (at(E::WebSocketPathNotFound).http(404, &[]), &["websocket.path_not_found"], "use_path"),
        (moved("/new"), &["websocket.redirected"], "use_path"),
        (moved("https://broker.example/mqtt"), &["websocket.redirected"], "use_scheme"),
        (
            moved("/login?next=/mqtt"),
            &["websocket.redirected", "websocket.web_page"],
            "log_in_to_network",
        ),
        (
            moved("https://portal.hotel.example/"),
            &["websocket.redirected", "websocket.web_page"],
            "log_in_to_network",
        ),
        (
            moved("http://other.example/mqtt"),
            &["websocket.redirected", "websocket.web_page"],
            "use_host",
        ),
        (at(E::WebSocketNotUpgraded).http(200, &[]).path("/"), &["websocket.web_page"], "use_path"),
        (at(E::WebSocketNotUpgraded).http(200, &[]), &["websocket.web_page"], "log_in_to_network"),
        (
            at(E::WebSocketNotUpgraded).http(400, &[]),
            &["websocket.upgrade_not_passed"],
            "configure_gateway",
        ),
        (
            at(E::WebSocketNotUpgraded).http(426, &[]),
            &["websocket.upgrade_not_passed"],
            "configure_gateway",
        ),
        (
            at(E::WebSocketUnauthorised).http(401, &[]),
            &["websocket.unauthorised"],
            "give_http_credentials",
        ),
        (
            at(E::WebSocketUnauthorised).http(407, &[]),
            &["websocket.unauthorised"],
            "proxy_credentials",
        ),
        (
            at(E::WebSocketUnauthorised).http(403, &[]),
            &["websocket.forbidden"],
            "ask_for_permission",
        ),
        (
            asked(at(E::WebSocketNotUpgraded)).http(400, &[]).facts(no_certificate),
            &["tls.client_certificate_required"],
            "choose_client_certificate",
        ),
        (
            own(at(E::WebSocketNotUpgraded)).http(400, &[]).facts(no_certificate),
            &["tls.client_certificate_rejected"],
            "choose_client_certificate",
        ),
        (
            asked(at(E::WebSocketUnauthorised)).http(403, &[]),
            &["websocket.forbidden", "tls.client_certificate_required"],
            "ask_for_permission",
        ),
        (
            asked(at(E::WebSocketUnauthorised)).http(401, &[]),
            &["websocket.unauthorised", "tls.client_certificate_required"],
            "give_http_credentials",
        ),
        (
            at(E::WebSocketNotUpgraded).http(400, &[]).facts(speaks_tls),
            &["port.wants_tls"],
            "use_scheme",
        ),
        (
            at(E::WebSocketGatewayFailed).http(502, &[]),
            &["websocket.gateway_failed"],
            "check_broker_runs",
        ),
        (at(E::WebSocketRefused).http(500, &[]), &["websocket.refused"], "configure_gateway"),
        (at(E::WebSocketRefused).http(429, &[]), &["websocket.refused"], "wait_and_retry"),
        (
            at(E::WebSocketSubprotocol).http(101, &[]),
            &["websocket.subprotocol"],
            "accept_without_subprotocol",
        ),
        (
            at(E::WebSocketSubprotocol).detail("answered", "mqttv3.1"),
            &["websocket.subprotocol"],
            "use_version",
        ),
        (
            at(E::WebSocketSubprotocol).detail("answered", "chat"),
            &["websocket.subprotocol"],
            "configure_gateway",
        ),
        (
            at(E::WebSocketNotSpoken).first_bytes(b"\x20\x02\0\0", Some("MQTT")),
            &["port.is_mqtt"],
            "use_scheme",
        ),
        (
            at(E::WebSocketNotSpoken)
                .detail("spoken", "something else")
                .first_bytes(b"\x13\x37", None),
            &["port.is_other"],
            "use_port",
        ),
        (at(E::WebSocketTlsWanted), &["port.wants_tls"], "use_scheme"),
        (at(E::WebSocketClosed), &["port.is_mqtt", "websocket.failed"], "use_scheme"),
        (
            at(E::WebSocketClosed).at("h", 443),
            &["port.wants_tls", "websocket.failed"],
            "use_scheme",
        ),
        (at(E::WebSocketClosed).speaks(Wss), &["port.wants_tls"], "use_scheme"),
        (at(E::WebSocketClosed).speaks(Mqtt), &["port.is_mqtt"], "use_scheme"),
        (at(E::WebSocketTimedOut), &["websocket.failed", "port.is_silent"], "try_other_schemes"),
        (at(E::WebSocketFailed), &["websocket.failed"], "try_other_schemes"),
    ]
}

fn will(g: Given) -> Given {
    g.profile(|p| {
        p.will = Some(Will {
            topic: "plant/state".to_owned(),
            payload: WillPayload::default(),
            qos: QoS::ExactlyOnce,
            retain: true,
            properties: WillProperties::default(),
        });
    })
}

fn connacks() -> Vec<Row> {
    let at = |error, code| given(Mqtt, S::Mqtt, error).connack(code);
    let refused = |code| at(E::MqttRefused, code);
    let old = |error, code: &str| {
        given(Mqtt, S::Mqtt, error)
            .detail("reason", code)
            .profile(|p| p.version = ProtocolVersion::V311)
    };
    let elsewhere = refused(0x9c).mqtt(|m| {
        m.connack.as_mut().unwrap().server_reference =
            Some("b2.example:1884 b3.example".to_owned());
    });
    let scram = |g: Given| {
        g.profile(|p| {
            p.authentication = Some(Authentication::Other { name: "K8S".to_owned(), data: None });
        })
    };
    let malformed = |code| at(E::MqttMalformed, code);
    let nameless = refused(0x80).mqtt(|mqtt| mqtt.client_id = String::new());
    vec![
        (malformed(0x8b), &["mqtt.unavailable"], "wait_and_retry"),
        (malformed(0xc3), &["mqtt.refused"], "read_broker_log"),
        (malformed(6), &["mqtt.refused"], "read_broker_log"),
        (malformed(5), &["mqtt.not_authorised"], "check_credentials"),
        (nameless, &["mqtt.client_id_refused", "mqtt.refused"], "use_plain_client_id"),
        (old(E::MqttVersionRefused, "1"), &["mqtt.version_refused"], "use_version"),
        (old(E::MqttClientIdRefused, "2"), &["mqtt.client_id_refused"], "use_plain_client_id"),
        (old(E::MqttUnavailable, "3"), &["mqtt.unavailable"], "wait_and_retry"),
        (old(E::MqttNotAuthorised, "4"), &["mqtt.not_authorised"], "check_credentials"),
        (old(E::MqttNotAuthorised, "5"), &["mqtt.not_authorised"], "check_credentials"),
        (old(E::MqttRefused, "6"), &["mqtt.refused"], "read_broker_log"),
        (refused(0x80), &["mqtt.refused"], "read_broker_log"),
        (refused(0x81), &["mqtt.connect_invalid"], "read_broker_log"),
        (refused(0x82), &["mqtt.connect_invalid"], "read_broker_log"),
        (refused(0x83), &["mqtt.refused"], "read_broker_log"),
        (at(E::MqttVersionRefused, 0x84), &["mqtt.version_refused"], "use_version"),
        (at(E::MqttClientIdRefused, 0x85), &["mqtt.client_id_refused"], "use_plain_client_id"),
        (at(E::MqttNotAuthorised, 0x86), &["mqtt.not_authorised"], "check_credentials"),
        (at(E::MqttNotAuthorised, 0x87), &["mqtt.not_authorised"], "check_credentials"),
        (at(E::MqttUnavailable, 0x88), &["mqtt.unavailable"], "wait_and_retry"),
        (at(E::MqttUnavailable, 0x89), &["mqtt.unavailable"], "wait_and_retry"),
        (refused(0x8a), &["mqtt.banned"], "ask_for_permission"),
        (refused(0x8b), &["mqtt.unavailable"], "wait_and_retry"),
        (
            at(E::MqttAuthenticationUnsupported, 0x8c),
            &["mqtt.authentication_method"],
            "check_credentials",
        ),
        (
            scram(at(E::MqttAuthenticationUnsupported, 0x8c)),
            &["mqtt.authentication_method"],
            "without_authentication",
        ),
        (
            scram(at(E::MqttAuthenticationFailed, 0x87)),
            &["mqtt.authentication_failed"],
            "check_credentials",
        ),
        (scram(at(E::MqttServerNotAuthentic, 0x00)), &["mqtt.server_not_authentic"], "check_name"),
        (refused(0x90), &["mqtt.topic_name_invalid"], "read_broker_log"),
        (will(refused(0x90)), &["mqtt.topic_name_invalid"], "without_will"),
        (at(E::MqttPacketTooLarge, 0x95), &["mqtt.packet_too_large"], "read_broker_log"),
        (will(at(E::MqttPacketTooLarge, 0x95)), &["mqtt.packet_too_large"], "without_will"),
        (refused(0x97), &["mqtt.quota_exceeded"], "wait_and_retry"),
        (will(refused(0x99)), &["mqtt.payload_format_invalid"], "without_will"),
        (will(refused(0x9a)), &["mqtt.retain_not_supported"], "without_will_retain"),
        (will(refused(0x9b)), &["mqtt.qos_not_supported"], "use_will_qos"),
        (elsewhere, &["mqtt.another_server"], "use_host"),
        (refused(0x9d), &["mqtt.another_server"], "ask_for_permission"),
        (at(E::MqttUnavailable, 0x9f), &["mqtt.rate_exceeded"], "wait_and_retry"),
        (refused(0xc3), &["mqtt.refused"], "read_broker_log"),
    ]
}

fn ended() -> Vec<Row> {
    let at = |code| given(Mqtt, S::Staying, code);
    let told = |error, code: u8| at(error).mqtt(|mqtt| mqtt.disconnect = Some(answer(code)));
    let lost_ = || at(E::MqttConnectionLost);
    let wanted = |g: Given| {
        g.profile(|p| {
            p.subscriptions =
                vec![Subscription { filter: "plant/7".to_owned(), qos: QoS::AtLeastOnce }];
        })
    };
    let subscribing = |answer, closed_after_ms| {
        wanted(given(Mqtt, S::Subscribe, E::MqttConnectionLost)).facts(|facts| {
            let filter = "plant/7".to_owned();
            let answers = vec![SubscriptionState { filter, qos: QoS::AtLeastOnce, answer }];
            facts.subscribe = Some(SubscribeFacts { answers, watched_ms: 2000, closed_after_ms });
        })
    };
    let refused = FilterState::Refused { reason: ReasonCode(0x87) };
    let silent = |ms| {
        let mut past = lost(ms);
        past.error.code = E::MqttKeepAliveTimedOut;
        past
    };
    vec![
        (lost_(), &["session.connection_lost"], "check_network"),
        (at(E::MqttTakenOver), &["session.taken_over"], "use_other_client_id"),
        (
            lost_().past(vec![lost(900), lost(950), lost(920)]),
            &["session.taken_over"],
            "use_other_client_id",
        ),
        (
            lost_().past(vec![lost(1500), lost(4800)]),
            &["session.taken_over"],
            "use_other_client_id",
        ),
        (
            lost_().past(vec![lost(3010), lost(3000), lost(3020)]),
            &["session.regular_drops", "session.taken_over"],
            "use_keep_alive",
        ),
        (
            lost_().past(vec![lost(50_100), lost(50_000), lost(100_200)]),
            &["session.regular_drops"],
            "use_keep_alive",
        ),
        (
            lost_().past(vec![lost(3_600_000), lost(3_600_200), lost(3_600_100)]),
            &["session.regular_drops"],
            "read_broker_log",
        ),
        (
            lost_().past(vec![lost(90_000), lost(31_000), lost(47_000)]),
            &["session.connection_lost"],
            "check_network",
        ),
        (
            lost_().past(vec![lost(60_000), lost(60_000)]),
            &["session.connection_lost"],
            "check_network",
        ),
        (at(E::MqttKeepAliveTimedOut), &["session.ping_unanswered"], "read_broker_log"),
        (
            at(E::MqttKeepAliveTimedOut).past(vec![silent(90_000), silent(90_500), silent(90_100)]),
            &["session.regular_drops", "session.ping_unanswered"],
            "use_keep_alive",
        ),
        (
            lost_().past(vec![lost_after(SentPacket::Publish, 60_000)]),
            &["publish.closed"],
            "ask_for_permission",
        ),
        (
            wanted(lost_()).past(vec![lost_after(SentPacket::Subscribe, 60_000)]),
            &["subscribe.closed"],
            "without_subscription",
        ),
        (
            lost_().past(vec![
                lost_after(SentPacket::Publish, 500),
                lost_after(SentPacket::Publish, 700),
            ]),
            &["publish.closed", "session.taken_over"],
            "ask_for_permission",
        ),
        (told(E::MqttDisconnected, 0x83), &["session.disconnected"], "read_broker_log"),
        (told(E::MqttDisconnected, 0x8d), &["session.disconnected"], "use_keep_alive"),
        (told(E::MqttNotAuthorised, 0x87), &["session.disconnected"], "ask_for_permission"),
        (told(E::MqttRefused, 0x9d), &["session.disconnected"], "ask_for_permission"),
        (subscribing(refused, None), &["subscribe.refused"], "without_subscription"),
        (
            subscribing(FilterState::Pending, Some(30)),
            &["subscribe.closed"],
            "without_subscription",
        ),
        (
            given(Mqtt, S::Subscribe, E::SubscribeUnanswered),
            &["subscribe.unanswered"],
            "read_broker_log",
        ),
        (given(Mqtt, S::Mqtt, E::Internal), &["unknown"], "read_broker_log"),
    ]
}

/// Providers that say what they want in their documentation only.
fn providers() -> Vec<Row> {
    let uiot = |code| {
        given(Ws, S::Mqtt, code).at("mqtt-cn-sh2.iot.ucloud.cn", 80).profile(|p| {
            p.user_name = "SN|DN|1".to_owned();
            p.password = Some(mqttscope_model::SecretName::password_of(&p.id));
        })
    };
    let old = |g: Given| g.profile(|p| p.version = ProtocolVersion::V311);
    let azure = "hub.azure-devices.net";
    vec![
        (
            given(Mqtt, S::Tcp, E::TcpTimedOut).at("x.ala.emqxsl.com", 1883),
            &["tcp.timed_out"],
            "use_scheme",
        ),
        (
            given(Mqtt, S::Tcp, E::TcpRefused).at("x.s1.eu.hivemq.cloud", 1883),
            &["tcp.refused"],
            "use_scheme",
        ),
        (
            given(Wss, S::WebSocket, E::WebSocketPathNotFound).at(azure, 443).http(404, &[]),
            &["websocket.path_not_found"],
            "use_path",
        ),
        (uiot(E::MqttClosed), &["mqtt.closed_before_connack"], "use_version"),
        (old(will(uiot(E::MqttClosed))), &["mqtt.closed_before_connack"], "without_will"),
        (
            given(Mqtts, S::Mqtt, E::MqttNotAuthorised).at(azure, 8883).connack(5),
            &["mqtt.not_authorised"],
            "use_version",
        ),
        (
            given(Mqtts, S::Mqtt, E::MqttClosed).at("a.iot.eu-west-1.amazonaws.com", 8883),
            &["mqtt.closed_before_connack"],
            "choose_client_certificate",
        ),
        (
            given(Mqtts, S::Mqtt, E::MqttNotAuthorised)
                .connack(0x87)
                .tls(|tls| tls.client_certificate_asked = true),
            &["mqtt.not_authorised", "tls.client_certificate_required"],
            "check_credentials",
        ),
        (
            given(Mqtt, S::Mqtt, E::MqttMalformed)
                .at("h", 443)
                .first_bytes(b"HTTP/1.1 400", Some("HTTP")),
            &["port.is_http"],
            "use_scheme",
        ),
    ]
}

/// All of it.
pub(super) fn rows() -> Vec<Row> {
    [
        settings(),
        network(),
        proxies(),
        ports(),
        certificates(),
        handshakes(),
        http(),
        connacks(),
        providers(),
        ended(),
    ]
    .concat()
}

#[test]
fn evidence_leads_to_its_causes_in_order_and_the_best_fix_first() {
    let mut wrong = Vec::new();
    for (given, causes, fix) in rows() {
        let said = given.judged();
        let named: Vec<&str> = said.causes.iter().map(|cause| cause.code.as_str()).collect();
        let first = said.fixes.first().map_or("none", |fix| fix.code.as_str());
        if named != causes || first != fix {
            let code = given.account.attempt.error.as_ref().unwrap().code;
            wrong.push(format!("{code:?}: {named:?} {first}, not {causes:?} {fix}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn an_alert_after_the_handshake_is_still_of_tls() {
    let said = given(Mqtts, S::Mqtt, E::TlsClientCertificateRequired).judged();
    assert_eq!(said.stage, Some(S::Tls));
}

#[test]
fn a_failure_names_its_stage() {
    let said = given(Mqtt, S::Tcp, E::TcpRefused).judged();
    assert_eq!((said.verdict, said.stage), (Verdict::Failed, Some(S::Tcp)));
}

#[test]
fn no_code_is_dead() {
    let (mut causes, mut fixes) = (BTreeSet::new(), BTreeSet::new());
    for (given, _, _) in rows() {
        let said = given.judged();
        causes.extend(said.causes.iter().map(|cause| cause.code));
        fixes.extend(said.fixes.iter().map(|fix| fix.code));
    }
    let dead: Vec<_> = CauseCode::ALL.iter().filter(|code| !causes.contains(code)).collect();
    assert!(dead.is_empty(), "no rule names {dead:?}");
    let dead: Vec<_> = FixCode::ALL.iter().filter(|code| !fixes.contains(code)).collect();
    assert!(dead.is_empty(), "no rule offers {dead:?}");
}

#[test]
fn a_connection_that_stands_is_fine_and_says_what_was_noticed() {
    let fine = given(Mqtt, S::Mqtt, E::Internal).stands();
    let said = fine.judged();
    assert_eq!((said.verdict, said.stage, said.causes.len()), (Verdict::Ok, None, 0));
    let said = fine.past(vec![lost(900), lost(950)]).judged();
    assert_eq!(said.verdict, Verdict::Ok);
    assert_eq!(said.causes.first().unwrap().code, CauseCode::TakenOver);
}

#[test]
fn a_cancelled_attempt_has_no_cause() {
    let said = given(Mqtt, S::Tcp, E::Cancelled).judged();
    assert_eq!((said.verdict, said.causes.len(), said.fixes.len()), (Verdict::Cancelled, 0, 0));
}

#[test]
fn an_intermediate_that_has_expired_is_called_by_its_name() {
    let mut old = certificate("Line 3", "Plant CA");
    old.not_after_s = NOW_S - 90 * 86_400;
    let said = given(Mqtts, S::Tls, E::TlsCertificateExpired)
        .chain(TlsTrust::System, &[certificate("broker.example", "Line 3"), old])
        .judged();
    let message = &said.causes.first().unwrap().message;
    assert!(message.contains("CN=Line 3") && message.contains("2026-08-23"), "{message}");
}

#[test]
fn the_key_of_nobody_is_never_trusted_at_a_click() {
    let leaf = certificate("broker.example", "Plant CA");
    let said = given(Mqtts, S::Tls, E::TlsServerKeyNotProven)
        .chain(TlsTrust::System, &[leaf])
        .detail("certificate_sha256", "AB")
        .judged();
    assert!(said.fixes.iter().all(|fix| fix.code != FixCode::TrustCertificate));
}

#[test]
fn the_query_of_a_redirect_is_not_told() {
    let said = given(Ws, S::WebSocket, E::WebSocketRedirected)
        .http(302, &[("Location", "/new?token=planted")])
        .judged();
    assert!(!format!("{said:?}").contains("planted"));
}
