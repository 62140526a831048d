//! The wanted subscriptions, what the broker said to each, and what came through them.

use mqttscope_model::{FilterState, QoS, ReasonCode, Subscription, SubscriptionState};

use super::counting::{Counter, Remembered};

/// Up to so many filters are matched each time; with more, topics are remembered.
const FEW: usize = 2;

/// Names one request, so that an answer to an older one changes nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Token(u64);

struct Entry {
    wanted: Subscription,
    answer: FilterState,
    /// The broker's words in its last SUBACK.
    reason_string: Option<String>,
    /// What the broker granted on the connection that was lost.
    granted: Option<QoS>,
    asked: Token,
    received: Counter,
}

/// What must be told to the broker after a change.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Changes {
    /// To be subscribed to.
    pub(super) make: Vec<Subscription>,
    /// To be unsubscribed from.
    pub(super) end: Vec<String>,
}

/// In the order in which they were added.
pub(super) struct Subscriptions {
    entries: Vec<Entry>,
    /// Ended while there was no connection; a broker that kept the session still has them.
    ended: Vec<String>,
    last: Token,
    remembered: Remembered,
}

impl Subscriptions {
    pub(super) fn new(saved: &[Subscription]) -> Self {
        let mut subscriptions = Self {
            entries: Vec::new(),
            ended: Vec::new(),
            last: Token(0),
            remembered: Remembered::default(),
        };
        subscriptions.add(saved, None);
        subscriptions
    }

    /// Adds wanted subscriptions or changes them. The first takes the place of `instead_of`, which is ended.
    pub(super) fn add(&mut self, wanted: &[Subscription], instead_of: Option<&str>) -> Changes {
        self.remembered.forget();
        let mut changes = Changes::default();
        if let (Some(old), Some(first)) = (instead_of, wanted.first())
            && old != first.filter
        {
            self.rename(old, first, &mut changes);
        }
        for wanted in wanted {
            match self.entries.iter_mut().find(|entry| entry.wanted.filter == wanted.filter) {
                Some(entry) => entry.change(wanted, &mut changes),
                None => {
                    let entry = Entry::new(wanted);
                    changes.make.extend(entry.is_on().then(|| wanted.clone()));
                    self.entries.push(entry);
                }
            }
        }
        self.ended.retain(|ended| !changes.make.iter().any(|made| made.filter == *ended));
        changes
    }

    /// Puts a new entry in the place of an old one, whose filter is to be ended.
    fn rename(&mut self, old: &str, wanted: &Subscription, changes: &mut Changes) {
        let Some(at) = self.entries.iter().position(|entry| entry.wanted.filter == old) else {
            return;
        };
        let is_known = self.entries.iter().any(|entry| entry.wanted.filter == wanted.filter);
        if let Some(entry) = self.entries.get_mut(at) {
            changes.end.extend(entry.is_at_the_broker().then(|| old.to_owned()));
            // Off, so that the change that follows makes it.
            *entry = Entry { answer: FilterState::Off, ..Entry::new(wanted) };
        }
        if is_known {
            self.entries.remove(at);
        }
    }

    /// Filters that could not be ended because there is no connection.
    pub(super) fn end_later(&mut self, filters: Vec<String>) {
        self.ended.extend(filters);
    }

    /// SUBSCRIBE was sent for these.
    pub(super) fn asked(&mut self, wanted: &[Subscription]) -> Token {
        self.last = Token(self.last.0 + 1);
        let last = self.last;
        for entry in &mut self.entries {
            if wanted.iter().any(|wanted| wanted.filter == entry.wanted.filter) {
                entry.asked = last;
                entry.answer = FilterState::Pending;
                entry.reason_string = None;
            }
        }
        last
    }

    /// SUBACK said this of a filter; none where the connection ended before it came.
    pub(super) fn answered(
        &mut self,
        token: Token,
        filter: &str,
        answer: Option<(FilterState, Option<String>)>,
    ) {
        self.remembered.forget();
        let mine = |entry: &&mut Entry| entry.asked == token && entry.wanted.filter == filter;
        if let Some(entry) = self.entries.iter_mut().find(mine)
            && entry.answer == FilterState::Pending
        {
            (entry.answer, entry.reason_string) = answer.unwrap_or((FilterState::Waiting, None));
        }
    }

    /// The connection is gone.
    pub(super) fn lost(&mut self) {
        for entry in &mut self.entries {
            if let FilterState::Granted { granted } = entry.answer {
                entry.granted = Some(granted);
                entry.answer = FilterState::Waiting;
            }
        }
    }

    /// A connection is there. What must be subscribed to now: all, or only what the broker does not keep. A request that is
    /// still pending is sent again by the library where the broker kept the session. `refusal` tells what need not be asked.
    pub(super) fn due(
        &mut self,
        session_present: bool,
        refusal: impl Fn(&Subscription) -> Option<ReasonCode>,
    ) -> Vec<Subscription> {
        self.remembered.forget();
        let mut make = Vec::new();
        for entry in self.entries.iter_mut().filter(|entry| entry.is_on()) {
            match entry.granted.take() {
                Some(granted) if session_present => entry.answer = FilterState::Granted { granted },
                _ if session_present && entry.answer == FilterState::Pending => {}
                _ => match refusal(&entry.wanted) {
                    Some(reason) => entry.answer = FilterState::Refused { reason },
                    None => make.push(entry.wanted.clone()),
                },
            }
        }
        make
    }

    /// What must be unsubscribed from now, because the broker kept the session.
    pub(super) fn due_ends(&mut self, session_present: bool) -> Vec<String> {
        let ended = std::mem::take(&mut self.ended);
        if session_present { ended } else { Vec::new() }
    }

    /// Forgets subscriptions. Without a connection the broker is told with the next one.
    pub(super) fn remove(&mut self, filters: &[String], connected: bool) {
        self.remembered.forget();
        self.entries.retain(|entry| !filters.contains(&entry.wanted.filter));
        if !connected {
            self.ended.extend(filters.iter().cloned());
        }
    }

    /// A message came on `topic`. `identifiers` as in [`Subscription::brought`].
    pub(super) fn count(&mut self, topic: &str, identifiers: Option<&[u32]>) {
        let entries = &mut self.entries;
        // What names its subscriptions is matched with those alone.
        if entries.len() <= FEW || identifiers.is_some_and(|named| !named.is_empty()) {
            if !count_each(entries, topic, identifiers) && identifiers.is_some() {
                count_each(entries, topic, None);
            }
            return;
        }
        let found = self.remembered.find(topic, |found| {
            find_each(entries, topic, identifiers, found);
            if found.is_empty() && identifiers.is_some() {
                find_each(entries, topic, None, found);
            }
        });
        for at in found {
            if let Some(entry) = entries.get_mut(*at) {
                entry.received.add();
            }
        }
    }

    /// A tenth of a second has passed: puts the counters into what the window sees. Whether one of them changed.
    pub(super) fn tick(&mut self, shown: &mut [SubscriptionState]) -> bool {
        let mut changed = false;
        for (entry, shown) in self.entries.iter_mut().zip(shown) {
            entry.received.tick();
            let now = (entry.received.all, entry.received.per_second);
            changed |= (shown.received, shown.received_per_second) != now;
            (shown.received, shown.received_per_second) = now;
        }
        changed
    }

    /// As the window sees them.
    pub(super) fn states(&self) -> Vec<SubscriptionState> {
        self.entries.iter().map(Entry::state).collect()
    }

    /// As the window sees these.
    pub(super) fn states_of(&self, wanted: &[Subscription]) -> Vec<SubscriptionState> {
        let listed = |entry: &&Entry| wanted.iter().any(|w| w.filter == entry.wanted.filter);
        self.entries.iter().filter(listed).map(Entry::state).collect()
    }
}

/// Counts for each that brought a message, and whether there was one.
fn count_each(entries: &mut [Entry], topic: &str, identifiers: Option<&[u32]>) -> bool {
    let mut any = false;
    for entry in entries.iter_mut().filter(|entry| entry.brought(topic, identifiers)) {
        entry.received.add();
        any = true;
    }
    any
}

fn find_each(entries: &[Entry], topic: &str, identifiers: Option<&[u32]>, found: &mut Vec<usize>) {
    let brought = |(_, entry): &(usize, &Entry)| entry.brought(topic, identifiers);
    found.extend(entries.iter().enumerate().filter(brought).map(|(at, _)| at));
}

impl Entry {
    fn new(wanted: &Subscription) -> Self {
        let answer = if wanted.enabled { FilterState::Waiting } else { FilterState::Off };
        Self {
            wanted: wanted.clone(),
            answer,
            reason_string: None,
            granted: None,
            asked: Token(0),
            received: Counter::default(),
        }
    }

    /// Takes new options. What the broker was not asked about is no reason to ask it.
    fn change(&mut self, wanted: &Subscription, changes: &mut Changes) {
        let before = std::mem::replace(&mut self.wanted, wanted.clone());
        if !wanted.enabled {
            changes.end.extend(self.is_at_the_broker().then(|| wanted.filter.clone()));
            (self.answer, self.granted, self.reason_string) = (FilterState::Off, None, None);
            return;
        }
        let looks_only = before != *wanted && before.is_same_request(wanted);
        if looks_only && self.is_at_the_broker() {
            return;
        }
        (self.answer, self.granted) = (FilterState::Waiting, None);
        changes.make.push(wanted.clone());
    }

    fn is_on(&self) -> bool {
        self.answer != FilterState::Off
    }

    /// Whether the broker may have it, on this connection or in a session that it kept.
    fn is_at_the_broker(&self) -> bool {
        !matches!(self.answer, FilterState::Off | FilterState::Refused { .. })
    }

    fn brought(&self, topic: &str, identifiers: Option<&[u32]>) -> bool {
        self.is_at_the_broker() && self.wanted.brought(topic, identifiers)
    }

    fn state(&self) -> SubscriptionState {
        SubscriptionState {
            reason_string: self.reason_string.clone(),
            received: self.received.all,
            received_per_second: self.received.per_second,
            ..SubscriptionState::new(self.wanted.clone(), self.answer.clone())
        }
    }
}

#[cfg(test)]
#[path = "subscriptions/tests.rs"]
mod tests;
