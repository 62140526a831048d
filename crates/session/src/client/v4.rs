//! MQTT 3.1.1 through `rumqttc-v4-next`, and 3.1 on the same with another CONNECT.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::future::BoxFuture;
use mqttscope_model::{
    ConnackInfo, Direction, ErrorCode, FilterState, Message, Outcome, Publish, QoS, ReasonCode,
    Subscription,
};
use v4::mqttbytes::QoS as Level;
use v4::{
    AckMode, AsyncClient, Broker, ConnectAuth, ConnectionError, EventLoop, LastWill, ManualAck,
    MqttOptions, NetworkOptions, Outgoing, Packet, PersistedRequest, PersistedSession, PubAck,
    PubRec, PublishNoticeError, PublishOptions, PublishResult, SessionStore, SessionStoreError,
    SessionStoreKey, StateError, SubscribeFilter, SubscribeReasonCode,
};

use super::{
    Ack, DRAIN, Event, FLUSH_SECONDS, Failure, LARGEST_PACKET, OutcomeFuture, READ_BATCH,
    REQUEST_BATCH, Received, SubackFuture, Tracked, UnsubackFuture, Window, now_us, read_will,
    topic,
};
use crate::dial::Dialler;
use crate::options::{Will, WillPayload};
use crate::{Options, SessionError};

/// How many messages of QoS 1 and 2 are on their way to the broker at most: what other clients keep to. A broker cannot
/// say what it takes before MQTT 5, and mosquitto closes the connection of a client with more.
const INFLIGHT: u16 = 20;

/// The polled side.
pub(crate) struct Client {
    events: EventLoop,
    from: Arc<Options>,
    /// The Will Message's payload is to be read before the next poll.
    reads_will: bool,
    /// Packets that go out again where the broker still has the session.
    sent_again: u32,
    /// A PUBREL is still to go out again over this connection.
    owes: bool,
}

/// The requests' side.
#[derive(Clone)]
pub(crate) struct Requests(AsyncClient);

impl Client {
    pub(super) fn new(
        dialler: Dialler,
        checkpoints: &Checkpoints,
    ) -> Result<(Self, Requests), Failure> {
        let from = Arc::clone(&dialler.options);
        let limit = from.library_seconds();
        let options = options(dialler, checkpoints)?;
        let sent_again = checkpoints.again(&options.session_store_key());
        let built = AsyncClient::builder(options).unbounded().try_build();
        let (requests, events) = built.map_err(|error| Failure::Options(error.to_string()))?;
        let mut client = Self { events, from, reads_will: true, sent_again, owes: false };
        client.limit(limit);
        Ok((client, Requests(requests)))
    }

    pub(super) fn renew(
        &mut self,
        dialler: Dialler,
        checkpoints: &Checkpoints,
    ) -> Result<(), Failure> {
        self.limit(dialler.options.library_seconds());
        self.from = Arc::clone(&dialler.options);
        self.reads_will = true;
        self.events.mqtt_options = options(dialler, checkpoints)?;
        self.sent_again = checkpoints.again(&self.events.mqtt_options.session_store_key());
        self.owes = false;
        Ok(())
    }

    /// Puts a payload that lies in a file into the options.
    async fn read_will(&mut self) -> Result<(), Failure> {
        if let Some(will) = &self.from.will
            && let Some(payload) = read_will(will, self.from.connect_timeout).await?
        {
            self.events.mqtt_options.set_last_will(last_will(will, payload));
        }
        Ok(())
    }

    /// The library has one limit for connecting and for each flush after it.
    fn limit(&mut self, seconds: u64) {
        let mut network = NetworkOptions::new();
        network.set_connection_timeout(seconds);
        self.events.set_network_options(network);
    }

    /// Polls until there is something to tell, then takes along what the same batch brought.
    pub(super) async fn poll(&mut self, told: &mut Vec<Event>) -> Option<Failure> {
        if std::mem::take(&mut self.reads_will)
            && let Err(failure) = self.read_will().await
        {
            return Some(failure);
        }
        let before = self.events.state.inflight();
        loop {
            let polled = self.events.poll().await;
            // One clock for all that was read together.
            let read_us = now_us();
            match polled {
                Ok(event) => self.tell(event, read_us, told),
                Err(error) => return Some(failure(error)),
            }
            while let Some(event) = self.events.state.events.pop_front() {
                self.tell(event, read_us, told);
            }
            self.owes = self.owes && self.owes_releases();
            if !told.is_empty() || self.events.state.inflight() != before {
                return None;
            }
        }
    }

    /// Whether the library has forgotten something over the end of the connection.
    pub(super) fn forgets(&self) -> bool {
        self.owes
    }

    /// It looks at all of its tables for this, so it is asked only after a CONNACK that left something to be sent again.
    fn owes_releases(&self) -> bool {
        self.events.state.outbound_diagnostics().outgoing_pubrel_replay > 0
    }

    pub(super) fn window(&self) -> Window {
        Window { sent: self.events.state.inflight(), limit: INFLIGHT }
    }

    fn tell(&mut self, event: v4::Event, read_us: i64, told: &mut Vec<Event>) {
        told.push(match event {
            v4::Event::Incoming(Packet::Publish(publish)) => {
                Event::Received(received(publish, read_us))
            }
            v4::Event::Incoming(Packet::ConnAck(connack)) => {
                self.limit(FLUSH_SECONDS);
                self.owes = self.owes_releases();
                let keep_alive = self.events.mqtt_options.keep_alive().as_secs();
                let session_present = connack.session_present;
                let sent_again = if session_present { self.sent_again } else { 0 };
                let connack = Box::new(ConnackInfo {
                    session_present,
                    keep_alive: u16::try_from(keep_alive).unwrap_or(u16::MAX),
                    ..ConnackInfo::default()
                });
                Event::Connected { connack, sent_again }
            }
            v4::Event::Incoming(Packet::PingResp) => Event::Ponged,
            v4::Event::Incoming(Packet::PubRec(answer)) => Event::Recorded(answer.pkid),
            v4::Event::Outgoing(Outgoing::Publish(id)) => Event::Sent(id),
            v4::Event::Outgoing(Outgoing::PubComp(id)) => Event::Completed(id),
            v4::Event::Outgoing(Outgoing::Disconnect) => Event::Disconnected,
            _ => return,
        });
    }
}

impl Requests {
    pub(super) fn publish(
        &self,
        tracked: Tracked,
        publish: Publish,
    ) -> Result<OutcomeFuture, SessionError> {
        // This version has no properties.
        let Publish { topic, payload, qos, retain, properties: _ } = publish;
        let options = PublishOptions::new(level(qos)).retain(retain);
        let notice = self.0.try_publish_tracked(topic, payload.0, options);
        let notice = notice.map_err(|_| SessionError::NotConnected)?;
        Ok(Box::pin(async move { (tracked, outcome(notice.wait_async().await)) }))
    }

    pub(super) fn subscribe(
        &self,
        subscriptions: &[Subscription],
    ) -> Result<SubackFuture, SessionError> {
        let filters = subscriptions
            .iter()
            .map(|wanted| SubscribeFilter::new(wanted.filter.clone(), level(wanted.qos)));
        let notice = self.0.try_subscribe_many_tracked(filters);
        let notice = notice.map_err(|_| SessionError::NotConnected)?;
        Ok(Box::pin(async move {
            let suback = notice.wait_async().await.ok()?;
            let answers = suback.return_codes.into_iter();
            Some(answers.map(|code| (filter_state(code), None)).collect())
        }))
    }

    pub(super) fn unsubscribe(&self, filters: &[String]) -> Result<UnsubackFuture, SessionError> {
        let notice = self.0.try_unsubscribe_many_tracked(filters.iter().cloned());
        let notice = notice.map_err(|_| SessionError::NotConnected)?;
        let count = filters.len();
        Ok(Box::pin(async move {
            notice.wait_async().await.ok()?;
            Some(vec![(ReasonCode::SUCCESS, None); count])
        }))
    }

    pub(super) fn acknowledge(&self, ack: Ack) {
        let ack = match ack {
            Ack::Received(id) => ManualAck::PubAck(PubAck::new(id)),
            Ack::Recorded(id) => ManualAck::PubRec(PubRec::new(id)),
        };
        let _lost_with_its_connection = self.0.try_manual_ack(ack);
    }

    pub(super) fn disconnect(&self) {
        let _lost_with_its_connection = self.0.try_disconnect_with_timeout(DRAIN);
    }

    pub(super) fn disconnect_now(&self) {
        let _lost_with_its_connection = self.0.try_disconnect_now();
    }
}

pub(super) fn options(dialler: Dialler, checkpoints: &Checkpoints) -> Result<MqttOptions, Failure> {
    let from = Arc::clone(&dialler.options);
    if from.client_id.is_empty() && !from.clean_start {
        // The builder panics on it instead of saying so.
        return Err(Failure::Options("an empty Client Identifier needs Clean Session".to_owned()));
    }
    // The address is the dialler's own business; the library passes it through.
    let mut options = MqttOptions::builder(from.client_id.clone(), Broker::tcp("broker", 1))
        .keep_alive(from.keep_alive)
        .clean_session(from.clean_start)
        .ack_mode(AckMode::Manual)
        .max_request_batch(REQUEST_BATCH)
        .read_batch_size(READ_BATCH)
        .inflight(INFLIGHT)
        .max_packet_size(LARGEST_PACKET, LARGEST_PACKET)
        .auth(auth(&from))
        .session_store_scope(from.endpoint.to_string())
        .socket_connector(move |_, _| dialler.clone().dial());
    if let Some(will) = &from.will {
        let payload = match &will.payload {
            WillPayload::Bytes(bytes) => bytes.clone(),
            // Read before the first poll.
            WillPayload::File(_) => Vec::new(),
        };
        options = options.last_will(last_will(will, payload));
    }
    if !from.clean_start {
        options = options.session_store(checkpoints.clone());
    }
    options.try_build().map_err(|error| Failure::Options(error.to_string()))
}

fn auth(options: &Options) -> ConnectAuth {
    let password = options.password.as_ref().map(|secret| secret.expose().to_owned().into());
    match (options.user_name.clone(), password) {
        // A password without a user name does not come this far.
        (None, _) => ConnectAuth::None,
        (Some(username), None) => ConnectAuth::Username { username },
        (Some(username), Some(password)) => ConnectAuth::UsernamePassword { username, password },
    }
}

fn last_will(will: &Will, payload: Vec<u8>) -> LastWill {
    LastWill::new(will.topic.clone(), payload, level(will.qos), will.retain)
}

fn level(qos: QoS) -> Level {
    match qos {
        QoS::AtMostOnce => Level::AtMostOnce,
        QoS::AtLeastOnce => Level::AtLeastOnce,
        QoS::ExactlyOnce => Level::ExactlyOnce,
    }
}

fn quality(level: Level) -> QoS {
    match level {
        Level::AtMostOnce => QoS::AtMostOnce,
        Level::AtLeastOnce => QoS::AtLeastOnce,
        Level::ExactlyOnce => QoS::ExactlyOnce,
    }
}

fn received(publish: v4::Publish, read_us: i64) -> Received {
    let qos = quality(publish.qos);
    Received {
        ack: Ack::of(qos, publish.pkid),
        identifiers: None,
        message: Message {
            time_us: read_us,
            direction: Direction::Received,
            topic: topic(&publish.topic),
            qos,
            retain: publish.retain,
            dup: publish.dup,
            payload: publish.payload.into(),
            properties: Vec::new(),
        },
    }
}

fn outcome(result: Result<PublishResult, PublishNoticeError>) -> Outcome {
    let reason = ReasonCode::SUCCESS;
    match result {
        Ok(PublishResult::Qos0Flushed) => Outcome::Sent,
        Ok(PublishResult::Qos1(_)) => Outcome::Acknowledged { reason },
        Ok(PublishResult::Qos2Completed(_)) => Outcome::Completed { reason },
        Err(PublishNoticeError::Qos0NotFlushed) => {
            Outcome::Failed { code: ErrorCode::MqttConnectionLost }
        }
        Err(_) => Outcome::Failed { code: ErrorCode::RequestLost },
    }
}

fn filter_state(code: SubscribeReasonCode) -> FilterState {
    match code {
        SubscribeReasonCode::Success(level) => FilterState::Granted { granted: quality(level) },
        SubscribeReasonCode::Failure => FilterState::Refused { reason: ReasonCode(0x80) },
    }
}

fn failure(error: ConnectionError) -> Failure {
    match error {
        ConnectionError::MqttState(error) => state_failure(error),
        ConnectionError::NetworkTimeout => Failure::TimedOut,
        ConnectionError::FlushTimeout => Failure::Stream("writing took too long".to_owned()),
        ConnectionError::Io(error) => Failure::Stream(error.to_string()),
        ConnectionError::ConnectionRefused(_) => Failure::Refused,
        ConnectionError::NotConnAck(_) => Failure::Malformed("no CONNACK".to_owned()),
        ConnectionError::SessionStateMismatch { .. } => {
            Failure::Protocol("CONNACK says Session Present although there is none".to_owned())
        }
        ConnectionError::RequestsDone | ConnectionError::DisconnectTimeout => Failure::Done,
        other => Failure::Options(other.to_string()),
    }
}

fn state_failure(error: StateError) -> Failure {
    use v4::mqttbytes::Error;
    match error {
        StateError::AwaitPingResp => Failure::KeepAlive,
        StateError::ConnectionAborted => Failure::Closed,
        StateError::Io(error) | StateError::Deserialization(Error::Io(error)) => {
            Failure::Stream(error.to_string())
        }
        StateError::Deserialization(
            Error::OutgoingPacketTooLarge { .. } | Error::PayloadSizeLimitExceeded(_),
        ) => Failure::TooLarge,
        StateError::Deserialization(error) => Failure::Malformed(error.to_string()),
        other => Failure::Protocol(other.to_string()),
    }
}

/// What the library's store returns; it does not export the name.
type StoreFuture<'a, T> = BoxFuture<'a, Result<T, SessionStoreError>>;

type Sessions = HashMap<SessionStoreKey, PersistedSession>;

/// The library's checkpoints, kept in memory. For this version the library takes the broker's session without one.
#[derive(Clone, Debug, Default)]
pub(super) struct Checkpoints(Arc<Mutex<Sessions>>);

impl Checkpoints {
    /// How many PUBLISH and PUBREL packets go out again where the broker still has the session.
    fn again(&self, key: &SessionStoreKey) -> u32 {
        let again = |request: &&PersistedRequest| match request {
            PersistedRequest::Publish(publish) => publish.dup,
            PersistedRequest::PubRel(_) => true,
            PersistedRequest::Subscribe(_) | PersistedRequest::Unsubscribe(_) => false,
        };
        let count = self.with(|all| Some(all.get(key)?.replay.iter().filter(again).count()));
        count.and_then(|count| u32::try_from(count).ok()).unwrap_or_default()
    }

    fn with<T>(&self, work: impl FnOnce(&mut Sessions) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl SessionStore for Checkpoints {
    fn load<'a>(&'a self, key: &'a SessionStoreKey) -> StoreFuture<'a, Option<PersistedSession>> {
        let found = self.with(|sessions| sessions.get(key).cloned());
        Box::pin(std::future::ready(Ok(found)))
    }

    fn save<'a>(
        &'a self,
        key: &'a SessionStoreKey,
        session: &'a PersistedSession,
    ) -> StoreFuture<'a, ()> {
        self.with(|sessions| sessions.insert(key.clone(), session.clone()));
        Box::pin(std::future::ready(Ok(())))
    }

    fn clear<'a>(&'a self, key: &'a SessionStoreKey) -> StoreFuture<'a, ()> {
        self.with(|sessions| sessions.remove(key));
        Box::pin(std::future::ready(Ok(())))
    }
}
