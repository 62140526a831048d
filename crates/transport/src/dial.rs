//! The dial itself: the stages in their order, each timed and told.
//!
//! A dial is one future without tasks of its own, so dropping it is the way to cancel it: whatever
//! stage it is in, its sockets close with it.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use mqttscope_model::{
    AddressFamily, ConnectStage, Endpoint, Facts, NameFacts, TcpFacts, TlsInfo, WebSocketFacts,
};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::Instant;

use crate::error::{DialCause, DialError};
use crate::evidence::Failure;
use crate::{ProxyOptions, TlsOptions, WebSocketOptions, name, proxy, tcp, tls, websocket};

/// What a dial needs to know; nothing in it can be wrong except the path.
#[derive(Clone, Debug)]
pub struct DialOptions {
    /// Where the broker is.
    pub endpoint: Endpoint,
    /// The resolved TLS settings; with them TLS is spoken, without them not, and the scheme should say the same.
    pub tls: Option<TlsOptions>,
    /// Through what the TCP connection is made.
    pub proxy: ProxyOptions,
    /// Which of a name's addresses are used: the proxy's where there is one, else the broker's.
    pub address_family: AddressFamily,
    /// The WebSocket request, for the schemes that make one.
    pub websocket: WebSocketOptions,
    /// How long each stage may take.
    pub limits: StageLimits,
}

/// How long each stage may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StageLimits {
    /// The name lookup.
    pub name: Duration,
    /// The race over all addresses.
    pub tcp: Duration,
    /// The proxy's answer, which takes as long as its own connection to the broker.
    pub proxy: Duration,
    /// The TLS handshake.
    pub tls: Duration,
    /// The WebSocket handshake.
    pub websocket: Duration,
}

impl StageLimits {
    /// The same limit for every stage.
    pub const fn each(limit: Duration) -> Self {
        Self { name: limit, tcp: limit, proxy: limit, tls: limit, websocket: limit }
    }
}

impl Default for StageLimits {
    /// Ten seconds for each stage.
    fn default() -> Self {
        Self::each(Duration::from_secs(10))
    }
}

/// What a dial tells while it runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DialEvent {
    /// A stage begins.
    Started(ConnectStage),
    /// A stage is done.
    Passed {
        /// Which one.
        stage: ConnectStage,
        /// How long it took.
        took: Duration,
        /// What was seen, as one line.
        evidence: String,
    },
}

/// Anything that is a stream of bytes both ways.
pub trait ByteStream: AsyncRead + AsyncWrite + Send + Sync + Unpin + 'static {}

impl<S: AsyncRead + AsyncWrite + Send + Sync + Unpin + 'static> ByteStream for S {}

/// A dialled stream. Writes may be buffered until a flush; `shutdown` says goodbye in every layer.
pub type Stream = Box<dyn ByteStream>;

/// A dial that succeeded.
pub struct Dialled {
    /// The bytes.
    pub stream: Stream,
    /// The address that answered: the proxy's, where there is one.
    pub address: SocketAddr,
    /// What TLS agreed on, where TLS is spoken.
    pub tls: Option<TlsInfo>,
    /// What each stage saw.
    pub facts: Box<Facts>,
}

impl std::fmt::Debug for Dialled {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Dialled")
            .field("address", &self.address)
            .field("tls", &self.tls)
            .finish_non_exhaustive()
    }
}

/// Makes a byte stream to the broker, as [`dial_watched`] does, for callers to whom the facts at the end are enough.
///
/// # Errors
/// The first stage that fails, with its cause, evidence and facts.
pub async fn dial(
    options: &DialOptions,
    on_event: &mut (dyn FnMut(DialEvent) + Send),
) -> Result<Dialled, DialError> {
    dial_watched(options, &mut |event, _facts| on_event(event)).await
}

/// Makes a byte stream to the broker.
///
/// Every stage that begins is told to `on_event`, and every one that passes, with the facts of all stages so far; the one that
/// fails is the error's, and its facts are too. Cancel it by dropping the future; nothing goes on after that but a name
/// lookup in its own thread, whose answer nobody reads.
///
/// # Errors
/// The first stage that fails, with its cause, evidence and facts.
pub async fn dial_watched(
    options: &DialOptions,
    on_event: &mut (dyn FnMut(DialEvent, &Facts) + Send),
) -> Result<Dialled, DialError> {
    let DialOptions { endpoint, tls, .. } = options;
    let mut stages = Stages::new(endpoint, on_event);
    let request = if endpoint.scheme.is_websocket() {
        let request = websocket::request(endpoint, &options.websocket);
        Some(request.map_err(|failure| {
            DialError::new(ConnectStage::Settings, endpoint, Duration::ZERO, failure)
        })?)
    } else {
        None
    };
    let (tcp, address) = stages.connect(options).await?;
    let tcp = stages.tunnel(tcp, options).await?;

    let Some(tls) = tls else {
        let stream = match request {
            None => Box::new(tcp) as Stream,
            Some(request) => stages.upgrade(request, tcp, options).await?,
        };
        return Ok(Dialled { stream, address, tls: None, facts: stages.facts });
    };
    let (encrypted, info) = stages.encrypt(tcp, tls, options.limits.tls).await?;
    let stream = match request {
        None => Box::new(encrypted) as Stream,
        Some(request) => stages.upgrade(request, encrypted, options).await?,
    };
    Ok(Dialled { stream, address, tls: Some(info), facts: stages.facts })
}

/// Explains an error of a dialled stream that belongs to TLS although the handshake had passed: in
/// TLS 1.3 a broker judges the client certificate after the client's side is done
/// (RFC 8446, section 4.4.2.4). None where TLS is not to blame. `stage` is where it was met.
pub fn explain_late_failure(
    error: &io::Error,
    options: &DialOptions,
    stage: ConnectStage,
) -> Option<DialError> {
    let failure = tls::late_failure(error, options.tls.as_ref()?)?;
    let error = DialError::new(stage, &options.endpoint, Duration::ZERO, failure);
    Some(error.with_facts(Box::default()))
}

/// The stages' common part: telling, timing and naming what failed.
struct Stages<'a> {
    endpoint: &'a Endpoint,
    address: Option<SocketAddr>,
    facts: Box<Facts>,
    /// The stage that is under way, and since when.
    stage: ConnectStage,
    since: Instant,
    on_event: &'a mut (dyn FnMut(DialEvent, &Facts) + Send),
}

impl<'a> Stages<'a> {
    fn new(
        endpoint: &'a Endpoint,
        on_event: &'a mut (dyn FnMut(DialEvent, &Facts) + Send),
    ) -> Self {
        Self {
            endpoint,
            address: None,
            facts: Box::default(),
            stage: ConnectStage::Settings,
            since: Instant::now(),
            on_event,
        }
    }

    fn begin(&mut self, stage: ConnectStage) {
        (self.on_event)(DialEvent::Started(stage), &self.facts);
        self.stage = stage;
        self.since = Instant::now();
    }

    fn end<T>(&mut self, result: Result<(T, String), Failure>) -> Result<T, DialError> {
        let (stage, took) = (self.stage, self.since.elapsed());
        match result {
            Ok((value, evidence)) => {
                (self.on_event)(DialEvent::Passed { stage, took, evidence }, &self.facts);
                Ok(value)
            }
            Err(mut failure) => {
                failure.seen.address = failure.seen.address.or(self.address);
                let error = DialError::new(stage, self.endpoint, took, failure);
                Err(error.with_facts(std::mem::take(&mut self.facts)))
            }
        }
    }

    /// The name and TCP stages: to the broker, or to the proxy where there is one.
    async fn connect(
        &mut self,
        options: &DialOptions,
    ) -> Result<(TcpStream, SocketAddr), DialError> {
        let DialOptions { proxy, address_family, limits, .. } = options;
        let hop = proxy.hop.as_ref();
        let (host, port) = match hop {
            Some(hop) => (&hop.host, hop.port),
            None => (&self.endpoint.host, self.endpoint.port),
        };
        let blame = |error: DialError| match hop {
            Some(hop) => error.of_proxy(hop.authority(), &hop.endpoint()),
            None => error,
        };
        self.begin(ConnectStage::Name);
        let facts = self.facts.name.insert(NameFacts { name: host.clone(), ..Default::default() });
        let looking = name::look_up(host, port, *address_family, facts);
        let looked = within(limits.name, looking, || Failure::new(DialCause::NameTimedOut)).await;
        let addresses = self.end(looked).map_err(blame)?;

        self.begin(ConnectStage::Tcp);
        let facts = self.facts.tcp.insert(TcpFacts::default());
        let connected = tcp::connect(&addresses, limits.tcp, facts).await;
        let connected = connected.map(|(stream, address, evidence)| ((stream, address), evidence));
        let (stream, address) = self.end(connected).map_err(blame)?;
        self.address = Some(address);
        Ok((stream, address))
    }

    /// The proxy stage, where there is a proxy.
    async fn tunnel(
        &mut self,
        stream: TcpStream,
        options: &DialOptions,
    ) -> Result<TcpStream, DialError> {
        let Some(hop) = &options.proxy.hop else { return Ok(stream) };
        self.begin(ConnectStage::Proxy);
        let facts = self.facts.proxy.insert(hop.facts());
        let passed = proxy::pass(stream, hop, self.endpoint, options.limits.proxy, facts).await;
        self.end(passed)
    }

    async fn encrypt<S: ByteStream>(
        &mut self,
        stream: S,
        options: &TlsOptions,
        limit: Duration,
    ) -> Result<(tls::Encrypted<S>, TlsInfo), DialError> {
        self.begin(ConnectStage::Tls);
        let facts = self.facts.tls.insert(options.facts());
        let shaken = tls::handshake(stream, options, limit, facts).await;
        self.end(shaken)
    }

    async fn upgrade<S: ByteStream>(
        &mut self,
        request: websocket::Request,
        stream: S,
        options: &DialOptions,
    ) -> Result<Stream, DialError> {
        self.begin(ConnectStage::WebSocket);
        let facts = self.facts.websocket.insert(WebSocketFacts::default());
        let upgraded = websocket::handshake(stream, request, options, facts).await;
        let stream = self.end(upgraded)?;
        Ok(Box::new(stream))
    }
}

/// What `work` gives, or `timed_out` where it takes longer than `limit`.
pub(crate) async fn within<T>(
    limit: Duration,
    work: impl Future<Output = Result<T, Failure>>,
    timed_out: impl FnOnce() -> Failure,
) -> Result<T, Failure> {
    match tokio::time::timeout(limit, work).await {
        Ok(result) => result,
        Err(_) => Err(timed_out()),
    }
}
