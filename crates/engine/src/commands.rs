//! The commands that read and change settings and profiles.

use mqttscope_model::{
    ErrorCode, Profile, ProfileId, SecretEdit, SecretName, Secrets, UserError,
    address::{self, ParsedAddress},
    check::{self, Problem, Weight},
};
use rand::Rng as _;

use crate::Engine;
use crate::api::{AppInfo, BrokenProfile, ProfileList, SecretStoreInfo, Settings};
use crate::engine::blocking;
use crate::events::Subject;

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
        let megabytes = settings.packet_memory_mb;
        self.settings.set(settings)?;
        self.timelines.limit(megabytes);
        self.listeners.mark(&Subject::Settings);
        Ok(())
    }

    pub(crate) async fn profiles_list(&self) -> Result<ProfileList, UserError> {
        let engine = self.clone();
        let listing = blocking(move || engine.profiles.list()).await??;
        Ok(ProfileList {
            tree: listing.tree,
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

    pub(crate) async fn profile_check(
        &self,
        mut profile: Profile,
        secrets: Vec<SecretEdit>,
    ) -> Result<Vec<Problem>, UserError> {
        Ok(self.problems(&mut profile, &secrets))
    }

    pub(crate) async fn profile_save(
        &self,
        mut profile: Profile,
        secrets: Vec<SecretEdit>,
    ) -> Result<Profile, UserError> {
        let problems = self.problems(&mut profile, &secrets);
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
        let engine = self.clone();
        let profile = blocking(move || engine.save_with_secrets(profile, secrets)).await??;
        self.hold_limits(&profile);
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
        let secrets = self.secrets_of(&original).await?;
        let copy = Profile {
            id: fresh_id()?,
            name,
            // Two connections with one Client Identifier throw each other out [MQTT-3.1.4-3].
            client_id: if original.client_id.is_empty() {
                String::new()
            } else {
                fresh_client_id()
            },
            ..original
        };
        let edits = secrets.0.into_iter();
        let edits = edits.map(|(slot, value)| SecretEdit { slot, value: Some(value) }).collect();
        let copy = self.profile_save(copy, edits).await?;
        let (engine, behind) = (self.clone(), copy.id.clone());
        let placed = blocking(move || engine.profiles.place_behind(&id, &behind)).await?;
        if let Err(error) = placed {
            // The copy is there, if only at another place.
            tracing::warn!(%error, "a copy could not be put beside its original");
        }
        self.listeners.mark(&Subject::Profiles);
        Ok(copy)
    }

    pub(crate) async fn profiles_delete(&self, ids: Vec<ProfileId>) -> Result<(), UserError> {
        // One that is not there refuses all, before anything happens.
        ids.iter().try_for_each(|id| self.profiles.get(id).map(drop))?;
        for id in ids {
            self.sessions.remove(&id).await;
            self.timelines.remove(&id);
            self.requests.remove(&id);
            self.close_history(&id).await;
            self.profiles.delete(&id)?;
            self.listeners.mark(&Subject::Profiles);
        }
        Ok(())
    }

    pub(crate) async fn profiles_restore(
        &self,
        ids: Vec<ProfileId>,
    ) -> Result<Vec<Profile>, UserError> {
        let mut restored = Vec::new();
        for id in ids {
            restored.push(self.profiles.restore(&id)?);
            self.listeners.mark(&Subject::Profiles);
            self.listeners.mark(&Subject::Session(id));
        }
        Ok(restored)
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

    /// The values of all secrets that a profile names.
    pub(crate) async fn secrets_of(&self, profile: &Profile) -> Result<Secrets, UserError> {
        let (engine, profile) = (self.clone(), profile.clone());
        Ok(blocking(move || engine.secrets.of(&profile)).await??)
    }

    /// Gives the secrets their names in the profile, and says what is wrong with both.
    fn problems(&self, profile: &mut Profile, secrets: &[SecretEdit]) -> Vec<Problem> {
        name_secrets(profile, secrets);
        let mut problems = check::check_with(profile, self.own_preset_of(profile).as_slice());
        problems.extend(secrets.iter().filter_map(|edit| check::check_secret(profile, edit)));
        problems
    }
}

/// Gives secrets that were typed their names in the profile, and takes those out that were removed.
pub(crate) fn name_secrets(profile: &mut Profile, secrets: &[SecretEdit]) {
    for SecretEdit { slot, value } in secrets {
        let name = value.as_ref().map(|_| SecretName::of(&profile.id, slot));
        profile.set_secret(slot, name);
    }
}

fn fresh_id() -> Result<ProfileId, UserError> {
    ProfileId::new(uuid::Uuid::new_v4().to_string())
        .ok_or_else(|| UserError::new(ErrorCode::Internal, "A fresh identifier was not valid."))
}

/// 19 letters and digits: every server must accept up to 23 of them (`[MQTT-3.1.3-5]`).
pub(crate) fn fresh_client_id() -> String {
    let mut random = rand::rng();
    let tail: String =
        (0..10).map(|_| char::from(random.sample(rand::distr::Alphanumeric))).collect();
    format!("mqttscope{tail}")
}
