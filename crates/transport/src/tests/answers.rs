//! What a WebSocket handshake leaves as facts: the answer with its headers and the beginning of its body, and no secret.

use std::time::Duration;

use mqttscope_model::{
    ConnectStage, ErrorCode, Header, HeaderValue, Scheme, Secrets, WebSocketFacts,
    WebSocketSettings,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_rustls::TlsAcceptor;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use super::support::*;
use crate::{DialError, DialOptions, StageLimits, WebSocketOptions, dial};

async fn refused(options: &DialOptions) -> DialError {
    let error = dial(options, &mut |_| {}).await.unwrap_err();
    assert_eq!(error.stage, ConnectStage::WebSocket);
    error
}

fn facts(error: &DialError) -> &WebSocketFacts {
    error.facts().websocket.as_ref().unwrap()
}

async fn answered(answer: &[u8]) -> DialError {
    let server = serve_answer(answer.to_vec()).await;
    refused(&options(Scheme::Ws, server.address)).await
}

#[tokio::test]
async fn an_answer_in_http_1_0_is_judged_by_its_status() {
    let answer = b"HTTP/1.0 404 File not found\r\nServer: SimpleHTTP\r\n\r\n<html>no file</html>";
    let error = answered(answer).await;
    assert_eq!(error.to_user_error().code, ErrorCode::WebSocketPathNotFound);
    let facts = facts(&error);
    assert_eq!((facts.status, facts.body.as_str()), (Some(404), "<html>no file</html>"));
}

#[tokio::test]
async fn a_refusal_is_told_with_headers_and_body() {
    for (status, text) in [(200, "OK"), (302, "Found"), (404, "Not Found"), (502, "Bad Gateway")] {
        let answer = format!(
            "HTTP/1.1 {status} {text}\r\nServer: nginx\r\nLocation: /login\r\nContent-Type: text/html\r\n\
             Set-Cookie: sid=hunter2; Path=/\r\nContent-Length: 26\r\n\r\n<html>\n<h1>Welcome</h1>..."
        );
        let error = answered(answer.as_bytes()).await;
        let facts = facts(&error);
        assert_eq!((facts.status, facts.status_text.as_str()), (Some(status), text));
        assert_eq!((facts.path.as_str(), facts.offered.as_str()), ("/mqtt", "mqtt"));
        let names: Vec<&str> = facts.headers.iter().map(|header| header.name.as_str()).collect();
        assert_eq!(names, ["Server", "Location", "Content-Type", "Set-Cookie", "Content-Length"]);
        assert_eq!(facts.headers[1].value, "/login");
        assert_eq!(facts.headers[3].value, "sid=…; Path=/");
        assert_eq!((facts.body.as_str(), facts.body_cut), ("<html>\n<h1>Welcome</h1>...", false));
        assert_eq!(error.to_user_error().details["page"], "true");
        assert!(!format!("{error:?}").contains("hunter2"));
        // What came was the HTTP that was waited for.
        assert_eq!(error.facts().first_bytes, None);
    }
}

#[tokio::test]
async fn a_page_is_told_from_an_upgrade_that_was_not_passed_on() {
    let page =
        answered(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 1\r\n\r\nx").await;
    let user = assert_failure(&page, ConnectStage::WebSocket, ErrorCode::WebSocketNotUpgraded);
    assert!(user.message.contains("with a web page"), "{}", user.message);
    let plain = answered(b"HTTP/1.1 426 Upgrade Required\r\nContent-Length: 0\r\n\r\n").await;
    let user = assert_failure(&plain, ConnectStage::WebSocket, ErrorCode::WebSocketNotUpgraded);
    assert_eq!(user.details["page"], "false");
    assert!(user.hint.contains("does not pass on Upgrade"), "{}", user.hint);
}

/// Answers in two parts and leaves the connection open.
async fn serve_in_parts(first: Vec<u8>, second: Vec<u8>) -> Server {
    serve(move |mut stream| {
        let (first, second) = (first.clone(), second.clone());
        async move {
            let _count = stream.read(&mut [0; 4096]).await.unwrap();
            stream.write_all(&first).await.unwrap();
            let _enough = stream.write_all(&second).await;
            drain(stream).await;
        }
    })
    .await
}

#[tokio::test]
async fn the_body_is_read_on_up_to_four_kibibytes() {
    let head = b"HTTP/1.1 503 Busy\r\nContent-Length: 9000\r\n\r\n".to_vec();
    let server = serve_in_parts(head, vec![b'x'; 9000]).await;
    let error = refused(&options(Scheme::Ws, server.address)).await;
    assert_eq!((facts(&error).body.len(), facts(&error).body_cut), (4096, true));

    let head = b"HTTP/1.1 404 No\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nhello \r\n".to_vec();
    let server = serve_in_parts(head, b"5\r\nworld\r\n0\r\n\r\n".to_vec()).await;
    let error = refused(&options(Scheme::Ws, server.address)).await;
    assert_eq!((facts(&error).body.as_str(), facts(&error).body_cut), ("hello world", false));
}

#[tokio::test]
async fn a_body_without_an_end_is_not_waited_for_longer_than_a_second() {
    let head = b"HTTP/1.1 404 No\r\n\r\nhello".to_vec();
    let server = serve_in_parts(head, Vec::new()).await;
    let options = options(Scheme::Ws, server.address);
    let error = tokio::time::timeout(LONG / 2, refused(&options)).await.unwrap();
    assert_eq!(facts(&error).body, "hello");
}

#[tokio::test]
async fn an_answer_within_tls_is_told_too() {
    let pki = Pki::new();
    let config = tls_config(pki.issue(&named("localhost")), rustls::ALL_VERSIONS, Wants::Nothing);
    let acceptor = TlsAcceptor::from(std::sync::Arc::new(config));
    let server = serve(move |stream| {
        let acceptor = acceptor.clone();
        async move {
            let mut stream = acceptor.accept(stream).await.unwrap();
            let _count = stream.read(&mut [0; 4096]).await.unwrap();
            let answer = b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 4\r\n\r\nno!\n";
            stream.write_all(answer).await.unwrap();
            stream.flush().await.unwrap();
            drain(stream).await;
        }
    })
    .await;
    let error = refused(&tls_options(Scheme::Wss, server.address, &pki.settings()).await).await;
    assert_eq!((facts(&error).status, facts(&error).body.as_str()), (Some(401), "no!\n"));
    assert!(error.facts().tls.as_ref().unwrap().completed);
}

/// Accepts every request, with `more` headers, and says `bytes` at once after the head.
pub(super) async fn accepting(more: &'static str, bytes: &'static [u8]) -> Server {
    serve(move |mut stream| async move {
        let mut request = vec![0; 4096];
        let count = stream.read(&mut request).await.unwrap();
        let request = String::from_utf8_lossy(&request[..count]).into_owned();
        let key = request.lines().find_map(|line| line.strip_prefix("Sec-WebSocket-Key: ")).unwrap();
        let accept = derive_accept_key(key.as_bytes());
        let head = format!(
            "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n{more}Sec-WebSocket-Accept: {accept}\r\n\r\n"
        );
        stream.write_all(&[head.as_bytes(), bytes].concat()).await.unwrap();
        drain(stream).await;
    })
    .await
}

#[tokio::test]
async fn an_accepted_upgrade_leaves_its_facts_and_loses_no_byte_behind_them() {
    let server = accepting("Sec-WebSocket-Protocol: mqtt\r\n", b"\x82\x02\x20\x02").await;
    let mut dialled = succeed(&options(Scheme::Ws, server.address)).await;
    let facts = dialled.facts.websocket.unwrap();
    assert_eq!((facts.status, facts.subprotocol.as_deref()), (Some(101), Some("mqtt")));
    assert_eq!(facts.headers.len(), 4);
    assert_eq!((facts.body.as_str(), facts.body_cut), ("", false));
    let mut bytes = [0; 2];
    dialled.stream.read_exact(&mut bytes).await.unwrap();
    assert_eq!(bytes, [0x20, 0x02]);

    let server = accepting("", b"").await;
    let error = refused(&options(Scheme::Ws, server.address)).await;
    assert_failure(&error, ConnectStage::WebSocket, ErrorCode::WebSocketSubprotocol);
    let facts = self::facts(&error);
    assert_eq!((facts.status, facts.subprotocol.as_deref()), (Some(101), None));
}

#[tokio::test]
async fn secrets_that_a_server_repeats_are_not_told() {
    let answer = b"HTTP/1.1 302 Found\r\nLocation: /login?back=/mqtt?token=hunter2\r\nContent-Length: 26\r\n\r\nyou sent Bearer hunter3...";
    let server = serve_answer(answer.to_vec()).await;
    let mut options = options(Scheme::Ws, server.address);
    options.endpoint.path = "/mqtt?token=hunter2".to_owned();
    let value = HeaderValue::Text { text: "Bearer hunter3".to_owned() };
    let headers = vec![Header { name: "Authorization".to_owned(), value }];
    let settings = WebSocketSettings { headers, ..WebSocketSettings::default() };
    options.websocket =
        WebSocketOptions::read(&settings, "mqtt", &options.endpoint, &Secrets::default()).unwrap();
    let error = refused(&options).await;
    let facts = facts(&error);
    assert_eq!((facts.path.as_str(), facts.body.as_str()), ("/mqtt", "you sent …..."));
    let shown = format!("{facts:?} {:?}", error.to_user_error());
    assert!(!shown.contains("hunter"), "{shown}");
}

#[tokio::test]
async fn what_is_no_http_is_told_by_its_first_bytes() {
    let cases: [(&[u8], Option<&str>); 3] = [
        (b"SSH-2.0-OpenSSH_9.2\r\n", Some("SSH")),
        (b"\x15\x03\x03\x00\x02\x02\x46", Some("TLS")),
        (b"\x01\x02\x03hello\r\n\r\n", None),
    ];
    for (bytes, spoken) in cases {
        let server = serve_answer(bytes.to_vec()).await;
        let options = options(Scheme::Ws, server.address);
        let limits = StageLimits { websocket: Duration::from_millis(500), ..options.limits };
        let error = refused(&DialOptions { limits, ..options }).await;
        let first = error.facts().first_bytes.clone().unwrap();
        assert_eq!((&first.bytes.0[..], first.spoken.as_deref()), (bytes, spoken));
        assert_eq!(facts(&error).status, None);
    }
}
