//! Which subscriptions a topic comes through, remembered for the topics that come again.
//!
//! Matching costs some tens of nanoseconds for each filter, so with many of them the answer is kept by topic: in a table
//! of fixed size, where a new topic takes the place of another one. A broker with ten million topics therefore fills
//! no memory; the price is that each of its messages is matched anew.

use std::hash::{BuildHasher as _, BuildHasherDefault, DefaultHasher};

/// Places in the table.
const PLACES: usize = 4_096;

/// Longer topics are not remembered.
const LONGEST: usize = 256;

/// Nor are those that come through more subscriptions.
const MOST: usize = 64;

/// How many ticks make the second that a rate is of.
const WINDOW: usize = 10;

/// The subscriptions of the topics that came last, by their places in the list.
#[derive(Debug, Default)]
pub(super) struct Remembered {
    places: Vec<Place>,
    /// What is asked for a topic that is not remembered.
    found: Vec<usize>,
}

#[derive(Clone, Debug, Default)]
struct Place {
    topic: String,
    found: Vec<usize>,
    is_taken: bool,
}

impl Remembered {
    /// The subscriptions have changed.
    pub(super) fn forget(&mut self) {
        for place in &mut self.places {
            place.is_taken = false;
        }
    }

    /// The places of a topic's subscriptions; `find` is asked where the topic is not remembered.
    pub(super) fn find(&mut self, topic: &str, find: impl FnOnce(&mut Vec<usize>)) -> &[usize] {
        if self.places.is_empty() {
            self.places.resize(PLACES, Place::default());
        }
        let hash = BuildHasherDefault::<DefaultHasher>::default().hash_one(topic);
        let at = usize::try_from(hash % PLACES as u64).unwrap_or_default();
        self.found.clear();
        let Some(place) = self.places.get_mut(at) else { return &self.found };
        if place.is_taken && place.topic == topic {
            return &place.found;
        }
        find(&mut self.found);
        if topic.len() <= LONGEST && self.found.len() <= MOST {
            place.is_taken = true;
            place.topic.clear();
            place.topic.push_str(topic);
            place.found.clone_from(&self.found);
        }
        &self.found
    }
}

/// A counter with its rate over the last second.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counter {
    pub(super) all: u64,
    pub(super) per_second: u32,
    /// The last ticks; the very last is the current one.
    ticks: [u32; WINDOW],
}

impl Counter {
    pub(super) fn add(&mut self) {
        self.all += 1;
        let [.., now] = &mut self.ticks;
        *now = now.saturating_add(1);
    }

    /// A tenth of a second has passed.
    pub(super) fn tick(&mut self) {
        self.per_second = self.ticks.iter().copied().fold(0, u32::saturating_add);
        self.ticks.rotate_left(1);
        let [.., now] = &mut self.ticks;
        *now = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_topic_is_asked_for_once_until_the_subscriptions_change() {
        let mut remembered = Remembered::default();
        let mut asked = 0;
        let mut find = |remembered: &mut Remembered| {
            let found = remembered.find("a/b", |found| {
                asked += 1;
                found.extend([1, 3]);
            });
            assert_eq!(found, [1, 3]);
            asked
        };
        assert_eq!((find(&mut remembered), find(&mut remembered)), (1, 1));
        remembered.forget();
        assert_eq!(find(&mut remembered), 2);
    }

    #[test]
    fn what_is_remembered_is_bounded_whatever_comes() {
        let mut remembered = Remembered::default();
        for number in 0..100_000 {
            let topic = format!("t/{number}");
            assert_eq!(remembered.find(&topic, |found| found.push(number)), [number]);
        }
        let long = "x".repeat(60_000);
        assert_eq!(remembered.find(&long, |found| found.push(1)), [1]);
        assert_eq!(remembered.find("many", |found| found.extend(0..1_000)).len(), 1_000);
        assert_eq!(remembered.places.len(), PLACES);
        assert!(remembered.places.iter().all(|place| place.topic.capacity() <= LONGEST));
        assert!(remembered.places.iter().all(|place| place.found.capacity() <= MOST));
    }

    #[test]
    fn a_rate_is_of_the_last_second() {
        let mut counter = Counter::default();
        for _ in 0..20 {
            counter.add();
            counter.add();
            counter.tick();
        }
        assert_eq!((counter.all, counter.per_second), (40, 20));
        for _ in 0..10 {
            counter.tick();
        }
        assert_eq!((counter.all, counter.per_second), (40, 0));
    }
}
