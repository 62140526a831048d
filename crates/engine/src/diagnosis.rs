//! Diagnoses: reports of sessions, and the longer attempts that a person asks for.

use mqttscope_diagnosis::{DiagnosisId, DiagnosisOptions, Fix, Report};
use mqttscope_model::{ErrorCode, Profile, ProfileId, SecretEdit, UserError};

use crate::Engine;

impl Engine {
    pub(crate) async fn session_report(
        &self,
        _profile: ProfileId,
    ) -> Result<Option<Report>, UserError> {
        Err(unfinished())
    }

    pub(crate) async fn diagnosis_start(
        &self,
        _profile: Profile,
        _secrets: Vec<SecretEdit>,
        _options: DiagnosisOptions,
    ) -> Result<DiagnosisId, UserError> {
        Err(unfinished())
    }

    pub(crate) async fn diagnosis_report(
        &self,
        _diagnosis: DiagnosisId,
    ) -> Result<Report, UserError> {
        Err(unfinished())
    }

    pub(crate) async fn diagnosis_cancel(&self, _diagnosis: DiagnosisId) -> Result<(), UserError> {
        Err(unfinished())
    }

    pub(crate) async fn fix_apply(
        &self,
        _profile: Profile,
        _fix: Fix,
    ) -> Result<Profile, UserError> {
        Err(unfinished())
    }

    pub(crate) async fn certificates_save(
        &self,
        _path: String,
        _pem: Vec<String>,
    ) -> Result<(), UserError> {
        Err(unfinished())
    }
}

fn unfinished() -> UserError {
    UserError::new(ErrorCode::Internal, "This command is being built.")
}
