//! What the rules have published lately, so that none answers what came of its own reply.
//!
//! Correlation Data tells answers from requests with 5.0, but a rule with a topic of its own needs none, and 3.1 and 3.1.1
//! have none. So each reply is remembered by its topic and payload, with the rules whose replies led to it: a message that
//! is a known reply is not answered by any rule in that chain, over any number of rules and over all profiles of the
//! application. Rules may so answer each other, but never in a circle. The price: what somebody else publishes with the same
//! topic and payload within a minute counts as that reply too, and a circle through another program is not
//! seen here: `pace` ends the fast ones.

use std::collections::hash_map::RandomState;
use std::collections::{HashMap, VecDeque};
use std::hash::BuildHasher as _;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use mqttscope_model::ProfileId;
use tokio::time::Instant;

/// How long a reply is remembered.
const MEMORY: Duration = Duration::from_secs(60);

/// How many are remembered.
const MOST: usize = 16_384;

/// A rule of some profile.
pub(super) type Source = (ProfileId, String);

/// The rules whose replies led to a message, the first of them first; empty for a message from outside.
pub(super) type Chain = Arc<[Source]>;

/// The replies of the last minute.
#[derive(Debug, Default)]
pub(crate) struct Returns {
    hasher: RandomState,
    replies: Mutex<Replies>,
}

#[derive(Debug, Default)]
struct Replies {
    by_hash: HashMap<u64, (Chain, Instant)>,
    /// In the order in which they were published.
    ages: VecDeque<(u64, Instant)>,
}

impl Returns {
    /// The rules whose replies led to this message.
    pub(super) fn chain(&self, topic: &str, payload: &[u8]) -> Chain {
        let hash = self.hasher.hash_one((topic, payload));
        let replies = self.replies.lock().unwrap_or_else(PoisonError::into_inner);
        match replies.by_hash.get(&hash) {
            Some((chain, since)) if since.elapsed() < MEMORY => Arc::clone(chain),
            _ => Arc::default(),
        }
    }

    /// A reply is published now.
    pub(super) fn published(&self, topic: &str, payload: &[u8], chain: Chain) {
        let hash = self.hasher.hash_one((topic, payload));
        let now = Instant::now();
        let mut replies = self.replies.lock().unwrap_or_else(PoisonError::into_inner);
        replies.by_hash.insert(hash, (chain, now));
        replies.ages.push_back((hash, now));
        while let Some(&(oldest, since)) = replies.ages.front() {
            if replies.ages.len() <= MOST && now.duration_since(since) < MEMORY {
                break;
            }
            replies.ages.pop_front();
            // The same reply may have been published again meanwhile.
            if replies.by_hash.get(&oldest).is_some_and(|(_, last)| *last == since) {
                replies.by_hash.remove(&oldest);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chain(rules: &[&str]) -> Chain {
        let profile = ProfileId::new("p").unwrap();
        rules.iter().map(|rule| (profile.clone(), (*rule).to_owned())).collect()
    }

    #[tokio::test(start_paused = true)]
    async fn a_reply_is_known_for_a_minute_by_topic_and_payload() {
        let returns = Returns::default();
        returns.published("t", b"1", chain(&["a"]));
        assert_eq!(returns.chain("t", b"1"), chain(&["a"]));
        assert_eq!(returns.chain("t", b"2"), chain(&[]));
        assert_eq!(returns.chain("t1", b""), chain(&[]));
        tokio::time::sleep(MEMORY / 2).await;
        returns.published("t", b"1", chain(&["a", "b"]));
        tokio::time::sleep(MEMORY / 2).await;
        returns.published("t", b"2", chain(&["a"]));
        assert_eq!(returns.chain("t", b"1"), chain(&["a", "b"]), "published again meanwhile");
        tokio::time::sleep(MEMORY).await;
        assert_eq!(returns.chain("t", b"1"), chain(&[]));
    }

    #[tokio::test(start_paused = true)]
    async fn the_memory_has_an_end() {
        let returns = Returns::default();
        for number in 0..20_000_u32 {
            returns.published("t", &number.to_be_bytes(), chain(&["a"]));
        }
        let replies = returns.replies.lock().unwrap();
        assert_eq!((replies.by_hash.len(), replies.ages.len()), (MOST, MOST));
    }
}
