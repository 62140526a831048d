//! Faults of the name lookup, of TCP, and of what listens where a broker was expected.

use std::net::ToSocketAddrs as _;

use mqttscope_model::{AddressFamily, Scheme};

use super::certificates::Lab;
use super::handshake::right;
use super::lab::{Deaf, FullBacklog, Served, Socket};
use super::tls::trusting;
use super::{Cure, Fault, at, named, rows};

rows![
    the_name_is_unknown,
    the_name_is_local,
    the_broker_is_not_at_an_address_of_the_wanted_family,
    nothing_listens,
    the_packets_are_dropped,
    there_is_no_way_to_the_host,
    tls_is_begun_on_a_plain_port,
    mqtt_is_begun_in_clear_on_a_tls_port,
    wss_is_begun_on_a_ws_port,
    mqtt_is_begun_on_a_ws_port,
    ssh_listens_where_mqtt_was_expected,
    ssh_listens_where_mqtts_was_expected,
    a_mail_server_listens,
    a_mail_server_listens_where_mqtts_was_expected,
    amqp_listens,
    a_redis_listens,
    a_database_listens,
];

/// A name that is in no name server (RFC 6761, section 6.4, keeps `invalid` free).
pub async fn the_name_is_unknown() -> Fault {
    Fault::new(named(Scheme::Mqtt, "x.invalid", 1883), "name", "name.not_found", "check_name")
        .words(&["enotfound", "lookup", "name or service"])
}

/// A name that only the local network could know.
pub async fn the_name_is_local() -> Fault {
    let to = named(Scheme::Mqtt, "mqttscope-is-not-there.local", 1883);
    Fault::new(to, "name", "name.local", "check_name").words(&["local network", "mdns"])
}

/// A broker on IPv4, and a profile that wants IPv6 alone. Whether the name has an IPv6 address at all is the machine's.
pub async fn the_broker_is_not_at_an_address_of_the_wanted_family() -> Fault {
    let broker = Served::mosquitto("", &[]);
    let mut addresses = ("localhost", broker.port()).to_socket_addrs().expect("localhost is known");
    let (stage, cause) = if addresses.any(|address| address.is_ipv6()) {
        ("tcp", "tcp.refused")
    } else {
        ("name", "name.other_family")
    };
    Fault::new(named(Scheme::Mqtt, "localhost", broker.port()), stage, cause, "use_any_family")
        .with(|profile| profile.address_family = AddressFamily::OnlyIpv6)
        .cure(Cure::Connects)
        .keep(broker)
}

/// Nothing listens on the port.
pub async fn nothing_listens() -> Fault {
    let deaf = Deaf::start();
    Fault::new(at(Scheme::Mqtt, deaf.port()), "tcp", "tcp.refused", "check_broker_runs")
        .words(&["refused"])
        .keep(deaf)
}

/// A firewall drops the packets.
pub async fn the_packets_are_dropped() -> Fault {
    let full = FullBacklog::start().await;
    Fault::new(at(Scheme::Mqtt, full.port()), "tcp", "tcp.timed_out", "open_firewall")
        .with(|profile| profile.connect_timeout = 1)
        .words(&["timed out", "etimedout"])
        .keep(full)
}

/// An address to which no packet can be sent: the broadcast address of the loopback network.
pub async fn there_is_no_way_to_the_host() -> Fault {
    let to = named(Scheme::Mqtt, "127.255.255.255", 1883);
    Fault::new(to, "tcp", "tcp.unreachable", "check_network").words(&[
        "unreachable",
        "enetunreach",
        "no route",
    ])
}

/// What tells that a port speaks no TLS, in the words of OpenSSL and of people.
const PLAIN: &[&str] = &["wrong version number", "not tls", "does not speak tls"];
/// What tells that a port wants TLS.
const WANTS_TLS: &[&str] = &["wants tls", "tls alert", "expects tls"];

/// `mqtts` to a broker's plain port.
pub async fn tls_is_begun_on_a_plain_port() -> Fault {
    let broker = Served::mosquitto("", &[]);
    Fault::new(at(Scheme::Mqtts, broker.port()), "tls", "port.is_plain", "use_scheme")
        .cure(Cure::Connects)
        .words(PLAIN)
        .keep(broker)
}

/// A broker with a right certificate, and a profile that trusts its authority but uses a wrong scheme.
fn with_tls(scheme: Scheme, lines: &[&str], stage: &'static str, cause: &'static str) -> Fault {
    let lab = Lab::new();
    let broker = right(&lab, lines);
    Fault::new(named(scheme, "localhost", broker.port()), stage, cause, "use_scheme")
        .with(trusting(&lab))
        .cure(Cure::Connects)
        .keep(broker)
        .keep(lab)
}

/// `mqtt` to a broker's TLS port.
pub async fn mqtt_is_begun_in_clear_on_a_tls_port() -> Fault {
    with_tls(Scheme::Mqtt, &[], "mqtt", "port.wants_tls").words(WANTS_TLS)
}

/// `wss` to a WebSocket port without TLS.
pub async fn wss_is_begun_on_a_ws_port() -> Fault {
    let broker = Served::mosquitto("", &["protocol websockets".to_owned()]);
    Fault::new(at(Scheme::Wss, broker.port()), "tls", "port.is_plain", "use_scheme")
        .cure(Cure::Connects)
        .words(PLAIN)
        .keep(broker)
}

/// `mqtt` to a WebSocket port.
pub async fn mqtt_is_begun_on_a_ws_port() -> Fault {
    let broker = Served::mosquitto("", &["protocol websockets".to_owned()]);
    Fault::new(at(Scheme::Mqtt, broker.port()), "mqtt", "port.is_http", "use_scheme")
        .cure(Cure::Connects)
        .words(&["http", "websocket"])
        .keep(broker)
}

const SSH: &[u8] = b"SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u7\r\n";

/// SSH says its version first, before it is asked.
pub async fn ssh_listens_where_mqtt_was_expected() -> Fault {
    let ssh = Socket::greeting(SSH).await;
    Fault::new(at(Scheme::Mqtt, ssh.port()), "mqtt", "port.is_other", "use_port")
        .cure(Cure::Changes)
        .words(&["ssh"])
        .keep(ssh)
}

/// The same with TLS.
pub async fn ssh_listens_where_mqtts_was_expected() -> Fault {
    let ssh = Socket::greeting(SSH).await;
    Fault::new(at(Scheme::Mqtts, ssh.port()), "tls", "port.is_other", "use_port")
        .cure(Cure::Changes)
        .words(&["ssh"])
        .keep(ssh)
}

/// A mail server says its name first.
pub async fn a_mail_server_listens() -> Fault {
    let mail = Socket::greeting(MAIL).await;
    Fault::new(at(Scheme::Mqtt, mail.port()), "mqtt", "port.is_other", "use_port")
        .cure(Cure::Changes)
        .words(&["smtp", "mail"])
        .keep(mail)
}

const MAIL: &[u8] = b"220 mail.plant.example ESMTP Postfix (Debian)\r\n";

/// The same with TLS, which mail servers begin later and on request.
pub async fn a_mail_server_listens_where_mqtts_was_expected() -> Fault {
    let mail = Socket::greeting(MAIL).await;
    Fault::new(at(Scheme::Mqtts, mail.port()), "tls", "port.is_other", "use_port")
        .cure(Cure::Changes)
        .words(&["smtp", "mail"])
        .keep(mail)
}

/// RabbitMQ on 5672: it says the version of AMQP that it wants, and closes.
pub async fn amqp_listens() -> Fault {
    let queue = Socket::answering(b"AMQP\x00\x00\x09\x01").await;
    Fault::new(at(Scheme::Mqtt, queue.port()), "mqtt", "port.is_other", "use_port")
        .cure(Cure::Changes)
        .words(&["amqp"])
        .keep(queue)
}

/// Redis takes CONNECT for a command that it does not know.
pub async fn a_redis_listens() -> Fault {
    let redis = Socket::answering(b"-ERR unknown command\r\n").await;
    Fault::new(at(Scheme::Mqtt, redis.port()), "mqtt", "port.is_other", "use_port")
        .cure(Cure::Changes)
        .words(&["redis"])
        .keep(redis)
}

/// MariaDB says its version first, in a packet of its own protocol.
pub async fn a_database_listens() -> Fault {
    let greeting = b"\x4e\0\0\0\x0a5.5.5-10.11.6-MariaDB\0\x08\0\0\0abcdefgh\0";
    let database = Socket::greeting(greeting).await;
    Fault::new(at(Scheme::Mqtt, database.port()), "mqtt", "port.is_other", "use_port")
        .cure(Cure::Changes)
        .words(&["mysql", "mariadb", "database"])
        .keep(database)
}
