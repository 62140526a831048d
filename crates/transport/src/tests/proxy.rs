//! Proxies that answer in every way, in this process. Real ones are met in the acceptance tests.

use std::net::SocketAddr;
use std::time::Duration;

use mqttscope_model::{
    ConnectStage, ErrorCode, Proxy, ProxyServer, Scheme, Secret, SecretSlot, Secrets, UserError,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::support::*;
use crate::{DialEvent, DialOptions, ProxyOptions, StageLimits, dial};

const PASSWORD: &str = "hunter2";

/// Where the broker is said to be; nobody goes there.
const BROKER: &str = "broker.example";

fn through(proxy: SocketAddr, socks: bool, user_name: &str) -> DialOptions {
    let mut options = options(Scheme::Mqtt, proxy);
    options.endpoint.host = BROKER.to_owned();
    options.endpoint.port = 1883;
    let server = ProxyServer {
        host: proxy.ip().to_string(),
        port: proxy.port(),
        user_name: user_name.to_owned(),
        password: None,
    };
    let settings = if socks { Proxy::Socks5 { server } } else { Proxy::Http { server } };
    let mut secrets = Secrets::default();
    secrets.insert(SecretSlot::ProxyPassword, Secret::new(PASSWORD));
    options.proxy = ProxyOptions::read(&settings, &options.endpoint, &secrets).unwrap();
    options
}

/// Wants a failure of the proxy stage that tells no password.
async fn refuse(options: &DialOptions, code: ErrorCode) -> UserError {
    let error = fail(options, ConnectStage::Proxy, code).await;
    let text = format!("{error:?} {options:?}");
    assert!(!text.contains(PASSWORD) && !text.contains("aHVudGVyMg"), "{text}");
    error
}

async fn refuse_http(answer: &str, user_name: &str, code: ErrorCode) -> UserError {
    let server = serve_answer(answer.as_bytes().to_vec()).await;
    refuse(&through(server.address, false, user_name), code).await
}

#[tokio::test]
async fn an_http_proxy_is_asked_and_what_follows_its_answer_is_the_brokers() {
    let (told, mut requests) = tokio::sync::mpsc::unbounded_channel();
    let server = serve(move |mut stream| {
        let told = told.clone();
        async move {
            let mut request = vec![0; 4096];
            let count = stream.read(&mut request).await.unwrap();
            told.send(String::from_utf8(request[..count].to_vec()).unwrap()).unwrap();
            stream.write_all(b"HTTP/1.0 200 Go\r\nProxy-agent: x\r\n\r\nhello").await.unwrap();
            drain(stream).await;
        }
    })
    .await;
    let options = through(server.address, false, "user");
    let mut events = Vec::new();
    let mut dialled = dial(&options, &mut |event| events.push(event)).await.unwrap();
    let mut bytes = [0; 5];
    dialled.stream.read_exact(&mut bytes).await.unwrap();
    assert_eq!(&bytes, b"hello");
    assert_eq!(
        requests.recv().await.unwrap(),
        "CONNECT broker.example:1883 HTTP/1.1\r\nHost: broker.example:1883\r\n\
         Proxy-Authorization: Basic dXNlcjpodW50ZXIy\r\n\r\n"
    );
    let Some(DialEvent::Passed { stage: ConnectStage::Proxy, evidence, .. }) = events.last() else {
        panic!("{events:?}");
    };
    let expect = format!("HTTP proxy {} of the profile: HTTP/1.0 200 Go", server.address);
    assert_eq!(*evidence, expect);
}

#[tokio::test]
async fn tls_and_websocket_run_through_a_proxy() {
    let pki = Pki::new();
    let config = tls_config(pki.issue(&named("localhost")), rustls::ALL_VERSIONS, Wants::Nothing);
    let acceptor = tokio_rustls::TlsAcceptor::from(std::sync::Arc::new(config));
    let server = serve(move |mut stream| {
        let acceptor = acceptor.clone();
        async move {
            let mut request = vec![0; 4096];
            let _count = stream.read(&mut request).await.unwrap();
            stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
            let mut stream = acceptor.accept(stream).await.unwrap();
            stream.write_all(b"hello").await.unwrap();
            drain(stream).await;
        }
    })
    .await;
    let tls = tls_options(Scheme::Mqtts, server.address, &pki.settings()).await.tls;
    let options = DialOptions { tls, ..through(server.address, false, "") };
    let mut bytes = [0; 5];
    succeed(&options).await.stream.read_exact(&mut bytes).await.unwrap();
    assert_eq!(&bytes, b"hello");
}

#[tokio::test]
async fn each_refusal_of_an_http_proxy_has_its_cause() {
    use ErrorCode as E;
    let wants = "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"x\"\r\n\r\n";
    let error = refuse_http(wants, "", E::ProxyUnauthorised).await;
    assert!(error.message.contains("none were sent"), "{}", error.message);
    assert_eq!(error.details["authenticate"], "Basic realm=\"x\"");
    let error = refuse_http(wants, "user", E::ProxyUnauthorised).await;
    assert!(error.message.contains("does not accept"), "{}", error.message);
    for (status, code) in [
        ("403 Forbidden", E::ProxyForbidden),
        ("405 Method Not Allowed", E::ProxyForbidden),
        ("500 Unable to connect", E::ProxyBrokerUnreachable),
        ("502 Bad Gateway", E::ProxyBrokerUnreachable),
        ("503 Service Unavailable", E::ProxyBrokerUnreachable),
        ("504 Gateway Timeout", E::ProxyBrokerUnreachable),
        ("302 Found", E::ProxyRefused),
        ("418 I am a teapot", E::ProxyRefused),
    ] {
        let error = refuse_http(&format!("HTTP/1.1 {status}\r\n\r\n"), "", code).await;
        assert_eq!(error.details["status"], status[..3]);
        assert!(error.details["evidence"].contains(status));
    }
}

#[tokio::test]
async fn what_is_no_http_proxy_is_said_with_its_first_bytes() {
    let code = ErrorCode::ProxyNotSpoken;
    let error = refuse_http("SSH-2.0-OpenSSH_9.2\r\n", "", code).await;
    assert_eq!(error.details["first_bytes"], "SSH-2.0-OpenSSH_9.2");
    refuse_http("HTTP/1.1 nonsense\r\n\r\n", "", code).await;
    let endless = format!("HTTP/1.1 200 OK\r\nX: {}", "x".repeat(20_000));
    refuse_http(&endless, "", code).await;
}

#[tokio::test]
async fn a_proxy_that_closes_or_is_silent_or_not_there_is_told() {
    let closing = serve(|mut stream| async move {
        let _count = stream.read(&mut [0; 4096]).await.unwrap();
    })
    .await;
    let silent = serve(drain).await;
    for socks in [false, true] {
        refuse(&through(closing.address, socks, "u"), ErrorCode::ProxyClosed).await;
        let limits = StageLimits { proxy: Duration::from_millis(100), ..StageLimits::each(LONG) };
        let options = DialOptions { limits, ..through(silent.address, socks, "u") };
        refuse(&options, ErrorCode::ProxyTimedOut).await;
    }
    let gone = serve(drain).await.address;
    let options = through(gone, false, "");
    let error = fail(&options, ConnectStage::Tcp, ErrorCode::ProxyUnreachable).await;
    assert_eq!(error.details["proxy"], gone.to_string());
    assert_eq!(error.details["host"], BROKER);
}

/// A SOCKS 5 proxy that answers each message of ours with the next of its own.
async fn socks(answers: &'static [&'static [u8]]) -> Server {
    serve(move |mut stream| async move {
        for answer in answers {
            let Ok(1..) = stream.read(&mut [0; 1024]).await else { return };
            stream.write_all(answer).await.unwrap();
        }
        drain(stream).await;
    })
    .await
}

#[tokio::test]
async fn a_socks_proxy_gets_the_name_and_the_credentials() {
    let (told, mut requests) = tokio::sync::mpsc::unbounded_channel();
    let server = serve(move |mut stream| {
        let told = told.clone();
        async move {
            for answer in [&[5, 2][..], &[1, 0], &[5, 0, 0, 1, 0, 0, 0, 0, 0, 0]] {
                let mut request = vec![0; 1024];
                let count = stream.read(&mut request).await.unwrap();
                told.send(request[..count].to_vec()).unwrap();
                stream.write_all(answer).await.unwrap();
            }
            stream.write_all(b"hello").await.unwrap();
            drain(stream).await;
        }
    })
    .await;
    let mut bytes = [0; 5];
    let mut dialled = succeed(&through(server.address, true, "user")).await;
    dialled.stream.read_exact(&mut bytes).await.unwrap();
    assert_eq!(&bytes, b"hello");
    let _methods = requests.recv().await.unwrap();
    assert_eq!(requests.recv().await.unwrap(), b"\x01\x04user\x07hunter2");
    let asked = requests.recv().await.unwrap();
    assert_eq!(asked, b"\x05\x01\x00\x03\x0ebroker.example\x07\x5b");
}

#[tokio::test]
async fn each_refusal_of_a_socks_proxy_has_its_cause() {
    use ErrorCode as E;
    const NO: [&[&[u8]]; 8] = [
        &[&[5, 0], &[5, 1, 0, 1, 0, 0, 0, 0, 0, 0]],
        &[&[5, 0], &[5, 2, 0, 1, 0, 0, 0, 0, 0, 0]],
        &[&[5, 0], &[5, 3, 0, 1, 0, 0, 0, 0, 0, 0]],
        &[&[5, 0], &[5, 4, 0, 1, 0, 0, 0, 0, 0, 0]],
        &[&[5, 0], &[5, 5, 0, 1, 0, 0, 0, 0, 0, 0]],
        &[&[5, 0], &[5, 6, 0, 1, 0, 0, 0, 0, 0, 0]],
        &[&[5, 0], &[5, 7, 0, 1, 0, 0, 0, 0, 0, 0]],
        &[&[5, 0], &[5, 8, 0, 1, 0, 0, 0, 0, 0, 0]],
    ];
    let codes = [
        E::ProxyRefused,
        E::ProxyForbidden,
        E::ProxyBrokerUnreachable,
        E::ProxyBrokerUnreachable,
        E::ProxyBrokerUnreachable,
        E::ProxyBrokerUnreachable,
        E::ProxyRefused,
        E::ProxyRefused,
    ];
    for (answers, code) in NO.into_iter().zip(codes) {
        refuse(&through(socks(answers).await.address, true, ""), code).await;
    }
    let wants_password = socks(&[&[5, 0xFF]]).await;
    refuse(&through(wants_password.address, true, ""), E::ProxyUnauthorised).await;
    let dislikes_password = socks(&[&[5, 2], &[1, 1]]).await;
    refuse(&through(dislikes_password.address, true, "u"), E::ProxyUnauthorised).await;
    let http = socks(&[b"HTTP/1.1 400 Bad Request\r\n\r\n"]).await;
    let error = refuse(&through(http.address, true, ""), E::ProxyNotSpoken).await;
    assert!(error.details["first_bytes"].starts_with("HT"), "{error:?}");
}

#[tokio::test]
async fn a_proxys_answer_is_told_in_its_own_terms() {
    let yes: &[&[u8]] = &[&[5, 0], &[5, 0, 0, 1, 0, 0, 0, 0, 0, 0]];
    let server = socks(yes).await;
    let proxy = succeed(&through(server.address, true, "")).await.facts.proxy.unwrap();
    assert_eq!((proxy.kind.as_str(), proxy.answer.as_str()), ("socks5", "SOCKS 5 reply 0"));
    assert_eq!((proxy.named_by.as_str(), proxy.authenticated), ("profile", false));

    let facts = async |options: &DialOptions| {
        let error = dial(options, &mut |_| {}).await.unwrap_err();
        assert!(!format!("{error:?}").contains(PASSWORD));
        error.facts().clone()
    };
    let cases: [(&[&[u8]], &str, &str); 3] = [
        (&[&[5, 0], &[5, 2, 0, 1, 0, 0, 0, 0, 0, 0]], "", "SOCKS 5 reply 2"),
        (&[&[5, 0xff]], "", "SOCKS 5 method 255"),
        (&[&[5, 2], &[1, 1]], "user", "SOCKS 5 authentication status 1"),
    ];
    for (answers, user_name, expect) in cases {
        let server = socks(answers).await;
        let proxy = facts(&through(server.address, true, user_name)).await.proxy.unwrap();
        assert_eq!((proxy.answer.as_str(), proxy.authenticated), (expect, !user_name.is_empty()));
    }
    let server = serve_answer(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n".to_vec()).await;
    let proxy = facts(&through(server.address, false, "user")).await.proxy.unwrap();
    assert_eq!(proxy.answer, "HTTP/1.1 407 Proxy Authentication Required");
    assert_eq!((proxy.kind.as_str(), proxy.authenticated), ("http", true));
    assert_eq!(proxy.address, server.address.to_string());
    let server = serve_answer(b"SSH-2.0-OpenSSH_9.2\r\n".to_vec()).await;
    let facts = facts(&through(server.address, false, "")).await;
    assert_eq!(facts.first_bytes.unwrap().spoken.as_deref(), Some("SSH"));
    // The name and the addresses are the proxy's; the broker's are not known here.
    assert_eq!(facts.name.unwrap().name, "127.0.0.1");
}
