//! The proxy stage: the way to the broker through somebody else's connection.
//!
//! HTTP CONNECT is written by hand, because it is one request and its answer must be told apart cause by cause;
//! SOCKS 5 is a library's. A proxy is reached by the name and TCP stages like a broker, and what comes out
//! is the same stream, so TLS and WebSocket do not know of it. The price: with a proxy the broker's name is looked up by
//! the proxy, and nothing of that lookup is seen here.

mod http_connect;
mod options;
mod socks;

use std::time::Duration;

use mqttscope_model::{Endpoint, ProxyFacts};
use tokio::io::{AsyncRead, AsyncWrite};

use crate::error::DialCause;
use crate::evidence::{Failure, Record, Witness};
pub use options::ProxyOptions;
pub(crate) use options::{Hop, Kind};

/// Asks the proxy at the other end of `stream` for the way to `broker`. Gives the stream back as the broker's,
/// with the line of evidence; its answer goes into `facts`.
pub(crate) async fn pass<S: AsyncRead + AsyncWrite + Unpin>(
    stream: S,
    hop: &Hop,
    broker: &Endpoint,
    limit: Duration,
    facts: &mut ProxyFacts,
) -> Result<(S, String), Failure> {
    let record = Record::of_greeting();
    let witness = Witness::new(stream, &record);
    let asking = async {
        match hop.kind {
            Kind::Http => http_connect::ask(witness, hop, broker, facts).await,
            Kind::Socks5 => socks::ask(witness, hop, broker, &record, facts).await,
        }
    };
    match tokio::time::timeout(limit, asking).await {
        Ok(result) => result.map(|(witness, evidence)| (witness.into_inner(), evidence)),
        Err(_) => Err(Failure::new(DialCause::ProxyTimedOut { proxy: hop.authority() })
            .evidence(format!("no answer from {}", hop.shown()))
            .first_bytes(&record.bytes())),
    }
}
