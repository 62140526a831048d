//! The timelines of packets.

use mqttscope_model::{
    PacketDetail, PacketExport, PacketFilter, PacketFrom, PacketPage, PacketsState, PingTime,
    ProfileId, UserError,
};

use crate::Engine;
use crate::api::JobId;
use crate::engine::not_there_yet;

impl Engine {
    pub(crate) async fn packets_state(
        &self,
        _profile: ProfileId,
    ) -> Result<PacketsState, UserError> {
        Err(not_there_yet())
    }

    pub(crate) async fn packets_record(
        &self,
        _profile: ProfileId,
        _on: bool,
    ) -> Result<(), UserError> {
        Err(not_there_yet())
    }

    pub(crate) async fn packets_page(
        &self,
        _profile: ProfileId,
        _filter: PacketFilter,
        _from: PacketFrom,
        _count: u32,
    ) -> Result<PacketPage, UserError> {
        Err(not_there_yet())
    }

    pub(crate) async fn packet_detail(
        &self,
        _profile: ProfileId,
        _number: u64,
    ) -> Result<PacketDetail, UserError> {
        Err(not_there_yet())
    }

    pub(crate) async fn packets_pings(
        &self,
        _profile: ProfileId,
    ) -> Result<Vec<PingTime>, UserError> {
        Err(not_there_yet())
    }

    pub(crate) async fn packets_clear(&self, _profile: ProfileId) -> Result<(), UserError> {
        Err(not_there_yet())
    }

    pub(crate) async fn packets_export(
        &self,
        _profile: ProfileId,
        _path: String,
        _export: PacketExport,
    ) -> Result<JobId, UserError> {
        Err(not_there_yet())
    }
}
