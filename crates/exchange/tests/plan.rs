//! What an import would do: nothing that a person set here is lost unless it is chosen.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "the functions around the tests are tests too"
)]

mod generate;

use mqttscope_exchange::plan::{Fresh, Stored, decide, preview};
use mqttscope_exchange::{
    Choice, Found, FoundProfile, ImportFormat, ImportId, ItemChoice, ItemState,
};
use mqttscope_model::{
    Profile, ProfileId, Proxy, ProxyServer, QoS, Secret, SecretName, SecretSlot, Secrets,
    Subscription,
};
use proptest::prelude::*;

#[derive(Default)]
struct Counting(u32);

impl Fresh for Counting {
    fn profile_id(&mut self) -> ProfileId {
        self.0 += 1;
        ProfileId::new(format!("fresh-{}", self.0)).unwrap()
    }

    fn client_id(&mut self) -> String {
        self.0 += 1;
        format!("client-{}", self.0)
    }
}

fn found(profiles: Vec<(Profile, Secrets)>) -> Found {
    let profiles = profiles.into_iter().map(|(profile, secrets)| FoundProfile {
        profile,
        secrets,
        messages: Vec::new(),
        notes: Vec::new(),
    });
    Found {
        format: ImportFormat::Mqttscope,
        profiles: profiles.collect(),
        tree: Vec::new(),
        notes: Vec::new(),
        locked: None,
    }
}

fn all(found: &Found, choice: Choice) -> Vec<ItemChoice> {
    (0..found.profiles.len())
        .map(|index| ItemChoice { index: u32::try_from(index).unwrap(), choice })
        .collect()
}

fn profile(id: &str) -> Profile {
    let mut profile = Profile::new(ProfileId::new(id).unwrap(), "client".to_owned());
    profile.name = id.to_owned();
    profile.endpoint.host = "broker".to_owned();
    profile
}

fn password(value: &str) -> Secrets {
    let mut secrets = Secrets::default();
    secrets.insert(SecretSlot::Password, Secret::new(value));
    secrets
}

fn one(here: &Profile, there: &Profile, secrets: Secrets, choice: Choice) -> (Profile, Secrets) {
    let found = found(vec![(there.clone(), secrets)]);
    let mut decided =
        decide(&found, std::slice::from_ref(here), &all(&found, choice), &mut Counting::default());
    let decided = decided.pop().unwrap();
    assert_eq!(decided.before.as_ref(), Some(here));
    (decided.profile, decided.secrets)
}

proptest! {
    #[test]
    fn a_profile_is_the_same_as_itself_and_merging_it_changes_nothing(profile in generate::profile()) {
        let found = found(vec![(profile.clone(), Secrets::default())]);
        let shown = preview(ImportId(1), "", &found, std::slice::from_ref(&profile), &Stored::new());
        prop_assert_eq!(&shown.items[0].state, &ItemState::Same { profile: profile.id.clone() });
        prop_assert_eq!(&one(&profile, &profile, Secrets::default(), Choice::Merge).0, &profile);
    }

    #[test]
    fn replacing_gives_the_imported_profile_under_the_identifier_that_is_here(
        here in generate::profile(),
        there in generate::profile(),
    ) {
        let there = Profile { id: here.id.clone(), ..there };
        prop_assert_eq!(&one(&here, &there, Secrets::default(), Choice::Replace).0, &there);
        let shown = preview(
            ImportId(1), "", &found(vec![(there.clone(), Secrets::default())]),
            std::slice::from_ref(&here), &Stored::new(),
        );
        let is_same = matches!(shown.items[0].state, ItemState::Same { .. });
        prop_assert_eq!(is_same, here == there);
    }

    #[test]
    fn merging_twice_is_merging_once_and_keeps_what_is_here(
        here in generate::profile(),
        there in generate::profile(),
    ) {
        let there = Profile { id: here.id.clone(), ..there };
        let (merged, _) = one(&here, &there, Secrets::default(), Choice::Merge);
        prop_assert_eq!(&merged.name, &here.name);
        prop_assert_eq!(merged.tls.verify, here.tls.verify);
        if !here.endpoint.host.is_empty() {
            prop_assert_eq!(&merged.endpoint, &here.endpoint);
        }
        prop_assert!(here.will.is_none() || merged.will == here.will);
        prop_assert_eq!(&merged.subscriptions[..here.subscriptions.len()], &here.subscriptions[..]);
        let (again, _) = one(&merged, &there, Secrets::default(), Choice::Merge);
        prop_assert_eq!(again, merged);
    }
}

#[test]
fn merging_fills_what_is_empty_and_joins_subscriptions() {
    let subscription = |filter: &str, qos| Subscription::new(filter, qos);
    let mut here = profile("a");
    here.subscriptions = vec![subscription("a", QoS::AtMostOnce)];
    let mut there = profile("a");
    there.endpoint.host = "elsewhere".to_owned();
    there.user_name = "u".to_owned();
    there.keep_alive = 5;
    there.tls.verify = false;
    there.subscriptions =
        vec![subscription("a", QoS::ExactlyOnce), subscription("b", QoS::AtMostOnce)];
    let (merged, secrets) = one(&here, &there, Secrets::default(), Choice::Merge);
    assert_eq!((merged.endpoint.host.as_str(), merged.keep_alive), ("broker", 5));
    assert_eq!(merged.user_name, "u");
    assert!(merged.tls.verify, "an import does not switch verification off");
    let b = subscription("b", QoS::AtMostOnce);
    assert_eq!(merged.subscriptions, [here.subscriptions[0].clone(), b]);
    assert_eq!(secrets, Secrets::default());
}

#[test]
fn a_password_goes_only_to_its_own_broker_and_user() {
    let mut here = profile("a");
    here.user_name = "u".to_owned();
    let mut there = here.clone();
    assert_eq!(one(&here, &there, password("p"), Choice::Merge).1, password("p"));
    there.endpoint.host = "elsewhere".to_owned();
    assert_eq!(one(&here, &there, password("p"), Choice::Merge).1, Secrets::default());
    there = Profile { user_name: "other".to_owned(), ..here.clone() };
    assert_eq!(one(&here, &there, password("p"), Choice::Merge).1, Secrets::default());

    here.password = Some(SecretName::password_of(&here.id));
    there = Profile { password: None, ..here.clone() };
    assert_eq!(one(&here, &there, Secrets::default(), Choice::Replace).0, here);
    there.endpoint.port = 1;
    assert_eq!(one(&here, &there, Secrets::default(), Choice::Replace).0.password, None);
    let (replaced, secrets) = one(&here, &there, password("new"), Choice::Replace);
    assert_eq!((replaced.password, secrets), (here.password, password("new")));
}

#[test]
fn differences_name_the_fields_and_the_secrets() {
    let mut here = profile("a");
    here.password = Some(SecretName::password_of(&here.id));
    let mut there = profile("a");
    there.endpoint.port = 1;
    let server =
        ProxyServer { host: "h".into(), port: 1, user_name: String::new(), password: None };
    there.proxy = Proxy::Http { server };
    let differences = |stored: &Stored| {
        let found = found(vec![(there.clone(), password("p"))]);
        let mut shown = preview(ImportId(1), "", &found, std::slice::from_ref(&here), stored);
        match shown.items.remove(0).state {
            ItemState::Exists { differences, .. } => differences,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(differences(&Stored::new()), ["endpoint.port", "password", "proxy"]);
    let stored = Stored::from([(here.id.clone(), password("p"))]);
    assert_eq!(differences(&stored), ["endpoint.port", "proxy"]);
}

#[test]
fn copies_are_numbered_and_keep_out_of_each_others_way() {
    let here = profile("a");
    let found = found(vec![
        (here.clone(), password("p")),
        (Profile { id: ProfileId::new("A").unwrap(), ..here.clone() }, Secrets::default()),
        (Profile { client_id: "{{random}}".to_owned(), ..here.clone() }, Secrets::default()),
    ]);
    let shown = preview(ImportId(1), "", &found, std::slice::from_ref(&here), &Stored::new());
    assert_eq!(
        shown.items[1].state,
        ItemState::New,
        "only one of them can be the one that is here"
    );
    for choice in [Choice::Copy, Choice::Add] {
        let decided = decide(
            &found,
            std::slice::from_ref(&here),
            &all(&found, choice),
            &mut Counting::default(),
        );
        let names: Vec<_> = decided.iter().map(|one| one.profile.name.as_str()).collect();
        assert_eq!(names, ["a 2", "a 3", "a 4"]);
        assert_ne!(decided[0].profile.client_id, here.client_id);
        assert_eq!(decided[2].profile.client_id, "{{random}}");
        let name = SecretName::password_of(&decided[0].profile.id);
        assert_eq!(decided[0].profile.password, Some(name));
        assert!(decided.iter().all(|one| one.choice == Choice::Copy && one.before.is_none()));
    }
}
