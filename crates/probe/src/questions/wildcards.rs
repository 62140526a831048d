//! Wildcards: `+` stands for one level, `#` for all below and for the level itself `[MQTT-4.7.1-2]`.

use crate::broker::Broker;
use crate::finding::{Finding, Trouble};
use crate::link::{ANSWER, Gone, Link};
use crate::packet::Publish;

/// What came through one wildcard.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Seen {
    /// This many of the messages that match.
    Came(usize, usize),
    Refused(String),
    Ended(Gone),
}

pub(super) async fn ask(broker: &mut Broker) -> Result<Finding, Trouble> {
    let available = broker.announced.wildcard_available();
    let announced = super::announced_as(available);
    if available == Some(false) {
        let why = "Wildcard Subscription Available 0; nothing was subscribed to";
        return Ok(Finding::no(why).announced(announced));
    }
    let topic = |rest: &str| broker.names.topic(rest);
    let plus = (topic("one/+/end"), vec![topic("one/a/end"), topic("one/b/end")]);
    let hash = (topic("all/#"), vec![topic("all"), topic("all/a"), topic("all/a/b")]);
    let mut link = broker.link().await?;
    let plus = through(&mut link, &plus.0, &plus.1).await;
    if matches!(plus, Seen::Ended(_)) {
        link = broker.link().await?;
    }
    let hash = through(&mut link, &hash.0, &hash.1).await;
    link.leave().await;
    Ok(judge(&plus, &hash).announced(announced))
}

async fn through(link: &mut Link, filter: &str, topics: &[String]) -> Seen {
    let seen = async {
        let reasons = link.subscribe(&[filter], 0, None).await?;
        if let Some(refused) = super::refusal(&reasons) {
            return Ok(Seen::Refused(refused));
        }
        for topic in topics {
            let publish = Publish { topic: topic.clone(), ..Publish::default() };
            link.publish(&publish, ANSWER).await?;
        }
        let mut came = 0;
        while came < topics.len() && link.message(ANSWER).await?.is_some() {
            came += 1;
        }
        Ok(Seen::Came(came, topics.len()))
    };
    seen.await.unwrap_or_else(Seen::Ended)
}

fn judge(plus: &Seen, hash: &Seen) -> Finding {
    let told = |name: &str, seen: &Seen| match seen {
        Seen::Came(came, of) => format!("{name}: {came} of {of} messages came"),
        Seen::Refused(why) => format!("{name}: {why}"),
        Seen::Ended(gone) => format!("{name}: {gone}"),
    };
    let whole = |seen: &Seen| matches!(seen, Seen::Came(came, of) if came == of);
    let words = format!("{}; {}", told("+", plus), told("#", hash));
    match (whole(plus), whole(hash)) {
        (true, true) => Finding::yes(words).value("+ #"),
        (true, false) => Finding::limited(words).value("+"),
        (false, true) => Finding::limited(words).value("#"),
        (false, false) => Finding::no(words),
    }
}

#[cfg(test)]
mod tests {
    use mqttscope_model::CapabilityVerdict::{Limited, No, Yes};

    use super::*;

    #[test]
    fn each_wildcard_counts_by_itself() {
        let refused = Seen::Refused("SUBACK 0xA2".to_owned());
        let check = |plus: &Seen, hash: &Seen, verdict, value: Option<&str>| {
            let found = judge(plus, hash);
            assert_eq!((found.verdict, found.value.as_deref()), (verdict, value));
        };
        check(&Seen::Came(2, 2), &Seen::Came(3, 3), Yes, Some("+ #"));
        check(&Seen::Came(2, 2), &Seen::Came(2, 3), Limited, Some("+"));
        check(&refused, &Seen::Came(3, 3), Limited, Some("#"));
        check(&refused, &Seen::Ended(Gone::Closed), No, None);
    }
}
