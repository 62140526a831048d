//! WebSocket messages as a stream of bytes.
//!
//! MQTT ignores message borders (`[MQTT-6.0.0-2]`): a packet may span frames and a frame may hold several. So
//! what comes is handed on as it comes, and each write becomes one binary frame, cut at 64 KiB so that
//! brokers with small limits take large packets too. A received message must be complete before its first byte
//! is handed on, which is how the WebSocket library works; its limits are set to the largest MQTT packet.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures_util::{Sink, Stream};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::error::ProtocolError;
use tokio_tungstenite::tungstenite::{Error, Message};

/// The largest frame that is sent, in bytes of payload.
const FRAME: usize = 64 * 1024;

/// A WebSocket connection as a byte stream. The other side's Close is the end of the stream.
#[derive(Debug)]
pub(crate) struct WebSocketBytes<S> {
    socket: WebSocketStream<S>,
    /// What is left of the last message.
    rest: Bytes,
    ended: bool,
    /// Our Close has gone out.
    closed: bool,
}

impl<S> WebSocketBytes<S> {
    pub(crate) fn new(socket: WebSocketStream<S>) -> Self {
        Self { socket, rest: Bytes::new(), ended: false, closed: false }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for WebSocketBytes<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        while this.rest.is_empty() {
            if this.ended {
                return Poll::Ready(Ok(()));
            }
            match ready!(Pin::new(&mut this.socket).poll_next(cx)) {
                Some(Ok(Message::Binary(bytes))) => this.rest = bytes,
                // The library answers a Ping by itself, with the next read or write.
                Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => {}
                Some(Ok(Message::Text(_))) => {
                    this.ended = true;
                    let rule =
                        "a WebSocket text frame came; MQTT travels in binary frames [MQTT-6.0.0-1]";
                    return Poll::Ready(Err(io::Error::new(io::ErrorKind::InvalidData, rule)));
                }
                Some(Ok(Message::Close(_))) | None => this.ended = true,
                Some(Err(error)) => {
                    this.ended = true;
                    return Poll::Ready(read_error(error));
                }
            }
        }
        let taken = this.rest.len().min(buf.remaining());
        buf.put_slice(&this.rest.split_to(taken));
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for WebSocketBytes<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let part = buf.get(..FRAME).unwrap_or(buf);
        if part.is_empty() {
            return Poll::Ready(Ok(0));
        }
        ready!(Pin::new(&mut this.socket).poll_ready(cx)).map_err(write_error)?;
        let frame = Message::Binary(Bytes::copy_from_slice(part));
        Pin::new(&mut this.socket).start_send(frame).map_err(write_error)?;
        Poll::Ready(Ok(part.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().socket).poll_flush(cx).map_err(write_error)
    }

    /// Sends Close, then shuts the stream below down. The other side's Close is not waited for.
    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if !this.closed {
            match ready!(Pin::new(&mut this.socket).poll_close(cx)) {
                Ok(()) | Err(Error::ConnectionClosed | Error::AlreadyClosed) => {}
                Err(error) => return Poll::Ready(Err(write_error(error))),
            }
            this.closed = true;
        }
        Pin::new(this.socket.get_mut()).poll_shutdown(cx)
    }
}

fn read_error(error: Error) -> io::Result<()> {
    match error {
        Error::ConnectionClosed
        | Error::AlreadyClosed
        | Error::Protocol(ProtocolError::ResetWithoutClosingHandshake) => Ok(()),
        Error::Io(error) => Err(error),
        other => Err(io::Error::new(io::ErrorKind::InvalidData, other)),
    }
}

fn write_error(error: Error) -> io::Error {
    match error {
        Error::ConnectionClosed
        | Error::AlreadyClosed
        | Error::Protocol(ProtocolError::SendAfterClosing) => io::ErrorKind::BrokenPipe.into(),
        Error::Io(error) => error,
        other => io::Error::new(io::ErrorKind::InvalidData, other),
    }
}
