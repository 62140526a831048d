//! The name lookup and the TCP connection.

use mqttscope_model::{AddressOutcome, ErrorCode, Scheme};

use super::{Case, Found};
use crate::fixes::Place;
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
        .fixes(open_ports(case))
        .fix(case.fixes.provider_way())
        .fix(family(case))
        .fix(case.fixes.advice(F::CheckBrokerRuns))
        .fix(case.fixes.use_port())
}

/// The ways that the usual ports of the host offer which were found open.
fn open_ports(case: &Case<'_>) -> Vec<Option<crate::Fix>> {
    let tries = case.facts.tcp.iter().flat_map(|tcp| &tcp.tries);
    let open: Vec<u16> = tries
        .filter(|tried| tried.outcome == AddressOutcome::Connected)
        .filter_map(|tried| tried.address.rsplit_once(':')?.1.parse().ok())
        .collect();
    let mut usual = Scheme::ALL.to_vec();
    usual.retain(|scheme| open.contains(&scheme.default_port()));
    // What was wanted comes first: then only the port was wrong.
    usual.sort_by_key(|scheme| *scheme != case.profile.endpoint.scheme);
    let place = |scheme: Scheme| Place {
        scheme: Some(scheme),
        port: Some(scheme.default_port()),
        ..Place::default()
    };
    usual.into_iter().map(|scheme| case.fixes.go_to(&place(scheme))).collect()
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
