//! `cargo xtask bench <name>`: one release program per bench, in `tests/benches`.

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
        .args(["bench", "--package", "acceptance", "--bench", name, "--"])
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

fn names() -> Result<Vec<String>, Failure> {
    let metadata = workspace::metadata()?;
    let packages = metadata.get("packages").and_then(serde_json::Value::as_array);
    let targets = packages
        .into_iter()
        .flatten()
        .filter(|package| package.get("name").is_some_and(|name| name == "acceptance"))
        .filter_map(|package| package.get("targets")?.as_array())
        .flatten();
    let benches = targets
        .filter(|target| {
            target.pointer("/kind/0").and_then(serde_json::Value::as_str) == Some("bench")
        })
        .filter_map(|target| target.get("name")?.as_str().map(str::to_owned));
    Ok(benches.collect())
}
