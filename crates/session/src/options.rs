//! A profile resolved into what a connection needs.
//!
//! A profile is edited and may be wrong; these options have passed every check that needs no file and no
//! network. Files are read at each attempt, so that a renewed certificate needs no restart. The
//! Client Identifier's placeholders are filled in here, once, so that a connection that is made again is the same client's.

mod authentication;
mod diagnosis;
mod dialling;
mod will;

use std::sync::Arc;
use std::time::Duration;

use mqttscope_model::client_id::{self, Placeholders};
use mqttscope_model::{
    AddressFamily, ConnectInfo, ConnectProperties, Endpoint, Profile, ProfileId, ProtocolVersion,
    Proxy, Reconnect, Secret, SecretSlot, Secrets, Subscription, TlsSettings, UserError,
    UserProperty, WebSocketSettings, topic,
};
use mqttscope_packets::Tape;

use crate::SessionError;

pub(crate) use authentication::Authentication;
pub(crate) use will::{Will, WillFileError, WillPayload, read as read_will};

/// Everything that a session needs to know. It can be connected with as often as wanted.
#[derive(Clone, Debug)]
pub struct Options {
    pub(crate) profile: ProfileId,
    pub(crate) endpoint: Endpoint,
    pub(crate) version: ProtocolVersion,
    /// Without placeholders.
    pub(crate) client_id: String,
    /// As the profile has it.
    pub(crate) client_id_template: String,
    /// None where no User Name is sent; an empty one is not sent.
    pub(crate) user_name: Option<String>,
    /// The Password of CONNECT; none with SCRAM.
    pub(crate) password: Option<Secret>,
    /// Seconds; 0 switches it off.
    pub(crate) keep_alive: u16,
    pub(crate) connect_timeout: Duration,
    pub(crate) clean_start: bool,
    pub(crate) session_expiry: u32,
    /// For 5.0 only.
    pub(crate) properties: ConnectProperties,
    /// With 5.0 only.
    pub(crate) authentication: Option<Authentication>,
    pub(crate) reconnect: Reconnect,
    /// With the schemes that need it.
    pub(crate) tls: Option<TlsSettings>,
    pub(crate) proxy: Proxy,
    pub(crate) address_family: AddressFamily,
    pub(crate) websocket: WebSocketSettings,
    /// All of the profile's, for what is read at each attempt.
    pub(crate) secrets: Secrets,
    pub(crate) will: Option<Will>,
    pub(crate) subscriptions: Vec<Subscription>,
    /// With 5.0 only: Topic Aliases are given to what is published.
    pub(crate) automatic_topic_alias: bool,
    /// Whether they are made as soon as there is a connection.
    pub(crate) subscribes: bool,
    /// What goes over the wire is taken down here.
    pub(crate) tape: Option<Arc<Tape>>,
}

impl Options {
    /// Checks a profile and takes from it what a session needs.
    ///
    /// # Errors
    /// `profile.invalid` (with `field`), `topic.name_invalid` or `topic.filter_invalid` for a field that cannot be sent: an empty host,
    /// port 0, a password without a user name before MQTT 5 (`[MQTT-3.1.2-22]`), an empty Client Identifier without Clean Session before
    /// MQTT 5 (`[MQTT-3.1.3-7]`), a topic that breaks its rules, a field beyond 65,535 bytes, a connect timeout of 0, bytes
    /// that do not follow their format, SCRAM before MQTT 5 or without user name and password.
    pub fn resolve(
        profile: &Profile,
        secrets: &Secrets,
        placeholders: &Placeholders,
    ) -> Result<Self, UserError> {
        let v5 = profile.version == ProtocolVersion::V5;
        let client_id = client_id::expand(&profile.client_id, placeholders);
        let password = secrets.get(&SecretSlot::Password).cloned();
        check(profile, &client_id, password.as_ref())?;
        check_properties(profile)?;
        let wanted = profile.authentication.as_ref().filter(|_| v5);
        let authentication =
            wanted.map(|wanted| Authentication::resolve(wanted, profile, secrets)).transpose()?;
        let in_connect = !authentication.as_ref().is_some_and(Authentication::takes_password);
        let will = profile.will.as_ref().map(|will| Will::resolve(will, v5)).transpose()?;
        Ok(Self {
            profile: profile.id.clone(),
            endpoint: profile.endpoint.clone(),
            version: profile.version,
            client_id,
            client_id_template: profile.client_id.clone(),
            user_name: (!profile.user_name.is_empty()).then(|| profile.user_name.clone()),
            password: password.filter(|_| in_connect),
            keep_alive: profile.keep_alive,
            connect_timeout: Duration::from_secs(profile.connect_timeout.into()),
            clean_start: profile.clean_start,
            session_expiry: profile.session_expiry,
            properties: profile.connect_properties.clone(),
            authentication,
            reconnect: profile.reconnect.clone(),
            tls: profile.endpoint.scheme.is_tls().then(|| profile.tls.clone()),
            proxy: profile.proxy.clone(),
            address_family: profile.address_family,
            websocket: profile.websocket.clone(),
            secrets: secrets.clone(),
            will,
            subscriptions: profile.subscriptions.clone(),
            automatic_topic_alias: profile.automatic_topic_alias,
            subscribes: true,
            tape: None,
        })
    }

    /// With a tape that takes down what goes over the wire of each connection.
    #[must_use]
    pub fn taped(self, tape: Arc<Tape>) -> Self {
        Self { tape: Some(tape), ..self }
    }

    /// The profile that these options come from.
    pub fn profile(&self) -> &ProfileId {
        &self.profile
    }

    /// Where the broker is.
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// The version that is spoken.
    pub fn version(&self) -> ProtocolVersion {
        self.version
    }

    /// The Client Identifier as it is sent.
    pub fn client_id(&self) -> &str {
        &self.client_id
    }

    /// The Keep Alive that is asked for, in seconds; 0 switches it off.
    pub fn keep_alive(&self) -> u16 {
        self.keep_alive
    }

    /// What CONNECT asks for.
    pub fn connect_info(&self) -> ConnectInfo {
        let said = ConnectInfo {
            version: self.version,
            client_id: self.client_id.clone(),
            clean_start: self.clean_start,
            keep_alive: self.keep_alive,
            ..ConnectInfo::default()
        };
        if self.version != ProtocolVersion::V5 {
            return said;
        }
        ConnectInfo {
            session_expiry: self.sent_session_expiry(),
            receive_maximum: self.properties.receive_maximum,
            maximum_packet_size: self.properties.maximum_packet_size,
            topic_alias_maximum: self.properties.topic_alias_maximum,
            ..said
        }
    }

    /// Whether CONNECT asks the broker to give no words (MQTT 5.0, section 3.1.2.11.7).
    pub(crate) fn wants_no_words(&self) -> bool {
        let asked = self.properties.request_problem_information;
        self.version == ProtocolVersion::V5 && asked == Some(false)
    }

    /// 0 is what holds where none is sent (MQTT 5.0, section 3.1.2.11.2).
    pub(crate) fn sent_session_expiry(&self) -> Option<u32> {
        (self.session_expiry > 0).then_some(self.session_expiry)
    }

    /// The profile's subscriptions.
    pub fn subscriptions(&self) -> &[Subscription] {
        &self.subscriptions
    }
}

fn check(
    profile: &Profile,
    client_id: &str,
    password: Option<&Secret>,
) -> Result<(), SessionError> {
    let v5 = profile.version == ProtocolVersion::V5;
    let scram =
        matches!(profile.authentication, Some(mqttscope_model::Authentication::Scram { .. }));
    let fields = [
        (profile.endpoint.host.trim().is_empty(), "endpoint.host", "the host is missing"),
        (profile.endpoint.port == 0, "endpoint.port", "port 0 cannot be connected to"),
        (
            profile.connect_timeout == 0,
            "connect_timeout",
            "the connect timeout must be at least 1 s",
        ),
        (
            client_id.is_empty() && !profile.clean_start && !v5,
            "client_id",
            "an empty Client Identifier needs Clean Session before MQTT 5 [MQTT-3.1.3-7]",
        ),
        (
            password.is_some() && profile.user_name.is_empty() && !v5,
            "user_name",
            "a password needs a user name before MQTT 5 [MQTT-3.1.2-22]",
        ),
        (!sendable(client_id), "client_id", "the Client Identifier is too long or holds U+0000"),
        (!sendable(&profile.user_name), "user_name", "the user name is too long or holds U+0000"),
        (
            password.is_some_and(|secret| secret.expose().len() > topic::MAX_BYTES),
            "password",
            "the password has more than 65,535 bytes",
        ),
        (scram && !v5, "authentication", "SCRAM needs MQTT 5"),
    ];
    if let Some(&(_, field, problem)) = fields.iter().find(|(wrong, ..)| *wrong) {
        return Err(SessionError::Profile { field, problem });
    }
    for Subscription { filter, .. } in &profile.subscriptions {
        topic::check_filter(filter)
            .map_err(|error| SessionError::TopicFilter { filter: filter.clone(), error })?;
    }
    Ok(())
}

/// The properties of CONNECT (MQTT 5.0, section 3.1.2.11), which count with 5.0 only.
fn check_properties(profile: &Profile) -> Result<(), SessionError> {
    if profile.version != ProtocolVersion::V5 {
        return Ok(());
    }
    let properties = &profile.connect_properties;
    let fields = [
        (
            properties.receive_maximum == Some(0),
            "connect_properties.receive_maximum",
            "Receive Maximum must be at least 1",
        ),
        (
            properties.maximum_packet_size == Some(0),
            "connect_properties.maximum_packet_size",
            "Maximum Packet Size must be at least 1",
        ),
        (
            !sendable_all(&properties.user_properties),
            "connect_properties.user_properties",
            "a User Property is too long or holds U+0000",
        ),
    ];
    match fields.iter().find(|(wrong, ..)| *wrong) {
        Some(&(_, field, problem)) => Err(SessionError::Profile { field, problem }),
        None => Ok(()),
    }
}

/// Whether `text` is an MQTT string (`[MQTT-1.5.4-2]`).
fn sendable(text: &str) -> bool {
    text.len() <= topic::MAX_BYTES && !text.contains('\0')
}

fn sendable_all(properties: &[UserProperty]) -> bool {
    properties.iter().all(|property| sendable(&property.name) && sendable(&property.value))
}
