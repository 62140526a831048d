//! Folders and colours.

use mqttscope_model::{Colour, FolderId, NodeId, ProfileId, UserError};

use crate::Engine;

impl Engine {
    pub(crate) async fn profiles_colour(
        &self,
        ids: Vec<ProfileId>,
        colour: Option<Colour>,
    ) -> Result<(), UserError> {
        let _ = (ids, colour);
        Err(crate::engine::unfinished())
    }

    pub(crate) async fn folder_add(
        &self,
        name: String,
        parent: Option<FolderId>,
    ) -> Result<FolderId, UserError> {
        let _ = (name, parent);
        Err(crate::engine::unfinished())
    }

    pub(crate) async fn folder_edit(
        &self,
        id: FolderId,
        name: String,
        colour: Option<Colour>,
    ) -> Result<(), UserError> {
        let _ = (id, name, colour);
        Err(crate::engine::unfinished())
    }

    pub(crate) async fn folder_remove(&self, id: FolderId) -> Result<(), UserError> {
        let _ = id;
        Err(crate::engine::unfinished())
    }

    pub(crate) async fn nodes_move(
        &self,
        nodes: Vec<NodeId>,
        folder: Option<FolderId>,
        before: Option<NodeId>,
    ) -> Result<(), UserError> {
        let _ = (nodes, folder, before);
        Err(crate::engine::unfinished())
    }
}
