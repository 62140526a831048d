//! The commands that read and change the messages of a history.

use std::time::Duration;

use mqttscope_history::{History, View};
use mqttscope_model::properties::Property;
use mqttscope_model::{
    Bookmark, Direction, ErrorCode, FilterState, MessageId, Profile, ProfileId, ProtocolVersion,
    Retention, Subscription, SubscriptionState, UserError, check, properties,
};
use mqttscope_payload::{PayloadView, ViewKind};

use crate::Engine;
use crate::api::{Cleared, HistoryStats, HistoryUsage, MessageDetail, Page, PageFrom, Row, ViewId};
use crate::engine::blocking;
use crate::events::Subject;

/// How long a message that was just recorded may take to the disk before it counts as not there.
const COMMIT: Duration = Duration::from_secs(2);

/// The most rows that one page holds.
const MAX_ROWS: u32 = 500;

/// The most Topic Names that are proposed at once.
const MAX_TOPICS: u32 = 200;

impl Engine {
    pub(crate) async fn history_stats(
        &self,
        profile: ProfileId,
    ) -> Result<HistoryStats, UserError> {
        let history = self.history(&profile).await?;
        Ok(self.stats_of(&profile, &history))
    }

    /// What a history says of itself.
    pub(crate) fn stats_of(&self, profile: &ProfileId, history: &History) -> HistoryStats {
        let recording = self.histories.recording(profile).is_on();
        HistoryStats::new(history.stats(), self.histories.set_aside(profile), recording)
    }

    pub(crate) async fn history_usage(
        &self,
        profile: ProfileId,
    ) -> Result<HistoryUsage, UserError> {
        let history = self.history(&profile).await?;
        let retention = self.profiles.get(&profile)?.retention;
        blocking(move || {
            let first = history.page(0, 1)?.rows.pop();
            Ok(HistoryUsage {
                usage: history.usage(),
                retention,
                removed: *history.removed().borrow(),
                oldest_us: first.map(|row| row.time_us),
                bookmarks: history.bookmarks().len() as u64,
            })
        })
        .await?
    }

    pub(crate) async fn history_limit(
        &self,
        id: ProfileId,
        retention: Retention,
    ) -> Result<(), UserError> {
        let mut profile = self.profiles.get(&id)?;
        profile.retention = retention;
        let problems = check::check(&profile);
        if let Some(problem) = problems.iter().find(|found| found.field.starts_with("retention.")) {
            return Err(UserError::new(
                ErrorCode::ProfileInvalid,
                format!("The limit {} must be in {}.", problem.field, problem.limit),
            )
            .detail("field", &problem.field)
            .detail("limit", &problem.limit));
        }
        self.profiles.save(&profile)?;
        self.hold_limits(&profile);
        self.listeners.mark(&Subject::Profiles);
        Ok(())
    }

    pub(crate) async fn history_record(
        &self,
        profile: ProfileId,
        on: bool,
    ) -> Result<(), UserError> {
        self.history(&profile).await?;
        self.histories.recording(&profile).switch(on);
        self.listeners.mark(&Subject::History(profile));
        Ok(())
    }

    pub(crate) async fn history_page(
        &self,
        profile: ProfileId,
        view: Option<ViewId>,
        from: PageFrom,
        count: u32,
    ) -> Result<Page, UserError> {
        let history = self.history(&profile).await?;
        let view = view.map(|id| self.views.get(id)).transpose()?;
        blocking(move || {
            let rows = match &view {
                Some(view) => Rows::View(&view.view),
                None => Rows::History(&history),
            };
            rows.page(&history, from, count.min(MAX_ROWS))
        })
        .await?
    }

    pub(crate) async fn history_message(
        &self,
        profile: ProfileId,
        id: MessageId,
    ) -> Result<MessageDetail, UserError> {
        let history = self.history(&profile).await?;
        // Who has just sent a message knows its number before it is on the disk.
        let mut committed = history.committed();
        let stored = committed.wait_for(|last| *last >= id.0);
        let _or_there_is_none = tokio::time::timeout(COMMIT, stored).await.is_ok();
        let (stored, bookmark) =
            blocking(move || Ok::<_, UserError>((history.message(id)?, history.bookmark(id))))
                .await??;
        let properties = properties::decode(&stored.properties).map_err(|error| {
            UserError::new(
                ErrorCode::HistoryFailed,
                format!("The properties of message {} cannot be read: {error}", id.0),
            )
        })?;
        let note = bookmark.map(|bookmark| bookmark.note);
        let came_through = match stored.direction {
            Direction::Received => {
                self.came_through(&self.profiles.get(&profile)?, &stored.topic, &properties)
            }
            Direction::Sent => Vec::new(),
        };
        Ok(MessageDetail { row: Row::without_preview(stored, note), properties, came_through })
    }

    pub(crate) async fn message_previous(
        &self,
        profile: ProfileId,
        id: MessageId,
    ) -> Result<Option<MessageId>, UserError> {
        let history = self.history(&profile).await?;
        Ok(blocking(move || history.previous_on_topic(id)).await??)
    }

    pub(crate) async fn history_clear(&self, profile: ProfileId) -> Result<Cleared, UserError> {
        let history = self.history(&profile).await?;
        let cleared = blocking(move || history.clear()).await??;
        self.histories.forget_viewed();
        Ok(Cleared { messages: cleared.messages, bytes: cleared.bytes })
    }

    pub(crate) async fn topics_complete(
        &self,
        profile: ProfileId,
        typed: String,
        limit: u32,
    ) -> Result<Vec<String>, UserError> {
        let history = self.history(&profile).await?;
        let limit = limit.min(MAX_TOPICS) as usize;
        let found = blocking(move || history.complete_topics(&typed, limit)).await?;
        Ok(found.into_iter().map(|found| found.topic.as_ref().to_owned()).collect())
    }

    pub(crate) async fn payload_view(
        &self,
        profile: ProfileId,
        id: MessageId,
        kind: ViewKind,
        offset: u64,
        limit: u32,
    ) -> Result<PayloadView, UserError> {
        let history = self.history(&profile).await?;
        let engine = self.clone();
        blocking(move || {
            let document = engine.histories.document(&history, profile, id)?;
            Ok(document.view(kind, offset, limit))
        })
        .await?
    }

    pub(crate) async fn bookmarks_list(
        &self,
        profile: ProfileId,
    ) -> Result<Vec<Bookmark>, UserError> {
        Ok(self.history(&profile).await?.bookmarks())
    }

    pub(crate) async fn bookmark_set(
        &self,
        profile: ProfileId,
        id: MessageId,
        note: String,
    ) -> Result<(), UserError> {
        let history = self.history(&profile).await?;
        Ok(blocking(move || history.set_bookmark(id, &note)).await??)
    }

    pub(crate) async fn bookmark_remove(
        &self,
        profile: ProfileId,
        id: MessageId,
    ) -> Result<(), UserError> {
        let history = self.history(&profile).await?;
        blocking(move || history.remove_bookmark(id)).await??;
        Ok(())
    }
}

impl Engine {
    /// The Topic Filters of the subscriptions that a message came through, as they are now: those of the session, which may
    /// be made for a request alone, and those of the profile.
    fn came_through(&self, profile: &Profile, topic: &str, properties: &[Property]) -> Vec<String> {
        let session = self.sessions.get(&profile.id);
        let running = session.map(|session| session.snapshot().borrow().subscriptions.clone());
        let running = running.unwrap_or_default();
        let is_new = |one: &&Subscription| running.iter().all(|s| s.wanted.filter != one.filter);
        let saved: Vec<_> = profile.subscriptions.iter().filter(is_new).cloned().collect();
        let refused =
            |state: &SubscriptionState| matches!(state.answer, FilterState::Refused { .. });
        let made = running.into_iter().filter(|state| !refused(state)).map(|state| state.wanted);
        let all: Vec<Subscription> = made.chain(saved).collect();
        let named = properties.iter().filter_map(|property| match property {
            Property::SubscriptionIdentifier(identifier) => Some(*identifier),
            _ => None,
        });
        let named: Vec<u32> = named.collect();
        let named = (profile.version == ProtocolVersion::V5).then_some(named.as_slice());
        let found = Subscription::that_brought(&all, topic, named);
        found.into_iter().map(|one| one.filter.clone()).collect()
    }
}

/// Where rows are read: a whole history or a view of it.
#[derive(Clone, Copy)]
enum Rows<'a> {
    History(&'a History),
    View(&'a View),
}

impl Rows<'_> {
    /// A page. The row that it was asked from tells the anchor itself, because places may move between the two looks.
    fn page(self, history: &History, from: PageFrom, count: u32) -> Result<Page, UserError> {
        let (first, anchor) = self.begin(from, count);
        let page = match self {
            Self::History(history) => history.page(first, count)?,
            Self::View(view) => view.page(first, count)?,
        };
        let asked = match from {
            PageFrom::Message { id, .. } => page.rows.iter().find(|row| row.id >= id),
            PageFrom::Place { .. } | PageFrom::End | PageFrom::Time { .. } => None,
        };
        let anchor = asked.map(|row| row.index).or(anchor);
        let with_bookmark = |row: mqttscope_history::Row| {
            let note = history.bookmark(row.id).map(|bookmark| bookmark.note);
            Row::new(row, note)
        };
        let rows = page.rows.into_iter().map(with_bookmark).collect();
        Ok(Page { first: page.first, total: page.total, anchor, rows })
    }

    /// The place of the first row of a page, and of what it is asked from.
    fn begin(self, from: PageFrom, count: u32) -> (u64, Option<u64>) {
        match from {
            PageFrom::Place { place } => (place, None),
            PageFrom::End => (self.place(MessageId(u64::MAX)).saturating_sub(count.into()), None),
            PageFrom::Message { id, before } => {
                let place = self.place(id);
                (place.saturating_sub(before.into()), Some(place))
            }
            PageFrom::Time { time_us, before } => {
                let place = match self {
                    Self::History(history) => history.index_at(time_us),
                    Self::View(view) => view.index_at(time_us),
                };
                (place.saturating_sub(before.into()), Some(place))
            }
        }
    }

    /// The place of the first message that is not before an id; the number of messages where all are.
    fn place(self, id: MessageId) -> u64 {
        match self {
            Self::History(history) => history.place(id),
            Self::View(view) => view.place(id),
        }
    }
}
