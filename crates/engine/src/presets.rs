//! Presets: those of providers, and those that were saved here.

use std::collections::BTreeMap;

use mqttscope_model::{Preset, PresetId, Profile, UserError};

use crate::Engine;
use crate::api::PresetList;

impl Engine {
    pub(crate) async fn presets_list(&self) -> Result<PresetList, UserError> {
        Err(crate::engine::unfinished())
    }

    pub(crate) async fn preset_apply(
        &self,
        preset: PresetId,
        answers: BTreeMap<String, String>,
        profile: Profile,
    ) -> Result<Profile, UserError> {
        let _ = (preset, answers, profile);
        Err(crate::engine::unfinished())
    }

    pub(crate) async fn preset_save(
        &self,
        name: String,
        profile: Profile,
    ) -> Result<Preset, UserError> {
        let _ = (name, profile);
        Err(crate::engine::unfinished())
    }

    pub(crate) async fn preset_delete(&self, id: PresetId) -> Result<(), UserError> {
        let _ = id;
        Err(crate::engine::unfinished())
    }
}
