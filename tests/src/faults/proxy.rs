//! Faults of proxies: tinyproxy for HTTP CONNECT, microsocks for SOCKS 5, and what is neither.

use std::fmt::Write as _;

use mqttscope_model::{Proxy, ProxyServer, Scheme, SecretSlot};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::lab::{Deaf, Served, Socket};
use super::{Cure, Fault, at, rows};
use crate::nginx::Nginx;

rows![
    the_http_proxy_wants_credentials,
    the_http_proxy_takes_no_such_password,
    the_http_proxy_forbids_the_port,
    the_http_proxy_cannot_reach_the_broker,
    the_http_proxy_is_not_there,
    the_http_proxy_is_a_broker,
    the_http_proxy_is_silent,
    the_socks_proxy_wants_credentials,
    the_socks_proxy_takes_no_such_password,
    the_socks_proxy_cannot_reach_the_broker,
    the_socks_proxy_is_not_there,
    the_socks_proxy_speaks_http,
    the_http_proxy_speaks_socks,
    the_http_proxy_says_503,
    the_http_proxy_is_a_web_server,
    the_socks_proxy_forbids_it,
    the_socks_proxy_is_a_web_server,
];

const USER: &str = "somebody";
const RIGHT: &str = "right-password";
const WRONG: &str = "wrong-password";

/// tinyproxy; `lines` are added to its configuration.
fn tinyproxy(lines: &str) -> Served {
    Served::start("tinyproxy", |command, folder, port| {
        let path = folder.join("tinyproxy.conf");
        let mut text = format!("Port {port}\nListen 127.0.0.1\nTimeout 600\nAllow 127.0.0.1\n");
        _ = writeln!(text, "{lines}");
        std::fs::write(&path, text).expect("the configuration can be written");
        command.arg("-d").arg("-c").arg(path);
    })
}

/// microsocks, with a password or without.
fn microsocks(password: bool) -> Served {
    Served::start("microsocks", |command, _, port| {
        command.args(["-i", "127.0.0.1", "-p", &port.to_string()]);
        if password {
            command.args(["-u", USER, "-P", RIGHT]);
        }
    })
}

fn server(port: u16, user: &str) -> ProxyServer {
    ProxyServer { host: "127.0.0.1".to_owned(), port, user_name: user.to_owned(), password: None }
}

fn http(port: u16, user: &str) -> Proxy {
    Proxy::Http { server: server(port, user) }
}

fn socks(port: u16, user: &str) -> Proxy {
    Proxy::Socks5 { server: server(port, user) }
}

/// A broker that could be reached without the proxy.
fn through(proxy: Proxy, cause: &'static str, fix: &'static str) -> Fault {
    let broker = Served::mosquitto("", &[]);
    Fault::new(at(Scheme::Mqtt, broker.port()), "proxy", cause, fix)
        .with(|profile| profile.proxy = proxy)
        .keep(broker)
}

/// 407.
pub async fn the_http_proxy_wants_credentials() -> Fault {
    let proxy = tinyproxy(&format!("BasicAuth {USER} {RIGHT}"));
    through(http(proxy.port(), ""), "proxy.credentials", "proxy_credentials").keep(proxy)
}

/// Another password.
pub async fn the_http_proxy_takes_no_such_password() -> Fault {
    let proxy = tinyproxy(&format!("BasicAuth {USER} {RIGHT}"));
    through(http(proxy.port(), USER), "proxy.credentials", "proxy_credentials")
        .secret(SecretSlot::ProxyPassword, WRONG)
        .keep(proxy)
}

/// A company's proxy that lets 443 through alone.
pub async fn the_http_proxy_forbids_the_port() -> Fault {
    let proxy = tinyproxy("ConnectPort 443");
    through(http(proxy.port(), ""), "proxy.forbidden", "without_proxy")
        .cure(Cure::Connects)
        .keep(proxy)
}

/// Nothing listens where the proxy is sent.
pub async fn the_http_proxy_cannot_reach_the_broker() -> Fault {
    let (proxy, deaf) = (tinyproxy(""), Deaf::start());
    beyond(http(proxy.port(), ""), deaf).keep(proxy)
}

fn beyond(proxy: Proxy, deaf: Deaf) -> Fault {
    let to = at(Scheme::Mqtt, deaf.port());
    Fault::new(to, "proxy", "proxy.broker_unreachable", "check_broker_runs")
        .with(|profile| profile.proxy = proxy)
        .keep(deaf)
}

/// Nothing listens at the proxy's address.
pub async fn the_http_proxy_is_not_there() -> Fault {
    let deaf = Deaf::start();
    let mut fault = through(http(deaf.port(), ""), "proxy.unreachable", "check_proxy").keep(deaf);
    fault.stage = "tcp";
    fault
}

/// A broker listens at the proxy's address: it closes when it is asked for a way, which a proxy may do too.
pub async fn the_http_proxy_is_a_broker() -> Fault {
    let other = Served::mosquitto("", &[]);
    through(http(other.port(), ""), "proxy.failed", "check_proxy").keep(other)
}

/// Something takes the connection and never answers.
pub async fn the_http_proxy_is_silent() -> Fault {
    let silent = Socket::silent().await;
    through(http(silent.port(), ""), "proxy.failed", "check_proxy")
        .with(|profile| profile.connect_timeout = 1)
        .keep(silent)
}

/// SOCKS 5 with none of the methods that were offered.
pub async fn the_socks_proxy_wants_credentials() -> Fault {
    let proxy = microsocks(true);
    through(socks(proxy.port(), ""), "proxy.credentials", "proxy_credentials").keep(proxy)
}

/// Another password.
pub async fn the_socks_proxy_takes_no_such_password() -> Fault {
    let proxy = microsocks(true);
    through(socks(proxy.port(), USER), "proxy.credentials", "proxy_credentials")
        .secret(SecretSlot::ProxyPassword, WRONG)
        .keep(proxy)
}

/// Nothing listens where the proxy is sent.
pub async fn the_socks_proxy_cannot_reach_the_broker() -> Fault {
    let (proxy, deaf) = (microsocks(false), Deaf::start());
    beyond(socks(proxy.port(), ""), deaf).keep(proxy)
}

/// Nothing listens at the proxy's address.
pub async fn the_socks_proxy_is_not_there() -> Fault {
    let deaf = Deaf::start();
    let mut fault = through(socks(deaf.port(), ""), "proxy.unreachable", "check_proxy").keep(deaf);
    fault.stage = "tcp";
    fault
}

/// An HTTP proxy listens there: it waits for the end of a request that never ends.
pub async fn the_socks_proxy_speaks_http() -> Fault {
    let proxy = tinyproxy("");
    through(socks(proxy.port(), ""), "proxy.failed", "check_proxy")
        .with(|profile| profile.connect_timeout = 2)
        .keep(proxy)
}

/// A SOCKS proxy listens where an HTTP proxy was expected, and answers with its version.
pub async fn the_http_proxy_speaks_socks() -> Fault {
    let proxy = Socket::answering(&[5, 0xff]).await;
    through(http(proxy.port(), ""), "proxy.not_spoken", "check_proxy")
        .cure(Cure::Changes)
        .keep(proxy)
}

/// A web server answers the SOCKS greeting with an error page.
pub async fn the_socks_proxy_is_a_web_server() -> Fault {
    let server = Socket::answering(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n").await;
    through(socks(server.port(), ""), "proxy.not_spoken", "check_proxy")
        .cure(Cure::Changes)
        .keep(server)
}

/// As Squid says that it cannot reach the broker.
pub async fn the_http_proxy_says_503() -> Fault {
    let answer = b"HTTP/1.1 503 Service Unavailable\r\nX-Squid-Error: ERR_CONNECT_FAIL 110\r\n\r\n";
    let proxy = Socket::answering(answer).await;
    through(http(proxy.port(), ""), "proxy.broker_unreachable", "check_broker_runs").keep(proxy)
}

/// nginx is no proxy for CONNECT, and says so with 405.
pub async fn the_http_proxy_is_a_web_server() -> Fault {
    let nginx = Nginx::plain("return 200;");
    through(http(nginx.port(), ""), "proxy.not_spoken", "check_proxy").keep(nginx)
}

/// A SOCKS proxy whose rules do not allow the connection (RFC 1928, section 6: reply 2).
pub async fn the_socks_proxy_forbids_it() -> Fault {
    let proxy = Socket::start(|mut stream| async move {
        _ = stream.read(&mut [0; 512]).await?;
        stream.write_all(&[5, 0]).await?;
        _ = stream.read(&mut [0; 512]).await?;
        stream.write_all(&[5, 2, 0, 1, 0, 0, 0, 0, 0, 0]).await
    })
    .await;
    through(socks(proxy.port(), ""), "proxy.forbidden", "without_proxy")
        .cure(Cure::Connects)
        .keep(proxy)
}
