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

#[cfg(test)]
mod tests {
    use mqttscope_broker::Ports;
    use mqttscope_model::check::ProblemCode;
    use serde_json::{Value, json};

    use super::*;
    use crate::{Folders, Start};

    async fn engine(folder: &tempfile::TempDir) -> Engine {
        let start = Start {
            folders: Folders::below(folder.path()),
            broker_executable: "/nowhere".into(),
            broker_ports: Ports { mqtt: 0, ws: 0 },
        };
        Engine::start(start).await.unwrap()
    }

    /// A new profile, filled in for a device of UIoT; its Keep Alive is too short there.
    async fn device(engine: &Engine) -> Value {
        let profile = engine.call("profile_new", json!({})).await.unwrap();
        let answers = json!({"product": "P", "device": "D", "mode": "1", "transport": "wss"});
        let args = json!({"preset": "ucloud-uiot", "answers": answers, "profile": profile});
        let mut filled = engine.call("preset_apply", args).await.unwrap();
        assert_eq!(filled["client_id"], "P.D");
        filled["keep_alive"] = json!(20);
        filled
    }

    async fn marks_keep_alive(engine: &Engine, profile: &Value) -> bool {
        let profile = serde_json::from_value(profile.clone()).unwrap();
        let problems = engine.profile_check(profile, Vec::new()).await.unwrap();
        problems
            .iter()
            .any(|found| found.code == ProblemCode::ProviderRule && found.field == "keep_alive")
    }

    #[tokio::test]
    async fn ones_own_preset_brings_settings_and_rules_back_and_goes_when_deleted() {
        let folder = tempfile::tempdir().unwrap();
        let engine = engine(&folder).await;
        let device = device(&engine).await;
        assert!(marks_keep_alive(&engine, &device).await);

        let args = json!({"name": " Bench ", "profile": device});
        let saved = engine.call("preset_save", args).await.unwrap();
        let list = engine.call("presets_list", json!({})).await.unwrap();
        assert_eq!(list["own"], json!([saved]));
        assert_eq!(saved["name"]["zh"], "Bench");

        let mut new = engine.call("profile_new", json!({})).await.unwrap();
        new["name"] = json!("mine");
        let args = json!({"preset": saved["id"], "answers": {}, "profile": new});
        let mut filled = engine.call("preset_apply", args.clone()).await.unwrap();
        assert_eq!(
            (&filled["id"], &filled["name"], &filled["client_id"]),
            (&new["id"], &new["name"], &new["client_id"])
        );
        assert_eq!((&filled["preset"], &filled["keep_alive"]), (&saved["id"], &json!(20)));
        filled["endpoint"]["host"] = json!("uiot.example.com");
        assert!(marks_keep_alive(&engine, &filled).await, "the rules came along");

        engine.call("preset_delete", json!({"id": saved["id"]})).await.unwrap();
        assert!(!marks_keep_alive(&engine, &filled).await, "with the preset its rules are gone");
        for refused in [
            engine.call("preset_apply", args).await,
            engine.call("preset_delete", json!({"id": saved["id"]})).await,
            engine.call("preset_delete", json!({"id": "emqx"})).await,
        ] {
            assert_eq!(refused.unwrap_err().code, ErrorCode::PresetNotFound);
        }
        engine.stop().await;
    }

    #[tokio::test]
    async fn what_cannot_be_used_says_why() {
        let folder = tempfile::tempdir().unwrap();
        let engine = engine(&folder).await;
        let profile = engine.call("profile_new", json!({})).await.unwrap();
        let args = json!({"preset": "ucloud-uiot", "answers": {}, "profile": profile});
        let refused = engine.call("preset_apply", args).await.unwrap_err();
        assert_eq!(refused.code, ErrorCode::PresetUnanswered);
        assert_eq!(refused.details["question"], "product");
        let args = json!({"name": " ", "profile": profile});
        let refused = engine.call("preset_save", args).await.unwrap_err();
        assert_eq!(refused.code, ErrorCode::PresetInvalid);
        engine.stop().await;
    }
}
