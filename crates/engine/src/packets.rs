//! The timelines of packets: one for each profile, across its sessions.
//!
//! A timeline outlives the session that fills it, so that what ended a connection can still be read after the next one
//! has begun. It lives in memory only, as long as the application runs.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use mqttscope_history::{Job, TransferError, write_file};
use mqttscope_model::{
    ErrorCode, PacketDetail, PacketExport, PacketFilter, PacketFrom, PacketPage, PacketsState,
    PingTime, ProfileId, TransferProgress, Transferred, UserError,
};
use mqttscope_packets::{Export, Tape, Timeline};
use tokio::task::JoinHandle;

use crate::Engine;
use crate::api::{JobId, JobKind};
use crate::engine::blocking;
use crate::events::{Listeners, Subject};
use crate::jobs::absolute;

/// The shortest time between two events of a timeline, as with a session's counters.
const TICK: Duration = Duration::from_millis(100);

/// The megabytes that a timeline may take, whatever the settings say.
const MEGABYTES: std::ops::RangeInclusive<u32> = 1..=4096;

/// The timelines since the start.
#[derive(Debug, Default)]
pub(crate) struct Timelines(Mutex<HashMap<ProfileId, Kept>>);

#[derive(Debug)]
struct Kept {
    timeline: Arc<Timeline>,
    telling: JoinHandle<()>,
}

impl Drop for Kept {
    fn drop(&mut self) {
        self.telling.abort();
    }
}

impl Timelines {
    fn get(&self, profile: &ProfileId) -> Option<Arc<Timeline>> {
        self.lock().get(profile).map(|kept| Arc::clone(&kept.timeline))
    }

    /// Forgets a profile's timeline.
    pub(crate) fn remove(&self, profile: &ProfileId) {
        self.lock().remove(profile);
    }

    /// Holds all timelines to this many megabytes.
    pub(crate) fn limit(&self, megabytes: u32) {
        let all: Vec<Arc<Timeline>> =
            self.lock().values().map(|kept| Arc::clone(&kept.timeline)).collect();
        for timeline in all {
            timeline.tape().limit(bytes(megabytes));
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<ProfileId, Kept>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn bytes(megabytes: u32) -> usize {
    let megabytes = megabytes.clamp(*MEGABYTES.start(), *MEGABYTES.end());
    usize::try_from(megabytes).unwrap_or_default().saturating_mul(1024 * 1024)
}

/// Tells of what comes and goes, ten times a second at most.
fn tell(tape: Arc<Tape>, profile: ProfileId, listeners: &Arc<Listeners>) -> JoinHandle<()> {
    let listeners = Arc::downgrade(listeners);
    let subject = Subject::Packets(profile);
    tokio::spawn(async move {
        loop {
            tape.changed().await;
            let Some(listeners) = listeners.upgrade() else { return };
            listeners.mark(&subject);
            drop(listeners);
            tokio::time::sleep(TICK).await;
        }
    })
}

impl Engine {
    /// A profile's timeline, begun where there is none yet.
    pub(crate) fn timeline(&self, profile: &ProfileId) -> Arc<Timeline> {
        let mut all = self.timelines.lock();
        let kept = all.entry(profile.clone()).or_insert_with(|| {
            let tape = Arc::new(Tape::new(bytes(self.settings.get().packet_memory_mb)));
            let telling = tell(Arc::clone(&tape), profile.clone(), &self.listeners);
            Kept { timeline: Arc::new(Timeline::new(tape)), telling }
        });
        Arc::clone(&kept.timeline)
    }

    /// What a profile's timeline holds, or none where there is none.
    pub(crate) fn packets_of(&self, profile: &ProfileId) -> Option<PacketsState> {
        self.timelines.get(profile).map(|timeline| timeline.state())
    }

    /// Looks at a profile's timeline on a thread for such work. A look may find faults that nobody was told of.
    async fn look<T: Send + 'static>(
        &self,
        profile: ProfileId,
        work: impl FnOnce(&Timeline) -> T + Send + 'static,
    ) -> Result<T, UserError> {
        self.profiles.get(&profile)?;
        let timeline = self.timeline(&profile);
        let before = timeline.state().faults;
        let (seen, after) = blocking(move || {
            let seen = work(&timeline);
            (seen, timeline.state().faults)
        })
        .await?;
        if before != after {
            self.listeners.mark(&Subject::Packets(profile));
        }
        Ok(seen)
    }

    pub(crate) async fn packets_state(
        &self,
        profile: ProfileId,
    ) -> Result<PacketsState, UserError> {
        self.look(profile, |timeline| {
            timeline.look();
            timeline.state()
        })
        .await
    }

    pub(crate) async fn packets_record(
        &self,
        profile: ProfileId,
        on: bool,
    ) -> Result<(), UserError> {
        self.profiles.get(&profile)?;
        self.timeline(&profile).tape().switch(on);
        Ok(())
    }

    pub(crate) async fn packets_page(
        &self,
        profile: ProfileId,
        filter: PacketFilter,
        from: PacketFrom,
        count: u32,
    ) -> Result<PacketPage, UserError> {
        self.look(profile, move |timeline| timeline.page(&filter, from, count)).await
    }

    pub(crate) async fn packet_detail(
        &self,
        profile: ProfileId,
        number: u64,
    ) -> Result<PacketDetail, UserError> {
        let detail = self.look(profile, move |timeline| timeline.detail(number)).await?;
        detail.ok_or_else(|| {
            UserError::new(ErrorCode::PacketGone, "The packet is not kept any more.")
                .hint("Newer packets took its place. Give the timeline more memory.")
                .detail("packet", number)
        })
    }

    pub(crate) async fn packets_pings(
        &self,
        profile: ProfileId,
    ) -> Result<Vec<PingTime>, UserError> {
        self.look(profile, Timeline::pings).await
    }

    pub(crate) async fn packets_clear(&self, profile: ProfileId) -> Result<(), UserError> {
        self.look(profile, Timeline::clear).await
    }

    pub(crate) async fn packets_export(
        &self,
        profile: ProfileId,
        path: String,
        export: PacketExport,
    ) -> Result<JobId, UserError> {
        self.profiles.get(&profile)?;
        let file = absolute(&path, ErrorCode::ExportNotSaved)?;
        let history = self.history(&profile).await?;
        let timeline = self.timeline(&profile);
        Ok(self.transfer(profile, JobKind::ExportPackets, path, move |job| {
            if history.owns(&file) {
                return Err(TransferError::OwnFile { path: file });
            }
            write(&file, Export::new(timeline, &export), job)
        }))
    }
}

/// Pieces that are written between two looks at whether the job is cancelled.
const PIECES: usize = 16;

fn write(path: &Path, mut export: Export, job: &Job) -> Result<Transferred, TransferError> {
    let bytes = write_file(path, job, |out| {
        for _ in 0..PIECES {
            if !export.step(out)? {
                return Ok(None);
            }
        }
        let (done, total, messages) = (export.done(), export.total(), export.written());
        Ok(Some(TransferProgress { done, total, messages, ..TransferProgress::default() }))
    })?;
    Ok(Transferred { messages: export.written(), bytes, first: None })
}
