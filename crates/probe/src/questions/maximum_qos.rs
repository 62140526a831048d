//! The highest QoS: a message of each comes back with the QoS that it was sent with.

use mqttscope_model::ReasonCode;

use crate::broker::Broker;
use crate::finding::{Finding, Trouble};
use crate::link::{ANSWER, Gone, Link};
use crate::packet::Publish;

/// What came of one QoS.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Seen {
    /// It came back with this QoS.
    Came(u8),
    /// The acknowledgement says no.
    Refused(u8),
    /// It was acknowledged and did not come.
    Lost,
    /// The connection ended over it.
    Ended(Gone),
}

pub(super) async fn ask(broker: &mut Broker) -> Result<Finding, Trouble> {
    let announced = broker.announced.maximum_qos();
    let topic = broker.names.topic("qos");
    let mut link = broker.link().await?;
    // The filter's QoS may be granted lower; what counts is what comes.
    let reasons = link.subscribe(&[&topic], 2, None).await?;
    if let Some(refused) = super::refusal(&reasons) {
        return Ok(Finding::unknown(refused).announced(announced));
    }
    let mut seen = Vec::new();
    // More than is announced must not be sent [MQTT-3.2.2-11].
    for qos in 0..=announced.unwrap_or(2).min(2) {
        let one = round(&mut link, &topic, qos).await;
        let ended = matches!(one, Seen::Ended(_));
        seen.push(one);
        if ended {
            break;
        }
    }
    link.leave().await;
    Ok(judge(&seen, announced))
}

async fn round(link: &mut Link, topic: &str, qos: u8) -> Seen {
    let publish =
        Publish { topic: topic.to_owned(), payload: vec![qos], qos, ..Publish::default() };
    match link.publish(&publish, ANSWER).await {
        Ok(reason) if reason >= 0x80 => return Seen::Refused(reason),
        Ok(_) => {}
        Err(gone) => return Seen::Ended(gone),
    }
    loop {
        match link.message(ANSWER).await {
            Ok(Some(message)) if message.payload == [qos] => return Seen::Came(message.qos),
            Ok(Some(_)) => {}
            Ok(None) => return Seen::Lost,
            Err(gone) => return Seen::Ended(gone),
        }
    }
}

/// `seen` is from QoS 0 on.
fn judge(seen: &[Seen], announced: Option<u8>) -> Finding {
    let words: Vec<String> = (0..)
        .zip(seen)
        .map(|(qos, seen): (u8, _)| match seen {
            Seen::Came(with) => format!("QoS {qos} came as {with}"),
            Seen::Refused(reason) => format!("QoS {qos}: {}", ReasonCode(*reason)),
            Seen::Lost => format!("QoS {qos} did not come"),
            Seen::Ended(gone) => format!("QoS {qos}: {gone}"),
        })
        .collect();
    let mut words = words.join(", ");
    if let Some(most @ 0..2) = announced {
        words += &format!("; above {most} nothing was sent [MQTT-3.2.2-11]");
    }
    let highest =
        (0..).zip(seen).filter(|(qos, seen)| matches!(seen, Seen::Came(with) if with == qos));
    let finding = match highest.map(|(qos, _): (u8, _)| qos).last() {
        Some(2) => Finding::yes(words).value(2),
        Some(qos) => Finding::limited(words).value(qos),
        None => Finding::unknown(words),
    };
    finding.announced(announced)
}

#[cfg(test)]
mod tests {
    use mqttscope_model::CapabilityVerdict::{Limited, Unknown, Yes};

    use super::*;

    #[test]
    fn the_highest_that_comes_back_unchanged_counts() {
        let check = |seen: &[Seen], verdict, value: Option<&str>| {
            let found = judge(seen, None);
            assert_eq!((found.verdict, found.value.as_deref()), (verdict, value), "{found:?}");
        };
        check(&[Seen::Came(0), Seen::Came(1), Seen::Came(2)], Yes, Some("2"));
        check(&[Seen::Came(0), Seen::Came(1), Seen::Came(1)], Limited, Some("1"));
        check(&[Seen::Came(0), Seen::Came(1), Seen::Refused(0x9B)], Limited, Some("1"));
        check(&[Seen::Came(0), Seen::Ended(Gone::Closed)], Limited, Some("0"));
        check(&[Seen::Lost], Unknown, None);
    }

    #[test]
    fn an_announced_limit_is_told() {
        let found = judge(&[Seen::Came(0), Seen::Came(1)], Some(1));
        assert_eq!((found.verdict, found.announced.as_deref()), (Limited, Some("1")));
        assert!(found.evidence.contains("[MQTT-3.2.2-11]"), "{found:?}");
    }
}
