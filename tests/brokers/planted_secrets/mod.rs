//! No secret is anywhere but where secrets are kept: a value is planted in every place that a profile has for one, the
//! application is led through everything it does with them, going well and going wrong, and then every file
//! it wrote, its log at the finest level, its errors and its answers are searched for each value, in Base64, hex and such
//! forms as well.
//!
//! The log is the one that the application writes. The libraries for TLS and WebSocket have another, through the crate
//! `log`, in which every byte stands at the finest level; nobody listens to it, and this fails where somebody begins to.
//!
//! This runs in a process of its own: the log is the whole process's, and so is the bus on which the keychain is.

mod forms;
mod story;

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Mutex;

use acceptance::App;
use forms::Needles;
use serde_json::json;
use story::Story;

/// Names the folder of the process that is searched, and tells it that it is that process.
const INSIDE: &str = "MQTTSCOPE_TEST_PLANTED";

const PASSWORD: &str = "Planted0Password /ä+%7";
const PASSPHRASE: &str = "Planted0Passphrase x";
const PROXY: &str = "Planted0ProxyWord:@/";
const HEADER: &str = "Bearer Planted0HeaderToken";
const DATA: &str = "Planted0AuthenticationData";
const WRONG: &str = "Planted0WrongOne";
const EXPORT: &str = "Planted0ExportPassphrase";

#[test]
fn with_a_keychain_no_planted_secret_is_in_any_file() {
    let missing = ["dbus-run-session", "gnome-keyring-daemon"].into_iter().find(|name| {
        let path = std::env::var_os("PATH").unwrap_or_default();
        !std::env::split_paths(&path).any(|folder| folder.join(name).is_file())
    });
    if let Some(missing) = missing {
        assert!(std::env::var_os("CI").is_none(), "{missing} must be installed on a build server");
        eprintln!("SKIPPED: {missing} missing; on Debian: apt install dbus-daemon gnome-keyring");
        return;
    }
    let script = "printf 'a login password' | gnome-keyring-daemon --unlock --components=secrets >/dev/null\nexec \"$0\" \"$@\"";
    let mut command = Command::new("dbus-run-session");
    command.args(["--", "sh", "-c", script]).arg(std::env::current_exe().unwrap());
    run_inside(command, "keychain");
}

#[test]
fn without_a_keychain_planted_secrets_are_in_the_private_file_only() {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.env("DBUS_SESSION_BUS_ADDRESS", "disabled:");
    run_inside(command, "file");
}

fn run_inside(mut command: Command, kind: &str) {
    let home = tempfile::TempDir::with_prefix("mqttscope-planted-").expect("a folder");
    std::fs::create_dir(home.path().join("tmp")).expect("a folder");
    let output = command
        .args(["--exact", "planted_secrets::inside", "--ignored", "--nocapture"])
        .env(INSIDE, format!("{kind}={}", home.path().display()))
        .env("HOME", home.path())
        .env("TMPDIR", home.path().join("tmp"))
        .env("XDG_DATA_HOME", home.path().join("data"))
        .env("XDG_CONFIG_HOME", home.path().join("config"))
        .env("XDG_CACHE_HOME", home.path().join("cache"))
        .env("XDG_RUNTIME_DIR", home.path())
        .env_remove("DISPLAY")
        .env_remove("WAYLAND_DISPLAY")
        .stdin(Stdio::null())
        .output()
        .expect("the test can be run");
    let shown = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && shown.contains("1 passed"), "{shown}\n{errors}");
    let mut needles = Needles::new();
    add_words(&mut needles);
    assert!(
        needles.found_in(&output.stdout).is_empty() && needles.found_in(&output.stderr).is_empty()
    );
}

fn add_words(needles: &mut Needles) {
    for (name, word) in [
        ("password", "Planted0Password"),
        ("passphrase", "Planted0Passphrase"),
        ("proxy password", "Planted0ProxyWord"),
        ("header", "Planted0HeaderToken"),
        ("authentication data", DATA),
        ("wrong passphrase", WRONG),
        ("passphrase of the export", EXPORT),
    ] {
        needles.add(name, word.as_bytes());
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "runs in a process of its own, which another test starts"]
async fn inside() {
    let inside = std::env::var(INSIDE).expect("is started by another test");
    let (kind, home) = inside.split_once('=').expect("kind and folder");
    let home = PathBuf::from(home);
    let log = home.join("log");
    tracing_subscriber::fmt()
        .with_max_level(tracing_subscriber::filter::LevelFilter::TRACE)
        .with_ansi(false)
        .with_writer(Mutex::new(std::fs::File::create(&log).expect("the log")))
        .init();
    let app = App::start().await;
    let mut story = Story::begin(app, &home);
    let info = story.app.call("app_info", json!({})).await;
    assert_eq!(info["secret_store"]["kind"], kind, "{info}");

    story.connects_and_fails().await;
    story.is_told_nothing("after connecting");
    story.copies_and_exports().await;
    story.is_told_nothing("after exporting");
    story.meets_errors().await;
    story.is_told_nothing("after errors");
    let kept = story.app.folder().join("config/secrets.json");
    assert_eq!(kept.exists(), kind == "file");
    if kind == "file" {
        // The search finds what is there.
        let content = std::fs::read(&kept).expect("the file of secrets");
        let found = story.needles.found_in(&content);
        for name in ["password", "private key", "archive", "header"] {
            assert!(found.contains(&name), "{name} is kept: {found:?}");
        }
    }
    let traced = std::fs::read_to_string(&log).expect("the log");
    assert!(traced.contains("the keychain was tried"), "the log is written");

    let story = story.deletes_and_restarts().await;
    let content = std::fs::read(story.app.folder().join("config/secrets.json")).unwrap_or_default();
    assert!(story.needles.found_in(&content).is_empty(), "who is gone leaves no secret");
    story.is_told_nothing("at the end");
    story.app.stop().await;
}
