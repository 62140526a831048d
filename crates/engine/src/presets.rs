//! Presets: those of providers, and those that were saved here.

use std::collections::BTreeMap;

use mqttscope_model::check::MAX_NAME;
use mqttscope_model::preset::{self, PresetError};
use mqttscope_model::{ErrorCode, Preset, PresetId, Profile, UserError};
use mqttscope_profiles::PresetStore;

use crate::Engine;
use crate::api::PresetList;
use crate::engine::blocking;

impl Engine {
    pub(crate) async fn presets_list(&self) -> Result<PresetList, UserError> {
        let store = self.own_presets();
        let own = blocking(move || store.list()).await?;
        Ok(PresetList { providers: preset::providers().to_vec(), own })
    }

    pub(crate) async fn preset_apply(
        &self,
        preset: PresetId,
        answers: BTreeMap<String, String>,
        profile: Profile,
    ) -> Result<Profile, UserError> {
        let chosen = match provider(&preset) {
            Some(provider) => provider.clone(),
            None => {
                let store = self.own_presets();
                blocking(move || store.get(&preset)).await??
            }
        };
        chosen.apply(&profile, &answers).map_err(shown)
    }

    pub(crate) async fn preset_save(
        &self,
        name: String,
        profile: Profile,
    ) -> Result<Preset, UserError> {
        let name = name.trim();
        if name.is_empty() || name.chars().count() > MAX_NAME || name.contains(char::is_control) {
            let message =
                format!("A preset's name has 1 to {MAX_NAME} characters, all of them visible.");
            return Err(UserError::new(ErrorCode::PresetInvalid, message)
                .hint("Give it another name.")
                .detail("field", "name"));
        }
        // The rules come along, so that what began with a provider is held against it still.
        let own = self.own_preset_of(&profile);
        let rules = preset::provider_of(&profile, own.as_slice())
            .map(|provider| provider.rules.clone())
            .unwrap_or_default();
        let id = PresetId(uuid::Uuid::new_v4().to_string());
        let preset = Preset::of_profile(id, name, &profile, rules).map_err(shown)?;
        let (store, kept) = (self.own_presets(), preset.clone());
        blocking(move || store.save(&kept)).await??;
        Ok(preset)
    }

    pub(crate) async fn preset_delete(&self, id: PresetId) -> Result<(), UserError> {
        let store = self.own_presets();
        Ok(blocking(move || store.delete(&id)).await??)
    }

    /// The preset that a profile names, where it was saved here. One that is gone has no rules any more.
    pub(crate) fn own_preset_of(&self, profile: &Profile) -> Option<Preset> {
        let id = profile.preset.as_ref().filter(|id| provider(id).is_none())?;
        self.own_presets().get(id).ok()
    }

    fn own_presets(&self) -> PresetStore {
        PresetStore::new(&self.folders.config)
    }
}

fn provider(id: &PresetId) -> Option<&'static Preset> {
    preset::providers().iter().find(|preset| preset.id == *id)
}

fn shown(error: PresetError) -> UserError {
    match &error {
        PresetError::Unanswered(question) | PresetError::NotAChoice(question) => {
            UserError::new(ErrorCode::PresetUnanswered, format!("In the preset, {error}."))
                .hint("Answer every question, with one of the values where some are offered.")
                .detail("question", question)
        }
        PresetError::Invalid(reason) => {
            UserError::new(ErrorCode::PresetInvalid, format!("The preset cannot be used: {error}."))
                .hint("Save it anew from a profile, or mend its file in the folder presets.")
                .detail("reason", reason)
        }
    }
}
