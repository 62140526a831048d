//! Comparing messages, and publishing one of them again.

use mqttscope_model::properties::{self, Property};
use mqttscope_model::{
    Bytes, ErrorCode, MessageId, ProfileId, ProtocolVersion, Publish, UserError,
};
use mqttscope_payload::compare;

use crate::Engine;
use crate::api::{Compared, MessageRef, WayToCompare};
use crate::engine::blocking;

impl Engine {
    pub(crate) async fn messages_compare(
        &self,
        before: MessageRef,
        after: MessageRef,
        way: WayToCompare,
    ) -> Result<Compared, UserError> {
        let before = self.payload(before.profile, before.id).await?;
        let after = self.payload(after.profile, after.id).await?;
        blocking(move || compare_as(way, &before, &after)).await
    }

    pub(crate) async fn message_publish_again(
        &self,
        message: MessageRef,
        to: ProfileId,
    ) -> Result<Option<MessageId>, UserError> {
        let MessageRef { profile, id } = message;
        let takes_properties = self.profiles.get(&to)?.version == ProtocolVersion::V5;
        let history = self.history(&profile).await?;
        let (stored, payload) =
            blocking(move || Ok::<_, UserError>((history.message(id)?, history.payload(id)?)))
                .await??;
        let properties = if takes_properties {
            again(&stored.properties)?
        } else {
            // Before 5.0 there is no place for them; the message itself can be sent all the same.
            Vec::new()
        };
        let publish = Publish {
            topic: stored.topic.as_ref().to_owned(),
            payload: Bytes(payload),
            qos: stored.qos,
            retain: stored.retain,
            properties,
        };
        self.session_publish(to, publish).await
    }
}

/// The properties of a message that a client may send: those that belong to one delivery stay behind.
fn again(encoded: &[u8]) -> Result<Vec<Property>, UserError> {
    let all = properties::decode(encoded).map_err(|error| {
        UserError::new(
            ErrorCode::HistoryFailed,
            format!("The properties of the message cannot be read: {error}"),
        )
    })?;
    let of_one_delivery = |property: &Property| {
        matches!(property, Property::SubscriptionIdentifier(_) | Property::TopicAlias(_))
    };
    Ok(all.into_iter().filter(|property| !of_one_delivery(property)).collect())
}

fn compare_as(way: WayToCompare, before: &[u8], after: &[u8]) -> Compared {
    if before == after {
        return Compared::Equal;
    }
    let text = || Compared::Text { difference: compare::text(before, after) };
    let hex = || Compared::Hex { difference: compare::bytes(before, after) };
    match way {
        WayToCompare::Json => match compare::json(before, after) {
            Ok(difference) => Compared::Json { difference },
            Err(reason) => Compared::Not { reason },
        },
        WayToCompare::Text => text(),
        WayToCompare::Hex => hex(),
        WayToCompare::Best => match compare::json(before, after) {
            Ok(difference) => Compared::Json { difference },
            Err(_) if str::from_utf8(before).is_ok() && str::from_utf8(after).is_ok() => text(),
            Err(_) => hex(),
        },
    }
}
