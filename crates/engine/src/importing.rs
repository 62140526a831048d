//! Running an import: all of it, or nothing.
//!
//! Messages come first, into histories that no window knows yet; then the secrets; then all profiles in one go; then
//! their folders. So there is no moment at which a window sees a profile whose password or history is still on its
//! way, and whatever fails, or a person who cancels, has only to be answered with the undo of what was done
//! up to then.

use std::collections::BTreeMap;

use mqttscope_exchange::plan::{Decided, decide};
use mqttscope_exchange::{Choice, Found, ImportId, ImportResult, ItemChoice};
use mqttscope_model::{
    Direction, ErrorCode, FolderId, Message, Outcome, ProfileId, Secret, SecretName, UserError,
};

use crate::Engine;
use crate::api::ImportProgress;
use crate::engine::blocking;
use crate::events::Subject;
use crate::import::Chance;
use crate::imports::{Cancelled, Open};
use crate::placing;
use crate::undo::{Changed, Filled, Undo};

/// Secrets that are stored between two looks at whether a person has cancelled.
const SECRETS_AT_ONCE: usize = 100;

/// An import under way.
struct Run<'a> {
    engine: &'a Engine,
    cancelled: Cancelled,
    progress: ImportProgress,
    undo: Undo,
}

impl Engine {
    pub(crate) async fn import_run(
        &self,
        import: ImportId,
        choices: Vec<ItemChoice>,
        messages: bool,
    ) -> Result<ImportResult, UserError> {
        let (open, cancelled) = self.imports.begin(import)?;
        let mut run = Run {
            engine: self,
            cancelled,
            progress: ImportProgress { import, done: 0, total: 0 },
            undo: Undo::default(),
        };
        let result = run.all(open, choices, messages).await;
        let undo = std::mem::take(&mut run.undo);
        match result {
            Ok(result) => {
                self.imports.end(import, Some(undo));
                Ok(result)
            }
            Err(error) => {
                if let Err(second) = self.take_back(undo).await {
                    tracing::error!(error = %second.1, "an import could not be taken back whole");
                }
                self.imports.end(import, None);
                Err(error)
            }
        }
    }
}

impl Run<'_> {
    async fn all(
        &mut self,
        open: Open,
        choices: Vec<ItemChoice>,
        messages: bool,
    ) -> Result<ImportResult, UserError> {
        let (engine, found) = (self.engine.clone(), open.found);
        let plan = std::sync::Arc::clone(&found);
        let decided = blocking(move || {
            let existing = engine.profiles.list()?.profiles;
            Ok::<_, UserError>(decide(&plan, &existing, &choices, &mut Chance))
        })
        .await??;
        let mut result = ImportResult::default();
        let count = |decided: &[Decided], wanted: &[Choice]| {
            let some = decided.iter().filter(|one| wanted.contains(&one.choice)).count();
            u32::try_from(some).unwrap_or(u32::MAX)
        };
        result.added = count(&decided, &[Choice::Add, Choice::Copy]);
        result.merged = count(&decided, &[Choice::Merge]);
        result.replaced = count(&decided, &[Choice::Replace]);
        let all = u32::try_from(found.profiles.len()).unwrap_or(u32::MAX);
        result.skipped = all - result.added - result.merged - result.replaced;

        self.progress.total = decided.len() as u64;
        if messages {
            let of_one = |one: &Decided| messages_of(&found, one).len() as u64;
            self.progress.total += decided.iter().map(of_one).sum::<u64>();
            for one in &decided {
                self.cancelled.check()?;
                result.messages += self.fill_history(one, messages_of(&found, one)).await?;
            }
        }
        self.store(decided, &found).await?;
        Ok(result)
    }

    /// Brings messages into a history that has none. Their times and properties are as they were.
    async fn fill_history(
        &mut self,
        one: &Decided,
        messages: &[Message],
    ) -> Result<u64, UserError> {
        if messages.is_empty() {
            return Ok(0);
        }
        let id = &one.profile.id;
        let was_there = self.engine.folders.history(id).exists();
        let was_open = self.engine.histories.open_one(id).is_some();
        let history = self.engine.history(id).await?;
        if history.last_given().0 > 0 && history.stats().messages > 0 {
            self.advance(messages.len() as u64);
            return Ok(0);
        }
        let count = messages.len() as u64;
        self.undo.histories.push(Filled { profile: id.clone(), messages: count, was_there });
        let (mut hold, mut fault) = (history.hold(), history.fault());
        let mut last = None;
        for message in messages {
            self.cancelled.check()?;
            let given = history.append(message.clone())?;
            if message.direction == Direction::Sent {
                // Nobody knows any more whether it was answered; it was sent.
                history.set_outcome(given, Outcome::Sent);
            }
            last = Some(given);
            self.advance(1);
            if *hold.borrow() {
                tokio::select! {
                    _ = hold.wait_for(|hold| !*hold) => {}
                    found = fault.wait_for(Option::is_some) => fail_with(found.ok().as_deref())?,
                }
            }
        }
        let mut committed = history.committed();
        let all = last.map_or(0, |last| last.0);
        tokio::select! {
            _ = committed.wait_for(|id| *id >= all) => {}
            found = fault.wait_for(Option::is_some) => fail_with(found.ok().as_deref())?,
        }
        if !was_open && self.engine.sessions.get(id).is_none() {
            self.engine.close_history(id).await;
        }
        Ok(count)
    }

    async fn store(&mut self, decided: Vec<Decided>, found: &Found) -> Result<(), UserError> {
        self.keep_what_goes(&decided).await?;
        let values: Vec<(SecretName, Secret)> = decided
            .iter()
            .flat_map(|one| {
                let values = one.secrets.0.iter();
                values.map(|(slot, value)| (SecretName::of(&one.profile.id, slot), value.clone()))
            })
            .collect();
        for some in values.chunks(SECRETS_AT_ONCE) {
            self.cancelled.check()?;
            let (engine, some) = (self.engine.clone(), some.to_vec());
            let before = blocking(move || engine.secrets.set_all(&some)).await??;
            self.undo.secrets_before.push(before);
        }
        self.cancelled.check()?;
        let profiles: Vec<_> = decided.iter().map(|one| one.profile.clone()).collect();
        let surplus = surplus(&decided);
        let engine = self.engine.clone();
        blocking(move || {
            engine.profiles.save_all(&profiles)?;
            if let Err(error) = engine.secrets.remove_all(&surplus) {
                tracing::warn!(%error, "secrets that are not wanted any more stay behind");
            }
            Ok::<_, UserError>(())
        })
        .await??;
        self.undo.changed = decided.iter().map(Changed::from).collect();
        // From here on the old values are what the changed profiles had, one by one.
        self.undo.secrets_before.clear();
        self.place(&decided, found).await?;
        for one in &decided {
            self.engine.listeners.mark(&Subject::Session(one.profile.id.clone()));
        }
        self.engine.listeners.mark(&Subject::Profiles);
        self.advance(decided.len() as u64);
        Ok(())
    }

    /// Remembers the secrets that profiles will lose or have replaced.
    async fn keep_what_goes(&mut self, decided: &[Decided]) -> Result<(), UserError> {
        let changed = decided.iter().filter_map(|one| Some((one.before.clone()?, one)));
        let names: Vec<(ProfileId, SecretName)> = changed
            .flat_map(|(before, one)| {
                let after = one.profile.secrets();
                let goes = move |(slot, name): &(_, SecretName)| {
                    one.secrets.get(slot).is_some() || after.iter().all(|(_, other)| other != name)
                };
                let gone = before.secrets().into_iter().filter(goes);
                gone.map(|(_, name)| (one.profile.id.clone(), name)).collect::<Vec<_>>()
            })
            .collect();
        let engine = self.engine.clone();
        self.undo.secrets = blocking(move || {
            let mut kept: BTreeMap<ProfileId, Vec<(SecretName, Secret)>> = BTreeMap::new();
            for (id, name) in names {
                if let Some(value) = engine.secrets.get(&name)? {
                    kept.entry(id).or_default().push((name, value));
                }
            }
            Ok::<_, UserError>(kept)
        })
        .await??;
        Ok(())
    }

    async fn place(&mut self, decided: &[Decided], found: &Found) -> Result<(), UserError> {
        let is_new = |one: &&Decided| one.before.is_none();
        let new: BTreeMap<usize, ProfileId> =
            decided.iter().filter(is_new).map(|one| (one.index, one.profile.id.clone())).collect();
        if new.is_empty() || found.tree.is_empty() {
            return Ok(());
        }
        let (engine, nodes) = (self.engine.clone(), found.tree.clone());
        self.undo.folders = blocking(move || {
            let mut fresh = || FolderId(uuid::Uuid::new_v4().to_string());
            engine.profiles.change_tree(|tree| Ok(placing::place(tree, &nodes, &new, &mut fresh)))
        })
        .await??;
        Ok(())
    }

    fn advance(&mut self, done: u64) {
        self.progress.done += done;
        self.engine.imports.set_progress(&self.progress);
        self.engine.listeners.mark(&Subject::Import(self.progress.import));
    }
}

/// The secrets that replaced profiles named and nobody names now.
fn surplus(decided: &[Decided]) -> Vec<SecretName> {
    let changed = decided.iter().filter_map(|one| Some((one.before.as_ref()?, &one.profile)));
    let gone = changed.flat_map(|(before, after)| {
        let kept = after.secrets();
        let is_gone = move |name: &SecretName| kept.iter().all(|(_, other)| other != name);
        before.secrets().into_iter().map(|(_, name)| name).filter(is_gone)
    });
    gone.collect()
}

fn messages_of<'a>(found: &'a Found, one: &Decided) -> &'a [Message] {
    found.profiles.get(one.index).map_or(&[], |found| &found.messages)
}

/// The history cannot store: the import ends with its reason.
fn fail_with(fault: Option<&Option<UserError>>) -> Result<(), UserError> {
    let closed = || UserError::new(ErrorCode::HistoryFailed, "The history was closed.");
    Err(fault.cloned().flatten().unwrap_or_else(closed))
}
