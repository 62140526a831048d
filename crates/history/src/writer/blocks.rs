//! The index at the beginning and at the end of the writer's work: read before it writes anything, stored before it ends.

use std::time::{Duration, Instant};

use super::Writer;
use crate::HistoryError;
use crate::inbox::Patience;
use crate::load::{self, Known, Rows};

/// Closing takes this much longer at most for the sake of the next opening.
const LONGEST: Duration = Duration::from_millis(300);

impl Writer {
    /// Makes the index whole, before anything is written.
    ///
    /// # Errors
    /// What the file does not let be read.
    pub(super) fn take_over(&mut self, rows: Rows) -> Result<(), HistoryError> {
        let topics = match rows {
            Rows::Known(known) => known.topics,
            Rows::Stored(directory) => {
                self.shared.let_the_first_page_go_first();
                let Known { index, topics } = load::known(self.store()?.connection(), &directory)?;
                *self.shared.index_mut() = index;
                topics
            }
        };
        self.store()?.know(topics);
        self.shared.set_whole();
        self.orphans = self.shared.index().orphans();
        Ok(())
    }

    /// The file cannot be read: nothing is written to it, and the next opening looks at all of it.
    pub(super) fn give_up(&mut self, error: HistoryError) -> HistoryError {
        self.stumble(&error);
        self.shared.inbox.close();
        let _nobody_is_answered = self.shared.inbox.take(&mut self.backlog, Patience::None);
        self.distrust();
        let messages = self.backlog.messages.len() as u64;
        HistoryError::NotFlushed { messages, cause: Box::new(error) }
    }

    /// Stores what of the index is not stored, the newest first and as much as there is time for. Nobody needs to know
    /// where it cannot: the next opening then takes a little longer.
    pub(super) fn store_blocks(&mut self) {
        if self.met_damage || self.shared.readers.met_damage() {
            return self.distrust();
        }
        let began = Instant::now();
        while began.elapsed() < LONGEST {
            let Some(store) = self.store.as_ref().filter(|store| store.may_store_blocks()) else {
                return;
            };
            let Some(block) = self.shared.index().any_unstored() else { return };
            if let Err(error) = store.store_block(&block) {
                tracing::debug!(%error, "a block of the index was not stored");
                return;
            }
            self.shared.index_mut().stored(&block.about);
        }
    }

    /// Has the next opening read everything.
    fn distrust(&mut self) {
        if let Err(error) = self.store().and_then(|store| store.suspect()) {
            tracing::warn!(%error, "a damaged history could not be marked");
        }
    }
}
