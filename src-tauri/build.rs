//! Hands Tauri the list of commands and where the capabilities lie.
//!
//! Cargo runs this in the repository's root. A command that is listed here is denied to every window
//! unless a capability allows it.

use std::path::Path;

const COMMANDS: &[&str] = &["engine", "payload", "events"];
const PAGE: &str = "ui/dist/index.html";

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo:rerun-if-changed=src-tauri/capabilities");
    println!("cargo:rerun-if-changed={PAGE}");
    // A fresh clone has no UI yet, and Tauri's macro wants a folder to embed. Without this page
    // nobody could run clippy before npm.
    if !Path::new(PAGE).exists() {
        std::fs::create_dir_all("ui/dist")?;
        std::fs::write(PAGE, "<p>The UI is not built: cargo xtask run</p>\n")?;
    }
    let attributes = tauri_build::Attributes::new()
        .capabilities_path_pattern("./src-tauri/capabilities/**/*")
        .app_manifest(tauri_build::AppManifest::new().commands(COMMANDS));
    tauri_build::try_build(attributes)?;
    Ok(())
}
