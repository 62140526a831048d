//! What a stage saw: the first bytes of a connection, and facts that go with a failure.
//!
//! A handshake that fails takes its stream with it. So the bytes are kept in a [`Record`] beside the
//! stream, and [`Witness`] writes into it until it is told to stop; after that it costs one branch a read.

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use mqttscope_model::{Bytes, FirstBytes};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::Spoken;
use crate::error::DialCause;

/// The most bytes of [`FirstBytes`].
const FIRST_BYTES: usize = 64;

/// The first bytes that were read from a connection.
#[derive(Clone, Debug)]
pub(crate) struct Record {
    kept: Arc<Mutex<Vec<u8>>>,
    most: usize,
}

impl Record {
    /// Enough for a greeting, an alert, the first message of a handshake.
    pub(crate) fn of_greeting() -> Self {
        Self { kept: Arc::default(), most: 2 << 10 }
    }

    /// Enough for the largest head of HTTP that the library reads (64 KiB), and the beginning of a body.
    pub(crate) fn of_http() -> Self {
        Self { kept: Arc::default(), most: 80 << 10 }
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Whether there may have been more than is kept.
    pub(crate) fn is_full(&self) -> bool {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).len() >= self.most
    }

    /// Keeps what fits; returns whether there is room for more.
    fn keep(&self, bytes: &[u8]) -> bool {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let room = self.most.saturating_sub(kept.len());
        kept.extend_from_slice(bytes.get(..room).unwrap_or(bytes));
        kept.len() < self.most
    }
}

/// A stream whose first bytes read are kept in a [`Record`].
#[derive(Debug)]
pub(crate) struct Witness<S> {
    stream: S,
    record: Option<Record>,
}

impl<S> Witness<S> {
    pub(crate) fn new(stream: S, record: &Record) -> Self {
        Self { stream, record: Some(record.clone()) }
    }

    /// The stream without its record.
    pub(crate) fn into_inner(self) -> S {
        self.stream
    }

    /// Ends the keeping: the handshake has passed.
    pub(crate) fn stop(&mut self) {
        self.record = None;
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Witness<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(cx, buf))?;
        if let Some(record) = &self.record {
            let more = record.keep(buf.filled().get(before..).unwrap_or_default());
            if !more {
                self.record = None;
            }
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Witness<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

/// A failure of one stage, before it is known to which attempt it belongs.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) cause: DialCause,
    pub(crate) seen: Box<Seen>,
}

/// What goes with a failure.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen {
    /// One line; empty where nothing was seen.
    pub(crate) evidence: String,
    /// Named facts.
    pub(crate) details: BTreeMap<String, String>,
    /// The address that was talked to.
    pub(crate) address: Option<SocketAddr>,
    /// What the other side sent, where that was not what the stage waited for.
    pub(crate) first_bytes: Option<FirstBytes>,
    /// An alert of TLS that came after its handshake.
    pub(crate) late_alert: Option<String>,
}

impl Failure {
    pub(crate) fn new(cause: DialCause) -> Self {
        Self { cause, seen: Box::default() }
    }

    pub(crate) fn evidence(mut self, evidence: impl Into<String>) -> Self {
        self.seen.evidence = evidence.into();
        self
    }

    pub(crate) fn detail(mut self, name: &str, value: impl ToString) -> Self {
        self.seen.details.insert(name.to_owned(), value.to_string());
        self
    }

    /// Adds the first bytes to evidence, details and facts, where there were any.
    pub(crate) fn first_bytes(mut self, bytes: &[u8]) -> Self {
        let shown = crate::show_bytes(bytes);
        if shown.is_empty() {
            return self;
        }
        if !self.seen.evidence.is_empty() {
            self.seen.evidence.push_str("; ");
        }
        self.seen.evidence.push_str("first bytes: ");
        self.seen.evidence.push_str(&shown);
        let first = bytes.get(..FIRST_BYTES).unwrap_or(bytes);
        let spoken = Spoken::recognise(bytes).filter(|spoken| *spoken != Spoken::Unknown);
        self.seen.first_bytes = Some(FirstBytes {
            bytes: Bytes(first.to_vec()),
            spoken: spoken.map(|spoken| spoken.name().to_owned()),
        });
        self.detail("first_bytes", shown)
    }
}
