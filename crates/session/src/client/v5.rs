//! MQTT 5 through `rumqttc-v5-next`.

mod checkpoints;
mod connect;
mod properties;
mod requests;

use std::sync::Arc;

use mqttscope_model::properties::encode;
use mqttscope_model::{ConnackInfo, Direction, Message, QoS, UserProperty};
use v5::mqttbytes::QoS as Level;
use v5::{AsyncClient, ConnAck, ConnectionError, EventLoop, Outgoing, Packet, StateError};

use super::authentication::Shared;
use super::{Ack, Event, Failure, Received, Window, now_us, read_will, topic};
use crate::Options;
use crate::dial::Dialler;

pub(super) use checkpoints::Checkpoints;
use connect::last_will;
pub(super) use connect::options;
use properties::listed;
pub(crate) use requests::Requests;

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
    /// How many messages of QoS 1 and 2 may be on their way.
    limit: u16,
    /// Packets that go out again where the broker still has the session.
    sent_again: u32,
    /// A PUBREL is still to go out again over this connection.
    owes: bool,
}

impl Client {
    pub(super) fn new(
        dialler: Dialler,
        checkpoints: &Checkpoints,
    ) -> Result<(Self, Requests), Failure> {
        let from = Arc::clone(&dialler.options);
        let authentication = from.authentication.clone().map(Shared::new);
        let options = options(dialler, checkpoints, authentication.as_ref())?;
        let sent_again = checkpoints.again(&options.session_store_key());
        let built = AsyncClient::builder(options).unbounded().try_build();
        let (requests, events) = built.map_err(|error| Failure::Options(error.to_string()))?;
        let requests = Requests { client: requests, authentication: authentication.clone() };
        let limit = INFLIGHT;
        let (reads_will, owes) = (true, false);
        let client = Self { events, from, authentication, reads_will, limit, sent_again, owes };
        Ok((client, requests))
    }

    pub(super) fn renew(
        &mut self,
        dialler: Dialler,
        checkpoints: &Checkpoints,
    ) -> Result<(), Failure> {
        self.from = Arc::clone(&dialler.options);
        self.reads_will = true;
        self.events.options = options(dialler, checkpoints, self.authentication.as_ref())?;
        self.sent_again = checkpoints.again(&self.events.options.session_store_key());
        self.owes = false;
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
        let before = self.events.state.inflight();
        loop {
            let polled = self.events.poll().await;
            // One clock for all that was read together.
            let read_us = now_us();
            match polled {
                Ok(event) => {
                    if let Some(failure) = self.distrust(&event) {
                        return Some(failure);
                    }
                    self.tell(event, read_us, told);
                }
                Err(error) => return Some(self.failure(error)),
            }
            while let Some(event) = self.events.state.events.pop_front() {
                if let Some(failure) = self.distrust(&event) {
                    return Some(failure);
                }
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
        Window { sent: self.events.state.inflight(), limit: self.limit }
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

    fn tell(&mut self, event: v5::Event, read_us: i64, told: &mut Vec<Event>) {
        told.push(match event {
            v5::Event::Incoming(Packet::Publish(publish)) => {
                Event::Received(received(publish, read_us))
            }
            v5::Event::Incoming(Packet::ConnAck(connack)) => {
                let keep_alive = self.events.options.keep_alive().as_secs();
                let state = self.events.state.outbound_diagnostics();
                self.limit = state.max_inflight;
                self.owes = state.outgoing_pubrel_replay > 0;
                let connack = Box::new(info(connack, keep_alive));
                let sent_again = if connack.session_present { self.sent_again } else { 0 };
                Event::Connected { connack, sent_again }
            }
            v5::Event::Incoming(Packet::PingResp) => Event::Ponged,
            v5::Event::Incoming(Packet::PubRec(answer)) => Event::Recorded(answer.pkid),
            v5::Event::Outgoing(Outgoing::Publish(id)) => Event::Sent(id),
            v5::Event::Outgoing(Outgoing::PubComp(id)) => Event::Completed(id),
            v5::Event::Outgoing(Outgoing::Disconnect) => Event::Disconnected,
            _ => return,
        });
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

fn received(publish: v5::Publish, read_us: i64) -> Received {
    let qos = quality(publish.qos);
    let named = publish.properties.as_ref().map(|said| said.subscription_identifiers.as_slice());
    let named = named.unwrap_or_default().iter();
    Received {
        identifiers: Some(named.filter_map(|id| u32::try_from(*id).ok()).collect()),
        ack: Ack::of(qos, publish.pkid),
        message: Message {
            time_us: read_us,
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
        info.keep_alive_is_the_servers = said.server_keep_alive.is_some();
        info.server_reference = said.server_reference;
        let pairs = said.user_properties.into_iter();
        info.user_properties = pairs.map(|(name, value)| UserProperty { name, value }).collect();
    }
    info
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
