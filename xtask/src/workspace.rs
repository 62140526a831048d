//! What cargo knows about this repository.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use serde_json::Value;

use crate::process::{Failure, Program};

/// The repository's root folder: the parent of this crate's own folder.
pub fn root() -> &'static Path {
    static ROOT: OnceLock<PathBuf> = OnceLock::new();
    ROOT.get_or_init(|| {
        // `cargo run` tells where the manifest is now; the compiled-in place is for a bare start.
        let here = std::env::var_os("CARGO_MANIFEST_DIR")
            .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
        here.parent().map_or(here.clone(), Path::to_path_buf)
    })
}

/// The UI's folder.
pub fn ui() -> PathBuf {
    root().join("ui")
}

/// `cargo metadata` of the workspace's own packages.
pub fn metadata() -> Result<Value, Failure> {
    let text = Program::cargo()
        .args(["metadata", "--format-version=1", "--no-deps"])
        .folder(root())
        .output()?;
    serde_json::from_str(&text)
        .map_err(|cause| Failure::Said(format!("cargo metadata is not JSON: {cause}")))
}

/// Cargo's target folder, which need not be `target`.
pub fn target() -> Result<PathBuf, Failure> {
    let metadata = metadata()?;
    metadata
        .get("target_directory")
        .and_then(Value::as_str)
        .map(PathBuf::from)
        .ok_or_else(|| Failure::Said("cargo metadata names no target folder".to_owned()))
}

/// The arguments that select what is built, tested and linted.
///
/// Always the same selection: cargo unites the features of the selected packages, so another
/// selection would build many dependencies a second time. This crate is left out because a
/// running program cannot be replaced on Windows.
pub const SELECTION: [&str; 3] = ["--workspace", "--exclude", "xtask"];

/// The application's executable in a build folder.
pub fn executable(target: &Path, profile: &str) -> PathBuf {
    target.join(profile).join(format!("mqttscope{}", std::env::consts::EXE_SUFFIX))
}
