//! The wanted subscriptions and what the broker said to each.

use mqttscope_model::{FilterState, QoS, Subscription, SubscriptionState};

/// Names one request, so that an answer to an older one changes nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Token(u64);

struct Entry {
    wanted: Subscription,
    answer: FilterState,
    /// What the broker granted on the connection that was lost.
    granted: Option<QoS>,
    asked: Token,
}

/// In the order in which they were added.
pub(super) struct Subscriptions {
    entries: Vec<Entry>,
    /// Ended while there was no connection; a broker that kept the session still has them.
    ended: Vec<String>,
    last: Token,
}

impl Subscriptions {
    pub(super) fn new(saved: &[Subscription]) -> Self {
        let mut subscriptions = Self { entries: Vec::new(), ended: Vec::new(), last: Token(0) };
        subscriptions.add(saved);
        subscriptions
    }

    /// Adds wanted subscriptions, to be made. One that is there gets the new QoS.
    pub(super) fn add(&mut self, wanted: &[Subscription]) {
        for wanted in wanted {
            self.ended.retain(|filter| *filter != wanted.filter);
            match self.entries.iter_mut().find(|entry| entry.wanted.filter == wanted.filter) {
                Some(entry) => {
                    entry.wanted.qos = wanted.qos;
                    entry.answer = FilterState::Waiting;
                    entry.granted = None;
                }
                None => self.entries.push(Entry {
                    wanted: wanted.clone(),
                    answer: FilterState::Waiting,
                    granted: None,
                    asked: Token(0),
                }),
            }
        }
    }

    /// SUBSCRIBE was sent for these.
    pub(super) fn asked(&mut self, wanted: &[Subscription]) -> Token {
        self.last = Token(self.last.0 + 1);
        let last = self.last;
        for entry in &mut self.entries {
            if wanted.iter().any(|wanted| wanted.filter == entry.wanted.filter) {
                entry.asked = last;
                entry.answer = FilterState::Pending;
            }
        }
        last
    }

    /// SUBACK said this of a filter; none where the connection ended before it came.
    pub(super) fn answered(&mut self, token: Token, filter: &str, answer: Option<FilterState>) {
        let mine = |entry: &&mut Entry| entry.asked == token && entry.wanted.filter == filter;
        if let Some(entry) = self.entries.iter_mut().find(mine) {
            entry.answer = answer.unwrap_or(FilterState::Waiting);
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
    /// still pending is sent again by the library where the broker kept the session.
    pub(super) fn due(&mut self, session_present: bool) -> Vec<Subscription> {
        let mut make = Vec::new();
        for entry in &mut self.entries {
            match entry.granted.take() {
                Some(granted) if session_present => entry.answer = FilterState::Granted { granted },
                _ if session_present && entry.answer == FilterState::Pending => {}
                _ => make.push(entry.wanted.clone()),
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
        self.entries.retain(|entry| !filters.contains(&entry.wanted.filter));
        if !connected {
            self.ended.extend(filters.iter().cloned());
        }
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

impl Entry {
    fn state(&self) -> SubscriptionState {
        SubscriptionState::new(self.wanted.clone(), self.answer.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GRANTED: FilterState = FilterState::Granted { granted: QoS::AtLeastOnce };

    fn wanted(filter: &str) -> Subscription {
        Subscription::new(filter, QoS::AtLeastOnce)
    }

    fn granted(filters: &[&str]) -> Subscriptions {
        let wanted: Vec<_> = filters.iter().map(|filter| wanted(filter)).collect();
        let mut subscriptions = Subscriptions::new(&wanted);
        let token = subscriptions.asked(&wanted);
        for filter in filters {
            subscriptions.answered(token, filter, Some(GRANTED));
        }
        subscriptions
    }

    #[test]
    fn a_broker_that_lost_the_session_is_asked_for_all_again() {
        let mut subscriptions = granted(&["a", "b"]);
        subscriptions.lost();
        assert_eq!(subscriptions.states()[0].answer, FilterState::Waiting);
        assert_eq!(subscriptions.due(false), [wanted("a"), wanted("b")]);
    }

    #[test]
    fn a_broker_that_kept_the_session_is_asked_for_what_is_new_only() {
        let mut subscriptions = granted(&["a", "b"]);
        subscriptions.lost();
        subscriptions.add(&[wanted("c")]);
        subscriptions.remove(&["b".to_owned()], false);
        assert_eq!(subscriptions.due(true), [wanted("c")]);
        assert_eq!(subscriptions.due_ends(true), ["b"]);
        assert_eq!(subscriptions.states()[0].answer, GRANTED);
    }

    #[test]
    fn an_answer_to_an_older_request_changes_nothing() {
        let mut subscriptions = Subscriptions::new(&[wanted("a")]);
        let old = subscriptions.asked(&[wanted("a")]);
        let new = subscriptions.asked(&[wanted("a")]);
        subscriptions.answered(old, "a", None);
        assert_eq!(subscriptions.states()[0].answer, FilterState::Pending);
        subscriptions.answered(new, "a", Some(GRANTED));
        assert_eq!(subscriptions.states()[0].answer, GRANTED);
    }
}
