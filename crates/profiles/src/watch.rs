//! Changes that others make to the folder of the profiles: an editor, git, a file manager.
//!
//! Watched are the folder and the one above it, because a folder that is removed and made anew is another
//! one to the operating system. Changes are gathered until nothing happens for a moment, so that a checkout of a thousand files
//! is told once. Our own writes are told too: telling them apart would cost more than looking again. Where the operating
//! system refuses to watch, changes are seen only at the next look.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

use mqttscope_model::ProfileId;
use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher as _};

use crate::error::ProfileError;
use crate::reading;
use crate::scan::is_named_like_a_profile;
use crate::store::ProfileStore;

/// How long nothing must happen before changes are told.
const QUIET: Duration = Duration::from_millis(100);
/// The longest time until a change is told while others go on.
const AT_MOST: Duration = Duration::from_secs(1);

/// What changed in the folder of the profiles.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changed {
    /// The profiles whose files came, went or changed, as far as their files tell. There may be others.
    pub profiles: BTreeSet<ProfileId>,
}

/// Watches as long as it lives.
#[derive(Debug)]
pub struct Watch {
    _watcher: Arc<Mutex<RecommendedWatcher>>,
}

impl ProfileStore {
    /// Calls `changed`, on a thread of its own, after files of profiles or folders changed.
    ///
    /// # Errors
    /// [`ProfileError::Folder`] where the operating system cannot watch.
    pub fn watch(&self, changed: impl Fn(Changed) + Send + 'static) -> Result<Watch, ProfileError> {
        let failed = |cause| ProfileError::Folder { path: self.folder.clone(), cause };
        let (sender, events) = mpsc::channel();
        let watcher = notify::recommended_watcher(move |event| {
            // The thread has ended: nobody wants to know.
            let _ = sender.send(event);
        })
        .map_err(|error| failed(std::io::Error::other(error)))?;
        let watcher = Arc::new(Mutex::new(watcher));
        let folder = self.folder.clone();
        let above = folder.parent().unwrap_or(&folder).to_owned();
        for path in [&above, &folder] {
            let mut watcher = watcher.lock().unwrap_or_else(PoisonError::into_inner);
            watcher
                .watch(path, RecursiveMode::NonRecursive)
                .map_err(|error| failed(std::io::Error::other(error)))?;
        }
        let gatherer = Gatherer { folder, watcher: Arc::downgrade(&watcher), events };
        std::thread::Builder::new()
            .name("profiles".to_owned())
            .spawn(move || gatherer.run(&changed))
            .map_err(failed)?;
        Ok(Watch { _watcher: watcher })
    }
}

type Told = notify::Result<Event>;

/// Ends when the watcher, and with it the other end of `events`, is dropped.
struct Gatherer {
    folder: PathBuf,
    watcher: Weak<Mutex<RecommendedWatcher>>,
    events: Receiver<Told>,
}

/// What a burst of events amounts to.
#[derive(Default)]
struct Burst {
    files: BTreeSet<PathBuf>,
    /// The folder itself came or went, or events were lost.
    folder: bool,
}

impl Gatherer {
    fn run(&self, changed: &impl Fn(Changed)) {
        while let Ok(first) = self.events.recv() {
            let mut burst = Burst::default();
            self.judge(first, &mut burst);
            if burst.is_empty() {
                continue;
            }
            let begun = Instant::now();
            loop {
                let left = AT_MOST.saturating_sub(begun.elapsed()).min(QUIET);
                match self.events.recv_timeout(left) {
                    Ok(event) if begun.elapsed() < AT_MOST => self.judge(event, &mut burst),
                    Ok(event) => {
                        self.judge(event, &mut burst);
                        break;
                    }
                    Err(RecvTimeoutError::Timeout) => break,
                    Err(RecvTimeoutError::Disconnected) => return,
                }
            }
            if burst.folder {
                self.watch_again();
            }
            changed(Changed {
                profiles: burst.files.iter().filter_map(|file| id_in(file)).collect(),
            });
        }
    }

    fn judge(&self, event: Told, burst: &mut Burst) {
        let event = match event {
            Ok(event) => event,
            Err(error) => {
                tracing::warn!(%error, "the folder of the profiles could not be watched");
                burst.folder = true;
                return;
            }
        };
        // We read the files ourselves, and must not take that for a change.
        if matches!(event.kind, EventKind::Access(_)) {
            return;
        }
        burst.folder |= event.need_rescan();
        for path in event.paths {
            if path == self.folder {
                burst.folder = true;
            } else if path.parent() == Some(&self.folder) && is_visible_json(&path) {
                burst.files.insert(path);
            }
        }
    }

    /// The folder may be another one than was watched, or none.
    fn watch_again(&self) {
        let Some(watcher) = self.watcher.upgrade() else { return };
        let mut watcher = watcher.lock().unwrap_or_else(PoisonError::into_inner);
        // It is not watched any more where it was removed.
        let _ = watcher.unwatch(&self.folder);
        if let Err(error) = watcher.watch(&self.folder, RecursiveMode::NonRecursive) {
            tracing::info!(%error, "the folder of the profiles is not there");
        }
    }
}

impl Burst {
    fn is_empty(&self) -> bool {
        self.files.is_empty() && !self.folder
    }
}

/// Profiles, and the file of folders.
fn is_visible_json(path: &Path) -> bool {
    is_named_like_a_profile(path)
        || path.file_stem().is_some_and(|stem| stem.eq_ignore_ascii_case(reading::FOLDERS))
}

/// Whose file it is: what it says, or its name where it is gone.
fn id_in(file: &Path) -> Option<ProfileId> {
    if !is_named_like_a_profile(file) {
        return None;
    }
    reading::read(file).map_or_else(
        |_| file.file_stem().and_then(OsStr::to_str).and_then(ProfileId::new),
        |stored| Some(stored.profile.id),
    )
}
