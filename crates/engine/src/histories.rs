//! The open histories, one for each profile that was looked at or connected.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use mqttscope_history::{History, HistoryError};
use mqttscope_model::{MessageId, Profile, ProfileId, Retention, UserError};
use mqttscope_payload::Document;

use crate::Engine;
use crate::engine::{blocking, watch};
use crate::events::Subject;
use crate::recorder::Recording;

/// Histories are opened when first wanted and stay open until the application ends or the profile
/// is deleted.
#[derive(Debug, Default)]
pub(crate) struct Histories {
    open: Mutex<HashMap<ProfileId, History>>,
    set_aside: Mutex<HashMap<ProfileId, PathBuf>>,
    recording: Mutex<HashMap<ProfileId, Recording>>,
    /// The payload that was viewed last: its pieces are asked for one after the other, and a payload of
    /// 20 MB must not be read and parsed anew for each.
    viewed: Mutex<Option<Viewed>>,
    /// One opens at a time: two writers on one file would disagree on the next number.
    opening: tokio::sync::Mutex<()>,
}

/// A payload with what its views have found out about it.
#[derive(Clone, Debug)]
struct Viewed {
    profile: ProfileId,
    id: MessageId,
    document: Arc<Document<Vec<u8>>>,
}

impl Histories {
    /// A history that is open already.
    pub(crate) fn open_one(&self, profile: &ProfileId) -> Option<History> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).get(profile).cloned()
    }

    /// Where a profile's damaged history was moved since the start.
    pub(crate) fn set_aside(&self, profile: &ProfileId) -> Option<PathBuf> {
        self.set_aside.lock().unwrap_or_else(PoisonError::into_inner).get(profile).cloned()
    }

    /// The switch of a profile's recording.
    pub(crate) fn recording(&self, profile: &ProfileId) -> Recording {
        let mut all = self.recording.lock().unwrap_or_else(PoisonError::into_inner);
        all.entry(profile.clone()).or_default().clone()
    }

    /// Stores what is queued, and closes one history.
    pub(crate) async fn close(&self, profile: &ProfileId) {
        self.forget_viewed();
        let history = self.open.lock().unwrap_or_else(PoisonError::into_inner).remove(profile);
        if let Some(history) = history {
            _ = blocking(move || history.close()).await;
        }
    }

    /// Stores what is queued, and closes all.
    pub(crate) async fn close_all(&self) {
        let all: Vec<ProfileId> = {
            let open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
            open.keys().cloned().collect()
        };
        for profile in all {
            self.close(&profile).await;
        }
    }

    /// The payload of a message, ready to be viewed in pieces. Blocks for a read.
    pub(crate) fn document(
        &self,
        history: &History,
        profile: ProfileId,
        id: MessageId,
    ) -> Result<Arc<Document<Vec<u8>>>, UserError> {
        let mut viewed = self.viewed.lock().unwrap_or_else(PoisonError::into_inner);
        match &*viewed {
            Some(last) if last.profile == profile && last.id == id => {
                Ok(Arc::clone(&last.document))
            }
            _ => {
                let document = Arc::new(Document::new(history.payload(id)?));
                *viewed = Some(Viewed { profile, id, document: Arc::clone(&document) });
                Ok(document)
            }
        }
    }

    /// Messages went: what was viewed may be one of them.
    pub(crate) fn forget_viewed(&self) {
        *self.viewed.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Removes the files of a history that is not open.
    pub(crate) fn remove_files(path: &Path) {
        for suffix in ["", "-wal", "-shm"] {
            let mut file = path.as_os_str().to_owned();
            file.push(suffix);
            match std::fs::remove_file(&file) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    tracing::warn!(?file, %error, "the history of a deleted profile stays behind");
                }
                _ => {}
            }
        }
    }
}

impl Engine {
    /// The history of a profile, opened where it is not.
    pub(crate) async fn history(&self, profile: &ProfileId) -> Result<History, UserError> {
        let _one_at_a_time = self.histories.opening.lock().await;
        if let Some(history) = self.histories.open_one(profile) {
            return Ok(history);
        }
        let path = self.folders.history(profile);
        let limits =
            self.profiles.get(profile).map_or(Retention::EVERYTHING, |found| found.retention);
        let opened = blocking(move || {
            let opened = History::open(&path, SystemTime::now)?;
            opened.history.set_retention(limits)?;
            Ok::<_, HistoryError>(opened)
        })
        .await??;
        if let Some(path) = opened.set_aside {
            tracing::warn!(path = %path.display(), "a damaged history was set aside");
            let mut set_aside =
                self.histories.set_aside.lock().unwrap_or_else(PoisonError::into_inner);
            set_aside.insert(profile.clone(), path);
        }
        let history = opened.history;
        let subject = Subject::History(profile.clone());
        watch(history.revision(), &self.listeners, subject.clone());
        watch(history.fault(), &self.listeners, subject.clone());
        let mut open = self.histories.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.insert(profile.clone(), history.clone());
        drop(open);
        self.listeners.mark(&subject);
        Ok(history)
    }

    /// Ends what works on a history, and closes it.
    pub(crate) async fn close_history(&self, profile: &ProfileId) {
        self.jobs.cancel_all_of(profile);
        let (engine, own) = (self.clone(), profile.clone());
        _ = blocking(move || {
            engine.views.close_all_of(&own);
            engine.comparisons.close_all_of(&own);
        })
        .await;
        self.histories.close(profile).await;
    }

    /// Holds the limits of a profile that was saved, where its history is open.
    pub(crate) fn hold_limits(&self, profile: &Profile) {
        let Some(history) = self.histories.open_one(&profile.id) else { return };
        if let Err(error) = history.set_retention(profile.retention) {
            tracing::warn!(id = %profile.id, %error, "the limits of a history that ends are not held");
        }
    }
}
