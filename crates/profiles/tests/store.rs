//! Proves that profiles survive as files, one by one, whatever else lies in the folder.
#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "what is not as expected ends a test, in its helpers as well"
)]

use std::fs;
use std::path::Path;

use mqttscope_model::{
    Bytes, ClientCertificate, ErrorCode, Profile, ProfileId, ProtocolVersion, QoS, Scheme,
    SecretName, Subscription, TlsRoots, UserError, Will,
};
use mqttscope_profiles::{ProfileError, ProfileStore};
use proptest::prelude::*;
use tempfile::TempDir;

fn id(text: &str) -> ProfileId {
    ProfileId::new(text).unwrap()
}

fn profile(name: &str) -> Profile {
    let mut profile = Profile::new(id(name), format!("client-{name}"));
    profile.name = name.to_owned();
    profile
}

fn open() -> (TempDir, ProfileStore) {
    let folder = tempfile::tempdir().unwrap();
    let store = ProfileStore::open(folder.path()).unwrap();
    (folder, store)
}

fn write(folder: &Path, name: &str, text: &str) {
    fs::write(folder.join("profiles").join(name), text).unwrap();
}

fn names(store: &ProfileStore) -> Vec<String> {
    store.list().unwrap().profiles.into_iter().map(|profile| profile.name).collect()
}

/// The files below `folder` with their content.
fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| {
            let path = entry.unwrap().path();
            (path.file_name().unwrap().to_string_lossy().into_owned(), fs::read(path).unwrap())
        })
        .collect();
    found.sort();
    found
}

#[test]
fn a_saved_profile_is_a_readable_file_and_comes_back() {
    let (folder, store) = open();
    let saved = profile("p1");
    store.save(&saved).unwrap();
    assert_eq!(store.get(&saved.id).unwrap(), saved);
    let text = fs::read_to_string(folder.path().join("profiles/p1.json")).unwrap();
    assert!(
        text.starts_with("{\n  \"format\": 1,\n  \"profile\": {\n    \"id\": \"p1\""),
        "{text}"
    );
    let again = ProfileStore::open(folder.path()).unwrap();
    assert_eq!(again.list().unwrap().profiles, [saved]);
}

#[test]
fn saving_again_replaces_the_file_and_leaves_nothing_else() {
    let (folder, store) = open();
    let mut saved = profile("p1");
    store.save(&saved).unwrap();
    saved.name = "another".to_owned();
    store.save(&saved).unwrap();
    assert_eq!(names(&store), ["another"]);
    assert_eq!(files(&folder.path().join("profiles")).len(), 1);
}

#[cfg(unix)]
#[test]
fn files_and_folders_are_for_this_user_only() {
    use std::os::unix::fs::PermissionsExt as _;
    let (folder, store) = open();
    store.save(&profile("p1")).unwrap();
    let mode =
        |path: &str| fs::metadata(folder.path().join(path)).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode("profiles"), 0o700);
    assert_eq!(mode("profiles/p1.json"), 0o600);
}

#[test]
fn broken_files_are_named_with_their_reason_and_kept_while_others_load() {
    let (folder, store) = open();
    store.save(&profile("good")).unwrap();
    let text = fs::read_to_string(folder.path().join("profiles/good.json")).unwrap();
    write(folder.path(), "cut.json", &text[..text.len() / 2]);
    write(folder.path(), "empty.json", "");
    write(folder.path(), "newer.json", "{\"format\": 2, \"sessions\": []}");
    write(folder.path(), "other.json", "[1]");
    write(folder.path(), "path.json", &text.replace("\"good\"", "\"../evil\""));
    write(
        folder.path(),
        "field.json",
        &text.replace("\"keep_alive\": 60", "\"keep_alive\": 70000"),
    );
    write(folder.path(), "copy.json", &text);
    write(folder.path(), ".left-over.tmp", "{");
    write(folder.path(), ".hidden.json", "{");
    write(folder.path(), "notes.txt", "{");
    let before = files(&folder.path().join("profiles"));

    let listing = store.list().unwrap();
    assert_eq!(listing.profiles, [profile("good")]);
    let shown: Vec<_> = listing
        .broken
        .iter()
        .map(|broken| (broken.file.file_name().unwrap().to_str().unwrap(), broken.reason.as_str()))
        .collect();
    let expect = [
        ("copy.json", "it has the same id as good.json"),
        ("cut.json", "line"),
        ("empty.json", "line 1 column 0"),
        ("field.json", "invalid value: integer `70000`, expected u16 at line"),
        ("newer.json", "it has format 2; this version knows format 1 only"),
        ("other.json", "line 1 column"),
        ("path.json", "its id is not"),
    ];
    assert_eq!(shown.len(), expect.len(), "{shown:?}");
    for ((file, reason), (expect_file, part)) in shown.iter().zip(expect) {
        assert_eq!(*file, expect_file);
        assert!(reason.contains(part), "{file}: {reason}");
    }
    assert_eq!(files(&folder.path().join("profiles")), before);
}

#[test]
fn a_broken_file_is_not_overwritten_by_a_profile_of_its_name() {
    let (folder, store) = open();
    write(folder.path(), "p1.json", "{ my notes");
    let error = store.save(&profile("p1")).unwrap_err();
    assert!(matches!(error, ProfileError::Occupied { .. }), "{error}");
    assert_eq!(UserError::from(error).code, ErrorCode::ProfileNotSaved);
    assert_eq!(files(&folder.path().join("profiles"))[0].1, b"{ my notes");
    let error = store.get(&id("p1")).unwrap_err();
    assert_eq!(UserError::from(error).code, ErrorCode::ProfileBroken);
}

#[test]
fn leftovers_of_a_crash_are_ignored_and_cleared_away_at_the_next_start() {
    let (folder, store) = open();
    store.save(&profile("p1")).unwrap();
    write(folder.path(), ".abc123.tmp", "{\"format\": 1, \"prof");
    assert_eq!(names(&store), ["p1"]);
    assert!(store.list().unwrap().broken.is_empty());
    let again = ProfileStore::open(folder.path()).unwrap();
    assert_eq!(names(&again), ["p1"]);
    assert_eq!(files(&folder.path().join("profiles")).len(), 1);
}

#[test]
fn a_profile_in_a_file_of_another_name_is_used_and_moves_to_its_own_when_saved() {
    let (folder, store) = open();
    store.save(&profile("p1")).unwrap();
    let profiles = folder.path().join("profiles");
    fs::rename(profiles.join("p1.json"), profiles.join("from a friend.json")).unwrap();
    assert_eq!(store.get(&id("p1")).unwrap(), profile("p1"));
    store.save(&profile("p1")).unwrap();
    assert_eq!(files(&profiles).iter().map(|(name, _)| name).collect::<Vec<_>>(), ["p1.json"]);

    fs::rename(profiles.join("p1.json"), profiles.join("p2.json")).unwrap();
    assert_eq!(store.get(&id("p1")).unwrap(), profile("p1"));
    let error = store.save(&profile("p2")).unwrap_err();
    assert!(matches!(error, ProfileError::Occupied { .. }), "{error}");
    assert_eq!(names(&store), ["p1"]);
    store.delete(&id("p1")).unwrap();
    assert_eq!(store.restore(&id("p1")).unwrap(), profile("p1"));
}

#[test]
fn a_deleted_profile_comes_back_until_the_deletion_is_final() {
    let (folder, store) = open();
    store.save(&profile("p1")).unwrap();
    store.save(&profile("p2")).unwrap();
    store.delete(&id("p1")).unwrap();
    assert_eq!(names(&store), ["p2"]);
    assert!(matches!(store.delete(&id("p1")), Err(ProfileError::NotFound(_))));
    assert_eq!(store.restore(&id("p1")).unwrap(), profile("p1"));
    assert_eq!(names(&store), ["p1", "p2"]);
    assert!(matches!(store.restore(&id("p1")), Err(ProfileError::NotFound(_))));

    store.delete(&id("p1")).unwrap();
    let again = ProfileStore::open(folder.path()).unwrap();
    assert_eq!(again.purge().unwrap(), [id("p1")]);
    assert!(matches!(again.restore(&id("p1")), Err(ProfileError::NotFound(_))));
    assert_eq!(again.purge().unwrap(), []);
    assert_eq!(names(&again), ["p2"]);
}

#[test]
fn purging_spares_a_profile_that_lives_again_under_its_identifier() {
    let (_folder, store) = open();
    store.save(&profile("p1")).unwrap();
    store.delete(&id("p1")).unwrap();
    store.save(&profile("p1")).unwrap();
    let error = store.restore(&id("p1")).unwrap_err();
    assert!(matches!(error, ProfileError::Occupied { .. }), "{error}");
    assert_eq!(store.purge().unwrap(), []);
    assert_eq!(names(&store), ["p1"]);
}

#[test]
fn profiles_are_listed_by_name_as_people_count() {
    let (_folder, store) = open();
    for (index, name) in ["broker 10", "Broker 2", "alpha", "Zulu", "broker 1"].iter().enumerate() {
        let mut saved = profile(&format!("id-{index}"));
        saved.name = (*name).to_owned();
        store.save(&saved).unwrap();
    }
    assert_eq!(names(&store), ["alpha", "broker 1", "Broker 2", "broker 10", "Zulu"]);
}

#[test]
fn a_folder_that_cannot_be_made_is_an_error_with_its_path() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("profiles"), "a file").unwrap();
    let error = UserError::from(ProfileStore::open(folder.path()).unwrap_err());
    assert_eq!(error.code, ErrorCode::ProfileNotSaved);
    assert!(error.details["file"].ends_with("profiles"));
}

fn any_profile() -> impl Strategy<Value = Profile> {
    let text = "[\\PC\\n\\x00\"\\\\]{0,20}";
    let qos = (0u8..3).prop_map(|qos| QoS::try_from(qos).unwrap());
    let way = (0usize..4, text, any::<u16>(), text, any::<bool>());
    let who = (text, text, text, any::<bool>(), 0usize..3);
    let times = (any::<[u16; 2]>(), any::<[u32; 3]>(), any::<Option<u32>>(), any::<u8>());
    let tls = (any::<Option<()>>(), text, prop::collection::vec(text, 0..3), any::<[bool; 3]>());
    let will = (text, prop::collection::vec(any::<u8>(), 0..40), qos.clone(), any::<[bool; 2]>());
    let subscriptions = prop::collection::vec((text, qos), 0..4);
    (way, who, times, tls, will, subscriptions).prop_map(|(way, who, times, tls, will, subs)| {
        let mut p = Profile::new(id("p1"), who.0);
        (p.endpoint.scheme, p.endpoint.host) = (Scheme::ALL[way.0], way.1);
        (p.endpoint.port, p.endpoint.path, p.follows_local_broker) = (way.2, way.3, way.4);
        (p.name, p.user_name) = (who.1, who.2);
        p.password = who.3.then(|| SecretName::password_of(&id("p1")));
        p.version = [ProtocolVersion::V31, ProtocolVersion::V311, ProtocolVersion::V5][who.4];
        [p.keep_alive, p.connect_timeout] = times.0;
        [p.session_expiry, p.reconnect.first_delay_ms, p.reconnect.max_delay_ms] = times.1;
        (p.reconnect.max_attempts, p.reconnect.jitter_percent) = (times.2, times.3);
        p.tls.client_certificate =
            tls.0.map(|()| ClientCertificate { certificate: tls.1.clone(), key: tls.1.clone() });
        (p.tls.server_name, p.tls.alpn) = (tls.1.clone(), tls.2);
        [p.tls.verify, p.clean_start, p.reconnect.enabled] = tls.3;
        if p.tls.verify {
            p.tls.roots = TlsRoots::CaFile { path: tls.1 };
        }
        let [has_will, retain] = will.3;
        p.will =
            has_will.then_some(Will { topic: will.0, payload: Bytes(will.1), qos: will.2, retain });
        p.subscriptions =
            subs.into_iter().map(|(filter, qos)| Subscription { filter, qos }).collect();
        p
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn every_profile_survives_its_file(saved in any_profile()) {
        let (_folder, store) = open();
        store.save(&saved).unwrap();
        prop_assert_eq!(store.get(&saved.id).unwrap(), saved);
    }
}
