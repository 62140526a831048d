//! Topic Alias: a message with an alias alone arrives under the topic that the alias was given with (MQTT 5.0, section 3.3.2.3.4).

use crate::broker::Broker;
use crate::finding::{Finding, Trouble};
use crate::link::ANSWER;
use crate::packet::Publish;
use crate::property::Properties;

pub(super) async fn ask(broker: &mut Broker) -> Result<Finding, Trouble> {
    // Absent means none (section 3.2.2.3.8).
    let maximum = broker.announced.topic_alias_maximum().unwrap_or(0);
    if maximum == 0 {
        return Ok(
            Finding::no("Topic Alias Maximum 0; none was sent [MQTT-3.3.2-9]").announced(Some(0))
        );
    }
    let topic = broker.names.topic("alias");
    let mut link = broker.link().await?;
    link.subscribe(&[&topic], 0, None).await?;
    let mut came = Vec::new();
    // The highest alias that is allowed: given with the topic, then alone.
    for name in [topic.clone(), String::new()] {
        let mut properties = Properties::default();
        properties.topic_alias(maximum);
        let publish = Publish { topic: name, properties, ..Publish::default() };
        link.publish(&publish, ANSWER).await?;
        match link.message(ANSWER).await {
            Ok(message) => came.push(message.map(|message| message.topic)),
            Err(gone) => {
                return Ok(Finding::no(format!("alias {maximum}: {gone}")).announced(Some(maximum)));
            }
        }
    }
    link.leave().await;
    Ok(judge(&topic, maximum, &came).announced(Some(maximum)))
}

/// `came` holds the topics of the message with topic and alias, and of that with the alias alone.
fn judge(topic: &str, maximum: u16, came: &[Option<String>]) -> Finding {
    let right = |place: usize| came.get(place).is_some_and(|came| came.as_deref() == Some(topic));
    match (right(0), right(1)) {
        (true, true) => {
            Finding::yes(format!("a message with alias {maximum} alone came under its topic"))
                .value(maximum)
        }
        (true, false) => Finding::no(format!(
            "a message with alias {maximum} alone did not come under its topic"
        )),
        (false, _) => {
            Finding::unknown(format!("a message with topic and alias {maximum} did not come"))
        }
    }
}

#[cfg(test)]
mod tests {
    use mqttscope_model::CapabilityVerdict::{No, Unknown, Yes};

    use super::*;

    #[test]
    fn the_alias_alone_must_lead_to_the_topic() {
        let t = || Some("t".to_owned());
        assert_eq!(judge("t", 10, &[t(), t()]).verdict, Yes);
        assert_eq!(judge("t", 10, &[t(), None]).verdict, No);
        assert_eq!(judge("t", 10, &[t(), Some(String::new())]).verdict, No);
        assert_eq!(judge("t", 10, &[None, None]).verdict, Unknown);
    }
}
