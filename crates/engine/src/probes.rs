//! What brokers can do: probes that run, and the tables of those that are over.
//!
//! A table is kept as a JSON file of its own, because it is looked at weeks later beside another broker's, and shared. The newest
//! [`KEPT`] stay. A file that cannot be read is named in the log and passed over: one damaged table must not hide the others.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use mqttscope_model::{ErrorCode, ProbeId, ProbeOptions, ProbeReport, ProfileId, UserError, topic};
use mqttscope_probe::{Case, Run};
use tokio::task::JoinHandle;

use crate::Engine;
use crate::engine::{blocking, watch};
use crate::events::Subject;
use crate::exchange::write_whole;
use crate::sessions::placeholders;

/// How many tables are kept.
const KEPT: usize = 200;

/// The probes of this application.
#[derive(Debug)]
pub(crate) struct Probes {
    folder: PathBuf,
    running: Mutex<BTreeMap<ProbeId, Arc<Run>>>,
    /// Those that write a table when its probe is over.
    writing: Mutex<BTreeMap<ProbeId, JoinHandle<()>>>,
}

impl Probes {
    /// Probes whose tables lie in `folder`, which need not be there yet.
    pub(crate) fn new(folder: PathBuf) -> Self {
        Self { folder, running: Mutex::default(), writing: Mutex::default() }
    }

    fn running(&self) -> MutexGuard<'_, BTreeMap<ProbeId, Arc<Run>>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn writing(&self) -> MutexGuard<'_, BTreeMap<ProbeId, JoinHandle<()>>> {
        self.writing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The probe of a profile that is not over.
    fn of(&self, profile: &ProfileId) -> Option<ProbeId> {
        let running = self.running();
        let mut own = running.iter().filter(|(_, run)| {
            let report = run.report();
            let report = report.borrow();
            report.profile == *profile && !report.finished
        });
        own.next().map(|(id, _)| id.clone())
    }

    fn run_of(&self, id: &ProbeId) -> Option<Arc<Run>> {
        self.running().get(id).cloned()
    }

    /// Keeps a probe; its table is written when it is over.
    fn add(self: &Arc<Self>, id: ProbeId, run: Run) -> Arc<Run> {
        let run = Arc::new(run);
        self.running().insert(id.clone(), Arc::clone(&run));
        let (probes, waited) = (Arc::clone(self), Arc::clone(&run));
        let of = id.clone();
        let writing = tokio::spawn(async move {
            let report = waited.over().await;
            let written = blocking(move || probes.write(&report).map(|()| probes)).await;
            match written {
                // Only now can it be read from its file.
                Ok(Ok(probes)) => drop(probes.running().remove(&id)),
                Ok(Err(error)) => tracing::warn!(%error, "a probe's table stays in memory only"),
                Err(error) => tracing::warn!(%error, "a probe's table stays in memory only"),
            }
        });
        let mut all = self.writing();
        all.retain(|_, one| !one.is_finished());
        all.insert(of, writing);
        run
    }

    /// Whether a probe is over; none where nobody knows it.
    pub(crate) fn finished(&self, id: &ProbeId) -> Option<bool> {
        match self.run_of(id) {
            Some(run) => Some(run.report().borrow().finished),
            None => self.path(id).filter(|path| path.exists()).map(|_| true),
        }
    }

    /// Ends all that run, and waits for their clean-up and their tables.
    pub(crate) async fn end_all(&self) {
        for run in self.running().values() {
            run.cancel();
        }
        let writing = std::mem::take(&mut *self.writing());
        for one in writing.into_values() {
            let _it_is_over = one.await;
        }
    }

    /// Ends a probe, and waits for its clean-up and its table.
    async fn end(&self, id: &ProbeId) {
        if let Some(run) = self.run_of(id) {
            run.cancel();
        }
        let writing = self.writing().remove(id);
        if let Some(writing) = writing {
            let _it_is_over = writing.await;
        }
        self.running().remove(id);
    }

    /// Where a probe's table lies; none for a name that is no probe's.
    fn path(&self, id: &ProbeId) -> Option<PathBuf> {
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
        let valid = (1..=64).contains(&id.0.len()) && id.0.chars().all(plain);
        valid.then(|| self.folder.join(format!("{}.json", id.0)))
    }

    /// The tables in the folder, the newest first. Blocks.
    fn read_all(&self) -> Vec<ProbeReport> {
        let entries = std::fs::read_dir(&self.folder).into_iter().flatten().flatten();
        let tables = entries.map(|entry| entry.path());
        let tables = tables.filter(|path| path.extension().is_some_and(|end| end == "json"));
        let mut found: Vec<_> = tables.filter_map(|path| read(&path)).collect();
        found.sort_by_key(|report| std::cmp::Reverse(report.began_ms));
        found
    }

    fn write(&self, report: &ProbeReport) -> std::io::Result<()> {
        let path = self.path(&report.id).ok_or(std::io::ErrorKind::InvalidInput)?;
        std::fs::create_dir_all(&self.folder)?;
        write_whole(&path, &serde_json::to_vec_pretty(report)?)?;
        for old in self.read_all().iter().skip(KEPT) {
            if let Some(path) = self.path(&old.id) {
                std::fs::remove_file(path)?;
            }
        }
        Ok(())
    }

    /// Removes a table; nothing happens where there is none. Blocks.
    fn remove(&self, id: &ProbeId) -> Result<(), UserError> {
        let path = self.path(id).ok_or_else(not_found)?;
        match std::fs::remove_file(&path) {
            Ok(()) => Ok(()),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(UserError::new(
                ErrorCode::FolderUnusable,
                format!("The table could not be removed: {error}"),
            )
            .detail("path", path.display())),
        }
    }
}

/// Reads one table, or says in the log why not.
fn read(path: &Path) -> Option<ProbeReport> {
    let bytes = std::fs::read(path);
    let read = bytes
        .map_err(|error| error.to_string())
        .and_then(|bytes| serde_json::from_slice(&bytes).map_err(|error| error.to_string()));
    let named = |report: &ProbeReport| {
        path.file_stem().is_some_and(|stem| stem.to_str() == Some(report.id.0.as_str()))
    };
    match read {
        Ok(report) if named(&report) => Some(report),
        Ok(_) => {
            tracing::warn!(path = %path.display(), "a probe's table has another one's name");
            None
        }
        Err(error) => {
            tracing::warn!(path = %path.display(), error, "a probe's table could not be read");
            None
        }
    }
}

fn not_found() -> UserError {
    UserError::new(ErrorCode::ProbeNotFound, "There is no such probe.")
}

impl Engine {
    pub(crate) async fn probe_start(
        &self,
        id: ProfileId,
        options: ProbeOptions,
    ) -> Result<ProbeId, UserError> {
        topic::check_name(&options.prefix).map_err(|error| {
            UserError::new(ErrorCode::TopicNameInvalid, error.to_string())
                .detail("rule", error.as_str())
        })?;
        let profile = self.follow_local_broker(self.profiles.get(&id)?).await?;
        let secrets = self.secrets_of(&profile).await;
        // Two at once would only be in each other's way.
        if let Some(probe) = self.probes.of(&profile.id) {
            return Ok(probe);
        }
        let probe = ProbeId(uuid::Uuid::new_v4().to_string());
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let began_ms = i64::try_from(since.as_millis()).unwrap_or(i64::MAX);
        let placeholders = placeholders();
        let case = Case { id: probe.clone(), profile, secrets, placeholders, options, began_ms };
        let run = self.probes.add(probe.clone(), Run::start(case));
        watch(run.report(), &self.listeners, Subject::Probe(probe.clone()));
        self.listeners.mark(&Subject::Probe(probe.clone()));
        Ok(probe)
    }

    pub(crate) async fn probe_report(&self, probe: ProbeId) -> Result<ProbeReport, UserError> {
        if let Some(run) = self.probes.run_of(&probe) {
            return Ok(run.report().borrow().clone());
        }
        let path = self.probes.path(&probe).ok_or_else(not_found)?;
        blocking(move || read(&path)).await?.ok_or_else(not_found)
    }

    pub(crate) async fn probe_cancel(&self, probe: ProbeId) -> Result<(), UserError> {
        if let Some(run) = self.probes.run_of(&probe) {
            run.cancel();
        }
        Ok(())
    }

    pub(crate) async fn probes_list(&self) -> Result<Vec<ProbeReport>, UserError> {
        let probes = Arc::clone(&self.probes);
        let mut all = blocking(move || probes.read_all()).await?;
        for run in self.probes.running().values() {
            let report = run.report().borrow().clone();
            // It may have been written between the two looks.
            if !all.iter().any(|kept| kept.id == report.id) {
                all.push(report);
            }
        }
        all.sort_by_key(|report| std::cmp::Reverse(report.began_ms));
        Ok(all)
    }

    pub(crate) async fn probe_delete(&self, probe: ProbeId) -> Result<(), UserError> {
        // One that is being written at this moment must not come back.
        self.probes.end(&probe).await;
        let probes = Arc::clone(&self.probes);
        blocking(move || probes.remove(&probe)).await?
    }
}

#[cfg(test)]
mod tests {
    use mqttscope_model::Capability;

    use super::*;

    fn report(id: &str, began_ms: i64) -> ProbeReport {
        ProbeReport {
            id: ProbeId(id.to_owned()),
            profile: ProfileId::new("p").unwrap(),
            name: "lab".to_owned(),
            address: "mqtt://lab:1883".to_owned(),
            broker: None,
            began_ms,
            options: ProbeOptions {
                prefix: "probe".to_owned(),
                capabilities: Capability::ALL.to_vec(),
                largest_packet: 1024,
            },
            finished: true,
            cancelled: false,
            trying: None,
            rows: Vec::new(),
            left_behind: Vec::new(),
            left_sessions: Vec::new(),
            error: None,
        }
    }

    #[test]
    fn tables_are_kept_newest_first_and_a_damaged_one_is_passed_over() {
        let folder = tempfile::tempdir().unwrap();
        let probes = Probes::new(folder.path().join("probes"));
        assert_eq!(probes.read_all(), []);
        probes.write(&report("a", 1)).unwrap();
        probes.write(&report("b", 2)).unwrap();
        std::fs::write(folder.path().join("probes/c.json"), "{ broken").unwrap();
        std::fs::copy(folder.path().join("probes/a.json"), folder.path().join("probes/d.json"))
            .unwrap();
        assert_eq!(probes.read_all(), [report("b", 2), report("a", 1)]);
        probes.remove(&ProbeId("b".to_owned())).unwrap();
        probes.remove(&ProbeId("b".to_owned())).unwrap();
        assert_eq!(probes.read_all(), [report("a", 1)]);
    }

    #[test]
    fn only_the_newest_are_kept() {
        let folder = tempfile::tempdir().unwrap();
        let probes = Probes::new(folder.path().to_owned());
        let few = i64::try_from(KEPT).unwrap() + 2;
        for began in 0..few {
            let path = folder.path().join(format!("t{began}.json"));
            let table = report(&format!("t{began}"), began);
            std::fs::write(path, serde_json::to_vec(&table).unwrap()).unwrap();
        }
        probes.write(&report("last", few)).unwrap();
        let kept = probes.read_all();
        assert_eq!(kept.len(), KEPT);
        assert_eq!((kept[0].began_ms, kept[KEPT - 1].began_ms), (few, 3));
    }

    #[test]
    fn a_name_from_elsewhere_leads_to_no_file() {
        let probes = Probes::new(PathBuf::from("/data"));
        for id in ["", "../settings", "a/b", "a.b"] {
            assert_eq!(probes.path(&ProbeId(id.to_owned())), None, "{id}");
        }
    }
}
