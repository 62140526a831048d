//! Which message of one side is which of the other: the rule, without files, threads or clocks.
//!
//! Messages are fed in the order of their times, both sides together, and time is said to have passed. A message has
//! three chances, each after the one before cannot bring anything any more:
//!
//! 1. Within `late` of its time it takes its like (same Topic Name and payload) that lies at most `late` away.
//! 2. After that it takes a like at most `wait` away, that also found none in time: one of them is late. It is not
//!    taken at once, so that a value that is sent again and again and is lost once does not make every later one the
//!    late like of the one before.
//! 3. `2 × wait + late` after its time, when every message that may lie within `wait` of it has had its own first
//!    two chances, it takes one of the same topic that is as lonely: the payloads differ. Without one it is missing there.
//!
//! Of several the oldest is taken, each time. The verdicts follow from the messages and their times alone, not from when
//! they were fed, as long as they come in order; swapping the sides mirrors them.
//!
//! A message may come out of order: a clock was set back, or a history cleared and filled with older messages. Its chances
//! then count from the time that had passed when it came, so it waits as long as any other; whether it is near
//! its like is still told by both their times. What waits costs about 200 bytes; where more than the limit waits, the
//! oldest are decided early with what has come by then.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use mqttscope_model::MessageId;

/// The first or the second of two histories.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Side {
    Left,
    Right,
}

impl Side {
    pub(super) fn other(self) -> Self {
        match self {
            Self::Left => Self::Right,
            Self::Right => Self::Left,
        }
    }
}

/// How long what is waited for, in microseconds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Patience {
    pub(super) late_us: i64,
    /// At least as long.
    pub(super) wait_us: i64,
}

/// What of a message matters here.
#[derive(Clone, Debug)]
pub(super) struct Message {
    pub(super) id: MessageId,
    pub(super) time_us: i64,
    pub(super) topic: Arc<str>,
    /// Equal where Topic Name and payload are.
    pub(super) content: u128,
    /// Equal where the properties are that are compared.
    pub(super) properties: u64,
}

/// Names a row, and is its place among all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct RowKey {
    pub(super) time_us: i64,
    pub(super) number: u64,
}

/// How two messages compare that were paired.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Same,
    Late,
    /// The payloads differ.
    Payload,
    /// Only the properties differ.
    Properties,
}

/// What becomes of the rows.
#[derive(Clone, Debug)]
pub(super) enum Change {
    /// A message waits in a row of its own.
    Begun { row: RowKey, side: Side, message: Message },
    /// A message was paired at once with the one that waits in `row`, of the other side.
    Joined { row: RowKey, side: Side, message: Message, verdict: Verdict },
    /// The messages of two rows, of different sides, are a pair.
    Merged { one: RowKey, other: RowKey, verdict: Verdict },
    /// The message of this row has no like.
    Missing { row: RowKey },
}

/// A message that has no like yet.
#[derive(Clone, Debug)]
struct Waiting {
    side: Side,
    message: Message,
    /// Its chances count from here: its time, or when it came.
    since_us: i64,
    row: RowKey,
}

/// Those that have the same chance. Their numbers rise with `since_us`, so the first is always the next to lose it.
#[derive(Debug, Default)]
struct Stage {
    all: BTreeMap<u64, Waiting>,
    likes: BTreeSet<(u128, Side, u64)>,
}

/// The messages that wait, and the time that has passed.
#[derive(Debug)]
pub(super) struct Pairing {
    patience: Patience,
    /// How many may wait.
    limit: usize,
    now_us: i64,
    last: u64,
    /// May find a like in time.
    prompt: Stage,
    /// May find one late, then one of the same topic.
    overdue: Stage,
    topics: BTreeSet<(Arc<str>, Side, u64)>,
}

impl Pairing {
    pub(super) fn new(patience: Patience, limit: usize) -> Self {
        Self {
            patience,
            limit,
            now_us: i64::MIN,
            last: 0,
            prompt: Stage::default(),
            overdue: Stage::default(),
            topics: BTreeSet::new(),
        }
    }

    /// A message came. All that came before and all that is older on either side should have been fed.
    pub(super) fn feed(&mut self, side: Side, message: Message, changes: &mut Vec<Change>) {
        while self.next_due_us().is_some_and(|due| due < message.time_us) {
            self.decide_next(changes);
        }
        self.now_us = self.now_us.max(message.time_us);
        let like = self.prompt.oldest_like(message.content, side.other());
        let like = like.and_then(|number| {
            let apart = apart(&self.prompt.all.get(&number)?.message, &message);
            (apart <= self.patience.late_us).then(|| self.prompt.take(number))?
        });
        if let Some(like) = like {
            let verdict = self.verdict(&like.message, &message);
            changes.push(Change::Joined { row: like.row, side, message, verdict });
            return;
        }
        self.last += 1;
        let row = RowKey { time_us: message.time_us, number: self.last };
        changes.push(Change::Begun { row, side, message: message.clone() });
        self.prompt.add(Waiting { side, message, since_us: self.now_us, row });
        while self.prompt.all.len() + self.overdue.all.len() > self.limit {
            if self.overdue.all.is_empty() {
                self.end_prompt(changes);
            } else {
                self.end_overdue(changes);
            }
        }
    }

    /// All messages up to a time, this included, have been fed.
    pub(super) fn pass(&mut self, time_us: i64, changes: &mut Vec<Change>) {
        while self.next_due_us().is_some_and(|due| due <= time_us) {
            self.decide_next(changes);
        }
        self.now_us = self.now_us.max(time_us);
    }

    /// The time whose passing decides something; none where nothing waits.
    pub(super) fn next_due_us(&self) -> Option<i64> {
        match (self.prompt_due_us(), self.overdue_due_us()) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        }
    }

    fn prompt_due_us(&self) -> Option<i64> {
        Some(self.prompt.oldest()?.since_us.saturating_add(self.patience.late_us))
    }

    fn overdue_due_us(&self) -> Option<i64> {
        let Patience { late_us, wait_us } = self.patience;
        Some(self.overdue.oldest()?.since_us.saturating_add(2 * wait_us + late_us))
    }

    fn decide_next(&mut self, changes: &mut Vec<Change>) {
        let (prompt, overdue) = (self.prompt_due_us(), self.overdue_due_us());
        // A late like that is found at the same moment goes before a pair of lonely ones.
        if prompt.is_some_and(|prompt| overdue.is_none_or(|overdue| prompt <= overdue)) {
            self.end_prompt(changes);
        } else {
            self.end_overdue(changes);
        }
    }

    /// The oldest has found no like in time; now one may be late.
    fn end_prompt(&mut self, changes: &mut Vec<Change>) {
        let Some(waiting) = self.prompt.take_oldest() else { return };
        if let Some(like) = self.late_like(&waiting) {
            self.topics.remove(&topic_of(&like));
            self.merge(&like, &waiting, changes);
        } else {
            self.topics.insert(topic_of(&waiting));
            self.overdue.add(waiting);
        }
    }

    fn late_like(&mut self, of: &Waiting) -> Option<Waiting> {
        let wait_us = self.patience.wait_us;
        loop {
            let number = self.overdue.oldest_like(of.message.content, of.side.other())?;
            let like = self.overdue.all.get(&number)?;
            if apart(&like.message, &of.message) <= wait_us {
                return self.overdue.take(number);
            }
            if like.since_us.saturating_add(wait_us) >= of.since_us {
                return None;
            }
            // Nothing that comes will be near enough; without this, each of many like it would be looked at again.
            self.overdue.likes.remove(&(of.message.content, of.side.other(), number));
        }
    }

    /// The oldest has no like; now one of the same topic may differ.
    fn end_overdue(&mut self, changes: &mut Vec<Change>) {
        let Some(waiting) = self.overdue.take_oldest() else { return };
        let (topic, side, _) = topic_of(&waiting);
        self.topics.remove(&topic_of(&waiting));
        let others = (Arc::clone(&topic), side.other(), 0)..=(topic, side.other(), u64::MAX);
        let lonely = self.topics.range(others).next().map(|(_, _, number)| *number);
        let lonely = lonely.and_then(|number| {
            let apart = apart(&self.overdue.all.get(&number)?.message, &waiting.message);
            (apart <= self.patience.wait_us).then(|| self.overdue.take(number))?
        });
        match lonely {
            Some(lonely) => {
                self.topics.remove(&topic_of(&lonely));
                self.merge(&waiting, &lonely, changes);
            }
            None => changes.push(Change::Missing { row: waiting.row }),
        }
    }

    fn merge(&self, one: &Waiting, other: &Waiting, changes: &mut Vec<Change>) {
        let verdict = self.verdict(&one.message, &other.message);
        changes.push(Change::Merged { one: one.row, other: other.row, verdict });
    }

    fn verdict(&self, one: &Message, other: &Message) -> Verdict {
        if one.content != other.content {
            Verdict::Payload
        } else if one.properties != other.properties {
            Verdict::Properties
        } else if apart(one, other) > self.patience.late_us {
            Verdict::Late
        } else {
            Verdict::Same
        }
    }
}

impl Stage {
    fn add(&mut self, waiting: Waiting) {
        self.likes.insert((waiting.message.content, waiting.side, waiting.row.number));
        self.all.insert(waiting.row.number, waiting);
    }

    fn oldest(&self) -> Option<&Waiting> {
        self.all.first_key_value().map(|(_, waiting)| waiting)
    }

    fn take_oldest(&mut self) -> Option<Waiting> {
        self.take(*self.all.first_key_value()?.0)
    }

    fn take(&mut self, number: u64) -> Option<Waiting> {
        let waiting = self.all.remove(&number)?;
        self.likes.remove(&(waiting.message.content, waiting.side, number));
        Some(waiting)
    }

    fn oldest_like(&self, content: u128, side: Side) -> Option<u64> {
        let likes = self.likes.range((content, side, 0)..=(content, side, u64::MAX));
        likes.map(|(_, _, number)| *number).next()
    }
}

fn topic_of(waiting: &Waiting) -> (Arc<str>, Side, u64) {
    (Arc::clone(&waiting.message.topic), waiting.side, waiting.row.number)
}

fn apart(one: &Message, other: &Message) -> i64 {
    one.time_us.saturating_sub(other.time_us).saturating_abs()
}

#[cfg(test)]
mod tests;
