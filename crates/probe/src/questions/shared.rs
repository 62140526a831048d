//! Shared subscriptions: of two members each message reaches one, once (MQTT 5.0, section 4.8.2). Brokers have them for
//! 3.1.1 too, so it is tried with whatever version works.

use crate::broker::Broker;
use crate::finding::{Finding, Trouble};
use crate::link::{ANSWER, Link, QUIET};
use crate::packet::Publish;

/// How many are published; enough that both members get some where they are dealt out in turn.
const MESSAGES: u8 = 20;

pub(super) async fn ask(broker: &mut Broker) -> Result<Finding, Trouble> {
    let available = broker.announced.shared_available();
    let announced = super::announced_as(available);
    if available == Some(false) {
        let why = "Shared Subscription Available 0; nothing was subscribed to";
        return Ok(Finding::no(why).announced(announced));
    }
    let topic = broker.names.topic("shared");
    let filter = format!("$share/probe/{topic}");
    let mut members = [broker.link().await?, broker.link().await?];
    let qos = broker.qos(1);
    for member in &mut members {
        let reasons = member.subscribe(&[&filter], qos, None).await?;
        if let Some(words) = super::refusal(&reasons) {
            let finding = super::refused(reasons.first().copied(), words);
            return Ok(finding.announced(announced));
        }
    }
    let mut publisher = broker.link().await?;
    for number in 0..MESSAGES {
        let publish =
            Publish { topic: topic.clone(), payload: vec![number], qos, ..Publish::default() };
        publisher.publish(&publish, ANSWER).await?;
    }
    publisher.ping().await?;
    publisher.leave().await;
    let [mut one, mut other] = members;
    let (first, second) = tokio::join!(all(&mut one), all(&mut other));
    let (first, second) = (first?, second?);
    one.leave().await;
    other.leave().await;
    Ok(judge(&first, &second).announced(announced))
}

/// All that come to a member until nothing comes any more.
async fn all(member: &mut Link) -> Result<Vec<u8>, Trouble> {
    let mut came = Vec::new();
    while let Some(message) = member.message(QUIET).await? {
        came.extend(message.payload.first());
    }
    Ok(came)
}

fn judge(first: &[u8], second: &[u8]) -> Finding {
    let mut came: Vec<u8> = first.iter().chain(second).copied().collect();
    came.sort_unstable();
    let all = came.len();
    came.dedup();
    let words = format!(
        "of {MESSAGES} messages {} came to one member and {} to the other",
        first.len(),
        second.len()
    );
    let share = format!("{} + {}", first.len(), second.len());
    match (all, came.len()) {
        (0, _) => Finding::no(words),
        (all, once) if all == once && once == usize::from(MESSAGES) => {
            Finding::yes(format!("{words}, each once")).value(share)
        }
        (all, once) if all > once => {
            Finding::no(format!("{words}; {} came twice", all - once)).value(share)
        }
        (all, _) => {
            let lost = usize::from(MESSAGES) - all;
            Finding::limited(format!("{words}; {lost} did not come")).value(share)
        }
    }
}

#[cfg(test)]
mod tests {
    use mqttscope_model::CapabilityVerdict::{Limited, No, Yes};

    use super::*;

    #[test]
    fn each_message_must_come_once_to_either() {
        let all: Vec<u8> = (0..MESSAGES).collect();
        let (half, rest) = all.split_at(9);
        assert_eq!(judge(half, rest).verdict, Yes);
        assert_eq!(judge(half, rest).value.as_deref(), Some("9 + 11"));
        assert_eq!(judge(&all, &[]).verdict, Yes);
        assert_eq!(judge(&all, &all).verdict, No);
        assert_eq!(judge(half, &[]).verdict, Limited);
        assert_eq!(judge(&[], &[]).verdict, No);
    }
}
