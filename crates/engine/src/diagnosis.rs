//! Diagnoses: reports of sessions, and the longer attempts that a person asks for.

use mqttscope_diagnosis::{Case, DiagnosisId, DiagnosisOptions, Fix, Report, Run, apply, diagnose};
use mqttscope_model::{
    Account, ConnectStage, ErrorCode, PastConnection, Profile, ProfileId, SecretEdit, SecretName,
    Secrets, StageVerdict, UserError, check::check_with,
};
use mqttscope_profiles::SecretError;

use crate::Engine;
use crate::commands::name_secrets;
use crate::engine::{blocking, watch};
use crate::events::Subject;
use crate::exchange::write_whole;
use crate::sessions::{is_running, placeholders};

impl Engine {
    pub(crate) async fn session_report(&self, id: ProfileId) -> Result<Option<Report>, UserError> {
        let Some((profile, account)) = self.sessions.account(&id) else { return Ok(None) };
        let problems = check_with(&profile, self.own_preset_of(&profile).as_slice());
        let diagnosis = is_over(&account).then(|| diagnose(&profile, &account));
        Ok(Some(Report {
            endpoint: profile.endpoint.clone(),
            options: DiagnosisOptions::default(),
            problems,
            account: Some(account),
            diagnosis,
        }))
    }

    pub(crate) async fn diagnosis_start(
        &self,
        profile: Profile,
        secrets: Vec<SecretEdit>,
        mut options: DiagnosisOptions,
    ) -> Result<DiagnosisId, UserError> {
        let mut profile = self.with_local_address(profile).await?;
        name_secrets(&mut profile, &secrets);
        // Two connections with one Client Identifier throw each other out [MQTT-3.1.4-3].
        options.other_client_id |=
            self.sessions.get(&profile.id).is_some_and(|session| is_running(&session));
        let (engine, edited) = (self.clone(), profile.clone());
        let secrets = blocking(move || engine.edited_secrets(&edited, &secrets)).await?;
        let presets = self.own_preset_of(&profile).into_iter().collect();
        let (placeholders, past) = (placeholders(), self.past_of(&profile));
        let run = Run::start(Case { profile, secrets, placeholders, presets, past, options });
        let report = run.report();
        let id = self.diagnoses.add(run);
        watch(report, &self.listeners, Subject::Diagnosis(id));
        self.listeners.mark(&Subject::Diagnosis(id));
        Ok(id)
    }

    pub(crate) async fn diagnosis_report(&self, id: DiagnosisId) -> Result<Report, UserError> {
        let report = self.diagnoses.get(id)?.report();
        let report = report.borrow();
        Ok(report.clone())
    }

    pub(crate) async fn diagnosis_cancel(&self, id: DiagnosisId) -> Result<(), UserError> {
        self.diagnoses.get(id)?.cancel();
        Ok(())
    }

    pub(crate) async fn fix_apply(&self, profile: Profile, fix: Fix) -> Result<Profile, UserError> {
        apply(&profile, &fix)
    }

    pub(crate) async fn certificates_save(
        &self,
        path: String,
        pem: Vec<String>,
    ) -> Result<(), UserError> {
        let text = certificates(&pem).map_err(|reason| not_saved(&path, &reason))?;
        blocking(move || {
            write_whole(path.as_ref(), text.as_bytes())
                .map_err(|error| not_saved(&path, &error.to_string()))
        })
        .await?
    }

    /// The values of all secrets that a profile names: those that were typed, else those that are stored. Blocks.
    fn edited_secrets(
        &self,
        profile: &Profile,
        edits: &[SecretEdit],
    ) -> Result<Secrets, UserError> {
        let known = self.profiles.get(&profile.id).map(|saved| saved.secrets());
        let known = known.unwrap_or_default();
        let mut secrets = Secrets::default();
        for (slot, name) in profile.secrets() {
            let typed = edits.iter().rev().find(|edit| edit.slot == slot);
            let value = match typed.and_then(|edit| edit.value.clone()) {
                Some(value) => Some(value),
                // A name that is another profile's gets nothing, as in `SecretStore::of`; one that the saved
                // profile has in another place moves with the next save.
                None if name == SecretName::of(&profile.id, &slot)
                    || known.iter().any(|(_, other)| *other == name) =>
                {
                    self.secrets.get(&name)?
                }
                None => None,
            };
            secrets.insert(slot, value.ok_or(SecretError::Missing)?);
        }
        Ok(secrets)
    }

    /// How the connections of a profile's session ended, where it connects as the same client to the same place.
    fn past_of(&self, profile: &Profile) -> Vec<PastConnection> {
        let of = |profile: &Profile| {
            (profile.endpoint.clone(), profile.version, profile.client_id.clone())
        };
        let account = self.sessions.account(&profile.id);
        let same = account.filter(|(begun, _)| of(begun) == of(profile));
        same.map(|(_, account)| account.past).unwrap_or_default()
    }
}

/// Whether an attempt has come to its end: it failed, it was cancelled, or CONNACK said yes.
fn is_over(account: &Account) -> bool {
    let stages = &account.attempt.stages;
    account.attempt.error.is_some()
        || stages.iter().any(|record| match record.verdict {
            StageVerdict::Failed | StageVerdict::Cancelled => true,
            StageVerdict::Passed => record.stage >= ConnectStage::Mqtt,
            StageVerdict::Running => false,
        })
}

/// All certificates as one text, or why one of them is none. Nothing but certificates passes: what is saved here may
/// be handed on.
fn certificates(pem: &[String]) -> Result<String, String> {
    if pem.is_empty() {
        return Err("there are none".to_owned());
    }
    let mut text = String::new();
    for (number, one) in (1..).zip(pem) {
        let one = one.trim();
        if !is_certificate(one) {
            return Err(format!("number {number} is not one certificate in PEM"));
        }
        text.push_str(one);
        text.push('\n');
    }
    Ok(text)
}

/// Whether a text is one certificate in PEM and nothing else (RFC 7468).
fn is_certificate(text: &str) -> bool {
    const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
    const END: &str = "-----END CERTIFICATE-----";
    let inner = text.strip_prefix(BEGIN).and_then(|rest| rest.strip_suffix(END));
    let base64 = |c: char| c.is_ascii_alphanumeric() || "+/=\r\n".contains(c);
    if !inner.is_some_and(|inner| inner.chars().all(base64)) {
        return false;
    }
    let Ok((_, block)) = x509_parser::pem::parse_x509_pem(text.as_bytes()) else { return false };
    matches!(x509_parser::parse_x509_certificate(&block.contents), Ok((rest, _)) if rest.is_empty())
}

fn not_saved(path: &str, reason: &str) -> UserError {
    UserError::new(
        ErrorCode::CertificateNotSaved,
        format!("The certificates could not be saved to {path}: {reason}."),
    )
    .hint("Check that the folder can be written to and that the disk has room.")
    .detail("path", path)
    .detail("reason", reason)
}
