//! The commands that read and change what is saved: settings, profiles, histories.

use mqttscope_model::{
    ErrorCode, MessageId, Profile, ProfileId, Secret, SecretName, UserError,
    address::{self, ParsedAddress},
    check::{self, Problem, Weight},
    properties,
};
use mqttscope_payload::{PayloadView, ViewKind};
use rand::Rng as _;

use crate::Engine;
use crate::api::{
    AppInfo, BrokenProfile, Cleared, HistoryStats, MessageDetail, Page, PasswordChange,
    ProfileList, Row, SecretStoreInfo, Settings,
};
use crate::engine::blocking;
use crate::events::Subject;

/// The most rows that one page holds.
const MAX_ROWS: u32 = 500;

impl Engine {
    pub(crate) async fn app_info(&self) -> Result<AppInfo, UserError> {
        Ok(AppInfo {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            config_dir: self.folders.config.display().to_string(),
            data_dir: self.folders.data.display().to_string(),
            secret_store: SecretStoreInfo::from(self.secrets.kind()),
        })
    }

    pub(crate) async fn settings_get(&self) -> Result<Settings, UserError> {
        Ok(self.settings.get())
    }

    pub(crate) async fn settings_set(&self, settings: Settings) -> Result<(), UserError> {
        self.settings.set(settings)?;
        self.listeners.mark(&Subject::Settings);
        Ok(())
    }

    pub(crate) async fn profiles_list(&self) -> Result<ProfileList, UserError> {
        let listing = self.profiles.list()?;
        Ok(ProfileList {
            profiles: listing.profiles,
            broken: listing
                .broken
                .into_iter()
                .map(|broken| BrokenProfile {
                    file: broken.file.display().to_string(),
                    reason: broken.reason,
                })
                .collect(),
        })
    }

    pub(crate) async fn profile_new(&self) -> Result<Profile, UserError> {
        Ok(Profile::new(fresh_id()?, fresh_client_id()))
    }

    pub(crate) async fn profile_check(&self, profile: Profile) -> Result<Vec<Problem>, UserError> {
        Ok(check::check(&profile))
    }

    pub(crate) async fn profile_save(
        &self,
        mut profile: Profile,
        password: PasswordChange,
    ) -> Result<Profile, UserError> {
        let mut problems = check::check(&profile);
        if let PasswordChange::Set { value } = &password {
            problems.extend(check::check_password(value));
        }
        let mut errors = problems.into_iter().filter(|problem| problem.weight == Weight::Error);
        if let Some(problem) = errors.next() {
            return Err(UserError::new(
                ErrorCode::ProfileInvalid,
                format!(
                    "The field {} must be mended before the profile can be saved.",
                    problem.field
                ),
            )
            .detail("field", problem.field));
        }
        let name = SecretName::password_of(&profile.id);
        match password {
            PasswordChange::Keep => {}
            PasswordChange::Clear => {
                self.remove_secret(name).await?;
                profile.password = None;
            }
            PasswordChange::Set { value } => {
                self.set_secret(name.clone(), value).await?;
                profile.password = Some(name);
            }
        }
        self.profiles.save(&profile)?;
        self.listeners.mark(&Subject::Profiles);
        self.listeners.mark(&Subject::Session(profile.id.clone()));
        Ok(profile)
    }

    pub(crate) async fn profile_duplicate(
        &self,
        id: ProfileId,
        name: String,
    ) -> Result<Profile, UserError> {
        let original = self.profiles.get(&id)?;
        let password = self.password_of(&original).await?;
        let copy = Profile {
            id: fresh_id()?,
            name,
            // Two connections with one Client Identifier throw each other out [MQTT-3.1.4-3].
            client_id: if original.client_id.is_empty() {
                String::new()
            } else {
                fresh_client_id()
            },
            password: None,
            ..original
        };
        let change = password.map_or(PasswordChange::Keep, |value| PasswordChange::Set { value });
        self.profile_save(copy, change).await
    }

    pub(crate) async fn profile_delete(&self, id: ProfileId) -> Result<(), UserError> {
        self.profiles.get(&id)?;
        self.sessions.remove(&id).await;
        self.histories.close(&id).await;
        self.profiles.delete(&id)?;
        self.listeners.mark(&Subject::Profiles);
        Ok(())
    }

    pub(crate) async fn profile_restore(&self, id: ProfileId) -> Result<Profile, UserError> {
        let profile = self.profiles.restore(&id)?;
        self.listeners.mark(&Subject::Profiles);
        self.listeners.mark(&Subject::Session(id));
        Ok(profile)
    }

    pub(crate) async fn client_id_new(&self) -> Result<String, UserError> {
        Ok(fresh_client_id())
    }

    pub(crate) async fn address_parse(&self, text: String) -> Result<ParsedAddress, UserError> {
        address::parse(&text).map_err(|error| {
            UserError::new(ErrorCode::AddressInvalid, error.to_string())
                .hint("An address looks like wss://user@host:8084/mqtt.")
        })
    }

    pub(crate) async fn history_stats(
        &self,
        profile: ProfileId,
    ) -> Result<HistoryStats, UserError> {
        let stats = self.history(&profile).await?.stats();
        Ok(HistoryStats::new(stats, self.histories.set_aside(&profile)))
    }

    pub(crate) async fn history_page(
        &self,
        profile: ProfileId,
        first: u64,
        count: u32,
    ) -> Result<Page, UserError> {
        let history = self.history(&profile).await?;
        let page = blocking(move || history.page(first, count.min(MAX_ROWS))).await??;
        Ok(Page {
            first: page.first,
            total: page.total,
            rows: page.rows.into_iter().map(Row::from).collect(),
        })
    }

    pub(crate) async fn history_message(
        &self,
        profile: ProfileId,
        id: MessageId,
    ) -> Result<MessageDetail, UserError> {
        let history = self.history(&profile).await?;
        let stored = blocking(move || history.message(id)).await??;
        let properties = properties::decode(&stored.properties).map_err(|error| {
            UserError::new(
                ErrorCode::HistoryFailed,
                format!("The properties of message {} cannot be read: {error}", id.0),
            )
        })?;
        Ok(MessageDetail { row: Row::without_preview(stored), properties })
    }

    pub(crate) async fn history_clear(&self, profile: ProfileId) -> Result<Cleared, UserError> {
        let history = self.history(&profile).await?;
        let cleared = blocking(move || history.clear()).await??;
        self.histories.forget_viewed();
        Ok(Cleared { messages: cleared.messages, bytes: cleared.bytes })
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

    /// The password of a profile, where it has one.
    pub(crate) async fn password_of(&self, profile: &Profile) -> Result<Option<Secret>, UserError> {
        let (engine, profile) = (self.clone(), profile.clone());
        Ok(blocking(move || engine.secrets.password_of(&profile)).await??)
    }

    async fn set_secret(&self, name: SecretName, value: Secret) -> Result<(), UserError> {
        let engine = self.clone();
        Ok(blocking(move || engine.secrets.set(&name, &value)).await??)
    }

    async fn remove_secret(&self, name: SecretName) -> Result<(), UserError> {
        let engine = self.clone();
        Ok(blocking(move || engine.secrets.remove(&name)).await??)
    }
}

fn fresh_id() -> Result<ProfileId, UserError> {
    ProfileId::new(uuid::Uuid::new_v4().to_string())
        .ok_or_else(|| UserError::new(ErrorCode::Internal, "A fresh identifier was not valid."))
}

/// 19 letters and digits: every server must accept up to 23 of them (`[MQTT-3.1.3-5]`).
fn fresh_client_id() -> String {
    let mut random = rand::rng();
    let tail: String =
        (0..10).map(|_| char::from(random.sample(rand::distr::Alphanumeric))).collect();
    format!("mqttscope{tail}")
}
