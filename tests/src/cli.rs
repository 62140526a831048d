//! `mqttscope-cli`, run as a person runs it in a terminal.

use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;

/// What it printed as JSON, and its exit status.
#[derive(Debug)]
pub struct Told {
    /// The one document on standard output.
    pub document: Value,
    /// All that it printed, on both.
    pub text: String,
    /// 0 where the broker can be used, 1 where not, 2 for wrong usage.
    pub status: i32,
}

/// Runs `mqttscope-cli diagnose --json` with these arguments and environment variables.
pub fn diagnose(arguments: &[&str], environment: &[(&str, &str)]) -> Told {
    let output = Command::new(program())
        .args(["diagnose", "--json"])
        .args(arguments)
        .envs(environment.iter().copied())
        .output()
        .expect("mqttscope-cli can be run");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let text = format!("{said}{}", String::from_utf8_lossy(&output.stderr));
    let document = serde_json::from_str(&said).unwrap_or_else(|error| panic!("{error}: {text}"));
    Told { document, text, status: output.status.code().expect("it ends by itself") }
}

/// The executable, which `cargo build` makes beside this test.
fn program() -> PathBuf {
    let name = format!("mqttscope-cli{}", std::env::consts::EXE_SUFFIX);
    let path = crate::window::build_folder().join(name);
    assert!(path.is_file(), "{} is not there: cargo xtask test build", path.display());
    path
}
