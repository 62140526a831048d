//! `cargo xtask bench <name>`: one release program for all, in `tests/benches`.

use crate::process::{Failure, Program};
use crate::{node, packages, workspace};

/// The bench that drives the application itself, which is built for it.
const OF_THE_APPLICATION: &str = "window";

/// Builds a bench in release and runs it with the arguments that follow its name.
pub fn bench(arguments: &[&str]) -> Result<(), Failure> {
    let (name, rest) = match arguments {
        [] | ["--list"] => {
            names()?.iter().for_each(|name| println!("{name}"));
            return Ok(());
        }
        [name, rest @ ..] => (*name, rest),
    };
    let known = names()?;
    if !known.iter().any(|known| known == name) {
        return Err(Failure::Said(format!(
            "There is no bench {name:?}. There are: {}",
            known.join(", ")
        )));
    }
    packages::ensure(packages::BUILD)?;
    packages::ensure(packages::TEST)?;
    if name == OF_THE_APPLICATION {
        build_application()?;
    }
    Program::cargo()
        .args(["bench", "--package", "acceptance", "--bench", "benches", "--", name])
        .args(rest)
        .env("MQTTSCOPE_BIN", workspace::executable(&workspace::target()?, "release"))
        .env("MQTTSCOPE_BENCH_FOLDER", workspace::target()?.join("bench"))
        // Some benches store passwords; they must not end in the keychain of whoever runs them.
        .env("DBUS_SESSION_BUS_ADDRESS", "disabled:")
        .folder(workspace::root())
        .run()
}

/// The application as people install it, with the UI in it.
fn build_application() -> Result<(), Failure> {
    node::install()?;
    node::script("build", &[]).run()?;
    Program::cargo()
        .args(["build", "--release", "--package", "mqttscope"])
        .folder(workspace::root())
        .run()
}

/// Each folder beside the benches' program is one.
fn names() -> Result<Vec<String>, Failure> {
    let folder = workspace::root().join("tests/benches");
    let unreadable =
        |error: std::io::Error| Failure::Said(format!("{}: {error}", folder.display()));
    let mut names = Vec::new();
    for entry in std::fs::read_dir(&folder).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        if entry.path().is_dir() {
            names.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    names.sort();
    Ok(names)
}
