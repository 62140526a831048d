//! The largest packet: PUBLISH packets of doubling size come back, and the limit is then narrowed down to one part in a hundred.
//!
//! An acknowledgement is not enough: a broker may acknowledge and drop what is too large for it, so what counts is the message
//! that comes back. A broker that ends the connection over a packet has shown its limit; that is no error.

use std::time::Duration;

use mqttscope_model::ReasonCode;
use tokio::time::Instant;

use crate::broker::Broker;
use crate::finding::{Finding, Trouble};
use crate::link::{Gone, Link};
use crate::packet::{self, Publish};

/// Where it begins, in bytes.
const FIRST: u32 = 1024;

/// How long one packet may take there, and back.
const ROUND: Duration = Duration::from_secs(20);

/// How long is waited for a message that was acknowledged while nothing of it comes.
const DROPPED: Duration = Duration::from_secs(5);

/// Why a packet did not come back.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Failure {
    /// Its size was too much.
    Size(String),
    /// It took too long, which says nothing of larger or smaller ones.
    Time(String),
}

pub(super) async fn ask(broker: &mut Broker) -> Result<Finding, Trouble> {
    let announced = broker.announced.maximum_packet_size();
    let mut search = Search::new(broker.largest_packet, announced);
    let topic = broker.names.topic("size");
    let mut link = None;
    while let Some(size) = search.next() {
        let one = match link.take() {
            Some(link) => link,
            None => subscribed(broker, &topic).await?,
        };
        let (seen, still) = round(one, broker, &topic, size).await;
        link = still;
        search.saw(size, seen);
    }
    if let Some(link) = link {
        link.leave().await;
    }
    Ok(search.finding())
}

async fn subscribed(broker: &mut Broker, topic: &str) -> Result<Link, Trouble> {
    let mut link = broker.link().await?;
    link.subscribe(&[topic], 0, None).await?;
    Ok(link)
}

/// Sends a packet of `size` bytes. The link is given back where it can be used again.
async fn round(
    mut link: Link,
    broker: &Broker,
    topic: &str,
    size: u32,
) -> (Result<(), Failure>, Option<Link>) {
    let publish = sized(broker, topic, size);
    let sent = async {
        let reason = link.publish(&publish, ROUND).await?;
        if reason >= 0x80 {
            return Ok(Err(Failure::Size(format!("acknowledged with {}", ReasonCode(reason)))));
        }
        let since = Instant::now();
        loop {
            match link.message(DROPPED).await? {
                Some(message) if message.payload.len() == publish.payload.len() => {
                    return Ok(Ok(()));
                }
                Some(_) => {}
                None if !link.is_receiving() => {
                    let words = "acknowledged, and did not come back".to_owned();
                    return Ok(Err(Failure::Size(words)));
                }
                None if since.elapsed() > ROUND => return Err(Gone::Silent(ROUND)),
                None => {}
            }
        }
    };
    let seen: Result<Result<(), Failure>, Gone> = sent.await;
    match seen {
        Ok(seen) => (seen, Some(link)),
        Err(gone @ Gone::Silent(_)) => (Err(Failure::Time(gone.to_string())), None),
        Err(gone) => (Err(Failure::Size(gone.to_string())), None),
    }
}

/// A PUBLISH whose packet has exactly `size` bytes, or as few as it can have.
fn sized(broker: &Broker, topic: &str, size: u32) -> Publish {
    let wanted = usize::try_from(size).unwrap_or(usize::MAX);
    let qos = broker.qos(1);
    let mut publish = Publish { topic: topic.to_owned(), qos, ..Publish::default() };
    let of = |publish: &Publish| packet::publish(broker.version, publish).len();
    let bare = of(&publish);
    // The length field grows with the packet, so the second look corrects the first.
    publish.payload = vec![b'x'; wanted.saturating_sub(bare)];
    let over = of(&publish).saturating_sub(wanted);
    publish.payload.truncate(publish.payload.len().saturating_sub(over));
    publish
}

/// Which size is tried next, and what the answers mean.
#[derive(Clone, Debug)]
struct Search {
    /// The most that is tried.
    most: u32,
    announced: Option<u32>,
    /// What came back.
    passed: u32,
    /// What did not, and why.
    failed: Option<(u32, Failure)>,
}

impl Search {
    fn new(largest: u32, announced: Option<u32>) -> Self {
        let most = announced.map_or(largest, |announced| largest.min(announced));
        Self { most, announced, passed: 0, failed: None }
    }

    fn next(&self) -> Option<u32> {
        match &self.failed {
            None if self.passed >= self.most => None,
            None if self.passed == 0 => Some(FIRST.min(self.most)),
            None => Some(self.passed.saturating_mul(2).min(self.most)),
            Some((_, Failure::Time(_))) => None,
            Some((failed, Failure::Size(_))) => {
                let gap = failed.saturating_sub(self.passed);
                (gap > (self.passed / 100).max(16)).then(|| self.passed + gap / 2)
            }
        }
    }

    fn saw(&mut self, size: u32, seen: Result<(), Failure>) {
        match seen {
            Ok(()) => self.passed = self.passed.max(size),
            Err(why) => self.failed = Some((size, why)),
        }
    }

    fn finding(self) -> Finding {
        let Self { announced, passed, failed, most } = self;
        let finding = match failed {
            Some((size, Failure::Size(why) | Failure::Time(why))) if passed == 0 => {
                Finding::unknown(format!("{size} bytes: {why}"))
            }
            Some((size, Failure::Time(why))) => {
                let slow = "the connection is slow, and what limits it may be time";
                Finding::unknown(format!("{passed} bytes came back; {size} bytes: {why}; {slow}"))
                    .value(passed)
            }
            Some((size, Failure::Size(why))) => {
                Finding::limited(format!("{passed} bytes came back; {size} bytes: {why}"))
                    .value(passed)
            }
            None if announced == Some(most) => {
                let why = "as large as is announced; nothing larger was sent [MQTT-3.2.2-15]";
                Finding::limited(format!("{passed} bytes came back, {why}")).value(passed)
            }
            None => Finding::yes(format!("{passed} bytes came back, the most that was tried"))
                .value(passed),
        };
        finding.announced(announced)
    }
}

#[cfg(test)]
mod tests {
    use mqttscope_model::CapabilityVerdict::{Limited, Unknown, Yes};

    use super::*;

    /// Searches against a broker that takes up to `limit` bytes; gives the result and the sizes that were tried.
    fn search(largest: u32, announced: Option<u32>, limit: u32) -> (Finding, Vec<u32>) {
        let mut search = Search::new(largest, announced);
        let mut tried = Vec::new();
        while let Some(size) = search.next() {
            tried.push(size);
            assert!(tried.len() < 60, "{tried:?}");
            search.saw(
                size,
                if size <= limit { Ok(()) } else { Err(Failure::Size("closed".to_owned())) },
            );
        }
        (search.finding(), tried)
    }

    #[test]
    fn it_doubles_up_to_the_largest() {
        let (found, tried) = search(5_000, None, u32::MAX);
        assert_eq!(tried, [1024, 2048, 4096, 5000]);
        assert_eq!((found.verdict, found.value.as_deref()), (Yes, Some("5000")));
    }

    #[test]
    fn nothing_beyond_what_is_announced_is_sent() {
        let (found, tried) = search(1 << 20, Some(2_000), 2_000);
        assert_eq!(tried, [1024, 2000]);
        assert_eq!((found.verdict, found.value.as_deref()), (Limited, Some("2000")));
    }

    #[test]
    fn a_packet_that_takes_too_long_ends_the_search_and_shows_no_limit() {
        let mut search = Search::new(1 << 20, None);
        search.saw(1024, Ok(()));
        search.saw(2048, Err(Failure::Time("no answer".to_owned())));
        assert_eq!(search.next(), None);
        let found = search.finding();
        assert_eq!((found.verdict, found.value.as_deref()), (Unknown, Some("1024")));
    }

    #[test]
    fn a_limit_is_found_to_one_part_in_a_hundred() {
        for limit in [300, 1_024, 1_500, 65_535, 262_144, 1_000_000] {
            let (found, tried) = search(1 << 20, None, limit);
            let value: u32 = found.value.unwrap().parse().unwrap();
            assert!(value <= limit && limit - value <= (limit / 100).max(16), "{value} of {limit}");
            assert_eq!(found.verdict, Limited);
            assert!(tried.len() < 25, "{tried:?}");
        }
        assert_eq!(search(1 << 20, None, 0).0.verdict, Unknown);
    }
}
