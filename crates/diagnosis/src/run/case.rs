//! What is diagnosed, and the options that it connects with.

use mqttscope_model::check::check_with;
use mqttscope_model::client_id::Placeholders;
use mqttscope_model::{PastConnection, Preset, Profile, Secrets, UserError};
use mqttscope_session::Options;

use crate::{DiagnosisOptions, Report};

/// What is diagnosed.
#[derive(Clone, Debug)]
pub struct Case {
    /// The profile as a person has it before them. Fixes are changes of it.
    pub profile: Profile,
    /// The values of its secrets, or why they cannot be had, which then is what the diagnosis finds.
    pub secrets: Result<Secrets, UserError>,
    /// What the Client Identifier's placeholders stand for; fresh for each diagnosis.
    pub placeholders: Placeholders,
    /// The person's own presets, one of which the profile may name.
    pub presets: Vec<Preset>,
    /// How earlier connections of the same client ended, oldest first: some causes show over several only.
    pub past: Vec<PastConnection>,
    /// What is done beyond an attempt to connect.
    pub options: DiagnosisOptions,
}

impl Case {
    /// The report before anything was done.
    pub(super) fn first_report(&self) -> Report {
        Report {
            endpoint: self.profile.endpoint.clone(),
            options: self.options,
            problems: check_with(&self.profile, &self.presets),
            account: None,
            diagnosis: None,
        }
    }

    /// What it connects with. A session that the broker keeps for the profile is neither begun anew nor ended; one
    /// that would be begun anew in any case leaves nothing behind.
    ///
    /// # Errors
    /// Why the secrets cannot be had, or what [`Options::resolve`] says.
    pub(super) fn connecting(&self) -> Result<Options, UserError> {
        let secrets = self.secrets.as_ref().map_err(Clone::clone)?;
        let mut profile = self.profile.clone();
        if profile.clean_start {
            profile.session_expiry = 0;
        }
        let options = Options::resolve(&profile, secrets, &self.placeholders)?;
        Ok(options.for_diagnosis(self.options.other_client_id))
    }
}
