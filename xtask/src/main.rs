//! `cargo xtask`: everything that is done to this repository, as a Rust program.
//!
//! A program instead of shell scripts: it runs the same on every system, its rules are tested, and
//! it needs nothing but Rust. The price is that it is compiled before its first use, which is why
//! it has a single dependency.

mod arrows;
mod bench;
mod bindings;
mod dist;
mod node;
mod packages;
mod process;
mod run;
mod screenshot;
mod steps;
mod tally;
mod workspace;

use std::process::ExitCode;

use process::Failure;

const USAGE: &str = "\
cargo xtask <command>

  run                    installs what is missing, builds, and opens the window
  test [--from] [<step>] checks everything that must hold; --list names the steps
  bench <name>           measures ours and others side by side; --list names the benches
  bindings               writes ui/src/bindings from the engine's command table
  dist [--debug]         makes the installation packages under target/
  screenshot             writes docs/screenshot.png from an end-to-end run";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match dispatch(&words) {
        Ok(code) => code,
        Err(failure) => {
            eprintln!("\n{failure}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(words: &[&str]) -> Result<ExitCode, Failure> {
    match words {
        ["run", arguments @ ..] => run::run(arguments),
        ["test", arguments @ ..] => steps::test(arguments),
        ["bench", arguments @ ..] => bench::bench(arguments).map(|()| ExitCode::SUCCESS),
        ["bindings"] => bindings::write().map(|()| ExitCode::SUCCESS),
        ["dist"] => dist::release().map(|()| ExitCode::SUCCESS),
        ["dist", "--debug"] => dist::debug().map(|_| ExitCode::SUCCESS),
        ["screenshot"] => screenshot::write().map(|()| ExitCode::SUCCESS),
        [] | ["help" | "--help" | "-h"] => {
            println!("{USAGE}");
            Ok(ExitCode::SUCCESS)
        }
        other => Err(Failure::Said(format!(
            "`cargo xtask {}` is not known.\n\n{USAGE}",
            other.join(" ")
        ))),
    }
}
