//! The MQTT library behind one small interface: the only place that names it.
//!
//! The library comes as two crates, one for MQTT 5 and one for 3.1.1, with the same shape and different types.
//! [`Client`] is both: built anew for a series of attempts, given fresh options for each one, polled for our own
//! [`Event`]s. A poll takes the client by value and gives it back, so that nothing can abandon one
//! half done: the library loses what it has in hand when a poll is dropped.

mod authentication;
mod failure;
mod v4;
mod v5;

use std::time::Duration;

use futures_util::future::BoxFuture;
use mqttscope_model::{
    ConnackInfo, DisconnectOptions, FilterState, Message, MessageId, Outcome, ProtocolVersion,
    Publish, QoS, ReasonCode, Subscription,
};

pub(crate) use authentication::AuthenticationError;
pub(crate) use failure::{Context, Failure, explain};

use crate::SessionError;
use crate::dial::Dialler;
use crate::options::{self, Will, WillFileError};

/// Requests that the library takes into one write.
const REQUEST_BATCH: usize = 64;

/// Packets that the library reads in one batch: the most that it takes.
const READ_BATCH: usize = 128;

/// The largest packet of the protocol: Remaining Length of 268,435,455 bytes and its header.
const LARGEST_PACKET: usize = 268_435_455 + 5;

/// How long one flush may take: 20 MB at 10 kB/s. The library for 3.1.1 ends a connection that takes
/// longer; the keep alive notices a dead one.
const FLUSH_SECONDS: u64 = 2_000;

/// What comes out of a connection.
#[derive(Debug)]
pub(crate) enum Event {
    /// CONNACK said yes.
    Connected {
        connack: Box<ConnackInfo>,
        /// PUBLISH and PUBREL packets that go out again, because the broker kept the session.
        sent_again: u32,
    },
    /// A message came.
    Received(Received),
    /// A PUBLISH with this Packet Identifier was handed to the connection.
    Sent(u16),
    /// PUBREC came for this Packet Identifier.
    Recorded(u16),
    /// A PUBCOMP with this Packet Identifier was handed to the connection.
    Completed(u16),
    /// A ping was answered.
    Ponged,
    /// DISCONNECT was written.
    Disconnected,
}

/// A message that came.
#[derive(Debug)]
pub(crate) struct Received {
    /// As it is recorded.
    pub(crate) message: Message,
    /// How it is acknowledged, with QoS 1 and 2.
    pub(crate) ack: Option<Ack>,
    /// Its Subscription Identifiers; none before MQTT 5.
    pub(crate) identifiers: Option<Vec<u32>>,
}

/// An acknowledgement to be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ack {
    /// PUBACK.
    Received(u16),
    /// PUBREC.
    Recorded(u16),
}

impl Ack {
    /// The acknowledgement of a message with this QoS and Packet Identifier.
    fn of(qos: QoS, id: u16) -> Option<Self> {
        match qos {
            QoS::AtMostOnce => None,
            QoS::AtLeastOnce => Some(Self::Received(id)),
            QoS::ExactlyOnce => Some(Self::Recorded(id)),
        }
    }
}

/// What is known of a message on its way to the broker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Tracked {
    /// Which message of the session it is; also one that is not kept has a number.
    pub(crate) number: u64,
    /// Under what it is recorded; none where it is not kept.
    pub(crate) id: Option<MessageId>,
    /// The bytes of its payload.
    pub(crate) bytes: usize,
    /// Its QoS.
    pub(crate) qos: QoS,
}

/// What became of a message, once it is known.
pub(crate) type OutcomeFuture = BoxFuture<'static, (Tracked, Outcome)>;

/// The answer to a filter with the Reason String of its packet.
pub(crate) type Answered<A> = (A, Option<String>);

/// The answer to each filter of one SUBSCRIBE; none where the connection ended first.
pub(crate) type SubackFuture = BoxFuture<'static, Option<Vec<Answered<FilterState>>>>;

/// The answer to each filter of one UNSUBSCRIBE (3.1.1: always success); none where the connection ended first.
pub(crate) type UnsubackFuture = BoxFuture<'static, Option<Vec<Answered<ReasonCode>>>>;

/// What became of authenticating anew.
pub(crate) type ReauthenticationFuture = BoxFuture<'static, Result<(), SessionError>>;

/// The state of the protocol that outlives connections.
#[derive(Clone, Debug, Default)]
pub(crate) struct Checkpoints {
    v4: v4::Checkpoints,
    v5: v5::Checkpoints,
}

/// A poll's result: the client again, what happened, and what ended the connection.
pub(crate) struct Polled {
    pub(crate) client: Client,
    pub(crate) events: Vec<Event>,
    pub(crate) failure: Option<Failure>,
    pub(crate) window: Window,
}

/// Messages of QoS 1 and 2 that are on their way to the broker.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Window {
    /// Sent and not acknowledged to the end.
    pub(crate) sent: u16,
    /// How many there may be.
    pub(crate) limit: u16,
}

/// The side of the library that is polled.
pub(crate) enum Client {
    V4(Box<v4::Client>),
    V5(Box<v5::Client>),
}

/// The side of the library that takes requests. None of them waits.
#[derive(Clone)]
pub(crate) enum Requests {
    V4(v4::Requests),
    V5(v5::Requests),
}

impl Client {
    /// A client that will connect with `dialler` when it is polled.
    ///
    /// # Errors
    /// The library does not take the options.
    pub(crate) fn new(
        dialler: Dialler,
        checkpoints: &Checkpoints,
    ) -> Result<(Self, Requests), Failure> {
        if dialler.options.version == ProtocolVersion::V5 {
            let (client, requests) = v5::Client::new(dialler, &checkpoints.v5)?;
            Ok((Self::V5(Box::new(client)), Requests::V5(requests)))
        } else {
            let (client, requests) = v4::Client::new(dialler, &checkpoints.v4)?;
            Ok((Self::V4(Box::new(client)), Requests::V4(requests)))
        }
    }

    /// Gives the client fresh options for the next attempt: the library writes the broker's keep alive and client
    /// identifier into its own.
    ///
    /// # Errors
    /// The library does not take the options.
    pub(crate) fn renew(
        &mut self,
        dialler: Dialler,
        checkpoints: &Checkpoints,
    ) -> Result<(), Failure> {
        match self {
            Self::V4(client) => client.renew(dialler, &checkpoints.v4),
            Self::V5(client) => client.renew(dialler, &checkpoints.v5),
        }
    }

    /// Whether the client must not be used for another attempt: the library forgets a PUBREL that was to go out again when the
    /// connection ends before it could, and takes its own for a breach of the protocol on the next one. The checkpoint has
    /// it; the price is that what became of the messages on their way is told as lost.
    pub(crate) fn forgets(&self) -> bool {
        match self {
            Self::V4(client) => client.forgets(),
            Self::V5(client) => client.forgets(),
        }
    }

    /// Goes on until something happened. `events` is empty and is given back filled.
    pub(crate) async fn poll(mut self, mut events: Vec<Event>) -> Polled {
        let failure = match &mut self {
            Self::V4(client) => client.poll(&mut events).await,
            Self::V5(client) => client.poll(&mut events).await,
        };
        let window = match &self {
            Self::V4(client) => client.window(),
            Self::V5(client) => client.window(),
        };
        Polled { client: self, events, failure, window }
    }
}

impl Requests {
    /// Queues a message; its outcome comes from the future.
    pub(crate) fn publish(
        &self,
        tracked: Tracked,
        publish: Publish,
    ) -> Result<OutcomeFuture, SessionError> {
        match self {
            Self::V4(requests) => requests.publish(tracked, publish),
            Self::V5(requests) => requests.publish(tracked, publish),
        }
    }

    /// Queues one SUBSCRIBE. Those of one packet have Subscription Identifier and User Properties in common.
    pub(crate) fn subscribe(
        &self,
        subscriptions: &[Subscription],
    ) -> Result<SubackFuture, SessionError> {
        match self {
            Self::V4(requests) => requests.subscribe(subscriptions),
            Self::V5(requests) => requests.subscribe(subscriptions),
        }
    }

    /// Queues one UNSUBSCRIBE.
    pub(crate) fn unsubscribe(&self, filters: &[String]) -> Result<UnsubackFuture, SessionError> {
        match self {
            Self::V4(requests) => requests.unsubscribe(filters),
            Self::V5(requests) => requests.unsubscribe(filters),
        }
    }

    /// Queues an acknowledgement.
    pub(crate) fn acknowledge(&self, ack: Ack) {
        match self {
            Self::V4(requests) => requests.acknowledge(ack),
            Self::V5(requests) => requests.acknowledge(ack),
        }
    }

    /// Starts an authentication over the running connection. There must not be one under way.
    pub(crate) fn reauthenticate(&self) -> Result<ReauthenticationFuture, SessionError> {
        match self {
            Self::V4(_) => Err(SessionError::WithoutAuthentication),
            Self::V5(requests) => requests.reauthenticate(),
        }
    }

    /// Lets what is on its way come to its end, then sends DISCONNECT. `says` is for MQTT 5 alone.
    pub(crate) fn disconnect(&self, says: &DisconnectOptions) {
        match self {
            Self::V4(requests) => requests.disconnect(),
            Self::V5(requests) => requests.disconnect(says),
        }
    }

    /// Sends DISCONNECT before anything else.
    pub(crate) fn disconnect_now(&self, says: &DisconnectOptions) {
        match self {
            Self::V4(requests) => requests.disconnect_now(),
            Self::V5(requests) => requests.disconnect_now(says),
        }
    }
}

/// How long the library waits for what is on its way before DISCONNECT. The session's own deadline is shorter and
/// sends DISCONNECT nevertheless, which the library's does not.
const DRAIN: Duration = Duration::from_secs(60);

/// Microseconds since the Unix epoch.
pub(crate) fn now_us() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(0, |since| i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
}

/// The payload of a Will Message that lies in a file, read now.
///
/// # Errors
/// It cannot be read, not within `limit`, or is too large.
async fn read_will(will: &Will, limit: Duration) -> Result<Option<Vec<u8>>, Failure> {
    let Some(path) = will.file() else { return Ok(None) };
    let read = tokio::time::timeout(limit, options::read_will(path)).await;
    let read = read.unwrap_or_else(|_| Err(WillFileError::too_slow(path)));
    read.map(Some).map_err(Failure::Will)
}

/// A topic as text. The library has checked that it is UTF-8; nothing is lost where it has not.
fn topic(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// What the reasons of PUBACK, PUBREC and PUBCOMP mean for a message.
fn answered(reason: u8, yes: impl FnOnce(ReasonCode) -> Outcome) -> Outcome {
    let reason = ReasonCode(reason);
    if reason.is_error() { Outcome::Refused { reason } } else { yes(reason) }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use mqttscope_model::client_id::Placeholders;
    use mqttscope_model::{Profile, ProfileId, Secrets};

    use super::*;
    use crate::Options;
    use crate::wire::Shared;

    fn dialler(version: ProtocolVersion) -> Dialler {
        let mut profile = Profile::new(ProfileId::new("p").unwrap(), "id".to_owned());
        profile.endpoint.host = "localhost".to_owned();
        profile.version = version;
        let values = Placeholders { random: String::new(), hostname: String::new(), time: 0 };
        let (progress, _) = tokio::sync::mpsc::unbounded_channel();
        let options = Arc::new(Options::resolve(&profile, &Secrets::default(), &values).unwrap());
        Dialler { options, progress, shared: Arc::new(Shared::default()) }
    }

    #[test]
    fn the_library_gets_the_settings_that_its_defaults_lack() {
        let v5 = v5::options(dialler(ProtocolVersion::V5), &Default::default(), None).unwrap();
        assert_eq!(v5.max_request_batch(), 64);
        assert_eq!(v5.read_batch_size(), 128);
        assert_eq!(v5.get_outgoing_inflight_upper_limit(), Some(100));
        let limit = v5.incoming_packet_size_limit();
        assert!(matches!(limit, ::v5::IncomingPacketSizeLimit::Unlimited));
        assert_eq!(v5.ack_mode(), ::v5::AckMode::Manual);
        assert_eq!(v5.connect_timeout().as_secs(), 15);
        let v4 = v4::options(dialler(ProtocolVersion::V311), &Default::default()).unwrap();
        assert_eq!(v4.max_request_batch(), 64);
        assert_eq!(v4.read_batch_size(), 128);
        assert_eq!(v4.inflight(), 20);
        assert_eq!(v4.max_packet_size(), LARGEST_PACKET);
        assert_eq!(v4.ack_mode(), ::v4::AckMode::Manual);
    }
}
