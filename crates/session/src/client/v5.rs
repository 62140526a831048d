//! MQTT 5 through `rumqttc-v5-next`.

mod checkpoints;
mod connect;
mod properties;

use std::sync::Arc;

use mqttscope_model::properties::encode;
use mqttscope_model::{
    ConnackInfo, Direction, ErrorCode, FilterState, Message, Outcome, Publish, QoS, ReasonCode,
    Subscription,
};
use v5::mqttbytes::QoS as Level;
use v5::{
    AsyncClient, ConnAck, ConnectionError, EventLoop, ManualAck, Outgoing, Packet, PubAck, PubRec,
    PublishNoticeError, PublishOptions, PublishResult, StateError, SubscribeFilter,
    SubscribeReasonCode,
};

use super::authentication::Shared;
use super::{
    Ack, DRAIN, Event, Failure, OutcomeFuture, ReauthenticationFuture, Received, SubackFuture,
    Tracked, UnsubackFuture, answered, now_us, read_will, topic,
};
use crate::dial::Dialler;
use crate::{Options, SessionError};

pub(super) use checkpoints::Checkpoints;
use connect::last_will;
pub(super) use connect::options;
use properties::{built, listed};

/// How many messages of QoS 1 and 2 are on their way to the broker at most; the library's tables are made for this
/// many. The broker's Receive Maximum may lower it. With Clean Start off all of them are copied into a checkpoint at each
/// request, so more would cost more than they bring.
const INFLIGHT: u16 = 100;

/// The polled side.
pub(crate) struct Client {
    events: EventLoop,
    from: Arc<Options>,
    authentication: Option<Shared>,
    /// The Will Message's payload is to be read before the next poll.
    reads_will: bool,
}

/// The requests' side.
#[derive(Clone)]
pub(crate) struct Requests {
    client: AsyncClient,
    authentication: Option<Shared>,
}

impl Client {
    pub(super) fn new(
        dialler: Dialler,
        checkpoints: &Checkpoints,
    ) -> Result<(Self, Requests), Failure> {
        let from = Arc::clone(&dialler.options);
        let authentication = from.authentication.clone().map(Shared::new);
        let options = options(dialler, checkpoints, authentication.as_ref())?;
        let built = AsyncClient::builder(options).unbounded().try_build();
        let (requests, events) = built.map_err(|error| Failure::Options(error.to_string()))?;
        let requests = Requests { client: requests, authentication: authentication.clone() };
        Ok((Self { events, from, authentication, reads_will: true }, requests))
    }

    pub(super) fn renew(
        &mut self,
        dialler: Dialler,
        checkpoints: &Checkpoints,
    ) -> Result<(), Failure> {
        self.from = Arc::clone(&dialler.options);
        self.reads_will = true;
        self.events.options = options(dialler, checkpoints, self.authentication.as_ref())?;
        Ok(())
    }

    /// Puts a payload that lies in a file into the options.
    async fn read_will(&mut self) -> Result<(), Failure> {
        if let Some(will) = &self.from.will
            && let Some(payload) = read_will(will, self.from.connect_timeout).await?
        {
            self.events.options.set_last_will(last_will(will, payload));
        }
        Ok(())
    }

    /// Polls until there is something to tell, then takes along what the same batch brought.
    pub(super) async fn poll(&mut self, told: &mut Vec<Event>) -> Option<Failure> {
        if std::mem::take(&mut self.reads_will)
            && let Err(failure) = self.read_will().await
        {
            return Some(failure);
        }
        loop {
            match self.events.poll().await {
                Ok(event) => {
                    if let Some(failure) = self.distrust(&event) {
                        return Some(failure);
                    }
                    self.tell(event, told);
                }
                Err(error) => return Some(self.failure(error)),
            }
            while let Some(event) = self.events.state.events.pop_front() {
                if let Some(failure) = self.distrust(&event) {
                    return Some(failure);
                }
                self.tell(event, told);
            }
            if !told.is_empty() {
                return None;
            }
        }
    }

    /// A CONNACK without the broker's proof ends the connection before anything is sent over it.
    fn distrust(&mut self, event: &v5::Event) -> Option<Failure> {
        let v5::Event::Incoming(Packet::ConnAck(connack)) = event else { return None };
        let properties = connack.properties.as_ref();
        let data = properties.and_then(|properties| properties.authentication_data.as_ref());
        let error = self.authentication.as_ref()?.connected(data).err()?;
        self.events.clean();
        Some(Failure::Authentication(error))
    }

    fn failure(&self, error: ConnectionError) -> Failure {
        let cause = self.authentication.as_ref().and_then(Shared::cause);
        cause.map_or_else(|| failure(error), Failure::Authentication)
    }

    fn tell(&self, event: v5::Event, told: &mut Vec<Event>) {
        told.push(match event {
            v5::Event::Incoming(Packet::Publish(publish)) => Event::Received(received(publish)),
            v5::Event::Incoming(Packet::ConnAck(connack)) => {
                let keep_alive = self.events.options.keep_alive().as_secs();
                Event::Connected(Box::new(info(connack, keep_alive)))
            }
            v5::Event::Incoming(Packet::PingResp) => Event::Ponged,
            v5::Event::Incoming(Packet::PubRec(answer)) => Event::Recorded(answer.pkid),
            v5::Event::Outgoing(Outgoing::Publish(id)) => Event::Sent(id),
            v5::Event::Outgoing(Outgoing::Disconnect) => Event::Disconnected,
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
        let Publish { topic, payload, qos, retain, properties } = publish;
        let mut options = PublishOptions::new(level(qos)).retain(retain);
        if let Some(properties) = built(properties) {
            options = options.properties(properties);
        }
        let notice = self.client.try_publish_tracked(topic, payload.0, options);
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
        let notice = self.client.try_subscribe_many_tracked(filters);
        let notice = notice.map_err(|_| SessionError::NotConnected)?;
        Ok(Box::pin(async move {
            let suback = notice.wait_async().await.ok()?;
            Some(suback.return_codes.into_iter().map(filter_state).collect())
        }))
    }

    pub(super) fn unsubscribe(&self, filters: &[String]) -> Result<UnsubackFuture, SessionError> {
        let notice = self.client.try_unsubscribe_many_tracked(filters.iter().cloned());
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
        let _lost_with_its_connection = self.client.try_manual_ack(ack);
    }

    /// Starts an authentication over the running connection (MQTT 5.0, section 4.12.1). There must not be one
    /// under way: the library ends the connection over a second one.
    pub(super) fn reauthenticate(&self) -> Result<ReauthenticationFuture, SessionError> {
        let shared = self.authentication.clone().ok_or(SessionError::WithoutAuthentication)?;
        let notice = self.client.try_reauth_tracked(None);
        let notice = notice.map_err(|_| SessionError::NotConnected)?;
        Ok(Box::pin(async move {
            let answer = notice.wait_async().await;
            answer.map(|_| ()).map_err(|_| match shared.cause() {
                Some(cause) => SessionError::Authentication(cause.to_user_error()),
                None => SessionError::Lost,
            })
        }))
    }

    pub(super) fn disconnect(&self) {
        let _lost_with_its_connection = self.client.try_disconnect_with_timeout(DRAIN);
    }

    pub(super) fn disconnect_now(&self) {
        let _lost_with_its_connection = self.client.try_disconnect_now();
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
            properties: publish.properties.map_or_else(Vec::new, |found| encode(&listed(found))),
        },
    }
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
        info.wildcard_available = said.wildcard_subscription_available.map(|there| there != 0);
        info.shared_available = said.shared_subscription_available.map(|there| there != 0);
        info.subscription_identifiers_available =
            said.subscription_identifiers_available.map(|there| there != 0);
        info.response_information = said.response_information;
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
        ConnectionError::AuthProcessingError => {
            Failure::Protocol("AUTH says Success before CONNACK".to_owned())
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
