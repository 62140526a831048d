//! The side of the library that takes requests: what goes into each packet, and what its answer means.

use mqttscope_model::{
    DisconnectOptions, ErrorCode, FilterState, Outcome, Publish, ReasonCode, RetainHandling,
    Subscription,
};
use v5::mqttbytes::v5::RetainForwardRule;
use v5::{
    AsyncClient, DisconnectProperties, DisconnectReasonCode, ManualAck, PubAck, PubRec,
    PublishNoticeError, PublishOptions, PublishResult, SubscribeFilter, SubscribeProperties,
    SubscribeReasonCode,
};

use super::super::authentication::Shared;
use super::super::{
    Ack, DRAIN, OutcomeFuture, ReauthenticationFuture, SubackFuture, Tracked, UnsubackFuture,
    answered,
};
use super::connect::pairs;
use super::properties::built;
use super::{level, quality};
use crate::SessionError;

/// The requests' side.
#[derive(Clone)]
pub(crate) struct Requests {
    pub(super) client: AsyncClient,
    pub(super) authentication: Option<Shared>,
}

impl Requests {
    pub(in crate::client) fn publish(
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

    pub(in crate::client) fn subscribe(
        &self,
        subscriptions: &[Subscription],
    ) -> Result<SubackFuture, SessionError> {
        let filters = subscriptions.iter().map(filter);
        let notice = match subscribe_properties(subscriptions) {
            Some(said) => self.client.try_subscribe_many_with_properties_tracked(filters, said),
            None => self.client.try_subscribe_many_tracked(filters),
        };
        let notice = notice.map_err(|_| SessionError::NotConnected)?;
        Ok(Box::pin(async move {
            let suback = notice.wait_async().await.ok()?;
            let words = suback.properties.and_then(|said| said.reason_string);
            let answers = suback.return_codes.into_iter();
            Some(answers.map(|code| (filter_state(code), words.clone())).collect())
        }))
    }

    pub(in crate::client) fn unsubscribe(
        &self,
        filters: &[String],
    ) -> Result<UnsubackFuture, SessionError> {
        let notice = self.client.try_unsubscribe_many_tracked(filters.iter().cloned());
        let notice = notice.map_err(|_| SessionError::NotConnected)?;
        Ok(Box::pin(async move {
            let unsuback = notice.wait_async().await.ok()?;
            let words = unsuback.properties.and_then(|said| said.reason_string);
            let answers = unsuback.reasons.into_iter();
            Some(answers.map(|reason| (ReasonCode(reason as u8), words.clone())).collect())
        }))
    }

    pub(in crate::client) fn acknowledge(&self, ack: Ack) {
        let ack = match ack {
            Ack::Received(id) => ManualAck::PubAck(PubAck::new(id, None)),
            Ack::Recorded(id) => ManualAck::PubRec(PubRec::new(id, None)),
        };
        let _lost_with_its_connection = self.client.try_manual_ack(ack);
    }

    /// Starts an authentication over the running connection (MQTT 5.0, section 4.12.1). There must not be one
    /// under way: the library ends the connection over a second one.
    pub(in crate::client) fn reauthenticate(&self) -> Result<ReauthenticationFuture, SessionError> {
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

    pub(in crate::client) fn disconnect(&self, says: &DisconnectOptions) {
        let _lost_with_its_connection = match disconnect_properties(says) {
            None => self.client.try_disconnect_with_timeout(DRAIN),
            Some((reason, properties)) => {
                self.client.try_disconnect_with_properties_timeout(reason, properties, DRAIN)
            }
        };
    }

    pub(in crate::client) fn disconnect_now(&self, says: &DisconnectOptions) {
        let _lost_with_its_connection = match disconnect_properties(says) {
            None => self.client.try_disconnect_now(),
            Some((reason, properties)) => {
                self.client.try_disconnect_now_with_properties(reason, properties)
            }
        };
    }
}

/// A filter with its Subscription Options (MQTT 5.0, section 3.8.3.1).
fn filter(wanted: &Subscription) -> SubscribeFilter {
    SubscribeFilter {
        nolocal: wanted.no_local,
        preserve_retain: wanted.retain_as_published,
        retain_forward_rule: match wanted.retain_handling {
            RetainHandling::Send => RetainForwardRule::OnEverySubscribe,
            RetainHandling::SendIfNew => RetainForwardRule::OnNewSubscribe,
            RetainHandling::DoNotSend => RetainForwardRule::Never,
        },
        ..SubscribeFilter::new(wanted.filter.clone(), level(wanted.qos))
    }
}

/// The properties of a SUBSCRIBE, which its filters have in common.
fn subscribe_properties(subscriptions: &[Subscription]) -> Option<SubscribeProperties> {
    let first = subscriptions.first()?;
    let id = first.identifier.and_then(|id| usize::try_from(id).ok());
    let said = SubscribeProperties { id, user_properties: pairs(&first.user_properties) };
    (said.id.is_some() || !said.user_properties.is_empty()).then_some(said)
}

/// What DISCONNECT says; none where it is the plain one. A code that the library does not know was refused before.
fn disconnect_properties(
    says: &DisconnectOptions,
) -> Option<(DisconnectReasonCode, DisconnectProperties)> {
    if *says == DisconnectOptions::default() {
        return None;
    }
    let properties = DisconnectProperties {
        session_expiry_interval: says.session_expiry,
        reason_string: (!says.reason_string.is_empty()).then(|| says.reason_string.clone()),
        user_properties: pairs(&says.user_properties),
        server_reference: None,
    };
    Some((DisconnectReasonCode::try_from(says.reason.0).ok()?, properties))
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
        Err(PublishNoticeError::TopicAliasReplayUnavailable(_)) => {
            Outcome::Failed { code: ErrorCode::PublishTopicAliasUnknown }
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
