//! Any preset on any profile.

use proptest::prelude::*;

use super::*;

/// Any JSON, with the names of real fields among its own.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<u32>().prop_map(Value::from),
        prop_oneof![
            Just("{{x}}"),
            Just("http"),
            Just("pem"),
            Just("file"),
            Just("scram"),
            Just("5.0")
        ]
        .prop_map(Value::from),
        ".{0,8}".prop_map(Value::from),
    ];
    let key = prop_oneof![
        proptest::sample::select(vec![
            "id",
            "name",
            "preset",
            "colour",
            "endpoint",
            "host",
            "port",
            "scheme",
            "tls",
            "kind",
            "from",
            "method",
            "proxy",
            "server",
            "will",
            "topic",
            "payload",
            "secret",
            "password",
            "keep_alive",
            "client_id",
            "websocket",
            "headers",
            "subscriptions",
            "authentication",
        ])
        .prop_map(str::to_owned),
        "[a-z]{1,3}",
    ];
    leaf.prop_recursive(4, 40, 5, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            proptest::collection::btree_map(key.clone(), inner, 0..5)
                .prop_map(|fields| fields.into_iter().collect()),
        ]
    })
}

/// A provider, or a preset that fills anything in.
fn any_preset() -> impl Strategy<Value = Preset> {
    prop_oneof![
        proptest::sample::select(providers().to_vec()),
        any_json().prop_map(|fill| own(match fill {
            Value::Object(_) => fill,
            other => json!({"endpoint": other}),
        })),
    ]
}

fn any_profile() -> impl Strategy<Value = Profile> {
    let some = (any::<bool>(), any::<u16>(), ".{0,12}", ".{0,12}", 0..4_usize);
    some.prop_map(|(is_full, keep_alive, text, name, scheme)| {
        let mut profile = if is_full { full() } else { new() };
        profile.endpoint.scheme = Scheme::ALL[scheme];
        profile.endpoint.host.clone_from(&text);
        (profile.keep_alive, profile.client_id, profile.name) = (keep_alive, text, name);
        profile
    })
}

proptest! {
    #[test]
    fn a_preset_never_changes_who_a_profile_is(
        profile in any_profile(),
        preset in any_preset(),
        answer in ".{0,12}",
        turn in 0..5_usize,
    ) {
        let given = preset.asks.iter().map(|ask| {
            let choice = ask.choices.get(turn.min(ask.choices.len().saturating_sub(1)));
            (ask.id.clone(), choice.map_or(answer.clone(), |choice| choice.value.clone()))
        });
        if let Ok(made) = preset.apply(&profile, &given.collect()) {
            prop_assert_eq!(&made.id, &profile.id);
            prop_assert_eq!(&made.name, &profile.name);
            prop_assert_eq!(&made.preset, &Some(preset.id.clone()));
            let before = profile.secrets();
            prop_assert!(made.secrets().iter().all(|secret| before.contains(secret)));
            check_with(&made, std::slice::from_ref(&preset));
        }
    }
}
