//! The broker's certificate.
//!
//! Two of these causes look the same from here: an authority that nobody trusts, and a well-known one whose intermediate
//! certificate the broker forgot to send. Both are named unless the chain shows its own end, with the likelier first.

use mqttscope_model::{CertificateFacts, ErrorCode};

use super::{Case, Found, day};
use crate::fixes::is_weak;
use crate::{CauseCode as C, FixCode as F};

/// Before this the application did not exist, so a clock that says less is wrong: 2026-01-01.
const SURELY_PAST_S: i64 = 1_767_225_600;
/// A certificate that expired or begins within this time is one that a wrong time zone or a late clock can explain.
const NEAR_S: i64 = 2 * 86_400;

/// Words in the names of authorities whose roots every operating system has. They issue from intermediates only.
const PUBLIC: [&str; 16] = [
    "Let's Encrypt",
    "DigiCert",
    "Sectigo",
    "GlobalSign",
    "Amazon",
    "Google Trust",
    "ZeroSSL",
    "GoDaddy",
    "Entrust",
    "TrustAsia",
    "WoTrus",
    "GeoTrust",
    "Starfield",
    "Certum",
    "Microsoft",
    "CFCA",
];
/// Words by which people name what is between.
const INTERMEDIATE: [&str; 4] = ["intermediate", "issuing", "sub ca", "subca"];

pub(super) fn causes(case: &Case<'_>) -> Vec<Found> {
    use ErrorCode as E;
    let fixes = &case.fixes;
    let found = match case.error.code {
        E::TlsUnknownIssuer => return unknown_issuer(case),
        E::TlsCertificateExpired => return expired(case),
        E::TlsCertificateNotYetValid => return not_yet_valid(case),
        E::TlsWrongName => wrong_name(case),
        E::TlsSelfSigned => case
            .found(C::SelfSigned)
            .fix(fixes.trust_certificate())
            .fix(fixes.choose_ca())
            .fix(fixes.advice(F::ReissueCertificate)),
        E::TlsNotPinned => case
            .found(C::NotPinned)
            .with("sha256", fingerprint(case))
            .fix(fixes.trust_certificate())
            .fix(fixes.use_system_roots())
            .fix(fixes.choose_ca()),
        E::TlsCaAsServer => reissue(case, C::CaAsServer),
        E::TlsCertificateWithoutNames => {
            reissue(case, C::NoNames).with("name", expected_name(case))
        }
        E::TlsCertificateVersion => reissue(case, C::CertificateVersion),
        E::TlsCertificateWeak => weak(case),
        E::TlsIssuerKeyDiffers => case
            .found(C::IssuerKeyDiffers)
            .with("issuer", issuer(case))
            .fix(fixes.trust_certificate())
            .fix(fixes.choose_ca()),
        // Whoever cannot prove the key may be anybody: here nothing is trusted at a click.
        E::TlsServerKeyNotProven => case
            .found(C::ServerKeyNotProven)
            .fix(fixes.advice(F::ReissueCertificate))
            .fix(fixes.advice(F::ReadBrokerLog)),
        E::TlsCertificateInvalid => case
            .found_for_reason(C::CertificateInvalid)
            .fix(fixes.trust_certificate())
            .fix(fixes.advice(F::ReissueCertificate)),
        _ => return Vec::new(),
    };
    vec![found]
}

fn reissue(case: &Case<'_>, code: C) -> Found {
    case.found(code)
        .fix(case.fixes.trust_certificate())
        .fix(case.fixes.advice(F::ReissueCertificate))
}

/// The chain that the broker sent, its own certificate first.
fn chain<'a>(case: &'a Case<'_>) -> &'a [CertificateFacts] {
    case.facts.tls.as_ref().map(|tls| tls.chain.as_slice()).unwrap_or_default()
}

/// Where the chain of certificates breaks off: the last one that is linked to the broker's own. What else was sent is not
/// part of it, whatever it is.
fn top<'a>(case: &'a Case<'_>) -> Option<&'a CertificateFacts> {
    let chain = chain(case);
    let above = |link: &&CertificateFacts| {
        let mut rest = chain.iter().skip(1);
        let link = *link;
        rest.find(|other| other.subject == link.issuer).filter(|_| !link.self_issued)
    };
    // As many steps as there are certificates: two that issue each other must not be walked for ever.
    std::iter::successors(chain.first(), above).take(chain.len()).last()
}

fn issuer(case: &Case<'_>) -> String {
    let issuer = top(case).map(|top| top.issuer.clone());
    issuer.unwrap_or_else(|| case.detail("certificate_issuer").to_owned())
}

fn fingerprint(case: &Case<'_>) -> String {
    let leaf = chain(case).first().map(|leaf| leaf.sha256.clone());
    leaf.unwrap_or_else(|| case.detail("sha256").to_owned())
}

fn expected_name(case: &Case<'_>) -> String {
    match (case.detail("name"), &case.facts.tls) {
        ("", Some(tls)) => tls.expected_name.clone(),
        (name, _) => name.to_owned(),
    }
}

fn unknown_issuer(case: &Case<'_>) -> Vec<Found> {
    let issuer = issuer(case);
    let public = PUBLIC.iter().any(|name| issuer.contains(name));
    let between = INTERMEDIATE.iter().any(|word| issuer.to_ascii_lowercase().contains(word));
    let system = case.fixes.trusts_system();
    let unknown = case
        .found(C::UnknownCa)
        .with("issuer", issuer.clone())
        .fix(case.fixes.use_system_roots().filter(|_| public))
        .fix(case.fixes.trust_certificate())
        .fix(case.fixes.choose_ca());
    // A chain that ends in an authority that signs itself is whole.
    if top(case).is_some_and(|top| top.self_issued) {
        return vec![unknown];
    }
    let missing = case
        .found(C::IntermediateMissing)
        .with("issuer", issuer)
        .fix(case.fixes.trust_certificate())
        .fix(case.fixes.advice(F::SendIntermediate))
        .fix(case.fixes.choose_ca());
    // A well-known authority is trusted by the system, so if the system judged, only the link to it can be missing.
    match (public, between, system) {
        (true, _, true) | (_, true, _) => vec![missing, unknown],
        _ => vec![unknown, missing],
    }
}

fn wrong_name(case: &Case<'_>) -> Found {
    let names: Vec<String> = match chain(case).first() {
        Some(leaf) => leaf.names.clone(),
        None => case.detail("names").split(", ").map(str::to_owned).collect(),
    };
    case.found(C::WrongName)
        .with("name", expected_name(case))
        .with("names", names.join(", "))
        .fix(case.fixes.use_server_name(&names))
        .fix(case.fixes.trust_certificate())
        .fix(case.fixes.use_named_host(&names))
        .fix(case.fixes.advice(F::ReissueCertificate))
}

fn weak(case: &Case<'_>) -> Found {
    let bits = chain(case).iter().filter(|link| is_weak(link)).map(|link| link.key_bits).min();
    let bits = bits.map(|bits| bits.to_string()).unwrap_or_default();
    // A pin helps where only an authority's key is small: then nobody looks at that.
    let pin = case.fixes.trust_certificate().filter(|_| case.fixes.leaf().is_some());
    case.found(C::WeakKey).with("bits", bits).fix(pin).fix(case.fixes.advice(F::ReissueCertificate))
}

fn clock_wrong(case: &Case<'_>) -> Found {
    case.found(C::ClockWrong).with("now", day(case.now_s())).fix(case.fixes.advice(F::SetClock))
}

fn expired(case: &Case<'_>) -> Vec<Found> {
    let now = case.now_s();
    let old = |link: &&CertificateFacts| link.not_after_s < now;
    let one = chain(case).iter().find(old).or(chain(case).first());
    let until = match (case.detail("until"), one) {
        ("", Some(one)) => day(one.not_after_s),
        (until, _) => until.to_owned(),
    };
    let expired = case
        .found(C::Expired)
        .with("subject", subject(case, one))
        .with("until", until)
        .with("now", day(now))
        .fix(case.fixes.advice(F::RenewCertificate))
        .fix(case.fixes.trust_certificate());
    // A clock that is ahead makes all of them old; a certificate that is forgotten is old alone.
    let all_old = chain(case).len() > 1 && chain(case).iter().all(|link| old(&link));
    let near = one.is_some_and(|one| now.saturating_sub(one.not_after_s) < NEAR_S);
    if all_old || near { vec![expired, clock_wrong(case)] } else { vec![expired] }
}

fn not_yet_valid(case: &Case<'_>) -> Vec<Found> {
    let now = case.now_s();
    let new = |link: &&CertificateFacts| link.not_before_s > now;
    let one = chain(case).iter().find(new).or(chain(case).first());
    let from = match (case.detail("from"), one) {
        ("", Some(one)) => day(one.not_before_s),
        (from, _) => from.to_owned(),
    };
    let early = case
        .found(C::NotYetValid)
        .with("subject", subject(case, one))
        .with("from", from)
        .with("now", day(now))
        .fix(case.fixes.advice(F::SetClock))
        .fix(case.fixes.trust_certificate())
        .fix(case.fixes.advice(F::ReissueCertificate));
    if now < SURELY_PAST_S {
        return vec![clock_wrong(case)];
    }
    let all_new = chain(case).len() > 1 && chain(case).iter().all(|link| new(&link));
    let near = one.is_some_and(|one| one.not_before_s.saturating_sub(now) < NEAR_S);
    if all_new || near { vec![clock_wrong(case), early] } else { vec![early, clock_wrong(case)] }
}

/// Whose dates are wrong: not always the broker's own certificate.
fn subject(case: &Case<'_>, one: Option<&CertificateFacts>) -> String {
    let subject = one.map(|one| one.subject.clone());
    subject.unwrap_or_else(|| case.detail("certificate_subject").to_owned())
}
