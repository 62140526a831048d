//! Folders and colours.

use mqttscope_model::{Colour, ErrorCode, FolderId, NodeId, ProfileId, UserError};

use crate::Engine;
use crate::engine::blocking;
use crate::events::Subject;

/// The most characters of a folder's name.
const MAX_NAME: usize = 100;

impl Engine {
    pub(crate) async fn profiles_colour(
        &self,
        ids: Vec<ProfileId>,
        colour: Option<Colour>,
    ) -> Result<(), UserError> {
        let engine = self.clone();
        let done = blocking(move || {
            let mut profiles = Vec::with_capacity(ids.len());
            for id in &ids {
                let mut profile = engine.profiles.get(id)?;
                profile.colour = colour;
                profiles.push(profile);
            }
            engine.profiles.save_all(&profiles)
        })
        .await?;
        self.listeners.mark(&Subject::Profiles);
        Ok(done?)
    }

    pub(crate) async fn folder_add(
        &self,
        name: String,
        parent: Option<FolderId>,
    ) -> Result<FolderId, UserError> {
        let name = checked(&name)?;
        let id = FolderId(uuid::Uuid::new_v4().to_string());
        let (engine, new) = (self.clone(), id.clone());
        blocking(move || engine.profiles.add_folder(new, name, parent.as_ref())).await??;
        self.listeners.mark(&Subject::Profiles);
        Ok(id)
    }

    pub(crate) async fn folder_edit(
        &self,
        id: FolderId,
        name: String,
        colour: Option<Colour>,
    ) -> Result<(), UserError> {
        let name = checked(&name)?;
        let engine = self.clone();
        blocking(move || engine.profiles.edit_folder(&id, name, colour)).await??;
        self.listeners.mark(&Subject::Profiles);
        Ok(())
    }

    pub(crate) async fn folder_remove(&self, id: FolderId) -> Result<(), UserError> {
        let engine = self.clone();
        blocking(move || engine.profiles.remove_folder(&id)).await??;
        self.listeners.mark(&Subject::Profiles);
        Ok(())
    }

    pub(crate) async fn nodes_move(
        &self,
        nodes: Vec<NodeId>,
        folder: Option<FolderId>,
        before: Option<NodeId>,
    ) -> Result<(), UserError> {
        let engine = self.clone();
        blocking(move || engine.profiles.move_nodes(&nodes, folder.as_ref(), before.as_ref()))
            .await??;
        self.listeners.mark(&Subject::Profiles);
        Ok(())
    }
}

/// A folder's name without the spaces around it.
fn checked(name: &str) -> Result<String, UserError> {
    let name = name.trim();
    if (1..=MAX_NAME).contains(&name.chars().count()) {
        return Ok(name.to_owned());
    }
    Err(UserError::new(
        ErrorCode::FolderNameInvalid,
        format!("A folder's name has 1 to {MAX_NAME} characters."),
    ))
}
