//! A dial that failed, and how it becomes the error that a person sees.

use std::net::SocketAddr;
use std::time::Duration;

use mqttscope_model::{ConnectStage, Endpoint, Facts, UserError};

pub use crate::cause::DialCause;
use crate::evidence::{Failure, Seen};
use crate::wording::{Wording, shown_path, wording};

/// A dial that failed.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{}", self.wording().message)]
pub struct DialError {
    /// The stage in which it ended.
    pub stage: ConnectStage,
    /// Why.
    pub cause: DialCause,
    took: Duration,
    endpoint: Box<Endpoint>,
    seen: Box<Seen>,
    facts: Box<Facts>,
}

impl DialError {
    pub(crate) fn new(
        stage: ConnectStage,
        endpoint: &Endpoint,
        took: Duration,
        failure: Failure,
    ) -> Self {
        let Failure { cause, seen } = failure;
        let endpoint = Box::new(endpoint.clone());
        Self { stage, cause, took, endpoint, seen, facts: Box::default() }
    }

    /// Adds what the stages saw, this one included.
    pub(crate) fn with_facts(mut self, mut facts: Box<Facts>) -> Self {
        facts.first_bytes = self.seen.first_bytes.take();
        if let Some(alert) = self.seen.late_alert.take() {
            facts.tls.get_or_insert_default().alert = Some(alert);
        }
        self.facts = facts;
        self
    }

    /// What was seen, of the failing stage and of those before it. A failure before the dial has none; one that came after the
    /// dial ([`crate::explain_late_failure`]) has the alert alone.
    pub fn facts(&self) -> &Facts {
        &self.facts
    }

    /// How long the failing stage took.
    pub fn took(&self) -> Duration {
        self.took
    }

    /// What was seen, as one line; empty where nothing was.
    pub fn evidence(&self) -> &str {
        &self.seen.evidence
    }

    /// The address that was talked to, where one was.
    pub fn address(&self) -> Option<SocketAddr> {
        self.seen.address
    }

    /// The failure of the name or TCP stage on the way to a proxy, which is no word about the broker.
    pub(crate) fn of_proxy(mut self, proxy: String, reached_for: &Endpoint) -> Self {
        let reason = wording(&self.cause, reached_for).message;
        self.cause = DialCause::ProxyUnreachable { proxy, reason };
        self
    }

    fn wording(&self) -> Wording {
        wording(&self.cause, &self.endpoint)
    }

    /// The error as a person sees it. `details` name `stage`, `host`, and where they matter `port`, `path`, `address`,
    /// `evidence`, `first_bytes` and what belongs to the cause.
    pub fn to_user_error(&self) -> UserError {
        let Wording { code, message, hint } = self.wording();
        let Seen { evidence, details, address, .. } = &*self.seen;
        let endpoint = &self.endpoint;
        let mut error = UserError::new(code, message).hint(hint).detail("host", &endpoint.host);
        error.details.extend(details.clone());
        for (name, value) in self.cause.details() {
            error.details.insert(name.to_owned(), value);
        }
        if self.stage != ConnectStage::Settings {
            error = error.detail("port", endpoint.port);
        }
        if endpoint.scheme.is_websocket() && self.stage >= ConnectStage::Tls {
            error = error.detail("path", shown_path(&endpoint.path));
        }
        if let Some(address) = address {
            error = error.detail("address", address);
        }
        if !evidence.is_empty() {
            error = error.detail("evidence", evidence);
        }
        error
    }
}

impl From<DialError> for UserError {
    fn from(error: DialError) -> Self {
        error.to_user_error()
    }
}
