//! A piece of work that takes a while: it can be watched and cancelled from another thread.
//!
//! The work itself blocks the thread that it is called on, so the caller decides where that is; the job is the
//! handle that stays with whoever waits. Cancelling is looked at between slices, which take milliseconds.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use mqttscope_model::TransferProgress;
use tokio::sync::watch;

/// Somebody does not want the work any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cancelled;

/// A piece of work. Clones are handles on the same one.
#[derive(Clone, Debug)]
pub struct Job {
    shared: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    cancelled: AtomicBool,
    wake: tokio::sync::Notify,
    progress: watch::Sender<TransferProgress>,
}

impl Default for Job {
    fn default() -> Self {
        Self::new()
    }
}

impl Job {
    /// Work that has not begun.
    pub fn new() -> Self {
        let inner = Inner {
            cancelled: AtomicBool::new(false),
            wake: tokio::sync::Notify::new(),
            progress: watch::Sender::new(TransferProgress::default()),
        };
        Self { shared: Arc::new(inner) }
    }

    /// Ends the work at its next step, with an error that says so.
    pub fn cancel(&self) {
        self.shared.cancelled.store(true, Ordering::Release);
        self.shared.wake.notify_one();
    }

    /// How far it is.
    pub fn progress(&self) -> watch::Receiver<TransferProgress> {
        self.shared.progress.subscribe()
    }

    pub(crate) fn check(&self) -> Result<(), Cancelled> {
        if self.shared.cancelled.load(Ordering::Acquire) { Err(Cancelled) } else { Ok(()) }
    }

    /// Waits until it is cancelled.
    pub(crate) async fn cancelled(&self) {
        while self.check().is_ok() {
            self.shared.wake.notified().await;
        }
    }

    pub(crate) fn tell(&self, progress: TransferProgress) {
        self.shared.progress.send_replace(progress);
    }
}
