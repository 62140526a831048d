//! `cargo xtask screenshot`: the README's picture, taken from the real window.
//!
//! On request only: a picture that every test run rewrote would dirty the tree each time.

use crate::process::Failure;
use crate::{node, packages, steps, workspace};

/// Runs the end-to-end test that takes the picture and copies it to `docs/screenshot.png`.
pub fn write() -> Result<(), Failure> {
    packages::ensure(packages::BUILD)?;
    packages::ensure(packages::TEST)?;
    node::install()?;
    node::script("build", &[]).run()?;
    steps::build()?;
    let target = workspace::target()?;
    let application = workspace::executable(&target, "debug");
    steps::end_to_end(&application, &["the_first_minute_leads_to_a_message"]).run()?;
    let (from, folder) = (target.join("e2e/readme.png"), workspace::root().join("docs"));
    std::fs::create_dir_all(&folder).map_err(Failure::file(&folder))?;
    let to = folder.join("screenshot.png");
    std::fs::copy(&from, &to).map_err(Failure::file(&from))?;
    println!("wrote {}", to.display());
    Ok(())
}
