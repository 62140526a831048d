//! A stream that can be held back and watched.
//!
//! Whoever stores what is received says when it cannot keep up; then reading rests and TCP pushes back
//! to the broker, while writing (and with it every ping) goes on. The price is that nothing is noticed
//! while held: neither an end of the stream nor a WebSocket ping, both of which need reading.
//!
//! The end of the stream is told one poll late. Libraries that read in batches throw away what they read
//! in the same batch as an end or an error; after one `Pending` the batch is over and its messages are safe.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::watch;
use tokio_util::sync::ReusableBoxFuture;

/// Watches the bytes of a stream as they pass. Called from within polls: it must be quick and not block.
pub trait Tap: Send + Sync + 'static {
    /// Bytes that came from the other side, in order.
    fn read(&mut self, bytes: &[u8]);
    /// Bytes that the stream has taken for the other side, in order.
    fn written(&mut self, bytes: &[u8]);
}

/// A stream with a gate on its reading side and, optionally, a [`Tap`].
pub struct Tapped<S> {
    stream: S,
    gate: Gate,
    tap: Option<Box<dyn Tap>>,
    end: End,
}

/// Where the deferred end of the stream stands.
enum End {
    NotSeen,
    /// Seen and to be told at the next poll; an error is told once, then it is an end of file.
    Seen(Option<io::Error>),
}

impl<S> Tapped<S> {
    /// Wraps `stream`. While `hold` is true nothing is read; where its sender is gone nothing is held.
    pub fn new(stream: S, hold: watch::Receiver<bool>, tap: Option<Box<dyn Tap>>) -> Self {
        Self { stream, gate: Gate::new(hold), tap, end: End::NotSeen }
    }

    /// The wrapped stream.
    pub fn into_inner(self) -> S {
        self.stream
    }
}

impl<S> std::fmt::Debug for Tapped<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tapped").field("held", &self.gate.held).finish_non_exhaustive()
    }
}

/// The gate. Open, it costs one atomic load a poll; nothing is allocated after `new`.
struct Gate {
    hold: watch::Receiver<bool>,
    /// The last value seen.
    held: bool,
    /// Wakes the reader when the gate opens; there is a future in it only while held.
    opened: ReusableBoxFuture<'static, ()>,
    waits: bool,
}

impl Gate {
    fn new(mut hold: watch::Receiver<bool>) -> Self {
        let held = *hold.borrow_and_update();
        let opened = ReusableBoxFuture::new(opened(hold.clone()));
        Self { hold, held, opened, waits: true }
    }

    /// Ready when reading is allowed.
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        match self.hold.has_changed() {
            Ok(false) => {}
            Ok(true) => self.held = *self.hold.borrow_and_update(),
            Err(_) => self.held = false,
        }
        if !self.held {
            return Poll::Ready(());
        }
        if !self.waits {
            self.opened.set(opened(self.hold.clone()));
            self.waits = true;
        }
        ready!(self.opened.poll(cx));
        self.waits = false;
        self.held = false;
        Poll::Ready(())
    }
}

/// Ends when `hold` is false or nobody can set it any more.
async fn opened(mut hold: watch::Receiver<bool>) {
    let _gone_is_open = hold.wait_for(|held| !held).await;
}

impl<S: AsyncRead + Unpin> AsyncRead for Tapped<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        ready!(this.gate.poll(cx));
        if let End::Seen(error) = &mut this.end {
            return Poll::Ready(error.take().map_or(Ok(()), Err));
        }
        let before = buf.filled().len();
        let room = buf.remaining() > 0;
        let error = match ready!(Pin::new(&mut this.stream).poll_read(cx, buf)) {
            Ok(()) => {
                let read = buf.filled().get(before..).unwrap_or_default();
                if !read.is_empty() || !room {
                    if let Some(tap) = &mut this.tap {
                        tap.read(read);
                    }
                    return Poll::Ready(Ok(()));
                }
                None
            }
            Err(error) => Some(error),
        };
        this.end = End::Seen(error);
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Tapped<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let taken = ready!(Pin::new(&mut this.stream).poll_write(cx, buf))?;
        if let Some(tap) = &mut this.tap {
            tap.written(buf.get(..taken).unwrap_or(buf));
        }
        Poll::Ready(Ok(taken))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let taken = ready!(Pin::new(&mut this.stream).poll_write_vectored(cx, bufs))?;
        if let Some(tap) = &mut this.tap {
            let mut left = taken;
            for buf in bufs {
                let part = buf.get(..left).unwrap_or(buf);
                tap.written(part);
                left -= part.len();
                if left == 0 {
                    break;
                }
            }
        }
        Poll::Ready(Ok(taken))
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(cx)
    }
}
