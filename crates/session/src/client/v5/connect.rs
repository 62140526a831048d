//! What goes into CONNECT of MQTT 5, as the library's options.

use std::sync::Arc;
use std::time::Duration;

use mqttscope_model::UserProperty;
use v5::{
    AckMode, Broker, ConnectAuth, ConnectProperties, IncomingPacketSizeLimit, LastWill,
    LastWillProperties, MqttOptions, TopicAliasPolicy,
};

use super::super::authentication::Shared;
use super::super::{Failure, READ_BATCH, REQUEST_BATCH};
use super::{Checkpoints, INFLIGHT, level};
use crate::Options;
use crate::dial::Dialler;
use crate::options::{Will, WillPayload};

/// The library's options for one attempt.
///
/// # Errors
/// The library does not take them.
pub(in crate::client) fn options(
    dialler: Dialler,
    checkpoints: &Checkpoints,
    authentication: Option<&Shared>,
) -> Result<MqttOptions, Failure> {
    let from = Arc::clone(&dialler.options);
    // Without a limit of the user's own: the library's default is 10 KiB.
    let largest = from.properties.maximum_packet_size;
    let largest =
        largest.map_or(IncomingPacketSizeLimit::Unlimited, IncomingPacketSizeLimit::Bytes);
    // The address is the dialler's own business; the library passes it through.
    let mut options = MqttOptions::builder(from.client_id.clone(), Broker::tcp("broker", 1))
        .keep_alive(from.keep_alive)
        .clean_start(from.clean_start)
        .connect_properties(properties(&from))
        .connect_timeout(Duration::from_secs(from.library_seconds()))
        .ack_mode(AckMode::Manual)
        .max_request_batch(REQUEST_BATCH)
        .read_batch_size(READ_BATCH)
        .outgoing_inflight_upper_limit(INFLIGHT)
        .topic_alias_policy(aliases(&from))
        .incoming_packet_size_limit(largest)
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
    if let Some(authentication) = authentication {
        options = options.authenticator(authentication.authenticator());
    }
    if !from.clean_start {
        options = options.session_store(checkpoints.clone());
    }
    options.try_build().map_err(|error| Failure::Options(error.to_string()))
}

/// The first topics get the broker's aliases, and keep them. To give them to those that were used last would cost the
/// library a walk over all of them with each message.
fn aliases(options: &Options) -> TopicAliasPolicy {
    match options.automatic_topic_alias {
        true => TopicAliasPolicy::Monotonic,
        false => TopicAliasPolicy::Disabled,
    }
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

/// The properties of CONNECT. The library adds the Authentication Data.
fn properties(from: &Options) -> ConnectProperties {
    let wanted = &from.properties;
    ConnectProperties {
        session_expiry_interval: from.sent_session_expiry(),
        receive_maximum: wanted.receive_maximum,
        max_packet_size: wanted.maximum_packet_size,
        topic_alias_max: wanted.topic_alias_maximum,
        request_response_info: wanted.request_response_information.map(u8::from),
        request_problem_info: wanted.request_problem_information.map(u8::from),
        user_properties: pairs(&wanted.user_properties),
        authentication_method: from.authentication.as_ref().map(|a| a.method().to_owned()),
        authentication_data: None,
    }
}

pub(super) fn last_will(will: &Will, payload: Vec<u8>) -> LastWill {
    let wanted = &will.properties;
    let properties = LastWillProperties {
        delay_interval: wanted.delay_interval,
        payload_format_indicator: wanted.payload_is_utf8.map(u8::from),
        message_expiry_interval: wanted.message_expiry,
        content_type: wanted.content_type.clone(),
        response_topic: wanted.response_topic.clone(),
        correlation_data: will.correlation_data.clone().map(Into::into),
        user_properties: pairs(&wanted.user_properties),
    };
    LastWill::new(will.topic.clone(), payload, level(will.qos), will.retain, Some(properties))
}

pub(super) fn pairs(properties: &[UserProperty]) -> Vec<(String, String)> {
    properties.iter().map(|property| (property.name.clone(), property.value.clone())).collect()
}
