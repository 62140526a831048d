//! What is exported comes back: every field of every profile, in JSON and YAML, with secrets and without.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "the functions around the tests are tests too"
)]

mod generate;

use std::collections::BTreeMap;

use mqttscope_exchange::document::{self, unlock};
use mqttscope_exchange::export::export;
use mqttscope_exchange::seal::SecretsOf;
use mqttscope_exchange::{
    Certificates, ExportFormat, ExportOptions, Found, FoundNode, NoteCode, SealError,
};
use mqttscope_model::{
    FolderId, Node, Profile, ProfileId, Secret, SecretName, SecretSlot, Secrets, Tree,
};
use proptest::prelude::*;

fn options(format: ExportFormat, passphrase: Option<&str>) -> ExportOptions {
    ExportOptions {
        profiles: Vec::new(),
        format,
        certificates: Certificates::Paths,
        passphrase: passphrase.map(Secret::new),
    }
}

fn exported(
    profiles: &[Profile],
    tree: &Tree,
    secrets: SecretsOf,
    options: &ExportOptions,
) -> String {
    export(profiles.to_vec(), tree, secrets, &|_| None, options).unwrap().text
}

fn read(text: &str) -> Found {
    document::read(text.as_bytes())
        .expect("it is ours")
        .unwrap_or_else(|error| panic!("{error}: {text}"))
}

fn with_different_ids(profiles: Vec<Profile>) -> Vec<Profile> {
    let by_id: BTreeMap<ProfileId, Profile> =
        profiles.into_iter().map(|profile| (profile.id.clone(), profile)).collect();
    by_id.into_values().collect()
}

/// Every place for a secret that a profile has.
fn slots(profile: &Profile) -> Vec<SecretSlot> {
    let mut slots = vec![
        SecretSlot::Password,
        SecretSlot::PrivateKey,
        SecretSlot::Pkcs12,
        SecretSlot::KeyPassphrase,
        SecretSlot::ProxyPassword,
        SecretSlot::AuthenticationData,
    ];
    slots.extend(profile.websocket.headers.iter().map(|header| SecretSlot::header(&header.name)));
    slots.retain(|slot| profile.clone().set_secret(slot, None));
    slots.sort();
    slots.dedup();
    slots
}

/// The profile as it lies here: naming a secret in each place.
fn with_secrets(profile: &Profile) -> (Profile, Secrets) {
    let (mut named, mut secrets) = (profile.clone(), Secrets::default());
    for (number, slot) in slots(profile).into_iter().enumerate() {
        named.set_secret(&slot, Some(SecretName::of(&profile.id, &slot)));
        secrets.insert(slot, Secret::new(format!("planted-{number}-\u{0}ü\n")));
    }
    (named, secrets)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn every_field_comes_back(
        profiles in prop::collection::vec(generate::profile(), 0..4),
        yaml in any::<bool>(),
    ) {
        let profiles = with_different_ids(profiles);
        let format = if yaml { ExportFormat::Yaml } else { ExportFormat::Json };
        let text = exported(&profiles, &Tree::default(), SecretsOf::new(), &options(format, None));
        let found = read(&text);
        let back: Vec<_> = found.profiles.iter().map(|found| found.profile.clone()).collect();
        prop_assert_eq!(back, profiles);
        prop_assert_eq!(found.locked, None);
    }

    #[test]
    fn no_secret_is_in_an_export_without_a_passphrase(profile in generate::profile()) {
        let (named, secrets) = with_secrets(&profile);
        let of = BTreeMap::from([(profile.id.clone(), secrets.clone())]);
        let export = export(vec![named], &Tree::default(), of, &|_| None, &options(ExportFormat::Json, None)).unwrap();
        prop_assert!(!export.text.contains("planted"));
        prop_assert_eq!(export.secrets, 0);
        let left = export.notes.iter().filter(|note| note.code == NoteCode::SecretLeftOut).count();
        prop_assert!(left >= secrets.0.len());
        prop_assert_eq!(&read(&export.text).profiles[0].profile, &profile);
    }

    #[test]
    fn no_bytes_make_reading_panic(
        mut bytes in prop::collection::vec(any::<u8>(), 0..300),
        profile in generate::profile(),
        cut in any::<prop::sample::Index>(),
        yaml in any::<bool>(),
    ) {
        let format = if yaml { ExportFormat::Yaml } else { ExportFormat::Json };
        let text = exported(&[profile], &Tree::default(), SecretsOf::new(), &options(format, None));
        let at = cut.index(text.len());
        let _ = document::read(&text.as_bytes()[..at]);
        let mut broken = text.into_bytes();
        broken.splice(at..at, bytes.iter().copied());
        let _ = document::read(&broken);
        bytes.extend(document::FORMAT.as_bytes());
        let _ = document::read(&bytes);
    }
}

proptest! {
    // Each takes a second of scrypt, twice.
    #![proptest_config(ProptestConfig::with_cases(2))]

    #[test]
    fn secrets_come_back_with_the_passphrase_only(
        profiles in prop::collection::vec(generate::profile(), 1..6),
        yaml in any::<bool>(),
    ) {
        let profiles = with_different_ids(profiles);
        let here: Vec<_> = profiles.iter().map(with_secrets).collect();
        let secrets: SecretsOf =
            here.iter().map(|(named, secrets)| (named.id.clone(), secrets.clone())).collect();
        let named: Vec<_> = here.iter().map(|(named, _)| named.clone()).collect();
        let format = if yaml { ExportFormat::Yaml } else { ExportFormat::Json };
        let text = exported(&named, &Tree::default(), secrets, &options(format, Some("open sesame")));
        prop_assert!(!text.contains("planted"));
        let mut found = read(&text);
        prop_assert_eq!(unlock(&mut found, &Secret::new("wrong")), Err(SealError::WrongPassphrase));
        prop_assert!(found.locked.is_some());
        prop_assert_eq!(unlock(&mut found, &Secret::new("open sesame")), Ok(()));
        for (found, (_, secrets)) in found.profiles.iter().zip(&here) {
            prop_assert_eq!(&found.secrets, secrets);
            prop_assert_eq!(&found.notes, &Vec::new());
        }
    }
}

fn plain(id: &str) -> Profile {
    Profile { name: id.to_owned(), ..Profile::new(ProfileId::new(id).unwrap(), String::new()) }
}

#[test]
fn folders_come_back_in_their_order_without_those_that_are_empty() {
    let leaf = |id: &str| Node::Profile { id: ProfileId::new(id).unwrap() };
    let folder = |name: &str, children| Node::Folder {
        id: FolderId(name.to_owned()),
        name: name.to_owned(),
        colour: None,
        children,
    };
    let tree = Tree(vec![
        leaf("b"),
        folder("f", vec![folder("g", vec![leaf("c"), leaf("gone")]), folder("empty", vec![])]),
        leaf("a"),
    ]);
    let profiles = [plain("a"), plain("b"), plain("c")];
    for format in [ExportFormat::Json, ExportFormat::Yaml] {
        let found = read(&exported(&profiles, &tree, SecretsOf::new(), &options(format, None)));
        let g = FoundNode::Folder {
            name: "g".into(),
            colour: None,
            children: vec![FoundNode::Profile(2)],
        };
        let f = FoundNode::Folder { name: "f".into(), colour: None, children: vec![g] };
        assert_eq!(found.tree, [FoundNode::Profile(1), f, FoundNode::Profile(0)]);
    }
}

#[test]
fn two_exports_of_the_same_profiles_are_the_same() {
    let export = || {
        exported(
            &[plain("a"), plain("b")],
            &Tree::default(),
            SecretsOf::new(),
            &options(ExportFormat::Json, None),
        )
    };
    assert_eq!(export(), export());
}

#[test]
fn what_is_wrong_is_refused_with_its_place() {
    let good = exported(
        &[plain("a"), plain("b")],
        &Tree::default(),
        SecretsOf::new(),
        &options(ExportFormat::Json, None),
    );
    let place =
        |text: &str| document::read(text.as_bytes()).unwrap().unwrap_err().place.to_string();
    let changed = |from: &str, to: &str| good.replacen(from, to, 1);
    assert_eq!(place(&changed("\"version\": 1", "\"version\": 2")), "version");
    assert_eq!(place(&changed("\"id\": \"b\"", "\"id\": \"a\"")), "profiles.1.id");
    assert_eq!(place(&changed("\"id\": \"b\"", "\"id\": \"../b\"")), "profiles.1.id");
    assert_eq!(place(&changed("\"keep_alive\": 60", "\"keep_alive\": \"hunter2\"")), "22:29");
    assert!(!place(&good[..good.len() / 2]).is_empty());
    let error =
        document::read(changed("\"keep_alive\": 60", "\"keep_alive\": \"hunter2\"").as_bytes());
    assert!(!error.unwrap().unwrap_err().to_string().contains("hunter2"));
    let stranger =
        changed("\"folders\": []", "\"folders\": [{\"kind\": \"profile\", \"id\": \"x\"}]");
    assert_eq!(place(&stranger), "folders.0");
    assert_eq!(document::read(b"[{\"name\": \"mqttscope-profiles\"}]").map(drop), None);
    assert_eq!(document::read(b"{\"name\": \"mqttscope-profiles\"}").map(drop), None);
}

#[test]
fn the_names_of_secrets_are_never_believed() {
    let mut profile = plain("a");
    profile.password = Some(SecretName::password_of(&ProfileId::new("other").unwrap()));
    let text = document::write(&[profile], &Tree::default(), None, ExportFormat::Json).unwrap();
    let found = read(&text);
    assert_eq!(found.profiles[0].profile.password, None);
    assert_eq!(found.profiles[0].notes[0].code, NoteCode::SecretLeftOut);
}

#[test]
fn deep_and_swelling_documents_are_refused() {
    let deep = format!(
        "{{\"format\":\"mqttscope-profiles\",\"version\":1,\"folders\":{}",
        "[".repeat(1_000_000)
    );
    assert!(document::read(deep.as_bytes()).unwrap().is_err());
    let flow =
        format!("format: mqttscope-profiles\nversion: 1\nfolders: {}", "[".repeat(1_000_000));
    assert!(document::read(flow.as_bytes()).unwrap().is_err());
    let mut bomb =
        "format: mqttscope-profiles\nversion: 1\na: &a [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for (from, to) in ('a'..='i').zip('b'..='j') {
        bomb.push_str(&format!(
            "{to}: &{to} [*{from}, *{from}, *{from}, *{from}, *{from}, *{from}, *{from}]\n"
        ));
    }
    assert!(document::read(bomb.as_bytes()).unwrap().is_err());
}
