//! Writing: CONNECT under its older name, and acknowledgements gathered into one write.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Buf as _;
use tokio::io::AsyncWrite;

use super::rename::Renamed;
use super::stream::Wire;

/// Acknowledgements are written at the latest when this many bytes of them wait.
const GATHERED: usize = 4 * 1024;

const PINGREQ: u8 = 0xc0;

impl<S: AsyncWrite + Unpin> Wire<S> {
    /// Writes what waits and flushes it.
    pub(super) fn poll_out(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let result = ready!(self.poll_written(cx));
        let result = match result {
            Ok(()) => {
                let flushed = Pin::new(&mut self.stream).poll_flush(cx);
                ready!(self.stall.watch(cx, flushed))
            }
            Err(error) => Err(error),
        };
        if let Err(error) = &result {
            self.note_end(Some(error));
        }
        Poll::Ready(result)
    }

    fn poll_written(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.out.is_empty() {
            let taken = Pin::new(&mut self.stream).poll_write(cx, &self.out);
            let taken = ready!(self.stall.watch(cx, taken))?;
            if taken == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.tap.sent(self.out.get(..taken).unwrap_or_default());
            self.out.advance(taken);
        }
        self.urgent = false;
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Wire<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        if let Some(rename) = &mut this.rename {
            if rename.feed(buf, &mut this.out) == Renamed::Done {
                this.rename = None;
                this.urgent = true;
            }
            return Poll::Ready(Ok(buf.len()));
        }
        if this.sent.is_border() && this.out.len() < GATHERED && are_acknowledgements(buf) {
            this.out.extend_from_slice(buf);
            return Poll::Ready(Ok(buf.len()));
        }
        let result = match ready!(this.poll_written(cx)) {
            Ok(()) => {
                let taken = Pin::new(&mut this.stream).poll_write(cx, buf);
                ready!(this.stall.watch(cx, taken))
            }
            Err(error) => Err(error),
        };
        match &result {
            Ok(taken) => {
                let written = buf.get(..*taken).unwrap_or_default();
                this.tap.sent(written);
                this.pings.went(this.sent.count(written, PINGREQ));
            }
            Err(error) => this.note_end(Some(error)),
        }
        Poll::Ready(result)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let gathers = !this.urgent && this.out.len() < GATHERED;
        if this.rename.is_some() || (!this.out.is_empty() && gathers) {
            return Poll::Ready(Ok(()));
        }
        this.poll_out(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let _said_by_shutdown = ready!(this.poll_out(cx));
        Pin::new(&mut this.stream).poll_shutdown(cx)
    }
}

/// Whether these are PUBACK and PUBREC packets without a reason, and nothing else. They may wait a moment:
/// one that is never written makes the broker send the message again.
fn are_acknowledgements(bytes: &[u8]) -> bool {
    let (packets, rest) = bytes.as_chunks::<4>();
    rest.is_empty() && packets.iter().all(|packet| matches!(packet, [0x40 | 0x50, 2, _, _]))
}
