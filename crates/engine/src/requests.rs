//! Requests that wait for their answers, and rules that answer.

use mqttscope_model::{
    ProfileId, Publish, ReplyRule, ReplyState, RequestId, RequestRecord, RequestToSend, UserError,
};

use crate::Engine;
use crate::api::MessageRef;
use crate::engine::not_there_yet;

impl Engine {
    pub(crate) async fn request_send(
        &self,
        _profile: ProfileId,
        _request: RequestToSend,
    ) -> Result<RequestId, UserError> {
        Err(not_there_yet())
    }

    pub(crate) async fn requests_list(
        &self,
        _profile: ProfileId,
    ) -> Result<Vec<RequestRecord>, UserError> {
        Err(not_there_yet())
    }

    pub(crate) async fn request_cancel(&self, _request: RequestId) -> Result<(), UserError> {
        Err(not_there_yet())
    }

    pub(crate) async fn replies_save(
        &self,
        _profile: ProfileId,
        _rules: Vec<ReplyRule>,
    ) -> Result<(), UserError> {
        Err(not_there_yet())
    }

    pub(crate) async fn replies_state(
        &self,
        _profile: ProfileId,
    ) -> Result<Vec<ReplyState>, UserError> {
        Err(not_there_yet())
    }

    pub(crate) async fn reply_preview(
        &self,
        _rule: ReplyRule,
        _message: MessageRef,
    ) -> Result<Publish, UserError> {
        Err(not_there_yet())
    }
}
