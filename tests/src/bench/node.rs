//! Programs of Node.js that others would write, with their packages from npm.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::{Outcome, folder};

/// A folder below `target/bench` with these packages (`name@version`), installed where they are not there yet.
///
/// # Errors
/// npm cannot install them.
pub fn with_packages(name: &str, packages: &[&str]) -> Outcome<PathBuf> {
    let folder = folder().join(name);
    let is_there = |package: &&str| {
        let plain = package.split('@').next().unwrap_or(package);
        folder.join("node_modules").join(plain).is_dir()
    };
    if !packages.iter().all(is_there) {
        std::fs::create_dir_all(&folder)?;
        std::fs::write(folder.join("package.json"), r#"{ "private": true }"#)?;
        let status = Command::new("npm")
            .args(["install", "--no-audit", "--no-fund"])
            .args(packages)
            .current_dir(&folder)
            .status()?;
        if !status.success() {
            return Err(format!("npm could not install {}", packages.join(", ")).into());
        }
    }
    Ok(folder)
}

/// Node with a script in such a folder.
///
/// # Errors
/// The script cannot be put there.
pub fn node(folder: &Path, name: &str, script: &str) -> Outcome<Command> {
    std::fs::write(folder.join(name), script)?;
    let mut node = Command::new("node");
    node.current_dir(folder).arg(name);
    Ok(node)
}
