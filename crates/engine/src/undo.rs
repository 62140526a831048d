//! Taking an import back.
//!
//! The same steps as the import, from the end: folders, profiles, secrets, messages. A profile that is not any
//! more what the import made of it belongs to the person who changed it, and so does a history that has grown: these
//! stay, and the caller is told which they are.

use std::collections::{BTreeMap, BTreeSet};

use mqttscope_exchange::plan::Decided;
use mqttscope_exchange::{ImportId, ImportUndone};
use mqttscope_model::{FolderId, Profile, ProfileId, Secret, SecretName, UserError};
use mqttscope_profiles::{Before, ProfileError};

use crate::Engine;
use crate::engine::blocking;
use crate::events::Subject;
use crate::histories::Histories;
use crate::placing;

/// What an import did, so far as it came.
#[derive(Debug, Default)]
pub(crate) struct Undo {
    /// The profiles that were saved.
    pub(crate) changed: Vec<Changed>,
    /// Values that profiles had which the import changed.
    pub(crate) secrets: BTreeMap<ProfileId, Vec<(SecretName, Secret)>>,
    /// While the import runs: what all the secrets were that it has set.
    pub(crate) secrets_before: Vec<Before>,
    /// Folders that were made.
    pub(crate) folders: Vec<FolderId>,
    /// Histories that were filled.
    pub(crate) histories: Vec<Filled>,
}

/// A profile before and after.
#[derive(Clone, Debug)]
pub(crate) struct Changed {
    /// None where it was added.
    pub(crate) before: Option<Profile>,
    /// As it was saved.
    pub(crate) after: Profile,
}

impl From<&Decided> for Changed {
    fn from(decided: &Decided) -> Self {
        Self { before: decided.before.clone(), after: decided.profile.clone() }
    }
}

/// A history into which messages were brought.
#[derive(Clone, Debug)]
pub(crate) struct Filled {
    pub(crate) profile: ProfileId,
    pub(crate) messages: u64,
    /// It had a file before, if an empty one.
    pub(crate) was_there: bool,
}

impl Engine {
    pub(crate) async fn import_undo(&self, import: ImportId) -> Result<ImportUndone, UserError> {
        let undo = self.imports.take_undo(import)?;
        match self.take_back(undo).await {
            Ok(undone) => Ok(undone),
            Err((undo, error)) => {
                self.imports.keep_undo(import, *undo);
                Err(error)
            }
        }
    }

    /// Takes back what was done. Where that fails the rest can be tried again.
    pub(crate) async fn take_back(
        &self,
        mut undo: Undo,
    ) -> Result<ImportUndone, (Box<Undo>, UserError)> {
        for before in undo.secrets_before.drain(..) {
            let engine = self.clone();
            if let Err(error) = blocking(move || engine.secrets.put_back(before)).await {
                tracing::error!(%error, "secrets could not be put back");
            }
        }
        let result = self.take_back_profiles(&undo).await;
        self.listeners.mark(&Subject::Profiles);
        result.map_err(|error| (Box::new(undo), error))
    }

    async fn take_back_profiles(&self, undo: &Undo) -> Result<ImportUndone, UserError> {
        let mut undone = ImportUndone::default();
        let (mut gone, mut restored) = (Vec::new(), Vec::new());
        let filled: BTreeMap<&ProfileId, u64> =
            undo.histories.iter().map(|filled| (&filled.profile, filled.messages)).collect();
        for one in &undo.changed {
            let id = &one.after.id;
            match self.profiles.get(id) {
                Ok(now)
                    if now == one.after
                        && !self.has_grown(one, filled.get(id).copied()).await? =>
                {
                    match &one.before {
                        Some(before) => restored.push((before, &one.after)),
                        None => gone.push(&one.after),
                    }
                }
                // A person has removed it, or it was taken back at the first try.
                Err(ProfileError::NotFound(_)) => {}
                Ok(now) if Some(&now) == one.before.as_ref() => {}
                _ => undone.left.push(id.clone()),
            }
        }
        self.take_messages_back(undo, &undone.left).await?;
        self.remove_added(&gone, undo).await?;
        self.restore(&restored, undo).await?;
        undone.removed = u32::try_from(gone.len()).unwrap_or(u32::MAX);
        undone.restored = u32::try_from(restored.len()).unwrap_or(u32::MAX);
        Ok(undone)
    }

    /// Whether messages have come since. Of a profile that was here before only a history that the import has filled
    /// is of interest: any other stays as it is.
    async fn has_grown(&self, one: &Changed, filled: Option<u64>) -> Result<bool, UserError> {
        let id = &one.after.id;
        let is_of_interest = one.before.is_none() || filled.is_some();
        if !is_of_interest || !self.folders.history(id).exists() {
            return Ok(false);
        }
        Ok(self.history(id).await?.stats().messages > filled.unwrap_or(0))
    }

    async fn take_messages_back(&self, undo: &Undo, left: &[ProfileId]) -> Result<(), UserError> {
        for filled in undo.histories.iter().filter(|filled| !left.contains(&filled.profile)) {
            let id = &filled.profile;
            if filled.was_there {
                let history = self.history(id).await?;
                blocking(move || history.clear()).await??;
                self.histories.forget_viewed();
            } else {
                self.close_history(id).await;
                let path = self.folders.history(id);
                blocking(move || Histories::remove_files(&path)).await?;
            }
        }
        Ok(())
    }

    async fn remove_added(&self, gone: &[&Profile], undo: &Undo) -> Result<(), UserError> {
        let ids: BTreeSet<ProfileId> = gone.iter().map(|profile| profile.id.clone()).collect();
        for id in &ids {
            self.sessions.remove(id).await;
            self.close_history(id).await;
        }
        let names: Vec<SecretName> =
            gone.iter().flat_map(|profile| profile.secrets()).map(|(_, name)| name).collect();
        let (engine, folders) = (self.clone(), undo.folders.clone());
        blocking(move || {
            for id in &ids {
                engine.profiles.delete(id)?;
            }
            engine.secrets.remove_all(&names)?;
            engine.profiles.change_tree(|tree| {
                placing::take_back(tree, &ids, &folders);
                Ok(())
            })?;
            Ok::<_, UserError>(())
        })
        .await?
    }

    async fn restore(
        &self,
        restored: &[(&Profile, &Profile)],
        undo: &Undo,
    ) -> Result<(), UserError> {
        let profiles: Vec<Profile> = restored.iter().map(|(before, _)| (*before).clone()).collect();
        let values: Vec<(SecretName, Secret)> = profiles
            .iter()
            .filter_map(|profile| undo.secrets.get(&profile.id))
            .flatten()
            .cloned()
            .collect();
        let surplus: Vec<SecretName> = restored
            .iter()
            .flat_map(|(before, after)| {
                let kept = before.secrets();
                let is_new = move |name: &SecretName| kept.iter().all(|(_, other)| other != name);
                after.secrets().into_iter().map(|(_, name)| name).filter(is_new)
            })
            .collect();
        let engine = self.clone();
        blocking(move || {
            let before = engine.secrets.set_all(&values)?;
            if let Err(error) = engine.profiles.save_all(&profiles) {
                engine.secrets.put_back(before);
                return Err(UserError::from(error));
            }
            for profile in &profiles {
                engine.listeners.mark(&Subject::Session(profile.id.clone()));
            }
            Ok(engine.secrets.remove_all(&surplus)?)
        })
        .await?
    }
}
