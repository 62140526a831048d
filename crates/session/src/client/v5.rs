//! MQTT 5 through `rumqttc-v5-next`.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::future::BoxFuture;
use mqttscope_model::properties::{self, Property};
use mqttscope_model::{
    Bytes, ConnackInfo, Direction, ErrorCode, FilterState, Message, MessageId, Outcome, Publish,
    QoS, ReasonCode, Subscription,
};
use v5::mqttbytes::QoS as Level;
use v5::{
    AckMode, AsyncClient, Broker, ConnAck, ConnectAuth, ConnectionError, EventLoop,
    IncomingPacketSizeLimit, LastWill, ManualAck, MqttOptions, Outgoing, Packet, PersistedAckMode,
    PersistedSession, PubAck, PubRec, PublishNoticeError, PublishOptions, PublishProperties,
    PublishResult, SessionStore, SessionStoreError, SessionStoreKey, StateError, SubscribeFilter,
    SubscribeReasonCode,
};

use super::{
    Ack, DRAIN, Event, Failure, OutcomeFuture, READ_BATCH, REQUEST_BATCH, Received, SubackFuture,
    UnsubackFuture, answered, now_us, topic,
};
use crate::dial::Dialler;
use crate::{Options, SessionError};

/// How many messages of QoS 1 and 2 are on their way to the broker at most; the library's tables are made for this
/// many. The broker's Receive Maximum may lower it. With Clean Start off all of them are copied into a checkpoint at each
/// request, so more would cost more than they bring.
const INFLIGHT: u16 = 100;

/// The polled side.
pub(crate) struct Client {
    events: EventLoop,
}

/// The requests' side.
#[derive(Clone)]
pub(crate) struct Requests(AsyncClient);

impl Client {
    pub(super) fn new(
        dialler: Dialler,
        checkpoints: &Checkpoints,
    ) -> Result<(Self, Requests), Failure> {
        let built = AsyncClient::builder(options(dialler, checkpoints)?).unbounded().try_build();
        let (requests, events) = built.map_err(|error| Failure::Options(error.to_string()))?;
        Ok((Self { events }, Requests(requests)))
    }

    pub(super) fn renew(
        &mut self,
        dialler: Dialler,
        checkpoints: &Checkpoints,
    ) -> Result<(), Failure> {
        self.events.options = options(dialler, checkpoints)?;
        Ok(())
    }

    /// Polls until there is something to tell, then takes along what the same batch brought.
    pub(super) async fn poll(&mut self, told: &mut Vec<Event>) -> Option<Failure> {
        loop {
            match self.events.poll().await {
                Ok(event) => self.tell(event, told),
                Err(error) => return Some(failure(error)),
            }
            while let Some(event) = self.events.state.events.pop_front() {
                self.tell(event, told);
            }
            if !told.is_empty() {
                return None;
            }
        }
    }

    fn tell(&self, event: v5::Event, told: &mut Vec<Event>) {
        told.push(match event {
            v5::Event::Incoming(Packet::Publish(publish)) => Event::Received(received(publish)),
            v5::Event::Incoming(Packet::ConnAck(connack)) => {
                let keep_alive = self.events.options.keep_alive().as_secs();
                Event::Connected(Box::new(info(connack, keep_alive)))
            }
            v5::Event::Outgoing(Outgoing::Publish(_)) => Event::Sent,
            v5::Event::Outgoing(Outgoing::Disconnect) => Event::Disconnected,
            _ => return,
        });
    }
}

impl Requests {
    pub(super) fn publish(
        &self,
        id: MessageId,
        publish: Publish,
    ) -> Result<OutcomeFuture, SessionError> {
        let Publish { topic, payload, qos, retain } = publish;
        let bytes = payload.0.len();
        let options = PublishOptions::new(level(qos)).retain(retain);
        let notice = self.0.try_publish_tracked(topic, payload.0, options);
        let notice = notice.map_err(|_| SessionError::NotConnected)?;
        Ok(Box::pin(async move { (id, bytes, outcome(notice.wait_async().await)) }))
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
            Some(suback.return_codes.into_iter().map(filter_state).collect())
        }))
    }

    pub(super) fn unsubscribe(&self, filters: &[String]) -> Result<UnsubackFuture, SessionError> {
        let notice = self.0.try_unsubscribe_many_tracked(filters.iter().cloned());
        let notice = notice.map_err(|_| SessionError::NotConnected)?;
        Ok(Box::pin(async move {
            let unsuback = notice.wait_async().await.ok()?;
            Some(unsuback.reasons.into_iter().map(|reason| ReasonCode(reason as u8)).collect())
        }))
    }

    pub(super) fn acknowledge(&self, ack: Ack) {
        let ack = match ack {
            Ack::Received(id) => ManualAck::PubAck(PubAck::new(id, None)),
            Ack::Recorded(id) => ManualAck::PubRec(PubRec::new(id, None)),
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
    // The address is the dialler's own business; the library passes it through.
    let mut options = MqttOptions::builder(from.client_id.clone(), Broker::tcp("broker", 1))
        .keep_alive(from.keep_alive)
        .clean_start(from.clean_start)
        .session_expiry_interval((from.session_expiry > 0).then_some(from.session_expiry))
        .connect_timeout(from.connect_timeout)
        .ack_mode(AckMode::Manual)
        .max_request_batch(REQUEST_BATCH)
        .read_batch_size(READ_BATCH)
        .outgoing_inflight_upper_limit(INFLIGHT)
        .incoming_packet_size_limit(IncomingPacketSizeLimit::Unlimited)
        .auth(auth(&from))
        .session_store_scope(from.endpoint.to_string())
        .socket_connector(move |_, _| dialler.clone().dial());
    if let Some(will) = &from.will {
        options = options.last_will(LastWill::new(
            will.topic.clone(),
            will_payload(&will.payload),
            level(will.qos),
            will.retain,
            None,
        ));
    }
    if !from.clean_start {
        options = options.session_store(checkpoints.clone());
    }
    options.try_build().map_err(|error| Failure::Options(error.to_string()))
}

fn auth(options: &Options) -> ConnectAuth {
    let password = options.password.as_ref().map(|secret| secret.expose().to_owned().into());
    match (options.user_name.clone(), password) {
        (None, None) => ConnectAuth::None,
        (Some(username), None) => ConnectAuth::Username { username },
        (None, Some(password)) => ConnectAuth::Password { password },
        (Some(username), Some(password)) => ConnectAuth::UsernamePassword { username, password },
    }
}

fn will_payload(payload: &mqttscope_model::WillPayload) -> Vec<u8> {
    match payload {
        mqttscope_model::WillPayload::Typed { typed } => typed.bytes().unwrap_or_default(),
        mqttscope_model::WillPayload::File { .. } => Vec::new(),
    }
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

fn received(publish: v5::Publish) -> Received {
    let qos = quality(publish.qos);
    Received {
        ack: Ack::of(qos, publish.pkid),
        message: Message {
            time_us: now_us(),
            direction: Direction::Received,
            topic: topic(&publish.topic),
            qos,
            retain: publish.retain,
            dup: publish.dup,
            payload: publish.payload.into(),
            properties: publish
                .properties
                .map_or_else(Vec::new, |found| properties::encode(&listed(found))),
        },
    }
}

/// The properties as a list, in the order of their identifiers; User Properties in the order in which they came.
fn listed(found: PublishProperties) -> Vec<Property> {
    let number = |id: usize| u32::try_from(id).unwrap_or(u32::MAX);
    let mut list = Vec::new();
    list.extend(found.payload_format_indicator.map(Property::PayloadFormatIndicator));
    list.extend(found.message_expiry_interval.map(Property::MessageExpiryInterval));
    list.extend(found.content_type.map(Property::ContentType));
    list.extend(found.response_topic.map(Property::ResponseTopic));
    list.extend(found.correlation_data.map(|data| Property::CorrelationData(Bytes(data.into()))));
    let identifiers = found.subscription_identifiers.into_iter().map(number);
    list.extend(identifiers.map(Property::SubscriptionIdentifier));
    list.extend(found.topic_alias.map(Property::TopicAlias));
    let user = found.user_properties.into_iter();
    list.extend(user.map(|(name, value)| Property::UserProperty(name, value)));
    list
}

fn info(connack: ConnAck, keep_alive: u64) -> ConnackInfo {
    let mut info = ConnackInfo {
        session_present: connack.session_present,
        keep_alive: u16::try_from(keep_alive).unwrap_or(u16::MAX),
        ..ConnackInfo::default()
    };
    if let Some(said) = connack.properties {
        info.assigned_client_id = said.assigned_client_identifier;
        info.session_expiry = said.session_expiry_interval;
        info.maximum_qos = said.max_qos;
        info.retain_available = said.retain_available.map(|available| available != 0);
        info.maximum_packet_size = said.max_packet_size;
        info.receive_maximum = said.receive_max;
        info.topic_alias_maximum = said.topic_alias_max;
        info.reason_string = said.reason_string;
    }
    info
}

fn outcome(result: Result<PublishResult, PublishNoticeError>) -> Outcome {
    match result {
        Ok(PublishResult::Qos0Flushed) => Outcome::Sent,
        Ok(PublishResult::Qos1(ack)) => {
            answered(ack.reason as u8, |reason| Outcome::Acknowledged { reason })
        }
        Ok(PublishResult::Qos2Completed(comp)) => {
            answered(comp.reason as u8, |reason| Outcome::Completed { reason })
        }
        Ok(PublishResult::Qos2PubRecRejected(rec)) => {
            answered(rec.reason as u8, |reason| Outcome::Refused { reason })
        }
        Err(PublishNoticeError::RetainNotSupported) => {
            Outcome::Failed { code: ErrorCode::PublishRetainRefused }
        }
        Err(PublishNoticeError::Qos0NotFlushed) => {
            Outcome::Failed { code: ErrorCode::MqttConnectionLost }
        }
        Err(_) => Outcome::Failed { code: ErrorCode::RequestLost },
    }
}

fn filter_state(code: SubscribeReasonCode) -> FilterState {
    use SubscribeReasonCode as Code;
    let reason = match code {
        Code::Success(level) => return FilterState::Granted { granted: quality(level) },
        Code::Failure | Code::Unspecified => 0x80,
        Code::ImplementationSpecific => 0x83,
        Code::NotAuthorized => 0x87,
        Code::TopicFilterInvalid => 0x8f,
        Code::PkidInUse => 0x91,
        Code::QuotaExceeded => 0x97,
        Code::SharedSubscriptionsNotSupported => 0x9e,
        Code::SubscriptionIdNotSupported => 0xa1,
        Code::WildcardSubscriptionsNotSupported => 0xa2,
    };
    FilterState::Refused { reason: ReasonCode(reason) }
}

fn failure(error: ConnectionError) -> Failure {
    match error {
        ConnectionError::MqttState(error) => state_failure(error),
        ConnectionError::Timeout(_) => Failure::TimedOut,
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
    use v5::mqttbytes::Error;
    match error {
        StateError::ServerDisconnect { .. } => Failure::Disconnected,
        StateError::ConnFail { .. } => Failure::Refused,
        StateError::AwaitPingResp => Failure::KeepAlive,
        StateError::ConnectionAborted => Failure::Closed,
        StateError::Io(error) | StateError::Deserialization(Error::Io(error)) => {
            Failure::Stream(error.to_string())
        }
        StateError::OutgoingPacketTooLarge { .. }
        | StateError::Deserialization(
            Error::OutgoingPacketTooLarge { .. } | Error::PayloadSizeLimitExceeded { .. },
        ) => Failure::TooLarge,
        StateError::Deserialization(
            error @ (Error::ProtocolError | Error::ProtocolViolation(_)),
        ) => Failure::Protocol(error.to_string()),
        StateError::Deserialization(error) => Failure::Malformed(error.to_string()),
        other => Failure::Protocol(other.to_string()),
    }
}

/// What the library's store returns; it does not export the name.
type StoreFuture<'a, T> = BoxFuture<'a, Result<T, SessionStoreError>>;

type Sessions = HashMap<SessionStoreKey, PersistedSession>;

/// The library's checkpoints, kept in memory.
#[derive(Clone, Debug, Default)]
pub(super) struct Checkpoints(Arc<Mutex<Sessions>>);

impl Checkpoints {
    fn with<T>(&self, work: impl FnOnce(&mut Sessions) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl SessionStore for Checkpoints {
    /// The checkpoint, or an empty one: without any, the library refuses a session that the broker still has.
    fn load<'a>(&'a self, key: &'a SessionStoreKey) -> StoreFuture<'a, Option<PersistedSession>> {
        let found = self.with(|sessions| sessions.get(key).cloned());
        Box::pin(std::future::ready(Ok(Some(found.unwrap_or_else(|| PersistedSession {
            format_version: 1,
            client_id: key.client_id().to_owned(),
            clean_start: false,
            session_expiry_interval: None,
            outgoing_inflight_upper_limit: Some(INFLIGHT),
            ack_mode: PersistedAckMode::Manual,
            last_pkid: 0,
            last_puback: 0,
            replay: Vec::new(),
            incoming_qos2: Vec::new(),
        })))))
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
