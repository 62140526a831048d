//! What brokers can do: probes that run, and their tables.

use mqttscope_model::{ProbeId, ProbeOptions, ProbeReport, ProfileId, UserError};

use crate::Engine;
use crate::engine::not_there_yet;

impl Engine {
    pub(crate) async fn probe_start(
        &self,
        _profile: ProfileId,
        _options: ProbeOptions,
    ) -> Result<ProbeId, UserError> {
        Err(not_there_yet())
    }

    pub(crate) async fn probe_report(&self, _probe: ProbeId) -> Result<ProbeReport, UserError> {
        Err(not_there_yet())
    }

    pub(crate) async fn probe_cancel(&self, _probe: ProbeId) -> Result<(), UserError> {
        Err(not_there_yet())
    }

    pub(crate) async fn probes_list(&self) -> Result<Vec<ProbeReport>, UserError> {
        Err(not_there_yet())
    }

    pub(crate) async fn probe_delete(&self, _probe: ProbeId) -> Result<(), UserError> {
        Err(not_there_yet())
    }
}
