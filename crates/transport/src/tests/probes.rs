//! The longer diagnosis: every address is tried, and other schemes are tried by somebody who has nothing to show.

use mqttscope_model::{
    AddressOutcome, Header, HeaderValue, Scheme, Secrets, TlsSettings, WebSocketSettings,
};
use rustls::version::TLS13;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio_rustls::TlsAcceptor;

use super::support::*;
use crate::{DialOptions, Hello, StageLimits, WebSocketOptions, try_every_address, try_scheme};

/// A CONNECT of MQTT 3.1.1 with an empty Client Identifier and Clean Session; DISCONNECT; any CONNACK.
const HELLO: Hello<'_> = Hello {
    greeting: b"\x10\x0c\x00\x04MQTT\x04\x02\x00\x00\x00\x00",
    farewell: b"\xe0\x00",
    answers: |bytes| bytes.first() == Some(&0x20),
};

/// Answers with a CONNACK whatever comes, and tells what came.
async fn broker(answer: &'static [u8]) -> (Server, mpsc::UnboundedReceiver<Vec<u8>>) {
    let (told, got) = mpsc::unbounded_channel();
    let server = serve(move |mut stream| {
        let told = told.clone();
        async move {
            let mut bytes = vec![0; 4096];
            let count = stream.read(&mut bytes).await.unwrap();
            bytes.truncate(count);
            let _gone = stream.write_all(answer).await;
            let _ended = stream.read_to_end(&mut bytes).await;
            told.send(bytes).unwrap();
        }
    })
    .await;
    (server, got)
}

fn quick(options: DialOptions) -> DialOptions {
    DialOptions { limits: StageLimits::each(std::time::Duration::from_millis(500)), ..options }
}

#[tokio::test]
async fn every_address_is_tried_and_told() {
    let server = serve(drain).await;
    let tries = try_every_address(&options(Scheme::Mqtt, server.address)).await;
    let [one] = &tries[..] else { panic!("{tries:?}") };
    assert_eq!(
        (one.address.clone(), one.outcome),
        (server.address.to_string(), AddressOutcome::Connected)
    );
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let both = [closed, server.address];
    let tries = crate::tcp::try_each(&both, LONG).await;
    let outcomes: Vec<_> = tries.iter().map(|one| one.outcome).collect();
    assert_eq!(outcomes, [AddressOutcome::Refused, AddressOutcome::Connected]);
    let mut nowhere = options(Scheme::Mqtt, closed);
    nowhere.endpoint.host = "no-such-host.invalid".to_owned();
    assert_eq!(try_every_address(&nowhere).await, []);
}

#[tokio::test]
async fn mqtt_is_found_by_its_connack_and_left_politely() {
    let (server, mut got) = broker(b"\x20\x02\x00\x05").await;
    let tried = try_scheme(&options(Scheme::Ws, server.address), Scheme::Mqtt, &HELLO).await;
    assert!(tried.speaks && tried.scheme == Scheme::Mqtt);
    assert_eq!(tried.seen, "MQTT: 20 02 00 05");
    assert_eq!(got.recv().await.unwrap(), [HELLO.greeting, HELLO.farewell].concat());
}

#[tokio::test]
async fn what_is_not_mqtt_says_what_it_is() {
    let (server, _got) = broker(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
    let options = quick(options(Scheme::Ws, server.address));
    let tried = try_scheme(&options, Scheme::Mqtt, &HELLO).await;
    assert_eq!((tried.speaks, tried.seen.as_str()), (false, "HTTP: HTTP/1.1 400 Bad Request"));
    let tried = try_scheme(&options, Scheme::Mqtts, &HELLO).await;
    assert!(!tried.speaks && tried.seen.contains("HTTP/1.1 400"), "{}", tried.seen);
}

#[tokio::test]
async fn mqtts_is_found_with_any_certificate_and_without_one_of_ours() {
    let pki = Pki::new();
    let (told, mut got) = mpsc::unbounded_channel();
    let identity = Pki::called("Stranger").issue(&named("elsewhere.example"));
    let config = tls_config(identity, &[&TLS13], Wants::Nothing);
    let acceptor = TlsAcceptor::from(std::sync::Arc::new(config));
    let server = serve(move |stream| {
        let (acceptor, told) = (acceptor.clone(), told.clone());
        async move {
            let mut stream = acceptor.accept(stream).await.unwrap();
            let mut first = [0; 14];
            stream.read_exact(&mut first).await.unwrap();
            stream.write_all(b"\x20\x02\x00\x00").await.unwrap();
            stream.flush().await.unwrap();
            told.send((first, stream.get_ref().1.peer_certificates().is_some())).unwrap();
            drain(stream).await;
        }
    })
    .await;
    let settings = pki.settings_with(&pki.issue(&named("client")));
    let options = tls_options(Scheme::Wss, server.address, &settings).await;
    let tried = try_scheme(&options, Scheme::Mqtts, &HELLO).await;
    assert!(tried.speaks && tried.seen.contains("TLSv1.3"), "{}", tried.seen);
    assert_eq!(
        got.recv().await.unwrap(),
        (*b"\x10\x0c\x00\x04MQTT\x04\x02\x00\x00\x00\x00", false)
    );
    // The same from a profile without TLS.
    let plain = super::support::options(Scheme::Mqtt, server.address);
    assert!(try_scheme(&plain, Scheme::Mqtts, &HELLO).await.speaks);
}

#[tokio::test]
async fn a_port_that_wants_a_client_certificate_says_so() {
    let pki = Pki::new();
    let wants = Wants::CertificateOf(&pki);
    let server = tls_echo(tls_config(pki.issue(&named("localhost")), &[&TLS13], wants)).await;
    let settings = TlsSettings { verify: false, ..pki.settings_with(&pki.issue(&named("client"))) };
    let options = tls_options(Scheme::Mqtts, server.address, &settings).await;
    let tried = try_scheme(&options, Scheme::Mqtts, &HELLO).await;
    assert!(!tried.speaks && tried.seen.contains("wants a client certificate"), "{}", tried.seen);
}

#[tokio::test]
async fn a_websocket_is_asked_for_without_headers_and_query_of_the_profile() {
    let (server, mut got) = broker(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n").await;
    let mut options = options(Scheme::Mqtt, server.address);
    options.endpoint.path = "/mqtt?token=hunter2".to_owned();
    let value = HeaderValue::Text { text: "Bearer hunter3".to_owned() };
    let headers = vec![Header { name: "Authorization".to_owned(), value }];
    let settings = WebSocketSettings { headers, ..WebSocketSettings::default() };
    options.websocket =
        WebSocketOptions::read(&settings, "mqtt", &options.endpoint, &Secrets::default()).unwrap();
    let tried = try_scheme(&options, Scheme::Ws, &HELLO).await;
    assert_eq!((tried.speaks, tried.seen.as_str()), (false, "HTTP 403 Forbidden"));
    let request = String::from_utf8(got.recv().await.unwrap()).unwrap();
    assert!(request.starts_with("GET /mqtt HTTP/1.1\r\n"), "{request}");
    assert!(!request.contains("hunter"), "{request}");
}

#[tokio::test]
async fn an_accepted_upgrade_is_a_websocket_whatever_its_subprotocol() {
    for more in ["", "Sec-WebSocket-Protocol: other\r\n"] {
        let server = super::answers::accepting(more, b"").await;
        let tried = try_scheme(&options(Scheme::Mqtt, server.address), Scheme::Ws, &HELLO).await;
        assert!(tried.speaks, "{}", tried.seen);
    }
}
