//! Python and Node.js with their MQTT libraries, installed once below `target/languages`.
//!
//! Debian's packages of these libraries are older than what the copied code is written for, so they come from the
//! languages' own registries, with their versions fixed.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// paho-mqtt, the version that the tests run.
const PAHO: &str = "paho-mqtt==2.1.0";
/// MQTT.js, the version that the tests run.
const MQTT_JS: &str = "mqtt@5.16.0";

/// The interpreter of a virtual environment that has paho-mqtt.
pub fn python() -> &'static Path {
    static PYTHON: OnceLock<PathBuf> = OnceLock::new();
    PYTHON.get_or_init(|| {
        let folder = folder().join("python");
        let interpreter = folder.join("bin/python");
        if !folder.join(PAHO).exists() {
            run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&folder));
            run(Command::new(&interpreter).args(["-m", "pip", "install", "--quiet", PAHO]));
            std::fs::write(folder.join(PAHO), "").expect("the mark can be written");
        }
        interpreter
    })
}

/// A folder in which `import mqtt from "mqtt"` works.
pub fn node() -> &'static Path {
    static NODE: OnceLock<PathBuf> = OnceLock::new();
    NODE.get_or_init(|| {
        let folder = folder().join("node");
        if !folder.join(MQTT_JS).exists() {
            std::fs::create_dir_all(&folder).expect("a folder for MQTT.js");
            std::fs::write(folder.join("package.json"), r#"{ "private": true }"#).expect("a file");
            let mut npm = Command::new("npm");
            run(npm.args(["install", "--no-audit", "--no-fund", MQTT_JS]).current_dir(&folder));
            std::fs::write(folder.join(MQTT_JS), "").expect("the mark can be written");
        }
        folder
    })
}

fn folder() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the tests lie in the root");
    let folder = root.join("target/languages");
    std::fs::create_dir_all(&folder).expect("a folder below target");
    folder
}

fn run(command: &mut Command) {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {said}");
}
