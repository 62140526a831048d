//! The stream that the MQTT library reads and writes.
//!
//! One read of the socket makes one batch: after handing bytes over, [`Wire`] answers `Pending` once (and wakes
//! its reader), which ends the library's batch. An end or an error is therefore always met with nothing else in the
//! batch. The price is one more poll for each read of the socket.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::{Buf as _, BytesMut};
use mqttscope_model::{ProtocolVersion, UserError};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::facts::{End, Facts, Shared};
use super::packet::Borders;
use super::rename::{Rename, Renamed};
use super::splitter::{Seen, Splitter};

/// Tells whether an error of the stream belongs to TLS.
pub(crate) type Explain = Box<dyn Fn(&io::Error) -> Option<UserError> + Send + Sync>;

/// Acknowledgements are written at the latest when this many bytes of them wait.
const GATHERED: usize = 4 * 1024;

const PINGREQ: u8 = 0xc0;
const PINGRESP: [u8; 2] = [0xd0, 0];

/// A dialled stream as the MQTT library gets it.
pub(crate) struct Wire<S> {
    stream: S,
    shared: Arc<Shared>,
    explain: Explain,
    version: ProtocolVersion,
    splitter: Splitter,
    /// Read from the stream and not handed over yet: what lies behind a cut.
    rest: BytesMut,
    /// Bytes were handed over since the last `Pending`.
    delivered: bool,
    /// How many of the first bytes are known.
    first: usize,
    /// Pings that went out and were not answered.
    pings: u32,
    /// Rewrites CONNECT for MQTT 3.1 until it is done.
    rename: Option<Rename>,
    sent: Borders,
    /// Taken from the library and not written yet.
    out: BytesMut,
    /// What is in `out` must go out with the next flush; otherwise it is acknowledgements, which may be gathered.
    urgent: bool,
}

impl<S> Wire<S> {
    pub(crate) fn new(
        stream: S,
        version: ProtocolVersion,
        shared: Arc<Shared>,
        explain: Explain,
    ) -> Self {
        Self {
            stream,
            shared,
            explain,
            version,
            splitter: Splitter::new(version),
            rest: BytesMut::new(),
            delivered: false,
            first: 0,
            pings: 0,
            rename: (version == ProtocolVersion::V31).then(Rename::default),
            sent: Borders::default(),
            out: BytesMut::new(),
            urgent: false,
        }
    }

    /// Notes what came; an error where it cannot be an answer to CONNECT.
    fn note_first(&mut self, came: &[u8]) -> io::Result<()> {
        if self.first >= Facts::FIRST {
            return Ok(());
        }
        let mut facts = self.shared.facts();
        let room = Facts::FIRST - self.first;
        facts.first.extend(came.iter().take(room));
        let begins = self.first == 0;
        self.first = facts.first.len();
        let answer = matches!(
            (facts.first.first(), self.version),
            (Some(0x20) | None, _) | (Some(0xe0 | 0xf0), ProtocolVersion::V5)
        );
        if begins && !answer {
            facts.end = Some(End::Foreign);
            return Err(io::Error::new(io::ErrorKind::InvalidData, "the answer is no MQTT"));
        }
        Ok(())
    }

    /// Takes note of the packets that the splitter saw.
    fn note_seen(&mut self) {
        for seen in self.splitter.take_seen() {
            match seen {
                Seen::Pong => self.pings = self.pings.saturating_sub(1),
                Seen::Connack(bytes) => {
                    let mut facts = self.shared.facts();
                    if facts.connack.is_empty() {
                        facts.connack = bytes;
                    }
                }
                Seen::Disconnect(bytes) => self.shared.facts().disconnect = bytes,
            }
        }
    }

    /// Notes how the stream ended, the first time.
    fn note_end(&self, error: Option<&io::Error>) {
        let end = match error {
            None => End::Closed,
            Some(error) => (self.explain)(error).map_or_else(
                || End::Broken { kind: error.kind(), text: error.to_string() },
                End::Tls,
            ),
        };
        let mut facts = self.shared.facts();
        facts.within_packet = self.splitter.until_border() > 0;
        match (&facts.end, &end) {
            // A write often fails first, and the read that follows says why.
            (None, _) | (Some(End::Broken { .. }), End::Tls(_)) => facts.end = Some(end),
            _ => {}
        }
    }

    /// Hands over bytes that lie ready, at most `limit`.
    fn hand_over(&mut self, buf: &mut ReadBuf<'_>, limit: usize) {
        let room = buf.remaining().min(limit).min(self.rest.len());
        let cut = self.splitter.cut(self.rest.get(..room).unwrap_or_default());
        let piece = self.rest.get(..cut).unwrap_or_default();
        self.shared.note_last(piece);
        buf.put_slice(piece);
        self.rest.advance(cut);
        self.delivered = true;
        self.note_seen();
    }
}

impl<S: AsyncRead + Unpin> Wire<S> {
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
        self.note_first(came)?;
        self.shared.note_last(came);
        let cut = self.splitter.cut(came);
        self.rest.extend_from_slice(came.get(cut..).unwrap_or_default());
        buf.set_filled(before + cut);
        self.delivered = true;
        self.note_seen();
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
        this.shared.reader.register(cx.waker());
        let limit = if this.shared.is_held() { this.splitter.until_border() } else { usize::MAX };
        if limit == 0 {
            // The answer to a ping lies behind messages that are not read now. The library must not
            // take that for a dead connection.
            if this.pings > 0 && buf.remaining() >= PINGRESP.len() {
                this.pings -= 1;
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

impl<S: AsyncWrite + Unpin> Wire<S> {
    /// Writes what waits and flushes it.
    fn poll_out(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let result = ready!(self.poll_written(cx).map_ok(|()| ()));
        let result = match result {
            Ok(()) => ready!(Pin::new(&mut self.stream).poll_flush(cx)),
            Err(error) => Err(error),
        };
        if let Err(error) = &result {
            self.note_end(Some(error));
        }
        Poll::Ready(result)
    }

    fn poll_written(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.out.is_empty() {
            let taken = ready!(Pin::new(&mut self.stream).poll_write(cx, &self.out))?;
            if taken == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
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
            Ok(()) => ready!(Pin::new(&mut this.stream).poll_write(cx, buf)),
            Err(error) => Err(error),
        };
        match &result {
            Ok(taken) => {
                let written = buf.get(..*taken).unwrap_or_default();
                this.pings += this.sent.count(written, PINGREQ);
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

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, duplex};

    use super::*;

    fn wire(
        version: ProtocolVersion,
    ) -> (Wire<tokio::io::DuplexStream>, tokio::io::DuplexStream, Arc<Shared>) {
        let (ours, theirs) = duplex(64 * 1024);
        let shared = Arc::new(Shared::default());
        (Wire::new(ours, version, Arc::clone(&shared), Box::new(|_| None)), theirs, shared)
    }

    async fn read(wire: &mut Wire<tokio::io::DuplexStream>) -> Vec<u8> {
        let mut buf = vec![0; 1_024];
        let len = wire.read(&mut buf).await.unwrap();
        buf.truncate(len);
        buf
    }

    #[tokio::test]
    async fn an_answer_that_is_no_mqtt_fails_at_its_first_byte_and_is_kept() {
        let (mut wire, mut theirs, shared) = wire(ProtocolVersion::V5);
        theirs.write_all(b"HTTP/1.1 400 Bad Request\r\n").await.unwrap();
        let error = wire.read(&mut [0; 64]).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidData);
        assert_eq!(shared.facts().first, b"HTTP/1.1 400 Bad Request\r\n");
        assert_eq!(shared.facts().end, Some(End::Foreign));
    }

    #[tokio::test]
    async fn held_back_it_ends_the_packet_that_has_begun_and_answers_pings_itself() {
        let (mut wire, mut theirs, shared) = wire(ProtocolVersion::V311);
        theirs.write_all(b"\x20\x02\x00\x00\x30\x06\x00\x01a").await.unwrap();
        assert_eq!(read(&mut wire).await, b"\x20\x02\x00\x00\x30\x06\x00\x01a");
        shared.hold(true);
        theirs.write_all(b"xyz\x30\x03\x00\x01b").await.unwrap();
        assert_eq!(read(&mut wire).await, b"xyz");
        wire.write_all(b"\xc0\x00").await.unwrap();
        wire.flush().await.unwrap();
        assert_eq!(read(&mut wire).await, PINGRESP);
        let waiting = tokio::spawn(async move { read(&mut wire).await });
        tokio::task::yield_now().await;
        assert!(!waiting.is_finished());
        shared.hold(false);
        assert_eq!(waiting.await.unwrap(), b"\x30\x03\x00\x01b");
        let mut ping = [0; 2];
        theirs.read_exact(&mut ping).await.unwrap();
        assert_eq!(ping, [PINGREQ, 0]);
    }

    #[tokio::test]
    async fn acknowledgements_are_gathered_until_the_library_reads_or_writes_something_else() {
        let (mut wire, mut theirs, _) = wire(ProtocolVersion::V311);
        wire.write_all(b"\x40\x02\x00\x01").await.unwrap();
        wire.flush().await.unwrap();
        wire.write_all(b"\x40\x02\x00\x02").await.unwrap();
        wire.flush().await.unwrap();
        let mut buf = [0; 16];
        let nothing = futures_util::FutureExt::now_or_never(theirs.read(&mut buf));
        assert!(nothing.is_none());
        wire.write_all(b"\xe0\x00").await.unwrap();
        wire.flush().await.unwrap();
        let len = theirs.read(&mut buf).await.unwrap();
        assert_eq!(&buf[..len], b"\x40\x02\x00\x01\x40\x02\x00\x02\xe0\x00");
    }

    #[tokio::test]
    async fn an_end_comes_in_a_poll_of_its_own() {
        let (mut wire, mut theirs, shared) = wire(ProtocolVersion::V311);
        theirs.write_all(b"\x20\x02\x00\x00").await.unwrap();
        drop(theirs);
        assert_eq!(read(&mut wire).await.len(), 4);
        let mut space = [0; 8];
        let next = futures_util::FutureExt::now_or_never(wire.read(&mut space));
        assert!(next.is_none(), "the end must not be in the same batch");
        assert!(read(&mut wire).await.is_empty());
        assert_eq!(shared.facts().end, Some(End::Closed));
    }
}
