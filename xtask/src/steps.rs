//! `cargo xtask test`: everything that must hold, step by step, up to the first that does not.
//!
//! Cheap steps come first. All Rust steps but clippy use one selection of packages and one
//! profile, so the dependencies are compiled once for them and once, as metadata, for clippy.

use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use crate::process::{Failure, Program};
use crate::tally::Tally;
use crate::{arrows, bindings, dist, node, packages, workspace};

struct Step {
    name: &'static str,
    what: &'static str,
    run: fn(&mut Tally) -> Result<(), Failure>,
}

const STEPS: &[Step] = &[
    Step { name: "packages", what: "the system's packages are installed", run: system_packages },
    Step { name: "fmt", what: "Rust is formatted", run: |_| cargo(&["fmt", "--all", "--check"]) },
    Step { name: "arrows", what: "crates import only what they may", run: |_| arrows::check() },
    Step { name: "xtask", what: "tests of this program", run: own_tests },
    Step { name: "ui-install", what: "the UI's packages are installed", run: |_| node::install() },
    Step { name: "ui-check", what: "TypeScript and Svelte check", run: |_| ui("check") },
    Step { name: "ui-lint", what: "ESLint and Prettier", run: |_| ui("lint") },
    Step { name: "ui-test", what: "the UI's unit tests", run: ui_tests },
    Step { name: "ui-build", what: "the UI is built", run: |_| ui("build") },
    Step { name: "clippy", what: "clippy, warnings denied", run: |_| clippy() },
    Step { name: "build", what: "application and tests are built", run: |_| build() },
    Step { name: "bindings", what: "generated types are fresh", run: |_| bindings::check() },
    Step { name: "rust-test", what: "Rust tests, real brokers included", run: rust_tests },
    Step { name: "e2e", what: "end to end, in the real window", run: end_to_end_tests },
    Step { name: "dist", what: "the .deb installs, starts, is removed", run: |_| dist::check() },
];

/// Runs all steps, one step, or all from one step on.
pub fn test(arguments: &[&str]) -> Result<ExitCode, Failure> {
    let chosen: &[Step] = match arguments {
        [] => STEPS,
        ["--list"] => {
            STEPS.iter().for_each(|step| println!("{:12} {}", step.name, step.what));
            return Ok(ExitCode::SUCCESS);
        }
        ["--from", name] => STEPS.get(position(name)?..).unwrap_or_default(),
        [name] => STEPS.get(position(name)?..=position(name)?).unwrap_or_default(),
        _ => {
            return Err(Failure::Said(
                "usage: cargo xtask test [<step> | --from <step> | --list]".to_owned(),
            ));
        }
    };
    Ok(run(chosen))
}

fn position(name: &str) -> Result<usize, Failure> {
    STEPS.iter().position(|step| step.name == name).ok_or_else(|| {
        let names: Vec<_> = STEPS.iter().map(|step| step.name).collect();
        Failure::Said(format!("There is no step {name:?}. There are: {}", names.join(", ")))
    })
}

fn run(steps: &[Step]) -> ExitCode {
    let begin = Instant::now();
    let mut total = Tally::default();
    let mut broken = None;
    for (index, step) in steps.iter().enumerate() {
        println!("\n[{}/{}] {}: {}", index + 1, steps.len(), step.name, step.what);
        let (start, mut tally) = (Instant::now(), Tally::default());
        let outcome = (step.run)(&mut tally);
        let took = seconds(start.elapsed());
        match (&outcome, tally.passed + tally.failed) {
            // A check without tests of its own counts as one.
            (Ok(()), 0) => tally.passed = 1,
            // A step may fail without a failed test, when it does not compile for example.
            (Err(_), _) if tally.failed == 0 => tally.failed = 1,
            _ => {}
        }
        total.add(tally);
        match outcome {
            Ok(()) => println!("[{}/{}] {}: ok, {took}", index + 1, steps.len(), step.name),
            Err(failure) => {
                println!("\n{failure}");
                println!("[{}/{}] {}: FAILED, {took}", index + 1, steps.len(), step.name);
                broken = Some(step.name);
                break;
            }
        }
    }
    println!("\n{} in all", seconds(begin.elapsed()));
    if let Some(name) = broken {
        println!("Repeat this part:      cargo xtask test {name}");
        println!("Go on from this part:  cargo xtask test --from {name}");
    }
    println!("{} passed, {} failed", total.passed, total.failed);
    if broken.is_some() { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

fn seconds(time: Duration) -> String {
    let whole = time.as_secs();
    if whole < 60 { format!("{:.1} s", time.as_secs_f64()) } else { minutes(whole) }
}

fn minutes(seconds: u64) -> String {
    format!("{} min {:02} s", seconds / 60, seconds % 60)
}

fn system_packages(_: &mut Tally) -> Result<(), Failure> {
    packages::ensure(&[packages::BUILD, packages::TEST].concat())
}

fn cargo(arguments: &[&str]) -> Result<(), Failure> {
    Program::cargo().args(arguments).folder(workspace::root()).run()
}

fn own_tests(tally: &mut Tally) -> Result<(), Failure> {
    Program::cargo()
        .args(["test", "--quiet", "--package", "xtask"])
        .folder(workspace::root())
        .watch(&mut |line| tally.read(line))
}

fn ui(script: &str) -> Result<(), Failure> {
    node::script(script, &[]).run()
}

fn ui_tests(tally: &mut Tally) -> Result<(), Failure> {
    node::script("test", &[]).env("NO_COLOR", "1").watch(&mut |line| tally.read(line))
}

fn clippy() -> Result<(), Failure> {
    cargo(&["clippy", "--workspace", "--all-targets", "--", "--deny", "warnings"])
}

/// Builds the application and all tests.
pub fn build() -> Result<(), Failure> {
    Program::cargo()
        .args(["build", "--all-targets"])
        .args(workspace::SELECTION)
        .folder(workspace::root())
        .run()
}

fn rust_tests(tally: &mut Tally) -> Result<(), Failure> {
    Program::cargo()
        .args(["test"])
        .args(workspace::SELECTION)
        .env("MQTTSCOPE_BIN", workspace::executable(&workspace::target()?, "debug"))
        // Tests store passwords; without this they would do so in the keychain of whoever runs them.
        .env("DBUS_SESSION_BUS_ADDRESS", "disabled:")
        .folder(workspace::root())
        .watch(&mut |line| tally.read(line))
}

fn end_to_end_tests(tally: &mut Tally) -> Result<(), Failure> {
    let application = workspace::executable(&workspace::target()?, "debug");
    // `tauri dev` writes the same file, without the UI in it.
    build()?;
    end_to_end(&application, &[]).watch(&mut |line| tally.read(line))
}

/// The end-to-end tests against an executable of the application, all or those named.
///
/// One at a time: each has a window, a web process and a broker, and two cores are enough for
/// one of them.
pub fn end_to_end(application: &Path, names: &[&str]) -> Program {
    Program::cargo()
        .args(["test"])
        .args(workspace::SELECTION)
        .args(["--test", "e2e", "--", "--test-threads=1"])
        .args(names)
        .env("MQTTSCOPE_BIN", application)
        .folder(workspace::root())
}
