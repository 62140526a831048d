//! Which ports the broker takes: the preferred one, or the next one above that is free.
//!
//! Binding alone does not tell whether a port is taken. With SO_REUSEADDR (which a broker that is
//! started again at once needs on Unix) macOS lets 127.0.0.1 be bound beside a listener on 0.0.0.0,
//! and Windows does so by default; clients would then reach one or the other. So each port is
//! connected to first: who answers there has it. The price is one connection that says nothing to
//! whoever that is.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::ops::RangeInclusive;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::BrokerError;

/// How many ports are tried, the preferred one included.
const TRIED: u16 = 100;

/// How long a listener on this machine may take to accept a connection. Answers on the loopback
/// interface come at once; a full backlog is what this waits for.
const PROBE_LIMIT: Duration = Duration::from_millis(300);

/// The broker's two ports on 127.0.0.1. Zero lets the system choose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ports {
    /// mqtt.
    #[serde(rename = "mqtt_port")]
    pub mqtt: u16,
    /// ws, path `/mqtt`.
    #[serde(rename = "ws_port")]
    pub ws: u16,
}

impl Default for Ports {
    /// The ports by convention: 1883 is registered for mqtt, 8083 is what brokers use for ws.
    fn default() -> Self {
        Self { mqtt: 1883, ws: 8083 }
    }
}

/// The address of a port of ours.
pub(crate) fn local(port: u16) -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, port))
}

/// Binds the first port that is free, from `preferred` upwards.
pub(crate) async fn bind_next_free<T>(
    preferred: u16,
    mut bind: impl FnMut(SocketAddr) -> io::Result<T>,
) -> Result<T, BrokerError> {
    for port in candidates(preferred) {
        if port != 0 && is_answered(port).await {
            continue;
        }
        match bind(local(port)) {
            Ok(bound) => return Ok(bound),
            Err(error) if is_taken(&error) => {}
            Err(source) => return Err(BrokerError::Listen { port, source }),
        }
    }
    let tried = candidates(preferred);
    Err(BrokerError::NoPort { first: *tried.start(), last: *tried.end() })
}

fn candidates(preferred: u16) -> RangeInclusive<u16> {
    match preferred {
        0 => 0..=0,
        _ => preferred..=preferred.saturating_add(TRIED - 1),
    }
}

/// Whether somebody accepts connections there, on whatever address they listen.
async fn is_answered(port: u16) -> bool {
    match timeout(PROBE_LIMIT, TcpStream::connect(local(port))).await {
        Ok(connected) => connected.is_ok(),
        // Neither accepted nor refused: a listener whose backlog is full.
        Err(_) => true,
    }
}

/// `PermissionDenied` is what Windows says of a port that another program holds exclusively or has
/// reserved, and Unix of the ports below 1024.
fn is_taken(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::AddrInUse | io::ErrorKind::PermissionDenied)
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    #[test]
    fn candidates_stop_at_the_last_port_there_is() {
        assert_eq!(candidates(1883), 1883..=1982);
        assert_eq!(candidates(65_530), 65_530..=65_535);
        assert_eq!(candidates(0), 0..=0);
    }

    #[tokio::test]
    async fn a_port_that_answers_is_not_even_tried() {
        let other = TcpListener::bind((Ipv4Addr::UNSPECIFIED, 0)).unwrap();
        let port = other.local_addr().unwrap().port();
        let chosen = bind_next_free(port, |address| Ok(address.port())).await.unwrap();
        assert!(chosen > port);
    }

    #[tokio::test]
    async fn an_error_that_is_not_about_the_port_is_told() {
        let refuse = |_| Err::<(), _>(io::ErrorKind::OutOfMemory.into());
        let error = bind_next_free(0, refuse).await.unwrap_err();
        assert!(matches!(error, BrokerError::Listen { port: 0, .. }));
    }

    #[tokio::test]
    async fn ports_that_are_all_taken_are_named() {
        let refuse = |_| Err::<(), _>(io::ErrorKind::AddrInUse.into());
        let error = bind_next_free(65_535, refuse).await.unwrap_err();
        assert!(matches!(error, BrokerError::NoPort { first: 65_535, last: 65_535 }));
    }
}
