//! The open views, and the searches within them.
//!
//! A window opens a view, reads pages of it, and closes it. A window that was reloaded forgets what it had open, so only
//! the last few are kept; who asks for one that is gone is told so and opens it again.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use mqttscope_history::{Find, Job, View, ViewProgress};
use mqttscope_model::{
    ErrorCode, FindMarks, FindRequest, MessageId, ProfileId, Towards, UserError, ViewFilter,
};

use crate::Engine;
use crate::api::{FindId, FindStep, ViewId, ViewOpened, ViewState};
use crate::engine::{blocking, watch};
use crate::events::Subject;

/// How many views and how many searches are kept: a window has one of each for every profile that it shows.
const KEPT: usize = 32;

/// The most parts of the marks: more than a scrollbar has pixels.
const MAX_PARTS: u32 = 4_096;

/// A view that somebody looks at.
#[derive(Debug)]
pub(crate) struct OpenView {
    profile: ProfileId,
    pub(crate) view: View,
}

impl OpenView {
    /// Whose history it is of.
    pub(crate) fn profile(&self) -> &ProfileId {
        &self.profile
    }
}

/// A search within a view; in a whole history, within a view of everything that lives as long as the search.
#[derive(Debug)]
struct OpenFind {
    within: Arc<OpenView>,
    find: Find,
    /// The step that runs.
    step: Mutex<Job>,
}

#[derive(Debug, Default)]
pub(crate) struct Views(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    last: u32,
    views: BTreeMap<ViewId, Arc<OpenView>>,
    finds: BTreeMap<FindId, Arc<OpenFind>>,
}

impl Views {
    pub(crate) fn get(&self, id: ViewId) -> Result<Arc<OpenView>, UserError> {
        self.lock().views.get(&id).cloned().ok_or_else(gone)
    }

    /// How far a view is; none where it is closed.
    pub(crate) fn state(&self, id: ViewId) -> Option<ViewState> {
        let view = self.lock().views.get(&id).cloned()?;
        let state = view.view.progress().borrow().clone();
        Some(state.into())
    }

    /// How far a search is; none where it is closed.
    pub(crate) fn find_state(&self, id: FindId) -> Option<ViewState> {
        let find = self.find(id).ok()?;
        let state = find.find.progress().borrow().clone();
        Some(state.into())
    }

    /// Closes all views and searches of a profile. Blocks until their threads have ended.
    pub(crate) fn close_all_of(&self, profile: &ProfileId) {
        let mut kept = self.lock();
        let finds = kept.finds.extract_if(.., |_, find| find.within.profile == *profile);
        let finds: Vec<_> = finds.collect();
        let views: Vec<_> = kept.views.extract_if(.., |_, view| view.profile == *profile).collect();
        drop(kept);
        finds.iter().for_each(|(_, find)| find.cancel());
        drop((finds, views));
    }

    fn find(&self, id: FindId) -> Result<Arc<OpenFind>, UserError> {
        self.lock().finds.get(&id).cloned().ok_or_else(gone)
    }

    /// Keeps a view; the answer also has those that are kept no longer, to be dropped where blocking is allowed.
    fn add(&self, view: Arc<OpenView>) -> (ViewId, Vec<Arc<OpenView>>) {
        let mut kept = self.lock();
        let mut old = Vec::new();
        while kept.views.len() >= KEPT {
            old.extend(kept.views.pop_first().map(|(_, view)| view));
        }
        kept.last += 1;
        let id = ViewId(kept.last);
        kept.views.insert(id, view);
        (id, old)
    }

    fn add_find(&self, find: Arc<OpenFind>) -> (FindId, Vec<Arc<OpenFind>>) {
        let mut kept = self.lock();
        let mut old = Vec::new();
        while kept.finds.len() >= KEPT {
            old.extend(kept.finds.pop_first().map(|(_, find)| find));
        }
        kept.last += 1;
        let id = FindId(kept.last);
        kept.finds.insert(id, find);
        (id, old)
    }

    /// Takes a view out, with the searches within it.
    fn take(&self, id: ViewId) -> Option<(Arc<OpenView>, Vec<Arc<OpenFind>>)> {
        let mut kept = self.lock();
        let view = kept.views.remove(&id)?;
        let within = kept.finds.extract_if(.., |_, find| Arc::ptr_eq(&find.within, &view));
        let finds = within.map(|(_, find)| find).collect();
        Some((view, finds))
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl OpenFind {
    fn cancel(&self) {
        self.step.lock().unwrap_or_else(PoisonError::into_inner).cancel();
    }

    /// A new step; one that still runs is not wanted any more.
    fn next_step(&self) -> Job {
        let mut step = self.step.lock().unwrap_or_else(PoisonError::into_inner);
        step.cancel();
        *step = Job::new();
        step.clone()
    }
}

impl Engine {
    pub(crate) async fn view_open(
        &self,
        profile: ProfileId,
        filter: ViewFilter,
    ) -> Result<ViewOpened, UserError> {
        let view = self.open_view(profile, filter).await?;
        let progress = view.view.progress();
        let state = ViewState::from(progress.borrow().clone());
        let (id, old) = self.views.add(view);
        watch(progress, &self.listeners, Subject::View(id));
        // A view ends with its thread, which may be reading.
        blocking(move || drop(old)).await?;
        Ok(ViewOpened { view: id, state })
    }

    pub(crate) async fn view_state(&self, view: ViewId) -> Result<ViewState, UserError> {
        self.views.state(view).ok_or_else(gone)
    }

    pub(crate) async fn view_halt(&self, view: ViewId) -> Result<(), UserError> {
        self.views.get(view)?.view.halt();
        Ok(())
    }

    pub(crate) async fn view_close(&self, view: ViewId) -> Result<(), UserError> {
        let Some((view, finds)) = self.views.take(view) else { return Ok(()) };
        finds.iter().for_each(|find| find.cancel());
        blocking(move || drop((finds, view))).await
    }

    pub(crate) async fn find_open(
        &self,
        profile: ProfileId,
        view: Option<ViewId>,
        request: FindRequest,
    ) -> Result<FindId, UserError> {
        let within = match view {
            Some(view) => self.views.get(view)?,
            None => self.open_view(profile, ViewFilter::default()).await?,
        };
        let find = within.view.find(&request)?;
        let progress = find.progress();
        let open = OpenFind { within, find, step: Mutex::new(Job::new()) };
        let (id, old) = self.views.add_find(Arc::new(open));
        watch(progress, &self.listeners, Subject::Find(id));
        blocking(move || drop(old)).await?;
        Ok(id)
    }

    pub(crate) async fn find_step(
        &self,
        find: FindId,
        from: Option<MessageId>,
        towards: Towards,
    ) -> Result<FindStep, UserError> {
        let find = self.views.find(find)?;
        let job = find.next_step();
        blocking(move || {
            let at = find.find.next(&find.within.view, from, towards, &job)?;
            let number = at.and_then(|at| find.find.number(at.id));
            Ok(FindStep { at, number })
        })
        .await?
    }

    pub(crate) async fn find_marks(
        &self,
        find: FindId,
        parts: u32,
    ) -> Result<FindMarks, UserError> {
        let find = self.views.find(find)?;
        blocking(move || find.find.marks(&find.within.view, parts.clamp(1, MAX_PARTS))).await
    }

    pub(crate) async fn find_close(&self, find: FindId) -> Result<(), UserError> {
        let open = self.views.lock().finds.remove(&find);
        let Some(open) = open else { return Ok(()) };
        open.cancel();
        blocking(move || drop(open)).await
    }

    async fn open_view(
        &self,
        profile: ProfileId,
        filter: ViewFilter,
    ) -> Result<Arc<OpenView>, UserError> {
        let history = self.history(&profile).await?;
        let view = blocking(move || history.view(&filter)).await??;
        Ok(Arc::new(OpenView { profile, view }))
    }
}

impl From<ViewProgress> for ViewState {
    fn from(progress: ViewProgress) -> Self {
        let ViewProgress { found, scanned, remaining, complete, halted, fault } = progress;
        Self { found, scanned, remaining, complete, halted, fault }
    }
}

fn gone() -> UserError {
    UserError::new(ErrorCode::ViewGone, "This view is not open any more.")
        .hint("Apply the filter again.")
}
