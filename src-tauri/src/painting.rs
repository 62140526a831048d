//! Who paints the page where there is no graphics card.
//!
//! WebKitGTK paints and composes with OpenGL, and without a card OpenGL is a program that plays one: it takes both cores
//! of a small machine from the page while messages come. WebKit has a painter of its own for such machines, needs no
//! composing with it, and chooses neither by itself. It reads both choices from its environment, which a program without
//! `unsafe` can set only for the next one; so before anything else this process becomes itself once more. The price: the
//! libraries are loaded twice, 15 ms. What somebody has set, to 0 as well, is left alone.

use std::ffi::OsStr;
use std::os::unix::process::CommandExt;
use std::process::Command;

/// What WebKit reads in each of its processes: paint without OpenGL, and draw into the window without composing layers.
const CHOICES: [&str; 2] = ["WEBKIT_SKIA_ENABLE_CPU_RENDERING", "WEBKIT_DISABLE_COMPOSITING_MODE"];

/// Lets WebKit paint by itself where there is no card. Returns where there is nothing to change.
pub(crate) fn choose() {
    let open: Vec<&str> =
        CHOICES.into_iter().filter(|choice| std::env::var_os(choice).is_none()).collect();
    if open.is_empty() || has_card() {
        return;
    }
    let Ok(executable) = std::env::current_exe() else { return };
    let mut words = std::env::args_os();
    let mut command = Command::new(&executable);
    command.arg0(words.next().unwrap_or_else(|| executable.into_os_string()));
    // Only a failure comes back, and then the window is no worse than it was.
    let error = command.args(words).envs(open.into_iter().map(|choice| (choice, "1"))).exec();
    tracing::warn!(%error, "the process could not become itself with another environment");
}

/// Whether there is something that can draw.
fn has_card() -> bool {
    let folders =
        ["/dev", "/dev/dri"].into_iter().filter_map(|folder| std::fs::read_dir(folder).ok());
    folders.flatten().flatten().any(|device| is_card(&device.file_name()))
}

/// Whether a device is a card of the kernel's, of NVIDIA's own driver, or of the Windows around this Linux.
fn is_card(device: &OsStr) -> bool {
    device == "nvidiactl" || device == "dxg" || device.as_encoded_bytes().starts_with(b"renderD")
}

#[cfg(test)]
mod tests {
    use super::is_card;

    #[test]
    fn a_screen_alone_is_no_card() {
        for name in ["renderD128", "nvidiactl", "dxg"] {
            assert!(is_card(name.as_ref()), "{name}");
        }
        for name in ["card0", "fb0", "nvidia-caps", "dri"] {
            assert!(!is_card(name.as_ref()), "{name}");
        }
    }
}
