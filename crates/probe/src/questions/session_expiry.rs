//! Sessions that outlive their connection: messages that came meanwhile are there on return, and with 5.0 a session of one
//! second is gone after more than that `[MQTT-3.1.2-23]`, `[MQTT-3.2.2-2]`.

use std::time::Duration;

use mqttscope_model::ProtocolVersion;

use crate::broker::Broker;
use crate::finding::{Finding, Trouble};
use crate::link::{ANSWER, QUIET};
use crate::packet::Publish;

/// How many messages wait for the client.
const MESSAGES: usize = 3;

/// How long a session of one second is left alone.
const AWAY: Duration = Duration::from_millis(3_100);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Seen {
    session_present: bool,
    came: usize,
    /// Whether a session of one second was gone after [`AWAY`]; with 5.0 only.
    expired: Option<bool>,
}

pub(super) async fn ask(broker: &mut Broker) -> Result<Finding, Trouble> {
    let topic = broker.names.topic("queued");
    let client_id = broker.names.client();
    let attempt = broker.kept(&client_id, true, 60);
    let mut away = broker.connected(&attempt).await?;
    let announced = away.connack.expiry_of_session();
    away.subscribe(&[&topic], broker.qos(1), None).await?;
    away.leave().await;
    let mut publisher = broker.link().await?;
    for number in 0..MESSAGES {
        let payload = number.to_string().into_bytes();
        let publish =
            Publish { topic: topic.clone(), payload, qos: broker.qos(1), ..Publish::default() };
        publisher.publish(&publish, ANSWER).await?;
    }
    publisher.leave().await;
    let attempt = broker.kept(&client_id, false, 60);
    let mut back = broker.connected(&attempt).await?;
    let session_present = back.session_present;
    let mut came = 0;
    let mut patience = if session_present { ANSWER } else { QUIET };
    while came < MESSAGES && back.message(patience).await?.is_some() {
        came += 1;
        patience = ANSWER;
    }
    back.leave().await;
    broker.remove_session(&client_id).await?;
    let expired = match (broker.version, session_present) {
        (ProtocolVersion::V5, true) => Some(expires(broker).await?),
        _ => None,
    };
    Ok(judge(&Seen { session_present, came, expired }, announced))
}

/// Whether a session of one second is gone after [`AWAY`].
async fn expires(broker: &mut Broker) -> Result<bool, Trouble> {
    let client_id = broker.names.client();
    let attempt = broker.kept(&client_id, true, 1);
    broker.connected(&attempt).await?.leave().await;
    tokio::time::sleep(AWAY).await;
    let attempt = broker.kept(&client_id, false, 1);
    let back = broker.connected(&attempt).await?;
    let gone = !back.session_present;
    back.leave().await;
    broker.remove_session(&client_id).await?;
    Ok(gone)
}

fn judge(seen: &Seen, announced: Option<u32>) -> Finding {
    let Seen { session_present, came, expired } = seen;
    let mut words = format!(
        "Session Present {}, {came} of {MESSAGES} messages waited",
        u8::from(*session_present)
    );
    let away = AWAY.as_secs_f32();
    match expired {
        Some(true) => words += &format!("; a session of 1 s was gone after {away:.1} s"),
        Some(false) => words += &format!("; a session of 1 s was still there after {away:.1} s"),
        None => {}
    }
    let value = format!("{came} / {MESSAGES}");
    let finding = match (session_present, *came == MESSAGES, expired) {
        (false, _, _) => Finding::no(words),
        (true, true, None | Some(true)) => Finding::yes(words).value(value),
        (true, ..) => Finding::limited(words).value(value),
    };
    finding.announced(announced.map(|seconds| format!("{seconds} s")))
}

#[cfg(test)]
mod tests {
    use mqttscope_model::CapabilityVerdict::{Limited, No, Yes};

    use super::*;

    #[test]
    fn messages_must_wait_and_the_session_must_end_in_time() {
        let check = |session_present, came, expired, expect| {
            let seen = Seen { session_present, came, expired };
            assert_eq!(judge(&seen, None).verdict, expect, "{seen:?}");
        };
        check(true, MESSAGES, Some(true), Yes);
        check(true, MESSAGES, None, Yes);
        check(true, MESSAGES, Some(false), Limited);
        check(true, 1, Some(true), Limited);
        check(false, 0, None, No);
    }
}
