//! Why a broker cannot be used, and what to do about it.
//!
//! `rules` are pure functions from evidence to causes and fixes; `run` makes the longer attempt that a person asks
//! for. Both speak of the same account that every ordinary attempt leaves, so a failed connect is a diagnosis.
//! A cause that the evidence does not show is never named: what is not known says so.

mod apply;
mod code;
mod fixes;
mod report;
mod rules;
mod run;
mod words;

pub use apply::apply;
pub use code::{CauseCode, FixCode};
pub use report::{Cause, Change, Diagnosis, DiagnosisId, DiagnosisOptions, Fix, Report, Verdict};
pub use rules::diagnose;
pub use run::{Case, Run, unbegun_account};

#[cfg(test)]
mod tests;
