//! `cargo xtask bench <name>`: one program for all benches, because each of its own would link the whole engine again.
//!
//! The first word is the bench's name, also where a bench starts this program again as the one that it measures.

mod crash;
mod diagnosis;
mod memory;
mod overnight;
mod packets;
#[cfg(unix)]
mod receive;
mod reopen;
mod sides;
mod sustain;
mod view;
#[cfg(target_os = "linux")]
mod window;

use acceptance::bench::{Outcome, name};

fn main() -> Outcome<()> {
    match name().as_deref() {
        Some("crash") => crash::bench(),
        Some("diagnosis") => diagnosis::bench(),
        Some("memory") => memory::bench(),
        Some("overnight") => overnight::bench(),
        Some("packets") => packets::bench(),
        // The CPU time of other processes can be read on Unix only.
        #[cfg(unix)]
        Some("receive") => receive::bench(),
        Some("reopen") => reopen::bench(),
        Some("sides") => sides::bench(),
        Some("sustain") => sustain::bench(),
        Some("view") => view::bench(),
        // It drives WebKitGTK's window under Xvfb, which is there on Linux only.
        #[cfg(target_os = "linux")]
        Some("window") => window::bench(),
        Some(other) => Err(format!("There is no bench {other:?} here.").into()),
        None => Err("The name of a bench is missing.".into()),
    }
}
