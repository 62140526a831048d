//! Subscription Identifiers: the one that SUBSCRIBE gave comes back with the message `[MQTT-3.3.4-3]`.

use crate::broker::Broker;
use crate::finding::{Finding, Trouble};
use crate::link::ANSWER;
use crate::packet::Publish;

/// Of two bytes, so that a broker that keeps only one is found out.
const IDENTIFIER: u32 = 4_711;

pub(super) async fn ask(broker: &mut Broker) -> Result<Finding, Trouble> {
    let available = broker.announced.subscription_identifiers_available();
    let announced = super::announced_as(available);
    if available == Some(false) {
        let why = "Subscription Identifiers Available 0; none was sent";
        return Ok(Finding::no(why).announced(announced));
    }
    let topic = broker.names.topic("identifier");
    let mut link = broker.link().await?;
    let reasons = link.subscribe(&[&topic], 0, Some(IDENTIFIER)).await?;
    if let Some(words) = super::refusal(&reasons) {
        return Ok(super::refused(reasons.first().copied(), words).announced(announced));
    }
    link.publish(&Publish { topic, ..Publish::default() }, ANSWER).await?;
    let came = link.message(ANSWER).await?;
    link.leave().await;
    Ok(judge(came.as_ref()).announced(announced))
}

fn judge(came: Option<&Publish>) -> Finding {
    let Some(message) = came else { return Finding::unknown("the message did not come") };
    match message.properties.subscription_identifiers().as_slice() {
        [IDENTIFIER] => Finding::yes(format!("Subscription Identifier {IDENTIFIER} came back")),
        [] => Finding::no("the message came without a Subscription Identifier"),
        others => Finding::no(format!("{IDENTIFIER} was given, {others:?} came back")),
    }
}

#[cfg(test)]
mod tests {
    use mqttscope_model::CapabilityVerdict::{No, Unknown, Yes};

    use super::*;

    #[test]
    fn the_same_identifier_must_come_back() {
        let mut message = Publish::default();
        assert_eq!(judge(Some(&message)).verdict, No);
        message.properties.subscription_identifier(IDENTIFIER);
        assert_eq!(judge(Some(&message)).verdict, Yes);
        assert_eq!(judge(None).verdict, Unknown);
    }
}
