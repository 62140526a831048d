//! Enhanced authentication between the library and the state machine that knows the method.
//!
//! The library asks an [`Authenticator`] for each message, within its own poll. It does not hand over what CONNACK
//! carries, which with SCRAM is the server's proof, so the client asks [`Shared::connected`] before anybody learns of a CONNACK.
//! A cause is kept here, because the library passes on nothing but text. The price of the library's synchronous trait is
//! that the password's hash is computed in the session's own task: bounded, and off the threads of others.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use mqttscope_model::{ErrorCode, UserError};
use tokio::runtime::{Handle, RuntimeFlavor};
use v5::{AuthAction, AuthContext, AuthError, AuthProperties, Authenticator};

use crate::options::Authentication;
use crate::scram::{Exchange, ScramError};

/// Why an authentication came to no good end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum AuthenticationError {
    Scram(ScramError),
    /// The broker asks something of a method that is only sent.
    Asked,
}

/// One for a session's whole life: the library keeps the first that it is given.
#[derive(Clone, Debug)]
pub(super) struct Shared(Arc<Mutex<Enhanced>>);

#[derive(Debug)]
struct Enhanced {
    authentication: Authentication,
    exchange: Option<Exchange>,
    failed: Option<AuthenticationError>,
}

impl Shared {
    pub(super) fn new(authentication: Authentication) -> Self {
        Self(Arc::new(Mutex::new(Enhanced { authentication, exchange: None, failed: None })))
    }

    pub(super) fn authenticator(&self) -> Arc<Mutex<dyn Authenticator>> {
        let authenticator: Arc<Mutex<dyn Authenticator>> = Arc::<Mutex<Enhanced>>::clone(&self.0);
        authenticator
    }

    fn lock(&self) -> MutexGuard<'_, Enhanced> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// CONNACK said yes, with this Authentication Data: whether the broker has proven itself.
    pub(super) fn connected(&self, data: Option<&Bytes>) -> Result<(), AuthenticationError> {
        self.lock().finish(data)
    }

    /// Why the last authentication failed, until the next one begins.
    pub(super) fn cause(&self) -> Option<AuthenticationError> {
        self.lock().failed.clone()
    }
}

impl Enhanced {
    fn finish(&mut self, data: Option<&Bytes>) -> Result<(), AuthenticationError> {
        match self.exchange.take() {
            Some(mut exchange) => {
                exchange.finish(data.map(AsRef::as_ref)).map_err(AuthenticationError::Scram)
            }
            None if matches!(self.authentication, Authentication::Scram { .. }) => {
                Err(AuthenticationError::Scram(ScramError::NotProven))
            }
            None => Ok(()),
        }
    }

    /// Keeps the cause and tells the library to end the connection.
    fn fail(&mut self, error: AuthenticationError) -> AuthError {
        self.exchange = None;
        self.failed = Some(error);
        AuthError::from("the exchange cannot go on")
    }

    fn send(&self, data: Option<Bytes>) -> AuthProperties {
        let method = Some(self.authentication.method().to_owned());
        AuthProperties { method, data, ..AuthProperties::default() }
    }
}

impl Authenticator for Enhanced {
    fn start(&mut self, _context: AuthContext<'_>) -> Result<Option<AuthProperties>, AuthError> {
        self.failed = None;
        let data = match &self.authentication {
            Authentication::Scram { hash, credentials } => {
                // 144 bits: never the same twice (RFC 5802, section 5.1), and Base64 has no comma.
                let nonce = STANDARD.encode(rand::random::<[u8; 18]>());
                let exchange = Exchange::new(*hash, credentials.clone(), nonce);
                let first = exchange.client_first();
                self.exchange = Some(exchange);
                Some(Bytes::from(first))
            }
            Authentication::Other { data, .. } => data.clone().map(Bytes::from),
        };
        Ok(Some(self.send(data)))
    }

    fn continue_auth(
        &mut self,
        _context: AuthContext<'_>,
        incoming: Option<AuthProperties>,
    ) -> Result<AuthAction, AuthError> {
        let Some(exchange) = &mut self.exchange else {
            return Err(self.fail(AuthenticationError::Asked));
        };
        let data = incoming.and_then(|properties| properties.data).unwrap_or_default();
        match beside_the_others(|| exchange.step(&data)) {
            Ok(Some(answer)) => Ok(AuthAction::Send(self.send(Some(Bytes::from(answer))))),
            // Some brokers send their last message before CONNACK and wait for an empty answer.
            Ok(None) => Ok(AuthAction::Send(self.send(None))),
            Err(error) => Err(self.fail(AuthenticationError::Scram(error))),
        }
    }

    fn success(
        &mut self,
        _context: AuthContext<'_>,
        incoming: Option<AuthProperties>,
    ) -> Result<(), AuthError> {
        let data = incoming.and_then(|properties| properties.data);
        self.finish(data.as_ref()).map_err(|error| self.fail(error))
    }

    fn failure(&mut self, _context: AuthContext<'_>, _error: AuthError) {
        self.exchange = None;
    }
}

/// Lets other tasks of this thread go elsewhere while `work` takes its time, where there is an elsewhere.
fn beside_the_others<T>(work: impl FnOnce() -> T) -> T {
    match Handle::try_current().map(|runtime| runtime.runtime_flavor()) {
        Ok(RuntimeFlavor::MultiThread) => tokio::task::block_in_place(work),
        _ => work(),
    }
}

impl AuthenticationError {
    pub(crate) fn to_user_error(&self) -> UserError {
        use ScramError as E;
        let (code, message, hint) = match self {
            Self::Scram(E::WrongSignature | E::NotProven | E::ForeignNonce) => (
                ErrorCode::MqttServerNotAuthentic,
                "The broker did not prove that it knows the password.",
                "The address may lead to another server, or the broker does not complete the exchange.",
            ),
            Self::Scram(E::Refused(_)) => (
                ErrorCode::MqttAuthenticationFailed,
                "The broker refuses the authentication.",
                "Check user name, password and hash.",
            ),
            Self::Scram(E::TooFewIterations(_) | E::TooManyIterations | E::Extension) => (
                ErrorCode::MqttAuthenticationUnsupported,
                "The broker asks for a kind of SCRAM that is not taken.",
                "The broker's settings for SCRAM have to be changed.",
            ),
            Self::Scram(E::Malformed(_) | E::OutOfOrder) => (
                ErrorCode::MqttAuthenticationFailed,
                "The broker's part of the authentication cannot be read.",
                "The broker may mean another method by this name.",
            ),
            Self::Asked => (
                ErrorCode::MqttAuthenticationUnsupported,
                "The broker asks further, and this Authentication Method is only sent.",
                "Only SCRAM is answered; any other method must be content with its first data.",
            ),
        };
        let error = UserError::new(code, message).hint(hint);
        match self {
            Self::Scram(E::Refused(reason)) => error.detail("reason", reason),
            Self::Scram(cause) => error.detail("reason", cause),
            Self::Asked => error,
        }
    }
}
