//! What is asked of Topic Names: the message before on the same one, and which names begin with what was typed.
//!
//! Both are answered from the index alone. Names lie in no order, since a sorted copy would cost more memory than all
//! other things that are kept of a topic; so completing looks at each name, at the newest numbers first, and stops after a
//! while where there are millions. The price is that in such a history an old topic may have to be typed to its end.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use memchr::memchr2_iter;
use mqttscope_model::MessageId;

use crate::{History, HistoryError};

/// Names that are looked at before the index is let go of for a moment, in which the writer may change it.
const SLICE: usize = 8_192;

/// Names that are looked at however long it takes, and the time after which no more of them are.
const ALWAYS: usize = 65_536;
const LONGEST: Duration = Duration::from_millis(50);

/// A Topic Name in use that fits what was typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopicMatch {
    /// The name.
    pub topic: Arc<str>,
    /// How many messages have it.
    pub messages: u64,
}

impl History {
    /// The last message before this one with the same Topic Name, whichever way it went; none where it is the
    /// first. Reads memory only: a millisecond or two where five million lie between both.
    ///
    /// # Errors
    /// [`HistoryError::NotFound`].
    pub fn previous_on_topic(&self, id: MessageId) -> Result<Option<MessageId>, HistoryError> {
        self.shared().index().previous_on_topic(id).ok_or(HistoryError::NotFound(id))
    }

    /// At most `limit` Topic Names that messages have: those that begin with what was typed, then those that contain it, each
    /// in the order of their bytes. Case does not matter for the letters of ASCII. Looks at 65,536 names, and at more for
    /// 50 ms; the writer waits for a part of a millisecond at most.
    pub fn complete_topics(&self, typed: &str, limit: usize) -> Vec<TopicMatch> {
        let mut best = Best { typed: typed.as_bytes(), limit, found: BTreeMap::new() };
        let began = Instant::now();
        let (mut below, mut looked_at) = (self.shared().index().topic_numbers(), 0);
        while below > 0 && (looked_at < ALWAYS || began.elapsed() < LONGEST) {
            let from = below.saturating_sub(SLICE);
            let index = self.shared().index();
            index.topics(from..below).for_each(|(name, rows)| best.offer(name, rows));
            drop(index);
            looked_at += below - from;
            below = from;
        }
        let matches = best.found.into_iter();
        matches.map(|((_, topic), messages)| TopicMatch { topic, messages }).collect()
    }
}

/// Where a name has what was typed; the better place is the lesser.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    Beginning,
    Inside,
}

/// The best matches so far.
struct Best<'a> {
    typed: &'a [u8],
    limit: usize,
    found: BTreeMap<(Place, Arc<str>), u64>,
}

impl Best<'_> {
    fn offer(&mut self, name: &Arc<str>, rows: u32) {
        let Some(place) = place_in(name.as_bytes(), self.typed) else { return };
        if self.found.len() >= self.limit {
            let last = self.found.last_key_value();
            if last.is_none_or(|((worst, other), _)| (*worst, other) <= (place, name)) {
                return;
            }
            self.found.pop_last();
        }
        self.found.insert((place, Arc::clone(name)), rows.into());
    }
}

/// Where a name has what was typed, without regard to the case of ASCII.
fn place_in(name: &[u8], typed: &[u8]) -> Option<Place> {
    let Some(first) = typed.first() else { return Some(Place::Beginning) };
    let (lower, upper) = (first.to_ascii_lowercase(), first.to_ascii_uppercase());
    let found = memchr2_iter(lower, upper, name).find(|at| {
        name.get(*at..at + typed.len()).is_some_and(|part| part.eq_ignore_ascii_case(typed))
    })?;
    Some(if found == 0 { Place::Beginning } else { Place::Inside })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_typed_is_found_in_any_case() {
        let places = ["Plant/1", "the/plant", "pla", "", "ÄPLANT"]
            .map(|name| place_in(name.as_bytes(), b"pLANt").map(|place| place == Place::Beginning));
        assert_eq!(places, [Some(true), Some(false), None, None, Some(false)]);
        assert!(place_in(b"", b"") == Some(Place::Beginning));
        assert!(place_in("ä".as_bytes(), "Ä".as_bytes()).is_none());
    }
}
