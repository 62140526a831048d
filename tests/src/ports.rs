//! Free TCP ports on 127.0.0.1.

use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::time::Duration;

/// `N` different ports on which nothing listens now. Another process may take one before it is
/// used, so whoever starts a server on it tries again with others.
pub fn free<const N: usize>() -> [u16; N] {
    // All are held at once, so that no port is given twice.
    let held: [TcpListener; N] = std::array::from_fn(|_| {
        TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("127.0.0.1 has a free port")
    });
    held.map(|listener| listener.local_addr().expect("a bound socket has an address").port())
}

/// Whether something accepts connections on the port.
pub fn is_served(port: u16) -> bool {
    let address = (Ipv4Addr::LOCALHOST, port).into();
    TcpStream::connect_timeout(&address, Duration::from_secs(1)).is_ok()
}
