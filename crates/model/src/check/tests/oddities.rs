//! What is allowed and probably not meant: each rule warns of its own case and of nothing beside it.

use super::*;
use crate::{Authentication, Header, HeaderValue};

fn endpoint(way: Scheme, host: &str, port: u16) -> impl Fn(&mut Profile) {
    let host = host.to_owned();
    move |p| {
        p.endpoint.scheme = way;
        p.endpoint.host = host.clone();
        p.endpoint.port = port;
    }
}

fn tls(host: &str, change: impl Fn(&mut TlsSettings)) -> impl Fn(&mut Profile) {
    let at = endpoint(Scheme::Mqtts, host, 8883);
    move |p| {
        at(p);
        change(&mut p.tls);
    }
}

fn named(name: &str) -> impl Fn(&mut TlsSettings) {
    let name = name.to_owned();
    move |t| t.server_name = name.clone()
}

#[test]
fn a_port_of_another_scheme_is_told_of_with_the_scheme_that_is_usual_there() {
    use Scheme::{Mqtt, Mqtts, Ws, Wss};
    for (port, speaks, others) in [
        (1883, "mqtt", &[Mqtts, Ws, Wss][..]),
        (8883, "mqtts", &[Mqtt, Ws, Wss]),
        (8083, "ws", &[Mqtt, Mqtts, Wss]),
        (80, "ws", &[Mqtt, Mqtts, Wss]),
        (8084, "wss", &[Mqtt, Mqtts, Ws]),
        (8884, "wss", &[Mqtt, Mqtts, Ws]),
        (443, "wss, mqtts", &[Mqtt, Ws]),
        (8443, "wss, mqtts", &[Mqtt, Ws]),
        (9001, "ws, wss", &[Mqtt, Mqtts]),
        (8080, "ws, wss", &[Mqtt, Mqtts]),
        (8081, "wss, ws", &[Mqtt, Mqtts]),
    ] {
        for way in Scheme::ALL {
            let wanted = format!("~endpoint.port scheme_port_mismatch {speaks}");
            let wanted = if others.contains(&way) { vec![wanted.as_str()] } else { Vec::new() };
            expect(endpoint(way, "broker.example.com", port), &wanted);
        }
    }
}

#[test]
fn a_provider_that_says_what_a_port_speaks_is_believed() {
    let public = "test.mosquitto.org";
    let shown = |way, port| {
        let mut profile = good();
        endpoint(way, public, port)(&mut profile);
        profile.tls.client_certificate = Some(ClientCertificate::pem_files("/c", "/k"));
        profile.tls.roots = TlsRoots::ca_file("/ca");
        check(&profile)
    };
    assert_eq!(shown(Scheme::Mqtts, 8884), []);
    let [problem] = &shown(Scheme::Wss, 8884)[..] else { panic!() };
    assert_eq!(
        (problem.field.as_str(), problem.code),
        ("endpoint.scheme", ProblemCode::ProviderRule)
    );
}

#[test]
fn a_websocket_without_a_path_is_told_the_usual_one_and_never_refused() {
    for path in ["", "/"] {
        expect(
            |p| {
                scheme(p, Scheme::Wss);
                p.endpoint.path = path.into();
            },
            &["~endpoint.path unusual_path /mqtt"],
        );
        expect(|p| p.endpoint.path = path.into(), &[]);
    }
}

#[test]
fn a_host_that_is_a_whole_address_says_which_part_is_too_much() {
    for (host, problem) in [
        ("mqtts://a:8883", "has_scheme"),
        ("a:8883", "has_port"),
        ("a/mqtt", "has_path"),
        ("a:8083/mqtt", "has_path"),
        ("user@a", "has_user_name"),
        ("user:word@a:1883", "has_user_name"),
    ] {
        expect(|p| p.endpoint.host = host.into(), &[&format!("endpoint.host {problem}")]);
    }
}

#[test]
fn secrets_in_clear_are_told_of_wherever_they_stand() {
    let header = |name: &str, value| Header { name: name.to_owned(), value };
    let text = || HeaderValue::Text { text: "x".into() };
    let stored = || HeaderValue::Stored { secret: Some(SecretName::password_of(&good().id)) };
    let headers =
        || vec![header("X-Plain", text()), header("Cookie", text()), header("X-Key", stored())];
    let at = |way| {
        move |p: &mut Profile| {
            scheme(p, way);
            p.websocket.headers = headers();
        }
    };
    let marked = [
        "~websocket.headers.1.value secret_in_clear",
        "~websocket.headers.2.value secret_in_clear",
    ];
    expect(at(Scheme::Ws), &marked);
    expect(at(Scheme::Wss), &[]);
    expect(at(Scheme::Mqtt), &[]);
    expect(
        |p| {
            at(Scheme::Ws)(p);
            p.endpoint.host = "localhost".into();
        },
        &[],
    );
    let method = |p: &mut Profile| {
        let data = Some(SecretName::of(&p.id, &SecretSlot::AuthenticationData));
        p.authentication = Some(Authentication::Other { name: "x".into(), data });
    };
    expect(method, &["~authentication.data secret_in_clear"]);
}

#[test]
fn a_session_that_no_later_connection_finds_again_is_told_of() {
    let kept = |id: &str, version| {
        let id = id.to_owned();
        move |p: &mut Profile| {
            p.client_id = id;
            p.version = version;
            p.clean_start = false;
            p.session_expiry = 60;
        }
    };
    let (v311, v5) = (ProtocolVersion::V311, ProtocolVersion::V5);
    for version in [v311, v5] {
        expect(kept("a-{{random}}", version), &["~client_id client_id_changes"]);
        expect(kept("a-{{time}}", version), &["~client_id client_id_changes"]);
        expect(kept("a-{{hostname}}", version), &[]);
    }
    expect(|p| p.client_id = "a-{{random}}".into(), &[]);
}

#[test]
fn a_keep_alive_that_is_off_or_outlasts_routers_is_told_of() {
    expect(|p| p.keep_alive = 0, &["~keep_alive keep_alive_off"]);
    expect(|p| p.keep_alive = 1, &[]);
    expect(|p| p.keep_alive = 7_440, &[]);
    expect(|p| p.keep_alive = 7_441, &["~keep_alive keep_alive_long 7440"]);
}

#[test]
fn a_server_name_that_no_certificate_is_likely_to_hold_is_told_of() {
    let host = "broker.example.com";
    let differs = format!("~tls.server_name server_name_differs {host}");
    expect(tls(host, named("")), &[]);
    expect(tls(host, named("Broker.Example.com.")), &[]);
    expect(tls(host, named("other.example.com")), &[&differs]);
    expect(tls(host, named("192.0.2.1")), &["~tls.server_name server_name_is_address"]);
    expect(tls("192.0.2.1", named("other.example.com")), &[]);
    expect(tls("localhost", named("other.example.com")), &[]);
    let needs = "~tls.server_name address_needs_name";
    expect(tls("192.0.2.1", named("")), &[needs]);
    expect(tls("2001:db8::1", named("")), &[needs]);
    expect(tls("127.0.0.1", named("")), &[]);
    expect(tls("192.0.2.1", |t| t.roots = TlsRoots::ca_file("/ca")), &[]);
}

#[test]
fn pins_that_nobody_compares_are_told_of() {
    let pinned = || TlsRoots::Pinned { sha256: vec!["ab".repeat(32)] };
    expect(
        tls("broker.example.com", |t| (t.roots, t.verify) = (pinned(), false)),
        &["~tls.verify verification_off", "~tls.roots pin_not_checked"],
    );
    expect(tls("broker.example.com", |t| t.roots = pinned()), &[]);
}

#[test]
fn what_is_set_for_tls_is_told_of_where_the_scheme_has_none() {
    let set = |way| {
        move |p: &mut Profile| {
            scheme(p, way);
            p.tls.client_certificate = Some(ClientCertificate::pem_files("/c", "/k"));
            p.tls.alpn = vec!["mqtt".into()];
        }
    };
    let unused =
        ["~endpoint.scheme tls_not_used client_certificate", "~endpoint.scheme tls_not_used alpn"];
    for way in [Scheme::Mqtt, Scheme::Ws] {
        expect(set(way), &unused);
    }
    for way in [Scheme::Mqtts, Scheme::Wss] {
        expect(set(way), &[]);
    }
}

#[test]
fn an_encrypted_key_that_is_typed_asks_for_its_passphrase() {
    let pem = |label: &str, header: &str| {
        format!("-----BEGIN {label}-----\n{header}AA==\n-----END {label}-----\n")
    };
    let found = |profile: &Profile, pem: String| {
        let edit = SecretEdit { slot: SecretSlot::PrivateKey, value: Some(Secret::new(pem)) };
        check_secret(profile, &edit).map(|p| (p.field, p.weight, p.code))
    };
    let mut profile = good();
    let key = crate::KeySource::Stored { secret: None };
    let certificate = crate::CertificateSource::File { path: "/c".into() };
    let certificate = ClientCertificate::Pem { certificate, key, passphrase: None };
    profile.tls.client_certificate = Some(certificate);
    let field = "tls.client_certificate.passphrase".to_owned();
    let wanted = Some((field, Weight::Warning, ProblemCode::KeyEncrypted));
    let encrypted = pem("ENCRYPTED PRIVATE KEY", "");
    assert_eq!(found(&profile, encrypted.clone()), wanted);
    let old = pem("RSA PRIVATE KEY", "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\n");
    assert_eq!(found(&profile, old), wanted);
    assert_eq!(found(&profile, pem("PRIVATE KEY", "")), None);
    let passphrase = SecretName::of(&profile.id, &SecretSlot::KeyPassphrase);
    profile.set_secret(&SecretSlot::KeyPassphrase, Some(passphrase));
    assert_eq!(found(&profile, encrypted), None);
}
