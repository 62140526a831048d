//! What is odd about our own certificate, which only a look into its file shows.

use std::time::{SystemTime, UNIX_EPOCH};

use mqttscope_model::check::{Problem, ProblemCode, Weight};
use mqttscope_model::{CertificateFacts, ClientCertificate};

use super::{Case, probing};

/// The problems of the client certificate, where there is one that can be read.
pub(super) async fn problems(case: &Case) -> Vec<Problem> {
    let field = match &case.profile.tls.client_certificate {
        Some(ClientCertificate::Pem { .. }) => "tls.client_certificate.certificate",
        Some(ClientCertificate::Pkcs12 { .. }) => "tls.client_certificate.archive",
        None => return Vec::new(),
    };
    let Ok(secrets) = &case.secrets else { return Vec::new() };
    let tls = probing::tls_options(&case.profile, secrets).await;
    let facts = tls.and_then(|tls| tls.client_certificate_facts());
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let now = i64::try_from(now.as_secs()).unwrap_or(i64::MAX);
    facts.and_then(|facts| out_of_date(&facts, field, now)).into_iter().collect()
}

fn out_of_date(facts: &CertificateFacts, field: &str, now: i64) -> Option<Problem> {
    let (code, limit) = if facts.not_after_s < now {
        (ProblemCode::OwnCertificateExpired, facts.not_after_s)
    } else if facts.not_before_s > now {
        (ProblemCode::OwnCertificateNotYetValid, facts.not_before_s)
    } else {
        return None;
    };
    let limit = jiff::Timestamp::from_second(limit).ok()?;
    Some(Problem {
        field: field.to_owned(),
        weight: Weight::Warning,
        code,
        limit: limit.strftime("%Y-%m-%d %H:%M UTC").to_string(),
        source: String::new(),
        reason: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(now: i64, expect: &str) {
        let facts = CertificateFacts {
            not_before_s: 1_700_000_000,
            not_after_s: 1_800_000_000,
            ..CertificateFacts::default()
        };
        let found = out_of_date(&facts, "f", now);
        let shown = found.map(|found| format!("{} {}", found.code.as_str(), found.limit));
        assert_eq!(shown.unwrap_or_default(), expect);
    }

    #[test]
    fn a_certificate_is_held_against_today() {
        check(1_750_000_000, "");
        check(1_800_000_001, "own_certificate_expired 2027-01-15 08:00 UTC");
        check(1_699_999_999, "own_certificate_not_yet_valid 2023-11-14 22:13 UTC");
    }
}
