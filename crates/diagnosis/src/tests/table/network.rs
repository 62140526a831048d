//! Settings, names, TCP, proxies, and what a port speaks.

use mqttscope_model::ConnectStage as S;
use mqttscope_model::ErrorCode as E;
use mqttscope_model::Scheme::{Mqtt, Mqtts, Ws, Wss};
use mqttscope_model::{
    AddressFamily, AddressOutcome, AddressTry, ClientCertificate, NameFacts, Proxy, ProxyServer,
    StreamEnd, TcpFacts, TlsRoots, TlsVersion,
};

use super::Row;
use crate::tests::given::given;

pub(super) fn settings() -> Vec<Row> {
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

pub(super) fn network() -> Vec<Row> {
    let at = |stage, code| given(Mqtt, stage, code);
    let other_family =
        |p: &mut mqttscope_model::Profile| p.address_family = AddressFamily::OnlyIpv6;
    let left_out = NameFacts {
        name: "broker.example".to_owned(),
        addresses: Vec::new(),
        left_out: vec!["10.0.0.1".to_owned()],
    };
    let open_elsewhere = at(S::Tcp, E::TcpRefused).at("broker.example", 1884).facts(|facts| {
        let met = [(1884, AddressOutcome::Refused), (8883, AddressOutcome::Connected)];
        let tried = |(port, outcome)| {
            let address = format!("192.0.2.7:{port}");
            AddressTry { address, outcome, took_us: 1 }
        };
        facts.tcp = Some(TcpFacts { tries: met.map(tried).to_vec() });
    });
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
        (open_elsewhere, &["tcp.refused"], "use_scheme"),
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

pub(super) fn proxies() -> Vec<Row> {
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

pub(super) fn ports() -> Vec<Row> {
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
        (
            closed().tried(Mqtts, "TLSv1.3, TLS13_AES_128_GCM_SHA256; no answer in time"),
            &["port.wants_tls"],
            "use_scheme",
        ),
        (
            closed().tried(Wss, "TLSv1.3; HTTP 404 Not Found").tried(Mqtts, "TLSv1.3; closed"),
            &["port.is_http"],
            "use_scheme",
        ),
        (
            closed().tried(Ws, "first bytes: HTTP/1.0 404 File not found"),
            &["port.is_http"],
            "use_scheme",
        ),
        (
            closed().tried(Ws, "no answer to the HTTP request"),
            &["mqtt.closed_before_connack"],
            "use_version",
        ),
        (
            given(Ws, S::WebSocket, E::WebSocketClosed).tried(Wss, "TLSv1.2; certificate required"),
            &["port.wants_tls"],
            "use_scheme",
        ),
        (
            given(Wss, S::Tls, E::TlsNotSpoken).tried(Ws, "HTTP 404 Not Found"),
            &["port.is_plain"],
            "use_scheme",
        ),
        (
            given(Mqtts, S::Tls, E::TlsNotSpoken).tried(Ws, "HTTP 404 Not Found"),
            &["port.is_http"],
            "use_scheme",
        ),
        (
            given(Mqtt, S::Mqtt, E::MqttMalformed).first_bytes(b"<!DOCTYPE HTML>\n<html", None),
            &["port.is_http"],
            "use_scheme",
        ),
        (
            given(Ws, S::Mqtt, E::MqttClosed)
                .path("/chat")
                .detail("reason", "a WebSocket text frame came"),
            &["mqtt.malformed"],
            "use_path",
        ),
    ]
}
