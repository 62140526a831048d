//! The dial as a session makes it: stage by stage, told to the session's task.
//!
//! The MQTT library asks for a stream through a connector that can return nothing but an I/O error, so everything
//! else goes to the task over a channel of its own.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant;

use mqttscope_model::{ConnectStage, Proxy, TlsInfo, UserError};
use mqttscope_transport::{
    DialError, DialEvent, DialOptions, ProxyOptions, StageLimits, Stream, TlsOptions,
    WebSocketOptions, dial, explain_late_failure,
};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::mpsc;

use crate::Options;
use crate::wire::{Explain, Shared, Wire};

/// What a dial tells while it runs, and the stream when the library is done with it.
pub(crate) enum Progress {
    /// A stage began or passed.
    Stage(DialEvent),
    /// The stream is there; CONNECT goes out.
    Dialled { address: SocketAddr, tls: Option<TlsInfo> },
    /// It failed in this stage.
    Failed { stage: ConnectStage, error: UserError },
    /// The library let go of the stream.
    Returned(Stream),
}

/// One attempt's dial.
#[derive(Clone, Debug)]
pub(crate) struct Dialler {
    pub(crate) options: Arc<Options>,
    pub(crate) progress: mpsc::UnboundedSender<Progress>,
    pub(crate) shared: Arc<Shared>,
}

impl Dialler {
    /// Reads the certificate files and dials.
    ///
    /// # Errors
    /// An I/O error that says nothing; the cause was told as [`Progress::Failed`].
    pub(crate) async fn dial(self) -> io::Result<Wire<Lent>> {
        match self.run().await {
            Ok(wire) => Ok(wire),
            Err(error) => {
                let (stage, error) = (error.stage, error.to_user_error());
                self.tell(Progress::Failed { stage, error });
                Err(io::Error::other("the dial failed"))
            }
        }
    }

    async fn run(&self) -> Result<Wire<Lent>, DialError> {
        let options = self.dial_options().await?;
        let mut tell = |event| self.tell(Progress::Stage(event));
        let dialled = dial(&options, &mut tell).await?;
        self.tell(Progress::Dialled { address: dialled.address, tls: dialled.tls });
        let explain: Explain = Box::new(move |error| {
            explain_late_failure(error, &options, ConnectStage::Mqtt)
                .map(|error| error.to_user_error())
        });
        let stream = Lent { stream: Some(dialled.stream), home: self.progress.clone() };
        let Options { version, keep_alive, .. } = *self.options;
        Ok(Wire::new(stream, version, keep_alive, Arc::clone(&self.shared), explain))
    }

    /// Reads what the profile names: files, secrets, the system's proxy. The stage is told where there is any of it.
    async fn dial_options(&self) -> Result<DialOptions, DialError> {
        let Options { endpoint, secrets, version, .. } = &*self.options;
        let Options { tls, proxy, websocket, .. } = &*self.options;
        let told = tls.is_some() || *proxy != Proxy::None;
        let stage = ConnectStage::Settings;
        let started = Instant::now();
        if told {
            self.tell(Progress::Stage(DialEvent::Started(stage)));
        }
        let tls = match tls {
            None => None,
            Some(settings) => Some(TlsOptions::read(settings, &endpoint.host, secrets).await?),
        };
        let proxy = ProxyOptions::read(proxy, endpoint, secrets)?;
        let subprotocol = version.websocket_subprotocol();
        let websocket = if endpoint.scheme.is_websocket() {
            WebSocketOptions::read(websocket, subprotocol, endpoint, secrets)?
        } else {
            WebSocketOptions::plain(subprotocol)
        };
        if told {
            let (took, evidence) = (started.elapsed(), proxy.evidence().to_owned());
            self.tell(Progress::Stage(DialEvent::Passed { stage, took, evidence }));
        }
        Ok(DialOptions {
            endpoint: endpoint.clone(),
            tls,
            proxy,
            address_family: self.options.address_family,
            websocket,
            limits: StageLimits::each(self.options.connect_timeout),
        })
    }

    fn tell(&self, progress: Progress) {
        let _nobody_waits_any_more = self.progress.send(progress);
    }
}

/// A stream that goes back to the session's task when the library drops it. Closing a socket on which bytes lie unread
/// makes the system throw away what the other side has not read yet, DISCONNECT included; the task says goodbye properly.
pub(crate) struct Lent {
    stream: Option<Stream>,
    home: mpsc::UnboundedSender<Progress>,
}

impl Lent {
    fn stream(&mut self) -> io::Result<Pin<&mut Stream>> {
        self.stream.as_mut().map(Pin::new).ok_or_else(|| io::ErrorKind::NotConnected.into())
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        if let Some(stream) = self.stream.take() {
            let _nobody_wants_it = self.home.send(Progress::Returned(stream));
        }
    }
}

impl AsyncRead for Lent {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.get_mut().stream()?.poll_read(cx, buf)
    }
}

impl AsyncWrite for Lent {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.get_mut().stream()?.poll_write(cx, buf)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.get_mut().stream()?.poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.get_mut().stream()?.poll_shutdown(cx)
    }
}
