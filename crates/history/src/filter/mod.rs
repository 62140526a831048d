//! A view's conditions, compiled once: first what the index knows, then what only the file knows.
//!
//! A scan asks the cheap half of every row and the dear half of those that are left, so a filter on topics never
//! reads the file. Topics are judged once each and when they are first met, because there may be millions of
//! them. The index has times to the millisecond only, so a row that is one too early may pass; none is missed.

mod chain;
mod content;
mod error;

use std::sync::Arc;

use mqttscope_model::{Direction, FindRequest, PayloadTest, ViewFilter, topic};

pub(crate) use content::Content;
pub use error::FilterError;

use crate::flags::Flags;

/// What the index can answer.
#[derive(Debug)]
pub(crate) struct Cheap {
    topics: Option<Topics>,
    /// A bit for each combination of flags, set where it passes.
    flags: u32,
    from_ms: i64,
    until_ms: i64,
    sizes: (u32, u32),
}

/// A filter that can be asked.
#[derive(Debug)]
pub(crate) struct Compiled {
    pub(crate) cheap: Cheap,
    /// None where the index alone answers.
    pub(crate) content: Option<Content>,
    /// What is looked for among what passes.
    pub(crate) needle: Option<Needle>,
}

/// What is looked for in a payload, or in a Topic Name.
#[derive(Debug)]
pub(crate) struct Needle {
    content: Content,
    pub(crate) topics: bool,
}

impl Needle {
    pub(crate) fn is_in_topic(&self, topic: &str) -> bool {
        self.topics && self.content.passes(topic.as_bytes(), &[])
    }

    /// Whether it may be in a payload that lies somewhere in these bytes.
    pub(crate) fn may_be_in(&self, bytes: &[u8]) -> bool {
        self.content.may_be_in(bytes)
    }

    pub(crate) fn is_in_payload(&self, payload: &[u8]) -> bool {
        self.content.passes(payload, &[])
    }
}

impl Compiled {
    /// # Errors
    /// A Topic Filter, an expression or a path that is not valid.
    pub(crate) fn new(filter: &ViewFilter) -> Result<Self, FilterError> {
        for pattern in filter.topics.iter().chain(&filter.without_topics) {
            topic::check_filter(pattern)
                .map_err(|rule| FilterError::TopicFilter { filter: pattern.clone(), rule })?;
        }
        let listed = !filter.topics.is_empty() || !filter.without_topics.is_empty();
        let cheap = Cheap {
            topics: listed.then(|| Topics {
                with: filter.topics.clone(),
                without: filter.without_topics.clone(),
                judged: Vec::new(),
                reassigned: 0,
            }),
            flags: flags(filter),
            from_ms: filter.from_us.map_or(i64::MIN, |us| us.div_euclid(1_000) - 1),
            until_ms: filter.until_us.map_or(i64::MAX, |us| us.div_euclid(1_000)),
            sizes: (filter.min_size.unwrap_or(0), filter.max_size.unwrap_or(u32::MAX)),
        };
        let content = (!filter.needs_no_content()).then(|| Content::new(filter)).transpose()?;
        Ok(Self { cheap, content, needle: None })
    }

    /// The conditions of a view and what is looked for in it.
    ///
    /// # Errors
    /// As [`Compiled::new`].
    pub(crate) fn finding(filter: &ViewFilter, request: &FindRequest) -> Result<Self, FilterError> {
        let wanted = ViewFilter { payload: vec![request.test.clone()], ..ViewFilter::default() };
        let topics = request.topics && !matches!(request.test, PayloadTest::Json { .. });
        let needle = Some(Needle { content: Content::new(&wanted)?, topics });
        Ok(Self { needle, ..Self::new(filter)? })
    }

    /// Whether the messages themselves must be read.
    pub(crate) fn reads_messages(&self) -> bool {
        self.content.is_some() || self.needle.is_some()
    }
}

impl Cheap {
    /// Whether every row passes.
    pub(crate) fn lets_all_through(&self) -> bool {
        self.topics.is_none()
            && self.flags == flags(&ViewFilter::default())
            && (self.from_ms, self.until_ms) == (i64::MIN, i64::MAX)
            && self.sizes == (0, u32::MAX)
    }

    /// Forgets what is known of topics where numbers were given to others meanwhile.
    pub(crate) fn renew(&mut self, reassigned: u64) {
        if let Some(topics) = self.topics.as_mut().filter(|topics| topics.reassigned != reassigned)
        {
            topics.judged.clear();
            topics.reassigned = reassigned;
        }
    }

    /// Whether no row of these times can pass; both in milliseconds since the Unix epoch.
    pub(crate) fn misses(&self, first_ms: i64, last_ms: i64) -> bool {
        last_ms < self.from_ms || first_ms >= self.until_ms
    }

    /// Whether a row passes. `topic` is its topic's number, from 1, in `names`.
    pub(crate) fn passes(
        &mut self,
        time_ms: i64,
        topic: u32,
        length: u32,
        flags: Flags,
        names: &[Arc<str>],
    ) -> bool {
        self.flags & (1 << flags.bits()) != 0
            && (self.sizes.0..=self.sizes.1).contains(&length)
            && (self.from_ms..self.until_ms).contains(&time_ms)
            && self.topics.as_mut().is_none_or(|topics| topics.pass(topic, names))
    }
}

fn flags(filter: &ViewFilter) -> u32 {
    let passes = |flags: Flags| {
        filter.direction.is_none_or(|wanted: Direction| flags.direction() == wanted)
            && (filter.qos.is_empty() || filter.qos.contains(&flags.qos()))
            && filter.retain.is_none_or(|wanted| flags.retain() == wanted)
            && filter.dup.is_none_or(|wanted| flags.dup() == wanted)
    };
    let all = (0..u32::BITS).filter_map(|bits| Flags::from_bits(bits.into()));
    all.filter(|flags| passes(*flags)).fold(0, |set, flags| set | 1 << flags.bits())
}

/// Conditions on topics, and what is known of each topic so far.
#[derive(Debug)]
struct Topics {
    with: Vec<String>,
    without: Vec<String>,
    judged: Vec<Judged>,
    /// How often a number had been given to another topic when they were judged.
    reassigned: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Judged {
    NotYet,
    Passes,
    Fails,
}

impl Topics {
    fn pass(&mut self, number: u32, names: &[Arc<str>]) -> bool {
        let Some(at) = (number as usize).checked_sub(1) else { return false };
        if at >= self.judged.len() {
            self.judged.resize(names.len().max(at + 1), Judged::NotYet);
        }
        let known = self.judged.get(at).copied().unwrap_or(Judged::NotYet);
        if known != Judged::NotYet {
            return known == Judged::Passes;
        }
        let Some(name) = names.get(at) else { return false };
        let passes = self.judge(name);
        if let Some(judged) = self.judged.get_mut(at) {
            *judged = if passes { Judged::Passes } else { Judged::Fails };
        }
        passes
    }

    fn judge(&self, name: &str) -> bool {
        let any = |filters: &[String]| filters.iter().any(|filter| topic::matches(filter, name));
        (self.with.is_empty() || any(&self.with)) && !any(&self.without)
    }
}

#[cfg(test)]
mod tests {
    use mqttscope_model::QoS;

    use super::*;

    fn flags_of(sent: bool, qos: u8, retain: bool, dup: bool) -> Flags {
        let bits =
            i64::from(sent) | i64::from(qos) << 1 | i64::from(retain) << 3 | i64::from(dup) << 4;
        Flags::from_bits(bits).unwrap()
    }

    #[test]
    fn every_condition_of_the_index_is_held() {
        let names: Vec<Arc<str>> = ["plant/a/t", "plant/b/t", "$SYS/load"].map(Into::into).into();
        let row = |filter: &ViewFilter, topic: u32, flags: Flags, time_ms: i64, length: u32| {
            let mut cheap = Compiled::new(filter).unwrap().cheap;
            cheap.passes(time_ms, topic, length, flags, &names)
        };
        let plain = flags_of(false, 0, false, false);
        let all = ViewFilter::default();
        assert!((1..=3).all(|topic| row(&all, topic, plain, 5, 10)));
        let plant = ViewFilter { topics: vec!["plant/+/t".to_owned()], ..all.clone() };
        assert!(row(&plant, 1, plain, 5, 10) && !row(&plant, 3, plain, 5, 10));
        let but = ViewFilter { without_topics: vec!["plant/a/#".to_owned()], ..plant };
        assert!(!row(&but, 1, plain, 5, 10) && row(&but, 2, plain, 5, 10));
        let sent = ViewFilter { direction: Some(Direction::Sent), ..all.clone() };
        assert!(
            row(&sent, 1, flags_of(true, 2, true, true), 5, 10) && !row(&sent, 1, plain, 5, 10)
        );
        let qos = ViewFilter { qos: vec![QoS::AtLeastOnce, QoS::ExactlyOnce], ..all.clone() };
        assert!(
            row(&qos, 1, flags_of(false, 1, false, false), 5, 10) && !row(&qos, 1, plain, 5, 10)
        );
        let fresh = ViewFilter { retain: Some(false), dup: Some(false), ..all.clone() };
        assert!(row(&fresh, 1, plain, 5, 10));
        assert!(!row(&fresh, 1, flags_of(false, 0, true, false), 5, 10));
        assert!(!row(&fresh, 1, flags_of(false, 1, false, true), 5, 10));
        let times = ViewFilter { from_us: Some(5_999), until_us: Some(9_000), ..all.clone() };
        let seen = [3, 5, 8, 9].map(|ms| row(&times, 1, plain, ms, 10));
        assert_eq!(seen, [false, true, true, false]);
        let sizes = ViewFilter { min_size: Some(2), max_size: Some(4), ..all };
        assert_eq!(
            [1, 2, 4, 5].map(|size| row(&sizes, 1, plain, 5, size)),
            [false, true, true, false]
        );
    }

    #[test]
    fn a_topic_that_comes_later_is_judged_when_it_comes() {
        let filter = ViewFilter { topics: vec!["b".to_owned()], ..ViewFilter::default() };
        let mut cheap = Compiled::new(&filter).unwrap().cheap;
        let plain = flags_of(false, 0, false, false);
        let mut names: Vec<Arc<str>> = vec!["a".into()];
        assert!(!cheap.passes(0, 1, 0, plain, &names));
        names.push("b".into());
        assert!(cheap.passes(0, 2, 0, plain, &names));
        assert!(!cheap.passes(0, 1, 0, plain, &names));
    }

    #[test]
    fn what_cannot_be_compiled_says_what_it_is() {
        let topics = ViewFilter { topics: vec!["a/#/b".to_owned()], ..ViewFilter::default() };
        assert!(matches!(Compiled::new(&topics), Err(FilterError::TopicFilter { .. })));
    }
}
