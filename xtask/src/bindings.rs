//! The UI's TypeScript types, generated from the engine's command table.
//!
//! They are committed, so that the UI can be worked on without Rust; a check keeps them fresh.
//! The generator is an example of the engine: its types are not linked into this program, which
//! would make every command wait for the engine.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::process::{Failure, Program};
use crate::workspace;

fn folder() -> PathBuf {
    workspace::ui().join("src/bindings")
}

/// Writes `ui/src/bindings`.
pub fn write() -> Result<(), Failure> {
    let generated = generate()?;
    let folder = folder();
    let stale: Vec<_> =
        read(&folder)?.into_keys().filter(|name| !generated.contains_key(name)).collect();
    std::fs::create_dir_all(&folder).map_err(Failure::file(&folder))?;
    for name in stale {
        let path = folder.join(name);
        std::fs::remove_file(&path).map_err(Failure::file(&path))?;
    }
    for (name, text) in generated {
        let path = folder.join(name);
        std::fs::write(&path, text).map_err(Failure::file(&path))?;
        println!("wrote {}", path.display());
    }
    Ok(())
}

/// Fails where the committed bindings are not what the engine generates.
pub fn check() -> Result<(), Failure> {
    let (generated, committed) = (generate()?, read(&folder())?);
    let different: Vec<_> = generated
        .keys()
        .chain(committed.keys())
        .filter(|name| generated.get(*name) != committed.get(*name))
        .map(String::as_str)
        .collect();
    if different.is_empty() {
        println!("{} files are as the engine generates them", generated.len());
        return Ok(());
    }
    Err(Failure::Said(format!(
        "ui/src/bindings is stale ({}): run `cargo xtask bindings` and commit what it writes",
        different.join(", ")
    )))
}

/// The generated files by name.
fn generate() -> Result<BTreeMap<String, String>, Failure> {
    let fresh = workspace::target()?.join("xtask/bindings");
    if fresh.exists() {
        std::fs::remove_dir_all(&fresh).map_err(Failure::file(&fresh))?;
    }
    std::fs::create_dir_all(&fresh).map_err(Failure::file(&fresh))?;
    Program::cargo()
        .args(["build", "--quiet", "--all-targets"])
        .args(workspace::SELECTION)
        .folder(workspace::root())
        .run()?;
    let name = format!("bindings{}", std::env::consts::EXE_SUFFIX);
    let generator = workspace::target()?.join("debug/examples").join(name);
    Program::new(generator).args([&fresh]).folder(workspace::root()).run()?;
    read(&fresh)
}

fn read(folder: &Path) -> Result<BTreeMap<String, String>, Failure> {
    let mut files = BTreeMap::new();
    if !folder.exists() {
        return Ok(files);
    }
    for entry in std::fs::read_dir(folder).map_err(Failure::file(folder))? {
        let path = entry.map_err(Failure::file(folder))?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.extension().is_some_and(|ending| ending == "ts") {
            files.insert(name, std::fs::read_to_string(&path).map_err(Failure::file(&path))?);
        }
    }
    Ok(files)
}
