//! The longer attempt that a person asks for, over a session of its own.
//!
//! It goes the way of every connection, because a second way would meet other faults. What it leaves out is
//! what would be noticed by others: it publishes nothing, has no Will, and acknowledges no message. The price of the
//! last is that it sees what the broker sends until the Receive Maximum is reached, which two keep-alive cycles
//! do not need more of. Whoever drops a [`Run`] ends it; whoever wants the report of what it came to cancels it instead.

mod case;
mod certificate;
mod course;
mod growing;
mod probing;
mod recorder;
mod staying;
mod subscribing;

use std::sync::Arc;

use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;

use crate::Report;

pub use case::Case;
pub use growing::unbegun_account;

/// A diagnosis under way, or over. Dropping it ends it, with a DISCONNECT where there is a connection.
#[derive(Debug)]
pub struct Run {
    report: watch::Receiver<Report>,
    cancel: Arc<Notify>,
    task: JoinHandle<()>,
}

impl Run {
    /// Begins to diagnose. It must be called within a Tokio runtime.
    pub fn start(case: Case) -> Self {
        let (growing, report) = growing::Growing::new(case.first_report(), case.past.clone());
        let cancel = Arc::new(Notify::new());
        let task = tokio::spawn(course::run(case, growing, Arc::clone(&cancel)));
        Self { report, cancel, task }
    }

    /// The report as it grows. It is over once [`Report::diagnosis`] is there; nothing changes after that.
    pub fn report(&self) -> watch::Receiver<Report> {
        self.report.clone()
    }

    /// Ends it wherever it is; the report then says so. It says goodbye to the broker first. Nothing happens once it is over.
    pub fn cancel(&self) {
        self.cancel.notify_one();
    }

    /// Waits until it is over.
    pub async fn over(&self) -> Report {
        let mut report = self.report.clone();
        let over = report.wait_for(|report| report.diagnosis.is_some()).await;
        over.map_or_else(|_ended| self.report.borrow().clone(), |over| over.clone())
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        self.task.abort();
    }
}
