//! Will Delay: the Will Message of a connection that breaks comes after the delay, not at once (MQTT 5.0, section 3.1.3.2.2).

use std::time::Duration;

use tokio::time::Instant;

use crate::broker::Broker;
use crate::finding::{Finding, Trouble};

/// Seconds.
const DELAY: u32 = 2;

/// How long the Will is waited for in all.
const PATIENCE: Duration = Duration::from_secs(12);

pub(super) async fn ask(broker: &mut Broker) -> Result<Finding, Trouble> {
    let topic = broker.names.topic("will");
    let mut watcher = broker.link().await?;
    let reasons = watcher.subscribe(&[&topic], 0, None).await?;
    if let Some(refused) = super::refusal(&reasons) {
        return Ok(Finding::unknown(refused));
    }
    let attempt = broker.with_will(topic, DELAY);
    let broken = broker.connected(&attempt).await?;
    let since = Instant::now();
    // Without a word, as a device does whose power fails.
    drop(broken);
    let came = watcher.message(PATIENCE).await?.map(|_| since.elapsed());
    watcher.leave().await;
    broker.remove_session(&attempt.connect.client_id).await?;
    Ok(judge(came))
}

fn judge(came: Option<Duration>) -> Finding {
    let Some(after) = came else {
        let waited = PATIENCE.as_secs();
        return Finding::no(format!("the Will Message did not come within {waited} s"));
    };
    let seconds = after.as_secs_f32();
    let words =
        format!("Will Delay Interval {DELAY} s: the Will Message came after {seconds:.1} s");
    let value = format!("{seconds:.1} s");
    // Brokers count in whole seconds, so one that rounds down is still right.
    let early = Duration::from_millis(900);
    let late = Duration::from_secs(u64::from(DELAY) + 4);
    match after {
        after if after < early => Finding::no(words).value(value),
        after if after > late => Finding::limited(words).value(value),
        _ => Finding::yes(words).value(value),
    }
}

#[cfg(test)]
mod tests {
    use mqttscope_model::CapabilityVerdict::{Limited, No, Yes};

    use super::*;

    #[test]
    fn at_once_is_no_delay() {
        let check = |ms, expect| {
            assert_eq!(judge(Some(Duration::from_millis(ms))).verdict, expect, "{ms} ms");
        };
        check(20, No);
        check(1_100, Yes);
        check(2_050, Yes);
        check(5_900, Yes);
        check(8_000, Limited);
        assert_eq!(judge(None).verdict, No);
    }
}
