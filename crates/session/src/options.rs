//! A profile resolved into what a connection needs.
//!
//! A profile is edited and may be wrong; these options have passed every check that needs no file and no
//! network. Certificate files are read at each attempt, so that a renewed certificate needs no restart.

use std::time::Duration;

use mqttscope_model::{
    Endpoint, Profile, ProfileId, ProtocolVersion, Reconnect, Secret, SecretSlot, Secrets,
    Subscription, TlsSettings, UserError, Will, topic,
};

use crate::SessionError;

/// Everything that a session needs to know. It can be connected with as often as wanted.
#[derive(Clone, Debug)]
pub struct Options {
    pub(crate) profile: ProfileId,
    pub(crate) endpoint: Endpoint,
    pub(crate) version: ProtocolVersion,
    pub(crate) client_id: String,
    /// None where no User Name is sent; an empty one is not sent.
    pub(crate) user_name: Option<String>,
    pub(crate) password: Option<Secret>,
    /// Seconds; 0 switches it off.
    pub(crate) keep_alive: u16,
    pub(crate) connect_timeout: Duration,
    pub(crate) clean_start: bool,
    pub(crate) session_expiry: u32,
    pub(crate) reconnect: Reconnect,
    /// With the schemes that need it.
    pub(crate) tls: Option<TlsSettings>,
    pub(crate) will: Option<Will>,
    pub(crate) subscriptions: Vec<Subscription>,
}

impl Options {
    /// Checks a profile and takes from it what a session needs.
    ///
    /// # Errors
    /// `profile.invalid`, `topic.name_invalid` or `topic.filter_invalid` for a field that cannot be sent: an empty host, port 0,
    /// a password without a user name before MQTT 5 (`[MQTT-3.1.2-22]`), an empty Client Identifier without Clean Session before MQTT 5
    /// (`[MQTT-3.1.3-7]`), a topic that breaks its rules, a field beyond 65,535 bytes, a connect timeout of 0.
    pub fn resolve(profile: &Profile, secrets: &Secrets) -> Result<Self, UserError> {
        let password = secrets.get(&SecretSlot::Password).cloned();
        check(profile, password.as_ref())?;
        Ok(Self {
            profile: profile.id.clone(),
            endpoint: profile.endpoint.clone(),
            version: profile.version,
            client_id: profile.client_id.clone(),
            user_name: (!profile.user_name.is_empty()).then(|| profile.user_name.clone()),
            password,
            keep_alive: profile.keep_alive,
            connect_timeout: Duration::from_secs(profile.connect_timeout.into()),
            clean_start: profile.clean_start,
            session_expiry: profile.session_expiry,
            reconnect: profile.reconnect.clone(),
            tls: profile.endpoint.scheme.is_tls().then(|| profile.tls.clone()),
            will: profile.will.clone(),
            subscriptions: profile.subscriptions.clone(),
        })
    }

    /// The profile that these options come from.
    pub fn profile(&self) -> &ProfileId {
        &self.profile
    }
}

fn check(profile: &Profile, password: Option<&Secret>) -> Result<(), SessionError> {
    let v5 = profile.version == ProtocolVersion::V5;
    let fields = [
        (profile.endpoint.host.trim().is_empty(), "the host is missing"),
        (profile.endpoint.port == 0, "port 0 cannot be connected to"),
        (profile.connect_timeout == 0, "the connect timeout must be at least 1 s"),
        (
            profile.client_id.is_empty() && !profile.clean_start && !v5,
            "an empty Client Identifier needs Clean Session before MQTT 5 [MQTT-3.1.3-7]",
        ),
        (
            password.is_some() && profile.user_name.is_empty() && !v5,
            "a password needs a user name before MQTT 5 [MQTT-3.1.2-22]",
        ),
        (!sendable(&profile.client_id), "the Client Identifier is too long or holds U+0000"),
        (!sendable(&profile.user_name), "the user name is too long or holds U+0000"),
        (
            password.is_some_and(|secret| secret.expose().len() > topic::MAX_BYTES),
            "the password has more than 65,535 bytes",
        ),
    ];
    if let Some((_, problem)) = fields.iter().find(|(wrong, _)| *wrong) {
        return Err(SessionError::Profile(problem));
    }
    if let Some(will) = &profile.will {
        topic::check_name(&will.topic).map_err(SessionError::TopicName)?;
    }
    for Subscription { filter, .. } in &profile.subscriptions {
        topic::check_filter(filter)
            .map_err(|error| SessionError::TopicFilter { filter: filter.clone(), error })?;
    }
    Ok(())
}

/// Whether `text` is an MQTT string (`[MQTT-1.5.4-2]`).
fn sendable(text: &str) -> bool {
    text.len() <= topic::MAX_BYTES && !text.contains('\0')
}
