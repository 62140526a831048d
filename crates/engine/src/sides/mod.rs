//! Two brokers side by side: what came on one session, compared with what came on another.

use mqttscope_model::{ErrorCode, UserError};

use crate::Engine;
use crate::api::{
    SidesFrom, SidesId, SidesKind, SidesOpened, SidesOptions, SidesPage, SidesPair, SidesState,
};

/// The open comparisons.
#[derive(Debug, Default)]
pub(crate) struct Comparisons;

impl Comparisons {
    /// How far a comparison is; none where it is closed.
    pub(crate) fn state(&self, _id: SidesId) -> Option<SidesState> {
        None
    }
}

impl Engine {
    pub(crate) async fn sides_open(
        &self,
        _pair: SidesPair,
        _options: SidesOptions,
    ) -> Result<SidesOpened, UserError> {
        Err(not_there_yet())
    }

    pub(crate) async fn sides_state(&self, _sides: SidesId) -> Result<SidesState, UserError> {
        Err(not_there_yet())
    }

    pub(crate) async fn sides_page(
        &self,
        _sides: SidesId,
        _kinds: Vec<SidesKind>,
        _from: SidesFrom,
        _count: u32,
    ) -> Result<SidesPage, UserError> {
        Err(not_there_yet())
    }

    pub(crate) async fn sides_close(&self, _sides: SidesId) -> Result<(), UserError> {
        Err(not_there_yet())
    }
}

fn not_there_yet() -> UserError {
    UserError::new(ErrorCode::CommandUnknown, "This is being built.")
}
