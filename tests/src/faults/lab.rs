//! Servers that are wrong in one way, beside those of the other modules.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

use crate::process::{self, Process};
use crate::{ports, wait};

/// A socket whose queue of connections is full: the system drops every further SYN, as a firewall does.
pub struct FullBacklog {
    port: u16,
    _listener: TcpListener,
    _waiting: Vec<TcpStream>,
}

impl FullBacklog {
    /// Listens and fills its queue.
    pub async fn start() -> Self {
        let socket = TcpSocket::new_v4().expect("a socket");
        socket.bind((Ipv4Addr::LOCALHOST, 0).into()).expect("a free port");
        let listener = socket.listen(1).expect("the socket listens");
        let address: SocketAddr = listener.local_addr().expect("a bound socket has an address");
        let mut waiting = Vec::new();
        // A connection that is not made at once on this machine is one whose SYN was dropped. A queue of one holds two, so
        // what takes long before that is only a slow machine.
        let patience = std::time::Duration::from_millis(300);
        loop {
            match tokio::time::timeout(patience, TcpStream::connect(address)).await {
                Ok(stream) => waiting.push(stream.expect("nobody refuses")),
                Err(_) if waiting.len() > 1 => break,
                Err(_) => {}
            }
        }
        Self { port: address.port(), _listener: listener, _waiting: waiting }
    }

    /// The port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }
}

/// A port on which nothing listens, and on which nothing will: it is bound and does not listen.
pub struct Deaf {
    port: u16,
    _socket: TcpSocket,
}

impl Deaf {
    /// Takes a port.
    pub fn start() -> Self {
        let socket = TcpSocket::new_v4().expect("a socket");
        socket.bind((Ipv4Addr::LOCALHOST, 0).into()).expect("a free port");
        let port = socket.local_addr().expect("a bound socket has an address").port();
        Self { port, _socket: socket }
    }

    /// The port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }
}

/// A server's process with its port; killed when dropped.
#[derive(Debug)]
pub struct Served {
    // First, so that it ends before its folder goes.
    process: Process,
    port: u16,
    folder: TempDir,
}

impl Served {
    /// Starts `command` on a free port of 127.0.0.1; `prepare` gets the command, a folder and the port, and writes
    /// configuration and arguments.
    pub fn start(name: &str, prepare: impl Fn(&mut Command, &Path, u16)) -> Self {
        let folder = TempDir::with_prefix(format!("mqttscope-{name}-")).expect("a folder");
        let mut last = String::new();
        // A port may be taken between being found free and being used: then another is tried.
        for _ in 0..5 {
            let [port] = ports::free();
            let mut command = process::program(name);
            prepare(&mut command, folder.path(), port);
            let mut process = Process::start(command, &folder.path().join("log"));
            let listens = wait::blocking_until("the server to listen", || match process.check() {
                // Ended: an answer too, so that another port is tried at once.
                Err(ended) => Ok(Err(ended)),
                Ok(()) if ports::is_served(port) => Ok(Ok(())),
                Ok(()) => Err(process.log()),
            });
            match listens {
                Ok(()) => return Self { process, port, folder },
                Err(ended) => last = ended,
            }
        }
        panic!("{name} did not start: {last}");
    }

    /// Mosquitto with one listener, whose lines follow; it lets everyone in. `openssl` is the configuration of its TLS
    /// library: an old broker is one whose library is told to be old.
    pub fn mosquitto(openssl: &str, lines: &[String]) -> Self {
        Self::start("mosquitto", |command, folder, port| {
            let own = folder.join("mosquitto.conf");
            // Started by root, mosquitto becomes another user, who cannot read the test's folder.
            // The second listener is for nobody: mosquitto 2.0 ends where its only one is for WebSocket.
            let text = format!(
                "persistence false\nlog_dest stderr\nlog_type all\nuser root\nallow_anonymous true\n\
                 listener 0 {}\nlistener {port} 127.0.0.1\n{}\n",
                folder.join("unused").display(),
                lines.join("\n")
            );
            std::fs::write(&own, text).expect("the configuration can be written");
            command.arg("-c").arg(own);
            if !openssl.is_empty() {
                let limits = folder.join("openssl.cnf");
                let text = format!(
                    "openssl_conf = all\n[all]\nssl_conf = kinds\n[kinds]\nsystem_default = limits\n[limits]\n{openssl}\n"
                );
                std::fs::write(&limits, text).expect("the configuration can be written");
                command.env("OPENSSL_CONF", limits);
            }
        })
    }

    /// The port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The folder of its files.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// What it wrote.
    pub fn log(&self) -> String {
        self.process.log()
    }
}

/// A listener that does `serve` with each connection, as long as this is kept.
pub struct Socket {
    port: u16,
    server: JoinHandle<()>,
}

impl Socket {
    /// Listens on a free port of 127.0.0.1.
    pub async fn start<F>(serve: impl Fn(TcpStream) -> F + Send + 'static) -> Self
    where
        F: Future<Output = io::Result<()>> + Send + 'static,
    {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
        let port = listener.local_addr().expect("a bound socket has an address").port();
        let server = tokio::spawn(async move {
            // They end with this task: dropping the set aborts them.
            let mut open = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                open.spawn(serve(stream));
            }
        });
        Self { port, server }
    }

    /// Takes connections and never says a word.
    pub async fn silent() -> Self {
        Self::start(|mut stream| async move {
            while stream.read(&mut [0; 4096]).await? > 0 {}
            Ok(())
        })
        .await
    }

    /// Closes each connection when something came.
    pub async fn closing() -> Self {
        Self::start(|mut stream| async move {
            _ = stream.read(&mut [0; 4096]).await?;
            stream.shutdown().await
        })
        .await
    }

    /// Resets each connection when something came.
    pub async fn resetting() -> Self {
        Self::start(|mut stream| async move {
            _ = stream.read(&mut [0; 4096]).await?;
            stream.set_zero_linger()
        })
        .await
    }

    /// Says `words` at once, and no more.
    pub async fn greeting(words: &'static [u8]) -> Self {
        Self::start(move |mut stream| async move {
            stream.write_all(words).await?;
            while stream.read(&mut [0; 4096]).await? > 0 {}
            Ok(())
        })
        .await
    }

    /// Says `words` when something came, and closes.
    pub async fn answering(words: &'static [u8]) -> Self {
        Self::start(move |mut stream| async move {
            _ = stream.read(&mut [0; 4096]).await?;
            stream.write_all(words).await?;
            stream.shutdown().await
        })
        .await
    }

    /// The port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.server.abort();
    }
}
