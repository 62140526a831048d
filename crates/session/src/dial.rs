//! The dial as a session makes it: stage by stage, told to the session's task.
//!
//! The MQTT library asks for a stream through a connector that can return nothing but an I/O error, so everything
//! else goes to the task over a channel of its own.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use mqttscope_model::{ConnectStage, Facts, TlsInfo, UserError};
use mqttscope_transport::{
    DialError, DialEvent, DialOptions, Stream, dial_watched, explain_late_failure,
};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::mpsc;
use tokio::time::Instant;

use crate::Options;
use crate::wire::{Explain, LateTls, Shared, Wire};

/// How long a CONNACK is waited for at least, although the dial took all of the time.
const SHORTEST: Duration = Duration::from_secs(1);

/// What a dial tells while it runs, and the stream when the library is done with it.
pub(crate) enum Progress {
    /// A stage began.
    Began(ConnectStage),
    /// A stage passed, and this was seen so far.
    Passed { took: Duration, evidence: String, facts: Box<Facts> },
    /// The stream is there; CONNECT goes out.
    Dialled { address: SocketAddr, tls: Option<TlsInfo>, facts: Box<Facts> },
    /// It failed in this stage.
    Failed { stage: ConnectStage, error: UserError, facts: Box<Facts> },
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
                let facts = Box::new(error.facts().clone());
                let (stage, error) = (error.stage, error.to_user_error());
                self.tell(Progress::Failed { stage, error, facts });
                Err(io::Error::other("the dial failed"))
            }
        }
    }

    async fn run(&self) -> Result<Wire<Lent>, DialError> {
        let deadline = Instant::now() + self.options.connect_timeout;
        let options = self.settings().await?;
        let mut tell = |event, facts: &Facts| match event {
            DialEvent::Started(stage) => self.tell(Progress::Began(stage)),
            DialEvent::Passed { took, evidence, .. } => {
                self.tell(Progress::Passed { took, evidence, facts: Box::new(facts.clone()) });
            }
        };
        let dialled = dial_watched(&options, &mut tell).await?;
        let (address, tls, facts) = (dialled.address, dialled.tls, dialled.facts);
        self.tell(Progress::Dialled { address, tls, facts });
        let explain: Explain = Box::new(move |error| {
            let late = explain_late_failure(error, &options, ConnectStage::Mqtt)?;
            let alert = late.facts().tls.as_ref().and_then(|tls| tls.alert.clone());
            Some(LateTls { error: late.to_user_error(), alert })
        });
        let stream = Lent { stream: Some(dialled.stream), home: self.progress.clone() };
        let Options { version, keep_alive, .. } = *self.options;
        let wire = Wire::new(stream, version, keep_alive, Arc::clone(&self.shared), explain);
        let head = self.options.tape.as_ref().map(|tape| tape.connect(version));
        let wire = wire.without_words(self.options.wants_no_words());
        Ok(wire.taped(head).answered_by(deadline.max(Instant::now() + SHORTEST)))
    }

    /// Reads what the profile names. The stage is told where there is any of it.
    async fn settings(&self) -> Result<DialOptions, DialError> {
        let started = Instant::now();
        let told = self.options.names_settings();
        if told {
            self.tell(Progress::Began(ConnectStage::Settings));
        }
        let options = self.options.dial_options().await?;
        if told {
            let (took, evidence) = (started.elapsed(), options.proxy.evidence().to_owned());
            self.tell(Progress::Passed { took, evidence, facts: Box::default() });
        }
        Ok(options)
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
