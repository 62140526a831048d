//! Proves that profiles survive as files, one by one, whatever else lies in the folder.
#![expect(clippy::unwrap_used, reason = "what is not as expected ends a test, helpers included")]

use std::fs;
use std::path::Path;

use mqttscope_model::{
    ErrorCode, Header, HeaderValue, Profile, ProfileId, SecretName, SecretSlot, TlsRoots, UserError,
};
use mqttscope_profiles::{ProfileError, ProfileStore};
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
        text.starts_with("{\n  \"format\": 2,\n  \"profile\": {\n    \"id\": \"p1\""),
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
    write(folder.path(), "newer.json", "{\"format\": 3, \"sessions\": []}");
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
        ("newer.json", "it has format 3; this version knows the formats up to 2"),
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
    let deleted = again.deleted().unwrap();
    assert_eq!(deleted.iter().map(|deleted| &deleted.id).collect::<Vec<_>>(), [&id("p1")]);
    again.forget(&deleted).unwrap();
    assert!(matches!(again.restore(&id("p1")), Err(ProfileError::NotFound(_))));
    assert_eq!(again.deleted().unwrap(), []);
    again.forget(&deleted).unwrap();
    assert_eq!(names(&again), ["p2"]);
}

#[test]
fn a_deleted_profile_tells_which_secrets_it_leaves() {
    let (folder, store) = open();
    let mut saved = profile("p1");
    saved.password = Some(SecretName::password_of(&saved.id));
    let token = SecretSlot::header("X-Token");
    saved.websocket.headers = vec![
        header("X-Token", HeaderValue::Stored { secret: Some(SecretName::of(&saved.id, &token)) }),
        // Another's, which must not go with this profile.
        header("X-Other", HeaderValue::Stored { secret: Some(SecretName::password_of(&id("p2"))) }),
    ];
    store.save(&saved).unwrap();
    store.delete(&saved.id).unwrap();
    let deleted = store.deleted().unwrap();
    assert!(!deleted[0].lives_again);
    let own = [SecretName::of(&saved.id, &token), SecretName::password_of(&saved.id)];
    assert_eq!(deleted[0].secrets, own);

    // It lives again, without the header.
    saved.websocket.headers.clear();
    store.save(&saved).unwrap();
    let deleted = store.deleted().unwrap();
    assert!(deleted[0].lives_again);
    assert_eq!(deleted[0].secrets, own[..1]);

    let file = folder.path().join("deleted/p1.json");
    fs::write(file, "{ broken").unwrap();
    fs::remove_file(folder.path().join("profiles/p1.json")).unwrap();
    assert_eq!(store.deleted().unwrap()[0].secrets.len(), 6, "any that it may have had");
}

fn header(name: &str, value: HeaderValue) -> Header {
    Header { name: name.to_owned(), value }
}

#[test]
fn a_profile_that_lives_again_cannot_be_restored_over() {
    let (_folder, store) = open();
    store.save(&profile("p1")).unwrap();
    store.delete(&id("p1")).unwrap();
    store.save(&profile("p1")).unwrap();
    let error = store.restore(&id("p1")).unwrap_err();
    assert!(matches!(error, ProfileError::Occupied { .. }), "{error}");
    store.forget(&store.deleted().unwrap()).unwrap();
    assert_eq!(names(&store), ["p1"]);
}

#[test]
fn an_unchanged_profile_does_not_touch_its_file() {
    let (folder, store) = open();
    store.save(&profile("p1")).unwrap();
    let file = folder.path().join("profiles/p1.json");
    let long_ago = std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000);
    // Somebody's own layout is kept as well.
    let text = fs::read_to_string(&file).unwrap().replace("  ", "\t");
    fs::write(&file, &text).unwrap();
    fs::File::options().write(true).open(&file).unwrap().set_modified(long_ago).unwrap();
    store.save(&profile("p1")).unwrap();
    store.save_all(&[profile("p1")]).unwrap();
    assert_eq!(fs::metadata(&file).unwrap().modified().unwrap(), long_ago);
    assert_eq!(fs::read_to_string(&file).unwrap(), text);
}

#[test]
fn the_same_profile_gives_the_same_bytes_in_any_folder() {
    let ((one, first), (other, second)) = (open(), open());
    first.save(&profile("p1")).unwrap();
    second.save_all(&[profile("p1")]).unwrap();
    let read = |folder: &TempDir| fs::read(folder.path().join("profiles/p1.json")).unwrap();
    assert_eq!(read(&one), read(&other));
}

#[test]
fn the_name_of_the_file_of_folders_is_no_profile() {
    let (folder, store) = open();
    for name in ["folders", "Folders"] {
        let error = store.save(&profile(name)).unwrap_err();
        assert!(matches!(error, ProfileError::Reserved(_)), "{error}");
        assert_eq!(UserError::from(error).code, ErrorCode::ProfileNotSaved);
        assert!(store.save_all(&[profile("p1"), profile(name)]).is_err());
    }
    assert_eq!(files(&folder.path().join("profiles")), []);
    let text = "{\"format\": 1, \"tree\": []}";
    write(folder.path(), "folders.json", text);
    let listing = store.list().unwrap();
    assert!(listing.profiles.is_empty() && listing.broken.is_empty(), "{listing:?}");
}

#[test]
fn a_profile_that_could_not_be_read_again_is_not_saved() {
    let (folder, store) = open();
    let mut large = profile("p1");
    large.tls.roots = TlsRoots::CaPem { pem: "x".repeat(1 << 20) };
    let error = store.save(&large).unwrap_err();
    assert!(matches!(error, ProfileError::TooLarge { .. }), "{error}");
    assert_eq!(files(&folder.path().join("profiles")), []);
}

#[test]
fn many_profiles_are_saved_all_or_none() {
    let (folder, store) = open();
    store.save(&profile("p1")).unwrap();
    write(folder.path(), "p5.json", "{ my notes");
    let before = files(&folder.path().join("profiles"));
    let renamed = |name: &str| Profile { name: format!("new {name}"), ..profile(name) };
    let error = store.save_all(&[renamed("p1"), profile("p2"), profile("p5")]).unwrap_err();
    assert!(matches!(error, ProfileError::Occupied { .. }), "{error}");
    let error = store.save_all(&[renamed("p1"), renamed("p1")]).unwrap_err();
    assert!(matches!(error, ProfileError::Repeated(_)), "{error}");
    assert_eq!(files(&folder.path().join("profiles")), before);

    fs::rename(
        folder.path().join("profiles/p1.json"),
        folder.path().join("profiles/from a friend.json"),
    )
    .unwrap();
    store.save_all(&[renamed("p1"), profile("p2")]).unwrap();
    assert_eq!(names(&store), ["new p1", "p2"]);
    let left: Vec<_> =
        files(&folder.path().join("profiles")).into_iter().map(|(name, _)| name).collect();
    assert_eq!(left, ["p1.json", "p2.json", "p5.json"]);
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
