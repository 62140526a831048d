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
use mqttscope_model::{AddressOutcome, AddressTry, TcpFacts};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep, sleep_until};

use crate::error::DialCause;
use crate::evidence::Failure;

/// How long an address may be alone in the race (RFC 8305, section 8: "Connection Attempt Delay").
const HEAD_START: Duration = Duration::from_millis(250);

/// A connection with Nagle's delay off, and the address that answered. The time limit is kept in
/// here, so that the failure and `facts` can tell how far each address came.
pub(crate) async fn connect(
    addresses: &[SocketAddr],
    limit: Duration,
    facts: &mut TcpFacts,
) -> Result<(TcpStream, SocketAddr, String), Failure> {
    let deadline = Instant::now() + limit;
    let mut runners: Vec<Runner> = addresses.iter().copied().map(Runner::waiting).collect();
    let mut next = 0;
    let mut running = FuturesUnordered::new();
    let won = loop {
        match runners.get_mut(next) {
            Some(runner) => {
                runner.started = Some(Instant::now());
                running.push(attempt(next, runner.address));
                next += 1;
            }
            None if running.is_empty() => break None,
            None => {}
        }
        tokio::select! {
            Some((place, result)) = running.next() => {
                if let Some(runner) = runners.get_mut(place) {
                    runner.ended = Some(Instant::now());
                    match result {
                        Ok(stream) => break Some((stream, runner.address)),
                        Err(error) => runner.error = Some(error),
                    }
                }
            }
            () = sleep(HEAD_START), if next < addresses.len() => {}
            () = sleep_until(deadline) => {
                for runner in runners.iter_mut().filter(|runner| runner.error.is_none()) {
                    runner.error = Some(io::ErrorKind::TimedOut.into());
                }
                break None;
            }
        }
    };
    facts.tries = runners.iter().map(Runner::told).collect();
    match won {
        Some((stream, address)) => Ok((stream, address, evidence(address, &runners))),
        None => Err(failure(&runners)),
    }
}

/// Tries each of `addresses` on its own, all at the same time, and closes what was made.
pub(crate) async fn try_each(addresses: &[SocketAddr], limit: Duration) -> Vec<AddressTry> {
    let tries = addresses.iter().map(|address| async move {
        let mut facts = TcpFacts::default();
        let _closed = connect(&[*address], limit, &mut facts).await;
        facts.tries
    });
    futures_util::future::join_all(tries).await.into_iter().flatten().collect()
}

async fn attempt(place: usize, address: SocketAddr) -> (usize, io::Result<TcpStream>) {
    let result = async {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(stream)
    };
    (place, result.await)
}

/// An address in the race.
#[derive(Debug)]
struct Runner {
    address: SocketAddr,
    started: Option<Instant>,
    /// When it answered or failed.
    ended: Option<Instant>,
    error: Option<io::Error>,
}

impl Runner {
    fn waiting(address: SocketAddr) -> Self {
        Self { address, started: None, ended: None, error: None }
    }

    fn told(&self) -> AddressTry {
        let took = match (self.started, self.ended) {
            (Some(started), Some(ended)) => ended - started,
            (Some(started), None) => started.elapsed(),
            (None, _) => Duration::ZERO,
        };
        let outcome = match (&self.error, self.ended) {
            (Some(error), _) => outcome(error),
            (None, Some(_)) => AddressOutcome::Connected,
            (None, None) => AddressOutcome::NotNeeded,
        };
        let took_us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        AddressTry { address: self.address.to_string(), outcome, took_us }
    }
}

fn outcome(error: &io::Error) -> AddressOutcome {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => AddressOutcome::Refused,
        io::ErrorKind::TimedOut => AddressOutcome::TimedOut,
        io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable => {
            AddressOutcome::Unreachable
        }
        io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionAborted => AddressOutcome::Reset,
        _ => AddressOutcome::Failed,
    }
}

fn evidence(address: SocketAddr, runners: &[Runner]) -> String {
    std::iter::once(format!("{address} answered"))
        .chain(failures(runners))
        .collect::<Vec<_>>()
        .join("; ")
}

/// Each address that failed, in words.
fn failures(runners: &[Runner]) -> impl Iterator<Item = String> {
    runners.iter().filter_map(|runner| {
        let error = runner.error.as_ref()?;
        let word = match outcome(error) {
            AddressOutcome::Refused => "refused".to_owned(),
            AddressOutcome::TimedOut => "timed out".to_owned(),
            AddressOutcome::Unreachable => "unreachable".to_owned(),
            AddressOutcome::Reset => "reset".to_owned(),
            _ => error.to_string(),
        };
        Some(format!("{} {word}", runner.address))
    })
}

/// One cause out of several: what came from the nearest to the broker says most.
fn failure(runners: &[Runner]) -> Failure {
    let weight = |error: &io::Error| match outcome(error) {
        AddressOutcome::Refused => 0,
        AddressOutcome::Reset => 1,
        AddressOutcome::TimedOut => 2,
        AddressOutcome::Unreachable => 3,
        _ => 4,
    };
    let failed = runners.iter().filter_map(|runner| Some((runner.address, runner.error.as_ref()?)));
    let Some((address, error)) = failed.min_by_key(|(_, error)| weight(error)) else {
        return Failure::new(DialCause::NameNotFound);
    };
    let evidence: Vec<String> = failures(runners).collect();
    let mut failure =
        Failure::new(cause(error)).evidence(evidence.join("; ")).detail("reason", error);
    failure.seen.address = Some(address);
    failure
}

fn cause(error: &io::Error) -> DialCause {
    match outcome(error) {
        AddressOutcome::Refused => DialCause::Refused,
        AddressOutcome::Reset => DialCause::Reset,
        AddressOutcome::TimedOut => DialCause::TcpTimedOut,
        AddressOutcome::Unreachable => DialCause::Unreachable,
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
        let failed = |address, kind: io::ErrorKind| Runner {
            error: Some(kind.into()),
            ..Runner::waiting(address)
        };
        let runners = [
            failed(v6, io::ErrorKind::NetworkUnreachable),
            failed(v4, io::ErrorKind::ConnectionRefused),
        ];
        let failure = failure(&runners);
        assert_eq!(failure.cause, DialCause::Refused);
        assert_eq!(failure.seen.address, Some(v4));
        assert_eq!(failure.seen.evidence, "[2001:db8::1]:1883 unreachable; 192.0.2.1:1883 refused");
    }
}
