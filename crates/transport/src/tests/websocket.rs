//! The WebSocket handshake: what passes, and one test for each refusal.

use std::time::Duration;

use mqttscope_model::{
    ConnectStage, ErrorCode, Header, HeaderValue, Scheme, Secret, SecretSlot, Secrets, UserError,
    WebSocketSettings,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::handshake::server::{Request, Response};
use tokio_tungstenite::{WebSocketStream, accept_async, accept_hdr_async};

use super::support::*;
use crate::{DialEvent, DialOptions, StageLimits, WebSocketOptions, dial};

/// Answers the request with `answer` and wants a failure of the WebSocket stage.
async fn refuse(answer: &str, code: ErrorCode) -> UserError {
    let server = serve_answer(answer.as_bytes().to_vec()).await;
    fail(&options(Scheme::Ws, server.address), ConnectStage::WebSocket, code).await
}

/// Accepts with the subprotocol that was asked for, and gives the request's line and Host to `seen`.
#[expect(clippy::result_large_err, reason = "the library's callback has this shape")]
async fn accept<S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin>(
    stream: S,
    seen: impl FnOnce(&Request) + Unpin,
) -> WebSocketStream<S> {
    let callback = |request: &Request, mut response: Response| {
        seen(request);
        let asked = request.headers()["Sec-WebSocket-Protocol"].clone();
        response.headers_mut().insert("Sec-WebSocket-Protocol", asked);
        Ok(response)
    };
    accept_hdr_async(stream, callback).await.unwrap()
}

/// Sends every message back.
async fn echo<S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin>(
    mut socket: WebSocketStream<S>,
) {
    use futures_util::{SinkExt, StreamExt};
    while let Some(Ok(message)) = socket.next().await {
        if matches!(message, Message::Binary(_)) && socket.send(message).await.is_err() {
            return;
        }
    }
}

#[tokio::test]
async fn a_websocket_is_a_byte_stream_with_path_query_host_and_subprotocol() {
    let (told, mut requests) = tokio::sync::mpsc::unbounded_channel();
    let server = serve(move |stream| {
        let told = told.clone();
        async move {
            let seen = |request: &Request| {
                let host = request.headers()["host"].to_str().unwrap().to_owned();
                let asked = request.headers()["sec-websocket-protocol"].to_str().unwrap();
                told.send((request.uri().to_string(), host, asked.to_owned())).unwrap();
            };
            echo(accept(stream, seen).await).await;
        }
    })
    .await;
    let mut options = DialOptions {
        websocket: WebSocketOptions::plain("mqttv3.1"),
        ..options(Scheme::Ws, server.address)
    };
    options.endpoint.path = "/mqtt?token=a%2Fb".to_owned();
    let mut events = Vec::new();
    let mut dialled = dial(&options, &mut |event| events.push(event)).await.unwrap();
    let (target, host, asked) = requests.recv().await.unwrap();
    assert_eq!(target, "/mqtt?token=a%2Fb");
    assert_eq!((host, asked.as_str()), (server.address.to_string(), "mqttv3.1"));
    let Some(DialEvent::Passed { stage: ConnectStage::WebSocket, evidence, .. }) = events.last()
    else {
        panic!("{events:?}");
    };
    assert_eq!(evidence, "101 Switching Protocols, path /mqtt, subprotocol mqttv3.1");
    dialled.stream.write_all(b"hello").await.unwrap();
    dialled.stream.flush().await.unwrap();
    let mut answer = [0; 5];
    dialled.stream.read_exact(&mut answer).await.unwrap();
    assert_eq!(&answer, b"hello");
}

#[tokio::test]
async fn headers_and_subprotocols_of_the_profile_go_with_the_request() {
    let (told, mut requests) = tokio::sync::mpsc::unbounded_channel();
    let server = serve(move |stream| {
        let told = told.clone();
        async move {
            let seen = |request: &Request| told.send(request.headers().clone()).unwrap();
            #[expect(clippy::result_large_err, reason = "the library's callback has this shape")]
            let callback = |request: &Request, mut response: Response| {
                seen(request);
                response.headers_mut().insert("Sec-WebSocket-Protocol", "mqtt".parse().unwrap());
                Ok(response)
            };
            let _closed = accept_hdr_async(stream, callback).await;
        }
    })
    .await;
    let value = |text: &str| HeaderValue::Text { text: text.to_owned() };
    let header = |name: &str, value| Header { name: name.to_owned(), value };
    let settings = WebSocketSettings {
        headers: vec![
            header("X-Site", value("one")),
            header("X-Site", value("two")),
            header("Authorization", HeaderValue::Stored { secret: None }),
        ],
        subprotocols: vec!["mqttv5.0".to_owned(), "mqtt".to_owned()],
        require_subprotocol: true,
    };
    let mut secrets = Secrets::default();
    secrets.insert(SecretSlot::header("authorization"), Secret::new("Bearer hunter2"));
    let mut options = options(Scheme::Ws, server.address);
    options.websocket =
        WebSocketOptions::read(&settings, "mqtt", &options.endpoint, &secrets).unwrap();
    succeed(&options).await;
    let headers = requests.recv().await.unwrap();
    let sites: Vec<_> = headers.get_all("x-site").iter().collect();
    assert_eq!(sites, ["one", "two"]);
    assert_eq!(headers["authorization"], "Bearer hunter2");
    assert_eq!(headers["sec-websocket-protocol"], "mqttv5.0, mqtt");
}

#[tokio::test]
async fn an_answer_without_subprotocol_passes_where_the_profile_lets_it() {
    let server = serve(|stream| async move {
        // The first message comes at once, in the same packet as the answer where the system likes.
        use futures_util::SinkExt;
        let mut socket = accept_async(stream).await.unwrap();
        socket.send(Message::Binary("first".into())).await.unwrap();
        echo(socket).await;
    })
    .await;
    let mut options = options(Scheme::Ws, server.address);
    options.websocket.require_subprotocol = false;
    let mut dialled = succeed(&options).await;
    let mut bytes = [0; 5];
    dialled.stream.read_exact(&mut bytes).await.unwrap();
    assert_eq!(&bytes, b"first");
    dialled.stream.write_all(b"hello").await.unwrap();
    dialled.stream.flush().await.unwrap();
    dialled.stream.read_exact(&mut bytes).await.unwrap();
    assert_eq!(&bytes, b"hello");
}

#[tokio::test]
async fn what_follows_an_answer_without_subprotocol_in_one_packet_is_not_lost() {
    let server = serve(|mut stream| async move {
        let mut request = vec![0; 4096];
        let count = stream.read(&mut request).await.unwrap();
        let text = String::from_utf8_lossy(&request[..count]).into_owned();
        let key = text.lines().find_map(|line| line.strip_prefix("Sec-WebSocket-Key: ")).unwrap();
        let accept = derive_accept_key(key.as_bytes());
        let answer = format!(
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n\r\n"
        );
        let mut answer = answer.into_bytes();
        answer.extend_from_slice(&[0x82, 5]);
        answer.extend_from_slice(b"first");
        stream.write_all(&answer).await.unwrap();
        drain(stream).await;
    })
    .await;
    let mut options = options(Scheme::Ws, server.address);
    options.websocket.require_subprotocol = false;
    let mut bytes = [0; 5];
    succeed(&options).await.stream.read_exact(&mut bytes).await.unwrap();
    assert_eq!(&bytes, b"first");
}

#[tokio::test]
async fn a_websocket_runs_over_tls() {
    let pki = Pki::new();
    let config = tls_config(pki.issue(&named("localhost")), rustls::ALL_VERSIONS, Wants::Nothing);
    let acceptor = tokio_rustls::TlsAcceptor::from(std::sync::Arc::new(config));
    let server = serve(move |stream| {
        let acceptor = acceptor.clone();
        async move { echo(accept(acceptor.accept(stream).await.unwrap(), |_| {}).await).await }
    })
    .await;
    let options = tls_options(Scheme::Wss, server.address, &pki.settings()).await;
    let mut dialled = succeed(&options).await;
    assert!(dialled.tls.unwrap().verified);
    dialled.stream.write_all(b"x").await.unwrap();
    dialled.stream.flush().await.unwrap();
    assert_eq!(dialled.stream.read_u8().await.unwrap(), b'x');
}

#[tokio::test]
async fn twenty_megabytes_pass_in_one_message_and_in_many() {
    let server = serve(|stream| async move {
        use futures_util::{SinkExt, StreamExt};
        let mut socket = accept(stream, |_| {}).await;
        let mut all = Vec::new();
        while all.len() < 20 << 20 {
            if let Message::Binary(bytes) = socket.next().await.unwrap().unwrap() {
                assert!(bytes.len() <= 64 << 10);
                all.extend_from_slice(&bytes);
            }
        }
        socket.send(Message::Binary(all.into())).await.unwrap();
        let _closed = socket.next().await;
    })
    .await;
    let stream = succeed(&options(Scheme::Ws, server.address)).await.stream;
    let (mut read, mut write) = tokio::io::split(stream);
    let sent: Vec<u8> = (0..20_u32 << 20).map(|i| (i % 251) as u8).collect();
    write.write_all(&sent).await.unwrap();
    write.flush().await.unwrap();
    let mut back = vec![0; sent.len()];
    read.read_exact(&mut back).await.unwrap();
    assert!(back == sent);
}

#[tokio::test]
async fn an_unknown_path_is_named() {
    let error = refuse(
        "HTTP/1.1 404 Not Found\r\nServer: nginx\r\nContent-Length: 4\r\n\r\nnope",
        ErrorCode::WebSocketPathNotFound,
    )
    .await;
    assert_eq!(error.details["path"], "/mqtt");
    assert_eq!(error.details["server"], "nginx");
    assert_eq!(error.details["body"], "nope");
    assert_eq!(error.details["evidence"], "HTTP 404 Not Found");
}

#[tokio::test]
async fn a_token_in_the_query_is_in_no_error() {
    let server =
        serve_answer(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n".to_vec()).await;
    let mut options = options(Scheme::Ws, server.address);
    for (path, stage, code) in [
        ("/mqtt?token=hunter2", ConnectStage::WebSocket, ErrorCode::WebSocketPathNotFound),
        ("/mqtt?token=hunter2 ", ConnectStage::Settings, ErrorCode::WebSocketPathInvalid),
    ] {
        options.endpoint.path = path.to_owned();
        let error = fail(&options, stage, code).await;
        assert!(!format!("{error:?}").contains("hunter2"), "{error:?}");
        assert_eq!(error.details["path"], "/mqtt?…");
    }
}

#[tokio::test]
async fn statuses_have_causes() {
    let cases = [
        ("401 Unauthorized", ErrorCode::WebSocketUnauthorised),
        ("403 Forbidden", ErrorCode::WebSocketUnauthorised),
        ("407 Proxy Authentication Required", ErrorCode::WebSocketUnauthorised),
        ("200 OK", ErrorCode::WebSocketNotUpgraded),
        ("400 Bad Request", ErrorCode::WebSocketNotUpgraded),
        ("426 Upgrade Required", ErrorCode::WebSocketNotUpgraded),
        ("502 Bad Gateway", ErrorCode::WebSocketGatewayFailed),
        ("503 Service Unavailable", ErrorCode::WebSocketGatewayFailed),
        ("504 Gateway Timeout", ErrorCode::WebSocketGatewayFailed),
        ("500 Internal Server Error", ErrorCode::WebSocketRefused),
        ("429 Too Many Requests", ErrorCode::WebSocketRefused),
    ];
    for (status, code) in cases {
        let error = refuse(&format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n"), code).await;
        assert_eq!(error.details["status"], status[..3]);
    }
}

#[tokio::test]
async fn a_redirect_says_where_to() {
    for status in [301, 302, 307] {
        let to = "https://login.example/?next=mqtt";
        let answer =
            format!("HTTP/1.1 {status} Moved\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n");
        let error = refuse(&answer, ErrorCode::WebSocketRedirected).await;
        assert_eq!(error.details["location"], to);
        assert!(error.hint.contains("wss"), "{}", error.hint);
    }
}

#[tokio::test]
async fn an_upgrade_without_a_subprotocol_is_refused() {
    let server = serve(|stream| async move {
        if let Ok(socket) = accept_async(stream).await {
            echo(socket).await;
        }
    })
    .await;
    let options = options(Scheme::Ws, server.address);
    let code = ErrorCode::WebSocketSubprotocol;
    let error = fail(&options, ConnectStage::WebSocket, code).await;
    assert_eq!(error.details["subprotocol"], "mqtt");
    assert!(!error.details.contains_key("answered"));
}

#[tokio::test]
async fn an_upgrade_with_another_subprotocol_names_it() {
    let server = serve(|stream| async move {
        #[expect(clippy::result_large_err, reason = "the library's callback has this shape")]
        let callback = |_: &Request, mut response: Response| {
            response.headers_mut().insert("Sec-WebSocket-Protocol", "wamp".parse().unwrap());
            Ok(response)
        };
        if let Ok(socket) = accept_hdr_async(stream, callback).await {
            echo(socket).await;
        }
    })
    .await;
    let options = options(Scheme::Ws, server.address);
    let code = ErrorCode::WebSocketSubprotocol;
    let error = fail(&options, ConnectStage::WebSocket, code).await;
    assert_eq!(error.details["answered"], "wamp");
}

#[tokio::test]
async fn a_port_that_wants_tls_is_recognised_by_its_alert_or_its_words() {
    let server = serve_answer(vec![0x15, 3, 1, 0, 2, 2, 70]).await;
    let options = options(Scheme::Ws, server.address);
    let code = ErrorCode::WebSocketTlsWanted;
    let error = fail(&options, ConnectStage::WebSocket, code).await;
    assert_eq!(error.details["first_bytes"], "15 03 01 00 02 02 46");
    for body in [
        "<center>The plain HTTP request was sent to HTTPS port</center>",
        "Client sent an HTTP request to an HTTPS server.\n",
    ] {
        refuse(
            &format!("HTTP/1.1 400 Bad Request\r\nContent-Length: {}\r\n\r\n{body}", body.len()),
            code,
        )
        .await;
    }
}

#[tokio::test]
async fn a_port_that_does_not_speak_http_is_told_with_its_first_bytes() {
    let cases: [(&[u8], &str, &str); 3] = [
        (b"SSH-2.0-OpenSSH_9.2\r\n", "SSH", "SSH-2.0-OpenSSH_9.2"),
        (b"\x20\x02\x00\x01", "MQTT", "20 02 00 01"),
        (b"220 mail.example ESMTP\r\n", "SMTP or FTP", "220 mail.example ESMTP"),
    ];
    for (bytes, spoken, shown) in cases {
        let server = serve_bytes(bytes).await;
        let options = options(Scheme::Ws, server.address);
        let code = ErrorCode::WebSocketNotSpoken;
        let error = fail(&options, ConnectStage::WebSocket, code).await;
        assert_eq!(
            (error.details["spoken"].as_str(), error.details["first_bytes"].as_str()),
            (spoken, shown)
        );
    }
}

#[tokio::test]
async fn an_http_answer_that_is_no_websocket_handshake_fails() {
    let answer = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
                  Sec-WebSocket-Accept: wrong\r\nSec-WebSocket-Protocol: mqtt\r\n\r\n";
    let error = refuse(answer, ErrorCode::WebSocketFailed).await;
    assert_eq!(error.details["first_bytes"], "HTTP/1.1 101 Switching Protocols");
}

#[tokio::test]
async fn a_connection_closed_without_an_answer_is_told() {
    let server = serve(|mut stream| async move {
        let _count = stream.read(&mut [0; 4096]).await.unwrap();
    })
    .await;
    let options = options(Scheme::Ws, server.address);
    fail(&options, ConnectStage::WebSocket, ErrorCode::WebSocketClosed).await;
}

#[tokio::test]
async fn a_silent_port_times_out_in_the_websocket_stage() {
    let server = serve(drain).await;
    let limits = StageLimits { websocket: Duration::from_millis(100), ..StageLimits::each(LONG) };
    let options = DialOptions { limits, ..options(Scheme::Ws, server.address) };
    let code = ErrorCode::WebSocketTimedOut;
    fail(&options, ConnectStage::WebSocket, code).await;
}

#[tokio::test]
async fn a_bad_path_is_found_before_dialling() {
    let mut options = options(Scheme::Ws, "127.0.0.1:1".parse().unwrap());
    options.endpoint.path = "/two words".to_owned();
    let code = ErrorCode::WebSocketPathInvalid;
    fail(&options, ConnectStage::Settings, code).await;
}
