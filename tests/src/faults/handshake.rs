//! TLS handshakes that fail for another reason than the broker's certificate.

use mqttscope_model::{ClientCertificate, ProtocolVersion, Scheme, TlsVersion};

use super::certificates::{Files, Lab};
use super::front::{self, Front};
use super::lab::{Deaf, Served, Socket};
use super::tls::{broker, trusting};
use super::{Cure, Fault, at, named, rows};
use crate::nginx::{configuration, to_websocket};

rows![
    only_tls_1_1_is_spoken,
    only_tls_1_2_is_spoken,
    only_tls_1_3_is_spoken,
    no_cipher_is_common,
    a_client_certificate_is_missing_in_tls_1_2,
    a_client_certificate_is_missing_in_tls_1_3,
    the_client_certificate_is_of_another_authority,
    the_client_certificate_has_expired,
    a_client_certificate_is_missing_at_nginx,
    the_client_certificate_is_not_taken_by_nginx,
    the_host_is_not_served_by_nginx,
    a_server_name_is_needed,
    the_server_name_is_wrong,
    the_offered_alpn_is_not_taken,
    alpn_is_needed,
    no_broker_is_behind_the_gateway,
    the_port_is_silent,
    the_port_closes,
    the_port_resets,
];

/// A broker with a right certificate, limited by lines of openssl's configuration and a line of its own.
fn limited(limits: &str, line: &str, cause: &'static str, fix: &'static str) -> Fault {
    let lab = Lab::new();
    let files = lab.server();
    let lines = [
        format!("certfile {}", files.certificate()),
        format!("keyfile {}", files.key()),
        line.to_owned(),
    ];
    let broker = Served::mosquitto(limits, &lines);
    Fault::new(named(Scheme::Mqtts, "localhost", broker.port()), "tls", cause, fix)
        .with(trusting(&lab))
        .keep(broker)
        .keep(lab)
}

/// A broker of 2010.
pub async fn only_tls_1_1_is_spoken() -> Fault {
    let limits = "MinProtocol = TLSv1\nMaxProtocol = TLSv1.1\nCipherString = DEFAULT:@SECLEVEL=0";
    limited(limits, "tls_version tlsv1.1", "tls.version_unsupported", "update_broker")
        .words(VERSION)
}

const VERSION: &[&str] = &["protocol version", "unsupported protocol"];

/// The profile wants TLS 1.3 at least.
pub async fn only_tls_1_2_is_spoken() -> Fault {
    limited("MaxProtocol = TLSv1.2", "", "tls.version_unsupported", "allow_tls_versions")
        .with(|profile| profile.tls.min_version = TlsVersion::V13)
        .cure(Cure::Connects)
        .words(VERSION)
}

/// The profile wants TLS 1.2 at most.
pub async fn only_tls_1_3_is_spoken() -> Fault {
    limited("MinProtocol = TLSv1.3", "", "tls.version_unsupported", "allow_tls_versions")
        .with(|profile| profile.tls.max_version = TlsVersion::V12)
        .cure(Cure::Connects)
}

/// A broker that takes nothing but a cipher without forward secrecy.
pub async fn no_cipher_is_common() -> Fault {
    limited("MaxProtocol = TLSv1.2", "ciphers AES256-SHA", "tls.no_common_cipher", "update_broker")
        .words(&["no shared cipher", "no ciphers", "handshake failure"])
}

/// A broker that wants a client certificate, and gets `own`.
fn asking(
    own: impl FnOnce(&Lab) -> Option<Files>,
    limits: &str,
    cause: &'static str,
    fix: &'static str,
) -> Fault {
    let lab = Lab::new();
    let files = lab.server();
    let lines = [
        format!("cafile {}", lab.authority().files.certificate()),
        format!("certfile {}", files.certificate()),
        format!("keyfile {}", files.key()),
        "require_certificate true".to_owned(),
    ];
    let broker = Served::mosquitto(limits, &lines);
    let own = own(&lab).map(|own| ClientCertificate::pem_files(own.certificate(), own.key()));
    Fault::new(named(Scheme::Mqtts, "localhost", broker.port()), "tls", cause, fix)
        .with(trusting(&lab))
        .with(|profile| profile.tls.client_certificate = own)
        .keep(broker)
        .keep(lab)
}

/// TLS 1.2 says it in the handshake.
pub async fn a_client_certificate_is_missing_in_tls_1_2() -> Fault {
    let limits = "MaxProtocol = TLSv1.2";
    asking(|_| None, limits, "tls.client_certificate_required", "choose_client_certificate")
        .words(&["certificate required", "peer did not return"])
}

/// TLS 1.3 says it after the handshake, in place of the CONNACK.
pub async fn a_client_certificate_is_missing_in_tls_1_3() -> Fault {
    asking(|_| None, "", "tls.client_certificate_required", "choose_client_certificate")
        .with(|profile| profile.version = ProtocolVersion::V311)
        .words(&["certificate required", "peer did not return"])
}

/// Ours is signed by an authority that the broker does not know.
pub async fn the_client_certificate_is_of_another_authority() -> Fault {
    let own = |lab: &Lab| {
        let other = lab.another_authority("Office authority", false);
        Some(lab.client_by(&other, |_| ()))
    };
    asking(own, "", "tls.client_certificate_rejected", "choose_client_certificate")
        .words(&["unknown ca"])
}

/// Ours was valid until the end of 2024.
pub async fn the_client_certificate_has_expired() -> Fault {
    let own = |lab: &Lab| {
        Some(lab.client_by(lab.authority(), |params| {
            params.not_before = rcgen::date_time_ymd(2023, 1, 1);
            params.not_after = rcgen::date_time_ymd(2024, 12, 31);
        }))
    };
    asking(own, "", "tls.client_certificate_rejected", "choose_client_certificate")
        .words(&["certificate expired"])
}

/// nginx with TLS before a broker's WebSocket; `lines` go into its server.
fn before(lines: impl FnOnce(&Lab) -> String, cause: &'static str, fix: &'static str) -> Fault {
    let lab = Lab::new();
    let broker = Served::mosquitto("", &["protocol websockets".to_owned()]);
    let lines = lines(&lab);
    let onwards = to_websocket(broker.port());
    let files = lab.server();
    let nginx = Served::start("nginx", |command, folder, port| {
        let others =
            format!("listen 127.0.0.1:{port} ssl default_server;\nssl_reject_handshake on;");
        let (certificate, key) = (files.certificate(), files.key());
        let localhost = format!(
            "listen 127.0.0.1:{port} ssl;\nserver_name localhost;\nssl_certificate {certificate};\n\
             ssl_certificate_key {key};\n{lines}\nlocation = /mqtt {{ {onwards} }}"
        );
        let path = folder.join("nginx.conf");
        let text = configuration(folder, &[others, localhost]);
        std::fs::write(&path, text).expect("the configuration can be written");
        command.args(["-e", "stderr", "-p"]).arg(folder).arg("-c").arg(path);
    });
    Fault::new(named(Scheme::Wss, "localhost", nginx.port()), "tls", cause, fix)
        .with(trusting(&lab))
        .keep(nginx)
        .keep(broker)
        .keep(lab)
}

/// nginx lets the handshake pass without a certificate, and says in HTTP (status 400) that it wanted one.
pub async fn a_client_certificate_is_missing_at_nginx() -> Fault {
    let mut fault = before(
        |lab| {
            let authority = lab.authority().files.certificate();
            format!("ssl_verify_client on;\nssl_client_certificate {authority};")
        },
        "tls.client_certificate_required",
        "choose_client_certificate",
    );
    fault.stage = "web_socket";
    fault.words(&["certificate"])
}

/// The same with a certificate of another authority.
pub async fn the_client_certificate_is_not_taken_by_nginx() -> Fault {
    let mut own = None;
    let mut fault = before(
        |lab| {
            let other = lab.another_authority("Office authority", false);
            own = Some(lab.client_by(&other, |_| ()));
            let authority = lab.authority().files.certificate();
            format!("ssl_verify_client on;\nssl_client_certificate {authority};")
        },
        "tls.client_certificate_rejected",
        "choose_client_certificate",
    );
    fault.stage = "web_socket";
    let own = own.expect("it was made");
    fault
        .with(|profile| {
            let pem = ClientCertificate::pem_files(own.certificate(), own.key());
            profile.tls.client_certificate = Some(pem);
        })
        .words(&["certificate"])
}

/// nginx serves other names, and rejects the handshake for this one.
pub async fn the_host_is_not_served_by_nginx() -> Fault {
    before(|_| String::new(), "tls.server_name_refused", "use_server_name")
        .with(|profile| profile.tls.server_name = "old.plant.example".to_owned())
        .cure(Cure::Connects)
        .words(&["unrecognized name", "unrecognised name"])
}

/// A front that refuses some ClientHellos with an alert, and a broker behind it.
async fn behind(
    host: &str,
    alpn: &[&str],
    refuse: front::Refuse,
    cause: &'static str,
    fix: &'static str,
) -> Fault {
    let lab = Lab::new();
    let server = Served::mosquitto("", &[]);
    let front = Front::start(&lab.server(), alpn, server.port(), refuse).await;
    Fault::new(named(Scheme::Mqtts, host, front.port()), "tls", cause, fix)
        .with(trusting(&lab))
        .keep(front)
        .keep(server)
        .keep(lab)
}

/// A server of many names, asked by its address: no name is sent then.
pub async fn a_server_name_is_needed() -> Fault {
    let refuse: front::Refuse =
        |hello| (hello.server_name() != Some("localhost")).then_some(front::UNRECOGNISED_NAME);
    behind("127.0.0.1", &[], refuse, "tls.server_name_refused", "use_host")
        .await
        .words(&["unrecognized name", "unrecognised name"])
}

/// The server name of the profile is not one that the server knows.
pub async fn the_server_name_is_wrong() -> Fault {
    let refuse: front::Refuse =
        |hello| (hello.server_name() != Some("localhost")).then_some(front::UNRECOGNISED_NAME);
    behind("localhost", &[], refuse, "tls.server_name_refused", "use_server_name")
        .await
        .with(|profile| profile.tls.server_name = "old.plant.example".to_owned())
        .cure(Cure::Connects)
        .words(&["unrecognized name", "unrecognised name"])
}

/// The profile offers a protocol by ALPN that the server does not have.
pub async fn the_offered_alpn_is_not_taken() -> Fault {
    behind("localhost", &["mqtt"], |_| None, "tls.alpn_refused", "without_alpn")
        .await
        .with(|profile| profile.tls.alpn = vec!["x-amzn-mqtt-ca".to_owned()])
        .cure(Cure::Connects)
        .words(ALPN)
}

const ALPN: &[&str] = &["no application protocol"];

/// The server wants a protocol by ALPN, and the profile offers none.
pub async fn alpn_is_needed() -> Fault {
    let refuse: front::Refuse =
        |hello| hello.alpn().is_none().then_some(front::NO_APPLICATION_PROTOCOL);
    let known = ["mqtt", "x-amzn-mqtt-ca"];
    behind("localhost", &known, refuse, "tls.alpn_refused", "use_alpn")
        .await
        .cure(Cure::Connects)
        .words(ALPN)
}

/// TLS ends before the broker, which does not run: the gateway shakes hands and closes.
pub async fn no_broker_is_behind_the_gateway() -> Fault {
    let lab = Lab::new();
    let deaf = Deaf::start();
    let front = Front::start(&lab.server(), &[], deaf.port(), |_| None).await;
    let to = named(Scheme::Mqtts, "localhost", front.port());
    Fault::new(to, "mqtt", "mqtt.closed_before_connack", "use_version")
        .with(trusting(&lab))
        .cure(Cure::Changes)
        .words(&["before connack", "instead of"])
        .keep(front)
        .keep(deaf)
        .keep(lab)
}

/// Something takes the connection and never answers.
pub async fn the_port_is_silent() -> Fault {
    let socket = Socket::silent().await;
    Fault::new(at(Scheme::Mqtts, socket.port()), "tls", "port.is_silent", "check_broker_runs")
        .with(|profile| profile.connect_timeout = 1)
        .words(&["silent", "no answer", "no response"])
        .keep(socket)
}

/// Something closes when TLS is begun, as a broker without TLS does that knows the bytes to be no CONNECT.
pub async fn the_port_closes() -> Fault {
    let socket = Socket::closing().await;
    Fault::new(at(Scheme::Mqtts, socket.port()), "tls", "port.is_plain", "use_scheme")
        .cure(Cure::Changes)
        .or("tls.closed")
        .words(&["does not speak tls", "wrong version number", "not tls"])
        .keep(socket)
}

/// The same with a reset.
pub async fn the_port_resets() -> Fault {
    let socket = Socket::resetting().await;
    Fault::new(at(Scheme::Mqtts, socket.port()), "tls", "port.is_plain", "use_scheme")
        .cure(Cure::Changes)
        .or("tls.closed")
        .words(&["does not speak tls", "wrong version number", "not tls"])
        .keep(socket)
}

/// A broker that is right in all, for what is wrong in the profile; `lines` are added to its listener.
pub(super) fn right(lab: &Lab, lines: &[&str]) -> Served {
    let mut own = vec![format!("cafile {}", lab.authority().files.certificate())];
    own.extend(lines.iter().map(|&line| line.to_owned()));
    broker(&lab.server(), &own)
}
