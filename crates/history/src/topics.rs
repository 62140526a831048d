//! Topic Names and their numbers, as the writer knows them.
//!
//! A message row holds a number instead of its topic, so the table stays small; the map lives in
//! memory for the writer's lifetime and costs one entry per Topic Name of which messages are left. After a
//! transaction that failed the map is read from the file again. A number that no message has any more is given to
//! the next new topic, so that numbers stay few; the price is that they say nothing about age.

use std::collections::HashMap;
use std::sync::Arc;

use crate::HistoryError;

/// The intern map: names to numbers, which begin at 1.
#[derive(Default)]
pub(crate) struct Topics {
    numbers: HashMap<Arc<str>, u32>,
    names: Vec<Option<Arc<str>>>,
    vacant: Vec<u32>,
    /// Learned since the last commit.
    new: Vec<u32>,
}

impl Topics {
    /// The topics of a file by their numbers from 1.
    pub(crate) fn of(names: Vec<Option<Arc<str>>>) -> Self {
        let mut topics = Self::default();
        for (name, number) in names.iter().zip(1..) {
            match name {
                Some(name) => drop(topics.numbers.insert(Arc::clone(name), number)),
                None => topics.vacant.push(number),
            }
        }
        Self { names, ..topics }
    }

    /// The same, all of which are told with the next commit: who follows may not know them.
    pub(crate) fn anew(names: Vec<Option<Arc<str>>>) -> Self {
        let mut topics = Self::of(names);
        topics.new = topics.numbers.values().copied().collect();
        topics
    }

    /// The number of a name that is known.
    pub(crate) fn number(&self, name: &str) -> Option<u32> {
        self.numbers.get(name).copied()
    }

    /// The number that a new name will have once `learn` is called.
    ///
    /// # Errors
    /// [`HistoryError::Damaged`] after four milliards of topics.
    pub(crate) fn next(&self) -> Result<u32, HistoryError> {
        match self.vacant.last() {
            Some(number) => Ok(*number),
            None => u32::try_from(self.names.len() + 1)
                .map_err(|_| HistoryError::damaged("there are more topics than numbers for them")),
        }
    }

    /// Gives a new name its number.
    pub(crate) fn learn(&mut self, name: &str, number: u32) {
        let name: Arc<str> = name.into();
        self.numbers.insert(Arc::clone(&name), number);
        if self.vacant.last() == Some(&number) {
            self.vacant.pop();
        }
        match self.names.get_mut((number as usize).saturating_sub(1)) {
            Some(slot) => *slot = Some(name),
            None => self.names.push(Some(name)),
        }
        self.new.push(number);
    }

    /// Takes its number from a name. False where the number is nobody's.
    pub(crate) fn forget(&mut self, number: u32) -> bool {
        let at = (number as usize).saturating_sub(1);
        let Some(name) = self.names.get_mut(at).and_then(Option::take) else { return false };
        self.numbers.remove(&name);
        self.vacant.push(number);
        true
    }

    /// The transaction was committed: the names that came with it.
    pub(crate) fn commit(&mut self) -> Vec<(u32, Arc<str>)> {
        let new = std::mem::take(&mut self.new);
        let name = |number: u32| self.names.get(number as usize - 1)?.clone();
        new.into_iter().filter_map(|number| Some((number, name(number)?))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn new_names_are_told_once_and_numbered_from_one() {
        let mut topics = Topics::of(vec![Some("a".into())]);
        assert_eq!(topics.next().unwrap(), 2);
        topics.learn("b", 2);
        assert_eq!((topics.number("a"), topics.number("b")), (Some(1), Some(2)));
        assert_eq!(topics.number("c"), None);
        assert_eq!(topics.commit(), vec![(2, Arc::<str>::from("b"))]);
        assert_eq!(topics.commit(), vec![]);
    }

    #[test]
    fn a_number_that_is_nobodys_is_given_again() {
        let mut topics = Topics::of(vec![Some("a".into()), None, Some("c".into())]);
        assert_eq!(topics.next().unwrap(), 2);
        topics.learn("b", 2);
        assert_eq!(topics.next().unwrap(), 4);
        assert!(topics.forget(1) && !topics.forget(1) && !topics.forget(9));
        assert_eq!(topics.number("a"), None);
        topics.learn("d", topics.next().unwrap());
        assert_eq!(topics.number("d"), Some(1));
        let told: Vec<_> = topics.commit().into_iter().map(|(number, _)| number).collect();
        assert_eq!(told, [2, 1]);
    }
}
