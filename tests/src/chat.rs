//! A WebSocket server that is no broker: it greets with a text frame, as chats and development servers do.

use std::net::Ipv4Addr;

use base64::Engine as _;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

/// What a server adds to the client's key before it hashes it (RFC 6455, section 1.3).
const GUID: &str = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// A frame that a server sends once it has answered the request.
#[derive(Clone, Copy, Debug)]
pub enum Frame {
    /// A text.
    Text(&'static str),
    /// A Close with a code and its reason (RFC 6455, section 5.5.1).
    Close(u16, &'static str),
}

/// The server, on a free port of 127.0.0.1; it ends with its owner.
#[derive(Debug)]
pub struct Chat {
    port: u16,
    server: JoinHandle<()>,
}

impl Chat {
    /// Listens. It takes every path and every subprotocol.
    pub async fn start(frame: Frame) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
        let port = listener.local_addr().expect("a bound socket has an address").port();
        let server = tokio::spawn(async move {
            let mut clients = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                // The client may be gone at any moment; that ends its connection, not the server.
                clients.spawn(async move { greet(stream, frame).await });
            }
        });
        Self { port, server }
    }

    /// The port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }
}

impl Drop for Chat {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn greet(mut stream: TcpStream, frame: Frame) -> std::io::Result<()> {
    let mut request = String::new();
    while !request.ends_with("\r\n\r\n") {
        request.push(char::from(stream.read_u8().await?));
    }
    let answer = format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Accept: {}\r\nSec-WebSocket-Protocol: mqtt\r\n\r\n",
        accept(&request)
    );
    let (kind, payload) = match frame {
        Frame::Text(text) => (0x81, text.as_bytes().to_vec()),
        Frame::Close(code, why) => (0x88, [&code.to_be_bytes(), why.as_bytes()].concat()),
    };
    let length = u8::try_from(payload.len()).expect("a short payload");
    stream.write_all(answer.as_bytes()).await?;
    stream.write_all(&[&[kind, length], &payload[..]].concat()).await?;
    // Stays until the client goes.
    while stream.read(&mut [0; 4096]).await? > 0 {}
    Ok(())
}

/// The answer to the client's key (RFC 6455, section 4.2.2).
fn accept(request: &str) -> String {
    let mut headers = request.lines().filter_map(|line| line.split_once(": "));
    let key = headers.find(|(name, _)| name.eq_ignore_ascii_case("sec-websocket-key"));
    let key = format!("{}{GUID}", key.map_or("", |(_, key)| key.trim()));
    let digest = ring::digest::digest(&ring::digest::SHA1_FOR_LEGACY_USE_ONLY, key.as_bytes());
    base64::engine::general_purpose::STANDARD.encode(digest)
}
