//! The way to the broker: proxy, TLS, and the WebSocket request.

use super::*;
use crate::{
    ArchiveSource, CertificateSource, Header, HeaderValue, KeySource, Proxy, ProxyServer,
    TlsVersion, WebSocketSettings,
};

fn tls(change: impl FnOnce(&mut TlsSettings)) -> impl FnOnce(&mut Profile) {
    |p| {
        scheme(p, Scheme::Mqtts);
        change(&mut p.tls);
    }
}

fn roots(roots: TlsRoots) -> impl FnOnce(&mut Profile) {
    tls(|t| t.roots = roots)
}

fn pins(sha256: &[&str]) -> TlsRoots {
    TlsRoots::Pinned { sha256: sha256.iter().map(|pin| (*pin).to_owned()).collect() }
}

fn websocket(change: impl FnOnce(&mut WebSocketSettings)) -> impl FnOnce(&mut Profile) {
    |p| {
        scheme(p, Scheme::Wss);
        change(&mut p.websocket);
    }
}

fn text(name: &str, text: &str) -> Header {
    Header { name: name.to_owned(), value: HeaderValue::Text { text: text.to_owned() } }
}

fn stored(name: &str) -> Header {
    let secret = Some(SecretName::password_of(&good().id));
    Header { name: name.to_owned(), value: HeaderValue::Stored { secret } }
}

const PEM: &str = "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n";
const KEY: &str = "-----BEGIN PRIVATE KEY-----\nAA==\n-----END PRIVATE KEY-----\n";

#[test]
fn roots_name_at_least_one_certificate() {
    expect(roots(TlsRoots::CaFiles { paths: Vec::new() }), &["tls.roots.paths required"]);
    expect(roots(pins(&[])), &["tls.roots.sha256 required"]);
    let pem = |pem: &str| roots(TlsRoots::CaPem { pem: pem.to_owned() });
    expect(pem(PEM), &[]);
    expect(pem(" "), &["tls.roots.pem required"]);
    expect(pem("MIIB"), &["tls.roots.pem not_in_format pem"]);
    expect(pem(&format!("{PEM}{KEY}")), &["tls.roots.pem private_key_in_text"]);
    expect(
        tls(|t| {
            t.verify = false;
            t.roots = pins(&[]);
        }),
        &["~tls.verify verification_off"],
    );
}

#[test]
fn a_fingerprint_has_64_hexadecimal_digits() {
    let plain = "ab".repeat(32);
    let colons = vec!["AB"; 32].join(":");
    expect(roots(pins(&[&plain])), &[]);
    expect(roots(pins(&[&plain, &colons])), &["tls.roots.sha256.1 repeated"]);
    for wrong in ["", "ab", &"ä".repeat(32), &format!("{plain}:ab")] {
        expect(roots(pins(&[wrong])), &["tls.roots.sha256.0 not_in_format sha256"]);
    }
}

#[test]
fn a_client_certificate_is_complete() {
    let with = |certificate| tls(|t| t.client_certificate = Some(certificate));
    let pem = |text: &str, key| ClientCertificate::Pem {
        certificate: CertificateSource::Text { pem: text.to_owned() },
        key,
        passphrase: None,
    };
    let field = "tls.client_certificate";
    let key = |path: &str| KeySource::File { path: path.to_owned() };
    expect(with(pem(PEM, key("/k"))), &[]);
    expect(
        with(pem("x", KeySource::Stored { secret: None })),
        &[&format!("{field}.certificate not_in_format pem"), &format!("{field}.key required")],
    );
    expect(
        with(pem(&format!("{PEM}{KEY}"), key("/k\0"))),
        &[
            &format!("{field}.certificate private_key_in_text"),
            &format!("{field}.key null_character"),
        ],
    );
    let archive = |archive| with(ClientCertificate::Pkcs12 { archive, passphrase: None });
    let required = format!("{field}.archive required");
    expect(archive(ArchiveSource::File { path: "/a.p12".into() }), &[]);
    expect(archive(ArchiveSource::File { path: String::new() }), &[&required]);
    expect(archive(ArchiveSource::Stored { secret: None }), &[&required]);
}

#[test]
fn tls_versions_are_a_range() {
    let versions = |low, high| tls(move |t| (t.min_version, t.max_version) = (low, high));
    let (v12, v13) = (TlsVersion::V12, TlsVersion::V13);
    expect(versions(v12, v12), &[]);
    expect(versions(v13, v13), &[]);
    expect(versions(v13, v12), &["tls.max_version below_min_version 1.3"]);
}

#[test]
fn a_key_log_is_warned_of_as_long_as_it_is_on() {
    expect(tls(|t| t.key_log_file = "/keys".into()), &["~tls.key_log_file key_log_on"]);
    expect(
        tls(|t| t.key_log_file = " ".into()),
        &["tls.key_log_file required", "~tls.key_log_file key_log_on"],
    );
    expect(|p| p.tls.key_log_file = "/keys".into(), &[]);
}

#[test]
fn headers_are_those_of_http() {
    let headers = |headers: Vec<Header>| websocket(|w| w.headers = headers);
    let field = "websocket.headers.0";
    expect(headers(vec![text("X-Token", ""), text("x-token", "a\tb é")]), &[]);
    expect(headers(vec![text("", "")]), &[&format!("{field}.name required")]);
    for name in ["a b", "a:", "é", "a\n"] {
        expect(headers(vec![text(name, "")]), &[&format!("{field}.name not_token")]);
    }
    for value in ["a\r\nb", "\0", "\u{7f}"] {
        expect(headers(vec![text("a", value)]), &[&format!("{field}.value invalid_header_value")]);
    }
    for name in ["Host", "UPGRADE", "connection", "Sec-WebSocket-Key", "Content-Length"] {
        expect(headers(vec![text(name, "")]), &[&format!("{field}.name forbidden_header")]);
    }
    expect(
        headers(vec![text("a", &"x".repeat(8_001))]),
        &[&format!("{field}.value too_long 8000")],
    );
}

#[test]
fn a_secret_header_stands_once_and_has_its_secret() {
    let headers = |headers: Vec<Header>| websocket(|w| w.headers = headers);
    expect(headers(vec![stored("Cookie"), text("Cookie", "a"), stored("x")]), &[]);
    expect(
        headers(vec![stored("Cookie"), stored("cookie")]),
        &["websocket.headers.1.name repeated"],
    );
    let empty = HeaderValue::Stored { secret: None };
    expect(
        headers(vec![Header { name: "a".into(), value: empty }]),
        &["websocket.headers.0.value required"],
    );
}

#[test]
fn subprotocols_are_tokens_and_different() {
    let names = |names: &[&str]| {
        let names = names.iter().map(|name| (*name).to_owned()).collect();
        websocket(|w| w.subprotocols = names)
    };
    let field = "websocket.subprotocols";
    expect(names(&["mqtt", "mqttv3.1"]), &[]);
    expect(
        names(&["mqtt", "", "a,b", "mqtt"]),
        &[
            &format!("{field}.1 required"),
            &format!("{field}.2 not_token"),
            &format!("{field}.3 repeated"),
        ],
    );
    expect(|p| p.websocket.subprotocols = vec![String::new()], &[]);
}

#[test]
fn a_proxy_has_an_address_and_a_user_name_that_it_can_take() {
    let server = ProxyServer {
        host: "proxy".to_owned(),
        port: 3128,
        user_name: String::new(),
        password: None,
    };
    let http = |change: fn(&mut ProxyServer)| {
        let mut server = server.clone();
        change(&mut server);
        |p: &mut Profile| p.proxy = Proxy::Http { server }
    };
    expect(http(|_| {}), &[]);
    expect(http(|s| s.host = String::new()), &["proxy.server.host required"]);
    expect(http(|s| s.host = "http://proxy".into()), &["proxy.server.host has_scheme"]);
    expect(http(|s| s.port = 0), &["proxy.server.port out_of_range 1..65535"]);
    expect(http(|s| s.user_name = "a:b".into()), &["proxy.server.user_name has_colon"]);
    expect(http(|s| s.user_name = "a\n".into()), &["proxy.server.user_name invalid_header_value"]);
    expect(
        http(|s| s.password = Some(SecretName::password_of(&good().id))),
        &["proxy.server.user_name required"],
    );
    let mut long = server;
    long.user_name = "x".repeat(256);
    expect(|p| p.proxy = Proxy::Socks5 { server: long }, &["proxy.server.user_name too_long 255"]);
    expect(|p| p.proxy = Proxy::System, &[]);
}
