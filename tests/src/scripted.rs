//! A broker that follows a script: for misbehaviour that no real broker shows.

use std::net::Ipv4Addr;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// What the broker does next.
#[derive(Clone, Debug)]
pub enum Step {
    /// Waits for the client's first packet.
    ReadConnect,
    /// Sends these bytes.
    Send(Vec<u8>),
    /// Does nothing for a time.
    Silence(Duration),
    /// Closes the connection.
    Close,
}

/// A scripted broker; it follows its script for each connection and ends with its owner.
#[derive(Debug)]
pub struct Scripted {
    port: u16,
    server: JoinHandle<()>,
}

impl Scripted {
    /// Listens on a free port.
    pub async fn start(script: Vec<Step>) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
        let port = listener.local_addr().expect("a bound socket has an address").port();
        let server = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                // The client may be gone at any step; that ends the script, not the broker.
                _ = follow(&script, stream).await;
            }
        });
        Self { port, server }
    }

    /// The port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }
}

impl Drop for Scripted {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn follow(script: &[Step], mut stream: TcpStream) -> std::io::Result<()> {
    for step in script {
        match step {
            // One read is enough: what a client sends first fits in one segment.
            Step::ReadConnect => _ = stream.read(&mut [0; 4096]).await?,
            Step::Send(bytes) => stream.write_all(bytes).await?,
            Step::Silence(time) => tokio::time::sleep(*time).await,
            Step::Close => return stream.shutdown().await,
        }
    }
    // Whoever has not closed stays until the client goes.
    while stream.read(&mut [0; 4096]).await? > 0 {}
    Ok(())
}
