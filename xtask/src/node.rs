//! The UI's side: Node, npm, and the packages of `ui/`.

use std::path::PathBuf;

use crate::process::{Failure, Program};
use crate::workspace;

/// Vite's smallest Node of the 20 line; 22 and later have what it needs from 22.12 on.
const SMALLEST_NODE: (u32, u32) = (20, 19);

/// Says clearly what is wrong where Node or npm are missing or too old.
pub fn ensure() -> Result<(), Failure> {
    let wanted = format!("{}.{}", SMALLEST_NODE.0, SMALLEST_NODE.1);
    let missing = |what: &str| {
        Failure::Said(format!(
            "{what} is missing. The UI is built with Node {wanted} or later and its npm: \
             https://nodejs.org/en/download"
        ))
    };
    let said = Program::new("node").args(["--version"]).output().map_err(|_| missing("node"))?;
    let version = parsed(&said)
        .ok_or_else(|| Failure::Said(format!("`node --version` said {:?}", said.trim())))?;
    if version < SMALLEST_NODE {
        let said = said.trim();
        return Err(Failure::Said(format!(
            "Node {said} is too old: the UI is built with Node {wanted} or later. \
             https://nodejs.org/en/download"
        )));
    }
    npm(&["--version"]).output().map_err(|_| missing("npm"))?;
    Ok(())
}

fn parsed(version: &str) -> Option<(u32, u32)> {
    let mut numbers = version.trim().strip_prefix('v')?.split('.');
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

/// npm in the UI's folder.
pub fn npm(arguments: &[&str]) -> Program {
    // On Windows npm is a script, which is only found with its ending.
    let name = if cfg!(windows) { "npm.cmd" } else { "npm" };
    Program::new(name).args(arguments).folder(&workspace::ui())
}

/// A script of `ui/package.json`, with arguments of its own.
pub fn script(name: &str, arguments: &[&str]) -> Program {
    let words = ["run", "--silent", name, "--"];
    let program = npm(if arguments.is_empty() { words.get(..3).unwrap_or(&words) } else { &words });
    program.args(arguments)
}

/// Installs the UI's packages where `package-lock.json` is not the one they were installed from.
pub fn install() -> Result<(), Failure> {
    ensure()?;
    let lock = workspace::ui().join("package-lock.json");
    let wanted = std::fs::read(&lock).map_err(Failure::file(&lock))?;
    let stamp = stamp()?;
    // npm writes its own list last, so this file says that an installation was finished.
    let finished = workspace::ui().join("node_modules/.package-lock.json").exists();
    if finished && std::fs::read(&stamp).is_ok_and(|installed| installed == wanted) {
        println!("the UI's packages are those of package-lock.json");
        return Ok(());
    }
    npm(&["ci", "--no-audit", "--no-fund"]).run()?;
    if let Some(folder) = stamp.parent() {
        std::fs::create_dir_all(folder).map_err(Failure::file(folder))?;
    }
    std::fs::write(&stamp, wanted).map_err(Failure::file(&stamp))
}

fn stamp() -> Result<PathBuf, Failure> {
    Ok(workspace::target()?.join("xtask").join("installed-package-lock.json"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_by_number() {
        assert!(parsed("v20.9.0\n") < Some(SMALLEST_NODE));
        assert!(parsed("v20.19.0") >= Some(SMALLEST_NODE));
        assert!(parsed("v100.0.0") >= Some(SMALLEST_NODE));
        assert_eq!(parsed("20.19"), None);
    }
}
