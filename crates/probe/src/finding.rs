//! What a question finds, and what keeps it from finding anything.

use mqttscope_model::{CapabilityVerdict, UserError};

use crate::link::Gone;

/// What was found, before it becomes a line of the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    pub(crate) verdict: CapabilityVerdict,
    pub(crate) value: Option<String>,
    pub(crate) announced: Option<String>,
    pub(crate) evidence: String,
}

impl Finding {
    pub(crate) fn new(verdict: CapabilityVerdict, evidence: impl Into<String>) -> Self {
        Self { verdict, value: None, announced: None, evidence: evidence.into() }
    }

    pub(crate) fn yes(evidence: impl Into<String>) -> Self {
        Self::new(CapabilityVerdict::Yes, evidence)
    }

    pub(crate) fn limited(evidence: impl Into<String>) -> Self {
        Self::new(CapabilityVerdict::Limited, evidence)
    }

    pub(crate) fn no(evidence: impl Into<String>) -> Self {
        Self::new(CapabilityVerdict::No, evidence)
    }

    pub(crate) fn unknown(evidence: impl Into<String>) -> Self {
        Self::new(CapabilityVerdict::Unknown, evidence)
    }

    pub(crate) fn skipped(evidence: impl Into<String>) -> Self {
        Self::new(CapabilityVerdict::Skipped, evidence)
    }

    #[must_use]
    pub(crate) fn value(mut self, value: impl ToString) -> Self {
        self.value = Some(value.to_string());
        self
    }

    #[must_use]
    pub(crate) fn announced(mut self, announced: Option<impl ToString>) -> Self {
        self.announced = announced.map(|announced| announced.to_string());
        self
    }
}

/// Why a question could not be answered.
#[derive(Clone, Debug, thiserror::Error)]
pub(crate) enum Trouble {
    /// A connection that was there ended, or gave no answer.
    #[error(transparent)]
    Gone(#[from] Gone),
    /// A connection that should have been made was not.
    #[error("no connection: {0}")]
    NotConnected(String),
    /// The whole probe ends.
    #[error("{}", .0.message)]
    Stop(Box<UserError>),
}
