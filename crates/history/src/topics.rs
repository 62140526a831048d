//! Topic Names and their numbers, as the writer knows them.
//!
//! A message row holds a number instead of its topic, so the table stays small; the map lives in
//! memory for the writer's lifetime and costs one entry per distinct Topic Name. After a transaction
//! that failed the map is read from the file again, so numbers stay dense.

use std::collections::HashMap;
use std::sync::Arc;

use crate::HistoryError;

/// The intern map: names to numbers, which begin at 1.
#[derive(Default)]
pub(crate) struct Topics {
    numbers: HashMap<Arc<str>, u32>,
    names: Vec<Arc<str>>,
    committed: usize,
}

impl Topics {
    /// The topics of a file, in the order of their numbers from 1.
    pub(crate) fn of(names: Vec<Arc<str>>) -> Self {
        let numbers = names.iter().cloned().zip(1..).collect();
        Self { numbers, committed: names.len(), names }
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
        u32::try_from(self.names.len() + 1)
            .map_err(|_| HistoryError::damaged("there are more topics than numbers for them"))
    }

    /// Gives a new name its number.
    pub(crate) fn learn(&mut self, name: &str, number: u32) {
        let name: Arc<str> = name.into();
        self.numbers.insert(Arc::clone(&name), number);
        self.names.push(name);
    }

    /// The transaction was committed: the names that came with it.
    pub(crate) fn commit(&mut self) -> Vec<Arc<str>> {
        let new = self.names.get(self.committed..).unwrap_or_default().to_vec();
        self.committed = self.names.len();
        new
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn new_names_are_told_once_and_numbered_from_one() {
        let mut topics = Topics::of(vec!["a".into()]);
        assert_eq!(topics.next().unwrap(), 2);
        topics.learn("b", 2);
        assert_eq!((topics.number("a"), topics.number("b")), (Some(1), Some(2)));
        assert_eq!(topics.number("c"), None);
        assert_eq!(topics.commit(), vec![Arc::<str>::from("b")]);
        assert_eq!(topics.commit(), Vec::<Arc<str>>::new());
    }
}
