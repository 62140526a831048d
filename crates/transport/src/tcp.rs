//! The TCP stage: a race over all addresses.
//!
//! Like Happy Eyeballs (RFC 8305, section 5): the next address is tried when the last one failed or
//! after 250 ms, and the first connection wins. So a broken IPv6 costs a quarter of a second and not
//! a timeout. All attempts live in one future: dropping it closes every socket at once.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep, sleep_until};

use crate::error::DialCause;
use crate::evidence::Failure;

/// How long an address may be alone in the race (RFC 8305, section 8: "Connection Attempt Delay").
const HEAD_START: Duration = Duration::from_millis(250);

/// A connection with Nagle's delay off, and the address that answered. The time limit is kept in
/// here, so that the failure can tell how far each address came.
pub(crate) async fn connect(
    addresses: &[SocketAddr],
    limit: Duration,
) -> Result<(TcpStream, SocketAddr, String), Failure> {
    let deadline = Instant::now() + limit;
    let mut waiting = addresses.iter().copied();
    let mut running = FuturesUnordered::new();
    let mut failed: Vec<(SocketAddr, io::Error)> = Vec::new();
    loop {
        match waiting.next() {
            Some(address) => running.push(attempt(address)),
            None if running.is_empty() => return Err(failure(&failed)),
            None => {}
        }
        tokio::select! {
            Some((address, result)) = running.next() => match result {
                Ok(stream) => return Ok((stream, address, evidence(address, &failed))),
                Err(error) => failed.push((address, error)),
            },
            () = sleep(HEAD_START), if waiting.len() > 0 => {}
            () = sleep_until(deadline) => {
                let told: Vec<SocketAddr> = failed.iter().map(|(address, _)| *address).collect();
                for address in addresses.iter().filter(|address| !told.contains(address)) {
                    failed.push((*address, io::ErrorKind::TimedOut.into()));
                }
                return Err(failure(&failed));
            }
        }
    }
}

async fn attempt(address: SocketAddr) -> (SocketAddr, io::Result<TcpStream>) {
    let result = async {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(stream)
    };
    (address, result.await)
}

fn evidence(address: SocketAddr, failed: &[(SocketAddr, io::Error)]) -> String {
    std::iter::once(format!("{address} answered"))
        .chain(failed.iter().map(|(address, error)| told(*address, error)))
        .collect::<Vec<_>>()
        .join("; ")
}

fn told(address: SocketAddr, error: &io::Error) -> String {
    let word = match error.kind() {
        io::ErrorKind::ConnectionRefused => "refused".to_owned(),
        io::ErrorKind::TimedOut => "timed out".to_owned(),
        io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable => {
            "unreachable".to_owned()
        }
        io::ErrorKind::ConnectionReset => "reset".to_owned(),
        _ => error.to_string(),
    };
    format!("{address} {word}")
}

/// One cause out of several: what came from the nearest to the broker says most.
fn failure(failed: &[(SocketAddr, io::Error)]) -> Failure {
    let weight = |error: &io::Error| match error.kind() {
        io::ErrorKind::ConnectionRefused => 0,
        io::ErrorKind::ConnectionReset => 1,
        io::ErrorKind::TimedOut => 2,
        io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable => 3,
        _ => 4,
    };
    let Some((address, error)) = failed.iter().min_by_key(|(_, error)| weight(error)) else {
        return Failure::new(DialCause::NameNotFound);
    };
    let evidence: Vec<String> =
        failed.iter().map(|(address, error)| told(*address, error)).collect();
    let mut failure =
        Failure::new(cause(error)).evidence(evidence.join("; ")).detail("reason", error);
    failure.seen.address = Some(*address);
    failure
}

fn cause(error: &io::Error) -> DialCause {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => DialCause::Refused,
        io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionAborted => DialCause::Reset,
        io::ErrorKind::TimedOut => DialCause::TcpTimedOut,
        io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable => {
            DialCause::Unreachable
        }
        _ => DialCause::TcpFailed { reason: error.to_string() },
    }
}

#[cfg(test)]
mod unit {
    use super::*;

    #[test]
    fn each_failure_of_a_socket_has_its_own_cause() {
        use io::ErrorKind;
        let cases = [
            (ErrorKind::ConnectionRefused, DialCause::Refused),
            (ErrorKind::ConnectionReset, DialCause::Reset),
            (ErrorKind::TimedOut, DialCause::TcpTimedOut),
            (ErrorKind::HostUnreachable, DialCause::Unreachable),
            (ErrorKind::NetworkUnreachable, DialCause::Unreachable),
        ];
        for (kind, expect) in cases {
            assert_eq!(cause(&kind.into()), expect);
        }
    }

    #[test]
    fn a_refusal_says_more_than_an_unreachable_network() {
        let v6: SocketAddr = "[2001:db8::1]:1883".parse().unwrap();
        let v4: SocketAddr = "192.0.2.1:1883".parse().unwrap();
        let failed = [
            (v6, io::ErrorKind::NetworkUnreachable.into()),
            (v4, io::ErrorKind::ConnectionRefused.into()),
        ];
        let failure = failure(&failed);
        assert_eq!(failure.cause, DialCause::Refused);
        assert_eq!(failure.seen.address, Some(v4));
        assert_eq!(failure.seen.evidence, "[2001:db8::1]:1883 unreachable; 192.0.2.1:1883 refused");
    }
}
