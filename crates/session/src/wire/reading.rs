//! Reading: one read of the socket at a time, cut where the connection may end.
//!
//! One byte is not handed over as it came: the library gives no answer to a PUBREL with Packet Identifier not found,
//! and MQTT wants a PUBCOMP for each `[MQTT-4.3.3-11]`. It is shown as one without a fault, whose answer is the same: a
//! PUBCOMP that succeeds where we have the message, and one that says not found where we have not either.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Buf as _;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::stream::Wire;

const PINGRESP: [u8; 2] = [0xd0, 0];

/// What no broker may send: the library says DISCONNECT with Protocol Error and ends the connection.
const PINGREQ: [u8; 2] = [0xc0, 0];

impl<S: AsyncRead + Unpin> Wire<S> {
    /// Hands over bytes that lie ready, at most `limit`.
    fn hand_over(&mut self, buf: &mut ReadBuf<'_>, limit: usize) {
        let room = buf.remaining().min(limit).min(self.rest.len());
        let cut = self.splitter.cut(self.rest.get(..room).unwrap_or_default());
        let piece = self.rest.get(..cut).unwrap_or_default();
        self.shared.note_last(piece);
        let before = buf.filled().len();
        buf.put_slice(piece);
        self.rest.advance(cut);
        self.delivered = true;
        self.note_seen(buf.filled_mut().get_mut(before..).unwrap_or_default());
    }

    /// Reads straight into the library's buffer and takes back what lies behind a cut.
    fn read_through(
        &mut self,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(cx, buf))?;
        let came = buf.filled().get(before..).unwrap_or_default();
        if came.is_empty() {
            self.note_end(None);
            return Poll::Ready(Ok(()));
        }
        self.tap.received(came);
        self.note_first(came)?;
        self.shared.note_last(came);
        let cut = self.splitter.cut(came);
        self.rest.extend_from_slice(came.get(cut..).unwrap_or_default());
        buf.set_filled(before + cut);
        self.delivered = true;
        self.note_seen(buf.filled_mut().get_mut(before..).unwrap_or_default());
        Poll::Ready(Ok(()))
    }

    /// Reads at most `limit` bytes, which the current packet needs to come to its end.
    fn read_limited(
        &mut self,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
        limit: usize,
    ) -> Poll<io::Result<()>> {
        let mut space = [0; 4 * 1024];
        let room = limit.min(buf.remaining()).min(space.len());
        let mut part = ReadBuf::new(space.get_mut(..room).unwrap_or_default());
        ready!(Pin::new(&mut self.stream).poll_read(cx, &mut part))?;
        if part.filled().is_empty() {
            self.note_end(None);
            return Poll::Ready(Ok(()));
        }
        self.tap.received(part.filled());
        self.note_first(part.filled())?;
        self.rest.extend_from_slice(part.filled());
        self.hand_over(buf, limit);
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for Wire<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        // The library reads when it has nothing more to write: the moment for what was gathered.
        if !this.out.is_empty()
            && this.rename.is_none()
            && let Poll::Ready(Err(error)) = this.poll_out(cx)
        {
            return Poll::Ready(Err(error));
        }
        if this.delivered {
            this.delivered = false;
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        this.poll_deadline(cx)?;
        this.shared.reader.register(cx.waker());
        let stops = this.breach || this.shared.is_held();
        let limit = if stops { this.splitter.until_border() } else { usize::MAX };
        if limit == 0 {
            // The library does not know that a rule is broken, and is shown one that it knows.
            if this.breach && buf.remaining() >= PINGREQ.len() {
                (this.breach, this.over, this.delivered) = (false, true, true);
                this.rest.clear();
                buf.put_slice(&PINGREQ);
                return Poll::Ready(Ok(()));
            }
            // The answer to a ping lies behind messages that are not read now. The library must not
            // take that for a dead connection.
            if this.pings.waits() && buf.remaining() >= PINGRESP.len() {
                this.pings.stand_in();
                this.delivered = true;
                buf.put_slice(&PINGRESP);
                return Poll::Ready(Ok(()));
            }
            return Poll::Pending;
        }
        if !this.rest.is_empty() {
            this.hand_over(buf, limit);
            return Poll::Ready(Ok(()));
        }
        if this.over {
            this.note_end(None);
            return Poll::Ready(Ok(()));
        }
        let result = if limit == usize::MAX {
            ready!(this.read_through(cx, buf))
        } else {
            ready!(this.read_limited(cx, buf, limit))
        };
        if let Err(error) = &result {
            this.note_end(Some(error));
        }
        Poll::Ready(result)
    }
}
