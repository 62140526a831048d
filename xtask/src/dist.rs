//! `cargo xtask dist`: the packages that people install, and the proof that one installs.
//!
//! The Tauri CLI only bundles here; the build is plain cargo with the workspace's own selection, so
//! that the package of a debug build costs no second build. The command line program goes into the same packages:
//! whoever diagnoses from a script has the window's version of it.

use std::path::{Path, PathBuf};

use serde_json::json;

use crate::process::{Failure, Program};
use crate::{node, packages, workspace};

/// The name of the Debian package.
const PACKAGE: &str = "mqttscope";

/// The command line program.
const CLI: &str = "mqttscope-cli";

/// Release packages for this system.
pub fn release() -> Result<(), Failure> {
    packages::ensure(packages::BUILD)?;
    node::install()?;
    node::script("build", &[]).run()?;
    Program::cargo()
        .args(["build", "--release", "--package", "mqttscope", "--package", CLI])
        .folder(workspace::root())
        .run()?;
    let kinds = match std::env::consts::OS {
        "windows" => "nsis,msi",
        "macos" => "app,dmg",
        _ => "deb,rpm",
    };
    bundle("release", &["--bundles", kinds])?;
    report(&workspace::target()?.join("release/bundle"))
}

/// A .deb of the debug build, for the test; returns its path.
pub fn debug() -> Result<PathBuf, Failure> {
    packages::ensure(packages::BUILD)?;
    node::install()?;
    node::script("build", &[]).run()?;
    Program::cargo()
        .args(["build", "--all-targets"])
        .args(workspace::SELECTION)
        .folder(workspace::root())
        .run()?;
    let folder = workspace::target()?.join("debug/bundle");
    if folder.exists() {
        std::fs::remove_dir_all(&folder).map_err(Failure::file(&folder))?;
    }
    bundle("debug", &["--debug", "--bundles", "deb"])?;
    report(&folder)?;
    files(&folder)?
        .into_iter()
        .find(|path| path.extension().is_some_and(|ending| ending == "deb"))
        .ok_or_else(|| Failure::Said(format!("no .deb was made under {}", folder.display())))
}

/// Installs the debug package, opens its window, removes it, and looks for what it left.
pub fn check() -> Result<(), Failure> {
    if packages::installed(PACKAGE) {
        return Err(Failure::Said(format!(
            "The package {PACKAGE} is installed on this machine, and this test would remove it. \
             Remove it first: sudo apt-get remove {PACKAGE}"
        )));
    }
    let package = debug()?;
    let contents = contents(&package)?;
    let package = package.display().to_string();
    packages::as_root(&["apt-get", "install", "--yes", "--no-install-recommends", &package])?;
    let opened =
        crate::steps::end_to_end(Path::new("/usr/bin/mqttscope"), &["the_window_opens"]).run();
    let opened =
        opened.and_then(|()| Program::new("/usr/bin/mqttscope-cli").args(["--version"]).run());
    let removed = packages::as_root(&["apt-get", "purge", "--yes", PACKAGE]);
    opened.and(removed)?;
    let left: Vec<_> = contents.iter().filter(|path| Path::new(path).exists()).collect();
    if left.is_empty() {
        println!("all {} files of the package are gone", contents.len());
        return Ok(());
    }
    Err(Failure::Said(format!("left behind after its removal: {left:?}")))
}

/// The files that a Debian package brings, with their full paths; folders are shared, so they are
/// left out.
fn contents(package: &Path) -> Result<Vec<String>, Failure> {
    let list = Program::new("dpkg-deb").args(["--contents"]).args([package]).output()?;
    let files = list
        .lines()
        .filter(|line| line.starts_with('-'))
        .filter_map(|line| line.split_whitespace().nth(5))
        .map(|path| format!("/{}", path.trim_start_matches("./").trim_start_matches('/')));
    Ok(files.collect())
}

fn bundle(profile: &str, arguments: &[&str]) -> Result<(), Failure> {
    let cli = format!("{CLI}{}", std::env::consts::EXE_SUFFIX);
    let built = workspace::target()?.join(profile).join(&cli).display().to_string();
    // Only here is it known where the program was built; the rest of the bundle is in tauri.conf.json.
    let with_cli = match std::env::consts::OS {
        "linux" => {
            let files = json!({ "files": { format!("/usr/bin/{CLI}"): built } });
            json!({ "bundle": { "linux": { "deb": files, "rpm": files } } })
        }
        _ => json!({ "bundle": { "resources": { built: cli } } }),
    };
    let with_cli = with_cli.to_string();
    let words = ["bundle", "--config", &with_cli];
    let words: Vec<&str> = words.iter().chain(arguments).copied().collect();
    node::script("tauri", &words).run()
}

fn report(folder: &Path) -> Result<(), Failure> {
    for path in files(folder)? {
        let size = path.metadata().map_err(Failure::file(&path))?.len();
        println!("{}: {:.1} MB", path.display(), size as f64 / 1e6);
    }
    Ok(())
}

/// The packages in a bundle folder: `<kind>/<file>`.
fn files(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let mut found = Vec::new();
    for kind in std::fs::read_dir(folder).map_err(Failure::file(folder))? {
        let kind = kind.map_err(Failure::file(folder))?.path();
        for file in std::fs::read_dir(&kind).map_err(Failure::file(&kind))? {
            let path = file.map_err(Failure::file(&kind))?.path();
            if path.is_file() {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}
