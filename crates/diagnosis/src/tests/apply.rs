//! What a fix makes of a profile.

use mqttscope_model::ErrorCode;
use serde_json::{Value, json};

use super::table::rows;
use crate::{Change, Fix, FixCode, apply};

fn field<'a>(value: &'a Value, path: &str) -> Option<&'a Value> {
    path.split('.').try_fold(value, |value, name| value.get(name))
}

fn fix(field: &str, after: Value) -> Fix {
    let change = Change { field: field.to_owned(), before: Value::Null, after };
    Fix {
        code: FixCode::MendField,
        message: String::new(),
        details: std::collections::BTreeMap::default(),
        changes: vec![change],
        field: None,
    }
}

#[test]
fn every_fix_that_is_offered_can_be_applied_and_does_what_it_says() {
    let mut applied = 0;
    for (given, _, _) in rows() {
        let before = serde_json::to_value(&given.profile).unwrap();
        for fix in given.judged().fixes {
            let after =
                apply(&given.profile, &fix).unwrap_or_else(|error| panic!("{error:?} {fix:?}"));
            let after = serde_json::to_value(after).unwrap();
            for change in &fix.changes {
                assert_eq!(field(&before, &change.field), Some(&change.before), "{fix:?}");
                assert_eq!(field(&after, &change.field), Some(&change.after), "{fix:?}");
                assert_ne!(change.before, change.after, "{fix:?}");
                applied += 1;
            }
        }
    }
    assert!(applied > 100);
}

#[test]
fn a_field_that_is_not_there_or_does_not_take_its_value_is_refused() {
    let (given, _, _) = rows().swap_remove(0);
    let wrong = [
        fix("endpoint.colour", json!("red")),
        fix("nothing", json!(1)),
        fix("", json!(1)),
        fix("endpoint.port", json!("eight")),
        fix("endpoint.port.low", json!(1)),
        fix("will.qos", json!(1)),
        fix("tls.roots", json!({ "kind": "pinned" })),
        fix("id", json!("other")),
    ];
    for fix in wrong {
        let error = apply(&given.profile, &fix).unwrap_err();
        assert_eq!(error.code, ErrorCode::ProfileInvalid, "{fix:?}");
    }
}

#[test]
fn a_profile_that_follows_the_local_broker_stops_when_it_is_sent_elsewhere() {
    let given = super::given::given(
        mqttscope_model::Scheme::Mqtts,
        mqttscope_model::ConnectStage::Tls,
        ErrorCode::TlsNotSpoken,
    )
    .profile(|profile| profile.follows_local_broker = true);
    let said = given.judged();
    let after = apply(&given.profile, said.fixes.first().unwrap()).unwrap();
    assert!(!after.follows_local_broker);
}

#[test]
fn the_same_attempt_is_given_the_same_identifier_again() {
    let given = super::given::given(
        mqttscope_model::Scheme::Mqtt,
        mqttscope_model::ConnectStage::Staying,
        ErrorCode::MqttTakenOver,
    );
    let name = |given: &super::given::Given| {
        apply(&given.profile, given.judged().fixes.first().unwrap()).unwrap().client_id
    };
    assert_eq!(name(&given), name(&given));
    assert!(name(&given).starts_with("device-7-"));
    let mut later = given.clone();
    later.account.began_ms += 1;
    assert_ne!(name(&given), name(&later));
}
