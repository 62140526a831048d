//! Servers that are wrong in one way, beside those of the other modules.

use std::net::{Ipv4Addr, SocketAddr};

use tokio::net::{TcpListener, TcpSocket, TcpStream};

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
        // A connection that is not made at once on this machine is one whose SYN was dropped.
        let patience = std::time::Duration::from_millis(300);
        while let Ok(stream) = tokio::time::timeout(patience, TcpStream::connect(address)).await {
            waiting.push(stream.expect("nobody refuses"));
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
