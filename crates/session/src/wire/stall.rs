//! A write that goes nowhere.
//!
//! The library does not send pings, nor miss their answers, while it writes; a connection that dies under a large message
//! would be noticed by the operating system only, after a quarter of an hour.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::time::{Sleep, sleep};

/// A broker that reads nothing for this long at least is gone. Some read nothing for a while to slow a client down.
const SHORTEST: Duration = Duration::from_secs(30);

/// Watches writes that wait.
#[derive(Debug)]
pub(super) struct Stall {
    limit: Option<Duration>,
    until: Option<Pin<Box<Sleep>>>,
}

impl Stall {
    /// With one and a half times the keep alive, which is what a broker waits too (`[MQTT-3.1.2-24]`); none without.
    pub(super) fn new(keep_alive: u16) -> Self {
        let limit = Duration::from_secs(keep_alive.into()) * 3 / 2;
        let limit = (keep_alive > 0).then(|| limit.max(SHORTEST));
        Self { limit, until: None }
    }

    /// The result of a write, or an error where too many in a row had to wait for too long.
    pub(super) fn watch<T>(
        &mut self,
        cx: &mut Context<'_>,
        written: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        let Some(limit) = self.limit else {
            return written;
        };
        if written.is_ready() {
            self.until = None;
            return written;
        }
        let until = self.until.get_or_insert_with(|| Box::pin(sleep(limit)));
        ready!(until.as_mut().poll(cx));
        let text = format!("the broker took nothing for {} s", limit.as_secs());
        Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, text)))
    }
}
