//! Enhanced authentication as a connection needs it (MQTT 5.0, section 4.12).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use mqttscope_model::{Authentication as Wanted, Profile, ScramHash, SecretSlot, Secrets, topic};

use super::sendable;
use crate::SessionError;
use crate::scram::{Credentials, Unprepared};

/// A method with everything that it needs.
#[derive(Clone)]
pub(crate) enum Authentication {
    Scram { hash: ScramHash, credentials: Credentials },
    Other { name: String, data: Option<Vec<u8>> },
}

impl std::fmt::Debug for Authentication {
    /// Only the name: the data may be a token.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Authentication").field(&self.method()).finish()
    }
}

impl Authentication {
    pub(super) fn resolve(
        wanted: &Wanted,
        profile: &Profile,
        secrets: &Secrets,
    ) -> Result<Self, SessionError> {
        match wanted {
            Wanted::Scram { hash } => scram(*hash, profile, secrets),
            Wanted::Other { name, .. } => other(name, secrets),
        }
    }

    /// Authentication Method.
    pub(crate) fn method(&self) -> &str {
        match self {
            Self::Scram { hash, .. } => hash.method(),
            Self::Other { name, .. } => name,
        }
    }

    /// Whether the password is used up here and does not travel in CONNECT.
    pub(crate) fn takes_password(&self) -> bool {
        matches!(self, Self::Scram { .. })
    }
}

fn scram(
    hash: ScramHash,
    profile: &Profile,
    secrets: &Secrets,
) -> Result<Authentication, SessionError> {
    let refuse = |field, problem| SessionError::Profile { field, problem };
    if profile.user_name.is_empty() {
        return Err(refuse("user_name", "SCRAM needs a user name"));
    }
    let password = secrets.get(&SecretSlot::Password);
    let password = password.ok_or_else(|| refuse("password", "SCRAM needs a password"))?;
    let credentials = Credentials::prepare(&profile.user_name, password);
    let credentials = credentials.map_err(|unprepared| match unprepared {
        Unprepared::UserName => {
            refuse("user_name", "the user name has characters that SCRAM does not take (RFC 4013)")
        }
        Unprepared::Password => {
            refuse("password", "the password has characters that SCRAM does not take (RFC 4013)")
        }
    })?;
    Ok(Authentication::Scram { hash, credentials })
}

fn other(name: &str, secrets: &Secrets) -> Result<Authentication, SessionError> {
    let refuse = |field, problem| SessionError::Profile { field, problem };
    if name.is_empty() || !sendable(name) {
        let problem = "the Authentication Method is empty, too long or holds U+0000";
        return Err(refuse("authentication.name", problem));
    }
    let typed = secrets.get(&SecretSlot::AuthenticationData);
    let data = typed.map(|typed| {
        let packed: String = typed.expose().split_ascii_whitespace().collect();
        STANDARD.decode(packed)
    });
    let data = data
        .transpose()
        .map_err(|_| refuse("authentication.data", "the Authentication Data is not Base64"))?;
    if data.as_ref().is_some_and(|data| data.len() > topic::MAX_BYTES) {
        let problem = "the Authentication Data has more than 65,535 bytes";
        return Err(refuse("authentication.data", problem));
    }
    Ok(Authentication::Other { name: name.to_owned(), data })
}
