//! The engine: one handle to everything that lives as long as the application.

use std::ffi::OsString;
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Weak};

use mqttscope_broker::{LocalBroker, Ports};
use mqttscope_model::{ErrorCode, MessageId, ProfileId, UserError};
use mqttscope_profiles::{ProfileStore, SecretStore, Watch};
use serde_json::Value;
use serde_json::value::RawValue;
use tokio::task::JoinHandle;

use crate::api::Event;
use crate::diagnoses::Diagnoses;
use crate::events::{Events, Listeners, Subject};
use crate::histories::Histories;
use crate::imports::Imports;
use crate::jobs::Jobs;
use crate::packets::Timelines;
use crate::probes::Probes;
use crate::requests::Requests;
use crate::sessions::Sessions;
use crate::settings::SettingsFile;
use crate::sides::Comparisons;
use crate::views::Views;
use crate::{Folders, table};

/// What an engine needs to start.
#[derive(Clone, Debug)]
pub struct Start {
    /// Where files lie.
    pub folders: Folders,
    /// The executable that becomes the local broker when started with the hidden argument.
    pub broker_executable: PathBuf,
    /// The ports that the local broker tries first.
    pub broker_ports: Ports,
}

/// The application without a window. Cheap to clone; all clones are the same engine.
#[derive(Clone, Debug)]
pub struct Engine(Arc<Parts>);

/// The engine's parts; each guards itself.
#[derive(Debug)]
pub struct Parts {
    pub(crate) folders: Folders,
    pub(crate) settings: SettingsFile,
    pub(crate) profiles: ProfileStore,
    pub(crate) secrets: SecretStore,
    pub(crate) histories: Histories,
    pub(crate) views: Views,
    pub(crate) comparisons: Comparisons,
    pub(crate) jobs: Jobs,
    pub(crate) imports: Imports,
    pub(crate) diagnoses: Diagnoses,
    /// Shared with those that write a table, which must not keep the engine alive.
    pub(crate) probes: Arc<Probes>,
    pub(crate) sessions: Sessions,
    pub(crate) timelines: Timelines,
    pub(crate) requests: Requests,
    pub(crate) broker: LocalBroker,
    /// The ports that the local broker tries first.
    pub(crate) broker_ports: Ports,
    /// Shared with the watchers, which must not keep the engine alive.
    pub(crate) listeners: Arc<Listeners>,
    /// Tells what others change in the folder of the profiles; none where the system cannot watch.
    _watching: Option<Watch>,
    /// Held as long as the engine lives: two writers on one history would disagree on the next number.
    _lock: File,
}

impl std::ops::Deref for Engine {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl Engine {
    /// Opens the folders, and removes for good what was deleted before the last end.
    ///
    /// Must be called inside a Tokio runtime. Fails where the folders cannot be made.
    pub async fn start(start: Start) -> Result<Self, UserError> {
        blocking(move || Self::open(start)).await?
    }

    fn open(start: Start) -> Result<Self, UserError> {
        let Start { folders, broker_executable, broker_ports } = start;
        let lock = lock(&folders.data)?;
        let profiles = ProfileStore::open(&folders.config)?;
        let secrets = SecretStore::open(&folders.config)?;
        remove_deleted(&profiles, &secrets, &folders);
        let listeners = Arc::new(Listeners::default());
        let broker = LocalBroker::new(broker_executable, std::iter::empty::<OsString>());
        watch(broker.state(), &listeners, Subject::Broker);
        let watching = watch_profiles(&profiles, &listeners);
        Ok(Self(Arc::new(Parts {
            settings: SettingsFile::open(folders.config.join("settings.json")),
            histories: Histories::default(),
            views: Views::default(),
            comparisons: Comparisons::default(),
            jobs: Jobs::default(),
            imports: Imports::default(),
            diagnoses: Diagnoses::default(),
            probes: Arc::new(Probes::new(folders.data.join("probes"))),
            sessions: Sessions::default(),
            timelines: Timelines::default(),
            requests: Requests::default(),
            profiles,
            secrets,
            broker,
            broker_ports,
            listeners,
            folders,
            _watching: watching,
            _lock: lock,
        })))
    }

    /// Runs a command of the table. The answer is written once, as the JSON that goes to the window: a page of a hundred
    /// rows would have some thousand values between.
    ///
    /// # Errors
    /// The command's, and [`ErrorCode::CommandUnknown`](mqttscope_model::ErrorCode::CommandUnknown).
    pub async fn answer(&self, name: &str, args: Value) -> Result<Box<RawValue>, UserError> {
        table::dispatch(self, name, args).await
    }

    /// [`Engine::answer`] for a program that looks into it.
    ///
    /// # Errors
    /// Those of the answer.
    pub async fn call(&self, name: &str, args: Value) -> Result<Value, UserError> {
        let answer = self.answer(name, args).await?;
        serde_json::from_str(answer.get()).map_err(|error| {
            UserError::new(
                ErrorCode::Internal,
                format!("The result of {name} is not read: {error}"),
            )
        })
    }

    /// The payload of a message, byte for byte.
    pub async fn payload(&self, profile: ProfileId, id: MessageId) -> Result<Vec<u8>, UserError> {
        let history = self.history(&profile).await?;
        blocking(move || Ok(history.payload(id)?)).await?
    }

    /// A stream of what changes from now on.
    pub fn events(&self) -> Events {
        Events::new(self.clone())
    }

    /// Ends all diagnoses, probes and sessions with DISCONNECT, stores what is queued, and stops the local broker.
    pub async fn stop(&self) {
        self.diagnoses.end_all().await;
        self.probes.end_all().await;
        self.sessions.disconnect_all().await;
        self.jobs.cancel_all();
        self.histories.close_all().await;
        self.broker.stop().await;
    }

    /// For a task that must not keep the engine alive.
    pub(crate) fn downgrade(&self) -> Weak<Parts> {
        Arc::downgrade(&self.0)
    }

    /// The engine again, where it is still there.
    pub(crate) fn borrowed(parts: &Weak<Parts>) -> Option<Self> {
        parts.upgrade().map(Self)
    }

    pub(crate) fn listeners(&self) -> &Listeners {
        &self.listeners
    }

    /// The state of a subject now, or none where it is gone.
    pub(crate) fn state_of(&self, subject: &Subject) -> Option<Event> {
        Some(match subject {
            Subject::Profiles => Event::Profiles,
            Subject::Import(id) => Event::Import { progress: self.imports.progress(*id)? },
            Subject::Diagnosis(id) => {
                Event::Diagnosis { diagnosis: *id, finished: self.diagnoses.finished(*id)? }
            }
            Subject::Probe(id) => {
                Event::Probe { probe: id.clone(), finished: self.probes.finished(id)? }
            }
            Subject::Settings => Event::Settings { settings: self.settings.get() },
            Subject::Broker => Event::Broker { state: self.broker.state().borrow().clone() },
            Subject::View(id) => Event::View { view: *id, state: self.views.state(*id)? },
            Subject::Find(id) => Event::Find { find: *id, state: self.views.find_state(*id)? },
            Subject::Sides(id) => Event::Sides { sides: *id, state: self.comparisons.state(*id)? },
            Subject::Job(id) => Event::Job { job: self.jobs.get(*id)? },
            Subject::Packets(id) => {
                Event::Packets { profile: id.clone(), state: self.packets_of(id)? }
            }
            Subject::Session(id) => Event::Session { snapshot: Box::new(self.snapshot_of(id)?) },
            Subject::Request(id) => {
                let (profile, request) = self.requests.get(*id)?;
                Event::Request { profile, request: Box::new(request) }
            }
            Subject::Replies(id) => {
                let profile = self.profiles.get(id).ok()?;
                Event::Replies { profile: id.clone(), states: self.replies_now(&profile) }
            }
            Subject::History(id) => {
                let history = self.histories.open_one(id)?;
                Event::History {
                    profile: id.clone(),
                    revision: *history.revision().borrow(),
                    fault: history.fault().borrow().clone(),
                    stats: self.stats_of(id, &history),
                }
            }
        })
    }
}

/// Removes for good what was deleted before the last end. What cannot be removed stays for the next
/// start: it must not keep anybody from this one.
fn remove_deleted(profiles: &ProfileStore, secrets: &SecretStore, folders: &Folders) {
    let deleted = profiles.deleted().unwrap_or_else(|error| {
        tracing::warn!(%error, "deleted profiles stay behind");
        Vec::new()
    });
    let mut done = Vec::with_capacity(deleted.len());
    for profile in deleted {
        // The file of a deleted profile is all that names its secrets, so it goes after them.
        if let Err(error) = secrets.remove_all(&profile.secrets) {
            tracing::warn!(id = %profile.id, %error, "the secrets of a deleted profile stay behind");
            continue;
        }
        if !profile.lives_again {
            Histories::remove_files(&folders.history(&profile.id));
        }
        done.push(profile);
    }
    if let Err(error) = profiles.forget(&done) {
        tracing::warn!(%error, "deleted profiles stay behind");
    }
}

/// Tells what others change in the folder of the profiles.
fn watch_profiles(profiles: &ProfileStore, listeners: &Arc<Listeners>) -> Option<Watch> {
    let listeners = Arc::downgrade(listeners);
    let watch = profiles.watch(move |changed| {
        let Some(listeners) = listeners.upgrade() else { return };
        listeners.mark(&Subject::Profiles);
        for id in changed.profiles {
            listeners.mark(&Subject::Session(id));
        }
    });
    watch.inspect_err(|error| tracing::warn!(%error, "changes from outside are not told")).ok()
}

/// Claims the data folder for this process; the operating system gives it back when the process ends.
fn lock(data: &Path) -> Result<File, UserError> {
    let failed = |error: std::io::Error| {
        UserError::new(
            ErrorCode::FolderUnusable,
            format!("The folder {} cannot be used: {error}", data.display()),
        )
        .hint("Check that it can be written to and that the disk has room.")
        .detail("path", data.display())
    };
    make_private(data).map_err(failed)?;
    let file = File::create(data.join("lock")).map_err(failed)?;
    match mqttscope_history::claim(&file) {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(UserError::new(
            ErrorCode::AlreadyRunning,
            "MQTTScope is already running with the same data folder.",
        )
        .hint("Use the window that is open, or close it first.")
        .detail("path", data.display())),
        Err(TryLockError::Error(error)) => Err(failed(error)),
    }
}

/// Makes a folder that only this user can read: messages are nobody else's business.
fn make_private(folder: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(folder)
}

/// Marks `subject` whenever `source` changes, until its sender is gone.
pub(crate) fn watch<T: Send + Sync + 'static>(
    mut source: tokio::sync::watch::Receiver<T>,
    listeners: &Arc<Listeners>,
    subject: Subject,
) -> JoinHandle<()> {
    let listeners = Arc::downgrade(listeners);
    tokio::spawn(async move {
        while source.changed().await.is_ok() {
            let Some(listeners) = listeners.upgrade() else { return };
            listeners.mark(&subject);
        }
    })
}

/// Runs what blocks on a thread for such work.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, UserError> {
    tokio::task::spawn_blocking(work).await.map_err(|error| {
        UserError::new(
            ErrorCode::Internal,
            format!("A task of the application ended before its time: {error}"),
        )
    })
}
