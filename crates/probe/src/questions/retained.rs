//! Retained messages: one that was published before the subscription comes with RETAIN set, and an empty one removes it.

use mqttscope_model::ReasonCode;

use crate::broker::Broker;
use crate::finding::{Finding, Trouble};
use crate::link::ANSWER;
use crate::packet::Publish;

pub(super) async fn ask(broker: &mut Broker) -> Result<Finding, Trouble> {
    let available = broker.announced.retain_available();
    let announced = super::announced_as(available);
    if available == Some(false) {
        let why = "Retain Available 0; nothing was sent [MQTT-3.2.2-14]";
        return Ok(Finding::no(why).announced(announced));
    }
    let topic = broker.names.topic("retained");
    let mut publisher = broker.link().await?;
    let kept = Publish {
        topic: topic.clone(),
        payload: b"retained".to_vec(),
        qos: broker.qos(1),
        retain: true,
        ..Publish::default()
    };
    broker.litter.retained.insert(topic.clone());
    let reason = publisher.publish(&kept, ANSWER).await?;
    // With QoS 0 nothing else says that the broker has it.
    publisher.ping().await?;
    publisher.leave().await;
    if reason >= 0x80 {
        broker.litter.retained.remove(&topic);
        let words = format!("PUBACK {}", ReasonCode(reason));
        return Ok(super::refused(Some(reason), words).announced(announced));
    }
    let mut later = broker.link().await?;
    later.subscribe(&[&topic], 1, None).await?;
    let came = later.message(ANSWER).await?;
    later.leave().await;
    let removed = broker.remove_retained(&topic).await?;
    Ok(judge(came.as_ref(), removed).announced(announced))
}

fn judge(came: Option<&Publish>, removed: bool) -> Finding {
    let removing = match removed {
        true => "an empty one removed it",
        false => "an empty one did not remove it",
    };
    match came {
        None => Finding::no("did not come to a later subscription"),
        Some(message) if message.retain && removed => {
            Finding::yes(format!("came to a later subscription with RETAIN 1; {removing}"))
        }
        Some(message) => Finding::limited(format!(
            "came to a later subscription with RETAIN {}; {removing}",
            u8::from(message.retain)
        )),
    }
}

#[cfg(test)]
mod tests {
    use mqttscope_model::CapabilityVerdict::{Limited, No, Yes};

    use super::*;

    #[test]
    fn the_flag_and_the_removal_count() {
        let came = |retain| Publish { retain, ..Publish::default() };
        assert_eq!(judge(Some(&came(true)), true).verdict, Yes);
        assert_eq!(judge(Some(&came(true)), false).verdict, Limited);
        assert_eq!(judge(Some(&came(false)), true).verdict, Limited);
        assert_eq!(judge(None, true).verdict, No);
    }
}
