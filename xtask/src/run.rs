//! `cargo xtask run`: from a fresh clone to the window.

use std::process::ExitCode;

use crate::process::{Failure, Program};
use crate::{node, packages, workspace};

/// Installs what is missing, builds the UI and the application, and opens the window. Arguments go
/// to the application.
pub fn run(arguments: &[&str]) -> Result<ExitCode, Failure> {
    packages::ensure(packages::BUILD)?;
    node::install()?;
    node::script("build", &[]).run()?;
    // Built with the workspace's features, which the tests use too, and then run as it lies.
    Program::cargo()
        .args(["build", "--bin", "mqttscope"])
        .args(workspace::SELECTION)
        .folder(workspace::root())
        .run()?;
    let application = workspace::executable(&workspace::target()?, "debug");
    Program::new(application).args(arguments).folder(workspace::root()).run()?;
    Ok(ExitCode::SUCCESS)
}
