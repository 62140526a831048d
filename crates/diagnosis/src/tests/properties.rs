//! Whatever the evidence, there is a cause and a fix, and nothing breaks.

use mqttscope_model::{
    Account, Attempt, ConnectStage, ErrorCode, Facts, FirstBytes, MqttFacts, Profile, ReasonCode,
    Scheme, SchemeTry, StageRecord, StageVerdict, StreamEnd, TlsFacts, UserError, WebSocketFacts,
};
use proptest::prelude::*;

use super::given::{Given, answer, certificate, given, lost};
use crate::{Verdict, apply};

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        Just(String::new()),
        "[ -~]{0,24}",
        Just("https://a.example:8/x?y#z".to_owned()),
        Just("0x9D Server moved".to_owned()),
        Just("*.example".to_owned()),
        any::<String>(),
    ]
}

fn error() -> impl Strategy<Value = UserError> {
    let names = [
        "reason", "file", "secret", "proxy", "answer", "spoken", "location", "status", "until",
        "alert", "evidence", "sha256",
    ];
    let details = proptest::collection::btree_map(
        proptest::sample::select(names.map(str::to_owned).to_vec()),
        text(),
        0..4,
    );
    (proptest::sample::select(ErrorCode::ALL.to_vec()), text(), details)
        .prop_map(|(code, message, details)| UserError { details, ..UserError::new(code, message) })
}

fn tls() -> impl Strategy<Value = TlsFacts> {
    let chain =
        proptest::collection::vec((text(), text(), any::<i64>(), any::<i64>(), any::<u32>()), 0..3);
    (chain, any::<bool>(), any::<bool>(), proptest::option::of(text())).prop_map(
        |(chain, asked, named, alert)| TlsFacts {
            chain: chain
                .into_iter()
                .map(|(subject, issuer, from, until, bits)| {
                    let mut one = certificate(&subject, &issuer);
                    (one.not_before_s, one.not_after_s, one.key_bits) = (from, until, bits);
                    one
                })
                .collect(),
            client_certificate_asked: asked,
            server_name: named.then(|| "broker.example".to_owned()),
            alert,
            ..TlsFacts::default()
        },
    )
}

fn facts() -> impl Strategy<Value = Facts> {
    let bytes = (any::<Vec<u8>>(), proptest::option::of(text()));
    let websocket = (proptest::option::of(any::<u16>()), text());
    let mqtt = (
        proptest::option::of(any::<u8>()),
        proptest::option::of(any::<u8>()),
        any::<bool>(),
        text(),
    );
    let schemes = proptest::collection::vec((0_usize..4, any::<bool>()), 0..4);
    (
        proptest::option::of(tls()),
        proptest::option::of(bytes),
        proptest::option::of(websocket),
        proptest::option::of(mqtt),
        schemes,
    )
        .prop_map(|(tls, bytes, websocket, mqtt, schemes)| Facts {
            tls,
            first_bytes: bytes
                .map(|(bytes, spoken)| FirstBytes { bytes: mqttscope_model::Bytes(bytes), spoken }),
            websocket: websocket.map(|(status, location)| WebSocketFacts {
                status,
                headers: vec![mqttscope_model::Named {
                    name: "location".to_owned(),
                    value: location,
                }],
                ..WebSocketFacts::default()
            }),
            mqtt: mqtt.map(|(connack, disconnect, reset, server)| {
                let named = |code: u8| {
                    let mut answer = answer(code);
                    answer.server_reference = Some(server.clone());
                    answer
                };
                MqttFacts {
                    version: mqttscope_model::ProtocolVersion::V5,
                    client_id: server.clone(),
                    with_user_name: reset,
                    with_password: reset,
                    connack: connack.map(named),
                    offer: None,
                    disconnect: disconnect.map(named),
                    end: Some(if reset { StreamEnd::Reset } else { StreamEnd::Closed }),
                }
            }),
            other_schemes: schemes
                .into_iter()
                .map(|(at, speaks)| SchemeTry {
                    scheme: Scheme::ALL[at],
                    speaks,
                    seen: String::new(),
                })
                .collect(),
            ..Facts::default()
        })
}

fn profile() -> impl Strategy<Value = Profile> {
    (0_usize..4, text(), any::<u16>(), text(), text()).prop_map(
        |(scheme, host, port, path, client)| {
            let given = given(Scheme::ALL[scheme], ConnectStage::Tcp, ErrorCode::Internal);
            let mut profile = given.profile;
            (profile.endpoint.host, profile.endpoint.port) = (host, port);
            (profile.endpoint.path, profile.client_id) = (path, client);
            profile
        },
    )
}

fn anything() -> impl Strategy<Value = Given> {
    let past = proptest::collection::vec(any::<u64>(), 0..6);
    let stage = proptest::sample::select(ConnectStage::ALL.to_vec());
    (profile(), error(), facts(), stage, any::<i64>(), past).prop_map(
        |(profile, error, facts, stage, began_ms, past)| {
            let record = StageRecord {
                stage,
                verdict: StageVerdict::Failed,
                began_us: 0,
                took_us: 0,
                evidence: String::new(),
            };
            let attempt = Attempt { number: 1, stages: vec![record], error: Some(error) };
            let past = past.into_iter().map(lost).collect();
            Given { profile, account: Account { attempt, began_ms, facts, past } }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_failure_always_has_a_cause_and_a_fix_that_can_be_applied(given in anything()) {
        let said = given.judged();
        let code = given.account.attempt.error.as_ref().map(|error| error.code);
        if code == Some(ErrorCode::Cancelled) {
            prop_assert_eq!(said.verdict, Verdict::Cancelled);
            return Ok(());
        }
        prop_assert_eq!(said.verdict, Verdict::Failed);
        prop_assert!(!said.causes.is_empty(), "no cause");
        prop_assert!(!said.fixes.is_empty(), "no fix");
        for cause in &said.causes {
            let several = said.causes.len() > 1;
            prop_assert_eq!(several, !cause.told_apart.is_empty(), "{}", cause.code.as_str());
        }
        for fix in &said.fixes {
            prop_assert!(apply(&given.profile, fix).is_ok(), "{:?}", fix);
        }
        prop_assert_eq!(said, given.judged());
    }
}

#[test]
fn every_code_of_a_connack_and_a_disconnect_has_a_cause() {
    for code in 0..=255_u8 {
        for error in
            [ErrorCode::MqttRefused, ErrorCode::MqttUnavailable, ErrorCode::MqttDisconnected]
        {
            let one = given(Scheme::Mqtt, ConnectStage::Mqtt, error).connack(code);
            let said = one.judged();
            let cause = said.causes.first().unwrap();
            assert_ne!(cause.code.as_str(), "unknown", "{}", ReasonCode(code));
        }
    }
}

/// What an attempt can end with.
const OF_ATTEMPTS: [&str; 7] =
    ["secret.", "name.", "tcp.", "proxy.", "tls.", "websocket.", "mqtt."];

#[test]
fn every_error_of_an_attempt_has_a_cause_of_its_own_without_any_facts() {
    let is_of_attempts = |code: &ErrorCode| {
        let text = code.as_str();
        OF_ATTEMPTS.iter().any(|family| text.starts_with(family)) || text.starts_with("will.")
    };
    let mut tried = 0;
    for code in ErrorCode::ALL.iter().copied().filter(is_of_attempts) {
        for scheme in Scheme::ALL {
            for stage in ConnectStage::ALL {
                let said = given(scheme, stage, code).judged();
                let cause = said.causes.first().unwrap().code;
                assert_ne!(cause.as_str(), "unknown", "{} in {}", code.as_str(), stage.as_str());
                tried += 1;
            }
        }
    }
    assert!(tried > 2000);
}
