//! What the wire saw of one connection, shared with the session's task.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use futures_util::task::AtomicWaker;
use mqttscope_model::UserError;

/// How the stream ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// The other side closed it.
    Closed,
    /// Reading or writing failed.
    Broken { kind: io::ErrorKind, text: String },
    /// TLS ended it after its handshake.
    Tls(LateTls),
    /// No CONNACK came in time.
    Silent,
    /// The first byte can not begin an MQTT answer.
    Foreign,
}

/// A failure of TLS after its handshake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LateTls {
    /// The cause.
    pub(crate) error: UserError,
    /// The alert that came, by its name in RFC 8446.
    pub(crate) alert: Option<String>,
}

/// What was seen.
#[derive(Clone, Debug, Default)]
pub(crate) struct Facts {
    /// The first bytes that came, at most [`Facts::FIRST`].
    pub(crate) first: Vec<u8>,
    /// The first bytes of what was handed over last; a packet that ends the connection begins there.
    pub(crate) last: Vec<u8>,
    /// The first CONNACK: its first byte and its body.
    pub(crate) connack: Vec<u8>,
    /// The last DISCONNECT: its first byte and its body.
    pub(crate) disconnect: Vec<u8>,
    /// A rule that the broker broke and the library does not know of.
    pub(crate) breach: Option<&'static str>,
    /// How the stream ended, where it did.
    pub(crate) end: Option<End>,
    /// The stream ended within a packet.
    pub(crate) within_packet: bool,
    /// PUBLISH packets with DUP that nobody took note of yet.
    pub(crate) again: u32,
    /// The round trips of pings in microseconds that nobody took yet, oldest first.
    pub(crate) pings_us: Vec<u64>,
}

impl Facts {
    /// How many of the first bytes are kept as evidence.
    pub(crate) const FIRST: usize = 64;

    /// How many round trips are kept.
    pub(crate) const PINGS: usize = 16;
}

/// Shared between a [`super::Wire`] and the task that owns it through the library.
#[derive(Debug, Default)]
pub(crate) struct Shared {
    facts: Mutex<Facts>,
    held: AtomicBool,
    pub(super) reader: AtomicWaker,
}

impl Shared {
    /// Holds reading back, or lets it go on.
    pub(crate) fn hold(&self, held: bool) {
        self.held.store(held, Ordering::Release);
        self.reader.wake();
    }

    pub(super) fn is_held(&self) -> bool {
        self.held.load(Ordering::Acquire)
    }

    /// Notes the beginning of what is handed over.
    pub(super) fn note_last(&self, bytes: &[u8]) {
        let mut facts = self.facts();
        facts.last.clear();
        facts.last.extend(bytes.iter().take(Facts::FIRST));
    }

    /// What was seen so far.
    pub(crate) fn facts(&self) -> MutexGuard<'_, Facts> {
        self.facts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
