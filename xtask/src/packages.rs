//! Packages of the operating system: what is missing is installed, or the command is said.
//!
//! Debian and its children only, by apt, as root or through sudo. Elsewhere we look for what
//! the build asks pkg-config for and name what is missing: guessing package names of systems that
//! nobody here runs would be worse than saying plainly what is needed.

use std::path::Path;

use crate::process::{Failure, Program};
use crate::workspace;

/// What the application needs to be built and run.
pub const BUILD: &[&str] = &["build-essential", "libwebkit2gtk-4.1-dev", "pkg-config"];

/// What the tests need on top: a real window without a screen, real brokers, real proxies, a real keychain, a real
/// dissector of packets.
pub const TEST: &[&str] = &[
    "dbus",
    "fonts-noto-cjk",
    "gnome-keyring",
    "microsocks",
    "mosquitto",
    "mosquitto-clients",
    "nginx-light",
    "openssl",
    "python3-venv",
    "ripgrep",
    "tinyproxy-bin",
    "tshark",
    "webkit2gtk-driver",
    "xvfb",
];

/// Installs those of `wanted` that are missing.
pub fn ensure(wanted: &[&str]) -> Result<(), Failure> {
    if !cfg!(target_os = "linux") {
        println!("no packages are installed on this system; see README.md for what it needs");
        return Ok(());
    }
    if !Path::new("/usr/bin/apt-get").exists() {
        return elsewhere();
    }
    let missing: Vec<&str> = wanted.iter().copied().filter(|name| !installed(name)).collect();
    if missing.is_empty() {
        println!("{} packages are there", wanted.len());
        return Ok(());
    }
    println!("missing: {}", missing.join(" "));
    as_root(&["apt-get", "update"])?;
    let mut words = vec!["apt-get", "install", "--yes", "--no-install-recommends"];
    words.extend(&missing);
    as_root(&words)
}

/// Whether dpkg knows a package as installed.
pub fn installed(name: &str) -> bool {
    Program::new("dpkg-query")
        .args(["--show", "--showformat=${db:Status-Status}\n", name])
        .output()
        .is_ok_and(|answer| answer.lines().any(|status| status == "installed"))
}

/// Runs a command as root: directly, or through sudo where that can be asked. Without either it
/// says the command and stops.
pub fn as_root(words: &[&str]) -> Result<(), Failure> {
    let program = match way_to_root() {
        Root::Already => Program::new("env"),
        Root::Sudo => Program::new("sudo").args(["env"]),
        Root::None => {
            return Err(Failure::Said(format!(
                "This needs root, and there is no sudo that works here. Run this, then try again:\n\
                 \n    sudo {}",
                words.join(" ")
            )));
        }
    };
    // Package scripts ask questions unless they are told that nobody is there.
    program.args(["DEBIAN_FRONTEND=noninteractive"]).args(words).folder(workspace::root()).run()
}

enum Root {
    Already,
    Sudo,
    None,
}

fn way_to_root() -> Root {
    let user = Program::new("id").args(["-u"]).output().unwrap_or_default();
    if user.trim() == "0" {
        return Root::Already;
    }
    let person = std::io::IsTerminal::is_terminal(&std::io::stdin());
    let asked = Program::new("sudo").args(["-n", "true"]).succeeds();
    if asked || (person && Program::new("sudo").args(["--version"]).succeeds()) {
        return Root::Sudo;
    }
    Root::None
}

fn elsewhere() -> Result<(), Failure> {
    if Program::new("pkg-config").args(["--exists", "webkit2gtk-4.1"]).succeeds() {
        println!("webkit2gtk-4.1 is there; other packages are not looked for without apt");
        return Ok(());
    }
    Err(Failure::Said(
        "WebKitGTK's development files (pkg-config name: webkit2gtk-4.1), pkg-config and a C \
         compiler are needed. This is no Debian-like system, so they are not installed from here: \
         see https://v2.tauri.app/start/prerequisites/ for the names of the packages."
            .to_owned(),
    ))
}
