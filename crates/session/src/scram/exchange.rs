//! One exchange: client-first, server-first, client-final, server-final (RFC 5802, section 3).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use mqttscope_model::{ScramHash, Secret};

use super::ScramError;
use super::hash::{Bytes, h, hi, hmac, is_hmac};
use super::message::{ServerFirst, server_final};

/// gs2-header: no channel binding, and nobody else's name.
const GS2_HEADER: &str = "n,,";

/// User name and password as SCRAM takes them.
#[derive(Clone, Debug)]
pub(crate) struct Credentials {
    /// Prepared, with `,` and `=` written as the grammar demands.
    user: String,
    password: Secret,
}

/// What SASLprep (RFC 4013) does not take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unprepared {
    UserName,
    Password,
}

impl Credentials {
    /// Prepares both with SASLprep.
    ///
    /// # Errors
    /// Which of them holds a character that SASLprep forbids (one that is newer than Unicode 3.2 among them), or is
    /// empty after it.
    pub(crate) fn prepare(user: &str, password: &Secret) -> Result<Self, Unprepared> {
        let prepare = |text: &str| {
            let prepared = stringprep::saslprep(text).ok()?.into_owned();
            (!prepared.is_empty()).then_some(prepared)
        };
        let user = prepare(user).ok_or(Unprepared::UserName)?;
        let password = prepare(password.expose()).ok_or(Unprepared::Password)?;
        let user = user.replace('=', "=3D").replace(',', "=2C");
        Ok(Self { user, password: Secret::new(password) })
    }
}

/// What the exchange waits for.
enum State {
    First,
    Final {
        server_key: Bytes,
        auth_message: String,
    },
    Proven,
    /// Something went wrong; nothing makes it right again.
    Broken,
}

/// An exchange under way.
pub(crate) struct Exchange {
    hash: ScramHash,
    credentials: Credentials,
    nonce: String,
    state: State,
}

impl std::fmt::Debug for Exchange {
    /// Keys stay hidden.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Exchange").field("hash", &self.hash).finish_non_exhaustive()
    }
}

impl Exchange {
    /// A new exchange. `nonce` is printable ASCII without a comma and must never have been used before.
    pub(crate) fn new(hash: ScramHash, credentials: Credentials, nonce: String) -> Self {
        Self { hash, credentials, nonce, state: State::First }
    }

    /// client-first-message.
    pub(crate) fn client_first(&self) -> String {
        format!("{GS2_HEADER}{}", self.client_first_bare())
    }

    fn client_first_bare(&self) -> String {
        format!("n={},r={}", self.credentials.user, self.nonce)
    }

    /// Takes server-first-message and gives client-final-message, or takes server-final-message and
    /// gives nothing. The first of them costs as many hashes as the server asks for, within bounds.
    ///
    /// # Errors
    /// Whatever [`ScramError`] names; then the exchange is over.
    pub(crate) fn step(&mut self, data: &[u8]) -> Result<Option<String>, ScramError> {
        match std::mem::replace(&mut self.state, State::Broken) {
            State::First => self.server_first(data).map(Some),
            State::Final { server_key, auth_message } => {
                let signature = server_final(data)?;
                let message = auth_message.as_bytes();
                if is_hmac(self.hash, &server_key, message, &signature) {
                    self.state = State::Proven;
                    Ok(None)
                } else {
                    Err(ScramError::WrongSignature)
                }
            }
            State::Proven | State::Broken => Err(ScramError::OutOfOrder),
        }
    }

    /// The end of the exchange: with the last message where it comes now, and an error where the server has
    /// not shown that it knows the password.
    ///
    /// # Errors
    /// As [`Exchange::step`]; [`ScramError::NotProven`] without a signature.
    pub(crate) fn finish(&mut self, data: Option<&[u8]>) -> Result<(), ScramError> {
        match (&self.state, data) {
            // Nothing follows a proof; what a server repeats beside its yes changes nothing.
            (State::Proven, _) => Ok(()),
            (State::Final { .. }, Some(data)) => self.step(data).map(|_| ()),
            (State::Final { .. } | State::First | State::Broken, _) => Err(ScramError::NotProven),
        }
    }

    fn server_first(&mut self, data: &[u8]) -> Result<String, ScramError> {
        let first = ServerFirst::read(data)?;
        if !first.nonce.starts_with(&self.nonce) || first.nonce.len() == self.nonce.len() {
            return Err(ScramError::ForeignNonce);
        }
        let hash = self.hash;
        let password = self.credentials.password.expose();
        let salted = hi(hash, password, &first.salt, first.iterations);
        let client_key = hmac(hash, &salted, b"Client Key");
        let server_key = hmac(hash, &salted, b"Server Key");
        let unproven = format!("c={},r={}", STANDARD.encode(GS2_HEADER), first.nonce);
        let server_first = String::from_utf8_lossy(data);
        let auth_message = format!("{},{server_first},{unproven}", self.client_first_bare());
        let signature = hmac(hash, &h(hash, &client_key), auth_message.as_bytes());
        let proof = STANDARD.encode(client_key.xor(&signature));
        self.state = State::Final { server_key, auth_message };
        Ok(format!("{unproven},p={proof}"))
    }
}

#[cfg(test)]
mod tests;
