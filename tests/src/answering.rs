//! A broker that answers each packet as a test says: for refusals and misbehaviour that depend on what came.
//!
//! [`crate::scripted`] follows one list of steps whatever comes. Here the answer is a function of the packet and of
//! the connection it came on, so that a broker can take one version, refuse one filter, or let only the third
//! connection live.

use std::collections::VecDeque;
use std::net::Ipv4Addr;
use std::sync::Arc;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

/// A packet of a client.
#[derive(Clone, Debug)]
pub struct Packet {
    /// Which connection it came on, counted from 1.
    pub connection: usize,
    /// The first byte: type and flags.
    pub first: u8,
    /// All behind the fixed header.
    pub body: Vec<u8>,
}

/// A type of packet (MQTT 5.0, section 2.1.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// CONNECT.
    Connect,
    /// PUBLISH.
    Publish,
    /// SUBSCRIBE.
    Subscribe,
    /// PINGREQ.
    Ping,
    /// Any other.
    Other,
}

impl Packet {
    /// Its type.
    pub fn kind(&self) -> Kind {
        match self.first >> 4 {
            1 => Kind::Connect,
            3 => Kind::Publish,
            8 => Kind::Subscribe,
            12 => Kind::Ping,
            _ => Kind::Other,
        }
    }

    /// The Protocol Level of a CONNECT: 3, 4 or 5.
    pub fn level(&self) -> u8 {
        let name = usize::from(u16::from_be_bytes([self.body[0], self.body[1]]));
        self.body[2 + name]
    }

    /// Whether the bytes stand anywhere in it.
    pub fn holds(&self, bytes: &[u8]) -> bool {
        self.body.windows(bytes.len()).any(|window| window == bytes)
    }

    /// The answer that says yes in the words of `level`: CONNACK, PUBACK, SUBACK for one filter, or PINGRESP.
    pub fn yes(&self, level: u8) -> Deed {
        let five = level == 5;
        Deed::Send(match self.kind() {
            Kind::Connect if five => vec![0x20, 3, 0, 0, 0],
            Kind::Connect => vec![0x20, 2, 0, 0],
            Kind::Ping => vec![0xd0, 0],
            Kind::Subscribe if five => vec![0x90, 4, self.body[0], self.body[1], 0, 0],
            Kind::Subscribe => vec![0x90, 3, self.body[0], self.body[1], 0],
            Kind::Publish if self.first & 0x06 != 0 => {
                let topic = usize::from(u16::from_be_bytes([self.body[0], self.body[1]]));
                vec![0x40, 2, self.body[2 + topic], self.body[3 + topic]]
            }
            Kind::Publish | Kind::Other => Vec::new(),
        })
    }
}

/// What the broker does.
#[derive(Clone, Debug)]
pub enum Deed {
    /// Sends these bytes.
    Send(Vec<u8>),
    /// Closes the connection.
    Close,
    /// Breaks the connection off, so that the client sees a reset.
    Reset,
}

/// A broker on a free port of 127.0.0.1; it ends with its owner.
#[derive(Debug)]
pub struct Answering {
    port: u16,
    server: JoinHandle<()>,
}

impl Answering {
    /// Listens, and answers each packet with what `answer` says.
    pub async fn start(answer: impl Fn(&Packet) -> Vec<Deed> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
        let port = listener.local_addr().expect("a bound socket has an address").port();
        let answer = Arc::new(answer);
        let server = tokio::spawn(async move {
            let mut clients = JoinSet::new();
            let mut connection = 0;
            while let Ok((stream, _)) = listener.accept().await {
                connection += 1;
                let answer = Arc::clone(&answer);
                // The client may be gone at any moment; that ends its connection, not the broker.
                clients.spawn(async move { serve(stream, connection, &*answer).await });
            }
        });
        Self { port, server }
    }

    /// The port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }
}

impl Drop for Answering {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn serve(
    mut stream: TcpStream,
    connection: usize,
    answer: &(impl Fn(&Packet) -> Vec<Deed> + Send + Sync),
) -> std::io::Result<()> {
    loop {
        let packet = read(&mut stream, connection).await?;
        let mut deeds = VecDeque::from(answer(&packet));
        while let Some(deed) = deeds.pop_front() {
            match deed {
                Deed::Send(bytes) => stream.write_all(&bytes).await?,
                Deed::Close => return stream.shutdown().await,
                Deed::Reset => return stream.set_zero_linger(),
            }
        }
    }
}

async fn read(stream: &mut TcpStream, connection: usize) -> std::io::Result<Packet> {
    let first = stream.read_u8().await?;
    let mut length = 0_usize;
    for shift in [0, 7, 14, 21] {
        let byte = stream.read_u8().await?;
        length |= usize::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            break;
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await?;
    Ok(Packet { connection, first, body })
}
