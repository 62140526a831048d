//! Proves that passwords live in the real Secret Service: gnome-keyring on a D-Bus of its own, with
//! its own folders, so that no keychain of the user is touched.
#![cfg(target_os = "linux")]
#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "what is not as expected ends a test, in its helpers as well"
)]

use std::fs;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use mqttscope_model::{ProfileId, Secret, SecretName, SecretSlot};
use mqttscope_profiles::{SecretStore, SecretStoreKind};

const PLANTED: &str = "hunter2-in-the-real-keychain";
/// Tells the inner tests that they run on the bus of an outer one.
const INSIDE: &str = "MQTTSCOPE_TEST_INSIDE_BUS";

fn is_installed(program: &str) -> bool {
    std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default())
        .any(|folder| folder.join(program).is_file())
}

/// Whether the programs are there. On a build server they must be.
fn can_run() -> bool {
    let missing: Vec<_> = ["dbus-run-session", "gnome-keyring-daemon"]
        .into_iter()
        .filter(|p| !is_installed(p))
        .collect();
    if missing.is_empty() {
        return true;
    }
    assert!(std::env::var_os("CI").is_none(), "{missing:?} must be installed on a build server");
    eprintln!(
        "SKIPPED: {missing:?} missing; on Debian: apt install dbus dbus-daemon gnome-keyring"
    );
    false
}

/// Runs an inner test of this file in a fresh session bus, after `before` in its shell.
fn run_inside(home: &Path, before: &str, test: &str) -> Output {
    let script = format!("{before}\nexec \"$0\" --exact {test} --ignored --nocapture");
    let run = Command::new("dbus-run-session")
        .args(["--", "sh", "-c", &script])
        .arg(std::env::current_exe().unwrap())
        .env(INSIDE, home)
        .env("HOME", home)
        .env("XDG_DATA_HOME", home.join("data"))
        .env("XDG_CONFIG_HOME", home.join("config"))
        .env("XDG_CACHE_HOME", home.join("cache"))
        .env("XDG_RUNTIME_DIR", home)
        .env_remove("DISPLAY")
        .env_remove("WAYLAND_DISPLAY")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let shown = String::from_utf8_lossy(&run.stdout);
    assert!(
        run.status.success() && shown.contains("1 passed"),
        "{shown}\n{}",
        String::from_utf8_lossy(&run.stderr)
    );
    run
}

const UNLOCKED: &str =
    "printf 'a login password' | gnome-keyring-daemon --unlock --components=secrets >/dev/null";

fn name() -> SecretName {
    SecretName::password_of(&ProfileId::new("p1").unwrap())
}

/// Every place of a secret, with a value as large as such values are.
fn planted() -> Vec<(SecretName, Secret)> {
    let profile = ProfileId::new("p1").unwrap();
    let slots = [
        (SecretSlot::Password, PLANTED.to_owned()),
        (SecretSlot::KeyPassphrase, format!("{PLANTED} with a space and ä")),
        (SecretSlot::PrivateKey, format!("-----BEGIN PRIVATE KEY-----\n{PLANTED}\n").repeat(40)),
        (SecretSlot::Pkcs12, PLANTED.repeat(300)),
        (SecretSlot::ProxyPassword, format!("{PLANTED}-proxy")),
        (SecretSlot::AuthenticationData, format!("{PLANTED}-data")),
        (SecretSlot::header("Authorization"), format!("Bearer {PLANTED}")),
    ];
    slots.map(|(slot, value)| (SecretName::of(&profile, &slot), Secret::new(value))).into()
}

fn home() -> std::path::PathBuf {
    std::env::var_os(INSIDE).expect("runs inside the bus of another test only").into()
}

#[test]
fn a_password_lives_in_the_keychain_and_survives_its_restart() {
    if !can_run() {
        return;
    }
    let home = tempfile::tempdir().unwrap();
    let first = run_inside(home.path(), UNLOCKED, "inside_write");
    let second = run_inside(home.path(), UNLOCKED, "inside_read_and_remove");
    for output in [first, second] {
        for shown in [output.stdout, output.stderr] {
            assert!(!String::from_utf8_lossy(&shown).contains(PLANTED));
        }
    }
}

#[test]
fn a_bus_without_a_keychain_makes_the_file_the_store() {
    if !can_run() {
        return;
    }
    let home = tempfile::tempdir().unwrap();
    // The bus would start an installed service by itself, so the address leads nowhere.
    let before = "export DBUS_SESSION_BUS_ADDRESS=unix:path=/nonexistent/bus";
    run_inside(home.path(), before, "inside_without_keychain");
}

#[test]
fn a_bus_that_accepts_and_stays_silent_makes_the_file_the_store_in_seconds() {
    let home = tempfile::tempdir().unwrap();
    let socket = home.path().join("bus");
    let _never_accepts = UnixListener::bind(&socket).unwrap();
    let run = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "inside_without_keychain", "--ignored"])
        .env(INSIDE, home.path())
        .env("DBUS_SESSION_BUS_ADDRESS", format!("unix:path={}", socket.display()))
        .output()
        .unwrap();
    let shown = String::from_utf8_lossy(&run.stdout);
    assert!(run.status.success() && shown.contains("1 passed"), "{shown}");
}

#[test]
#[ignore = "runs inside the bus of another test"]
fn inside_write() {
    let folder = home().join("config/mqttscope");
    let secrets = SecretStore::open(&folder).unwrap();
    assert_eq!(secrets.kind(), SecretStoreKind::Keychain, "{:?}", secrets.why_no_keychain());
    assert_eq!(secrets.get(&name()).unwrap(), None);
    secrets.remove(&name()).unwrap();
    secrets.set(&name(), &Secret::new("first")).unwrap();
    secrets.set(&name(), &Secret::new(PLANTED)).unwrap();
    assert_eq!(secrets.get(&name()).unwrap(), Some(Secret::new(PLANTED)));
    _ = secrets.set_all(&planted()).unwrap();
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 0, "no file is made");
}

#[test]
#[ignore = "runs inside the bus of another test"]
fn inside_read_and_remove() {
    let secrets = SecretStore::open(&home().join("config/mqttscope")).unwrap();
    for (name, value) in planted() {
        assert_eq!(secrets.get(&name).unwrap(), Some(value), "{}", name.as_str());
    }
    let names: Vec<_> = planted().into_iter().map(|(name, _)| name).collect();
    secrets.remove_all(&names).unwrap();
    for name in names {
        assert_eq!(secrets.get(&name).unwrap(), None, "{}", name.as_str());
    }
}

#[test]
#[ignore = "runs inside the bus of another test"]
fn inside_without_keychain() {
    let begun = Instant::now();
    let folder = home().join("config/mqttscope");
    let secrets = SecretStore::open(&folder).unwrap();
    assert_eq!(secrets.kind(), SecretStoreKind::File { path: folder.join("secrets.json") });
    assert!(begun.elapsed() < Duration::from_secs(10));
    assert!(secrets.why_no_keychain().is_some());
    secrets.set(&name(), &Secret::new(PLANTED)).unwrap();
    assert_eq!(secrets.get(&name()).unwrap(), Some(Secret::new(PLANTED)));
}
