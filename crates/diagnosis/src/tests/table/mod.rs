//! Every row of the two tables of faults, and what else the rules tell apart: evidence, causes in order, first fix.

mod http;
mod mqtt;
mod network;
mod tls;

use std::collections::BTreeSet;

use mqttscope_model::ConnectStage as S;
use mqttscope_model::ErrorCode as E;
use mqttscope_model::Scheme::{Mqtt, Mqtts, Ws};
use mqttscope_model::TlsTrust;

use crate::tests::given::{Given, NOW_S, certificate, given, lost};
use crate::{CauseCode, FixCode, Verdict};

/// Evidence, the causes in their order, the fix that is offered first.
pub(super) type Row = (Given, &'static [&'static str], &'static str);

/// All of it.
pub(super) fn rows() -> Vec<Row> {
    [
        network::settings(),
        network::network(),
        network::proxies(),
        network::ports(),
        tls::certificates(),
        tls::handshakes(),
        http::http(),
        mqtt::connacks(),
        mqtt::providers(),
        mqtt::ended(),
    ]
    .concat()
}

#[test]
fn evidence_leads_to_its_causes_in_order_and_the_best_fix_first() {
    let mut wrong = Vec::new();
    for (given, causes, fix) in rows() {
        let said = given.judged();
        let named: Vec<&str> = said.causes.iter().map(|cause| cause.code.as_str()).collect();
        let first = said.fixes.first().map_or("none", |fix| fix.code.as_str());
        if named != causes || first != fix {
            let code = given.account.attempt.error.as_ref().unwrap().code;
            wrong.push(format!("{code:?}: {named:?} {first}, not {causes:?} {fix}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn an_alert_after_the_handshake_is_still_of_tls() {
    let said = given(Mqtts, S::Mqtt, E::TlsClientCertificateRequired).judged();
    assert_eq!(said.stage, Some(S::Tls));
}

#[test]
fn the_best_fix_of_the_second_cause_comes_before_the_second_best_of_the_first() {
    let said = given(Mqtt, S::Mqtt, E::MqttClosed).at("h", 9000).judged();
    let fixes: Vec<&str> = said.fixes.iter().take(2).map(|fix| fix.code.as_str()).collect();
    assert_eq!(fixes, ["use_version", "use_scheme"]);
}

#[test]
fn a_failure_names_its_stage() {
    let said = given(Mqtt, S::Tcp, E::TcpRefused).judged();
    assert_eq!((said.verdict, said.stage), (Verdict::Failed, Some(S::Tcp)));
}

#[test]
fn no_code_is_dead() {
    let (mut causes, mut fixes) = (BTreeSet::new(), BTreeSet::new());
    for (given, _, _) in rows() {
        let said = given.judged();
        causes.extend(said.causes.iter().map(|cause| cause.code));
        fixes.extend(said.fixes.iter().map(|fix| fix.code));
    }
    let dead: Vec<_> = CauseCode::ALL.iter().filter(|code| !causes.contains(code)).collect();
    assert!(dead.is_empty(), "no rule names {dead:?}");
    let dead: Vec<_> = FixCode::ALL.iter().filter(|code| !fixes.contains(code)).collect();
    assert!(dead.is_empty(), "no rule offers {dead:?}");
}

#[test]
fn a_connection_that_stands_is_fine_and_says_what_was_noticed() {
    let fine = given(Mqtt, S::Mqtt, E::Internal).stands();
    let said = fine.judged();
    assert_eq!((said.verdict, said.stage, said.causes.len()), (Verdict::Ok, None, 0));
    let said = fine.past(vec![lost(900), lost(950)]).judged();
    assert_eq!(said.verdict, Verdict::Ok);
    assert_eq!(said.causes.first().unwrap().code, CauseCode::TakenOver);
}

#[test]
fn a_cancelled_attempt_has_no_cause() {
    let said = given(Mqtt, S::Tcp, E::Cancelled).judged();
    assert_eq!((said.verdict, said.causes.len(), said.fixes.len()), (Verdict::Cancelled, 0, 0));
}

#[test]
fn an_intermediate_that_has_expired_is_called_by_its_name() {
    let mut old = certificate("Line 3", "Plant CA");
    old.not_after_s = NOW_S - 90 * 86_400;
    let said = given(Mqtts, S::Tls, E::TlsCertificateExpired)
        .chain(TlsTrust::System, &[certificate("broker.example", "Line 3"), old])
        .judged();
    let message = &said.causes.first().unwrap().message;
    assert!(message.contains("CN=Line 3") && message.contains("2026-08-23"), "{message}");
}

#[test]
fn the_key_of_nobody_is_never_trusted_at_a_click() {
    let leaf = certificate("broker.example", "Plant CA");
    let said = given(Mqtts, S::Tls, E::TlsServerKeyNotProven)
        .chain(TlsTrust::System, &[leaf])
        .detail("certificate_sha256", "AB")
        .judged();
    assert!(said.fixes.iter().all(|fix| fix.code != FixCode::TrustCertificate));
}

#[test]
fn the_query_of_a_redirect_is_not_told() {
    let said = given(Ws, S::WebSocket, E::WebSocketRedirected)
        .http(302, &[("Location", "/new?token=planted")])
        .judged();
    assert!(!format!("{said:?}").contains("planted"));
}
