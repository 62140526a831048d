//! One connection of a probe: it sends a packet, and reads until the answer is there.
//!
//! Messages that come meanwhile are acknowledged at once and wait in an inbox. Whoever drops a [`Link`] breaks the connection
//! without a DISCONNECT, as a device does that loses its power; [`Link::leave`] says goodbye.

use std::collections::VecDeque;
use std::time::Duration;

use bytes::{Buf, BytesMut};
use mqttscope_model::{ProtocolVersion, ReasonCode};
use mqttscope_transport::Stream;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::{Instant, timeout, timeout_at};

use crate::packet::{self, Connect, Credentials, PUBACK, PUBCOMP, PUBREC, PUBREL, Packet, Publish};
use crate::property::Properties;

/// How long an answer is waited for that should come.
pub(crate) const ANSWER: Duration = Duration::from_secs(5);

/// How long is waited for what should not come.
pub(crate) const QUIET: Duration = Duration::from_millis(600);

/// Seconds; no connection of a probe is silent for so long.
const KEEP_ALIVE: u16 = 120;

/// How much is read at once.
const CHUNK: usize = 64 * 1024;

/// Why a connection gives no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Gone {
    #[error("DISCONNECT {}{}", ReasonCode(*.0), told(.1))]
    Disconnected(u8, Option<String>),
    #[error("the broker closed the connection")]
    Closed,
    #[error("no answer within {} s", .0.as_secs())]
    Silent(Duration),
    #[error("{0}")]
    Broken(String),
    #[error(transparent)]
    Malformed(#[from] packet::Malformed),
}

/// Why CONNECT did not lead to a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum NotConnected {
    Refused { reason: u8, reason_string: Option<String> },
    Gone(Gone),
}

/// A connection whose CONNACK said yes.
pub(crate) struct Link {
    stream: Stream,
    version: ProtocolVersion,
    buffer: BytesMut,
    inbox: VecDeque<Publish>,
    last_packet_id: u16,
    pub(crate) session_present: bool,
    /// What CONNACK said.
    pub(crate) connack: Properties,
}

impl Link {
    /// Sends CONNECT and waits for CONNACK.
    pub(crate) async fn open(
        stream: Stream,
        version: ProtocolVersion,
        connect: &Connect,
        credentials: &Credentials,
        limit: Duration,
    ) -> Result<Self, NotConnected> {
        let mut link = Self {
            stream,
            version,
            buffer: BytesMut::new(),
            inbox: VecDeque::new(),
            last_packet_id: 0,
            session_present: false,
            connack: Properties::default(),
        };
        let bytes = packet::connect(version, connect, KEEP_ALIVE, credentials);
        link.send(&bytes).await.map_err(NotConnected::Gone)?;
        let deadline = Instant::now() + limit;
        match link.next(deadline, limit).await {
            Ok(Packet::Connack { reason: 0, session_present, properties }) => {
                Ok(Self { session_present, connack: properties, ..link })
            }
            Ok(Packet::Connack { reason, properties, .. }) => {
                let reason_string = properties.reason_string().map(str::to_owned);
                Err(NotConnected::Refused { reason, reason_string })
            }
            Ok(_) => Err(NotConnected::Gone(Gone::Malformed(packet::Malformed))),
            Err(gone) => Err(NotConnected::Gone(gone)),
        }
    }

    /// Publishes and waits for the last acknowledgement: its Reason Code, 0 with QoS 0.
    pub(crate) async fn publish(&mut self, publish: &Publish, limit: Duration) -> Result<u8, Gone> {
        let packet_id = if publish.qos > 0 { self.packet_id() } else { 0 };
        let bytes = packet::publish(self.version, &Publish { packet_id, ..publish.clone() });
        let deadline = Instant::now() + limit;
        let sent = timeout_at(deadline, self.send(&bytes)).await;
        sent.unwrap_or(Err(Gone::Silent(limit)))?;
        if publish.qos == 0 {
            return Ok(0);
        }
        loop {
            match self.next(deadline, limit).await? {
                Packet::Acknowledgement { kind: PUBACK | PUBCOMP, packet_id: id, reason }
                    if id == packet_id =>
                {
                    return Ok(reason);
                }
                Packet::Acknowledgement { kind: PUBREC, packet_id: id, reason }
                    if id == packet_id =>
                {
                    if reason >= 0x80 {
                        return Ok(reason);
                    }
                    self.send(&packet::acknowledgement(PUBREL, id)).await?;
                }
                other => self.take(other).await?,
            }
        }
    }

    /// Subscribes and waits for the Reason Codes of SUBACK.
    pub(crate) async fn subscribe(
        &mut self,
        filters: &[&str],
        qos: u8,
        identifier: Option<u32>,
    ) -> Result<Vec<u8>, Gone> {
        let packet_id = self.packet_id();
        let bytes = packet::subscribe(self.version, packet_id, filters, qos, identifier);
        self.send(&bytes).await?;
        let deadline = Instant::now() + ANSWER;
        loop {
            match self.next(deadline, ANSWER).await? {
                Packet::Suback { packet_id: id, reasons } if id == packet_id => return Ok(reasons),
                other => self.take(other).await?,
            }
        }
    }

    /// The next message, or none where none comes within `limit`.
    pub(crate) async fn message(&mut self, limit: Duration) -> Result<Option<Publish>, Gone> {
        let deadline = Instant::now() + limit;
        loop {
            if let Some(message) = self.inbox.pop_front() {
                return Ok(Some(message));
            }
            match self.next(deadline, limit).await {
                Ok(packet) => self.take(packet).await?,
                Err(Gone::Silent(_)) => return Ok(None),
                Err(gone) => return Err(gone),
            }
        }
    }

    /// Whether a packet has begun to come and is not whole yet.
    pub(crate) fn is_receiving(&self) -> bool {
        !self.buffer.is_empty()
    }

    /// Waits until the broker has dealt with all that was sent before.
    pub(crate) async fn ping(&mut self) -> Result<(), Gone> {
        self.send(&packet::PINGREQ).await?;
        let deadline = Instant::now() + ANSWER;
        loop {
            match self.next(deadline, ANSWER).await? {
                Packet::Pingresp => return Ok(()),
                other => self.take(other).await?,
            }
        }
    }

    /// Ends the connection with DISCONNECT.
    pub(crate) async fn leave(mut self) {
        let goodbye = async {
            self.send(&packet::DISCONNECT).await?;
            self.stream.shutdown().await.map_err(|error| Gone::Broken(error.to_string()))
        };
        let _it_is_over_either_way = timeout(Duration::from_secs(1), goodbye).await;
    }

    fn packet_id(&mut self) -> u16 {
        self.last_packet_id = self.last_packet_id.checked_add(1).unwrap_or(1);
        self.last_packet_id
    }

    /// Keeps a message and acknowledges it; what nobody waits for is dropped.
    async fn take(&mut self, packet: Packet) -> Result<(), Gone> {
        match packet {
            Packet::Publish(message) => {
                let answer = match message.qos {
                    0 => None,
                    1 => Some(PUBACK),
                    _ => Some(PUBREC),
                };
                let packet_id = message.packet_id;
                self.inbox.push_back(message);
                match answer {
                    Some(kind) => self.send(&packet::acknowledgement(kind, packet_id)).await,
                    None => Ok(()),
                }
            }
            Packet::Acknowledgement { kind: PUBREL, packet_id, .. } => {
                self.send(&packet::acknowledgement(PUBCOMP, packet_id)).await
            }
            _ => Ok(()),
        }
    }

    async fn send(&mut self, bytes: &[u8]) -> Result<(), Gone> {
        let written = async {
            self.stream.write_all(bytes).await?;
            self.stream.flush().await
        };
        match written.await {
            Ok(()) => Ok(()),
            // A broker that does not want a packet says so while it is still being written.
            Err(error) => {
                let deadline = Instant::now() + QUIET;
                match self.next(deadline, QUIET).await {
                    Err(said @ Gone::Disconnected(..)) => Err(said),
                    _ => Err(Gone::Broken(error.to_string())),
                }
            }
        }
    }

    /// The next packet; a DISCONNECT is an end.
    async fn next(&mut self, deadline: Instant, limit: Duration) -> Result<Packet, Gone> {
        loop {
            if let Some(length) = packet::length(&self.buffer)?
                && self.buffer.len() >= length
            {
                let bytes = self.buffer.split_to(length);
                return match packet::read(self.version, bytes.chunk())? {
                    Packet::Disconnect { reason, properties } => {
                        let words = properties.reason_string().map(str::to_owned);
                        Err(Gone::Disconnected(reason, words))
                    }
                    packet => Ok(packet),
                };
            }
            self.buffer.reserve(CHUNK);
            match timeout_at(deadline, self.stream.read_buf(&mut self.buffer)).await {
                Err(_) => return Err(Gone::Silent(limit)),
                Ok(Ok(0)) => return Err(Gone::Closed),
                Ok(Ok(_)) => {}
                Ok(Err(error)) => return Err(Gone::Broken(error.to_string())),
            }
        }
    }
}

/// The broker's own words behind a Reason Code.
pub(crate) fn told(words: &Option<String>) -> String {
    words.as_ref().map(|words| format!(", \"{words}\"")).unwrap_or_default()
}
