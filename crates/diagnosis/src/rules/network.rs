//! The name lookup and the TCP connection.

use mqttscope_model::ErrorCode;

use super::{Case, Found};
use crate::{CauseCode as C, FixCode as F};

pub(super) fn causes(case: &Case<'_>) -> Vec<Found> {
    use ErrorCode as E;
    let found = match case.error.code {
        E::NameNotFound | E::NameLookupFailed | E::NameTimedOut => name(case),
        E::TcpRefused => refused(case),
        E::TcpTimedOut => timed_out(case),
        E::TcpUnreachable => case
            .found(C::TcpUnreachable)
            .fix(family(case))
            .fix(case.fixes.advice(F::CheckNetwork))
            .fix(case.fixes.check_name()),
        E::TcpReset => case
            .found(C::TcpReset)
            .fix(case.fixes.about_port(F::OpenFirewall))
            .fix(case.fixes.advice(F::WaitAndRetry))
            .fix(case.fixes.advice(F::ReadBrokerLog)),
        E::TcpFailed => case
            .found_for_reason(C::TcpFailed)
            .fix(case.fixes.advice(F::CheckNetwork))
            .fix(case.fixes.check_name()),
        _ => return Vec::new(),
    };
    vec![found]
}

fn name(case: &Case<'_>) -> Found {
    let fixes = &case.fixes;
    if let Some(facts) = &case.facts.name
        && facts.addresses.is_empty()
        && !facts.left_out.is_empty()
    {
        return case
            .found(C::NameOtherFamily)
            .with("left_out", facts.left_out.join(", "))
            .fix(fixes.use_any_family())
            .fix(fixes.advice(F::CheckNetwork));
    }
    let host = case.profile.endpoint.host.trim_end_matches('.').to_ascii_lowercase();
    if host.ends_with(".local") {
        return case
            .found(C::NameLocal)
            .fix(fixes.check_name())
            .fix(fixes.advice(F::CheckNetwork))
            .fix(fixes.advice(F::CheckBrokerRuns));
    }
    if case.error.code == ErrorCode::NameNotFound {
        return case
            .found(C::NameNotFound)
            .fix(fixes.check_name())
            .fix(fixes.advice(F::CheckNetwork));
    }
    case.found(C::NameLookupFailed)
        .with("reason", case.detail("reason"))
        .fix(fixes.advice(F::CheckNetwork))
        .fix(fixes.check_name())
        .fix(fixes.allow_more_time().filter(|_| case.error.code == ErrorCode::NameTimedOut))
}

/// The address family, where the profile leaves addresses out that might have answered.
fn family(case: &Case<'_>) -> Option<crate::Fix> {
    let left_out = case.facts.name.as_ref().is_some_and(|name| !name.left_out.is_empty());
    case.fixes.use_any_family().filter(|_| left_out)
}

fn refused(case: &Case<'_>) -> Found {
    case.found(C::TcpRefused)
        .fix(case.fixes.provider_way())
        .fix(family(case))
        .fix(case.fixes.advice(F::CheckBrokerRuns))
        .fix(case.fixes.use_port())
}

fn timed_out(case: &Case<'_>) -> Found {
    // Cloud brokers drop what comes to a port that is not theirs.
    case.found(C::TcpTimedOut)
        .fix(case.fixes.provider_way())
        .fix(family(case))
        .fix(case.fixes.about_port(F::OpenFirewall))
        .fix(case.fixes.check_name())
        .fix(case.fixes.allow_more_time().filter(|_| case.profile.connect_timeout < 10))
}
