//! The diagnoses of this run of the application, so that a window finds a report again after a reload.
//!
//! They live in memory only: a report names hosts and user names, and a new one is made faster than an old one is
//! found. The last few are kept; whoever starts one more loses the oldest, which ends where it still runs.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use mqttscope_diagnosis::{DiagnosisId, Report, Run};
use mqttscope_model::{ErrorCode, UserError};

/// How many are kept; a window shows one for each profile that is looked at.
const KEPT: usize = 16;

#[derive(Debug, Default)]
pub(crate) struct Diagnoses(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    last: u32,
    runs: BTreeMap<DiagnosisId, Arc<Run>>,
}

impl Diagnoses {
    /// Keeps a diagnosis, and forgets the oldest where there are too many: one that is over before one that runs.
    pub(crate) fn add(&self, run: Run) -> DiagnosisId {
        let mut kept = self.lock();
        kept.last += 1;
        let id = DiagnosisId(kept.last);
        while kept.runs.len() >= KEPT {
            let over = kept.runs.iter().find(|(_, run)| is_over(&run.report().borrow()));
            let oldest = over.or_else(|| kept.runs.first_key_value()).map(|(id, _)| *id);
            kept.runs.remove(&oldest.unwrap_or(id));
        }
        kept.runs.insert(id, Arc::new(run));
        id
    }

    pub(crate) fn get(&self, id: DiagnosisId) -> Result<Arc<Run>, UserError> {
        self.lock().runs.get(&id).cloned().ok_or_else(|| {
            UserError::new(ErrorCode::DiagnosisGone, "This diagnosis is not kept any more.")
                .hint("Start it again.")
                .detail("diagnosis", id.0)
        })
    }

    /// Whether a diagnosis is over; none where it is gone.
    pub(crate) fn finished(&self, id: DiagnosisId) -> Option<bool> {
        let run = self.lock().runs.get(&id).cloned()?;
        let finished = is_over(&run.report().borrow());
        Some(finished)
    }

    /// Ends all that run, each with a DISCONNECT where there is a connection.
    pub(crate) async fn end_all(&self) {
        let all = std::mem::take(&mut self.lock().runs);
        for run in all.values() {
            run.cancel();
        }
        for run in all.values() {
            run.over().await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn is_over(report: &Report) -> bool {
    report.diagnosis.is_some()
}
