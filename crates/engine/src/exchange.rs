//! Import, export and "copy as".

use mqttscope_exchange::{
    Copied, CopyTarget, ExportOptions, ExportReport, ImportId, ImportPreview, ImportResult,
    ItemChoice,
};
use mqttscope_model::{ProfileId, Secret, UserError};

use crate::Engine;

impl Engine {
    pub(crate) async fn export_save(
        &self,
        path: String,
        options: ExportOptions,
    ) -> Result<ExportReport, UserError> {
        let _ = (path, options);
        Err(crate::engine::unfinished())
    }

    pub(crate) async fn copy_as(
        &self,
        profile: ProfileId,
        target: CopyTarget,
    ) -> Result<Copied, UserError> {
        let _ = (profile, target);
        Err(crate::engine::unfinished())
    }

    pub(crate) async fn import_file(&self, path: String) -> Result<ImportPreview, UserError> {
        let _ = path;
        Err(crate::engine::unfinished())
    }

    pub(crate) async fn import_text(&self, text: Secret) -> Result<ImportPreview, UserError> {
        let _ = text;
        Err(crate::engine::unfinished())
    }

    pub(crate) async fn import_unlock(
        &self,
        import: ImportId,
        passphrase: Secret,
    ) -> Result<ImportPreview, UserError> {
        let _ = (import, passphrase);
        Err(crate::engine::unfinished())
    }

    pub(crate) async fn import_run(
        &self,
        import: ImportId,
        choices: Vec<ItemChoice>,
        messages: bool,
    ) -> Result<ImportResult, UserError> {
        let _ = (import, choices, messages);
        Err(crate::engine::unfinished())
    }

    pub(crate) async fn import_cancel(&self, import: ImportId) -> Result<(), UserError> {
        let _ = import;
        Err(crate::engine::unfinished())
    }

    pub(crate) async fn import_undo(&self, import: ImportId) -> Result<(), UserError> {
        let _ = import;
        Err(crate::engine::unfinished())
    }
}
