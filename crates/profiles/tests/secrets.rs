//! Proves where secrets go: to a keychain that answers, else to a private file, and nowhere else;
//! and that a keychain that hangs holds nobody up.
#![expect(clippy::unwrap_used, reason = "what is not as expected ends a test, helpers included")]

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use mqttscope_model::{
    ErrorCode, Profile, ProfileId, Secret, SecretName, SecretSlot, Secrets, UserError,
};
use mqttscope_profiles::{
    Keychain, KeychainFault, Limits, ProfileStore, SecretError, SecretStore, SecretStoreKind,
};

const PLANTED: &str = "hunter2-planted-in-the-test";

fn name() -> SecretName {
    SecretName::password_of(&ProfileId::new("p1").unwrap())
}

fn limits(first_ms: u64, call_ms: u64) -> Limits {
    Limits { first_answer: Duration::from_millis(first_ms), call: Duration::from_millis(call_ms) }
}

/// Long enough for every answer that comes.
fn patient() -> Limits {
    limits(20_000, 20_000)
}

fn file_of(folder: &Path) -> SecretStoreKind {
    SecretStoreKind::File { path: folder.join("secrets.json") }
}

/// A keychain in memory; each call first waits for a token where a gate is set.
#[derive(Clone, Default)]
struct Fake {
    held: Arc<Mutex<HashMap<String, Secret>>>,
    gate: Option<Arc<Mutex<Receiver<()>>>>,
    refuses: Option<&'static str>,
    refuses_value: Option<&'static str>,
}

impl Fake {
    fn gated() -> (Self, Sender<()>) {
        let (open, gate) = mpsc::channel();
        (Self { gate: Some(Arc::new(Mutex::new(gate))), ..Self::default() }, open)
    }

    fn enter(&self) -> Result<(), KeychainFault> {
        if let Some(gate) = &self.gate {
            let _ = gate.lock().unwrap().recv();
        }
        self.refuses.map_or(Ok(()), |words| Err(KeychainFault(words.to_owned())))
    }

    fn held(&self) -> Option<Secret> {
        self.held.lock().unwrap().get(name().as_str()).cloned()
    }
}

impl Keychain for Fake {
    fn get(&mut self, name: &str) -> Result<Option<Secret>, KeychainFault> {
        self.enter()?;
        Ok(self.held.lock().unwrap().get(name).cloned())
    }

    fn set(&mut self, name: &str, value: &Secret) -> Result<(), KeychainFault> {
        self.enter()?;
        if self.refuses_value == Some(value.expose()) {
            return Err(KeychainFault("it does not take this value".to_owned()));
        }
        self.held.lock().unwrap().insert(name.to_owned(), value.clone());
        Ok(())
    }

    fn remove(&mut self, name: &str) -> Result<(), KeychainFault> {
        self.enter()?;
        self.held.lock().unwrap().remove(name);
        Ok(())
    }
}

/// All files below `folder` that hold `needle`.
fn holding(folder: &Path, needle: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(holding(&path, needle));
        } else if String::from_utf8_lossy(&fs::read(&path).unwrap()).contains(needle) {
            found.push(path);
        }
    }
    found
}

#[test]
fn without_a_keychain_the_planted_password_is_in_the_private_file_and_nowhere_else() {
    let folder = tempfile::tempdir().unwrap();
    let profiles = ProfileStore::open(folder.path()).unwrap();
    let secrets = SecretStore::in_file(folder.path()).unwrap();
    let mut profile = Profile::new(ProfileId::new("p1").unwrap(), "c".to_owned());
    profile.password = Some(name());
    secrets.set(&name(), &Secret::new(PLANTED)).unwrap();
    profiles.save(&profile).unwrap();
    profiles.save(&profile).unwrap();

    assert_eq!(secrets.kind(), file_of(folder.path()));
    assert_eq!(holding(folder.path(), PLANTED), [folder.path().join("secrets.json")]);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let file = fs::metadata(folder.path().join("secrets.json")).unwrap();
        assert_eq!(file.permissions().mode() & 0o777, 0o600);
    }
    let again = SecretStore::in_file(folder.path()).unwrap();
    let found = again.of(&profile).unwrap();
    assert_eq!(found.get(&SecretSlot::Password), Some(&Secret::new(PLANTED)));
    again.remove(&name()).unwrap();
    again.remove(&name()).unwrap();
    assert_eq!(again.get(&name()).unwrap(), None);
    assert!(holding(folder.path(), PLANTED).is_empty());
}

#[test]
fn a_profile_whose_password_is_nowhere_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let secrets = SecretStore::in_file(folder.path()).unwrap();
    let mut profile = Profile::new(ProfileId::new("p1").unwrap(), "c".to_owned());
    assert_eq!(secrets.of(&profile).unwrap(), Secrets::default());
    profile.password = Some(name());
    let error = UserError::from(secrets.of(&profile).unwrap_err());
    assert_eq!(error.code, ErrorCode::SecretUnavailable);
    assert_eq!(error.details["reason"], "missing");
}

#[test]
fn a_profile_does_not_get_the_password_of_another_one() {
    let folder = tempfile::tempdir().unwrap();
    let secrets = SecretStore::in_file(folder.path()).unwrap();
    secrets.set(&name(), &Secret::new(PLANTED)).unwrap();
    let mut stranger = Profile::new(ProfileId::new("p2").unwrap(), "c".to_owned());
    stranger.password = Some(name());
    assert!(matches!(secrets.of(&stranger), Err(SecretError::Missing)));
}

#[test]
fn several_values_are_kept_all_or_none_and_can_be_taken_back() {
    let folder = tempfile::tempdir().unwrap();
    let other = SecretName::of(&ProfileId::new("p1").unwrap(), &SecretSlot::Pkcs12);
    let values = [(name(), Secret::new("new")), (other.clone(), Secret::new("other"))];
    let in_file = SecretStore::in_file(folder.path()).unwrap();
    let fake = Fake::default();
    let in_keychain = SecretStore::with_keychain(folder.path(), fake, patient()).unwrap();
    for secrets in [in_file, in_keychain] {
        secrets.set(&name(), &Secret::new("old")).unwrap();
        let before = secrets.set_all(&values).unwrap();
        assert_eq!(secrets.get(&other).unwrap(), Some(Secret::new("other")));
        assert!(!format!("{before:?}").contains("old"));
        secrets.put_back(before);
        assert_eq!(secrets.get(&name()).unwrap(), Some(Secret::new("old")));
        assert_eq!(secrets.get(&other).unwrap(), None);
        _ = secrets.set_all(&values).unwrap();
        secrets.remove_all(&[name(), other.clone()]).unwrap();
        assert_eq!(secrets.get(&name()).unwrap(), None);
        assert_eq!(secrets.get(&other).unwrap(), None);
    }
}

#[test]
fn a_keychain_that_refuses_one_value_gets_the_others_taken_back() {
    let folder = tempfile::tempdir().unwrap();
    let fake = Fake { refuses_value: Some("too long"), ..Fake::default() };
    let secrets = SecretStore::with_keychain(folder.path(), fake.clone(), patient()).unwrap();
    secrets.set(&name(), &Secret::new("old")).unwrap();
    let other = SecretName::of(&ProfileId::new("p1").unwrap(), &SecretSlot::Pkcs12);
    let values = [(name(), Secret::new("new")), (other.clone(), Secret::new("too long"))];
    assert!(matches!(secrets.set_all(&values), Err(SecretError::KeychainFailed(_))));
    assert_eq!(fake.held(), Some(Secret::new("old")));
    assert_eq!(secrets.get(&other).unwrap(), None);
}

#[test]
fn a_keychain_that_answers_is_used_and_no_file_is_made() {
    let folder = tempfile::tempdir().unwrap();
    let fake = Fake::default();
    let secrets = SecretStore::with_keychain(folder.path(), fake.clone(), patient()).unwrap();
    assert_eq!(secrets.kind(), SecretStoreKind::Keychain);
    assert_eq!(secrets.why_no_keychain(), None);
    assert!(fake.held.lock().unwrap().is_empty(), "the trial leaves nothing behind");
    secrets.set(&name(), &Secret::new(PLANTED)).unwrap();
    assert_eq!(fake.held(), Some(Secret::new(PLANTED)));
    assert_eq!(secrets.get(&name()).unwrap(), Some(Secret::new(PLANTED)));
    assert!(holding(folder.path(), PLANTED).is_empty());
    secrets.remove(&name()).unwrap();
    assert_eq!(fake.held(), None);
    assert_eq!(secrets.get(&name()).unwrap(), None);
}

#[test]
fn a_keychain_that_refuses_gives_way_to_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let fake = Fake { refuses: Some("no default collection"), ..Fake::default() };
    let secrets = SecretStore::with_keychain(folder.path(), fake, patient()).unwrap();
    assert_eq!(secrets.kind(), file_of(folder.path()));
    assert_eq!(secrets.why_no_keychain().unwrap(), "no default collection");
    secrets.set(&name(), &Secret::new(PLANTED)).unwrap();
    assert_eq!(secrets.get(&name()).unwrap(), Some(Secret::new(PLANTED)));
    secrets.remove(&name()).unwrap();
}

#[test]
fn a_value_from_the_file_moves_to_the_keychain_when_it_is_set_again() {
    let folder = tempfile::tempdir().unwrap();
    SecretStore::in_file(folder.path()).unwrap().set(&name(), &Secret::new("newer")).unwrap();
    let fake = Fake::default();
    fake.held.lock().unwrap().insert(name().as_str().to_owned(), Secret::new("older"));
    let secrets = SecretStore::with_keychain(folder.path(), fake.clone(), patient()).unwrap();
    assert_eq!(secrets.get(&name()).unwrap(), Some(Secret::new("newer")));
    secrets.set(&name(), &Secret::new("newest")).unwrap();
    assert_eq!(fake.held(), Some(Secret::new("newest")));
    assert_eq!(secrets.get(&name()).unwrap(), Some(Secret::new("newest")));
    assert!(holding(folder.path(), "newe").is_empty());
}

#[test]
fn a_keychain_that_hangs_holds_nobody_up_and_is_used_once_it_answers() {
    let folder = tempfile::tempdir().unwrap();
    let (fake, open) = Fake::gated();
    let begun = Instant::now();
    let secrets = SecretStore::with_keychain(folder.path(), fake, limits(50, 20_000)).unwrap();
    assert_eq!(secrets.kind(), file_of(folder.path()));
    // It may be in the keychain: silence is no "there is none".
    assert!(matches!(secrets.get(&name()), Err(SecretError::KeychainSilent)));
    assert!(matches!(secrets.remove(&name()), Err(SecretError::KeychainSilent)));
    secrets.set(&name(), &Secret::new(PLANTED)).unwrap();
    assert_eq!(secrets.get(&name()).unwrap(), Some(Secret::new(PLANTED)));
    secrets.remove(&name()).unwrap();
    assert!(begun.elapsed() < Duration::from_secs(10));

    drop(open);
    wait_until(|| secrets.kind() == SecretStoreKind::Keychain);
    assert_eq!(secrets.get(&name()).unwrap(), None);
}

#[test]
fn after_a_call_that_took_too_long_others_fail_at_once_until_the_keychain_is_back() {
    let folder = tempfile::tempdir().unwrap();
    let (fake, open) = Fake::gated();
    for _ in 0..3 {
        open.send(()).unwrap();
    }
    let patience = limits(20_000, 100);
    let secrets = SecretStore::with_keychain(folder.path(), fake.clone(), patience).unwrap();
    assert_eq!(secrets.kind(), SecretStoreKind::Keychain);
    let error = secrets.set(&name(), &Secret::new(PLANTED)).unwrap_err();
    assert!(matches!(error, SecretError::KeychainSilent));
    let begun = Instant::now();
    for _ in 0..100 {
        assert!(secrets.get(&name()).is_err());
    }
    assert!(begun.elapsed() < Duration::from_secs(5), "each of them waited");
    let user = UserError::from(error);
    assert_eq!(user.code, ErrorCode::SecretUnavailable);
    assert!(!format!("{user:?}").contains(PLANTED));

    drop(open);
    wait_until(|| secrets.get(&name()).is_ok());
}

#[test]
fn a_broken_file_of_secrets_is_kept_and_its_content_is_not_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("secrets.json");
    for text in [
        format!("{{\"format\": 1, \"secrets\": \"{PLANTED}\"}}"),
        format!("{{\"format\": 2, \"secrets\": {{\"a\": \"{PLANTED}\"}}}}"),
        format!("{{\"{PLANTED}"),
    ] {
        fs::write(&path, &text).unwrap();
        let secrets = SecretStore::in_file(folder.path()).unwrap();
        for error in [
            secrets.get(&name()).unwrap_err(),
            secrets.set(&name(), &Secret::new("x")).unwrap_err(),
            secrets.remove(&name()).unwrap_err(),
        ] {
            assert!(matches!(error, SecretError::FileBroken { .. }));
            let shown = format!("{error} {error:?}") + &format!("{:?}", UserError::from(error));
            assert!(!shown.contains(PLANTED), "{shown}");
        }
        assert_eq!(fs::read_to_string(&path).unwrap(), text);
    }
}

#[cfg(unix)]
#[test]
fn a_file_of_secrets_that_others_can_read_is_made_private() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("secrets.json");
    fs::write(&path, "{\"format\": 1, \"secrets\": {}}").unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    SecretStore::in_file(folder.path()).unwrap();
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
}

fn wait_until(mut holds: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < Duration::from_secs(20), "it never came to hold");
        std::thread::yield_now();
    }
}
