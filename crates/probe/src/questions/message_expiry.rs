//! Message Expiry: of two messages for a client that is away, the one that expires meanwhile does not come, and the other one
//! comes with what is left of its time `[MQTT-3.3.2-5]`, `[MQTT-3.3.2-6]`.

use std::time::Duration;

use crate::broker::Broker;
use crate::finding::{Finding, Trouble};
use crate::link::{ANSWER, Link, QUIET};
use crate::packet::Publish;
use crate::property::Properties;

/// Seconds of the message that expires, and of the one that does not.
const SHORT: u32 = 1;
const LONG: u32 = 120;

/// How long the client is away: long enough that a broker that counts whole seconds has counted two.
const AWAY: Duration = Duration::from_millis(2_600);

/// What came to the client: the seconds that were left of each, where they were told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Seen {
    short: Option<Option<u32>>,
    long: Option<Option<u32>>,
}

pub(super) async fn ask(broker: &mut Broker) -> Result<Finding, Trouble> {
    let topic = broker.names.topic("expiry");
    let client_id = broker.names.client();
    let mut away = kept(broker, &client_id, true).await?;
    let expiry = away.connack.expiry_of_session();
    if expiry == Some(0) {
        return Ok(Finding::unknown("the broker keeps no session (Session Expiry Interval 0)"));
    }
    away.subscribe(&[&topic], broker.qos(1), None).await?;
    away.leave().await;
    let mut publisher = broker.link().await?;
    for seconds in [SHORT, LONG] {
        let mut properties = Properties::default();
        properties.message_expiry(seconds);
        let publish = Publish {
            topic: topic.clone(),
            payload: seconds.to_string().into_bytes(),
            qos: broker.qos(1),
            properties,
            ..Publish::default()
        };
        publisher.publish(&publish, ANSWER).await?;
    }
    publisher.leave().await;
    tokio::time::sleep(AWAY).await;
    let mut back = kept(broker, &client_id, false).await?;
    let mut seen = Seen::default();
    let mut patience = ANSWER;
    while let Some(message) = back.message(patience).await? {
        let left = message.properties.expires_in();
        if message.payload == SHORT.to_string().as_bytes() {
            seen.short = Some(left);
        } else {
            seen.long = Some(left);
        }
        patience = QUIET;
    }
    back.leave().await;
    broker.remove_session(&client_id).await?;
    Ok(judge(&seen))
}

async fn kept(broker: &mut Broker, client_id: &str, clean: bool) -> Result<Link, Trouble> {
    let attempt = broker.kept(client_id, clean, 60);
    broker.connected(&attempt).await
}

fn judge(seen: &Seen) -> Finding {
    let told = |left: Option<u32>| match left {
        Some(left) => format!("with {left} s left"),
        None => "without Message Expiry Interval".to_owned(),
    };
    let away = format!("{:.1} s later", AWAY.as_secs_f32());
    match (seen.short, seen.long) {
        (None, None) => Finding::unknown("neither message came; the session kept none"),
        (Some(_), _) => Finding::no(format!("a message of {SHORT} s came {away}")),
        (None, Some(left)) => {
            let words = format!(
                "a message of {SHORT} s did not come {away}, one of {LONG} s came {}",
                told(left)
            );
            match left {
                Some(left) if left < LONG => Finding::yes(words),
                _ => Finding::limited(words),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use mqttscope_model::CapabilityVerdict::{Limited, No, Unknown, Yes};

    use super::*;

    #[test]
    fn the_expired_one_must_stay_away_and_the_other_tell_what_is_left() {
        let check = |short, long, expect| assert_eq!(judge(&Seen { short, long }).verdict, expect);
        check(None, Some(Some(LONG - 2)), Yes);
        check(None, Some(Some(LONG)), Limited);
        check(None, Some(None), Limited);
        check(Some(Some(0)), Some(Some(LONG - 2)), No);
        check(None, None, Unknown);
    }
}
