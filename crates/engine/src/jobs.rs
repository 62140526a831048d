//! Long work on histories: export, import, compaction, clearing a view.
//!
//! Such work is begun by one command and told by events, so that a window that was reloaded finds it again and nothing
//! waits for an answer that may take minutes. What runs can be cancelled; the last that are over are kept, so that
//! their results are not lost on somebody who looked elsewhere.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use mqttscope_history::{History, TransferError, Upkeep, UpkeepProgress, UpkeepState};
use mqttscope_model::{
    ErrorCode, ExportRequest, ProfileId, TransferProgress, Transferred, UserError,
};

use crate::Engine;
use crate::api::{Job, JobId, JobKind, JobState, ViewId};
use crate::engine::blocking;
use crate::events::Subject;

/// How many that are over are kept.
const KEPT: usize = 8;

/// How a job is told to end.
#[derive(Clone, Debug)]
enum Stop {
    Transfer(mqttscope_history::Job),
    Upkeep(Upkeep),
}

impl Stop {
    fn cancel(&self) {
        match self {
            Self::Transfer(job) => job.cancel(),
            Self::Upkeep(upkeep) => upkeep.cancel(),
        }
    }
}

#[derive(Debug, Default)]
pub(crate) struct Jobs(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    last: u32,
    jobs: BTreeMap<JobId, (Job, Stop)>,
}

impl Jobs {
    /// A job's state, or none where it is kept no longer.
    pub(crate) fn get(&self, id: JobId) -> Option<Job> {
        self.lock().jobs.get(&id).map(|(job, _)| job.clone())
    }

    /// Tells all that run to end.
    pub(crate) fn cancel_all(&self) {
        self.lock().jobs.values().for_each(|(_, stop)| stop.cancel());
    }

    /// Tells those of a profile to end.
    pub(crate) fn cancel_all_of(&self, profile: &ProfileId) {
        let kept = self.lock();
        let own = kept.jobs.values().filter(|(job, _)| job.profile == *profile);
        own.for_each(|(_, stop)| stop.cancel());
    }

    fn add(&self, profile: ProfileId, kind: JobKind, path: String, stop: Stop) -> JobId {
        let mut kept = self.lock();
        let over: Vec<_> =
            kept.jobs.iter().filter(|(_, (job, _))| is_over(job)).map(|(id, _)| *id).collect();
        for id in over.iter().take((over.len() + 1).saturating_sub(KEPT)) {
            kept.jobs.remove(id);
        }
        kept.last += 1;
        let id = JobId(kept.last);
        let progress = TransferProgress::default();
        let job = Job { job: id, profile, kind, path, progress, state: JobState::Running };
        kept.jobs.insert(id, (job, stop));
        id
    }

    fn change(&self, id: JobId, change: impl FnOnce(&mut Job)) {
        if let Some((job, _)) = self.lock().jobs.get_mut(&id) {
            change(job);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn is_over(job: &Job) -> bool {
    job.state != JobState::Running
}

impl Engine {
    pub(crate) async fn jobs_list(&self) -> Result<Vec<Job>, UserError> {
        Ok(self.jobs.lock().jobs.values().map(|(job, _)| job.clone()).collect())
    }

    pub(crate) async fn job_cancel(&self, id: JobId) -> Result<(), UserError> {
        let stop = self.jobs.lock().jobs.get(&id).map(|(_, stop)| stop.clone());
        if let Some(stop) = stop {
            stop.cancel();
        }
        Ok(())
    }

    pub(crate) async fn history_export(
        &self,
        profile: ProfileId,
        path: String,
        request: ExportRequest,
    ) -> Result<JobId, UserError> {
        let history = self.history(&profile).await?;
        let file = absolute(&path, ErrorCode::ExportNotSaved)?;
        Ok(self.transfer(profile, JobKind::Export, path, move |job| {
            history.export_file(&request, &file, job)
        }))
    }

    pub(crate) async fn history_import(
        &self,
        profile: ProfileId,
        path: String,
    ) -> Result<JobId, UserError> {
        let history = self.history(&profile).await?;
        let file = absolute(&path, ErrorCode::ImportUnreadable)?;
        Ok(self.transfer(profile, JobKind::Import, path, move |job| bring_in(&history, &file, job)))
    }

    pub(crate) async fn history_compact(&self, profile: ProfileId) -> Result<JobId, UserError> {
        let history = self.history(&profile).await?;
        let upkeep = history.compact()?;
        Ok(self.upkeep(profile, JobKind::Compact, upkeep))
    }

    pub(crate) async fn view_clear(&self, view: ViewId) -> Result<JobId, UserError> {
        let open = self.views.get(view)?;
        let history = self.history(open.profile()).await?;
        let upkeep = history.clear_view(&open.view)?;
        self.histories.forget_viewed();
        Ok(self.upkeep(open.profile().clone(), JobKind::ClearView, upkeep))
    }

    /// Begins a transfer on a thread for blocking work, and follows it.
    pub(crate) fn transfer(
        &self,
        profile: ProfileId,
        kind: JobKind,
        path: String,
        work: impl FnOnce(&mqttscope_history::Job) -> Result<Transferred, TransferError>
        + Send
        + 'static,
    ) -> JobId {
        let job = mqttscope_history::Job::new();
        let mut progress = job.progress();
        let id = self.jobs.add(profile, kind, path, Stop::Transfer(job.clone()));
        let engine = self.clone();
        tokio::spawn(async move {
            let mut work = std::pin::pin!(blocking(move || work(&job)));
            let result = loop {
                tokio::select! {
                    result = &mut work => break result,
                    // The work itself holds the sender.
                    Ok(()) = progress.changed() => {
                        let now = *progress.borrow_and_update();
                        engine.tell(id, |job| job.progress = now);
                    }
                }
            };
            let state = match result {
                Ok(Ok(result)) => JobState::Done { result },
                Ok(Err(TransferError::Cancelled)) => JobState::Cancelled,
                Ok(Err(error)) => JobState::Failed { error: error.into() },
                Err(error) => JobState::Failed { error },
            };
            engine.tell(id, |job| job.state = state);
        });
        id
    }

    /// Follows what a history's writer does.
    fn upkeep(&self, profile: ProfileId, kind: JobKind, upkeep: Upkeep) -> JobId {
        let mut progress = upkeep.progress();
        let id = self.jobs.add(profile, kind, String::new(), Stop::Upkeep(upkeep));
        let engine = self.clone();
        tokio::spawn(async move {
            loop {
                let now = progress.borrow_and_update().clone();
                let is_over = now.state != UpkeepState::Running;
                engine.tell(id, |job| show_upkeep(job, now));
                if is_over {
                    return;
                }
                if progress.changed().await.is_err() {
                    // The writer ended without a word; that is a cancellation for whoever waits.
                    engine.tell(id, |job| job.state = JobState::Cancelled);
                    return;
                }
            }
        });
        id
    }

    fn tell(&self, id: JobId, change: impl FnOnce(&mut Job)) {
        self.jobs.change(id, change);
        self.listeners.mark(&Subject::Job(id));
    }
}

fn show_upkeep(job: &mut Job, now: UpkeepProgress) {
    job.progress =
        TransferProgress { done: now.done, total: now.total, ..TransferProgress::default() };
    let result = match job.kind {
        JobKind::Compact => Transferred { bytes: now.done, ..Transferred::default() },
        _ => Transferred { messages: now.done, ..Transferred::default() },
    };
    job.state = match now.state {
        UpkeepState::Running => JobState::Running,
        UpkeepState::Done => JobState::Done { result },
        UpkeepState::Cancelled => JobState::Cancelled,
        UpkeepState::Failed(error) => JobState::Failed { error },
    };
}

fn bring_in(
    history: &History,
    path: &Path,
    job: &mqttscope_history::Job,
) -> Result<Transferred, TransferError> {
    let file = File::open(path).map_err(TransferError::NotRead)?;
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let now_us = i64::try_from(since.as_micros()).unwrap_or(i64::MAX);
    history.import_lines(BufReader::new(file), now_us, job)
}

/// A path that a person typed. A relative one would lead to wherever the application was started.
pub(crate) fn absolute(path: &str, code: ErrorCode) -> Result<PathBuf, UserError> {
    let file = PathBuf::from(path);
    if file.is_absolute() {
        return Ok(file);
    }
    Err(UserError::new(code, format!("{path:?} is no whole path."))
        .hint("Choose the file, or type its path from the root of the disk on.")
        .detail("path", path))
}
